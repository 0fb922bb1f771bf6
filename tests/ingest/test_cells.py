"""Dates and decimals are read as the mapping says, and never guessed."""

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.ingest.cells import parse_dates, parse_decimals


def _date(text, *formats):
    parsed = parse_dates(pa.array([text], type=pa.large_string()), formats)
    return "unreadable" if parsed.is_unreadable[0] else parsed.text.to_pylist()[0]


def _decimal(text, decimal=".", thousands=""):
    parsed = parse_decimals(pa.array([text], type=pa.large_string()), decimal=decimal, thousands=thousands)
    return "unreadable" if parsed.is_unreadable[0] else parsed.text.to_pylist()[0]


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("3/4/2013", ["%m/%d/%Y"], "2013-03-04"),
        ("3/4/2013", ["%d/%m/%Y"], "2013-04-03"),
        ("3/4/2013", [], "unreadable"),
        ("13/1/2013", ["%m/%d/%Y"], "unreadable"),
        ("20200229", ["%Y%m%d"], "2020-02-29"),
        ("2020229", ["%Y%m%d"], "unreadable"),
        ("29.02.2020", ["%Y%m%d", "%d.%m.%Y"], "2020-02-29"),
        ("29.02.2021", ["%d.%m.%Y"], "unreadable"),
        ("2020-02-11 00:00:00", [], "2020-02-11"),
        ("2020-02-11T13:05:00Z", [], "2020-02-11"),
        (" 2020-02-11 ", ["%m/%d/%Y"], "2020-02-11"),
        ("1 Feb 2020", ["%d %b %Y"], "2020-02-01"),
        ("", ["%m/%d/%Y"], None),
        (None, ["%m/%d/%Y"], None),
        ("00000000", ["%Y%m%d"], None),
        ("00.00.0000", ["%d.%m.%Y"], None),
        ("n/a", ["%Y%m%d"], "unreadable"),
    ],
)
def test_a_date_is_read_only_as_the_mapping_says(text, formats, expected):
    assert _date(text, *formats) == expected


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "expected"),
    [
        ("1234.50", ".", "", "1234.50"),
        ("+7", ".", "", "7"),
        (".5", ".", "", ".5"),
        ("123.45-", ".", "", "-123.45"),
        ("123.45 -", ".", "", "-123.45"),
        ("(123.45)", ".", "", "-123.45"),
        ("\u2212123", ".", "", "-123"),
        ("-(5)", ".", "", "unreadable"),
        ("-5-", ".", "", "unreadable"),
        ("1,234.50", ".", ",", "1234.50"),
        ("12,34,567.50", ".", ",", "1234567.50"),
        ("1,23", ".", ",", "unreadable"),
        ("1,234.50", ".", "", "unreadable"),
        ("1.234,50", ",", ".", "1234.50"),
        ("1234,50", ",", "", "1234.50"),
        ("1234.50", ",", "", "unreadable"),
        ("1.234", ",", "", "unreadable"),
        ("1 234 567,8", ",", " ", "1234567.8"),
        ("1\u00a0234,5", ",", " ", "1234.5"),
        ("1'234.5", ".", "'", "1234.5"),
        ("1\u2019234.5", ".", "'", "1234.5"),
        ("1.5E+05", ".", "", "150000"),
        ("1,5E+05", ",", "", "150000"),
        ("", ".", "", None),
        (None, ".", "", None),
        ("-", ".", "", "unreadable"),
        ("EUR 5", ".", "", "unreadable"),
    ],
)
def test_a_decimal_is_read_only_as_the_mapping_says(text, decimal, thousands, expected):
    assert _decimal(text, decimal, thousands) == expected


@settings(deadline=None)
@given(
    day=st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    pattern=st.sampled_from(["%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%Y-%m-%d"]),
)
def test_every_day_survives_every_format(day, pattern):
    assert _date(day.strftime(pattern), pattern) == day.isoformat()


@settings(deadline=None)
@given(cents=st.integers(-(10**12), 10**12), decimal=st.sampled_from([".", ","]))
def test_every_amount_survives_every_notation(cents, decimal):
    whole, part = divmod(abs(cents), 100)
    thousands = "," if decimal == "." else "."
    digits = f"{whole:,}".replace(",", thousands) + f"{decimal}{part:02d}"
    plain = f"{'-' if cents < 0 else ''}{whole}.{part:02d}"
    notations = [f"-{digits}", f"{digits}-", f"({digits})"] if cents < 0 else [digits, f"+{digits}"]
    for notation in notations:
        assert _decimal(notation, decimal, thousands) == plain


def test_each_day_is_read_once_however_often_it_occurs():
    days = [(date(2020, 1, 1) + timedelta(days=i % 7)).isoformat() for i in range(1000)]
    assert parse_dates(pa.array(days), []).text.to_pylist() == days
