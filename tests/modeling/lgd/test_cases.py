"""Cases of losses from a ledger: what was exposed, what came back when, as it was known before a day."""

from datetime import date

import pandas as pd
import pytest

from arrisk.frames import NEVER, day_of
from arrisk.modeling.lgd.cases import compute_covered_share, list_default_cases, list_write_off_cases
from tests.books import allocation, book_of, credit_note, invoice, payment, write_off

END = date(2025, 1, 1)


def recovery(invoice_id="I1", **more):
    return {"invoice_id": invoice_id, "recovered_on": "2024-09-09", "amount": "30", **more}


def default(entered="2024-05-01", left=None, customer_id="A"):
    left_day = day_of(left) if left else NEVER
    return pd.DataFrame({"customer_id": [customer_id], "entered_day": [day_of(entered)], "left_day": [left_day]})


def list_flows(workouts):
    return [(row.case, row.offset_days, row.amount) for row in workouts.flows.sort_values("offset_days").itertuples()]


def test_what_is_written_off_on_one_day_is_one_case_with_its_recoveries():
    book = book_of(
        invoices=[invoice("I1"), invoice("I2"), invoice("I3", "B")],
        write_offs=[write_off("I1"), write_off("I2", amount="50"), write_off("I3")],
        recoveries=[recovery("I1"), recovery("I2", amount="5")],
    )
    found = list_write_off_cases(book, as_of=END)
    assert found.cases["customer_id"].tolist() == ["A", "B"]
    assert found.cases["exposure"].tolist() == [150_00, 100_00]
    assert list_flows(found) == [(0, 100, 30_00), (0, 100, 5_00)]
    assert found.cases["followed_days"].tolist() == [213, 213]  # to the last day before the day of the question


def test_only_bad_debt_is_lost():
    book = book_of(invoices=[invoice()], write_offs=[write_off(reason="commercial")])
    assert list_write_off_cases(book, as_of=END).cases.empty


def test_what_becomes_known_on_the_day_or_later_changes_no_case():
    late = {"known_on": "2025-01-01"}
    tables = {"invoices": [invoice("I1"), invoice("I2")], "write_offs": [write_off("I1")]}
    more = {"write_offs": [write_off("I1"), write_off("I2", **late)], "recoveries": [recovery(**late)]}
    known, later = book_of(**tables), book_of(**(tables | more))
    before, after = (list_write_off_cases(book, as_of=END) for book in (known, later))
    pd.testing.assert_frame_equal(before.cases, after.cases)
    assert after.flows.empty
    assert len(list_write_off_cases(later, as_of=date(2025, 1, 2)).flows) == 1


def test_a_default_exposes_what_was_open_and_counts_what_was_paid_after():
    book = book_of(
        invoices=[
            invoice("I1"),
            invoice("I2", amount="300"),
            invoice("I3", issued_on="2024-05-01", due_on="2024-06-01"),
        ],
        payments=[payment("P1", amount="40"), payment("P2", amount="60", paid_on="2024-05-11")],
        allocations=[
            allocation("P1", "I1", amount="40"),
            allocation("P2", "I1", amount="60", applied_on="2024-05-11"),
        ],
        write_offs=[write_off("I2", amount="300")],
        recoveries=[recovery("I2")],
    )
    found = list_default_cases(book, default(), as_of=END)
    assert found.cases["exposure"].tolist() == [60_00 + 300_00]  # without I3, issued on the day itself
    assert list_flows(found) == [(0, 10, 60_00), (0, 131, 30_00)]


def test_a_receipt_that_was_not_known_yet_left_the_item_open_at_the_entry():
    book = book_of(
        invoices=[invoice()],
        payments=[payment(known_on="2024-05-04")],
        allocations=[allocation(known_on="2024-05-04")],
    )
    found = list_default_cases(book, default(), as_of=END)
    assert (found.cases["exposure"].tolist(), list_flows(found)) == ([100_00], [(0, 3, 100_00)])


def test_what_is_credited_is_neither_owed_nor_repaid():
    note = credit_note(issued_on="2024-05-20", due_on="2024-05-20", amount="25")
    applied = allocation("N1", "I1", amount="25", applied_on="2024-05-20")
    found = list_default_cases(book_of(invoices=[invoice(), note], allocations=[applied]), default(), as_of=END)
    assert (found.cases["exposure"].tolist(), list_flows(found)) == ([75_00], [])


def test_a_default_that_was_credited_in_full_is_no_case():
    other = [invoice("I2", "B"), invoice("I3", "B", due_on="2024-02-20")]
    note = credit_note(issued_on="2024-05-20", due_on="2024-05-20")
    applied = allocation("N1", "I1", applied_on="2024-05-20")
    settled = {
        "payments": [payment(customer_id="B", paid_on="2024-06-01")],
        "allocations": [applied, allocation("P1", "I2", applied_on="2024-06-01")],
    }
    book = book_of(invoices=[invoice(), note, *other], **settled)
    episodes = pd.concat([default(), default(customer_id="B")])
    found = list_default_cases(book, episodes, as_of=END)
    assert found.cases["customer_id"].tolist() == ["B"]
    assert list_flows(found) == [(0, 31, 100_00)]


def test_what_is_open_when_the_default_ends_is_back_in_business():
    book = book_of(
        invoices=[invoice("I1"), invoice("I2")],
        payments=[payment(paid_on="2024-05-11")],
        allocations=[allocation(applied_on="2024-05-11")],
        write_offs=[write_off("I2", written_off_on="2024-12-01")],
    )
    found = list_default_cases(book, default(left="2024-09-01"), as_of=END)
    assert list_flows(found) == [(0, 10, 100_00), (0, 123, 100_00)]
    assert found.cases["left_days"].tolist() == [123]


def test_an_end_of_default_in_the_future_is_not_known():
    book = book_of(invoices=[invoice()])
    found = list_default_cases(book, default(left="2025-01-01"), as_of=END)
    assert (found.cases["left_days"].tolist(), list_flows(found)) == ([NEVER], [])


def test_a_default_of_the_day_itself_is_not_known():
    assert list_default_cases(book_of(invoices=[invoice()]), default(entered="2025-01-01"), as_of=END).cases.empty


def test_a_default_with_nothing_open_is_no_case():
    book = book_of(invoices=[invoice(issued_on="2024-06-01", due_on="2024-07-01")])
    assert list_default_cases(book, default(), as_of=END).cases.empty


@pytest.mark.parametrize(
    ("securities", "share"),
    [
        ([{"amount": "1000", "cover_share": "0.9"}], 0.9),
        ([{"amount": "40", "cover_share": "0.9"}], 0.4),
        ([{"amount": "1000"}], 1.0),
        ([{"amount": "30"}, {"amount": "20"}], 0.5),
        ([{"amount": "80"}, {"amount": "80"}], 1.0),
        ([{"amount": "40", "valid_to_on": "2024-04-30"}], 0.0),
        ([{"amount": "40", "valid_from_on": "2024-05-02"}], 0.0),
        ([{"amount": "40", "known_on": "2025-01-01"}], 0.0),
        ([{"amount": "40", "currency": "EUR"}], 0.0),
    ],
)
def test_cover_is_a_share_up_to_an_amount_while_valid(securities, share):
    usual = {"customer_id": "A", "kind": "guarantee", "valid_from_on": "2023-01-01"}
    held = [{"collateral_id": f"S{place}", **usual, **one} for place, one in enumerate(securities)]
    book = book_of(invoices=[invoice()], collateral=held)
    cases = list_default_cases(book, default(), as_of=END).cases
    assert cases["covered_share"].tolist() == pytest.approx([share])
    assert compute_covered_share(cases, book, as_of=END).tolist() == pytest.approx([share])
