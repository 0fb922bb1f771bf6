"""The fast ledger equals the slow one on thousands of small books, stacked into one so that it takes seconds."""

from datetime import timedelta
from random import Random

import pandas as pd
import pytest

from arrisk.decisions.snapshot import restrict_customer
from arrisk.frames import NEVER as NEVER_DAY
from arrisk.frames import day_of
from arrisk.ledger import list_movements, list_open_items, list_outcomes, list_unapplied, sum_exposure
from arrisk.ledger.exposure_path import trace_exposures
from arrisk.policy import load_policy
from arrisk.schema import check
from tests.books import raw_of
from tests.ledger import reference
from tests.ledger.reference import NEVER, START

END = load_policy().end
RANDOM = Random(20240101)  # noqa: S311 - nothing secret is drawn
BOOKS = [reference.draw_rows(RANDOM) for _ in range(1500)]
DAYS = (3, 12, 19, 26, 33, 50)


def make_book(books):
    checked = check(raw_of(**reference.to_tables(reference.stack(books))), name="x", currency="USD")
    assert checked.counts["refused"].sum() == 0
    return checked.book


@pytest.fixture(scope="module")
def book():
    return make_book(BOOKS)


def split(found):
    """Take the number of the small book off the ids: a list of what each book gave, by id."""
    parts = [{} for _ in BOOKS]
    for key, value in found.items():
        number, name = key.split("/")
        parts[int(number)][name] = value
    return parts


def as_of_day(day):
    return START + timedelta(day)


def assert_each_equals(found, wanted):
    for number, (got, reference_says) in enumerate(zip(split(found), wanted, strict=True)):
        assert got == reference_says, f"book {number}: {BOOKS[number]}"


@pytest.mark.parametrize("day", DAYS)
def test_open_items_are_what_the_definitions_say(book, day):
    items = list_open_items(book, as_of=as_of_day(day)).set_index("invoice_id")
    items["customer_id"] = items["customer_id"].str.split("/").str[1]
    columns = ["customer_id", "kind", "open_amount", "days_past_due", "disputed_amount"]
    assert_each_equals(items[columns].to_dict("index"), [reference.open_items(rows, day) for rows in BOOKS])


@pytest.mark.parametrize("day", DAYS)
def test_outcomes_are_what_the_definitions_say(book, day):
    found = list_outcomes(book, as_of=as_of_day(day), end=END)
    ended = (found["ended_day"] - day_of(START)).where(found["ended_day"] < NEVER_DAY, NEVER)
    triples = zip(found["open_amount"], ended, found["cause"], strict=True)
    assert_each_equals(
        dict(zip(found["invoice_id"], triples, strict=True)), [reference.outcomes(rows, day) for rows in BOOKS]
    )


@pytest.mark.parametrize("day", DAYS)
def test_unapplied_receipts_and_exposure_are_what_the_definitions_say(book, day):
    left = list_unapplied(book, as_of=as_of_day(day)).set_index("payment_id")["unapplied_amount"]
    assert_each_equals(left.to_dict(), [reference.unapplied(rows, day) for rows in BOOKS])
    sums = sum_exposure(book, as_of=as_of_day(day)).drop(columns="currency").itertuples(index=False)
    assert_each_equals({row[0]: tuple(row[1:]) for row in sums}, [reference.exposure(rows, day) for rows in BOOKS])


@pytest.mark.slow
def test_exposures_of_many_days_are_those_of_each_day(book):
    days = [as_of_day(day) for day in DAYS]
    for own in (book, *(restrict_customer(book, name) for name in book["customers"]["customer_id"].iloc[:40])):
        traced = trace_exposures(own, days).set_index(["place", "currency"])["exposure_amount"]
        for place, day in enumerate(days):
            sums = sum_exposure(own, as_of=day).groupby("currency")["exposure_amount"].sum()
            assert traced.get(place, pd.Series(dtype="int64")).to_dict() == sums[sums != 0].to_dict()


def list_all(book, day):
    as_of = as_of_day(day)
    return [
        list_open_items(book, as_of=as_of),
        list_outcomes(book, as_of=as_of, end=END),
        list_unapplied(book, as_of=as_of),
        sum_exposure(book, as_of=as_of),
    ]


@pytest.mark.parametrize("day", [12, 26])
def test_what_is_known_on_or_after_a_day_changes_nothing_as_of_that_day(book, day):
    known = make_book([reference.keep_known(rows, day) for rows in BOOKS])
    assert len(known["invoices"]) < len(book["invoices"])
    for full, past in zip(list_all(book, day), list_all(known, day), strict=True):
        pd.testing.assert_frame_equal(full, past)


@pytest.mark.slow
def test_the_order_of_the_rows_in_the_files_changes_nothing(book):
    shuffled = make_book([{table: RANDOM.sample(part, len(part)) for table, part in rows.items()} for rows in BOOKS])
    for one, other in zip(list_all(book, 26), list_all(shuffled, 26), strict=True):
        key = list(one.columns[:1])
        pd.testing.assert_frame_equal(
            one.sort_values(key, ignore_index=True), other.sort_values(key, ignore_index=True)
        )


@pytest.mark.parametrize("day", DAYS)
def test_movements_alone_explain_every_open_amount(book, day):
    movements = list_movements(book)
    as_of = day_of(as_of_day(day))
    seen = movements.loc[(movements["known_day"] < as_of) & (movements["superseded_day"] >= as_of)]
    outcomes = list_outcomes(book, as_of=as_of_day(day), end=END).set_index("invoice_id")
    moved = seen.groupby("invoice_id")["amount"].sum().reindex(outcomes.index, fill_value=0)
    assert (outcomes["amount"] - moved == outcomes["open_amount"]).all()
    assert (movements["known_day"] < movements["superseded_day"]).all()
