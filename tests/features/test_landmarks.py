"""Questions about open invoices: exactly what the ledger shows as open on the day, as it was known then."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.features.landmarks import find_disputed, questions_while_open
from arrisk.frames import date_of, day_of, match
from arrisk.ledger import list_open_items
from arrisk.policy import load_policy
from tests.books import allocation, book_of, credit_note, dispute, invoice, payment, write_off
from tests.features.random_books import TODAY, check_tables, draw_tables

END = load_policy().end


def ask(book, *days):
    return questions_while_open(book, days=[day_of(day) for day in days], end=END)


def ids(book, day):
    return ask(book, day)["invoice_id"].tolist()


@pytest.mark.slow
@settings(max_examples=6)
@given(st.integers(0, 2**32 - 1))
def test_exactly_what_the_ledger_shows_as_open_is_asked_about(seed):
    book = check_tables(draw_tables(seed))
    days = [day_of(TODAY) + step for step in (-40, -7, 0, 9)]
    asked = questions_while_open(book, days=days, end=END)
    for day in days:
        items = list_open_items(book, as_of=date_of(day))
        items = items[(items["kind"] != "credit_note") & (items["open_amount"] > 0.01 * items["amount"])]
        found = asked[asked["as_of_day"] == day]
        assert sorted(found["invoice_id"]) == sorted(items["invoice_id"])
        items = items.iloc[match(found["invoice_id"], items["invoice_id"].reset_index(drop=True))]
        share = (items["open_amount"] / items["amount"]).to_numpy()
        # Amounts were converted and rounded before they were divided.
        assert found["open_share"].to_numpy() == pytest.approx(share, abs=0.02, rel=0.01)


def test_days_are_asked_in_turn_and_the_invoice_brings_its_own_facts():
    book = book_of(invoices=[invoice("I1"), invoice("I2", "B", issued_on="2024-01-20", due_on="2024-02-20")])
    asked = ask(book, "2024-02-01", "2024-01-10")
    assert asked["as_of_day"].tolist() == [day_of("2024-02-01")] * 2 + [day_of("2024-01-10")]
    assert asked["invoice_id"].tolist() == ["I1", "I2", "I1"]
    assert asked["customer_id"].tolist() == ["A", "B", "A"]
    assert asked["due_day"].tolist() == [day_of(day) for day in ("2024-01-31", "2024-02-20", "2024-01-31")]
    assert asked["amount"].tolist() == [10_000] * 3
    assert asked["open_share"].tolist() == [1.0] * 3
    assert asked["is_disputed"].tolist() == [0] * 3


def test_an_invoice_of_the_day_itself_is_not_known_yet():
    book = book_of(invoices=[invoice()])
    assert ids(book, "2024-01-01") == []
    assert ids(book, "2024-01-02") == ["I1"]


def test_a_receipt_counts_from_the_day_after_it_was_booked():
    book = book_of(
        invoices=[invoice()],
        payments=[payment(known_on="2024-02-20")],
        allocations=[allocation(known_on="2024-02-20")],
    )
    assert ids(book, "2024-02-15") == ["I1"]
    assert ids(book, "2024-02-20") == ["I1"]
    assert ids(book, "2024-02-21") == []


def test_what_is_paid_in_part_is_open_by_the_rest_and_within_tolerance_not_at_all():
    def open_after(amount):
        book = book_of(invoices=[invoice()], allocations=[allocation(amount=amount)], payments=[payment(amount=amount)])
        return ask(book, "2024-03-01")["open_share"].tolist()

    assert open_after("60") == pytest.approx([0.4])
    assert open_after("98.90") == pytest.approx([0.011])
    assert open_after("99") == []


def test_what_was_written_off_is_not_asked_about():
    book = book_of(invoices=[invoice()], write_offs=[write_off()])
    assert ids(book, "2024-06-01") == ["I1"]
    assert ids(book, "2024-06-02") == []


def test_credit_notes_are_never_asked_about():
    book = book_of(invoices=[invoice(), credit_note()])
    assert ids(book, "2024-02-01") == ["I1"]


def test_a_dispute_counts_from_the_day_after_it_was_raised_until_the_day_it_was_resolved():
    book = book_of(invoices=[invoice()], disputes=[dispute(resolved_on="2024-02-20")])
    days = ["2024-02-05", "2024-02-06", "2024-02-20", "2024-02-21"]
    assert ask(book, *days)["is_disputed"].tolist() == [0, 1, 1, 0]


def test_of_several_disputes_one_unresolved_is_enough():
    book = book_of(
        invoices=[invoice("I1"), invoice("I2")],
        disputes=[dispute(resolved_on="2024-02-20"), dispute("D2"), dispute("D3", "I2", resolved_on="2024-02-07")],
    )
    asked = ask(book, "2024-03-01")
    assert asked.set_index("invoice_id")["is_disputed"].to_dict() == {"I1": 1, "I2": 0}
    assert find_disputed(book, asked["invoice_id"], as_of_day=np.full(2, day_of("2024-02-07"))).tolist() == [1, 1]


def test_no_days_and_days_before_the_ledger_give_no_questions():
    book = book_of(invoices=[invoice()])
    assert len(questions_while_open(book, days=[], end=END)) == 0
    assert len(ask(book, date(2023, 1, 1))) == 0
