from datetime import date

import numpy as np
import pytest

from arrisk.frames import NEVER, day_of
from arrisk.ledger import list_movements, list_open_items, list_open_orders, list_unapplied, sum_exposure
from tests.books import allocation, book_of, check_of, credit_note, dispute, invoice, order, payment, write_off


def open_amounts(book, as_of):
    items = list_open_items(book, as_of=date.fromisoformat(as_of))
    return dict(zip(items["invoice_id"], items["open_amount"], strict=True))


def test_a_balance_moves_on_the_day_after_the_allocation_and_not_on_the_receipts_own_day():
    book = book_of(
        invoices=[invoice()], payments=[payment(paid_on="2024-02-01")], allocations=[allocation(amount="60")]
    )
    assert open_amounts(book, "2024-02-10") == {"I1": 10000}
    assert open_amounts(book, "2024-02-11") == {"I1": 4000}


def test_what_was_booked_late_is_seen_late():
    book = book_of(invoices=[invoice()], allocations=[allocation(known_on="2024-02-20")])
    assert open_amounts(book, "2024-02-20") == {"I1": 10000}
    assert open_amounts(book, "2024-02-21") == {}


def test_the_strict_day_hides_an_invoice_of_the_same_day():
    book = book_of(invoices=[invoice()])
    assert open_amounts(book, "2024-01-01") == {}
    assert open_amounts(book, "2024-01-02") == {"I1": 10000}


def test_a_period_end_takes_ages_of_the_day_itself():
    book = book_of(invoices=[invoice()])
    item = list_open_items(book, as_of=date(2024, 2, 1), age_on=date(2024, 1, 31)).iloc[0]
    assert item["days_past_due"] == 0
    assert list_open_items(book, as_of=date(2024, 2, 1)).iloc[0]["days_past_due"] == 1


def test_an_open_credit_note_is_negative_and_shrinks_where_it_is_applied():
    book = book_of(
        invoices=[invoice(), credit_note(amount="30")],
        allocations=[allocation("N1", "I1", amount="20")],
    )
    assert open_amounts(book, "2024-02-10") == {"I1": 10000, "N1": -3000}
    assert open_amounts(book, "2024-02-11") == {"I1": 8000, "N1": -1000}


def test_a_reversal_opens_the_invoice_again():
    book = book_of(
        invoices=[invoice()],
        allocations=[allocation(), allocation(amount="-100", applied_on="2024-02-15")],
    )
    assert open_amounts(book, "2024-02-12") == {}
    assert open_amounts(book, "2024-02-16") == {"I1": 10000}


def test_too_much_applied_shows_as_a_credit_balance():
    book = book_of(invoices=[invoice()], allocations=[allocation(amount="120")])
    assert open_amounts(book, "2024-03-01") == {"I1": -2000}


def test_a_residue_within_tolerance_stays_open_until_it_is_booked():
    book = book_of(
        invoices=[invoice()],
        allocations=[allocation(amount="99.50")],
        write_offs=[write_off(amount="0.50", reason="small_balance")],
    )
    assert open_amounts(book, "2024-03-01") == {"I1": 50}
    assert open_amounts(book, "2024-07-01") == {}


def test_the_short_form_is_a_payment_of_the_full_amount_on_its_day():
    book = book_of(invoices=[invoice(settled_on="2024-02-10")])
    assert open_amounts(book, "2024-02-10") == {"I1": 10000}
    assert open_amounts(book, "2024-02-11") == {}


def test_an_invoice_with_an_allocation_ignores_the_short_form():
    book = book_of(
        invoices=[invoice(settled_on="2024-02-20")],
        allocations=[allocation(amount="30"), allocation("P2", amount="70", applied_on="2024-03-05")],
    )
    assert open_amounts(book, "2024-03-01") == {"I1": 7000}
    assert open_amounts(book, "2024-03-06") == {}


def test_an_applied_credit_note_ignores_its_short_form_too():
    book = book_of(
        invoices=[invoice(), credit_note(amount="30", settled_on="2024-02-10")],
        allocations=[allocation("N1", "I1", amount="30")],
    )
    assert open_amounts(book, "2024-03-01") == {"I1": 7000}


def test_a_corrected_invoice_belongs_to_its_new_customer_from_the_day_of_the_correction():
    book = book_of(
        invoices=[invoice(), invoice("I1", "B", amount="80", known_on="2024-03-01")],
        customers=[{"customer_id": "A"}, {"customer_id": "B"}],
        allocations=[allocation(amount="10")],
    )
    before, after = (sum_exposure(book, as_of=date(2024, 3, day)) for day in (1, 2))
    assert before[["customer_id", "open_amount"]].to_numpy().tolist() == [["A", 9000]]
    assert after[["customer_id", "open_amount"]].to_numpy().tolist() == [["B", 7000]]


def test_an_allocation_known_before_its_receipt_has_the_receipts_day_once_that_is_known():
    book = book_of(
        invoices=[invoice()],
        payments=[payment(paid_on="2024-02-08", known_on="2024-02-20")],
        allocations=[allocation()],
    )
    versions = list_movements(book).sort_values("known_day")[["paid_day", "known_day", "superseded_day"]]
    assert versions.to_numpy().tolist() == [
        [day_of("2024-02-10"), day_of("2024-02-10"), day_of("2024-02-20")],
        [day_of("2024-02-08"), day_of("2024-02-20"), NEVER],
    ]


def test_movements_are_listed_once_a_book_and_nobody_can_spoil_them():
    book = book_of(invoices=[invoice()], allocations=[allocation()])
    first = list_movements(book)
    first["amount"] = 0
    assert list_movements(book)["amount"].tolist() == [10000]
    kept = [list_movements(each)["known_day"].to_numpy() for each in (book, book)]
    assert np.shares_memory(*kept)
    assert not len(list_movements(book.with_tables(allocations=book["allocations"].iloc[:0])))


@pytest.mark.parametrize(
    ("disputes", "disputed"),
    [
        ([dispute()], 10000),
        ([dispute(amount="30")], 3000),
        ([dispute(amount="60"), dispute("D2", amount="70")], 10000),
        ([dispute(amount="-60")], 0),
        ([dispute(resolved_on="2024-02-28", outcome="upheld")], 0),
        ([dispute(resolved_on="2024-03-01")], 10000),
        ([dispute(known_on="2024-03-01")], 0),
    ],
)
def test_the_disputed_amount_is_that_of_open_disputes_and_at_most_what_is_open(disputes, disputed):
    book = check_of(invoices=[invoice()], disputes=disputes).book
    assert list_open_items(book, as_of=date(2024, 3, 1))["disputed_amount"].tolist() == [disputed]


def test_what_is_left_of_a_receipt_is_unapplied():
    book = book_of(
        invoices=[invoice()],
        payments=[payment(amount="130"), payment("P2", amount="5"), payment("P3", amount="7", known_on="2024-05-01")],
        allocations=[allocation(amount="100"), allocation("P2", amount="6")],
    )
    left = list_unapplied(book, as_of=date(2024, 3, 1))
    assert dict(zip(left["payment_id"], left["unapplied_amount"], strict=True)) == {"P1": 3000, "P2": -100}


def test_an_order_is_open_until_the_day_after_its_invoice():
    book = book_of(invoices=[invoice()], orders=[order(invoiced_on="2024-02-20")])
    assert len(list_open_orders(book, as_of=date(2024, 2, 1))) == 0
    assert len(list_open_orders(book, as_of=date(2024, 2, 20))) == 1
    assert len(list_open_orders(book, as_of=date(2024, 2, 21))) == 0


def test_exposure_adds_what_is_open_and_ordered_less_what_came_in_by_customer_and_currency():
    book = book_of(
        invoices=[invoice(), invoice("I2", currency="EUR", amount="7"), credit_note(amount="30")],
        payments=[payment("P9", amount="12")],
        orders=[order(), order("O2", "B")],
        rates=[{"currency": "EUR", "rate_on": "2024-01-01", "rate": "1.1"}],
        customers=[{"customer_id": "A"}, {"customer_id": "B"}],
    )
    assert sum_exposure(book, as_of=date(2024, 3, 1)).to_numpy().tolist() == [
        ["A", "EUR", 700, 700, 0, 0, 700],
        ["A", "USD", 7000, 10000, 1200, 5000, 10800],
        ["B", "USD", 0, 0, 0, 5000, 5000],
    ]


def test_exposure_is_exact_where_doubles_are_not():
    huge = "900719925474099.93"  # 2 ** 56 + ... cents: no double has this value
    book = book_of(invoices=[invoice(amount=huge), invoice("I2", "B", amount="1")], payments=[payment("P9", "B")])
    assert sum_exposure(book, as_of=date(2024, 3, 1))["open_amount"].tolist() == [90071992547409993, 100]
