from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arrisk import money

CENTS = st.integers(-(10**15), 10**15)
DECIMALS = {"JPY": 0, "EUR": 2, "KWD": 3, "CLF": 4}


def parse(values, *, currency="EUR", dtype=None):
    series = pd.Series(values, dtype=dtype)
    return money.parse_amounts(series, money.exponents(pd.Series([currency] * len(series), dtype="str")))


def minor_of(*values, currency="EUR", dtype=None):
    return parse(list(values), currency=currency, dtype=dtype).minor.tolist()


@pytest.mark.parametrize(("currency", "decimals"), [*DECIMALS.items(), ("XXX", 2), ("", 2)])
def test_each_currency_has_its_own_number_of_decimals(currency, decimals):
    assert money.exponent(currency) == decimals


def test_the_exponent_of_a_missing_currency_is_two():
    assert money.exponents(pd.Series(["JPY", None, "KWD"], dtype="str")).tolist() == [0, 2, 3]


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1234.50", 123450),
        ("-1234.5", -123450),
        ("+3", 300),
        (".5", 50),
        ("-.5", -50),
        ("5.", 500),
        ("007.25", 725),
        (" 7.1\u00a0", 710),
        ("-0", 0),
        ("0.01", 1),
        ("999999999999999.99", 99999999999999999),
        ("1000000000000000", 10**17),
    ],
)
def test_plain_decimals_are_read_exactly(text, minor):
    parsed = parse([text])
    assert parsed.minor.tolist() == [minor]
    assert parsed.is_readable.all()
    assert not parsed.is_rounded.any()


@pytest.mark.parametrize(
    "text", ["1e3", "1,5", "1.234,50", "1 000", "--5", "+-5", "-", ".", "abc", "NaN", "inf", "٣", "1.2.3", "5-"]
)
def test_what_is_not_a_plain_decimal_is_unreadable(text):
    parsed = parse([text])
    assert not parsed.is_readable.any()
    assert not parsed.is_missing.any()
    assert parsed.minor.tolist() == [0]


@pytest.mark.parametrize("value", ["1000000000000000000", "9" * 400, 10.0**20, float("inf"), -(2.0**80)])
def test_amounts_too_large_for_exact_sums_are_unreadable(value):
    assert not parse([value]).is_readable.any()


@pytest.mark.parametrize(("value", "dtype"), [(2**63 - 1, "int64"), (-(2**63), "int64"), (2**64 - 1, "uint64")])
def test_the_largest_integers_are_unreadable_and_do_not_wrap_around(value, dtype):
    parsed = parse([value, 5], dtype=dtype)
    assert parsed.is_readable.tolist() == [False, True]
    assert parsed.minor.tolist() == [0, 500]


@pytest.mark.parametrize("empty", [None, "", "  ", np.nan, pd.NA])
def test_empty_cells_are_missing_and_neither_readable_nor_rounded(empty):
    parsed = parse([empty, "1"], dtype=object)
    assert parsed.is_missing.tolist() == [True, False]
    assert parsed.is_readable.tolist() == [False, True]
    assert not parsed.is_rounded.any()


@pytest.mark.parametrize(
    ("currency", "minor", "is_rounded"),
    [("JPY", 1, True), ("EUR", 123, True), ("KWD", 1235, True), ("CLF", 12345, False)],
)
def test_surplus_decimals_are_rounded_and_said(currency, minor, is_rounded):
    parsed = parse(["1.2345"], currency=currency)
    assert parsed.minor.tolist() == [minor]
    assert parsed.is_rounded.tolist() == [is_rounded]


def test_halves_are_rounded_away_from_zero_in_text_and_in_doubles():
    assert minor_of("0.005", "-0.005", "2.675", "0.00499999") == [1, -1, 268, 0]
    assert minor_of(0.005, -0.005, 2.675, 1.005, 0.00499999) == [1, -1, 268, 101, 0]


def test_trailing_zeros_are_no_rounding():
    assert not parse(["1.2300000000", "1.20"]).is_rounded.any()


@given(CENTS)
@example(1234567890)  # 12,345,678.90: a relative tolerance of 1e-9 would move it by a cent
@example(99_999_999_999_999)
def test_doubles_text_decimals_and_integers_agree_to_the_cent(cents):
    exact = Decimal(cents) / 100
    assert minor_of(float(exact)) == [cents]
    assert minor_of(str(exact)) == [cents] or "E" in str(exact)
    assert minor_of(exact, dtype=object) == [cents]
    assert minor_of(cents // 100) == [cents // 100 * 100]


@given(st.decimals("-1e9", "1e9", places=7), st.sampled_from(sorted(DECIMALS)))
def test_text_is_rounded_as_decimal_arithmetic_rounds(value, currency):
    wanted = value.quantize(Decimal(1).scaleb(-DECIMALS[currency]), rounding=ROUND_HALF_UP)
    parsed = parse([f"{value:f}"], currency=currency)
    assert parsed.minor.tolist() == [int(wanted.scaleb(DECIMALS[currency]))]
    assert parsed.is_rounded.tolist() == [wanted != value]


@given(CENTS)
def test_what_is_written_is_read_back(cents):
    for currency in DECIMALS:
        written = money.write_minor(cents, currency)
        assert minor_of(written, currency=currency) == [cents]
        assert money.format_minor(cents, currency).replace(",", "") == written


TYPED = {
    "text": pd.Series(["10.05", None, "-3"]),
    "object": pd.Series(["10.05", None, "-3"], dtype=object),
    "mixed": pd.Series([10.05, None, -3], dtype=object),
    "float64": pd.Series([10.05, np.nan, -3.0]),
    "float32": pd.Series([10.05, np.nan, -3.0], dtype="float32"),
    "Float32": pd.Series([10.05, None, -3.0], dtype="Float32"),
    "category": pd.Series(["10.05", None, "-3"], dtype="category"),
    "category of numbers": pd.Series([10.05, None, -3.0], dtype="category"),
    "Decimal": pd.Series([Decimal("10.05"), None, Decimal("-3E+0")]),
    "bytes": pd.Series([b"10.05", None, b"-3"]),
    "float64 arrow": pd.array(pa.array([10.05, None, -3.0]), dtype="float64[pyarrow]"),
}
ARROW = {
    "decimal128(18, 2)": pa.decimal128(18, 2),
    "decimal128(38, 10)": pa.decimal128(38, 10),
    "decimal256(50, 8)": pa.decimal256(50, 8),
}


@pytest.mark.parametrize("kind", [*TYPED, *ARROW])
def test_amounts_of_any_type_are_read_as_text_is(kind):
    if kind in ARROW:
        array = pa.array([Decimal("10.05"), None, Decimal(-3)], ARROW[kind])
        values = pd.Series(pd.array(array, dtype=pd.ArrowDtype(ARROW[kind])))
    else:
        values = pd.Series(TYPED[kind])
    parsed = money.parse_amounts(values, np.full(3, 2))
    assert parsed.minor.tolist() == [1005, 0, -300]
    assert parsed.is_missing.tolist() == [False, True, False]
    assert not parsed.is_rounded.any()


def test_a_zero_with_many_decimals_is_zero():
    # Decimal writes it as 0E-8, which is no plain decimal.
    assert minor_of(Decimal("0E-8"), Decimal("1E+3"), dtype=object) == [0, 100000]


@pytest.mark.parametrize("values", [[True, False], [pd.Timestamp("2024-01-01")], [pd.Timedelta(1)], [[1]], [{}]])
def test_other_things_are_unreadable_and_raise_nothing(values):
    assert not parse(values).is_readable.any()


@given(CENTS)
def test_major_units_are_the_nearest_double_of_the_exact_decimal(cents):
    currencies = pd.Series(sorted(DECIMALS))
    wanted = [float(Decimal(cents) / 10 ** DECIMALS[name]) for name in currencies]
    assert money.to_major([cents] * 4, currencies).tolist() == wanted


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_division_rounds_half_away_from_zero(numerator, denominator):
    wanted = (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert money.divide_half_up(np.array([numerator]), np.array([denominator])).tolist() == [int(wanted)]


@given(CENTS, st.lists(st.integers(0, 10**15), min_size=1, max_size=6))
def test_parts_of_an_amount_sum_to_it_and_none_is_a_unit_off(amount, weights):
    parts = money.spread_minor(amount, weights)
    assert sum(parts) == amount
    whole = sum(weights)
    if whole:
        assert all(abs(part * whole - amount * weight) < whole for part, weight in zip(parts, weights, strict=True))
    else:
        assert parts[0] == amount
