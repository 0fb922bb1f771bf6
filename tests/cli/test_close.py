"""The close from the command line, as a small company works with it."""

import json

import numpy as np
import pandas as pd
import pytest

from arrisk.allowance.estimates import Estimate
from arrisk.uses import reserve


def expect_half_of_what_is_late(evidence):
    items = evidence.exposures.items
    lost = np.where((items["days_past_due"] > 0).to_numpy(), 0.5, 0.0)
    ones = np.ones(len(items))
    return Estimate(lost, lost, ones, ones, np.zeros(len(items)), rates=pd.DataFrame())


@pytest.fixture(autouse=True)
def given_method(monkeypatch):
    """Give a method that needs no history."""
    monkeypatch.setitem(reserve.METHODS, "given", expect_half_of_what_is_late)


@pytest.fixture
def close(arrisk, book, tmp_path):
    """Give a function that closes the book and reads the result."""

    def run(end, *options):
        out = tmp_path / "close.json"
        ran = arrisk("close", book, "--period-end", end, "--method", "given", *options, "--json", out)
        assert ran.code == 0, ran.err
        return ran, json.loads(out.read_text())

    return run


@pytest.mark.slow
def test_a_month_end_is_drafted_reviewed_and_posted(close, tmp_path):
    ran, draft = close("2024-03-31", "--by", "ana", "--opening", "40.00")
    assert (draft["state"], draft["drafted_by"], draft["total"]) == ("draft", "ana", 100.0)
    # Open are 200.00, late, and 75.25, due on the day.
    assert draft["movement"] == {
        "opening": 40.0,
        "charge": 60.0,
        "write_offs": 0.0,
        "recoveries": 0.0,
        "fx": 0.0,
        "other": 0.0,
        "closing": 100.0,
    }
    assert draft["receivables"]["closing"] == 275.25
    assert draft["net_receivables"] == 175.25
    assert "the close of main for 2024-03-31: draft" in ran.out
    assert close("2024-03-31", "--by", "ben")[1] == draft
    close("2024-03-31", "--to", "reviewed", "--by", "ben")
    journal = tmp_path / "journal.csv"
    _, posted = close("2024-03-31", "--to", "posted", "--by", "ana", "--journal", journal)
    assert [step["action"] for step in posted["steps"]] == ["draft", "review", "post"]
    assert posted["document_sha256"] == draft["document_sha256"]
    rows = pd.read_csv(journal, dtype={"account": "str"})
    assert rows["debit"].sum() == rows["credit"].sum() == 60.0
    # Once posted the document is shown, whatever is asked.
    assert close("2024-03-31", "--opening", "90")[1] == posted
    ran, april = close("2024-04-30")
    assert april["movement"]["opening"] == 100.0
    assert "posted by ana" in ran.out


@pytest.mark.slow
def test_a_customer_assessed_on_its_own_is_part_of_the_close(close, tmp_path):
    file = tmp_path / "assessed.csv"
    file.write_text("customer_id,assessed_on,rate,reason,assessed_by\nA,2024-03-20,0.9,insolvency likely,dora\n")
    _, found = close("2024-03-31", "--by", "ana", "--individual", file)
    assert found["total"] == 180.0
    assert close("2024-03-31", "--by", "ana")[1] == found


def test_as_of_a_day_closes_the_day_before(arrisk, book, tmp_path):
    out = tmp_path / "c.json"
    ran = arrisk("close", book, "--as-of", "2024-04-01", "--method", "given", "--json", out)
    assert ran.code == 0, ran.err
    assert json.loads(out.read_text())["period_end"] == "2024-03-31"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--to", "posted", "--by", "ben"), "no close for 2024-03-31 is drafted"),
        (("--to", "reviewed"), "who signs is not said"),
        (("--to", "booked"), "'booked' is not one of"),
        (("--method", "matrx"), "no method 'matrx'"),
        (("--opening", "x"), "'x' is not an amount"),
        (("--opening", "1.005"), "'1.005' is not an amount"),
        (("--entity", "north"), "no entity 'north'"),
        (("--journal", "j.doc"), "cannot write '.doc' files"),
        (("--as-of", "2024-04-01"), "exclude each other"),
    ],
)
def test_what_cannot_be_done_is_refused(arrisk, book, options, said):
    ran = arrisk("close", book, "--period-end", "2024-03-31", "--method", "given", *options)
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.slow
def test_a_reversal_is_shown_with_its_reason(close):
    close("2024-03-31", "--by", "ana")
    ran, found = close("2024-03-31", "--to", "reversed", "--by", "ana", "--reason", "not yet")
    assert (found["state"], found["reason"], found["journal"]) == ("reversed", "not yet", [])
    assert "reversed: not yet" in ran.out


@pytest.mark.slow
def test_an_auditor_gets_a_page_and_a_workbook(close, tmp_path):
    ran, found = close("2024-03-31", "--by", "ana", "--pack", tmp_path / "pack")
    assert f"the auditor's pack in {tmp_path / 'pack'}" in ran.out.replace("\n", "")
    names = {file.name for file in (tmp_path / "pack").iterdir()}
    assert {"index.html", "allowance.xlsx", "report.json"} < names
    report = json.loads((tmp_path / "pack" / "report.json").read_text())
    assert sum(row["allowance"] for row in report["tables"]["allowance"]["rows"]) == found["total"] == 100.0
