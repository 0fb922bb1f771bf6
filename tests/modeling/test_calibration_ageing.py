"""How calibration ages: a drift that was put in is found month by month, and its correction is seen to help."""

import json
from datetime import date

import numpy as np
import pytest

from arrisk.frames import day_of
from arrisk.modeling.calibration_ageing import list_ageing, report_ageing
from arrisk.modeling.logistic import to_margin, to_probability

FIRST_DAY = day_of(date(2024, 1, 10))
DRIFT_PER_MONTH = -0.2


@pytest.fixture(scope="module")
def drifting():
    """Give predictions that are right in January 2024; from then on fewer and fewer are late."""
    random = np.random.default_rng(3)
    asked_day = FIRST_DAY + random.integers(0, 356, 30_000)
    month = asked_day.astype("datetime64[D]").astype("datetime64[M]").astype("int64") - 648
    fitted = random.normal(-0.5, 1, 30_000)
    true = to_probability(fitted + DRIFT_PER_MONTH * month)
    target = (random.random(30_000) < true).astype("float64")
    target[::50] = np.nan
    variants = {
        "as fitted": to_probability(fitted),
        "corrected": true,
        "overdone": to_probability(to_margin(true) - 0.5),
    }
    return variants, target, asked_day, random.integers(0, 300, 30_000)


def test_the_drift_is_found_month_by_month(drifting):
    variants, target, asked_day, _ = drifting
    found = list_ageing(variants, target, asked_day=asked_day).set_index(["variant", "period"])
    fitted = found.loc["as fitted"]
    assert fitted.index.tolist() == list(range(12))
    assert fitted["shift"].to_numpy() == pytest.approx(DRIFT_PER_MONTH * np.arange(12), abs=0.3)
    assert (fitted["expected"] - fitted["observed"]).iloc[-1] > 0.2
    assert found.loc["corrected"]["shift"].abs().max() < 0.3
    assert found.loc["corrected"]["slope"].to_numpy() == pytest.approx(1, abs=0.3)
    assert fitted["rows"].sum() == (~np.isnan(target)).sum()
    assert str(fitted["starts_on"].iloc[1].date()) == "2024-02-01"


def test_periods_may_be_quarters(drifting):
    variants, target, asked_day, _ = drifting
    found = list_ageing({"as fitted": variants["as fitted"]}, target, asked_day=asked_day, months=3)
    assert [str(day.date()) for day in found["starts_on"]] == ["2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01"]


@pytest.mark.slow
def test_a_correction_is_seen_to_help_and_too_much_of_it_is_seen_too(drifting):
    variants, target, asked_day, customer = drifting
    report = report_ageing(variants, target, asked_day=asked_day, customer=customer)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    fitted, corrected, overdone = (report["variants"][name] for name in variants)
    assert "log_loss_gain" not in fitted
    gain = corrected["log_loss_gain"]
    assert 0 < gain["low"] < gain["high"]
    assert gain["value"] == pytest.approx(fitted["log_loss"] - corrected["log_loss"])
    assert corrected["log_loss"] < overdone["log_loss"]
    assert corrected["mean_gap"] < 0.03 < overdone["mean_gap"] < fitted["mean_gap"]
    assert report["periods"][0]["starts_on"] == "2024-01-01"
    assert len(report["periods"]) == 36


def test_a_period_without_outcomes_is_left_out_and_one_of_one_class_has_no_line():
    days = np.array([0, 40, 70])
    target = np.array([1.0, np.nan, 0.0])
    found = list_ageing({"only": np.full(3, 0.4)}, target, asked_day=days)
    assert found["period"].tolist() == [0, 2]
    assert found["slope"].isna().all()


def test_without_outcomes_there_is_nothing_to_say():
    nothing = np.full(2, np.nan)
    days = np.zeros(2, dtype="int64")
    report = report_ageing({"only": np.full(2, 0.4), "b": np.full(2, 0.4)}, nothing, asked_day=days, customer=days)
    assert report["periods"] == []
    assert report["variants"]["b"]["log_loss"] is None
    assert list(list_ageing({"only": np.full(2, 0.4)}, nothing, asked_day=days)) == list(
        list_ageing({"only": np.full(2, 0.4)}, np.ones(2), asked_day=days)
    )
