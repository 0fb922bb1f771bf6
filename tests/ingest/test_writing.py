"""A book is written whole, and reads back as the same book."""

import pandas as pd
import pytest

from arrisk.errors import OutputError
from arrisk.ingest.books import read_book
from arrisk.ingest.settings import Settings
from arrisk.ingest.writing import book_tables, write_book
from arrisk.schema import check

DAYS = {"issued_on": "2024-01-02", "due_on": "2024-02-01"}


@pytest.fixture
def checked():
    raw = {
        "customers": pd.DataFrame({"customer_id": ["A", "B"], "name": ['Alder, "Sons"', None]}),
        "invoices": pd.DataFrame(
            [
                {
                    "invoice_id": "007",
                    "customer_id": "A",
                    "amount": "9007199254740.93",
                    "currency": "EUR",
                    **DAYS,
                },
                {"invoice_id": "8", "customer_id": "B", "amount": "1500", "currency": "JPY", **DAYS},
                {"invoice_id": "9", "customer_id": "B", "amount": "0.125", "currency": "KWD", **DAYS},
                {"invoice_id": "10", "customer_id": "B", "amount": "ten", "currency": "EUR", **DAYS},
            ]
        ),
        "payments": pd.DataFrame(
            {
                "payment_id": ["p"],
                "customer_id": ["B"],
                "paid_on": ["2024-02-05"],
                "amount": ["1500"],
                "currency": ["JPY"],
            }
        ),
        "allocations": pd.DataFrame(
            {"payment_id": ["p"], "invoice_id": ["8"], "amount": ["1500"], "applied_on": ["2024-02-06"]}
        ),
    }
    return check(raw, name="test", currency="EUR")


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_a_book_that_is_written_and_read_is_the_same_book(tmp_path, checked, file_format):
    write_book(book_tables(checked.book), tmp_path / "book", file_format=file_format)
    again = check(read_book(tmp_path / "book").tables, name="test", currency="EUR").book
    assert again.extract_end_on == checked.book.extract_end_on
    for name, frame in checked.book.tables.items():
        pd.testing.assert_frame_equal(again[name], frame)


def test_problems_go_to_two_lists_one_line_each(tmp_path, checked):
    write_book(book_tables(checked.book), tmp_path / "book", problems=checked.problems)
    rejected = pd.read_csv(tmp_path / "book" / "rejected.csv")
    assert list(rejected.columns) == ["table", "row", "column", "value", "rule", "hint"]
    assert rejected.iloc[:, :5].to_numpy().tolist() == [["invoices", 4, "amount", "ten", "unreadable_amount"]]
    warnings = pd.read_csv(tmp_path / "book" / "warnings.csv")
    assert len(rejected) + len(warnings) == len(checked.problems)


def test_a_refused_cell_that_begins_like_a_formula_is_harmless_in_the_list(tmp_path, checked):
    problems = checked.problems.assign(value="=1+1", severity="refused")
    write_book(book_tables(checked.book), tmp_path / "book", problems=problems)
    assert set(pd.read_csv(tmp_path / "book" / "rejected.csv")["value"]) == {"'=1+1"}


def test_the_tables_of_a_book_keep_every_letter(tmp_path, checked):
    tables = book_tables(checked.book)
    write_book({**tables, "customers": tables["customers"].assign(name="=1+1")}, tmp_path / "book")
    assert set(read_book(tmp_path / "book").tables["customers"]["name"]) == {"=1+1"}


def test_settings_are_written(tmp_path, checked):
    write_book(book_tables(checked.book), tmp_path / "book", settings=Settings('Alder "1"', "EUR"))
    assert read_book(tmp_path / "book").settings == Settings('Alder "1"', "EUR")


def test_a_book_that_is_there_is_replaced_only_when_told(tmp_path, checked):
    write_book(book_tables(checked.book), tmp_path / "book")
    with pytest.raises(OutputError, match="there is a book already"):
        write_book(book_tables(checked.book), tmp_path / "book")
    write_book(book_tables(checked.book), tmp_path / "book", file_format="parquet", overwrite=True)
    assert not list((tmp_path / "book").glob("*.csv"))
    assert [path.name for path in tmp_path.iterdir()] == ["book"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_with_other_things_in_it_is_never_replaced(tmp_path, checked, overwrite):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(OutputError, match="not empty and is no book"):
        write_book(book_tables(checked.book), tmp_path, overwrite=overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_never_replaced_by_a_book(tmp_path, checked):
    (tmp_path / "book").write_text("precious")
    with pytest.raises(OutputError, match="this is a file, not a folder"):
        write_book(book_tables(checked.book), tmp_path / "book", overwrite=True)


@pytest.mark.slow
def test_a_full_disk_leaves_no_book(run_on_small_disk):
    printed = run_on_small_disk("""
import pandas as pd
from arrisk.errors import OutputError
from arrisk.ingest.writing import write_book
ids = pd.Series(range(100_000)).mul(7919).astype("str")
for file_format in ("csv", "parquet"):
    try:
        write_book({"customers": pd.DataFrame({"customer_id": ids})}, disk / "book", file_format=file_format)
    except OutputError as error:
        print(error.what, listdir(disk))
""")
    assert printed == "no space left to write the output []\n" * 2


@pytest.mark.slow
def test_an_older_book_survives_a_full_disk(run_on_small_disk):
    printed = run_on_small_disk("""
import pandas as pd
from arrisk.errors import OutputError
from arrisk.ingest.writing import write_book
write_book({"customers": pd.DataFrame({"customer_id": ["A"]})}, disk / "book")
ids = pd.Series(range(100_000)).mul(7919).astype("str")
try:
    write_book({"customers": pd.DataFrame({"customer_id": ids})}, disk / "book", overwrite=True)
except OutputError as error:
    print(error.what, listdir(disk), (disk / "book" / "customers.csv").read_text().split())
""")
    assert printed == "no space left to write the output ['book'] ['customer_id', 'A']\n"
