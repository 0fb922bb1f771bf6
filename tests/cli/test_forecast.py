"""The cash forecast on the command line: the table, the files, and what is refused."""

import json

import pandas as pd
import pytest

from arrisk.ingest.writing import book_tables, write_book
from tests.forecast.samples import steady_book

AS_OF, CUTOFF = "2024-01-01", "2023-12-25"


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    """Give 60 weeks of three customers on disk, and a store of models that is empty."""
    monkeypatch.setenv("ARRISK_HOME", str(tmp_path / "home"))
    write_book(book_tables(steady_book()), tmp_path / "ledger")
    return tmp_path / "ledger"


@pytest.mark.slow
def test_the_weeks_add_up_and_all_files_agree(arrisk, ledger, tmp_path):
    files = {name: tmp_path / f"weeks.{name}" for name in ("csv", "json", "svg")}
    options = ("--out", files["csv"], "--json", files["json"], "--chart", files["svg"])
    ran = arrisk("forecast", ledger, "--as-of", AS_OF, "--weeks", 6, *options)
    assert ran.code == 0, ran.err
    result, weeks = json.loads(files["json"].read_text()), pd.read_csv(files["csv"])
    expected = [week["open_book_mean"] for week in result["weeks"]]
    assert sum(expected) + result["later_amount"] + result["never_amount"] == pytest.approx(600, abs=0.05)
    assert result["open_amount"] == 600
    assert weeks["open_book_mean"].tolist() == expected
    assert weeks["from"].tolist() == [week["from"] for week in result["weeks"]]
    assert (weeks["total_p10"] <= weeks["total_p90"]).all()
    assert files["svg"].read_text().startswith("<?xml")
    assert "fitted now" in ran.out
    assert "2024-01-01" in ran.out


@pytest.mark.slow
def test_the_same_forecast_twice_is_the_same(arrisk, ledger, tmp_path):
    for name in ("one.csv", "two.csv"):
        assert arrisk("forecast", ledger, "--as-of", AS_OF, "--out", tmp_path / name).code == 0
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


@pytest.mark.slow
def test_a_backtest_is_printed_beside_the_rule_and_written(arrisk, ledger, tmp_path):
    files = ("--json", tmp_path / "b.json", "--out", tmp_path / "b.parquet")
    ran = arrisk("backtest", "forecast", ledger, "--cutoff", CUTOFF, "--weeks", 4, *files)
    assert ran.code == 0, ran.err
    report, rows = json.loads((tmp_path / "b.json").read_text()), pd.read_parquet(tmp_path / "b.parquet")
    assert report["origins"][0] == CUTOFF
    assert set(report["open_book"]["near"]["forecasts"]) == {"curve", "rule"}
    assert len(rows) == 4 * len(report["origins"])
    assert "rule" in ran.out


def test_an_unknown_ending_is_refused_before_any_work(arrisk, ledger, tmp_path):
    ran = arrisk("forecast", ledger, "--as-of", AS_OF, "--out", tmp_path / "weeks.docx")
    assert ran.code == 2
    assert ".csv" in ran.err


@pytest.mark.slow
def test_a_currency_without_a_rate_is_named(arrisk, ledger):
    frame = pd.read_csv(ledger / "invoices.csv", dtype="str")
    frame.loc[frame["customer_id"] == "B", "currency"] = "CAD"
    frame.to_csv(ledger / "invoices.csv", index=False)
    ran = arrisk("forecast", ledger, "--as-of", AS_OF)
    assert ran.code == 2
    assert "CAD" in ran.err
    assert "USD" in ran.err
    assert arrisk("forecast", ledger, "--as-of", AS_OF, "--currency", "CAD").code == 0


@pytest.mark.parametrize("weeks", [0, 53])
def test_weeks_out_of_range_are_refused(arrisk, ledger, weeks):
    ran = arrisk("forecast", ledger, "--as-of", AS_OF, "--weeks", weeks)
    assert ran.code == 2
    assert "--weeks" in ran.err


@pytest.mark.slow
def test_a_cutoff_after_the_end_is_refused(arrisk, ledger):
    ran = arrisk("backtest", "forecast", ledger, "--cutoff", "2025-01-01")
    assert ran.code == 2
    assert "2025-01-01" in ran.err
