"""Candidates for a write-off: which invoices, why, with what amount, and what speaks against it."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.allowance.bad_debt.candidates import (
    AMOUNTS,
    IN_DISPUTE,
    SECURED,
    TO_SET_OFF,
    list_candidates,
    split_tax,
)
from arrisk.errors import CurrencyError
from arrisk.ledger.open_items import list_open_items
from arrisk.modeling.lgd.losses import fit_write_off_loss
from arrisk.policy import Policy
from tests.books import allocation, book_of, credit_note, dispute, invoice, payment, write_off
from tests.features.random_books import TODAY, change_future, check_tables, draw_tables

DAY = date(2025, 3, 1)
POLICY = Policy.parse("[write_offs]\ntax_rate = 0.19", where="test")
EAGER = Policy.parse(
    """
[write_offs]
past_due_days = 10
no_receipt_days = 5
paying_past_due_days = 40
after_insolvency_days = 0
small_amount = 200.0
small_past_due_days = 0
tax_rate = 0.075
[end]
share = 0.6
""",
    where="test",
)
INSOLVENCY = {"customer_id": "A", "occurred_on": "2025-01-10", "kind": "insolvency"}
SECURITY = {
    "collateral_id": "S1",
    "customer_id": "A",
    "kind": "guarantee",
    "amount": "40",
    "valid_from_on": "2024-01-01",
}


def candidates(as_of=DAY, policy=POLICY, **tables):
    book = book_of(**{"invoices": [invoice()], **tables})
    return list_candidates(book, fit_write_off_loss(book, as_of=as_of, policy=policy), as_of=as_of, policy=policy)


def only(**tables):
    found = candidates(**tables)
    assert len(found) == 1
    return found.iloc[0]


def test_what_is_long_past_due_of_a_silent_customer_is_bad_debt():
    row = only()
    assert (row["invoice_id"], row["reason"], row["recommendation"]) == ("I1", "bad_debt", "write off")
    assert (row["open_amount"], row["net_amount"], row["tax_amount"]) == (100_00, 84_03, 15_97)
    assert row["evidence"] == "395 days past due; no receipt from the customer yet"


def test_one_day_too_young_is_no_candidate():
    assert candidates(as_of=date(2025, 1, 24)).empty
    assert len(candidates(as_of=date(2025, 1, 25))) == 1


@pytest.mark.slow
def test_a_customer_who_paid_lately_is_waited_for_until_the_item_is_very_old():
    more = [invoice(), invoice("I2", issued_on="2024-06-01", due_on="2024-07-01")]
    paid = {
        "payments": [payment(paid_on="2025-01-05")],
        "allocations": [allocation("P1", "I2", applied_on="2025-01-05")],
    }
    assert candidates(invoices=more, **paid).empty
    assert candidates(as_of=date(2025, 7, 3), invoices=more, **paid)["invoice_id"].tolist() == []
    assert candidates(as_of=date(2025, 7, 4), invoices=more, **paid)["invoice_id"].tolist() == ["I1"]
    again = {
        "payments": [payment(paid_on="2027-01-05")],
        "allocations": [allocation("P1", "I2", applied_on="2027-01-05")],
    }
    assert candidates(as_of=date(2027, 1, 29), invoices=more, **again).empty
    assert candidates(as_of=date(2027, 1, 30), invoices=more, **again)["invoice_id"].tolist() == ["I1"]


@pytest.mark.parametrize(
    "more",
    [
        {"invoices": [invoice(), invoice("I2", settled_on="2025-01-05")]},
        {"invoices": [invoice(), invoice("I2")], "allocations": [allocation("P9", "I2", applied_on="2025-01-05")]},
        {
            "invoices": [invoice(), invoice("I2")],
            "write_offs": [write_off("I2")],
            "recoveries": [{"invoice_id": "I2", "recovered_on": "2025-01-05", "amount": "10"}],
        },
    ],
)
def test_money_that_came_in_by_any_way_counts_as_a_receipt(more):
    assert candidates(**more).empty


def test_a_credit_note_or_a_write_off_is_no_receipt():
    more = [invoice(), invoice("I2"), credit_note(issued_on="2025-01-04", due_on="2025-01-04")]
    found = candidates(
        invoices=more,
        allocations=[allocation("N1", "I2", applied_on="2025-01-05")],
        write_offs=[write_off("I1", amount="1", reason="discount", written_off_on="2025-01-05")],
    )
    assert found["invoice_id"].tolist() == ["I1"]
    assert found["evidence"].tolist() == ["395 days past due; no receipt from the customer yet; 1.00 of it settled"]


def test_insolvency_reaches_what_was_issued_before_it():
    late = invoice("I2", issued_on="2025-01-10", due_on="2025-04-01")
    later = invoice("I3", issued_on="2025-01-11", due_on="2025-01-12")
    found = candidates(invoices=[late, later], credit_events=[INSOLVENCY])
    assert found["invoice_id"].tolist() == ["I2"]
    assert found["evidence"].tolist() == ["insolvent since 2025-01-10; not due yet; no receipt from the customer yet"]
    assert candidates(as_of=date(2025, 2, 8), invoices=[late], credit_events=[INSOLVENCY]).empty
    assert candidates(invoices=[late], credit_events=[{**INSOLVENCY, "kind": "legal"}]).empty


def test_a_small_rest_is_a_small_balance_and_a_small_invoice_is_not():
    young = {"issued_on": "2024-10-01", "due_on": "2024-10-31"}
    rows = [invoice(**young), invoice("I2", amount="1", **young), invoice("I3", amount="2000", **young)]
    parts = [allocation("P1", "I1", amount="99"), allocation("P2", "I3", amount="1985")]
    receipts = [payment(amount="99"), payment("P2", amount="1985")]
    found = candidates(invoices=rows, allocations=parts, payments=receipts)
    assert found[["invoice_id", "open_amount", "reason", "expected_recovery_amount"]].to_numpy().tolist() == [
        ["I1", 100, "small_balance", 0]
    ]


def test_what_is_disputed_secured_or_paid_for_by_credits_waits():
    assert only(disputes=[dispute(amount="10")])["recommendation"] == "wait: in dispute"
    secured = only(collateral=[SECURITY])
    assert (secured["recommendation"], secured["evidence"][-23:]) == (
        "wait: security to be realised",
        "40% covered by security",
    )
    assert only(payments=[payment(amount="1")])["recommendation"] == "wait: credits to be set off"
    note = credit_note(amount="5", issued_on="2024-02-01", due_on="2024-02-01")
    assert only(invoices=[invoice(), note])["recommendation"] == "wait: credits to be set off"


def test_credits_are_set_off_against_what_is_oldest():
    rows = [invoice("I2", due_on="2024-01-30"), invoice("I1"), invoice("I3", due_on="2024-02-01")]
    found = candidates(invoices=rows, payments=[payment(amount="100.01")]).set_index("invoice_id")["recommendation"]
    waits = {"I1": "wait: credits to be set off", "I2": "wait: credits to be set off", "I3": "write off"}
    assert found.to_dict() == waits


def test_cover_raises_what_is_expected_back():
    plain, secured = only(), only(collateral=[SECURITY])
    assert plain["expected_recovery_amount"] == 25_00
    assert plain["expected_recovery_amount"] <= secured["expected_recovery_amount"] <= 100_00


def test_what_is_to_be_written_off_comes_first_and_the_largest_of_it():
    rows = [invoice("I1"), invoice("I2", amount="300"), invoice("I3", amount="900"), invoice("I4", amount="300")]
    assert candidates(invoices=rows, disputes=[dispute(invoice_id="I3")])["invoice_id"].tolist() == [
        "I2",
        "I4",
        "I1",
        "I3",
    ]


def test_amounts_in_book_currency_need_a_rate_only_for_candidates():
    rows = [invoice(currency="EUR"), invoice("I2", "B", currency="CAD", issued_on="2025-02-01", due_on="2025-04-01")]
    rates = [{"currency": "EUR", "rate_on": "2025-02-01", "rate": "1.25"}]
    assert only(invoices=rows, rates=rates)["book_amount"] == 125_00
    with pytest.raises(CurrencyError, match="EUR -> USD"):
        candidates(invoices=rows)


@given(st.lists(st.integers(0, 10**17)), st.floats(0, 1))
def test_the_tax_is_a_part_of_the_amount_and_the_rate_of_the_net(gross, rate):
    amounts = np.array(gross, dtype="int64")
    tax = split_tax(amounts, rate)
    assert ((tax >= 0) & (tax <= amounts)).all()
    np.testing.assert_allclose(tax, (amounts - tax) * rate, rtol=1e-9, atol=1.0)


@pytest.mark.slow
@settings(max_examples=3)
@given(st.integers(0, 2**32 - 1))
def test_candidates_tie_to_the_open_balance_of_any_book(seed):
    book = check_tables(draw_tables(seed))
    loss = fit_write_off_loss(book, as_of=TODAY, policy=EAGER)
    found = list_candidates(book, loss, as_of=TODAY, policy=EAGER)
    assert found["invoice_id"].is_unique
    assert (found["net_amount"] + found["tax_amount"] == found["open_amount"]).all()
    assert found["expected_recovery_amount"].between(0, found["open_amount"]).all()
    items = list_open_items(book, as_of=TODAY).set_index("invoice_id").loc[found["invoice_id"]]
    assert (items["open_amount"].to_numpy() == found["open_amount"].to_numpy()).all()
    assert (items["kind"] == "invoice").all()
    assert {str(found[name].dtype) for name in (*AMOUNTS, "book_amount")} == {"int64"}


@pytest.mark.slow
@settings(max_examples=3)
@given(st.integers(0, 2**32 - 1))
def test_what_is_not_known_yet_changes_no_candidate(seed):
    tables = draw_tables(seed)
    found = []
    for rows in (tables, change_future(tables, seed + 1, today=TODAY, master_from=TODAY)):
        book = check_tables(rows)
        loss = fit_write_off_loss(book, as_of=TODAY, policy=EAGER)
        found.append(list_candidates(book, loss, as_of=TODAY, policy=EAGER))
    pd.testing.assert_frame_equal(*found, check_exact=True)


@pytest.mark.slow
def test_random_books_have_candidates_of_every_kind():
    found = [
        list_candidates(book, fit_write_off_loss(book, as_of=TODAY, policy=EAGER), as_of=TODAY, policy=EAGER)
        for book in (check_tables(draw_tables(seed)) for seed in range(8))
    ]
    every = pd.concat(found)
    assert set(every["reason"]) == {"bad_debt", "small_balance"}
    assert set(every["recommendation"]) == {
        "write off",
        IN_DISPUTE,
        TO_SET_OFF,
        SECURED,
    }
