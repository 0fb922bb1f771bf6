"""Flows: each open amount in the step in which it was open, and where it went by what was known then."""

from datetime import date, timedelta

import pandas as pd
import pytest

from arrisk.allowance.flows import STEP_DAYS, list_flows
from arrisk.frames import day_of
from arrisk.ledger.defaults import list_defaults
from arrisk.policy import load_policy
from tests.books import allocation, book_of, credit_note, invoice, payment, write_off

POLICY = load_policy()
END = date(2024, 7, 1)
START = END - timedelta(days=STEP_DAYS)
WENT = ["open_amount", "left_amount", "written_off_amount"]


def flow(book, *, steps=1, as_of=END):
    return list_flows(book, list_defaults(book, as_of=as_of, policy=POLICY), as_of=as_of, steps=steps)


def went(**tables):
    return flow(book_of(**tables))[WENT].to_numpy().tolist()


def within(days):
    return (START + timedelta(days=days)).isoformat()


def receipt(day, amount="100", **more):
    return {
        "payments": [payment(paid_on=day, amount=amount)],
        "allocations": [allocation(applied_on=day, amount=amount, **more)],
    }


@pytest.mark.parametrize(
    ("day", "left"),
    [(within(-1), []), (within(0), [[100, 0, 0]]), (within(29), [[100, 0, 0]]), (within(30), [[100, 100, 0]])],
)
def test_a_receipt_belongs_to_the_step_on_whose_days_it_was_known(day, left):
    assert went(invoices=[invoice()], **receipt(day)) == left


def test_what_is_paid_in_part_is_left_in_part():
    assert went(invoices=[invoice()], **receipt(within(3), amount="40")) == [[100, 60, 0]]


def test_bad_debt_is_written_off_and_a_discount_is_paid():
    bad = [write_off(amount="70", written_off_on=within(3))]
    assert went(invoices=[invoice()], write_offs=bad) == [[100, 30, 70]]
    small = [write_off(amount="1", written_off_on=within(3), reason="discount")]
    assert went(invoices=[invoice()], write_offs=small) == [[100, 99, 0]]


def test_a_write_off_counts_in_the_step_in_which_it_was_known():
    late = [write_off(written_off_on=within(-10), known_on=within(5))]
    assert went(invoices=[invoice()], write_offs=late) == [[100, 0, 100]]
    later = [write_off(written_off_on=within(5), known_on=within(30))]
    assert went(invoices=[invoice()], write_offs=later) == [[100, 100, 0]]


def test_a_write_off_taken_back_is_open_again():
    taken_back = [
        write_off(written_off_on=within(-40)),
        write_off(written_off_on=within(-40), known_on=within(5), amount="10"),
    ]
    rows = flow(book_of(invoices=[invoice()], write_offs=taken_back), steps=3)
    # Written off in the first step; in the third nothing was open at the start, and 90 came back.
    assert rows[["step", *WENT]].to_numpy().tolist() == [[2, 100, 0, 100]]
    rows = flow(book_of(invoices=[invoice()], write_offs=taken_back), as_of=END + timedelta(days=STEP_DAYS))
    assert rows[WENT].to_numpy().tolist() == [[90, 90, 0]]


def test_a_credit_note_that_is_applied_is_neither_left_nor_written_off_and_no_flow_itself():
    applied = [allocation("N1", "I1", amount="30", applied_on=within(3))]
    assert went(invoices=[invoice(), credit_note(amount="30")], allocations=applied) == [[100, 70, 0]]


def test_what_a_correction_takes_away_is_not_left():
    fewer = [invoice(), invoice(amount="80", known_on=within(5))]
    assert went(invoices=fewer) == [[100, 80, 0]]
    assert went(invoices=fewer, **receipt(within(9), amount="80")) == [[100, 0, 0]]


def test_what_a_correction_adds_was_not_open_before():
    more = [invoice(), invoice(amount="150", known_on=within(5))]
    assert went(invoices=more) == [[100, 100, 0]]


def test_an_invoice_corrected_into_a_credit_note_is_gone():
    assert went(invoices=[invoice(), credit_note("I1", known_on=within(5))]) == [[100, 0, 0]]


def test_the_due_day_is_the_one_that_was_known_then():
    moved = [invoice(due_on="2024-05-01"), invoice(due_on="2024-06-30", known_on=within(5))]
    rows = flow(book_of(invoices=moved))
    assert rows["age_days"].tolist() == [day_of(START) - day_of("2024-05-01")]


def test_foreign_amounts_are_in_the_book_currency_and_without_a_rate_left_out():
    rates = [
        {"currency": "EUR", "rate_on": "2024-01-01", "rate": 2},
        {"currency": "JPY", "rate_on": "2024-01-01", "rate": "0.01"},
    ]
    foreign = [
        invoice(currency="EUR"),
        invoice("I2", currency="JPY"),
        invoice("I3", "B", currency="CAD", due_on="2024-06-20"),
    ]
    assert went(invoices=foreign, rates=rates) == [[200, 200, 0], [1, 1, 0]]


def test_the_default_of_the_customer_is_seen_at_both_ends_of_a_step():
    bad = [write_off(amount="20", written_off_on=within(5))]
    rows = flow(book_of(invoices=[invoice(amount="400")], write_offs=bad), steps=2)
    assert rows["is_in_default"].tolist() == [False, False]
    assert rows["is_in_default_after"].tolist() == [False, True]


def test_each_step_begins_with_what_was_left_of_the_one_before():
    book = book_of(
        invoices=[invoice(), invoice("I2", issued_on="2024-05-15", due_on="2024-06-15")],
        **receipt("2024-04-20", amount="40"),
    )
    rows = flow(book, steps=12)
    one = rows.loc[rows["invoice"] == 0]
    assert one["open_amount"].tolist()[1:] == one["left_amount"].tolist()[:-1]
    assert one["age_days"].diff().dropna().eq(STEP_DAYS).all()
    assert rows["start_day"].min() > day_of("2024-01-01")
    assert rows["start_day"].is_monotonic_increasing
    assert rows.loc[rows["step"] == 0, "start_day"].unique().tolist() == [day_of(START)]


def test_what_is_known_later_changes_no_flow_not_even_the_places_of_invoices():
    old = invoice("I2", issued_on="2024-03-01")
    future = [invoice("I0", known_on="2024-07-01"), invoice(amount="1", known_on="2024-07-01")]
    more = {"write_offs": [write_off(written_off_on="2024-07-01")], **receipt("2024-06-20", known_on="2024-07-01")}
    one, two = (
        flow(book_of(invoices=[invoice(), old]), steps=9),
        flow(book_of(invoices=[*future, invoice(), old], **more), steps=9),
    )
    assert len(one) > 4
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_before_the_first_invoice_there_is_no_flow_but_its_columns():
    rows = flow(book_of(invoices=[invoice()]), as_of=date(2023, 1, 1))
    assert rows.empty
    assert {"step", "invoice", "is_in_default_after", *WENT} <= set(rows)
