"""What docs/results.md says is computed rightly, on portfolios small enough for a test."""

from datetime import date

import pandas as pd
import pytest

from arrisk import pipeline
from arrisk.ledger import list_open_items
from arrisk.ledger.conversion import to_book_currency
from arrisk.policy import load_policy
from tools.measure_results import PAGE, _describe_cutoffs, _describe_origins
from tools.results_checks import Truth, add_truth, backtest_cash, measure_open_bias, tabulate_cash
from tools.results_simulated import Backtested, Portfolio, backtest_simulated, describe_simulated, simulate
from tools.results_tables import make_table, show, show_share

TINY = Portfolio(40, 24, 1)
CUTOFF = "2025-06-01"


def test_a_table_has_a_line_below_its_header_and_dashes_where_nothing_is_known():
    assert make_table(["a", "b"], [[show(None), show_share(0.5)]]) == ["| a | b |", "|---|---|", "| – | 50.0% |"]


def test_the_truth_reaches_all_of_the_gain_and_the_base_rate_none():
    tested = Backtested(TINY, {}, {0: {"base_log_loss": 0.7, "log_loss": 0.5, "rows": 9}}, [])
    assert [tested.find_gain(loss, 0) for loss in (0.7, 0.6, 0.5)] == pytest.approx([0, 0.5, 1])


def test_weeks_of_the_cash_table_say_how_much_of_the_truths_gain_is_reached():
    forecasts = {"curve": (0.3, 0.1), "rule": (0.5, 0.2), "truth": (0.25, 0.0)}
    near = {
        "rows": 6,
        "mean_actual": 1000.0,
        "coverage": 0.8,
        "forecasts": {name: {"mae_share": error, "bias_share": bias} for name, (error, bias) in forecasts.items()},
    }
    part = {"near": near, "all": near}
    lines = tabulate_cash({"IBM": {"open_book": part, "future_sales": part, "total": part}})
    assert lines[2] == "| IBM | open book | 6 | 1,000 | 30.0% | 50.0% | 40.0% | 80.0% | 10.0% | 80.0% | 80.0% |"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("results")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARRISK_HOME", str(made / "home"))
        yield made


@pytest.fixture(scope="module")
def tested(folder):
    return backtest_simulated(folder, TINY, cutoff=CUTOFF)


@pytest.mark.slow
def test_a_simulated_backtest_is_compared_with_its_truth_on_the_same_invoices(tested):
    assert {k: truth["rows"] for k, truth in tested.truth.items()} == {
        0: tested.report["rows_test"],
        30: tested.report["horizons"]["p_late_30"]["rows_test"],
    }
    assert all(truth["log_loss"] < truth["base_log_loss"] for truth in tested.truth.values())
    page = "\n".join(describe_simulated([tested]))
    assert page.count(f"| {TINY.title} | `p_late` |") == 1
    assert "moved with the times" in page


@pytest.mark.slow
def test_the_page_has_every_cutoff_horizon_and_group_of_a_report(tested):
    cutoffs = ("2012-10-01", "2013-01-01", "2013-04-01")
    reports = {cutoff: {**tested.report, "cutoff": cutoff} for cutoff in cutoffs}
    page = "\n".join(_describe_cutoffs(reports))
    assert [page.count(f"| {cutoff} | `p_late_90` |") for cutoff in cutoffs] == [1, 1, 1]
    assert "| payment_curve |" in page
    assert "### Groups and days of payment, cutoff 2012-10-01" in page


@pytest.mark.slow
def test_rolling_origins_show_mean_and_range(tested, monkeypatch):
    monkeypatch.setattr("tools.measure_results._ORIGINS", ("2012-10-01", "2012-11-01"))
    reports = {cutoff: {**tested.report, "cutoff": cutoff} for cutoff in ("2012-10-01", "2012-11-01")}
    auc = show(tested.report["auc"] if "auc" in tested.report else tested.report["candidates"]["payment_curve"]["auc"])
    assert f"| payment_curve | {auc} ({auc}..{auc}) |" in "\n".join(_describe_origins(reports))


@pytest.mark.slow
def test_the_truth_expects_receipts_that_agree_with_what_came(folder, tested):
    assert tested.portfolio == TINY
    report = backtest_cash(folder, folder / TINY.name / "book", cutoff=CUTOFF, truth=Truth.of(folder, TINY))
    said = report["open_book"]["near"]["forecasts"]
    assert list(said) == ["curve", "rule", "truth"]
    assert said["truth"]["mae"] < said["rule"]["mae"]


@pytest.mark.slow
def test_the_truth_never_expects_more_than_is_open(folder, tested):
    truth = Truth.of(folder, tested.portfolio)
    day = pd.Timestamp("2025-08-04")
    rows = add_truth(pd.DataFrame({"as_of": [day] * 13, "week": range(1, 14)}), truth)
    items = list_open_items(truth.book, as_of=day.date())
    invoices = to_book_currency(
        items.loc[items["kind"] == "invoice"], truth.book, amounts=["open_amount"], as_of=day.date()
    )
    assert 0 < rows["open_book_truth"].sum() < invoices["open_amount"].sum() / 100
    assert (rows["open_book_truth"] >= 0).all()


@pytest.mark.slow
def test_learning_from_settled_invoices_alone_expects_fewer_late_ones(folder):
    book = pipeline.open_book(simulate(folder, Portfolio(60, 15, 5)) / "book", policy=load_policy()).book
    found = measure_open_bias(book, cutoff=date(2025, 1, 1)).set_index("probability")
    whole, biased = (found.loc[found["training"] == name] for name in ("all invoices", "settled alone"))
    assert (whole["rows"] == biased["rows"]).tolist() == [True] * 4
    assert (biased["expected"] < whole["expected"])[["p_late", "p_late_30"]].all()


def test_the_page_stands_in_the_repository():
    assert PAGE.exists()
