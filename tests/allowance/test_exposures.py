"""Exposures: every open item in its segment, and what of it a rate is applied to."""

from datetime import date

import pandas as pd
import pytest

from arrisk.allowance.exposures import ALL, CREDIT_NOTES, IN_DEFAULT, UNKNOWN, list_exposures
from arrisk.ledger.defaults import list_defaults
from arrisk.policy import load_policy
from tests.books import allocation, book_of, credit_note, customer, invoice, payment, write_off

POLICY = load_policy()
DAY = date(2024, 3, 1)


def set_policy(**changes):
    return POLICY.model_copy(update={"allowance": POLICY.allowance.model_copy(update=changes)})


def expose(book, *, as_of=DAY, **changes):
    policy = set_policy(**changes)
    exposures = list_exposures(book, list_defaults(book, as_of=as_of, policy=policy), as_of=as_of, policy=policy)
    return exposures.items.set_index("invoice_id")


def security(**more):
    usual = {"collateral_id": "S1", "customer_id": "A", "kind": "guarantee", "valid_from_on": "2024-01-01"}
    return {**usual, "amount": "40", **more}


def test_the_segment_is_what_was_known_of_the_customer_before_the_day():
    customers = [
        customer(industry="food"),
        customer(industry="retail", known_on="2024-03-01"),
        customer("B", industry=None),
    ]
    book = book_of(customers=customers, invoices=[invoice(), invoice("I2", "B")])
    assert expose(book)["segment"].tolist() == ["food", UNKNOWN]
    assert expose(book, as_of=date(2024, 3, 2))["segment"].tolist() == ["retail", UNKNOWN]


def test_segments_of_two_columns_are_named_by_both():
    book = book_of(customers=[customer(industry="food", country="DE")], invoices=[invoice()])
    assert expose(book, segment_by=("country", "industry"))["segment"].tolist() == ["DE / food"]


@pytest.mark.parametrize("segment_by", [(), ("industry",)])
def test_without_segments_or_master_data_all_is_one(segment_by):
    assert expose(book_of(invoices=[invoice()]), segment_by=segment_by)["segment"].tolist() == [ALL]


def test_all_items_of_a_customer_in_default_are_in_that_segment():
    book = book_of(
        customers=[customer(industry="food")],
        invoices=[invoice(amount="900"), invoice("I2", due_on="2024-08-01")],
        write_offs=[write_off(amount="500")],
    )
    assert expose(book, as_of=date(2024, 6, 1))["segment"].tolist() == [IN_DEFAULT] * 2
    assert expose(book, as_of=date(2024, 4, 1))["segment"].tolist() == ["food"] * 2


def test_a_credit_note_is_a_segment_of_its_own_and_leaves_the_invoices_alone():
    book = book_of(invoices=[invoice(), credit_note(amount="30")])
    items = expose(book, credit_notes="kept")
    assert items["segment"].to_dict() == {"I1": ALL, "N1": CREDIT_NOTES}
    assert items["base_amount"].to_dict() == {"I1": 10_000, "N1": 0}


def test_credit_notes_are_set_off_against_the_oldest_invoices_of_the_same_customer_and_entity():
    invoices = [
        invoice(amount="100", due_on="2024-02-10"),
        invoice("I2", amount="50", due_on="2024-01-31"),
        invoice("I3", "B", amount="70"),
        invoice("I4", amount="60", entity_id="other", due_on="2024-01-02"),
    ]
    items = expose(book_of(invoices=[*invoices, credit_note(amount="80")]), credit_notes="set_off")
    assert items["base_amount"].to_dict() == {"I1": 7_000, "I2": 0, "I3": 7_000, "I4": 6_000, "N1": 0}


def test_credit_notes_beyond_what_is_owed_leave_nothing_and_owe_nothing():
    items = expose(book_of(invoices=[invoice(), credit_note(amount="130")]), credit_notes="set_off")
    assert items["base_amount"].tolist() == [0, 0]


def test_a_credit_note_is_not_set_off_against_an_invoice_in_another_currency():
    rates = [{"currency": "EUR", "rate_on": "2024-01-01", "rate": 2}]
    book = book_of(invoices=[invoice(), credit_note(amount="30", currency="EUR")], rates=rates)
    assert expose(book, credit_notes="set_off")["base_amount"].tolist() == [10_000, 0]


@pytest.mark.parametrize("rule", ["kept", "set_off"])
def test_a_credit_note_applied_beyond_its_amount_is_no_claim(rule):
    applied = allocation("N1", "I1", amount="30", applied_on="2024-02-01")
    book = book_of(invoices=[invoice(), credit_note(amount="10")], allocations=[applied])
    items = expose(book, credit_notes=rule)
    assert items["open_amount"].to_dict() == {"I1": 7_000, "N1": 2_000}
    assert items.loc["N1", "base_amount"] == 0


def test_an_invoice_paid_twice_has_nothing_to_lose():
    book = book_of(invoices=[invoice()], payments=[payment(amount="150")], allocations=[allocation(amount="150")])
    assert expose(book)["base_amount"].tolist() == [0]


def test_security_covers_its_share_of_all_that_the_customer_owes():
    book = book_of(invoices=[invoice(), invoice("I2", amount="60"), invoice("I3", "B")], collateral=[security()])
    assert expose(book)["covered_share"].to_dict() == {"I1": 0.25, "I2": 0.25, "I3": 0.0}


@pytest.mark.parametrize("column", ["collateral", "invoices"])
def test_security_counts_in_whatever_currency_it_or_the_debt_is(column):
    in_euro = {"currency": "EUR"}
    book = book_of(
        invoices=[invoice(**(in_euro if column == "invoices" else {}))],
        collateral=[security(**(in_euro if column == "collateral" else {}))],
        rates=[{"currency": "EUR", "rate_on": "2024-01-01", "rate": 2}],
    )
    assert expose(book)["covered_share"].tolist() == [0.8 if column == "collateral" else 0.2]


def test_security_in_a_currency_without_a_rate_is_not_counted():
    book = book_of(invoices=[invoice()], collateral=[security(currency="EUR")])
    assert expose(book)["covered_share"].tolist() == [0.0]


def test_security_known_on_the_day_is_not_known_yet():
    book = book_of(invoices=[invoice()], collateral=[security(known_on="2024-03-01")])
    assert expose(book)["covered_share"].tolist() == [0.0]
    assert expose(book, as_of=date(2024, 3, 2))["covered_share"].tolist() == [0.4]


def test_an_empty_day_has_no_exposures():
    items = expose(book_of(invoices=[invoice()]), as_of=date(2023, 1, 1))
    assert items.empty
    assert isinstance(items, pd.DataFrame)
