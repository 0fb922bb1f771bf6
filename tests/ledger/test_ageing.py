"""Ageing: each item in one bucket, everything ties, nothing lost beside it."""

from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings

from arrisk.errors import ArriskError, CurrencyError
from arrisk.frames import day_of
from arrisk.ledger import list_open_items, list_unapplied
from arrisk.ledger.ageing import age_ledger, age_open_items, name_buckets, require_tie, summarise_ageing
from arrisk.policy import AgeingPolicy, load_policy
from tests.books import allocation, book_of, credit_note, invoice, payment
from tests.ledger.random_books import SEEDS, random_book, random_days

AGEING = load_policy().ageing


def amounts_of(book, as_of, age_on=None):
    ageing = age_ledger(book, as_of=as_of, age_on=age_on, ageing=AGEING)
    return {row.bucket: row.amount for row in ageing.buckets.itertuples() if row.count}


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-400, "not_due"),
        (0, "not_due"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, ">90"),
        (4000, ">90"),
    ],
)
def test_a_bucket_ends_on_its_last_day(days, bucket):
    aged = age_open_items(pd.DataFrame({"days_past_due": [days]}), ageing=AGEING)
    assert aged["bucket"].tolist() == [bucket]


def test_buckets_follow_the_policy():
    names = name_buckets(AgeingPolicy(past_due_days=(15, 45)))
    assert names == ["not_due", "1-15", "16-45", ">45"]


@pytest.mark.slow
@settings(max_examples=8)
@given(SEEDS)
def test_buckets_and_customers_sum_to_the_open_balance_on_any_day(seed):
    book = random_book(seed)
    for day in random_days(seed, 4):
        ageing = age_ledger(book, as_of=day, age_on=day - timedelta(days=seed % 2), ageing=AGEING)
        items = list_open_items(book, as_of=day)
        assert ageing.total == items["open_amount"].sum()
        assert ageing.buckets["amount"].sum() == ageing.total
        assert ageing.buckets["count"].sum() == len(items) == len(ageing.items)
        assert ageing.customers["open_amount"].sum() == ageing.total
        assert ageing.customers[name_buckets(AGEING)].sum().tolist() == ageing.buckets["amount"].tolist()
        assert ageing.unapplied == list_unapplied(book, as_of=day)["unapplied_amount"].sum()
        assert ageing.customers["unapplied_amount"].sum() == ageing.unapplied


@pytest.mark.slow
@settings(max_examples=8)
@given(SEEDS)
def test_nothing_known_on_the_day_itself_changes_the_ageing_as_of_that_day(seed):
    book = random_book(seed)
    for day in random_days(seed, 2):
        whole, cut = (age_ledger(one, as_of=day, ageing=AGEING) for one in (book, forget(book, day)))
        assert summarise_ageing(whole) == summarise_ageing(cut)


def forget(book, day):
    number = day_of(day)
    kept = {name: frame.loc[frame["known_day"] < number].reset_index(drop=True) for name, frame in book.tables.items()}
    return book.with_tables(**kept)


def test_a_period_end_sees_its_own_day_and_ages_on_it():
    second = invoice("I2", issued_on="2024-03-01", due_on="2024-04-01", amount="7")
    book = book_of(invoices=[invoice(due_on="2024-01-31"), second])
    end = date(2024, 3, 1)
    assert amounts_of(book, end + timedelta(days=1), end) == {"not_due": 700, "1-30": 10_000}
    assert amounts_of(book, end) == {"1-30": 10_000}
    # One day later the first invoice is 31 days past due.
    assert amounts_of(book, end + timedelta(days=1))["31-60"] == 10_000


def test_an_open_credit_note_is_negative_in_its_own_bucket():
    book = book_of(invoices=[invoice(), credit_note(amount="30", due_on="2024-05-01")])
    ageing = age_ledger(book, as_of=date(2024, 3, 15), ageing=AGEING)
    assert amounts_of(book, date(2024, 3, 15)) == {"not_due": -3_000, "31-60": 10_000}
    assert ageing.total == 7_000


def test_a_receipt_not_applied_stands_beside_the_buckets():
    book = book_of(
        invoices=[invoice()],
        payments=[payment(amount="60"), payment("P2", "B", amount="5")],
        allocations=[allocation(amount="40")],
    )
    ageing = age_ledger(book, as_of=date(2024, 3, 1), ageing=AGEING)
    assert (ageing.total, ageing.unapplied) == (6_000, 2_500)
    owners = ageing.customers.set_index("customer_id")
    assert owners["open_amount"].to_dict() == {"A": 6_000, "B": 0}
    assert owners["unapplied_amount"].to_dict() == {"A": 2_000, "B": 500}


def test_an_invoice_paid_twice_shows_as_a_credit_in_its_bucket():
    book = book_of(
        invoices=[invoice()],
        payments=[payment(amount="150")],
        allocations=[allocation(amount="150")],
    )
    assert amounts_of(book, date(2024, 3, 1)) == {"1-30": -5_000}


def test_an_empty_day_has_every_bucket_at_zero():
    ageing = age_ledger(book_of(invoices=[invoice()]), as_of=date(2023, 1, 1), ageing=AGEING)
    assert ageing.buckets["bucket"].tolist() == name_buckets(AGEING)
    assert (ageing.buckets[["amount", "count"]] == 0).all(axis=None)
    assert not len(ageing.customers)


def test_the_summary_has_the_keys_and_units_of_the_contract():
    book = book_of(invoices=[invoice(amount="1234.56")], currency="EUR")
    assert summarise_ageing(age_ledger(book, as_of=date(2024, 2, 1), ageing=AGEING)) == {
        "as_of": "2024-02-01",
        "age_on": "2024-02-01",
        "currency": "EUR",
        "total": 1234.56,
        "buckets": [
            {"bucket": "not_due", "amount": 0.0, "count": 0},
            {"bucket": "1-30", "amount": 1234.56, "count": 1},
            {"bucket": "31-60", "amount": 0.0, "count": 0},
            {"bucket": "61-90", "amount": 0.0, "count": 0},
            {"bucket": ">90", "amount": 0.0, "count": 0},
        ],
        "unapplied": 0.0,
    }


def test_two_currencies_without_a_rate_are_not_added():
    book = book_of(invoices=[invoice(), invoice("I2", currency="CAD")])
    with pytest.raises(CurrencyError, match=r"CAD -> USD .*see the currency CAD alone"):
        age_ledger(book, as_of=date(2024, 3, 1), ageing=AGEING)


def test_sums_that_do_not_tie_are_an_error():
    with pytest.raises(ArriskError, match="the parts sum to 3, the total is 4"):
        require_tie([1, 2], 4, what="the parts")


def test_the_ageing_of_the_ibm_ledger_ties_to_its_84_open_invoices(ibm_ledger):
    book, export = ibm_ledger
    ageing = age_ledger(book, as_of=date(2013, 7, 1), age_on=date(2013, 6, 30), ageing=AGEING)
    still_open = export.loc[export["SettledDate"].isna(), "InvoiceAmount"]
    assert len(ageing.items) == len(still_open) == 84
    assert ageing.total == 100 * sum(map(Decimal, still_open)) == 511_985
    assert ageing.buckets["count"].tolist() == [72, 12, 0, 0, 0]
