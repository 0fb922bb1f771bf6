"""Currencies: one alone, or all in the book currency at the newest rate of a day."""

from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.errors import CurrencyError
from arrisk.ledger import list_open_items, list_unapplied
from arrisk.ledger.conversion import convert_minor, restrict_currency, to_book_currency
from tests.books import allocation, book_of, invoice, payment, write_off


def rate(on, value, currency="CAD", **more):
    return {"currency": currency, "rate_on": on, "rate": value, **more}


def convert(book, minor, *, as_of, on=None, currency="CAD"):
    frame = pd.DataFrame({"amount": [minor], "currency": [currency]}).astype({"currency": "str"})
    return to_book_currency(frame, book, amounts=("amount",), as_of=as_of, on=on)["amount"].item()


RATED = {
    "invoices": [invoice()],
    "rates": [
        rate("2024-01-01", "0.70"),
        rate("2024-02-01", "0.75"),
        rate("2024-03-01", "0.80", known_on="2024-03-05"),
    ],
}


@pytest.mark.parametrize(
    ("as_of", "on", "converted"),
    [
        ("2024-02-01", "2024-02-01", 700),  # the rate of the day itself is not known before the day
        ("2024-02-02", "2024-02-01", 750),
        ("2024-02-02", "2024-01-31", 700),
        ("2024-03-05", "2024-03-04", 750),  # published late
        ("2024-03-06", "2024-03-05", 800),
    ],
)
def test_the_newest_visible_rate_of_the_day_is_taken(as_of, on, converted):
    days = {"as_of": date.fromisoformat(as_of), "on": date.fromisoformat(on)}
    assert convert(book_of(**RATED), 1000, **days) == converted


def test_a_corrected_rate_replaces_the_former_one_from_its_day_on():
    again = rate("2024-02-01", "0.90", known_on="2024-02-10")
    book = book_of(invoices=[invoice()], rates=[rate("2024-02-01", "0.75"), again])
    assert convert(book, 1000, as_of=date(2024, 2, 10)) == 750
    assert convert(book, 1000, as_of=date(2024, 2, 11)) == 900


def test_every_missing_pair_is_named():
    book = book_of(invoices=[invoice()], rates=[rate("2024-03-01", "0.8")])
    frame = pd.DataFrame({"amount": [1, 2, 3], "currency": ["USD", "GBP", "CAD"]})
    with pytest.raises(CurrencyError, match=r"CAD -> USD, GBP -> USD .*2024-02-01"):
        to_book_currency(frame, book, amounts=("amount",), as_of=date(2024, 2, 1))


def test_the_book_currency_needs_no_rate():
    assert convert(book_of(invoices=[invoice()]), 5, as_of=date(2024, 1, 1), currency="USD") == 5


@given(
    st.integers(-(10**15), 10**15),
    st.decimals("0.0001", "999", places=4),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.sampled_from(["USD", "KRW", "OMR"]),
)
def test_conversion_is_exact_and_rounds_half_away_from_zero(minor, price, source, target):
    digits = {"EUR": 2, "JPY": 0, "KWD": 3, "USD": 2, "KRW": 0, "OMR": 3}
    exact = Fraction(minor) * Fraction(price) * Fraction(10) ** (digits[target] - digits[source])
    rounded = int(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1)
    assert convert_minor(np.array([minor]), float(price), source=source, target=target).tolist() == [rounded]


TWO_CURRENCIES = {
    "invoices": [invoice(), invoice("I2", currency="CAD"), invoice("I3", currency="CAD")],
    "payments": [payment(), payment("P2", currency="CAD", amount="90")],
    "allocations": [allocation(), allocation("P2", "I2", amount="90")],
    "write_offs": [write_off("I2", amount="10"), write_off("I1", amount="1")],
    "rates": [rate("2024-01-01", "0.7")],
}


def test_one_currency_alone_needs_no_rate_and_becomes_the_book_currency():
    book = restrict_currency(book_of(**TWO_CURRENCIES), "CAD")
    assert book.currency == "CAD"
    assert not len(book["rates"])
    assert book["write_offs"]["invoice_id"].tolist() == ["I2"]
    items = to_book_currency(
        list_open_items(book, as_of=date(2024, 7, 1)), book, amounts=("open_amount",), as_of=date(2024, 7, 1)
    )
    assert items[["invoice_id", "open_amount"]].to_numpy().tolist() == [["I3", 10_000]]


def test_a_receipt_applied_across_currencies_does_not_look_unapplied():
    crossed = {**TWO_CURRENCIES, "allocations": [allocation("P1", "I2"), allocation("P2", "I3", amount="90")]}
    book = restrict_currency(book_of(**crossed), "USD")
    assert not len(list_unapplied(book, as_of=date(2024, 7, 1)))
    assert list_open_items(book, as_of=date(2024, 3, 1))["open_amount"].tolist() == [10_000]


def test_a_currency_that_is_not_there_is_named_with_the_nearest():
    with pytest.raises(CurrencyError, match="did you mean 'CAD'"):
        restrict_currency(book_of(**TWO_CURRENCIES), "CAF")
