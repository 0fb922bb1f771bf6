"""Receipts of the open book: the weeks add up, money at hand comes in once, and currencies are not mixed."""

from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.errors import CurrencyError
from arrisk.forecast.receipts import Waiting, look_at_open, set_off_receipts
from tests.books import book_of, invoice, payment
from tests.forecast.samples import curves_paid_by, random_open_book

SEEDS = st.integers(0, 2**32 - 1)
AS_OF = date(2024, 2, 1)


@given(seed=SEEDS, weeks=st.integers(1, 52), waiting=st.builds(Waiting, st.floats(0, 0.9), st.floats(0, 0.5)))
@settings(max_examples=25, deadline=None)
def test_weeks_and_the_rest_are_the_open_amount(seed, weeks, waiting):
    open_book = replace(random_open_book(seed, weeks=weeks), waiting=waiting)
    by_week, *rest = open_book.split_expected()
    assert by_week.sum() + sum(rest) == pytest.approx(open_book.amounts.sum())
    assert (by_week >= 0).all()
    assert min(rest) >= -1e-6


@given(seed=SEEDS, at_hand=st.floats(0.01, 0.9))
@settings(max_examples=10, deadline=None)
def test_what_receipts_at_hand_pay_is_expected_once(seed, at_hand):
    open_book = random_open_book(seed)
    soon = open_book.weekly[:, 0]
    waiting = replace(open_book, waiting=Waiting(at_hand=at_hand)).weekly
    # Of invoices of one kind the part at hand is set off, and the others together bring the rest of what all would.
    still_to_come = (1 - at_hand * soon)[:, None] * waiting
    np.testing.assert_allclose(still_to_come + (at_hand * soon)[:, None], open_book.weekly)


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_a_longer_forecast_begins_like_a_shorter_one(seed):
    short, long = (random_open_book(seed, weeks=weeks).split_expected().weeks for weeks in (4, 9))
    np.testing.assert_allclose(long[:4], short)


def look(book, *, days_late=0, weeks=4):
    curves = curves_paid_by(days_late)
    return look_at_open(book, lambda day: curves(book, day), as_of=AS_OF, weeks=weeks)


def test_an_invoice_is_expected_in_the_week_of_its_day_of_payment():
    book = book_of(invoices=[invoice(due_on="2024-02-07"), invoice("I2", due_on="2024-02-08", amount="50")])
    np.testing.assert_allclose(look(book).split_expected().weeks, [10_000, 5_000, 0, 0], atol=1e-3)


def test_a_receipt_at_hand_is_set_off_and_does_not_come_in_again():
    bills = [invoice("I1", due_on="2024-02-05"), invoice("I2", due_on="2024-02-20"), invoice("I3", "B")]
    book = book_of(invoices=bills, payments=[payment(paid_on="2024-01-30", amount="130")])
    open_book = look(book)
    assert open_book.items["open_amount"].tolist() == [0, 7_000, 10_000]
    assert open_book.items["set_off_amount"].sum() == 13_000


def test_more_at_hand_than_is_open_leaves_nothing_open():
    items = pd.DataFrame({"invoice_id": ["1"], "customer_id": "A", "currency": "EUR", "open_amount": 5})
    at_hand = pd.DataFrame({"customer_id": ["A", "A"], "currency": ["EUR", "USD"], "unapplied_amount": [9, 9]})
    set_off = partial(set_off_receipts, likely=np.ones(1))
    assert set_off(items, at_hand)["open_amount"].tolist() == [0]
    assert set_off(items, at_hand.iloc[1:])["open_amount"].tolist() == [5]
    assert set_off(items, at_hand.assign(unapplied_amount=-9))["open_amount"].tolist() == [5]


def test_a_foreign_invoice_is_converted_or_refused():
    foreign = [invoice("I1", "A", currency="CAD"), invoice("I2", "A")]
    rate = {"currency": "CAD", "rate_on": "2024-01-15", "rate": "0.5"}
    assert look(book_of(invoices=foreign, rates=[rate])).amounts.sum() == 15_000
    with pytest.raises(CurrencyError, match="CAD -> USD"):
        look(book_of(invoices=foreign))


def test_the_order_of_the_ledger_does_not_matter():
    bills = [invoice(f"I{n}", "BAC"[n % 3], amount=str(10 + n), due_on=f"2024-02-{n + 1:02}") for n in range(9)]
    first, second = look(book_of(invoices=bills)), look(book_of(invoices=bills[::-1]))
    pd.testing.assert_frame_equal(first.items, second.items)
    assert first.weekly.tolist() == second.weekly.tolist()
