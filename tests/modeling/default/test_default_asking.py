"""Questions about customers: who is asked about, what came of it, and what was known of the defaults by then."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import ModelError
from arrisk.features import questions_on
from arrisk.features.five_cs import FIVE_CS
from arrisk.frames import NEVER, date_of, day_of
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.default.asking import (
    EXPERIENCE_DAYS,
    OBSERVED_EVERY,
    PRIOR_YEARS,
    ask_customers,
    list_default_inputs,
    measure_experience,
    train_on_customers,
)
from arrisk.modeling.default.model import HORIZON_DAYS
from arrisk.policy import load_policy
from tests.books import book_of, customer, invoice
from tests.modeling.ledgers import cut_book, make_handful, simulate_book

POLICY = load_policy()
CUTOFF = date(2024, 8, 1)
DAYS = [day_of(CUTOFF) + step for step in (-300, -100, 0, 200)]
KNOWN_BY = date(2025, 12, 31)
RATES = ["industry_default_rate", "country_default_rate"]


@pytest.fixture(scope="module")
def book():
    return simulate_book()


@pytest.fixture(scope="module")
def episodes(book):
    return list_defaults(book, as_of=KNOWN_BY, policy=POLICY)


@pytest.fixture(scope="module")
def observed(book, episodes):
    return ask_customers(book, episodes, days=DAYS, policy=POLICY, known_by=KNOWN_BY)


def train(book, *, as_of):
    return train_on_customers(book, list_defaults(book, as_of=as_of, policy=POLICY), as_of=as_of, policy=POLICY)


def list_own(episodes, customer_id):
    return episodes.loc[episodes["customer_id"] == customer_id].itertuples()


@pytest.mark.slow
def test_everybody_is_asked_about_but_those_in_default(book, episodes, observed):
    asked = set(zip(observed.customer_id, observed.asked_day, strict=True))
    left_out = 0
    for day in DAYS:
        for customer_id in questions_on(book, as_of_day=day)["customer_id"]:
            is_in = any(one.entered_day < day <= one.left_day for one in list_own(episodes, customer_id))
            assert ((customer_id, day) in asked) != is_in
            left_out += is_in
    assert left_out > 5
    assert len(asked) == len(observed) == len(observed.features)


def test_an_outcome_is_a_default_within_a_year_and_open_until_the_year_is_over(episodes, observed):
    rows = zip(observed.customer_id, observed.asked_day, observed.defaulted, strict=True)
    for customer_id, day, defaulted in rows:
        if day + HORIZON_DAYS > day_of(KNOWN_BY):
            assert np.isnan(defaulted)
        else:
            begun = [day <= one.entered_day < day + HORIZON_DAYS for one in list_own(episodes, customer_id)]
            assert defaulted == float(any(begun))
    assert 5 < np.nansum(observed.defaulted) < 0.2 * len(observed)


@pytest.mark.slow
def test_what_was_not_known_on_the_day_changes_no_question_and_no_feature(book, observed):
    day = DAYS[2]
    known = cut_book(book, until=date_of(day))
    episodes = list_defaults(known, as_of=date_of(day), policy=POLICY)
    one = ask_customers(known, episodes, days=DAYS[:3], policy=POLICY, known_by=date_of(day))
    rows = np.flatnonzero(observed.asked_day <= day)
    assert one.customer_id.tolist() == observed.customer_id.iloc[rows].tolist()
    assert np.isnan(one.defaulted).all()
    pd.testing.assert_frame_equal(one.features, observed.features.iloc[rows], check_exact=True)


def test_experience_rests_on_defaults_entered_before_the_day(book, episodes):
    day = DAYS[2]
    questions = questions_on(book, as_of_day=day)
    found = measure_experience(book, episodes, questions)
    known = list_defaults(cut_book(book, until=date_of(day)), as_of=date_of(day), policy=POLICY)
    assert len(known) < len(episodes)
    pd.testing.assert_frame_equal(measure_experience(book, known, questions), found, check_exact=True)
    for entered, is_seen in ((day, False), (day - 1, True)):
        own = {"customer_id": [questions["customer_id"][0]], "entered_day": [entered], "left_day": [NEVER]}
        more = pd.concat([episodes, pd.DataFrame(own)], ignore_index=True)
        assert measure_experience(book, more, questions).equals(found) != is_seen


def test_the_experience_of_one_customer_is_the_same_alone_and_among_others(book, episodes):
    questions = questions_on(book, as_of_day=DAYS[2])
    found = measure_experience(book, episodes, questions)
    assert found[RATES].nunique().min() > 1
    for row in (0, len(questions) // 2):
        alone = measure_experience(book, episodes, questions.iloc[[row]])
        pd.testing.assert_frame_equal(alone, found.iloc[[row]], check_exact=True)


def make_experience(*, entered, traded_days=EXPERIENCE_DAYS + 100):
    """Give four customers, of whom A and B share an industry, and one default of A."""
    branches = {"A": ("10", "DE"), "B": ("10", "US"), "C": ("20", "US"), "D": (None, None)}
    day = {"onboarded_on": "2020-01-01"}
    rows = [customer(name, industry=branch, country=land, **day) for name, (branch, land) in branches.items()]
    issued = str(date_of(DAYS[0] - traded_days))
    invoices = [invoice(f"I{name}", name, issued_on=issued, due_on=issued, known_on=issued) for name in branches]
    book = book_of(customers=rows, invoices=invoices)
    episodes = pd.DataFrame({"customer_id": ["A"], "entered_day": [entered], "left_day": [entered + 9]})
    return measure_experience(book, episodes, questions_on(book, as_of_day=DAYS[0]))


def test_the_rate_of_an_industry_is_drawn_to_the_pools():
    found = make_experience(entered=DAYS[0] - 50)
    years = EXPERIENCE_DAYS / 365
    pool = 1 / (4 * years)
    both, other = (1 + PRIOR_YEARS * pool) / (2 * years + PRIOR_YEARS), PRIOR_YEARS * pool / (years + PRIOR_YEARS)
    assert found["industry_default_rate"].tolist() == pytest.approx([both, both, other, pool])
    assert found["country_default_rate"][0] > pool > found["country_default_rate"][1]
    assert found["past_defaults_count"].tolist() == [1, 0, 0, 0]


def test_a_young_ledger_has_the_rate_of_the_years_it_saw():
    young, old = (make_experience(entered=DAYS[0] - 50, traded_days=days) for days in (365, 2 * 365))
    assert young["industry_default_rate"].iloc[3] == pytest.approx(1 / 4)
    assert old["industry_default_rate"].iloc[3] == pytest.approx(1 / 8)


@pytest.mark.parametrize("traded_days", [-10, 0, 20, 49])
def test_a_default_before_the_first_invoice_is_no_experience_with_anybody(traded_days):
    found = make_experience(entered=DAYS[0] - 50, traded_days=traded_days)
    assert (found[RATES] == 0).all(axis=None)
    assert found["past_defaults_count"].tolist() == [1, 0, 0, 0]


def test_a_default_on_the_day_of_the_first_invoice_is_experience():
    assert (make_experience(entered=DAYS[0] - 50, traded_days=50)[RATES] > 0).any(axis=None)


def test_old_defaults_are_no_experience_but_stay_in_the_customers_own_record():
    found = make_experience(entered=DAYS[0] - EXPERIENCE_DAYS - 1)
    assert (found[RATES] == 0).all(axis=None)
    assert found["past_defaults_count"].tolist() == [1, 0, 0, 0]


def test_an_applicant_is_judged_by_nothing_that_comes_from_trading(observed):
    columns, known_before = list_default_inputs(observed.features)
    names, applicants = ([column.name for column in each] for each in (columns, known_before))
    assert len(set(names)) == len(names)
    assert set(applicants) < set(names) <= set(observed.features.columns)
    assert {*FIVE_CS} <= set(names)
    assert {"altman_z1", *RATES} <= set(applicants)
    traded = {
        "past_defaults_count",
        "late_share_shrunk",
        "open_amount",
        "settled_count",
        "usual_to_revenue",
        "covered_share",
    }
    assert not traded & set(applicants)


@pytest.mark.slow
def test_the_model_learns_from_every_quarter_whose_year_is_over(book):
    training = train(book, as_of=CUTOFF)
    days = np.unique(training.samples["application"].asked_day)
    assert days[-1] == day_of(CUTOFF) - HORIZON_DAYS
    assert (np.diff(days) == OBSERVED_EVERY).all()
    assert days[0] - OBSERVED_EVERY <= day_of(book["invoices"]["issued_on"].min()) < days[0]
    assert training.as_of_day == day_of(CUTOFF)


def test_a_ledger_of_less_than_a_year_is_refused():
    book = make_handful()
    with pytest.raises(ModelError, match="no customer had been observed for a whole year"):
        train(book, as_of=book.extract_end_on + timedelta(days=1))
