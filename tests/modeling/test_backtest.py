"""The backtest predicts with what was known: the model by the cutoff, the drift by each of its days."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from arrisk.errors import InputError, ModelError
from arrisk.frames import date_of, day_of
from arrisk.ledger import list_outcomes
from arrisk.modeling.asking import ask_at_issue, find_shift, train_asked
from arrisk.modeling.backtest import DRIFT_DAYS, report_backtest, run_backtest, trace_drift
from arrisk.modeling.bootstrap import Interval
from arrisk.modeling.drift import DriftRule
from arrisk.policy import load_policy
from tests.modeling.ledgers import forget_receipts, make_ledger

pytestmark = pytest.mark.slow

POLICY = load_policy()
CUTOFF, LAST_SEEN = date(2024, 3, 1), date(2024, 5, 24)
RULE = DriftRule(30.0, 30.0, Interval(0.01, 0.005, 0.02))


@pytest.fixture(scope="module")
def ledger():
    return make_ledger()


@pytest.fixture(scope="module")
def asked(ledger):
    return ask_at_issue(ledger, policy=POLICY)


@pytest.fixture(scope="module")
def model(ledger, asked):
    """Give a model that follows the times, whatever its trial said."""
    training = train_asked(asked, ledger, as_of=CUTOFF, policy=POLICY)
    return replace(training.model, drift=RULE)


def test_the_drift_of_a_day_knows_no_receipt_of_that_day_or_later(ledger, asked, model):
    traced = trace_drift(ledger, model, asked, cutoff=CUTOFF, policy=POLICY)
    other = forget_receipts(LAST_SEEN)
    again = trace_drift(other, model, asked, cutoff=CUTOFF, policy=POLICY)
    days = day_of(CUTOFF) + DRIFT_DAYS * np.arange(len(traced))
    known = days <= day_of(LAST_SEEN)
    assert known.sum() > 4
    assert np.array_equal(traced[known], again[known])
    assert (traced[~known] != again[~known]).any()
    assert len(np.unique(traced)) > 4


def test_the_drift_traced_is_the_one_that_scoring_reads_from_the_book(ledger, asked, model):
    traced = trace_drift(ledger, model, asked, cutoff=CUTOFF, policy=POLICY)
    for step in (0, 5):
        day = date_of(day_of(CUTOFF) + step * DRIFT_DAYS)
        assert find_shift(ledger, model, as_of=day, policy=POLICY) == pytest.approx(traced[step], abs=1e-12)


def test_a_model_that_does_not_follow_the_times_is_not_shifted(ledger, asked, model):
    fixed = replace(model, drift=None)
    assert not trace_drift(ledger, fixed, asked, cutoff=CUTOFF, policy=POLICY).any()
    assert find_shift(ledger, fixed, as_of=CUTOFF, policy=POLICY) == 0.0


def test_a_backtest_reports_all_candidates_beside_simple_rules_on_complete_outcomes(ledger, asked):
    backtest = run_backtest(ledger, asked, cutoff=CUTOFF, policy=POLICY)
    assert (backtest.asked.questions["issued_day"] >= day_of(CUTOFF)).all()
    assert len(backtest.shift) == len(backtest.curves) == len(backtest.asked.questions)
    outcomes = list_outcomes(ledger, as_of=date(2024, 9, 2), end=POLICY.end)
    outcomes = outcomes.set_index("invoice_id").loc[backtest.asked.questions["invoice_id"]].reset_index()
    report = report_backtest(backtest, outcomes, end_day=day_of(date(2024, 9, 1)))
    json.dumps(report, allow_nan=False)
    assert report["champion"] == "payment_curve"
    assert {"payment_curve", "logistic", "shrunk_rate"} <= set(report["candidates"])
    assert {"base_rate", "shrunk_rate"} <= set(report["baselines"])
    assert report["rows_test"] == int((outcomes["due_day"] <= day_of(date(2024, 9, 1))).sum())
    assert report["rows_train"] == int((backtest.training.asked["issue"].due_day < day_of(CUTOFF)).sum())
    assert 0.5 < report["candidates"]["payment_curve"]["auc"] < 0.95


def test_a_cutoff_outside_the_ledger_is_refused(ledger, asked):
    with pytest.raises(InputError, match="no invoice was issued on or after"):
        run_backtest(ledger, asked, cutoff=date(2025, 1, 1), policy=POLICY)
    with pytest.raises(ModelError, match="no invoice was due before"):
        run_backtest(ledger, asked, cutoff=date(2022, 7, 10), policy=POLICY)
