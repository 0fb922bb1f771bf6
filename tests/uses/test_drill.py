"""The ageing from the total down to the item: the very figures of the ageing, and a tie at every level."""

from datetime import date

import pandas as pd
import pytest

from arrisk.ledger.ageing import age_ledger
from arrisk.policy import load_policy
from arrisk.uses.drill import drill_ageing
from tests.books import book_of, credit_note, customer, invoice, payment

DAY = date(2024, 4, 1)
POLICY = load_policy()


@pytest.fixture(scope="module")
def book():
    customers = [
        customer("A", name="Alder", industry="steel"),
        customer("B", name="Birch", industry="food"),
        customer("C", industry="steel"),
        customer("D", name="Dogwood"),
    ]
    invoices = [
        invoice("1", "A", entity_id="north"),
        invoice("2", "A", due_on="2024-04-20", amount="50", entity_id="north"),
        credit_note("3", "A", amount="30", entity_id="south"),
        invoice("4", "B", amount="70.05", entity_id="south"),
        invoice("5", "C", due_on="2023-06-30", issued_on="2023-06-01", entity_id="north"),
    ]
    return book_of(customers=customers, invoices=invoices, payments=[payment("P", "D", amount="9", entity_id="north")])


@pytest.mark.parametrize("entity", [None, "north", "south"])
def test_every_level_sums_to_the_ageing(book, entity):
    whole = age_ledger(book, as_of=DAY, ageing=POLICY.ageing, entity=entity)
    found = drill_ageing(book, as_of=DAY, age_on=DAY, policy=POLICY, entity=entity)
    assert found.ageing.total == whole.total
    for level in (found.items, found.customers, found.segments):
        assert level["open_amount"].sum() == whole.total
    for bucket, amount in zip(whole.buckets["bucket"], whole.buckets["amount"], strict=True):
        assert found.segments[bucket].sum() == found.customers[bucket].sum() == amount
        assert found.items.loc[found.items["bucket"] == bucket, "open_amount"].sum() == amount
    for name, part in found.items.groupby("segment"):
        row = found.segments.set_index("segment").loc[name]
        assert (row["open_amount"], row["count"]) == (part["open_amount"].sum(), len(part))
        own = found.customers.loc[(found.customers["segment"] == name).to_numpy()]
        assert own["open_amount"].sum() == row["open_amount"]


def test_segments_are_those_of_the_policy(book):
    found = drill_ageing(book, as_of=DAY, age_on=DAY, policy=POLICY)
    assert found.segments["segment"].tolist() == ["food", "steel"]
    assert found.segments["count_customers"].tolist() == [1, 2]


def test_a_customer_with_nothing_but_a_receipt_is_listed_and_owes_nothing(book):
    found = drill_ageing(book, as_of=DAY, age_on=DAY, policy=POLICY).customers.set_index("customer_id")
    assert found.loc["D", ["name", "open_amount", "unapplied_amount", "count"]].tolist() == ["Dogwood", 0, 900, 0]
    assert pd.isna(found.loc["D", "oldest_days_past_due"])
    assert found.loc["C", "oldest_days_past_due"] == (DAY - date(2023, 6, 30)).days


def test_what_is_known_later_changes_nothing(book):
    earlier = drill_ageing(book, as_of=date(2024, 1, 1), age_on=date(2024, 1, 1), policy=POLICY)
    assert earlier.items["invoice_id"].tolist() == ["5"]
