"""Little or no history: the portfolio's curve to begin with, the customer's own as its record grows."""

import json
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from arrisk.frames import NEVER, day_of
from arrisk.modeling.asking import ask_at_issue, train_asked
from arrisk.modeling.candidates import list_candidates
from arrisk.modeling.linear import fit_linear
from arrisk.modeling.logistic import to_probability
from arrisk.modeling.open_scores import score_open, score_open_curves
from arrisk.modeling.rows import Sample
from arrisk.policy import load_policy
from arrisk.schema import fingerprint_book, fingerprint_tables
from arrisk.uses.proof import backtest_payment
from tests.modeling.ledgers import START, make_handful
from tests.modeling.samples import PAST

POLICY = load_policy()
RECORDS = np.array([0, 1, 3, 10, 50, 200])


def predict_late(training, features):
    return 1 - training.model.predict_issue(features, age=np.full(len(features), -30)).read_paid(0)


def with_record(features, *, late_share):
    """Give one invoice asked about with ever longer records of its customer."""
    return pd.concat([features.iloc[[0]]] * len(RECORDS), ignore_index=True).assign(
        settled_count=RECORDS.astype("float64"),
        late_count=RECORDS * late_share,
        mean_days_late=np.where(RECORDS > 0, 25.0 * late_share - 12.0, np.nan),
    )


def test_a_customer_without_history_gets_the_curve_of_the_portfolio(training, portfolio):
    asked = training.asked["issue"]
    due = asked.due_day < training.as_of_day
    newcomer = with_record(portfolio[0], late_share=0.0).iloc[:1]
    assert predict_late(training, newcomer)[0] == pytest.approx((asked.ended[due] > 0).mean(), abs=0.05)


@pytest.mark.parametrize(("late_share", "direction"), [(1.0, 1), (0.0, -1)])
def test_as_its_record_grows_a_customer_gets_its_own_rate(training, portfolio, late_share, direction):
    late = predict_late(training, with_record(portfolio[0], late_share=late_share))
    assert (direction * np.diff(late) > 0).all()
    assert abs(late[-1] - late_share) < 0.1
    assert abs(late[0] - late_share) > 0.2


def test_a_newcomer_is_moved_by_what_its_invoice_says():
    random = np.random.default_rng(2)
    rows = 3_000
    amount, count = random.normal(0, 1, rows), random.integers(0, 20, rows).astype("float64")
    target = (random.random(rows) < to_probability(0.8 * amount - 0.5)).astype("float64")
    features = pd.DataFrame(
        {"settled_count": count, "late_count": random.binomial(count.astype("int64"), 0.4).astype("float64")}
    ).assign(amount=amount)
    columns = (PAST.count, PAST.events, PAST.count.__class__("amount", 0, "plain", 20.0))
    days = np.arange(rows)
    model = fit_linear(Sample(features, target, days % 50, days, days, columns), past=PAST)
    newcomers = pd.DataFrame({"settled_count": 0.0, "late_count": 0.0, "amount": [-1.0, 0.0, 1.0]})
    late = to_probability(model.predict_margin(newcomers))
    assert (np.diff(late) > 0.1).all()
    assert late[1] == pytest.approx(to_probability(np.array([-0.5]))[0], abs=0.1)


def test_a_handful_of_invoices_is_offered_only_what_it_carries():
    days = np.arange(30)
    sample = Sample(pd.DataFrame(index=days), (days % 3 == 0).astype("float64"), days, days, days, ())
    offered = [candidate.name for candidate in list_candidates(past=PAST) if candidate.is_offered(sample)]
    assert offered == ["base_rate", "shrunk_rate"]


@pytest.fixture(scope="module")
def handful():
    book = make_handful()
    return book, train_asked(ask_at_issue(book, policy=POLICY), book, as_of=book.extract_end_on, policy=POLICY)


@pytest.mark.slow  # the features of a first book are compiled or read from a cache
def test_a_ledger_of_thirty_invoices_is_scored_with_an_interval_as_wide_as_the_portfolios(handful):
    book, training = handful
    opened = score_open_curves(book, training.model, as_of=book.extract_end_on, policy=POLICY)
    scored = score_open(opened, horizon_days=30)
    assert len(scored) > 2
    young = scored["days_past_due"] <= 0
    late = scored.loc[young, ["p_late", "p_late_30", "p_late_60", "p_late_90"]]
    assert ((late > 0) & (late < 1)).all(axis=None)
    asked = training.asked["issue"]
    curves = training.model.predict_issue(asked.features, age=asked.age)
    width = curves.find_paid_day(0.9) - curves.find_paid_day(0.1)
    delays = asked.ended[asked.ended < NEVER]
    assert width.min() >= 0.8 * np.diff(np.quantile(delays, [0.1, 0.9]))[0]


@pytest.mark.slow
def test_a_ledger_of_thirty_invoices_can_be_backtested(handful):
    book, _ = handful
    report, predictions = backtest_payment(book, cutoff=START + timedelta(days=140), policy=POLICY)
    json.dumps(report, allow_nan=False, default=str)
    tables = fingerprint_tables(book, as_of_day=day_of(book.extract_end_on) + 1)
    assert (report["policy_hash"], report["data_sha256"]) == (POLICY.hash(), fingerprint_book(tables))
    assert len(predictions) == 10
    assert predictions["p_late"].between(0, 1, inclusive="neither").all()
