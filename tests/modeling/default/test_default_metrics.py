"""Validation of a model of default: golden numbers, and tests that hold their level when the model is right."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from arrisk.modeling.default import metrics as checks
from arrisk.modeling.metrics import compute_auc

GRADES = ["1", "2", "D"]


def draw_forecasts(rows=2_000, *, seed=1, shift=0.0):
    random = np.random.default_rng(seed)
    margin = random.normal(-3, 1, rows)
    target = (random.random(rows) < 1 / (1 + np.exp(-margin - shift))).astype("float64")
    return target, 1 / (1 + np.exp(-margin))


def test_jeffreys_golden_2_of_6_at_3_67_per_cent_is_0_0043805():
    # Roesch, Scheule, Deep Credit Risk: the ECB's Jeffreys test of 2 defaults among 6 at a PD of 0.0367.
    found = checks.check_jeffreys(np.array([2.0]), np.array([6.0]), p=np.array([0.0367]))
    assert found[0] == pytest.approx(0.0043805, abs=5e-8)


def test_jeffreys_0_0632284_and_binomial_0_0824123_golden_15_of_1000_at_1_per_cent():
    defaults, count, p = np.array([15.0]), np.array([1000.0]), np.array([0.01])
    assert checks.check_jeffreys(defaults, count, p=p)[0] == pytest.approx(0.0632284, abs=5e-8)
    assert checks.check_binomial(defaults, count, p=p)[0] == pytest.approx(0.0824123, abs=5e-8)


def test_no_default_is_never_too_many():
    assert checks.check_binomial(np.zeros(1), np.array([50.0]), p=np.array([0.01]))[0] == 1


def test_psi_golden_0_22822_of_four_quarters_that_became_4_3_2_1_tenths():
    # Lewis, An Introduction to Credit Scoring, 1992: sum of (actual - expected) x ln(actual / expected).
    found = checks.compare_counts(np.full(4, 250.0), np.array([400.0, 300.0, 200.0, 100.0]))
    assert found.psi == pytest.approx(0.22822, abs=5e-6)
    assert found.critical == pytest.approx(7.814728 * (1 / 1000 + 1 / 1000), abs=1e-8)
    assert found.has_moved


def test_the_same_shift_among_few_is_chance():
    found = checks.compare_counts(np.full(4, 5.0), np.array([8.0, 6.0, 4.0, 2.0]))
    assert found.psi == pytest.approx(0.22822, abs=5e-6)
    assert not found.has_moved


def test_stability_exceeds_its_critical_value_by_chance_about_one_time_in_twenty():
    random = np.random.default_rng(3)
    draws = [checks.compare_counts(*random.multinomial(500, np.full(10, 0.1), size=2)) for _ in range(1_000)]
    assert np.mean([draw.psi > draw.critical for draw in draws]) == pytest.approx(0.05, abs=0.02)


def test_an_empty_bin_counts_as_half_a_row_and_none_anywhere_is_no_bin():
    gone = checks.compare_counts(np.array([50.0, 50.0, 0.0]), np.array([100.0, 0.0, 0.0]))
    left = 0.5 / 100.5
    assert gone.psi == pytest.approx((0.5 - left) * np.log((1 - left) / left))
    assert gone.critical == pytest.approx(3.841459 * (1 / 100 + 1 / 100))
    assert math.isnan(checks.compare_counts(np.zeros(2), np.ones(2)).psi)


def test_values_compare_over_tenths_and_missing_ones_are_a_bin():
    values = np.arange(1_000.0)
    assert checks.compare_values(values, values).psi == pytest.approx(0)
    gaps = np.where(values % 2 == 0, np.nan, values)
    assert checks.compare_values(values, gaps).has_moved
    assert checks.compare_values(values, values + 300).has_moved
    assert checks.compare_values(values, np.where(values >= 900, np.nan, values)).has_moved
    assert checks.compare_values(np.full(50, np.nan), np.full(60, np.nan)).psi == 0


def test_gini_is_twice_the_area_less_one_inside_its_interval():
    target, p = draw_forecasts(600)
    found = checks.bootstrap_gini(target, p, np.arange(600) // 3)
    assert found.value == pytest.approx(2 * compute_auc(target, p) - 1)
    assert found.low < found.value < found.high
    assert math.isnan(checks.bootstrap_gini(np.zeros(3), p[:3], np.arange(3)).value)


def test_the_distance_of_good_and_bad_agrees_with_scipy_ties_included():
    target, p = draw_forecasts(500)
    p = np.round(p, 2)
    assert checks.compute_ks(target, p) == pytest.approx(ks_2samp(p[target == 1], p[target == 0]).statistic)
    assert math.isnan(checks.compute_ks(np.ones(3), p[:3]))


def test_groups_count_what_was_predicted_and_what_happened():
    grade = pd.Categorical.from_codes([0, 0, 1, -1], categories=GRADES, ordered=True)
    found = checks.count_groups(np.array([0.0, 1, 1, 1]), np.array([0.1, 0.3, 0.5, 0.9]), group=grade)
    assert found.to_dict("list") == {
        "group": ["1", "2"], "count": [2, 1], "defaults": [1, 1], "default_rate": [0.5, 1], "p_default": [0.2, 0.5]
    }  # fmt: skip


def test_a_grade_that_was_too_hopeful_is_found():
    grade = pd.Categorical(["1"] * 100 + ["2"] * 100, categories=GRADES, ordered=True)
    target = np.repeat([1.0, 0, 1, 0], [9, 91, 9, 91])
    found = checks.check_grades(target, np.repeat([0.02, 0.1], 100), grade=grade).set_index("group")
    assert found.loc["1", ["jeffreys", "binomial"]].max() < 0.001
    assert found.loc["2", ["jeffreys", "binomial"]].min() > 0.5


def test_hosmer_lemeshow_by_hand_has_as_many_degrees_as_groups_on_new_data_and_two_fewer_on_old():
    groups = pd.DataFrame({"count": [100, 100, 100], "defaults": [2.0, 14.0, 30.0], "p_default": [0.01, 0.1, 0.3]})
    statistic = 1 / 0.99 + 16 / 9
    new = checks.check_hosmer_lemeshow(groups, degrees_lost=0)
    old = checks.check_hosmer_lemeshow(groups, degrees_lost=2)
    assert new.statistic == old.statistic == pytest.approx(statistic)
    assert (new.degrees, old.degrees) == (3, 1)
    assert old.p_value == pytest.approx(math.erfc(math.sqrt(statistic / 2)))
    assert new.p_value > old.p_value
    assert math.isnan(checks.check_hosmer_lemeshow(groups.iloc[:2], degrees_lost=2).p_value)


def test_hosmer_lemeshow_rejects_a_right_forecast_about_one_time_in_twenty_and_a_wrong_one_nearly_always():
    random = np.random.default_rng(8)
    said = np.linspace(0.02, 0.4, 10)

    def reject(truth):
        drawn = ({"count": 200, "defaults": random.binomial(200, truth), "p_default": said} for _ in range(300))
        found = [checks.check_hosmer_lemeshow(pd.DataFrame(groups), degrees_lost=0).p_value for groups in drawn]
        return np.mean(np.array(found) < 0.05)

    assert reject(said) == pytest.approx(0.05, abs=0.04)
    assert reject(1.5 * said) > 0.95


def test_deciles_are_of_about_equal_count_and_keep_equal_forecasts_together():
    number = checks.number_deciles(np.arange(50.0))
    assert np.bincount(number)[1:].tolist() == [5] * 10
    assert len(np.unique(checks.number_deciles(np.full(50, 0.3)))) == 1


def test_a_migration_counts_every_customer_once():
    before = pd.Series(pd.Categorical(["1", "1", "2", "2"], categories=GRADES, ordered=True), index=list("abcd"))
    after = pd.Series(pd.Categorical(["1", "D", "2", "1"], categories=GRADES, ordered=True), index=list("cbax"))
    found = checks.migrate_grades(before, after)
    assert found.to_numpy().tolist() == [[0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 0, 0]]
    assert list(found.columns) == [*GRADES, checks.LEFT]
    assert found.to_numpy().sum() == len(before)


def test_all_measures_of_one_forecast_stand_together():
    target, p = draw_forecasts(1_000, shift=-0.5)
    found = checks.measure_default(target, p, np.arange(1_000))
    assert found["gini"].value == pytest.approx(2 * found["auc"] - 1)
    assert found["default_rate"] < found["p_default"]
    assert found["calibration_shift"] < 0
    assert {"brier", "ks", "calibration_slope", "spiegelhalter_z"} <= set(found)


def test_no_rows_measure_nothing():
    found = checks.measure_default(np.zeros(0), np.zeros(0), np.zeros(0, dtype="int64"))
    assert all(math.isnan(value if isinstance(value, float) else value.value) for value in found.values())
