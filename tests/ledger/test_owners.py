"""One customer's book, taken out of the whole in a moment, says the same of it as the whole does."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings

from arrisk.decisions.snapshot import restrict_customer
from arrisk.ledger import list_open_items, sum_exposure
from arrisk.ledger.owners import Owners
from tests.books import allocation, book_of, credit_note, dispute, invoice, payment, recovery, write_off
from tests.ledger.random_books import SEEDS, random_book, random_days

DAY = date(2024, 7, 1)


def own_rows(frame, customer_id):
    return frame.loc[(frame["customer_id"] == customer_id).to_numpy()].reset_index(drop=True)


@pytest.mark.slow
@settings(max_examples=6, deadline=None)
@given(SEEDS)
def test_open_items_and_exposure_of_each_customer_are_those_of_the_whole_book(seed):
    book = random_book(seed)
    owners = Owners(book)
    for day in random_days(seed, 2):
        items, exposure = list_open_items(book, as_of=day), sum_exposure(book, as_of=day)
        for customer_id in "ABCDE":
            own = owners.take(customer_id)
            pd.testing.assert_frame_equal(
                own_rows(list_open_items(own, as_of=day), customer_id), own_rows(items, customer_id)
            )
            pd.testing.assert_frame_equal(
                own_rows(sum_exposure(own, as_of=day), customer_id), own_rows(exposure, customer_id)
            )


def test_it_is_the_book_that_looking_through_every_row_gives():
    book = random_book(7)
    owners = Owners(book)
    for customer_id in ("A", "B", "E", "nobody"):
        looked = restrict_customer(book, customer_id)
        for name, table in owners.take(customer_id).tables.items():
            pd.testing.assert_frame_equal(table, looked[name])


def test_an_invoice_that_moved_belongs_to_both_and_so_does_what_names_it():
    moved = invoice(known_on="2024-01-01")
    book = book_of(
        invoices=[moved, {**moved, "customer_id": "B", "known_on": "2024-03-01"}, invoice("X", "C")],
        write_offs=[write_off(amount="1")],
        recoveries=[recovery(amount="1")],
        disputes=[dispute("D1", "I1"), dispute("D2", "X")],
        extract_end_on=DAY,
    )
    owners = Owners(book)
    for customer_id in "AB":
        own = owners.take(customer_id)
        assert [len(own[name]) for name in ("write_offs", "recoveries", "disputes")] == [1, 1, 1]
    assert owners.take("C")["disputes"]["dispute_id"].tolist() == ["D2"]


@pytest.mark.parametrize("take", [restrict_customer, lambda book, name: Owners(book).take(name)])
def test_a_credit_note_applied_to_anothers_invoice_is_used_up(take):
    book = book_of(
        invoices=[credit_note("N", "A"), invoice("X", "B")],
        payments=[payment("P", "A", amount="5")],
        allocations=[allocation("N", "X", amount="100")],
        extract_end_on=DAY,
    )
    assert list_open_items(book, as_of=DAY).empty
    assert own_rows(list_open_items(take(book, "A"), as_of=DAY), "A").empty
