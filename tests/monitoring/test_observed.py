"""What is watched is what was served: the same scores, the outcomes known by the day, nothing of later."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from arrisk.frames import day_of
from arrisk.labels import label_late
from arrisk.ledger import list_outcomes
from arrisk.modeling.asking import ask_at_issue
from arrisk.modeling.backtest import run_backtest
from arrisk.modeling.bootstrap import Interval
from arrisk.modeling.default.backtest import run_default_backtest
from arrisk.modeling.drift import DriftRule
from arrisk.monitoring import follow_customers, follow_invoices, observe_customers, observe_open_book
from arrisk.monitoring.observed import LATE_DAYS
from arrisk.policy import load_policy
from tests.modeling.ledgers import cut_book, make_ledger, simulate_book

pytestmark = pytest.mark.slow

POLICY = load_policy()
TRAINED, TODAY = date(2024, 3, 1), date(2024, 8, 1)
RULE = DriftRule(30.0, 30.0, Interval(0.01, 0.005, 0.02))


@pytest.fixture(scope="module")
def ledger():
    return make_ledger()


@pytest.fixture(scope="module")
def backtest(ledger):
    return run_backtest(ledger, ask_at_issue(ledger, policy=POLICY), cutoff=TRAINED, policy=POLICY)


def follow(book, model, *, as_of=TODAY):
    return follow_invoices(book, model, trained_day=day_of(TRAINED), as_of=as_of, policy=POLICY)


def test_invoices_are_followed_with_the_probabilities_of_the_backtest(ledger, backtest):
    matured = follow(ledger, backtest.training.model)
    questions = backtest.asked.questions
    outcomes = list_outcomes(ledger, as_of=TODAY, end=POLICY.end).set_index("invoice_id", drop=False)
    known = questions["invoice_id"].isin(outcomes.index) & (questions["due_day"] + LATE_DAYS < day_of(TODAY))
    late = label_late(outcomes.loc[questions["invoice_id"][known]], k=LATE_DAYS, end_day=day_of(TODAY) - 1)
    p = 1 - backtest.curves.read_paid(LATE_DAYS)
    assert len(matured.target) > 30
    assert np.array_equal(matured.target, late[~np.isnan(late)])
    assert matured.probability == pytest.approx(p[known.to_numpy()][~np.isnan(late)], abs=1e-12)


def test_nothing_of_the_day_or_later_changes_what_is_followed(ledger, backtest):
    model = replace(backtest.training.model, drift=RULE)
    before, after = follow(cut_book(ledger, until=TODAY), model), follow(ledger, model)
    assert np.array_equal(before.target, after.target)
    assert before.probability == pytest.approx(after.probability, abs=1e-12)


def test_on_the_day_of_training_nothing_has_matured(ledger, backtest):
    assert len(follow(ledger, backtest.training.model, as_of=TRAINED + timedelta(days=1)).target) == 0


def test_the_open_book_is_seen_with_the_scores_that_are_served(ledger, backtest):
    seen = observe_open_book(ledger, backtest.training.model, as_of=TODAY, policy=POLICY)
    assert len(seen.score) == len(seen.features) > 0
    assert ((seen.score > 0) & (seen.score <= 1)).all()


def test_customers_are_followed_once_a_year_is_over_and_seen_on_the_day():
    book, trained = simulate_book(), date(2024, 8, 18)
    backtest = run_default_backtest(book, cutoff=trained, policy=POLICY)
    model, first = backtest.training.model, day_of(trained)
    for days, rows in ((364, 0), (365, int((backtest.observed.asked_day == first).sum()))):
        matured = follow_customers(book, model, trained_day=first, as_of=trained + timedelta(days=days), policy=POLICY)
        assert len(matured.target) == rows
    own = backtest.observed.asked_day == first
    assert matured.probability == pytest.approx(backtest.p[own])
    assert np.array_equal(matured.target, backtest.observed.defaulted[own])
    seen = observe_customers(book, model, as_of=trained, policy=POLICY)
    assert seen.score == pytest.approx(backtest.p[own])
