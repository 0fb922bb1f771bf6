"""The backtest: origins, complete weeks, errors of forecasts known to be right or wrong, and peers."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import InputError
from arrisk.forecast import backtest_cash
from arrisk.forecast.accuracy import measure_errors
from arrisk.policy import load_policy
from tests.forecast.samples import curves_paid_by, steady_book

CUTOFF = date(2023, 12, 25)


def backtest(book, *, days_late=3, cutoff=CUTOFF, **more):
    curves = curves_paid_by(days_late)
    return backtest_cash(
        book,
        curves_of=lambda day: curves(book, day),
        cutoff=cutoff,
        weeks=4,
        end=load_policy().end,
        paths=50,
        **more,
    )


@pytest.fixture(scope="module")
def tested():
    return backtest(steady_book(), peers={"half": lambda open_book: np.full(4, open_book.amounts.sum() / 8)})


def test_a_forecast_is_made_week_after_week_while_a_week_can_be_compared(tested):
    # The ledger ends on 25 February 2024.
    assert tested.report["origins"] == [f"{CUTOFF + timedelta(weeks=week)}" for week in range(9)]
    last = tested.rows.loc[tested.rows["as_of"] == pd.Timestamp("2024-02-19")]
    assert last["is_complete"].tolist() == [True, False, False, False]
    assert last["open_book_actual"].notna().tolist() == [True, False, False, False]


def test_forecasts_can_be_made_less_often():
    report = backtest(steady_book(), every_weeks=4).report
    assert report["origins"] == ["2023-12-25", "2024-01-22", "2024-02-19"]
    assert report["every_weeks"] == 4


def test_a_steady_ledger_is_forecast_without_error(tested):
    for part in ("open_book", "future_sales", "total"):
        assert tested.report[part]["near"]["forecasts"]["curve"]["mae"] == pytest.approx(0, abs=0.05)
    assert tested.report["open_book"]["near"]["forecasts"]["rule"]["mae"] == pytest.approx(0, abs=0.05)


def test_a_peer_is_measured_beside(tested):
    # The open book brings 300 in each of its first two weeks and nothing after; the peer says 75 in every week.
    rows = tested.rows.loc[tested.rows["is_complete"]]
    size = np.abs(rows["open_book_half"] - rows["open_book_actual"]).mean()
    near = tested.report["open_book"]["near"]
    assert near["forecasts"]["half"]["mae"] == pytest.approx(size)
    assert size > 50
    # Nine forecasts of four weeks each, of which the last three reach past the end by one, two and three.
    assert near["rows"] == 30


@pytest.mark.slow
def test_a_wrong_curve_is_seen_to_be_wrong():
    wrong = backtest(steady_book(), days_late=20).report["open_book"]["near"]["forecasts"]
    assert wrong["curve"]["mae"] > 10 * max(wrong["rule"]["mae"], 1.0)


def test_figures_are_what_a_person_would_compute():
    table = {"as_of": pd.Timestamp("2024-01-01"), "week": [1, 2, 7, 8], "is_complete": [True, True, True, False]}
    for part in ("open_book", "future_sales", "total"):
        table |= {f"{part}_actual": [100.0, 50.0, 0.0, np.nan], f"{part}_mean": [110.0, 30.0, 0.0, 9.0]}
        table |= {f"{part}_p10": [90.0, 10.0, 0.0, 0.0], f"{part}_p90": [120.0, 40.0, 0.0, 0.0]}
    report = measure_errors(pd.DataFrame(table).assign(open_book_rule=60.0), peers=["rule"])
    near = report["open_book"]["near"]
    assert (near["rows"], near["mean_actual"], near["coverage"]) == (2, 75.0, 0.5)
    curve, rule = near["forecasts"]["curve"], near["forecasts"]["rule"]
    assert (curve["mae"], curve["mae_share"]) == (15.0, 0.2)
    assert curve["bias_share"] == pytest.approx(-5 / 75)
    assert rule["mae"] == 25.0
    assert "rule" not in report["total"]["near"]["forecasts"]
    # A band without width is not asked whether it holds, and a share of nothing is missing.
    assert report["open_book"]["all"]["coverage"] == 0.5
    assert report["open_book"]["by_week"][2]["coverage"] is None
    assert report["open_book"]["by_week"][2]["forecasts"]["curve"]["mae_share"] is None


@pytest.mark.parametrize("cutoff", [date(2024, 2, 20), date(2025, 1, 1)])
def test_a_cutoff_without_a_complete_week_is_refused(cutoff):
    with pytest.raises(InputError, match="no week from"):
        backtest(steady_book(), cutoff=cutoff)
