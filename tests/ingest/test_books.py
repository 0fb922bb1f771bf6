"""A book's folder becomes raw tables, typed where the file has types."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from arrisk.errors import BookError
from arrisk.ingest.books import read_book
from arrisk.schema import check

CUSTOMERS = "customer_id\nA\n"
INVOICES = "invoice_id,customer_id,issued_on,due_on,amount\n007,A,2024-01-02,2024-02-01,9.50\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "customers.csv").write_text(CUSTOMERS)
    (tmp_path / "invoices.csv").write_text(INVOICES)
    return tmp_path


def test_a_book_of_csv_files_is_text(folder):
    tables = read_book(folder).tables
    assert tables["invoices"].iloc[0].tolist() == ["007", "A", "2024-01-02", "2024-02-01", "9.50"]
    assert tables["customers"]["customer_id"].tolist() == ["A"]


def test_a_table_with_a_header_only_is_empty(folder):
    (folder / "payments.csv").write_text("payment_id,customer_id,paid_on,amount\n")
    assert read_book(folder).tables["payments"].shape == (0, 4)


def test_the_lists_of_problems_and_other_files_are_no_tables(folder):
    for name in ("rejected.csv", "warnings.csv", "notes.txt", ".hidden.csv"):
        (folder / name).write_text("table,row\n")
    assert set(read_book(folder).tables) == {"customers", "invoices"}


def test_a_file_that_is_no_table_is_left_to_the_check_to_name(folder):
    (folder / "invoice.csv").write_text("anything at all\n")
    raw = read_book(folder)
    problems = check(raw.tables, name="x", currency="EUR").problems
    assert problems[["table", "rule"]].to_numpy().tolist() == [["invoice", "unknown_table"]]


def test_settings_are_read(folder):
    (folder / "book.toml").write_text('name = "Alder"\ncurrency = "EUR"\nextract_end_on = 2024-12-31\n')
    settings = read_book(folder).settings
    assert (settings.name, settings.currency, settings.extract_end_on) == ("Alder", "EUR", date(2024, 12, 31))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('nam = "x"', "unknown key 'nam' .*did you mean 'name'"),
        ("name = x", "this is not TOML"),
        ("name = 7", "name is a text in quotes"),
        ('currency = "euro"', "currency is an ISO 4217 code"),
        ('extract_end_on = "31.12.2024"', "extract_end_on is a day such as 2024-12-31"),
    ],
)
def test_a_mistake_in_the_settings_is_explained(folder, text, message):
    (folder / "book.toml").write_text(text)
    with pytest.raises(BookError, match=message):
        read_book(folder)


def test_a_table_that_is_there_twice_is_an_error(folder):
    pq.write_table(pa.table({"customer_id": ["A"]}), folder / "customers.parquet")
    with pytest.raises(BookError, match="the table customers is there twice"):
        read_book(folder)


def test_a_folder_that_is_no_book_is_explained(tmp_path):
    with pytest.raises(BookError, match=r"there is no such folder .*arrisk convert"):
        read_book(tmp_path / "book")
    with pytest.raises(BookError, match="no table of a book is in this folder"):
        read_book(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(BookError, match="this is a file, not a book's folder"):
        read_book(tmp_path / "file")


def test_a_broken_parquet_file_is_explained(folder):
    (folder / "payments.parquet").write_text("not parquet")
    with pytest.raises(BookError, match=r"this is not a Parquet file.*payments.parquet"):
        read_book(folder)


def _read_column(tmp_path, values) -> pd.Series:
    pq.write_table(pa.table({"customer_id": values}), tmp_path / "customers.parquet")
    return read_book(tmp_path).tables["customers"]["customer_id"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array(["a", None]), "str"),
        (pa.array(["a", "a"]).dictionary_encode(), "str"),
        (pa.nulls(2), "str"),
        (pa.array([date(2024, 2, 29), None]), "datetime64[s]"),
        (pa.array([datetime(2024, 2, 29, tzinfo=UTC)]), "datetime64[us]"),
        (pa.array([1, 2]), "int64"),
        (pa.array([1, None]), "Int64"),
        (pa.array([1.5, None]), "float64"),
        (pa.array([Decimal("1.50"), None]), "float64"),
        (pa.array([Decimal("1234567890123.45")]), "str"),
        (pa.array([True, False]), "bool"),
    ],
)
def test_parquet_columns_keep_their_kind(tmp_path, values, kind):
    column = _read_column(tmp_path, values)
    assert str(column.dtype) == kind
    assert column.isna().sum() == values.null_count


def test_a_column_of_lists_is_explained(tmp_path):
    with pytest.raises(BookError, match="which is not one value a row"):
        _read_column(tmp_path, pa.array([["a"], ["b"]]))
