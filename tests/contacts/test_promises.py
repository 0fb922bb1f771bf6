"""Promises are kept, partly kept or broken, as the ledger shows on a day."""

from dataclasses import replace
from datetime import date

import pytest

from arrisk.contacts.accounts import Promise
from arrisk.contacts.promises import Receipt, Receipts, judge_promises, list_receipts
from arrisk.frames import day_of
from tests.books import allocation, book_of, credit_note, invoice, payment, write_off
from tests.contacts.steps import POLICY

MADE, DUE, LAST = date(2024, 3, 1), date(2024, 3, 10), date(2024, 3, 12)
PROMISE = Promise("P1", MADE, DUE, 10_000, "USD", 10_000, "cleo")


def receipts_of(*rows):
    return [Receipt(day_of(paid_on), currency, amount) for paid_on, amount, currency in rows]


def judge(*rows, promises=(PROMISE,), as_of=date(2024, 3, 20)):
    judged = judge_promises(promises, receipts_of(*rows), as_of=as_of, policy=POLICY)
    return [(str(one.standing), one.received) for one in judged]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], ("broken", 0)),
        ([("2024-03-05", 10_000, "USD")], ("kept", 10_000)),
        ([("2024-03-01", 4_000, "USD"), ("2024-03-12", 6_000, "USD")], ("kept", 10_000)),
        ([("2024-03-05", 9_800, "USD")], ("kept", 9_800)),
        ([("2024-03-05", 9_799, "USD")], ("partly", 9_799)),
        ([("2024-03-05", 90_000, "USD")], ("kept", 10_000)),
        ([("2024-02-29", 10_000, "USD")], ("broken", 0)),
        ([("2024-03-13", 10_000, "USD")], ("broken", 0)),
        ([("2024-03-05", 10_000, "EUR")], ("broken", 0)),
    ],
)
def test_a_promise_is_kept_by_what_came_in_by_its_last_day(rows, said):
    assert judge(*rows) == [said]


def test_a_promise_is_open_until_its_last_day_is_known():
    assert judge(as_of=LAST) == [("open", 0)]
    assert judge(as_of=date(2024, 3, 13)) == [("broken", 0)]
    assert judge(("2024-03-02", 5_000, "USD"), as_of=LAST) == [("open", 5_000)]
    assert judge(("2024-03-02", 10_000, "USD"), as_of=LAST) == [("kept", 10_000)]


def test_a_receipt_counts_once_for_the_promise_that_is_due_first():
    later = replace(PROMISE, promise_id="P2", due_on=date(2024, 3, 15))
    assert judge(("2024-03-09", 15_000, "USD"), promises=(later, PROMISE)) == [("partly", 5_000), ("kept", 10_000)]


def test_a_cancelled_promise_takes_no_money():
    gone = replace(PROMISE, cancelled_on=MADE)
    later = replace(PROMISE, promise_id="P2")
    assert judge(("2024-03-09", 10_000, "USD"), promises=(gone, later)) == [("cancelled", 0), ("kept", 10_000)]


def test_receipts_are_payments_and_settlements_without_one():
    book = book_of(
        invoices=[
            invoice("I1"),
            invoice("I2", settled_on="2024-02-20"),
            invoice("I3"),
            credit_note("N1"),
            invoice("I4"),
        ],
        payments=[payment("P1", amount="150")],
        allocations=[
            allocation("P1", "I1"),
            allocation("N1", "I3", applied_on="2024-02-12"),
            allocation("P9", "I4", amount="30"),
        ],
        write_offs=[write_off("I3", amount="5", written_off_on="2024-02-15", reason="discount")],
    )
    found = list_receipts(book, as_of=date(2024, 3, 1)).sort_values("amount")
    assert found["amount"].tolist() == [3_000, 10_000, 15_000]
    assert found["paid_on"].dt.strftime("%m-%d").tolist() == ["02-10", "02-20", "02-10"]
    assert set(found["customer_id"]) == {"A"}
    assert list_receipts(book, as_of=date(2024, 2, 11))["amount"].tolist() == [15_000, 3_000]


def test_receipts_are_grouped_by_customer_in_order_of_days():
    book = book_of(
        invoices=[invoice("I1"), invoice("I2", "B")],
        payments=[
            payment("P1", paid_on="2024-02-10"),
            payment("P2", "B"),
            payment("P3", paid_on="2024-02-01", amount="7"),
        ],
    )
    found = Receipts(list_receipts(book, as_of=date(2024, 3, 1)))
    assert found.of("A") == receipts_of(("2024-02-01", 700, "USD"), ("2024-02-10", 10_000, "USD"))
    assert found.of("B") == found.of("A")[1:]
    assert found.of("C") == []


def test_a_book_without_receipts_has_none():
    listed = list_receipts(book_of(invoices=[invoice()]), as_of=date(2024, 3, 1))
    assert listed.empty
    assert Receipts(listed).of("A") == []
