"""Typed columns, as Parquet gives them, are read as text is."""

import io
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from arrisk.errors import BookError
from arrisk.schema import TABLES, check
from arrisk.schema.cells import read_dates, read_numbers, read_text
from tests.books import check_of, frame_of, invoice

TEXT = {
    "invoice_id": ["1001", "1002"],
    "customer_id": ["7", "7"],
    "issued_on": ["2024-01-31", "2024-02-29"],
    "due_on": ["2024-03-01", "2024-03-30"],
    "amount": ["1250.50", "80.00"],
    "settled_on": ["2024-03-05", None],
}
CUSTOMERS = pd.DataFrame({"customer_id": ["7"]})
STAMPS = [datetime(2024, 1, 31, 23, 59), datetime(2024, 2, 29)]
DAYS = [date(2024, 1, 31), date(2024, 2, 29)]


def invoices_like(**columns):
    checked = check({"customers": CUSTOMERS, "invoices": pd.DataFrame(TEXT | columns)}, name="x", currency="EUR")
    return checked.book["invoices"]


def arrow(values, kind):
    return pd.array(pa.array(values, kind), dtype=pd.ArrowDtype(kind))


DICTIONARY = pa.dictionary(pa.int32(), pa.string())
CASES = {
    "ids as integers": {"invoice_id": [1001, 1002]},
    "ids as doubles": {"invoice_id": [1001.0, 1002.0]},
    "ids as large strings": {"invoice_id": arrow(["1001", "1002"], pa.large_string())},
    "ids as categories": {"customer_id": pd.Categorical(["7", "7"])},
    "ids as a dictionary": {"customer_id": arrow(["7", "7"], DICTIONARY)},
    "ids with blanks": {"invoice_id": [" 1001", "1002\u00a0"]},
    "ids as bytes": {"invoice_id": [b"1001", b"1002"]},
    "dates as date32": {"issued_on": arrow(DAYS, pa.date32())},
    "dates as date64": {"issued_on": arrow(DAYS, pa.date64())},
    "dates as objects": {"issued_on": DAYS},
    "dates with time": {"issued_on": ["2024-01-31T23:59:59Z", "2024-02-29 00:00"]},
    "moments": {"issued_on": pd.Series(STAMPS)},
    "moments in ns": {"issued_on": pd.Series(STAMPS).astype("datetime64[ns]")},
    "moments in a zone": {"issued_on": pd.Series(STAMPS).dt.tz_localize("America/Lima")},
    "timestamp[ns, tz]": {
        "issued_on": pd.Series(STAMPS).dt.tz_localize("Asia/Tokyo").astype("timestamp[ns, Asia/Tokyo][pyarrow]")
    },
    "timestamp[us]": {"issued_on": arrow(STAMPS, pa.timestamp("us"))},
    "dates as a dictionary": {"issued_on": arrow(["2024-01-31", "2024-02-29"], DICTIONARY)},
    "dates as categories": {"issued_on": pd.Categorical(STAMPS)},
    "missing dates typed": {"settled_on": pd.Series(pd.to_datetime(["2024-03-05", None]))},
    "amounts as doubles": {"amount": [1250.5, 80.0]},
    "amounts as decimal128": {"amount": arrow([Decimal("1250.5"), Decimal(80)], pa.decimal128(12, 4))},
    "amounts as objects": {"amount": [Decimal("1250.5"), 80]},
}


@pytest.mark.parametrize("case", CASES)
def test_typed_columns_are_read_as_text_is(case):
    pd.testing.assert_frame_equal(invoices_like(**CASES[case]), invoices_like())


@pytest.mark.parametrize("backend", ["numpy_nullable", "pyarrow", None])
def test_a_parquet_file_is_read_as_its_text(backend):
    typed = {
        "invoice_id": pa.array([1001, 1002], pa.int64()),
        "customer_id": pa.array(["7", "7"]).dictionary_encode(),
        "issued_on": pa.array(DAYS, pa.date32()),
        "due_on": pa.array([datetime(2024, 3, 1), datetime(2024, 3, 30)], pa.timestamp("ns", "UTC")),
        "amount": pa.array([Decimal("1250.50"), Decimal("80.00")], pa.decimal128(18, 2)),
        "settled_on": pa.array([date(2024, 3, 5), None], pa.date32()),
    }
    file = io.BytesIO()
    pq.write_table(pa.table(typed), file)
    options = {"dtype_backend": backend} if backend else {}
    frame = pd.read_parquet(file, **options)
    checked = check({"customers": CUSTOMERS, "invoices": frame}, name="x", currency="EUR")
    pd.testing.assert_frame_equal(checked.book["invoices"], invoices_like())


@pytest.mark.parametrize(
    "text",
    ["2024-01-31", " 2024-01-31 ", "2024-01-31T08:15", "2024-01-31 08:15:00.123", "2024-01-31T23:00:00+05:00"],
)
def test_a_time_of_day_is_cut_off(text):
    assert read_dates(pd.Series([text]))[0].tolist() == [pd.Timestamp("2024-01-31")]


@pytest.mark.parametrize(
    "text", ["31.01.2024", "2024-13-01", "2023-02-29", "2024-1-1", "2024-01-311", "2024-01-31x", "20240131", "0", "NaT"]
)
def test_what_is_no_iso_date_is_unreadable_and_not_missing(text):
    dates, is_missing = read_dates(pd.Series([text, "2024-01-31", None]))
    assert dates.isna().tolist() == [True, False, True]
    assert is_missing.tolist() == [False, False, True]


@pytest.mark.parametrize(
    "values",
    [[20240131], [45322.0], [True], [pd.Timedelta(1, "D")], pd.period_range("2024-01", periods=1, freq="M"), [["x"]]],
)
def test_numbers_and_other_things_are_no_dates(values):
    dates, is_missing = read_dates(pd.Series(values))
    assert dates.isna().all()
    assert not is_missing.any()


@pytest.mark.parametrize("kind", [pa.time32("s"), pa.duration("s")])
def test_times_and_durations_are_no_dates(kind):
    dates, _ = read_dates(pd.Series(arrow([1], kind)))
    assert dates.isna().all()


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["1.5", " 2 ", "1e3", "", None, "x", "inf"], [1.5, 2, 1000, None, None, None, None]),
        ([True, False], [1, 0]),
        (pd.array([True, None], dtype="boolean"), [1, None]),
        (arrow([True, None], pa.bool_()), [1, None]),
        ([Decimal("1.5"), None], [1.5, None]),
        (arrow([Decimal("1.5"), None], pa.decimal128(5, 2)), [1.5, None]),
        (pd.array([1.1, None], dtype="Float32"), [1.1, None]),
        (pd.Categorical([1, None]), [1, None]),
        (pd.to_datetime(["2024-01-01"]), [None]),
        ([1j], [None]),
        ([np.inf, 1.0], [None, 1]),
    ],
)
def test_numbers_of_any_type(values, numbers):
    read = read_numbers(pd.Series(values))
    assert read.dtype == "float64"
    assert [None if np.isnan(value) else value for value in read] == numbers


def test_text_of_numbers_keeps_no_point_zero_even_beside_fractions():
    assert read_text(pd.Series([1.0, 2.5, np.nan])).tolist()[:2] == ["1", "2.5"]


def test_an_attribute_is_a_number_only_if_all_its_cells_are():
    rows = [
        {"customer_id": "A", "known_on": "2024-01-01", "score": "7", "grade": "1", "seen": pd.Timestamp("2024-01-01")},
        {"customer_id": "B", "known_on": "2024-01-01", "score": None, "grade": "B", "seen": None},
    ]
    attributes = check_of(invoices=[invoice()], attributes=rows, customers=[{"customer_id": "A"}]).book["attributes"]
    assert attributes["score"].dtype == "float64"
    assert attributes["grade"].tolist() == ["1", "B"]
    assert attributes["seen"].tolist()[0] == "2024-01-01"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_without_rows_has_the_kinds_of_one_with_rows(name):
    row = {column.name: "2024-01-01" if column.name.endswith("_on") else "1" for column in TABLES[name].columns}
    filled = check_of(**{"invoices": [invoice()], name: [row]}).book[name]
    absent = check_of(invoices=[invoice()], customers=[]).book[name]
    assert len(filled) == 1
    assert name == "invoices" or absent.dtypes.to_dict() == filled.dtypes.to_dict()


def test_headers_alone_are_enough_for_every_table_but_invoices():
    raw = {name: frame_of(name, []) for name in TABLES} | {"invoices": frame_of("invoices", [invoice()])}
    checked = check(raw, name="x", currency="USD")
    assert checked.counts["read"].sum() == 1
    assert checked.problems["rule"].tolist() == ["unknown_customer"]


def test_a_column_that_stands_twice_is_refused():
    frame = pd.DataFrame([["I1", "A", "2024-01-01", "2024-01-31", "1", "2"]])
    frame.columns = ["invoice_id", "customer_id", "issued_on", "due_on", "amount", "amount"]
    with pytest.raises(BookError, match="'amount' stands twice"):
        check({"customers": CUSTOMERS, "invoices": frame}, name="x", currency="USD")
