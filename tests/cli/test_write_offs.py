"""Write-offs from the command line: from candidates to what the ledger books."""

import json

import pandas as pd
import pytest

DAY = ("--as-of", "2025-06-01")
POLICY = """
[write_offs]
tax_rate = 0.25
[authority]
[[authority.roles]]
name = "credit manager"
up_to = 250.0
people = ["ben"]
[holds]
rules = []
"""


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(POLICY)
    return ("--policy", path)


def test_candidates_are_listed_and_written(arrisk, book, policy, tmp_path):
    ran = arrisk("write-offs", book, *DAY, *policy, "--out", tmp_path / "c.csv", "--json", tmp_path / "c.json")
    assert ran.code == 0, ran.err
    found = pd.read_csv(tmp_path / "c.csv", dtype={"invoice_id": "str"}, keep_default_na=False)
    assert found["invoice_id"].tolist() == ["2", "4"]
    assert found["open_amount"].tolist() == found["book_amount"].tolist() == [200.0, 75.25]
    assert (found["net_amount"] + found["tax_amount"]).tolist() == [200.0, 75.25]
    assert found["tax_amount"].tolist() == [40.0, 15.05]
    assert found["evidence"][0] == "452 days past due; no receipt from the customer for 476 days"
    written = json.loads((tmp_path / "c.json").read_text())
    assert (written["as_of"], written["currency"]) == ("2025-06-01", "USD")
    assert [one["invoice_id"] for one in written["candidates"]] == ["2", "4"]
    assert "275.25" in ran.out
    assert "write off" in ran.out
    again = arrisk("write-offs", "list", book, *DAY, *policy)
    assert again.out == ran.out


def test_a_book_without_candidates_says_so(arrisk, book):
    ran = arrisk("write-offs", book, "--as-of", "2024-05-01")
    assert ran.code == 0
    assert "no open invoice ought to be written off" in ran.out


@pytest.mark.slow
def test_from_a_proposal_to_the_booking_in_the_ledger(arrisk, book, policy, tmp_path):
    ran = arrisk("write-offs", "propose", book, "--all", *DAY, "--by", "ana", *policy)
    assert "2 proposed" in ran.out, ran.err
    none = arrisk("write-offs", "approve", book, "--all", *DAY, "--by", "ana", *policy)
    assert "nothing waits that somebody else proposed" in none.out
    refused = arrisk("write-offs", "approve", book, "2", *DAY, "--by", "ana", *policy)
    assert refused.code == 2
    assert "'ana' has no authority" in refused.err
    assert "2 approved" in arrisk("write-offs", "approve", book, "--all", *DAY, "--by", "ben", *policy).out
    took = arrisk("write-offs", "decline", book, "4", *DAY, "--by", "ben", "--note", "pays by instalments", *policy)
    assert "1 declined" in took.out
    assert arrisk("write-offs", "export", book, *DAY, "--out", tmp_path / "w.csv").code == 0
    booked = pd.read_csv(tmp_path / "w.csv", dtype="str")
    assert booked[["invoice_id", "amount", "reason", "tax_amount"]].to_numpy().tolist() == [
        ["2", "200.00", "bad_debt", "40.00"]
    ]
    # As if it had been approved in its time: the book ends before today.
    booked.assign(written_off_on="2025-06-02", known_on="2025-06-02").to_csv(book / "write_offs.csv", index=False)
    shown = arrisk("write-offs", "record", book, "--as-of", "2025-07-01", "--json", tmp_path / "r.json")
    assert "1 booked, 1 declined" in shown.out, shown.err
    acts = [act["action"] for act in json.loads((tmp_path / "r.json").read_text())["write_offs"][0]["acts"]]
    assert acts == ["propose", "approve"]
    back = arrisk("write-offs", "recovered", book, "--as-of", "2025-07-01", "--out", tmp_path / "b.csv")
    assert "0.0%" in back.out
    assert pd.read_csv(tmp_path / "b.csv")["amount"].tolist() == [200.0]
    assert "5 lines sound" in arrisk("write-offs", "verify").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("aprove", "book"), "No such command 'aprove'. Did you mean 'approve'"),
        (("nowhere", *DAY), "there is no such folder"),
        (("propose", "BOOK", *DAY, "--by", "ana"), "their invoice ids, or --all"),
        (("propose", "BOOK", "2", "--all", *DAY, "--by", "ana"), "their invoice ids, or --all"),
        (("propose", "BOOK", "9", *DAY, "--by", "ana"), "'9' is no candidate"),
        (("BOOK", *DAY, "--out", "c.txt"), "cannot write '.txt' files"),
        (("BOOK",), "Missing option '--as-of'"),
    ],
)
def test_what_cannot_be_asked_is_one_clear_error(arrisk, book, words, said):
    ran = arrisk("write-offs", *(book if word == "BOOK" else word for word in words))
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.count("error:") == 1


@pytest.mark.slow
def test_a_changed_record_is_named(arrisk, book, policy, arrisk_home):
    arrisk("write-offs", "propose", book, "--all", *DAY, "--by", "ana", *policy)
    assert arrisk("write-offs", "verify").code == 0
    record = next(arrisk_home.glob("write-offs/*/write-offs.jsonl"))
    record.write_text(record.read_text().replace("200.00", "20.00", 1))
    for words in (("verify",), ("record", book, *DAY), (book, *DAY)):
        ran = arrisk("write-offs", *words)
        assert ran.code == 2
        assert "line 1 is not as it was written" in ran.err
