"""Labels, clause by clause: late by k days (not ended by payment by then), and defaulting within a year."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from arrisk.frames import NEVER, day_of
from arrisk.labels import find_in_default, label_default, label_late
from arrisk.ledger import list_outcomes
from arrisk.policy import load_policy
from tests.books import allocation, book_of, credit_note, invoice, payment, write_off

DUE, END = 100, 200


def label(*, k=0, due=DUE, ended=NEVER, cause="", kind="invoice", end=END):
    row = pd.DataFrame({"kind": [kind], "due_day": [due], "ended_day": [ended], "cause": [cause]})
    value = label_late(row, k=k, end_day=end)[0]
    return None if np.isnan(value) else int(value)


@pytest.mark.parametrize(("ended", "late"), [(60, 0), (99, 0), (100, 0), (101, 1), (150, 1), (NEVER, 1)])
def test_paid_by_the_due_date_is_not_late_and_after_it_is(ended, late):
    assert label(ended=ended, cause="paid" if ended < NEVER else "") == late


@pytest.mark.parametrize("k", [0, 30, 60, 90])
def test_the_kth_day_after_the_due_date_is_the_last_in_time(k):
    assert label(k=k, ended=DUE + k, cause="paid") == 0
    assert label(k=k, ended=DUE + k + 1, cause="paid") == 1


def test_an_invoice_credited_within_the_window_is_excluded():
    assert label(ended=DUE, cause="credited") is None
    assert label(k=30, ended=DUE + 30, cause="credited") is None


def test_an_invoice_credited_after_the_window_was_late():
    assert label(ended=DUE + 1, cause="credited") == 1
    assert label(k=30, ended=DUE + 31, cause="credited") == 1


def test_a_write_off_is_no_payment_even_before_the_due_date():
    assert label(ended=DUE - 10, cause="written_off") == 1
    assert label(k=30, ended=DUE + 10, cause="written_off") == 1
    assert label(k=30, ended=DUE + 40, cause="written_off") == 1


@pytest.mark.parametrize(("ended", "cause"), [(NEVER, ""), (60, "paid"), (60, "written_off"), (60, "credited")])
def test_an_incomplete_window_is_missing_whatever_happened_in_it(ended, cause):
    assert label(end=DUE + 29, k=30, ended=ended, cause=cause) is None


def test_a_window_is_complete_on_its_last_day():
    assert label(end=DUE + 30, k=30) == 1
    assert label(end=DUE + 29, k=30) is None
    assert label(end=DUE) == 1


def test_a_credit_note_has_no_label():
    assert label(kind="credit_note", ended=60, cause="paid") is None


def test_no_rows_give_no_labels():
    empty = pd.DataFrame({"kind": [], "due_day": [], "ended_day": [], "cause": []})
    assert label_late(empty, k=0, end_day=END).tolist() == []


def test_a_book_is_labelled_by_its_outcomes_at_the_end_of_the_extract():
    book = book_of(
        invoices=[invoice(f"I{n}") for n in range(1, 6)] + [invoice("I6", due_on="2024-06-01"), credit_note()],
        payments=[payment(paid_on="2024-01-31", amount="200")],
        allocations=[
            allocation("P1", "I1", applied_on="2024-02-10"),  # paid in time, applied later
            allocation("P1", "I2", amount="98"),  # two percent missing
            allocation("N1", "I3", applied_on="2024-01-20"),
        ],
        write_offs=[write_off("I4", written_off_on="2024-01-25")],
        extract_end_on=date(2024, 5, 31),
    )
    outcomes = list_outcomes(book, as_of=date(2024, 6, 1), end=load_policy().end)
    labels = label_late(outcomes, k=0, end_day=day_of(book.extract_end_on))
    named = dict(zip(outcomes["invoice_id"], labels, strict=True))
    assert {name: value for name, value in named.items() if not np.isnan(value)} == {"I1": 0, "I2": 1, "I4": 1, "I5": 1}


def defaults_of(*spells):
    columns = ["customer_id", "entered_day", "left_day"]
    return pd.DataFrame(list(spells), columns=columns).astype({"customer_id": "str"})


def ask(*questions):
    return pd.DataFrame(list(questions), columns=["customer_id", "as_of_day"]).astype({"customer_id": "str"})


def label_one(defaults, day, *, customer_id="A", end=10_000, **more):
    value = label_default(defaults, ask((customer_id, day)), end_day=end, **more)[0]
    return None if np.isnan(value) else int(value)


@pytest.mark.parametrize(("day", "defaulted"), [(1000, 1), (999, 1), (636, 1), (635, 0), (100, 0)])
def test_a_default_counts_from_the_day_asked_to_the_last_of_the_year(day, defaulted):
    assert label_one(defaults_of(("A", 1000, NEVER)), day) == defaulted


def test_a_default_of_another_customer_does_not_count():
    defaults = defaults_of(("A", 1000, NEVER), ("C", 1000, NEVER))
    assert [label_one(defaults, 900, customer_id=name) for name in "ABCD"] == [1, 0, 1, 0]


def test_a_customer_in_default_has_no_label_until_the_day_after_it_is_over():
    defaults = defaults_of(("A", 1000, 1200), ("A", 1300, NEVER))
    days = [1000, 1001, 1200, 1201, 1300, 1301, 9000]
    assert [label_one(defaults, day) for day in days] == [1, None, None, 1, 1, None, None]
    assert find_in_default(defaults, ask(*(("A", day) for day in days))).tolist() == [
        label_one(defaults, day) is None for day in days
    ]


def test_a_year_that_is_not_complete_is_missing_whatever_happened_in_it():
    for defaults in (defaults_of(("A", 1000, NEVER)), defaults_of(("B", 1000, NEVER))):
        assert label_one(defaults, 990, end=990 + 363) is None
        assert label_one(defaults, 990, end=990 + 364) is not None
    assert label_one(defaults_of(("A", 1000, NEVER)), 990, end=1020, horizon_days=30) == 1


def test_without_defaults_nobody_is_in_default_and_without_questions_there_is_no_answer():
    assert label_one(defaults_of(), 990) == 0
    assert not find_in_default(defaults_of(), ask(("A", 990))).any()
    assert label_default(defaults_of(("A", 1, 2)), ask(), end_day=1).tolist() == []
