"""A past period with other limits: what is held back, what became of it, and which limit held when."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from arrisk.decisions.replay import find_limits, list_trade, sum_outcome
from arrisk.frames import day_of
from tests.books import allocation, book_of, credit_note, invoice, payment, write_off

FIRST, LAST, END = date(2024, 1, 1), date(2024, 6, 30), date(2024, 12, 31)


def trade_of(*, from_on=FIRST, to_on=LAST, end=END, **tables):
    """Give the trade of a half-year in a ledger that reaches half a year further."""
    return list_trade(book_of(extract_end_on=end, **tables), from_on=from_on, to_on=to_on)


def pass_all(trade):
    return trade.walk(np.full(len(trade.invoices), np.inf))


THREE = [invoice("I1"), invoice("I2", issued_on="2024-01-10"), invoice("I3", issued_on="2024-03-05")]


@pytest.mark.parametrize(("paid", "passed"), [("I1", [True, False, True]), ("I2", [True, False, False])])
def test_the_payment_of_an_invoice_that_was_held_does_not_lower_the_balance(paid, passed):
    trade = trade_of(invoices=THREE, payments=[payment()], allocations=[allocation(invoice_id=paid)])
    assert trade.walk(np.full(3, 150.0)).tolist() == passed


def test_what_was_held_back_is_neither_sold_nor_lost():
    trade = trade_of(invoices=THREE, write_offs=[write_off("I2")])
    found = sum_outcome(trade, trade.walk(np.full(3, 150.0))).iloc[0]
    assert found["sold_amount"] == 100
    assert (found["held_count"], found["held_amount"]) == (2, 200)
    # I1 is open and long overdue; of what was held, I2 was written off and I3 is long overdue.
    assert (found["lost_amount"], found["avoided_amount"]) == (100, 200)


def test_a_loss_is_what_was_written_off_less_what_came_back():
    back = [{"invoice_id": "I1", "recovered_on": "2024-08-01", "amount": "30"}]
    trade = trade_of(invoices=[invoice()], write_offs=[write_off()], recoveries=back)
    assert trade.invoices["lost_amount"].tolist() == [70]
    assert trade.invoices["stuck_amount"].tolist() == [0]


def test_what_was_written_off_for_another_reason_than_bad_debt_is_no_loss():
    trade = trade_of(invoices=[invoice()], write_offs=[write_off(reason="small_balance")])
    assert trade.invoices["lost_amount"].tolist() == [0]


def test_what_is_open_at_the_end_is_stuck_only_when_it_is_long_overdue():
    late = invoice("I2", due_on="2024-10-02")
    longer = invoice("I3", due_on="2024-10-01")
    trade = trade_of(
        invoices=[invoice(), late, longer], payments=[payment(amount="40")], allocations=[allocation(amount="40")]
    )
    assert trade.invoices["stuck_amount"].tolist() == [60, 0, 100]


def test_a_receipt_makes_room_for_an_invoice_of_the_same_day():
    second = invoice("I2", issued_on="2024-02-10")
    trade = trade_of(invoices=[invoice(), second], payments=[payment()], allocations=[allocation()])
    assert trade.walk(np.full(2, 100.0)).tolist() == [True, True]


def test_a_receipt_of_the_day_of_issue_is_of_the_invoice_that_had_to_pass_first():
    same_day = {"paid_on": "2024-01-01"}
    trade = trade_of(
        invoices=[invoice(), invoice("I2", issued_on="2024-01-02")],
        payments=[payment(**same_day)],
        allocations=[allocation(applied_on="2024-01-01")],
    )
    assert trade.walk(np.full(2, 100.0)).tolist() == [True, True]


def test_what_was_invoiced_before_the_period_is_owed_and_not_counted():
    trade = trade_of(invoices=THREE, from_on=date(2024, 2, 1))
    assert trade.invoices["in_period"].tolist() == [False, False, True]
    assert trade.walk(np.full(3, 150.0)).tolist() == [True, True, False]
    assert sum_outcome(trade, pass_all(trade))["sold_amount"].tolist() == [100]


def test_later_invoices_and_credit_notes_are_no_trade_of_the_period():
    trade = trade_of(invoices=[invoice(), invoice("I2", issued_on="2024-07-01"), credit_note()])
    assert trade.invoices["invoice_id"].tolist() == ["I1"]


def test_amounts_are_in_book_currency_at_the_rate_of_the_day_of_issue():
    rates = [
        {"currency": "EUR", "rate_on": "2024-01-01", "rate": 2},
        {"currency": "EUR", "rate_on": "2024-01-02", "rate": 9},
    ]
    trade = trade_of(invoices=[invoice(currency="EUR")], rates=rates)
    assert trade.invoices["amount"].tolist() == [200]


def test_the_limit_of_the_newest_review_holds_and_a_newcomer_has_its_own():
    more = [invoice("N1", "B", issued_on="2024-02-01"), invoice("N2", "B", issued_on="2024-03-01")]
    trade = trade_of(invoices=[invoice("I0", issued_on="2023-12-31"), *THREE, *more])
    reviews = [
        (day_of(FIRST), pd.Series(["A"]), np.array([10.0])),
        (day_of(date(2024, 3, 1)), pd.Series(["B", "A"]), np.array([20.0, 30.0])),
    ]
    limit = find_limits(trade, reviews, newcomer=np.array([5.0, 6.0]))
    found = dict(zip(trade.invoices["invoice_id"], limit.tolist(), strict=True))
    assert found == {"I0": np.inf, "I1": 10, "I2": 10, "I3": 30, "N1": 5, "N2": 20}
