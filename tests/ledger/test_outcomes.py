from datetime import date

import numpy as np
import pytest

from arrisk.frames import NEVER, date_of
from arrisk.ledger import end_tolerance, list_outcomes
from arrisk.policy import EndPolicy, load_policy
from tests.books import allocation, book_of, credit_note, invoice, payment, write_off

END = load_policy().end
LATE = date(2025, 1, 1)


def outcome(as_of=LATE, invoice_id="I1", **tables):
    """Give day and cause of the end of one invoice."""
    found = list_outcomes(book_of(**tables), as_of=as_of, end=END).set_index("invoice_id").loc[invoice_id]
    ended = found["ended_day"]
    return "open" if ended == NEVER else str(date_of(ended)), found["cause"]


def test_an_open_invoice_has_no_end():
    assert outcome(invoices=[invoice()]) == ("open", "")


def test_the_day_of_the_end_is_that_of_the_receipt():
    tables = {"invoices": [invoice()], "payments": [payment(paid_on="2024-02-07")], "allocations": [allocation()]}
    assert outcome(**tables) == ("2024-02-07", "paid")
    assert outcome(as_of=date(2024, 2, 10), **tables) == ("open", "")
    assert outcome(as_of=date(2024, 2, 11), **tables) == ("2024-02-07", "paid")


def test_without_its_receipt_an_allocation_ends_it_on_its_own_day():
    assert outcome(invoices=[invoice()], allocations=[allocation()]) == ("2024-02-10", "paid")


def test_an_invoice_paid_in_advance_ends_on_the_day_it_was_issued():
    tables = {"payments": [payment(paid_on="2023-12-20")], "allocations": [allocation(applied_on="2024-01-01")]}
    assert outcome(invoices=[invoice()], **tables) == ("2024-01-01", "paid")


def test_two_receipts_applied_together_end_it_on_the_later_ones_day():
    payments = [payment("P1", paid_on="2024-02-09", amount="40"), payment("P2", paid_on="2024-02-06", amount="60")]
    allocations = [allocation("P1", amount="40"), allocation("P2", amount="60")]
    assert outcome(invoices=[invoice()], payments=payments, allocations=allocations) == ("2024-02-09", "paid")


@pytest.mark.parametrize(("amount", "end"), [("99.00", ("2024-02-10", "paid")), ("98.99", ("open", ""))])
def test_one_percent_may_be_missing(amount, end):
    assert outcome(invoices=[invoice()], allocations=[allocation(amount=amount)]) == end


def test_a_cent_may_be_missing_of_a_small_invoice():
    assert outcome(invoices=[invoice(amount="0.50")], allocations=[allocation(amount="0.49")])[1] == "paid"


def test_nothing_to_pay_ends_as_credited_on_its_first_day():
    book = {"invoices": [invoice(amount="0")]}
    found = list_outcomes(book_of(**book), as_of=LATE, end=END).iloc[0]
    assert (str(date_of(found["ended_day"])), found["cause"]) == ("2024-01-01", "credited")


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("bad_debt", "written_off"),
        ("", "written_off"),
        ("commercial", "credited"),
        ("discount", "paid"),
        ("small_balance", "paid"),
    ],
)
def test_the_reason_of_a_write_off_says_what_kind_of_end_it_is(reason, cause):
    assert outcome(invoices=[invoice()], write_offs=[write_off(reason=reason)]) == ("2024-06-01", cause)


def test_a_credit_note_ends_both_sides_on_the_day_it_is_applied():
    tables = {"invoices": [invoice(), credit_note()], "allocations": [allocation("N1", "I1")]}
    assert outcome(**tables) == ("2024-02-10", "credited")
    assert outcome(invoice_id="N1", **tables) == ("2024-02-10", "credited")


@pytest.mark.parametrize(("paid", "cause"), [("51", "paid"), ("50", "paid"), ("49", "credited")])
def test_the_larger_part_of_the_last_step_names_the_cause_and_paid_wins_a_tie(paid, cause):
    allocations = [allocation("P1", amount=paid), allocation("N1", "I1", amount=str(100 - int(paid)))]
    assert outcome(invoices=[invoice(), credit_note()], allocations=allocations)[1] == cause


def test_only_the_last_step_counts_for_the_cause():
    tables = {"allocations": [allocation(amount="90")], "write_offs": [write_off(amount="10")]}
    assert outcome(invoices=[invoice()], **tables) == ("2024-06-01", "written_off")


def test_a_reversal_opens_it_and_the_next_receipt_ends_it():
    allocations = [
        allocation(),
        allocation(amount="-100", applied_on="2024-02-15"),
        allocation("P2", applied_on="2024-03-20"),
    ]
    assert outcome(invoices=[invoice()], allocations=allocations) == ("2024-03-20", "paid")
    assert outcome(as_of=date(2024, 3, 1), invoices=[invoice()], allocations=allocations) == ("open", "")


def test_an_allocation_corrected_to_nothing_opens_it():
    allocations = [allocation(), allocation(amount="0", known_on="2024-02-20")]
    assert outcome(as_of=date(2024, 2, 20), invoices=[invoice()], allocations=allocations)[1] == "paid"
    assert outcome(invoices=[invoice()], allocations=allocations) == ("open", "")


def test_the_tolerance_is_the_larger_of_an_amount_and_a_share_in_the_invoices_currency():
    amounts, decimals = np.array([100_00, 10, 5000, 1_000_000]), np.array([2, 2, 0, 3])
    assert end_tolerance(amounts, decimals, end=EndPolicy(amount=0.01, share=0.01)).tolist() == [100, 1, 50, 10000]
    assert end_tolerance(amounts, decimals, end=EndPolicy(amount=2.0, share=0.0)).tolist() == [200, 200, 2, 2000]
