"""The fast ledger equals the slow one on every small book, on every day."""

from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from arrisk.frames import day_of
from arrisk.frames import NEVER as NEVER_DAY
from arrisk.ledger import list_open_items, list_outcomes, list_unapplied, sum_exposure
from arrisk.policy import load_policy
from arrisk.schema import Book, check
from tests.books import raw_of
from tests.ledger import reference
from tests.ledger.reference import NEVER, START, books

END = load_policy().end
DAYS = st.integers(1, 55)


def make_book(rows) -> Book:
    checked = check(raw_of(**reference.to_tables(rows)), name="x", currency="USD")
    assert checked.counts["refused"].sum() == 0
    return checked.book


@given(books(), DAYS)
@settings(max_examples=250)
def test_open_items_are_what_the_definitions_say(rows, day):
    items = list_open_items(make_book(rows), as_of=START + timedelta(day))
    columns = ["customer_id", "kind", "open_amount", "days_past_due", "disputed_amount"]
    assert items.set_index("invoice_id")[columns].to_dict("index") == reference.open_items(rows, day)


@given(books(), DAYS)
@settings(max_examples=250)
def test_outcomes_are_what_the_definitions_say(rows, day):
    found = list_outcomes(make_book(rows), as_of=START + timedelta(day), end=END).set_index("invoice_id")
    ended = (found["ended_day"] - day_of(START)).where(found["ended_day"] < NEVER_DAY, NEVER)
    got = {key: (row["open_amount"], ended[key], row["cause"]) for key, row in found.iterrows()}
    assert got == reference.outcomes(rows, day)


@given(books(), DAYS)
@settings(max_examples=100)
def test_unapplied_receipts_and_exposure_are_what_the_definitions_say(rows, day):
    book, as_of = make_book(rows), START + timedelta(day)
    left = list_unapplied(book, as_of=as_of).set_index("payment_id")["unapplied_amount"]
    assert left.to_dict() == reference.unapplied(rows, day)
    sums = sum_exposure(book, as_of=as_of).set_index("customer_id").drop(columns="currency")
    assert {name: tuple(row) for name, row in zip(sums.index, sums.to_numpy().tolist(), strict=True)} == (
        reference.exposure(rows, day)
    )


def list_all(book, as_of):
    return [
        list_open_items(book, as_of=as_of),
        list_outcomes(book, as_of=as_of, end=END),
        list_unapplied(book, as_of=as_of),
        sum_exposure(book, as_of=as_of),
    ]


@given(books(), DAYS)
@settings(max_examples=150)
def test_what_is_known_on_or_after_a_day_changes_nothing_as_of_that_day(rows, day):
    known = reference.keep_known(rows, day)
    assume(known["invoices"])
    as_of = START + timedelta(day)
    for full, past in zip(list_all(make_book(rows), as_of), list_all(make_book(known), as_of), strict=True):
        pd.testing.assert_frame_equal(full, past)


@given(books(), DAYS, st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_the_order_of_the_rows_in_the_files_changes_nothing(rows, day, random):
    shuffled = {table: random.sample(part, len(part)) for table, part in rows.items()}
    as_of = START + timedelta(day)
    for one, other in zip(list_all(make_book(rows), as_of), list_all(make_book(shuffled), as_of), strict=True):
        key = list(one.columns[:2])
        pd.testing.assert_frame_equal(
            one.sort_values(key, ignore_index=True), other.sort_values(key, ignore_index=True)
        )


@pytest.mark.parametrize("day", [0, 1, 400])
def test_a_day_before_or_long_after_everything_is_no_special_case(day):
    rows = {table: [] for table in reference.KEYS}
    rows["invoices"] = [
        {"invoice_id": "I1", "customer_id": "A", "issued_on": 0, "due_on": 10, "amount": 100_00}
        | {"kind": "invoice", "settled_on": None, "known_on": None}
    ]
    book, as_of = make_book(rows), START + timedelta(day)
    assert len(list_open_items(book, as_of=as_of)) == (day > 0)
    assert len(sum_exposure(book, as_of=as_of)) == (day > 0)
    assert len(list_outcomes(book, as_of=as_of, end=END)) == (day > 0)
