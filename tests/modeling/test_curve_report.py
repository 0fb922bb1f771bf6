"""The report of curves: on invoices drawn from known curves, the truth must look right and its rivals worse."""

import json

import numpy as np
import pandas as pd
import pytest

from arrisk.frames import NEVER
from arrisk.labels import label_late
from arrisk.modeling.chain import HORIZONS, name_horizon
from arrisk.modeling.curve_report import SCORED_DAYS, Forecast, forecast_curves, report_curve
from arrisk.modeling.metrics import compute_brier, measure
from arrisk.modeling.origins import summarise_origins
from tests.modeling.followed import END_DAY, draw_outcomes, make_curves

ROWS = 4000
CONTRACT = {"auc", "brier", "log_loss", "ece", "calibration_slope", "calibration_intercept"}


@pytest.fixture(scope="module")
def forecasts():
    curves = make_curves(rows=ROWS)
    truth = forecast_curves(curves)
    flat = {k: np.full(ROWS, late.mean()) for k, late in truth.p_late.items()}
    return {
        "truth": truth,
        "flat": Forecast(flat, np.zeros(ROWS), np.full(ROWS, -10.0), np.full(ROWS, 10.0)),
        "base_rate": Forecast({k: flat[k] for k in HORIZONS}),
        "due_date": Forecast({}, np.zeros(ROWS)),
    }


def make_report(forecasts, outcomes, *, end_day=END_DAY):
    return report_curve(
        outcomes,
        end_day=end_day,
        history_count=np.arange(ROWS) % 7.0,
        candidates={name: forecasts[name] for name in ("flat", "truth")},
        baselines={name: forecasts[name] for name in ("base_rate", "due_date")},
        champion="truth",
    )


@pytest.fixture(scope="module")
def outcomes():
    return draw_outcomes(make_curves(rows=ROWS))


@pytest.fixture(scope="module")
def report(forecasts, outcomes):
    return make_report(forecasts, outcomes)


def test_the_report_is_plain_data_and_holds_what_a_backtest_promises(report):
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert {"rows_test", "base_rate", "champion", "candidates", "baselines", "by_history_depth", "intervals"} <= set(
        report
    )
    assert list(report["horizons"]) == [name_horizon(k) for k in HORIZONS]
    for part in (report, *report["horizons"].values()):
        assert list(part["candidates"]) == ["flat", "truth"]
        assert list(part["baselines"]) == ["base_rate"]
        assert CONTRACT | {"amount_weighted", "ipcw_brier", "ipcw_brier_calendar"} <= set(part["candidates"]["truth"])
        assert list(part["by_history_depth"]) == ["0", "1-4", "5+"]
        assert list(part["by_amount_decile"]) == [str(decile) for decile in range(1, 11)]


def test_each_horizon_is_measured_on_the_invoices_whose_window_is_complete(report, outcomes, forecasts):
    for k in HORIZONS:
        target = label_late(outcomes, k=k, end_day=END_DAY)
        part = ~np.isnan(target)
        found = report["horizons"][name_horizon(k)]
        assert found["rows_test"] == part.sum() < ROWS
        assert found["base_rate"] == pytest.approx(target[part].mean())
        expected = measure(target[part], forecasts["truth"].p_late[k][part])
        assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_true_curves_are_calibrated_and_beat_all_others(report):
    late = report["horizons"]["p_late"]
    assert late["candidates"]["truth"]["calibration_slope"] == pytest.approx(1, abs=0.15)
    assert late["intervals"]["log_loss_gain_over_base_rate"]["low"] > 0
    assert late["intervals"]["log_loss_gain_over_flat"]["low"] > 0
    amounts = late["candidates"]["truth"]["amount_weighted"]
    assert amounts["expected"] == pytest.approx(amounts["observed"], rel=0.05)
    assert amounts["log_loss"] < late["baselines"]["base_rate"]["amount_weighted"]["log_loss"]


def test_the_weighted_score_of_all_is_near_the_plain_score_of_the_followed(report):
    for part in report["horizons"].values():
        for values in part["candidates"].values():
            assert values["ipcw_brier"] == pytest.approx(values["brier"], abs=0.005)
            assert values["ipcw_brier_calendar"] == pytest.approx(values["brier"], abs=0.005)


@pytest.mark.slow
def test_when_all_windows_are_complete_both_scores_are_the_same(forecasts):
    outcomes = draw_outcomes(make_curves(rows=ROWS), last_due=END_DAY - 90)
    for part in make_report(forecasts, outcomes)["horizons"].values():
        for kind in ("candidates", "baselines"):
            for values in part[kind].values():
                assert (
                    values["ipcw_brier"] == values["ipcw_brier_calendar"] == pytest.approx(values["brier"], abs=1e-15)
                )


def test_the_integrated_score_is_given_for_those_that_have_a_value_on_every_day(report):
    found = report["integrated_brier"]
    assert found["days"] == list(SCORED_DAYS)
    assert list(found["models"]) == ["flat", "truth"]
    truth, flat = (found["models"][name] for name in ("truth", "flat"))
    assert truth["integrated_brier"] < flat["integrated_brier"]
    assert truth["by_day"][0] == report["candidates"]["truth"]["ipcw_brier"]
    assert len(truth["by_day"]) == len(SCORED_DAYS)


def test_days_of_payment_are_judged_beside_their_baselines(report):
    timing = report["timing"]
    assert list(timing["candidates"]) == ["flat", "truth"]
    assert set(timing["baselines"]["due_date"]) == {"rows", "mae_median_days"}
    assert timing["candidates"]["truth"]["mae_median_days"] < timing["baselines"]["due_date"]["mae_median_days"]
    assert 0.8 <= timing["candidates"]["truth"]["coverage"] < 0.87
    gain = timing["intervals"]["mae_gain_over_due_date"]
    assert 0 < gain["low"] < gain["value"] < gain["high"]
    assert timing["intervals"]["coverage"]["value"] == timing["candidates"]["truth"]["coverage"]
    assert timing["written_off_share"] == pytest.approx(0.02, abs=0.01)
    depths = [group["rows"] / timing["rows"] for group in timing["by_history_depth"].values()]
    assert depths == pytest.approx([1 / 7, 4 / 7, 2 / 7], abs=0.03)
    for name in ("by_history_depth", "by_amount_decile"):
        assert sum(group["rows"] for group in timing[name].values()) == timing["rows"] < timing["rows_followed"]


@pytest.mark.slow
def test_credit_notes_and_invoices_without_a_due_date_are_not_tested(forecasts, outcomes, report):
    none = outcomes.copy()
    none.loc[none.index[::4], "kind"] = "credit_note"
    none.loc[none.index[2::4], "due_day"] = NEVER
    kept = np.arange(ROWS) % 2 == 1
    found = make_report(forecasts, none)
    alone = report_curve(
        outcomes.loc[kept],
        end_day=END_DAY,
        history_count=(np.arange(ROWS) % 7.0)[kept],
        candidates={name: forecasts[name].take(kept) for name in ("flat", "truth")},
        baselines={name: forecasts[name].take(kept) for name in ("base_rate", "due_date")},
        champion="truth",
    )
    assert found == alone != report


def test_a_test_in_which_nothing_is_complete_yet_measures_nothing(forecasts, outcomes):
    found = make_report(forecasts, outcomes.assign(ended_day=2**31 - 1, cause=""), end_day=END_DAY - 600)
    assert found["rows_test"] == found["timing"]["rows"] == 0
    assert found["candidates"]["truth"]["brier"] is None
    assert found["candidates"]["truth"]["ipcw_brier"] is None
    assert found["timing"]["candidates"]["truth"]["coverage"] is None
    json.dumps(found, allow_nan=False)


def test_late_is_whatever_is_not_paid_by_then(forecasts):
    curves = make_curves(rows=ROWS)
    late = forecasts["truth"].p_late[30]
    assert late == pytest.approx(curves.read_open(30) + curves.read_written_off(30))
    assert ((late > 0) & (late < 1)).all()


@pytest.mark.slow
def test_several_backtests_are_put_together_by_their_mean_and_range(forecasts, report):
    other = make_report(forecasts, draw_outcomes(make_curves(rows=ROWS), seed=9))
    reports = [{"cutoff": "2024-01-01", **report}, {"cutoff": "2024-04-01", **other}]
    found = summarise_origins(reports)
    assert found["cutoffs"] == ["2024-01-01", "2024-04-01"]
    assert found["champions"] == {"truth": 2}
    briers = [each["horizons"]["p_late_30"]["baselines"]["base_rate"]["brier"] for each in reports]
    spread = found["horizons"]["p_late_30"]["baselines"]["base_rate"]["brier"]
    assert spread == {"mean": pytest.approx(np.mean(briers)), "low": min(briers), "high": max(briers), "count": 2}
    assert set(found["timing"]["candidates"]["truth"]["coverage"]) == {"mean", "low", "high", "count"}
    assert found["integrated_brier"]["models"]["truth"]["integrated_brier"]["count"] == 2
    assert "intervals" not in found["horizons"]["p_late"]


def test_a_measure_that_one_backtest_lacks_is_the_mean_of_the_others():
    reports = [
        {"cutoff": day, "champion": name, "timing": {"candidates": {"a": {"coverage": share, "mae_median_days": None}}}}
        for day, name, share in (("2024-01-01", "a", None), ("2024-02-01", "b", 0.6), ("2024-03-01", "b", 0.8))
    ]
    found = summarise_origins(reports)
    assert found["timing"] == {
        "candidates": {"a": {"coverage": {"mean": pytest.approx(0.7), "low": 0.6, "high": 0.8, "count": 2}}}
    }
    assert found["champions"] == {"a": 1, "b": 2}


def test_a_forecast_keeps_its_parts_together(forecasts):
    part = np.arange(ROWS) < 5
    some = forecasts["truth"].take(part)
    assert (some.median == forecasts["truth"].median[:5]).all()
    assert compute_brier(np.zeros(5), some.p_late[30]) == compute_brier(np.zeros(5), forecasts["truth"].p_late[30][:5])
    assert forecasts["base_rate"].take(part).low is None


@pytest.mark.slow
def test_ids_may_be_of_any_kind(forecasts, outcomes, report):
    renamed = outcomes.assign(customer_id=pd.factorize(outcomes["customer_id"], sort=True)[0])
    assert make_report(forecasts, renamed) == report
