"""The backtest of default: all customers of every quarter are predicted, with what was known by then."""

import json
from datetime import date, timedelta

import numpy as np
import pytest

from arrisk.errors import InputError, ModelError
from arrisk.frames import date_of, day_of
from arrisk.modeling.default.backtest import (
    CHAMPION,
    list_quarters,
    predict_by_application,
    report_default_backtest,
    run_default_backtest,
)
from arrisk.modeling.default.model import APPLICATION, BEHAVIOUR
from arrisk.policy import load_policy
from tests.modeling.ledgers import cut_book, simulate_book

POLICY = load_policy()
CUTOFF = date(2024, 8, 18)
FIGURES = {"auc", "pr_auc", "brier", "scaled_brier", "log_loss", "ece", "calibration_slope", "calibration_intercept"}


@pytest.fixture(scope="module")
def book():
    return simulate_book()


@pytest.fixture(scope="module")
def backtest(book):
    return run_default_backtest(book, cutoff=CUTOFF, policy=POLICY)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2025, 1, 1), date(2025, 7, 1), ["2025-01-01", "2025-04-01", "2025-07-01"]),
        (date(2024, 12, 31), date(2025, 3, 31), ["2024-12-31", "2025-01-01"]),
        (date(2025, 2, 1), date(2025, 2, 1), ["2025-02-01"]),
    ],
)
def test_the_cutoff_comes_first_then_every_quarter_start(first, last, days):
    assert [str(day) for day in list_quarters(first, last)] == days


@pytest.mark.slow
def test_the_customers_of_every_quarter_are_predicted(book, backtest):
    observed = backtest.observed
    days = [day_of(day) for day in list_quarters(CUTOFF, book.extract_end_on)]
    assert np.unique(observed.asked_day).tolist() == days
    assert len(days) == 6
    assert len(backtest.p) == len(observed)
    assert ((backtest.p > 0) & (backtest.p < 1)).all()
    is_over = observed.asked_day + 364 <= day_of(book.extract_end_on)
    assert np.array_equal(~np.isnan(observed.defaulted), is_over)
    assert backtest.training.samples[APPLICATION].known_day.max() < day_of(CUTOFF)
    assert len(predict_by_application(backtest)) == len(observed)


@pytest.mark.slow
def test_a_prediction_knows_nothing_of_its_day_or_later(book, backtest):
    until = list_quarters(CUTOFF, book.extract_end_on)[2]
    again = run_default_backtest(cut_book(book, until=until + timedelta(days=1)), cutoff=CUTOFF, policy=POLICY)
    rows = np.flatnonzero(backtest.observed.asked_day <= day_of(until))
    assert 0 < len(rows) < len(backtest.p)
    assert again.observed.customer_id.tolist() == backtest.observed.customer_id.iloc[rows].tolist()
    assert np.array_equal(again.p, backtest.p[rows])


@pytest.mark.slow
def test_the_report_sets_the_model_beside_its_rivals_and_baselines(backtest):
    report = report_default_backtest(backtest)
    json.dumps(report, allow_nan=False)
    complete = ~np.isnan(backtest.observed.defaulted)
    assert report["rows_test"] == complete.sum()
    assert report["rows_predicted"] == len(backtest.p)
    assert report["rows_train"] == len(backtest.training.samples[BEHAVIOUR])
    assert report["events_train"] == backtest.training.samples[BEHAVIOUR].events
    assert report["base_rate"] == pytest.approx(backtest.observed.defaulted[complete].mean())
    assert report["mean_predicted"] == pytest.approx(backtest.p[complete].mean())
    assert report["champion"] == CHAMPION
    assert {CHAMPION, APPLICATION, "scorecard", "logistic"} <= set(report["candidates"])
    assert {"base_rate", "shrunk_rate"} == set(report["baselines"])
    assert all(set(figures) >= FIGURES for figures in report["candidates"].values())
    assert set(report["champions"]) == {BEHAVIOUR, APPLICATION}
    assert set(report) >= {"by_history_depth", "intervals", "ece_bins"}


@pytest.mark.slow
def test_years_that_are_not_over_are_predicted_and_not_judged(book):
    late = run_default_backtest(book, cutoff=date(2025, 10, 1), policy=POLICY)
    assert len(late.p) > 100
    assert np.isnan(late.observed.defaulted).all()


def test_a_cutoff_after_the_extract_is_refused(book):
    with pytest.raises(InputError, match="the extract ends on"):
        run_default_backtest(book, cutoff=book.extract_end_on + timedelta(days=1), policy=POLICY)


@pytest.mark.slow
def test_a_cutoff_before_the_first_year_is_over_is_refused(book):
    with pytest.raises(ModelError, match="no customer had been observed for a whole year"):
        run_default_backtest(book, cutoff=date_of(day_of(book["invoices"]["issued_on"].min())), policy=POLICY)
