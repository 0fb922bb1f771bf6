"""Cash after the balance-sheet date: only what came in from then until the day, and never more than is owed."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from arrisk.allowance.assessments import parse_assessments
from arrisk.allowance.exposures import INDIVIDUAL
from arrisk.allowance.individual import apply_assessments
from arrisk.allowance.later_collections import age_later, list_later_collections, take_out_collected
from arrisk.errors import InputError
from tests.books import allocation, book_of, credit_note, customer, invoice, payment, write_off
from tests.reserves import AS_OF, END, POLICY, expose, item, reserve_items

UNTIL = date(2025, 1, 20)


def books(**more):
    """Give a book of three invoices, due in December, one of which was paid in part before the period end."""
    days = {"issued_on": "2024-11-01", "due_on": "2024-12-01"}
    invoices = [invoice(name, **days) for name in ("I0", "I1", "I2")]
    paid = [
        ("P0", "I0", "30", "2024-12-30"),
        ("P1", "I0", "20", "2025-01-20"),
        ("P2", "I1", "100", "2025-01-05"),
        ("P3", "I2", "100", "2025-01-21"),
    ]
    tables = {
        "customers": [customer()],
        "invoices": invoices,
        "payments": [payment(name, paid_on=day, amount=amount) for name, _, amount, day in paid],
        "allocations": [allocation(name, of, amount=amount, applied_on=day) for name, of, amount, day in paid],
    }
    for name, rows in more.items():
        tables[name] = [*tables.get(name, []), *rows]
    return book_of(extract_end_on=date(2025, 2, 28), **tables)


def collect(book, *, until=UNTIL, policy=POLICY):
    exposures = expose(book, policy=policy)
    found = list_later_collections(book, exposures, collections_until=until)
    return dict(zip(exposures.items["invoice_id"], found.tolist(), strict=True))


def test_what_came_in_from_the_period_end_until_the_day_is_found():
    assert collect(books()) == {"I0": 2000, "I1": 10000, "I2": 0}
    assert collect(books(), until=END) == {"I0": 0, "I1": 0, "I2": 0}


def test_what_is_known_after_the_day_changes_nothing():
    late = [allocation("P1", "I2", amount="5", applied_on="2025-01-10", known_on="2025-01-21")]
    assert collect(books(allocations=late)) == collect(books())
    in_time = [{**late[0], "known_on": "2025-01-20"}]
    assert collect(books(allocations=in_time))["I2"] == 500


def test_a_receipt_announced_for_after_the_day_has_not_come_in():
    ahead = [allocation("P4", "I2", amount="100", applied_on="2025-01-25", known_on="2025-01-10")]
    money = [payment("P4", paid_on="2025-01-25", known_on="2025-01-10")]
    assert collect(books(payments=money, allocations=ahead))["I2"] == 0


def test_neither_write_offs_nor_credit_notes_are_cash():
    more = {
        "write_offs": [write_off("I2", written_off_on="2025-01-10", amount="40")],
        "invoices": [credit_note("N1", issued_on="2025-01-03", due_on="2025-01-03", amount="60")],
        "allocations": [allocation("N1", "I2", amount="60", applied_on="2025-01-10")],
    }
    assert collect(books(**more)) == collect(books())


def test_with_credit_notes_set_off_no_more_is_taken_out_than_is_owed():
    policy = POLICY.model_copy(update={"allowance": POLICY.allowance.model_copy(update={"credit_notes": "set_off"})})
    note = credit_note("N1", issued_on="2024-12-10", due_on="2024-12-10", amount="130")
    # Of I0 nothing and of I1 40 is left to be paid, beside the note.
    found = collect(books(invoices=[note]), policy=policy)
    assert found == {"I0": 0, "I1": 4000, "I2": 0, "N1": 0}


def test_other_currencies_are_taken_at_the_rate_of_the_exposures():
    rows = [invoice("E1", issued_on="2024-11-01", due_on="2024-12-01", currency="EUR")]
    money = [payment("P9", paid_on="2025-01-05", currency="EUR")]
    applied = [allocation("P9", "E1", applied_on="2025-01-05")]
    rates = [
        {"currency": "EUR", "rate_on": "2024-12-31", "rate": "1.25"},
        {"currency": "EUR", "rate_on": "2025-01-05", "rate": "2"},
    ]
    found = collect(books(invoices=rows, payments=money, allocations=applied, rates=rates))
    assert found["E1"] == 12500


@pytest.mark.parametrize("until", [date(2024, 12, 30), date(2025, 3, 1)])
def test_a_day_outside_the_ledger_or_before_the_exposures_is_refused(until):
    with pytest.raises(InputError, match=r"a day from 2024-12-31 to 2025-02-28"):
        collect(books(), until=until)


def test_what_is_left_is_as_old_as_on_the_later_day():
    exposures = expose(books())
    later = age_later(exposures, on=UNTIL, ageing=POLICY.ageing)
    assert set(exposures.items["bucket"]) == {"1-30"}
    assert set(later.items["bucket"]) == {"31-60"}
    assert later.items["open_amount"].tolist() == exposures.items["open_amount"].tolist()


def test_taking_out_lowers_what_is_rated_and_not_what_is_owed():
    before = reserve_items([item("1-30", 100), item("1-30", 60), item(">90", 10)], {"1-30": 0.5, ">90": 1.0})
    after = take_out_collected(before, np.array([10000, 1000, 0]))
    assert after.rows["gross_amount"].sum() == before.exposures.ageing.total
    assert after.rows["base_amount"].sum() == 6000
    assert after.total == 2500 + 1000
    assert (after.exposures.items["base_amount"] == after.items["base_amount"]).all()


def test_an_assessment_stands_up_to_what_is_left():
    before = reserve_items([item("1-30", 100), item("31-60", 100)], {"1-30": 0.5, "31-60": 0.5})
    row = {"customer_id": "A", "amount": "120", "reason": "x", "assessed_by": "y", "assessed_on": "2024-12-01"}
    parsed = parse_assessments(pd.DataFrame([row], index=[1]), currency="USD")
    known = pd.Series(["A"], dtype="str")
    assessed = apply_assessments(before, parsed, customer_ids=known, policy=POLICY.allowance)
    after = take_out_collected(assessed, np.array([9000, 1000]))
    assert after.rows.loc[after.rows["segment"] == INDIVIDUAL, "allowance"].tolist() == [1000, 6000]


def test_the_exposures_themselves_never_look_beyond_their_day():
    exposures = expose(books())
    assert exposures.as_of == AS_OF
    assert exposures.items["open_amount"].tolist() == [7000, 10000, 10000]
