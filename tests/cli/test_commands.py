"""Commands on small books: what they print, what they write, and that both agree."""

import json

import pandas as pd
import pytest

from arrisk.ingest.writing import book_tables, write_book
from arrisk.policy import load_policy
from tests.forecast.samples import steady_book

READERS = {
    ".csv": pd.read_csv,
    ".xlsx": lambda path: pd.read_excel(path, engine="calamine"),
    ".parquet": pd.read_parquet,
}


def read(path) -> dict:
    return json.loads(path.read_text())


def test_check_counts_every_row_and_lists_every_problem(arrisk, book, tmp_path):
    lines = (book / "invoices.csv").read_text().splitlines()
    fields = lines[0].split(",")
    bad = ["x" if "amount" in name else value for name, value in zip(fields, lines[1].split(","), strict=True)]
    (book / "invoices.csv").write_text("\n".join([*lines, ",".join(bad)]) + "\n")
    ran = arrisk("check", book, "--json", tmp_path / "check.json")
    assert ran.code == 0
    result = read(tmp_path / "check.json")
    counts = {row["table"]: row for row in result["rows"]}["invoices"]
    assert (counts["read"], counts["accepted"], counts["refused"]) == (5, 4, 1)
    refused = [problem for problem in result["problems"] if problem["severity"] == "refused"]
    assert [(p["row"], p["column"], p["rule"]) for p in refused] == [(5, "amount", "unreadable_amount")]
    assert "unreadable_amount" in ran.out


def test_a_column_named_like_one_of_ours_is_only_unknown(arrisk, book, tmp_path):
    frame = pd.read_csv(book / "invoices.csv", dtype="str").assign(source_row="seven")
    frame.to_csv(book / "invoices.csv", index=False)
    assert arrisk("check", book, "--json", tmp_path / "check.json").code == 0
    found = [(problem["rule"], problem["column"]) for problem in read(tmp_path / "check.json")["problems"]]
    assert found == [("unknown_column", "source_row")]


def test_refused_rows_of_an_export_are_listed_with_their_source_row(arrisk, export, tmp_path):
    export.write_text(export.read_text().replace("2024-02-10,2024-03-11", "10/02/24,2024-03-11"))
    assert arrisk("convert", export, "-m", "generic", "-o", tmp_path / "book").code == 0
    rejected = pd.read_csv(tmp_path / "book" / "rejected.csv")
    assert list(rejected.columns) == ["table", "row", "column", "value", "rule", "hint"]
    (row,) = rejected.to_dict("records")
    assert (row["table"], row["row"], row["column"], row["value"]) == ("invoices", 3, "issued_on", "10/02/24")
    assert len(pd.read_csv(tmp_path / "book" / "invoices.csv")) == 3


def test_the_ageing_of_a_hand_made_book_is_what_a_person_would_write(arrisk, book, tmp_path):
    # As of 1 April 2024: invoice 2 (200.00) is 26 days past due, invoice 4 (75.25) one day; 1 and 3 are settled.
    assert arrisk("aging", book, "--as-of", "2024-04-01", "--json", tmp_path / "a.json").code == 0
    result = read(tmp_path / "a.json")
    assert result["total"] == 275.25
    assert {b["bucket"]: (b["amount"], b["count"]) for b in result["buckets"]} == {
        "not_due": (0.0, 0),
        "1-30": (275.25, 2),
        "31-60": (0.0, 0),
        "61-90": (0.0, 0),
        ">90": (0.0, 0),
    }


def test_a_ledger_all_in_one_currency_needs_no_settings(arrisk, export, tmp_path):
    lines = export.read_text().splitlines()
    export.write_text("\n".join([lines[0] + ",currency", *(line + ",CHF" for line in lines[1:])]) + "\n")
    assert arrisk("convert", export, "-m", "generic", "-o", tmp_path / "chf").code == 0
    assert arrisk("aging", tmp_path / "chf", "--as-of", "2024-04-01", "--json", tmp_path / "a.json").code == 0
    assert read(tmp_path / "a.json")["currency"] == "CHF"


@pytest.mark.slow
def test_key_figures_and_their_trend_agree_on_the_same_month(arrisk, book, tmp_path):
    trend = ("--from", "2024-01-01", "--to", "2024-03-31", "--monthly", "--chart", tmp_path / "kpis.svg")
    assert arrisk("kpis", book, *trend, "--json", tmp_path / "trend.json").code == 0
    months = read(tmp_path / "trend.json")["months"]
    assert [month["age_on"] for month in months] == ["2024-01-31", "2024-02-29", "2024-03-31"]
    assert arrisk("aging", book, "--period-end", "2024-03-31", "--json", tmp_path / "a.json").code == 0
    assert months[-1]["receivables"] == read(tmp_path / "a.json")["total"]
    assert (tmp_path / "kpis.svg").read_text().startswith("<?xml")


def test_a_control_account_that_agrees_needs_no_explanation(arrisk, book, tmp_path):
    (tmp_path / "control.csv").write_text("day,amount,currency\n2024-01-31,100.50,USD\n2024-03-31,275.25,USD\n")
    ran = arrisk("reconcile", book, "--control", tmp_path / "control.csv", "--json", tmp_path / "r.json")
    assert ran.code == 0
    assert [day["difference_amount"] for day in read(tmp_path / "r.json")["days"]] == [0.0, 0.0]


def test_a_missing_invoice_explains_the_difference_of_the_control_account(arrisk, book, tmp_path):
    (tmp_path / "control.csv").write_text("day,amount\n2024-02-29,250.00\n2024-03-31,200.00\n")
    assert arrisk("reconcile", book, "--control", tmp_path / "control.csv", "--json", tmp_path / "r.json").code == 0
    result = read(tmp_path / "r.json")
    assert [day["unexplained_amount"] for day in result["days"]] == [0.0, 0.0]
    (part,) = result["parts"]
    assert (part["day"], part["amount"], part["item_ids"]) == ("2024-03-31", -75.25, "4")


def test_features_at_issue_and_on_a_day_have_one_row_each_question(arrisk, book, tmp_path):
    assert arrisk("features", book, "--at", "issue", "--out", tmp_path / "issue.parquet").code == 0
    at_issue = pd.read_parquet(tmp_path / "issue.parquet").set_index("invoice_id")
    assert sorted(at_issue.index) == ["1", "2", "3", "4"]
    # Invoice 2 was issued on 5 February, before invoice 1 was settled (11 February): nothing was settled yet.
    assert at_issue.loc["2", "settled_count"] == 0
    assert at_issue.loc["4", "settled_count"] == 0  # invoice 3 was settled on that very day, not before it
    assert arrisk("features", book, "--at", "2024-03-10", "--out", tmp_path / "day.parquet").code == 0
    on_day = pd.read_parquet(tmp_path / "day.parquet").set_index("customer_id")
    assert on_day.loc["A", ["settled_count", "late_count", "open_amount"]].tolist() == [1, 1, 200.0]
    assert on_day.loc["B", ["settled_count", "late_count", "open_amount"]].tolist() == [1, 0, 75.25]


@pytest.mark.slow
def test_a_ledger_of_four_invoices_is_scored_honestly_and_not_refused(arrisk, book, tmp_path):
    ran = arrisk("score", book, "--as-of", "2024-04-02", "--out", tmp_path / "scores")
    assert ran.code == 0
    assert "fitted now" in ran.out
    invoices = pd.read_parquet(tmp_path / "scores" / "invoices.parquet")
    assert invoices["invoice_id"].tolist() == ["2", "4"]
    assert invoices["p_late_30"].between(0, 1, inclusive="neither").all()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", sorted(READERS))
def test_the_worklist_is_written_by_the_ending_of_its_name(arrisk, book, tmp_path, suffix):
    path = tmp_path / f"list{suffix}"
    assert arrisk("worklist", book, "--as-of", "2024-04-02", "--out", path).code == 0
    frame = READERS[suffix](path)
    assert frame["customer_id"].tolist() == ["A", "B"]


def test_an_unknown_ending_is_refused_before_any_work(arrisk, book, tmp_path):
    ran = arrisk("worklist", book, "--as-of", "2024-04-02", "--out", tmp_path / "list.docx")
    assert ran.code == 2
    assert ".xlsx" in ran.err


def test_an_unknown_model_is_named(arrisk, book, tmp_path):
    ran = arrisk("score", book, "--as-of", "2024-04-02", "--out", tmp_path / "scores", "--model", "payment-curve/x/1")
    assert ran.code == 2
    assert "payment-curve/x/1" in ran.err
    assert not (tmp_path / "scores").exists()


@pytest.fixture
def year(tmp_path):
    """Give a year of three customers on disk: enough for a backtest, little enough to be quick."""
    write_book(book_tables(steady_book()), tmp_path / "year")
    return tmp_path / "year"


@pytest.mark.slow
def test_a_backtest_makes_a_page_to_read_with_its_pictures_and_no_other_folder_is_touched(arrisk, year, tmp_path):
    folder, options = tmp_path / "report", ("--cutoff", "2023-09-01", "--json", tmp_path / "b.json")
    ran = arrisk("backtest", "payment", year, *options, "--report", folder)
    assert ran.code == 0, ran.err
    assert "index.html" in ran.out
    page, report = (folder / "index.html").read_text(), read(folder / "report.json")
    assert report["champion"] == "payment_curve"
    assert report["model_policy_hash"] == load_policy().hash("end", "late")
    assert report == read(tmp_path / "b.json")
    pictures = {path.stem for path in folder.glob("*.svg")}
    assert pictures == {path.stem for path in folder.glob("*.png")}
    assert page.count("<svg") == len(pictures) > 2
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    again = arrisk("backtest", "payment", year, *options, "--report", folder)
    assert again.code == 2
    assert str(folder) in again.err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_a_backtest_that_fails_leaves_no_report(arrisk, book, tmp_path):
    ran = arrisk("backtest", "payment", book, "--cutoff", "2030-01-01", "--report", tmp_path / "report")
    assert ran.code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book", "export.csv"]


@pytest.mark.slow
def test_the_demo_walks_the_whole_way_without_arguments(arrisk, arrisk_home):
    ran = arrisk("demo")
    assert ran.code == 0
    assert "Whom to contact first" in ran.out
    assert "Your own ledger" in ran.out
    assert sorted(path.name for path in (arrisk_home / "demo").iterdir()) == ["limits.csv", "scores", "worklist.csv"]


@pytest.mark.slow
def test_simulating_writes_a_book_that_checks_clean(arrisk, tmp_path):
    assert arrisk("simulate", "--out", tmp_path / "p", "--customers", 20, "--months", 6, "--seed", 3).code == 0
    assert arrisk("check", tmp_path / "p" / "book").code == 0
    assert arrisk("simulate", "--out", tmp_path / "p", "--customers", 20, "--months", 6).code == 2
