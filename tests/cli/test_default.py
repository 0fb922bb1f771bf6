"""Default from the command line: proven on past years, trained, and shown beside each customer's open invoices."""

import json

import pandas as pd
import pytest

from arrisk.policy import load_policy
from arrisk.sim import simulate_portfolio, write_portfolio
from arrisk.uses.basis import DEFAULT_SECTIONS

TODAY = "2025-07-01"


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory):
    """Give a portfolio with defaults, small enough to be quick."""
    folder = tmp_path_factory.mktemp("portfolio")
    write_portfolio(simulate_portfolio(customers=120, months=42, seed=8), folder, file_format="parquet")
    return folder


@pytest.mark.slow
def test_a_backtest_of_default_predicts_every_quarter_and_measures_what_is_over(arrisk, portfolio, tmp_path):
    files = {"--predictions": tmp_path / "p.parquet", "--json": tmp_path / "b.json", "--report": tmp_path / "report"}
    options = [part for pair in files.items() for part in pair]
    ran = arrisk("backtest", "default", portfolio / "book", "--cutoff", "2025-01-01", *options)
    assert ran.code == 0, ran.err
    rows, report = pd.read_parquet(tmp_path / "p.parquet"), json.loads((tmp_path / "b.json").read_text())
    assert {"customer_id", "as_of", "p_default_12m"} <= set(rows)
    assert rows["as_of"].astype("str").unique().tolist() == ["2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01"]
    assert rows["p_default_12m"].between(0, 1, inclusive="neither").all()
    assert report["rows_predicted"] == len(rows)
    assert report["rows_test"] == (rows["as_of"].astype("str") == "2025-01-01").sum()
    assert {"base_rate", "shrunk_rate"} <= set(report["baselines"])
    assert set(report["verdict"]) == {"passed", "checks"}
    assert report["policy_hash"] == report["facts"]["policy_hash"] == load_policy().hash()
    assert report["model_policy_hash"] == load_policy().hash(*DEFAULT_SECTIONS)
    assert len(report["data_sha256"]) == 64
    assert f"validation {'passed' if report['verdict']['passed'] else 'NOT passed'}" in ran.out
    assert json.loads((tmp_path / "report" / "report.json").read_text()) == report
    assert {"index.html", "card.md"} <= {path.name for path in (tmp_path / "report").iterdir()}
    assert report["bridge"]["steps"][-1]["amount"] > 0
    migration = pd.DataFrame(report["validation"]["migration"]).set_index("from")
    assert migration.to_numpy().sum() == report["rows_test"]


@pytest.mark.parametrize("kind", ["payment", "default"])
def test_predictions_of_an_unknown_ending_are_refused_before_any_work(arrisk, tmp_path, kind):
    options = ("--cutoff", "2025-01-01", "--predictions", tmp_path / "p.docx")
    ran = arrisk("backtest", kind, tmp_path / "no-book-is-read", *options)
    assert ran.code == 2
    assert ".docx" in ran.err


def test_a_report_that_has_nowhere_to_go_is_refused_before_any_work(arrisk, book, tmp_path):
    (tmp_path / "kept").write_text("kept")
    ran = arrisk("backtest", "default", book, "--cutoff", "2024-04-02", "--report", tmp_path)
    assert ran.code != 0
    assert (tmp_path / "kept").read_text() == "kept"
    assert str(tmp_path) in ran.err


def test_a_cutoff_after_the_end_of_the_extract_is_refused(arrisk, book):
    ran = arrisk("backtest", "default", book, "--cutoff", "2025-01-01")
    assert ran.code == 2
    assert "ends on" in ran.err


@pytest.mark.slow
def test_scores_show_default_loss_and_grade_of_every_customer_and_tie(arrisk, portfolio, tmp_path):
    book = portfolio / "book"
    assert arrisk("train", book, "--as-of", "2025-06-01").code == 0
    ran = arrisk("score", book, "--as-of", TODAY, "--out", tmp_path / "scores")
    assert ran.code == 0, ran.err
    assert "model default-12m/" in ran.out
    curve = ran.out.split("model payment-curve/")[1].split(",")[0]
    named = arrisk("score", book, "--as-of", TODAY, "--out", tmp_path / "same", "--model", f"payment-curve/{curve}")
    assert named.code == 0, named.err
    assert "model default-12m/" in named.out
    invoices, customers = (
        pd.read_parquet(tmp_path / "scores" / f"{name}.parquet") for name in ("invoices", "customers")
    )
    assert customers["p_default_12m"].dropna().between(0, 1, inclusive="neither").all()
    assert customers["lgd"].between(0, 1).all()
    assert (customers["p_default_12m"].isna() == (customers["grade"] == "D")).all()
    in_default = customers["grade"] == "D"
    assert customers.loc[in_default, "adverse_reasons"].str.startswith("in default since ").all()
    assert in_default.any()
    assert (customers.loc[~in_default, "adverse_reasons"].dropna().str.count("; ") < 4).all()
    assert customers["reasons_late"].notna().any()
    assert (invoices["expected_loss"] <= invoices["open_amount"]).all()
    assert customers["expected_loss"].sum() > 0
    own = set(invoices.loc[invoices["currency"] == "EUR", "customer_id"]) - set(
        invoices.loc[invoices["currency"] != "EUR", "customer_id"]
    )
    sums = invoices.loc[invoices["customer_id"].isin(own)].groupby("customer_id")["expected_loss"].sum()
    told = customers.set_index("customer_id")["expected_loss"].reindex(sums.index)
    assert (told - sums).abs().max() < 1e-6


@pytest.mark.slow
def test_a_ledger_of_a_few_months_says_why_it_has_no_default_model(arrisk, book, tmp_path):
    ran = arrisk("score", book, "--as-of", "2024-04-02", "--out", tmp_path / "scores")
    assert ran.code == 0
    assert "no default model" in ran.out
    customers = pd.read_parquet(tmp_path / "scores" / "customers.parquet")
    assert customers["p_default_12m"].isna().all()
    assert customers["grade"].isna().all()
    assert customers["lgd"].notna().all()
