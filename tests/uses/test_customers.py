"""A customer is found by id or name, and shown with all that the ledger says of it."""

from datetime import date
from random import Random

import pandas as pd
import pytest

from arrisk.decisions.snapshot import restrict_customer
from arrisk.errors import MissingError
from arrisk.features.sizes import find_groups
from arrisk.frames import day_of
from arrisk.ledger import list_open_items, sum_exposure
from arrisk.ledger.ageing import age_ledger
from arrisk.policy import load_policy
from arrisk.uses.customers import list_customer_items, search_customers, view_customer
from tests.books import book_of, credit_note, customer, dispute, invoice, order, payment

AS_OF = date(2024, 3, 4)


@pytest.fixture(scope="module")
def book():
    return book_of(
        customers=[
            customer("A1", name="Birch AG", parent_id="H"),
            customer("A10", name="Äpfel & Söhne", country="DE"),
            customer("B2", name="Silver birch 100%", parent_id="A1"),
            customer("C3", name="A1 Motors"),
            customer("D4"),
            customer("L8", name="Birch later", known_on="2024-06-01"),
        ],
        invoices=[
            invoice("I1", "A1"),
            invoice("I2", "A1", due_on="2024-04-01", amount="30"),
            credit_note("N1", "A1", amount="20"),
            invoice("E1", "A1", currency="EUR", amount="10"),
            invoice("I9", "B2"),
        ],
        payments=[payment("P1", "A1", amount="25")],
        disputes=[dispute("D1", "I1"), dispute("D9", "I9")],
        orders=[order("O1", "A1")],
        limits=[
            {"customer_id": "A1", "limit_amount": limit, "valid_from_on": on}
            for limit, on in (("100", "2023-01-01"), ("200", "2024-01-01"), ("900", "2024-05-01"))
        ],
        rates=[{"currency": "EUR", "rate_on": "2024-01-01", "rate": 1.1}],
    )


def look_at(book, customer_id):
    own = restrict_customer(book, customer_id)
    return view_customer(book, own, customer_id, as_of=AS_OF, policy=load_policy())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a1", ["A1", "A10", "C3"]),
        ("A10", ["A10"]),
        ("BIRCH", ["A1", "B2"]),
        ("äpfel", ["A10"]),
        ("ÄPFEL", ["A10"]),
        ("0%", ["B2"]),
        ("%", ["B2"]),
        ("_", []),
        ("' or 1=1 --", []),
        (" d4 ", ["D4"]),
        ("", ["A1", "A10", "B2", "C3", "D4"]),
    ],
)
def test_customers_are_found_by_the_beginning_of_the_id_or_a_part_of_the_name(book, text, found):
    assert search_customers(book, text, as_of=AS_OF)["customer_id"].tolist() == found


def test_a_view_shows_what_was_known_before_the_day(book):
    view = look_at(book, "A1")
    assert view.master["name"] == "Birch AG"
    assert view.group["customer_id"].tolist() == ["A1", "B2"]
    assert view.items["invoice_id"].tolist() == ["E1", "I1", "N1", "I2"]
    assert view.limits["limit_amount"].tolist() == [20_000, 10_000]
    assert view.disputes["dispute_id"].tolist() == ["D1"]
    exposure = view.exposure.set_index("currency")["exposure_amount"]
    assert exposure.to_dict() == {"EUR": 1_000, "USD": 10_000 + 3_000 - 2_000 - 2_500 + 5_000}


def test_a_dispute_that_was_resolved_later_is_open():
    disputed = dispute("D1", "I1", opened_on="2024-01-10", resolved_on="2024-02-20")
    book = book_of(customers=[customer("A")], invoices=[invoice("I1", "A")], disputes=[disputed])
    found = {
        day: view_customer(book, book, "A", as_of=day, policy=load_policy()).disputes["resolved_on"].iloc[0]
        for day in (date(2024, 2, 20), date(2024, 2, 21))
    }
    assert pd.isna(found[date(2024, 2, 20)])
    assert found[date(2024, 2, 21)] == pd.Timestamp("2024-02-20")


def test_the_ageing_of_a_customer_sums_to_its_items_in_book_currency(book):
    view = look_at(book, "A1")
    assert view.ageing.total == view.ageing.buckets["amount"].sum() == 10_000 + 3_000 - 2_000 + 1_100
    assert view.ageing.unapplied == 2_500


def test_items_are_those_of_the_whole_book(book):
    whole = list_open_items(book, as_of=AS_OF)
    own = list_customer_items(restrict_customer(book, "A1"), "A1", as_of=AS_OF)
    assert own["open_amount"].sum() == whole.loc[whole["customer_id"] == "A1", "open_amount"].sum()


def test_one_look_at_the_rows_gives_the_ageing_and_the_exposure_of_the_ledger(book):
    view, own = look_at(book, "A1"), restrict_customer(book, "A1")
    pd.testing.assert_frame_equal(view.exposure, sum_exposure(own, as_of=AS_OF))
    ageing = age_ledger(own, as_of=AS_OF, ageing=load_policy().ageing)
    pd.testing.assert_frame_equal(view.ageing.buckets, ageing.buckets)


@pytest.mark.slow
def test_a_group_is_the_one_that_is_found_among_all():
    rng = Random(7)  # noqa: S311 - a made-up tree
    parents = [None if rng.random() < 0.4 else f"C{rng.randrange(place)}" for place in range(1, 80)]
    made = [customer("C0"), *(customer(f"C{at}", parent_id=one) for at, one in enumerate(parents, start=1))]
    book = book_of(customers=made, invoices=[invoice("I1", "C0")])
    ids = book["customers"]["customer_id"]
    heads = find_groups(book["customers"], ids, as_of_day=day_of(AS_OF))
    for place in range(0, 80, 7):
        members = ids[(heads == heads[place]).to_numpy(dtype=bool, na_value=False)]
        assert look_at(book, f"C{place}").group["customer_id"].tolist() == sorted(members)


def test_a_customer_alone_has_no_group(book):
    assert look_at(book, "D4").group.empty


@pytest.mark.parametrize("customer_id", ["Z", "L8", ""])
def test_a_customer_not_known_by_then_is_missing(book, customer_id):
    with pytest.raises(MissingError, match="no customer"):
        look_at(book, customer_id)
    with pytest.raises(MissingError, match="no customer"):
        list_customer_items(restrict_customer(book, customer_id), customer_id, as_of=AS_OF)
