"""Holds and credit cases from the command line, as a small company works with them."""

import json
import sys
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from pypdf import PdfReader

from arrisk.decisions.letters import _OF_RISK
from arrisk.sim import simulate_portfolio, write_portfolio

POLICY = """
[authority]
four_eyes_above = 1000000.0
[[authority.roles]]
name = "credit analyst"
up_to = 1000.0
people = ["ana"]
[[authority.roles]]
name = "credit manager"
up_to = 1000000.0
people = ["ben"]
[[authority.roles]]
name = "finance director"
up_to = inf
people = ["dora"]
"""


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(POLICY)
    return path


@pytest.fixture
def case(arrisk, book, policy, tmp_path):
    """Give an open case on customer A, asking for more than is recommended."""
    options = ("--customer", "A", "--as-of", "2024-04-01", "--requested-limit", "90000", "--by", "ana")
    ran = arrisk("decide", "open", book, *options, "--policy", policy, "--json", tmp_path / "case.json")
    assert ran.code == 0, ran.err
    return json.loads((tmp_path / "case.json").read_text())


def test_a_new_order_is_held_with_every_reason(arrisk, book, tmp_path):
    options = ("--as-of", "2024-05-01", "--customer", "A", "--amount", "500.00")
    ran = arrisk("hold", book, *options, "--json", tmp_path / "h.json", "--out", tmp_path / "h.csv")
    assert ran.code == 0, ran.err
    found = json.loads((tmp_path / "h.json").read_text())
    assert [reason["rule"] for reason in found["reasons"]] == ["no valid limit", "long overdue"]
    assert [reason["value"] for reason in found["reasons"]] == [None, 56.0]
    assert found["orders"][0]["exposure_amount"] == 700.0
    assert pd.read_csv(tmp_path / "h.csv")["decision"].tolist() == ["hold"]
    assert "1 wait (500.00 USD)" in ran.out


@pytest.mark.slow
def test_a_recommended_limit_stands_in_where_policy_says_so(arrisk, book, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[holds]\nwithout_limit = "recommended"\n')
    options = ("--as-of", "2024-04-15", "--customer", "B", "--amount", "10.00")
    ran = arrisk("hold", book, *options, "--policy", path, "--json", tmp_path / "h.json")
    assert ran.code == 0, ran.err
    order = json.loads((tmp_path / "h.json").read_text())["orders"][0]
    assert (order["limit_source"], order["decision"]) == ("recommended", "ship")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--customer", "AA", "--amount", "5"), "did you mean 'A'"),
        (("--customer", "A"), "both --customer and --amount"),
        (("--customer", "A", "--amount", "x"), "'x' is not an amount"),
        (("--order", "O1", "--customer", "A"), "--order is an order of the book"),
        (("--order", "O1"), "no open order 'O1'"),
    ],
)
def test_what_cannot_be_asked_is_refused(arrisk, book, options, said):
    ran = arrisk("hold", book, "--as-of", "2024-05-01", *options)
    assert ran.code == 2
    assert said in ran.err


def test_a_rule_for_somebody_unknown_is_told(arrisk, book, tmp_path):
    path = tmp_path / "own.toml"
    rule = (
        "[[holds.rules]]\nname = 'theirs'\nscope = 'customer:Z'\nkind = 'in_default'\nrelease_by = 'credit analyst'\n"
    )
    path.write_text(rule)
    ran = arrisk("hold", book, "--as-of", "2024-05-01", "--policy", path)
    assert ran.code == 0
    assert "theirs (customer:Z)" in ran.err


def test_a_case_holds_all_inputs_and_where_they_come_from(case):
    assert case["state"] == "in_review"
    snapshot = case["snapshot"]
    assert set(snapshot["five_cs"]) == {"character", "capacity", "capital", "conditions", "collateral"}
    assert set(snapshot["basis"]) == {"model", "policy", "data"}
    assert snapshot["recommendation"]["recommended_limit"] > 0
    assert len(snapshot["features"]) > 100
    assert [step["action"] for step in case["steps"]] == ["open", "submit", "score", "review"]


def test_a_case_from_proposal_to_letter(arrisk, case, policy, tmp_path):
    name, limit = case["case"], case["snapshot"]["recommendation"]["recommended_limit"]
    refused = arrisk("decide", "approve", name, "--limit", limit, "--by", "ana", "--policy", policy)
    assert refused.code == 2
    assert "cannot approve it" in refused.err
    assert arrisk("decide", "approve", name, "--limit", limit, "--by", "ben", "--policy", policy).code == 0
    closed = arrisk("decide", "decline", name, "--by", "ben", "--policy", policy)
    assert "counter_offer and cannot become declined" in closed.err
    for path in (tmp_path / "letter.txt", tmp_path / "letter.html"):
        assert arrisk("decide", "letter", name, "--by", "ana", "--out", path).code == 0
    assert arrisk("decide", "show", name, "--json", tmp_path / "sent.json").code == 0
    sent = json.loads((tmp_path / "sent.json").read_text())
    reasons = sent["letter"]["reasons"]
    assert sent["decision"]["policy"] == sent["snapshot"]["basis"]["policy"] != sent["letter"]["policy"]
    assert len(reasons) == 1
    assert all(reasons[0] in (tmp_path / f"letter.{ending}").read_text() for ending in ("txt", "html"))
    assert arrisk("decide", "asked", name, "--by", "ana").code == 0
    assert arrisk("decide", "accept", "C-0001", "--by", "ana").code == 0
    shown = arrisk("decide", "show", "C-0001")
    assert shown.out.count(" letter;") == 1
    assert "accepted" in arrisk("decide", "list").out


def test_a_letter_of_an_unknown_ending_records_nothing(arrisk, case, tmp_path):
    ran = arrisk("decide", "letter", case["case"], "--by", "ana", "--out", tmp_path / "letter.docx")
    assert ran.code == 2
    assert ".txt or .html" in ran.err


@pytest.mark.slow
def test_a_memo_is_written_from_the_record_alone(arrisk, case, book, tmp_path):
    (book / "invoices.csv").unlink()
    ran = arrisk("decide", "memo", case["case"], "--out", tmp_path / "memo.html")
    assert ran.code == 0, ran.err
    page = (tmp_path / "memo.html").read_text()
    assert "Alder Ltd" in page
    assert "<svg" in page


@pytest.mark.slow
def test_a_memo_is_a_pdf_by_its_ending(arrisk, case, tmp_path):
    for name in ("memo.pdf", "again.PDF"):
        ran = arrisk("decide", "memo", case["case"], "--out", tmp_path / name)
        assert ran.code == 0, ran.err
    written = (tmp_path / "memo.pdf").read_bytes()
    assert written == (tmp_path / "again.PDF").read_bytes()
    [page] = PdfReader(BytesIO(written)).pages
    said = page.extract_text()
    assert "Alder Ltd" in said
    assert f"{case['snapshot']['recommendation']['recommended_limit']:,.0f}" in said
    assert "90,000.00 USD" in said


def test_a_memo_of_an_unknown_ending_is_refused_before_the_case_is_looked_for(arrisk, tmp_path):
    ran = arrisk("decide", "memo", "C-0009", "--out", tmp_path / "memo.docx")
    assert ran.code == 2
    assert "a memo is not written as '.docx'. Try: .html or .pdf" in ran.err
    assert list(tmp_path.glob("memo*")) == []


def test_a_pdf_without_its_library_says_what_to_install(arrisk, case, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "arrisk.reports.sheet_pdf", raising=False)
    monkeypatch.setitem(sys.modules, "reportlab", None)
    ran = arrisk("decide", "memo", case["case"], "--out", tmp_path / "memo.pdf")
    assert ran.code == 2
    assert "pip install 'arrisk[pdf]'" in ran.err
    assert not (tmp_path / "memo.pdf").exists()


@pytest.mark.slow
def test_a_request_too_large_to_grant_without_accounts_waits_for_them(arrisk, book, policy, tmp_path):
    options = ("--customer", "A", "--as-of", "2024-04-01", "--requested-limit", "100001", "--by", "ana")
    ran = arrisk("decide", "open", book, *options, "--policy", policy)
    assert "data_pending" in ran.out
    refused = arrisk("decide", "approve", "C-0001", "--limit", "1", "--by", "ben", "--policy", policy)
    assert "data_pending and cannot become approved. Try: allowed is scored, withdrawn" in refused.err
    again = arrisk("decide", "score", book, "C-0001", "--as-of", "2024-05-01", "--by", "ana", "--policy", policy)
    assert again.code == 0, again.err
    assert arrisk("decide", "withdraw", "C-0001", "--by", "ana").code == 0


@pytest.mark.slow
def test_a_changed_record_is_refused_and_named(arrisk, case, arrisk_home):
    assert arrisk("decide", "verify").code == 0
    record = next(Path(arrisk_home).glob("decisions/*/cases.jsonl"))
    record.write_text(record.read_text().replace("90000.0", "10000.0", 1))
    for command in (("verify",), ("list",), ("show", "C-0001")):
        ran = arrisk("decide", *command)
        assert ran.code == 2
        assert "line 1 is not as it was written" in ran.err


@pytest.mark.slow
def test_the_reasons_of_a_risky_customer_reproduce_in_its_letter(arrisk, policy, tmp_path):
    (tmp_path / "sim").mkdir()
    write_portfolio(simulate_portfolio(customers=150, months=42, seed=8), tmp_path / "sim", file_format="parquet")
    folder = tmp_path / "sim" / "book"
    ran = arrisk("limits", folder, "--as-of", "2025-07-01", "--out", tmp_path / "l.csv", "--json", tmp_path / "l.json")
    assert ran.code == 0, ran.err
    limits = pd.read_csv(tmp_path / "l.csv", dtype={"grade": "str"})
    is_risky = limits["binding"].isin(_OF_RISK) & limits["depth"].isin(["A", "B"])
    risky = limits.loc[is_risky].nlargest(1, "p_default_12m").iloc[0]
    asked = ("--requested-limit", 2 * risky["recommended_limit"] + 1000)
    options = ("--customer", risky["customer_id"], "--as-of", "2025-07-01", "--by", "ana", "--policy", policy)
    ran = arrisk("decide", "open", folder, *options, *asked, "--json", tmp_path / "c.json")
    assert ran.code == 0, ran.err
    stored = json.loads((tmp_path / "c.json").read_text())["snapshot"]
    assert stored["risk"]["p_default_12m"] == pytest.approx(risky["p_default_12m"], abs=1e-9)
    limit = stored["recommendation"]["recommended_limit"]
    decision = ("approve", "C-0001", "--limit", limit) if limit else ("decline", "C-0001")
    assert arrisk("decide", *decision, "--by", "ben", "--policy", policy).code == 0
    assert arrisk("decide", "letter", "C-0001", "--by", "ana", "--out", tmp_path / "letter.txt").code == 0
    given = [one["text"] for one in stored["reasons"]["adverse"]]
    assert 1 <= len(given) <= 4
    assert all(text in (tmp_path / "letter.txt").read_text() for text in given)
