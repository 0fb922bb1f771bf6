"""A watch is quiet while nothing has moved, and fires when it has, by the limits of policy."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from arrisk.modeling.logistic import to_probability
from arrisk.modeling.reference import make_reference
from arrisk.modeling.rows import Column
from arrisk.monitoring import (
    Matured,
    Seen,
    State,
    check_age,
    check_calibration,
    check_defaults,
    check_feeds,
    check_shifts,
)
from arrisk.policy import Policy, load_policy
from arrisk.schema import TABLES
from tests.books import book_of, invoice, payment

POLICY = load_policy().watch
NAMES = [f"x{number}" for number in range(20)]


def see(seed, *, rows=1_000, shift=0.0, moved=0):
    """See scores and twenty features; some of these have moved by two of their spreads."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, 20))
    values[:, :moved] += 2.0
    score = to_probability(random.normal(-2.0 + shift, 1.0, rows))
    return Seen(pd.DataFrame(values, columns=NAMES), score)


NOBODY = make_reference(np.zeros(0), see(1, rows=0).features, columns=[])
REFERENCE = make_reference(see(1).score, see(1).features, columns=[Column(name) for name in NAMES])


def shifts(seen, *, reference=REFERENCE, policy=POLICY):
    return list(check_shifts("model/x/1", reference, seen, policy=policy))


def test_where_nothing_moved_all_is_quiet():
    score, features = shifts(see(2))
    assert (score.state, features.state) == (State.QUIET, State.QUIET)
    assert score.value < 0.05
    assert (features.value, features.note) == (0.0, "")
    assert score.note == "1,000 then, 1,000 now"


def test_a_score_that_moved_fires():
    score, features = shifts(see(2, shift=1.0))
    assert (score.state, features.state) == (State.LOOK, State.QUIET)
    assert [(one.name, one.psi) for one in score.shifts] == [("score", score.value)]


def test_each_feature_is_listed_with_how_far_it_moved_the_farthest_first():
    _, features = shifts(see(2, moved=3))
    assert {one.name for one in features.shifts} == set(NAMES)
    assert [one.name in NAMES[:3] for one in features.shifts[:4]] == [True, True, True, False]
    assert [one.psi > one.counts_from for one in features.shifts[:4]] == [True, True, True, False]


def test_features_fire_when_more_of_them_moved_than_policy_allows_and_are_named():
    _, two = shifts(see(2, moved=2))
    _, three = shifts(see(2, moved=3))
    assert (two.value, two.state) == (0.1, State.QUIET)
    assert (three.value, three.state) == (0.15, State.LOOK)
    assert sorted(part.split()[0] for part in three.note.split(", ")) == NAMES[:3]


def test_what_chance_does_to_a_handful_of_rows_does_not_fire():
    (score, _) = shifts(see(3, rows=8))
    assert score.value > POLICY.score_shift_at_most
    assert score.state == State.QUIET


def test_a_feature_that_is_no_longer_there_fires():
    seen = see(2)
    _, features = shifts(Seen(seen.features.drop(columns="x7"), seen.score))
    assert features.state == State.LOOK
    assert "x7 not there" in features.note


@pytest.mark.parametrize(
    ("reference", "seen"),
    [
        (None, see(2)),
        (REFERENCE, see(2, rows=0)),
        (NOBODY, see(2)),
    ],
)
def test_without_anything_to_compare_nothing_is_said(reference, seen):
    (check,) = shifts(seen, reference=reference)
    assert (check.value, check.state) == (None, State.NOT_YET)


def draw(*, rate, predicted, rows=4_000, customers=200, seed=4):
    random = np.random.default_rng(seed)
    target = (random.random(rows) < rate).astype("float64")
    return Matured(target, np.full(rows, predicted), random.integers(0, customers, rows))


@pytest.mark.parametrize(
    ("rate", "predicted", "state"),
    [(0.05, 0.05, State.QUIET), (0.08, 0.05, State.LOOK), (0.03, 0.05, State.LOOK), (0.055, 0.05, State.QUIET)],
)
def test_more_or_fewer_late_invoices_than_expected_fire(rate, predicted, state):
    check = check_calibration("m", draw(rate=rate, predicted=predicted), policy=POLICY)
    assert check.state == state
    assert check.value == pytest.approx(rate / predicted, rel=0.15)


def test_a_gap_that_may_be_chance_does_not_fire():
    five_of_sixty = Matured(np.append(np.ones(5), np.zeros(55)), np.full(60, 0.05), np.arange(60))
    check = check_calibration("m", five_of_sixty, policy=POLICY)
    assert check.value > POLICY.late_ratio_at_most
    assert check.state == State.QUIET


@pytest.mark.parametrize("size", [{"rows": 29}, {"rows": 200, "customers": 9}, {"rows": 0}])
def test_a_few_late_invoices_or_customers_say_nothing(size):
    assert check_calibration("m", draw(rate=0.9, predicted=0.05, **size), policy=POLICY).state == State.NOT_YET


@pytest.mark.parametrize(
    ("defaults", "state"), [(10, State.QUIET), (14, State.QUIET), (20, State.LOOK), (2, State.QUIET)]
)
def test_more_defaults_than_predicted_fire_and_fewer_do_not(defaults, state):
    target = np.append(np.ones(defaults), np.zeros(500 - defaults))
    check = check_defaults("m", Matured(target, np.full(500, 0.02), np.arange(500)), policy=POLICY)
    assert check.state == state
    assert check.note == f"{defaults} of 500 customers, 10.0 expected"


def test_before_a_year_is_over_defaults_say_nothing():
    empty = Matured(np.zeros(0), np.zeros(0), np.zeros(0, dtype="int64"))
    assert check_defaults("m", empty, policy=POLICY).state == State.NOT_YET


def test_a_model_that_is_too_old_fires():
    days = POLICY.age_days_at_most
    assert [check_age("m", days=days + more, policy=POLICY).state for more in (0, 1)] == [State.QUIET, State.LOOK]


def feeds(as_of, policy=None):
    book = book_of(
        invoices=[
            invoice("1", issued_on="2024-03-01", due_on="2024-06-01"),
            invoice("2", issued_on="2024-05-01", due_on="2024-06-01"),
        ],
        payments=[payment("P", paid_on="2024-03-08")],
    )
    return {
        check.about: check
        for check in check_feeds(book, as_of=date.fromisoformat(as_of), policy=policy or load_policy().stale)
    }


def test_a_table_without_new_rows_fires_once_policys_days_are_over():
    found = feeds("2024-03-09")
    assert found["table payments"].value == 0
    assert found["table invoices"].value == 7
    assert {check.state for check in found.values()} == {State.QUIET}
    later = feeds("2024-03-16")
    assert (later["table payments"].value, later["table payments"].state) == (7, State.QUIET)
    assert (later["table invoices"].value, later["table invoices"].state) == (14, State.LOOK)


def test_rows_known_later_and_tables_without_rows_do_not_count():
    assert feeds("2024-03-16")["table invoices"].value == 14
    assert "table disputes" not in feeds("2024-03-16")
    assert "table payments" not in feeds("2024-03-08")


def test_policy_has_a_limit_for_every_table_and_for_nothing_else():
    assert set(load_policy().stale.model_dump()) == set(TABLES)
    assert (
        feeds("2024-03-16", Policy.parse("[stale]\ninvoices = 14", where="").stale)["table invoices"].state
        == State.QUIET
    )
