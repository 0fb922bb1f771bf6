"""What came in: by receipt day, apart for the open book and for later invoices, complete weeks only."""

from datetime import date

import numpy as np
import pytest

from arrisk.forecast.history import Ledger
from arrisk.forecast.receipts import Horizon, look_at_open
from arrisk.frames import day_of
from tests.books import allocation, book_of, invoice, payment, write_off
from tests.forecast.samples import curves_paid_by, steady_book

AS_OF = date(2024, 2, 1)


def received(weeks=3, **tables):
    book = book_of(extract_end_on=date(2024, 6, 30), **tables)
    curves = curves_paid_by(0)
    open_book = look_at_open(book, lambda day: curves(book, day), as_of=AS_OF, weeks=weeks)
    ledger, seen = Ledger.of(book), date(2024, 7, 1)
    of_open, of_later = ledger.sum_received(open_book, known_before=seen)
    # Whoever asks for weeks alone gets both, and what was known on the first day yet not open then.
    assert ledger.sum_weeks(open_book.horizon, known_before=seen).tolist() == (of_open + of_later).tolist()
    return of_open.tolist(), of_later.tolist()


def test_receipts_of_the_open_book_and_of_later_invoices_are_told_apart():
    later = invoice("I2", issued_on="2024-02-02", due_on="2024-02-03", settled_on="2024-02-09", amount="30")
    assert received(invoices=[invoice(settled_on="2024-02-07"), later]) == ([10_000, 0, 0], [0, 3_000, 0])


def test_a_receipt_counts_on_its_own_day_however_late_it_is_applied():
    tables = {"payments": [payment(paid_on="2024-02-07")], "allocations": [allocation(applied_on="2024-03-20")]}
    assert received(invoices=[invoice()], **tables)[0] == [10_000, 0, 0]


def test_money_from_before_the_day_does_not_come_in_after_it():
    tables = {"payments": [payment(paid_on="2024-01-31")], "allocations": [allocation(applied_on="2024-02-05")]}
    assert received(invoices=[invoice()], **tables)[0] == [0, 0, 0]


def test_discounts_and_write_offs_are_no_receipts():
    losses = [write_off(amount="2", written_off_on="2024-02-07", reason="discount"), write_off(amount="98")]
    assert received(invoices=[invoice()], write_offs=losses, weeks=20)[0] == [0] * 20


def test_what_came_in_is_converted_at_the_rate_of_the_day_of_the_forecast():
    rates = [
        {"currency": "CAD", "rate_on": day, "rate": rate} for day, rate in (("2024-01-15", 0.5), ("2024-02-03", 9))
    ]
    bills = [invoice(currency="CAD", settled_on="2024-02-07")]
    assert received(invoices=bills, rates=rates)[0] == [5_000, 0, 0]


def test_a_week_is_complete_when_its_receipts_are_booked():
    book = book_of(
        invoices=[invoice()],
        payments=[payment(paid_on="2024-02-07")],
        allocations=[allocation(applied_on="2024-02-11")],
        extract_end_on=date(2024, 2, 18),
    )
    end = date(2024, 2, 19)
    # Booked four days later: the week that ends on 14 February is the last of which everything is known.
    assert Ledger.of(book).find_complete(Horizon(day_of("2024-02-01"), 3), known_before=end).tolist() == [
        True,
        True,
        False,
    ]
    assert Ledger.of(book).find_complete(Horizon(day_of("2024-02-02"), 3), known_before=end).tolist() == [
        True,
        False,
        False,
    ]


def test_sales_and_their_cash_are_in_one_currency():
    dates = {"issued_on": "2024-01-04", "settled_on": "2024-01-10"}
    book = book_of(
        invoices=[invoice(name, **dates, currency=code) for name, code in (("I1", "CAD"), ("I2", "USD"))],
        rates=[{"currency": "CAD", "rate_on": "2024-01-01", "rate": 0.5}],
    )
    history = Ledger.of(book).look_at_sales(as_of=AS_OF, weeks=3)
    assert history.sales.sum() == 15_000
    assert history.rows.sum() == pytest.approx(15_000)


def test_steady_sales_bring_in_what_they_did():
    history = Ledger.of(steady_book()).look_at_sales(as_of=date(2024, 1, 1), weeks=5)
    np.testing.assert_allclose(history.expect(), [0, 0, 30_000, 30_000, 30_000])


def test_money_that_waits_is_a_share_of_what_becomes_known():
    receipt = payment(paid_on="2024-01-08", known_on="2024-01-11")
    book = book_of(invoices=[invoice()], payments=[receipt], allocations=[allocation(applied_on="2024-01-20")])
    ledger = Ledger.of(book)
    # Three days of receipts are not booked yet, beside the seven of a week; nine days more they wait to be applied.
    assert ledger.find_waiting(known_before=AS_OF) == pytest.approx((9 / 19, 3 / 10))
    assert ledger.find_waiting(known_before=date(2024, 1, 20)) == (0, 0)
