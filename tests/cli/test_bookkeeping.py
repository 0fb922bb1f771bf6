"""The commands of the book in the database, as they are typed."""

import pandas as pd
import pytest

from arrisk.config import arrisk_home as read_home
from arrisk.records import Entry
from arrisk.store import connect, locate
from arrisk.store.records import TableRecords


@pytest.fixture
def ready(arrisk, arrisk_home):
    assert arrisk("db", "upgrade").code == 0


def test_a_book_comes_in_is_listed_and_goes_out_the_same(arrisk, ready, book, tmp_path):
    ran = arrisk("book", "add", book, "--ledger", "alder")
    assert ran.code == 0, ran.err
    assert "invoices" in ran.out
    assert "alder" in arrisk("book", "list").out
    assert arrisk("book", "export", "alder", "--out", tmp_path / "back").code == 0
    for name in ("customers", "invoices"):
        back, first = (pd.read_csv(folder / f"{name}.csv", dtype=str) for folder in (tmp_path / "back", book))
        pd.testing.assert_frame_equal(back, first)


@pytest.mark.slow
def test_what_was_exported_adds_nothing(arrisk, ready, book, tmp_path):
    arrisk("book", "add", book, "--ledger", "alder")
    arrisk("book", "export", "alder", "--out", tmp_path / "back")
    ran = arrisk("book", "add", tmp_path / "back", "--ledger", "alder", "--json", tmp_path / "batch.json")
    assert ran.code == 0, ran.err
    counts = pd.DataFrame(pd.read_json(tmp_path / "batch.json", typ="series")["counts"])
    assert (counts["known"] == counts["read"]).all()


def test_an_export_comes_in_through_its_mapping_with_its_refused_rows_counted(arrisk, ready, export):
    export.write_text(export.read_text() + "5,B,Birch AG,2024-03-01,soon,75.25,\n")
    ran = arrisk("book", "add", export, "--mapping", "generic", "--ledger", "alder")
    assert ran.code == 0, ran.err
    assert "unreadable_date" in ran.out


def test_the_same_again_is_said(arrisk, ready, book):
    arrisk("book", "add", book, "--ledger", "alder", "--by", "ana")
    assert "nothing was added now" in arrisk("book", "add", book, "--ledger", "alder").out


def test_an_erased_name_is_gone_and_recorded(arrisk, ready, book, tmp_path):
    arrisk("book", "add", book, "--ledger", "alder")
    ran = arrisk("book", "erase", "A", "--ledger", "alder", "--by", "ana", "--reason", "asked for it")
    assert ran.code == 0, ran.err
    arrisk("book", "export", "alder", "--out", tmp_path / "back")
    assert "Alder Ltd" not in (tmp_path / "back" / "customers.csv").read_text()
    entry: Entry = TableRecords(connect(locate(read_home()))).read("erasures/alder")[0]
    assert (entry.by, entry.content["reason"]) == ("ana", "asked for it")


def test_erasures_are_listed_and_done_again_where_they_are_missing(arrisk, ready, book, tmp_path):
    arrisk("book", "add", book, "--ledger", "alder")
    arrisk("book", "erase", "A", "--ledger", "alder", "--by", "ana", "--reason", "asked for it")
    listed = tmp_path / "erased.jsonl"
    assert arrisk("book", "erased", "--out", listed).code == 0
    text = listed.read_text()
    assert "Alder Ltd" not in text
    assert "0 of 1 erasures were missing" in arrisk("book", "erase-again", listed, "--by", "otto").out
    listed.write_text(text + text.replace('"A"', '"B"'))
    assert "1 of 2 erasures were missing" in arrisk("book", "erase-again", listed, "--by", "otto").out
    listed.write_text("[1]")
    assert "no list of erasures" in arrisk("book", "erase-again", listed, "--by", "otto").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "nowhere", "--ledger", "alder"), "no such folder"),
        (("add", "BOOK", "--ledger", "a b"), "cannot be the name of a ledger"),
        (("add", "BOOK", "--ledger", "alder", "--mapping", "ibm"), "needs no mapping"),
        (("add", "EXPORT", "--ledger", "alder"), "needs a mapping"),
        (("export", "none", "--out", "x"), "no ledger 'none'"),
        (("list", "none"), "no ledger 'none'"),
        (("erase", "A", "--ledger", "none", "--by", "ana", "--reason", "x"), "no ledger 'none'"),
        (("erase", "A", "--ledger", "none", "--by", " ", "--reason", "x"), "who acts is not said (by)"),
        (("erase", "A", "--ledger", "none", "--by", "ana", "--reason", " "), "--reason"),
    ],
)
def test_a_mistake_is_said_with_what_to_try(arrisk, ready, book, export, arguments, said):
    given = [{"BOOK": book, "EXPORT": export}.get(one, one) for one in arguments]
    ran = arrisk("book", *given)
    assert (ran.code, "Try:" in ran.err) == (2, True)
    assert said in ran.err


def test_without_tables_the_way_to_them_is_said(arrisk, arrisk_home, book):
    ran = arrisk("book", "add", book, "--ledger", "alder")
    assert ran.code == 2
    assert "arrisk db upgrade" in ran.err
