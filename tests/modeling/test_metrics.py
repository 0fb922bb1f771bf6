import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as peer

from arrisk.modeling import metrics
from arrisk.modeling.bootstrap import bootstrap_mean
from arrisk.modeling.champion import compute_log_loss
from arrisk.modeling.evaluate import bootstrap_auc

# Ten forecasts whose Brier score, its expectation and Spiegelhalter's z are computed by hand from the definitions in
# Spiegelhalter, Probabilistic prediction in patient management and clinical trials, Statistics in Medicine 5 (1986).
TARGET = np.array([0, 0, 1, 0, 1, 1, 0, 0, 1, 0], dtype="float64")
FORECAST = np.array([0.1, 0.2, 0.7, 0.3, 0.6, 0.9, 0.2, 0.4, 0.5, 0.1])


def test_spiegelhalter_golden_numbers():
    found = metrics.check_calibration(TARGET, FORECAST)
    assert found.z == pytest.approx(-1.438185, abs=1e-6)
    assert found.p_value == pytest.approx(0.15038, abs=1e-5)


def test_brier_golden_numbers():
    assert metrics.compute_brier(TARGET, FORECAST) == pytest.approx(0.0860, abs=1e-12)
    assert float((FORECAST * (1 - FORECAST)).mean()) == pytest.approx(0.1740, abs=1e-12)
    assert metrics.compute_scaled_brier(TARGET, FORECAST) == pytest.approx(1 - 0.0860 / 0.24)


forecasts = st.lists(st.tuples(st.booleans(), st.integers(1, 19)), min_size=2, max_size=60)


@pytest.mark.slow
@given(forecasts)
@settings(max_examples=80, deadline=None)
def test_auc_average_precision_brier_and_log_loss_agree_with_scikit_learn(rows):
    target = np.array([float(late) for late, _ in rows])
    forecast = np.array([number / 20 for _, number in rows])
    assert metrics.compute_brier(target, forecast) == pytest.approx(peer.brier_score_loss(target, forecast))
    assert compute_log_loss(target, forecast).mean() == pytest.approx(peer.log_loss(target, forecast, labels=[0, 1]))
    if 0 < target.sum() < len(target):
        assert metrics.compute_auc(target, forecast) == pytest.approx(peer.roc_auc_score(target, forecast))
        assert metrics.compute_pr_auc(target, forecast) == pytest.approx(peer.average_precision_score(target, forecast))


def test_one_class_has_no_auc_and_no_calibration_line():
    found = metrics.measure(np.zeros(5), np.full(5, 0.2))
    assert math.isnan(found["auc"])
    assert math.isnan(found["calibration_slope"])
    assert found["brier"] == pytest.approx(0.04)


def test_no_rows_measure_nothing():
    assert all(math.isnan(value) for value in metrics.measure(np.zeros(0), np.zeros(0)).values())


def test_the_calibration_line_finds_the_distortion_that_was_put_in():
    random = np.random.default_rng(2)
    margin = random.normal(0, 2, 40_000)
    target = (random.random(40_000) < 1 / (1 + np.exp(-margin))).astype(float)
    distorted = 1 / (1 + np.exp(-(2 * margin - 1)))
    slope, intercept = metrics.fit_calibration_line(target, distorted)
    assert slope == pytest.approx(0.5, abs=0.02)
    assert intercept == pytest.approx(0.5, abs=0.05)


def test_a_perfectly_separated_handful_has_a_finite_calibration_line():
    slope, intercept = metrics.fit_calibration_line(np.array([0.0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]))
    assert math.isfinite(slope)
    assert math.isfinite(intercept)


def test_calibration_error_is_zero_where_each_bin_holds_what_it_said():
    forecast = np.repeat([0.25, 0.75], 40)
    target = np.tile([0.0, 0, 0, 1], 10).tolist() + np.tile([1.0, 1, 1, 0], 10).tolist()
    assert metrics.compute_ece(np.array(target), forecast) == pytest.approx(0)


def test_the_bootstrap_draws_whole_customers():
    values = np.repeat([0.0, 1.0], 500)
    by_row = bootstrap_mean(values, np.arange(1000))
    by_customer = bootstrap_mean(values, np.repeat(np.arange(10), 100))
    assert by_row.value == by_customer.value == 0.5
    assert by_customer.high - by_customer.low > 5 * (by_row.high - by_row.low)


def test_the_bootstrap_is_the_same_every_time():
    values = np.random.default_rng(0).normal(size=50)
    assert bootstrap_mean(values, np.arange(50) // 5) == bootstrap_mean(values, np.arange(50) // 5)


def test_the_interval_of_the_auc_holds_its_value_and_ties_count_half():
    random = np.random.default_rng(4)
    target = (random.random(300) < 0.4).astype(float)
    forecast = np.round(np.clip(0.3 + 0.2 * target + random.normal(0, 0.2, 300), 0.01, 0.99), 1)
    found = bootstrap_auc(target, forecast, np.arange(300) // 6)
    assert found.value == pytest.approx(peer.roc_auc_score(target, forecast))
    assert found.low < found.value < found.high


def test_the_calibration_shift_is_what_was_taken_away():
    random = np.random.default_rng(6)
    margin = random.normal(0, 1, 40_000)
    target = (random.random(40_000) < 1 / (1 + np.exp(-margin))).astype(float)
    assert metrics.fit_calibration_shift(target, 1 / (1 + np.exp(0.7 - margin))) == pytest.approx(0.7, abs=0.05)
    assert math.isnan(metrics.fit_calibration_shift(np.zeros(0), np.zeros(0)))
    assert math.isfinite(metrics.fit_calibration_shift(np.ones(5), np.full(5, 0.5)))


def test_equal_amounts_weigh_all_rows_alike():
    weighted = metrics.weigh_by_amount(TARGET, FORECAST, np.full(10, 7.0))
    assert weighted["brier"] == pytest.approx(metrics.compute_brier(TARGET, FORECAST))
    assert weighted["log_loss"] == pytest.approx(compute_log_loss(TARGET, FORECAST).mean())
    assert (weighted["amount"], weighted["observed"]) == (70, 28)
    assert weighted["expected"] == pytest.approx(7 * FORECAST.sum())


def test_without_amounts_nothing_is_weighted():
    assert math.isnan(metrics.weigh_by_amount(TARGET, FORECAST, np.zeros(10))["brier"])
