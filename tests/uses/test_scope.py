"""Which rows somebody may see."""

import pandas as pd
import pytest

from arrisk.errors import AccessError
from arrisk.schema import check
from arrisk.uses.scope import require_entity, restrict_entities, restrict_rows


@pytest.fixture
def book():
    def invoice(number, customer, entity):
        days = {"issued_on": "2024-01-02", "due_on": "2024-02-01"}
        return {"invoice_id": number, "customer_id": customer, "entity_id": entity, "amount": "100.00", **days}

    customers = [("A", "main"), ("B", "main"), ("C", "south"), ("D", "main")]
    payment = {"payment_id": "P", "customer_id": "A", "amount": "5.00", "paid_on": "2024-02-03", "entity_id": "south"}
    tables = {
        "customers": [{"customer_id": name, "entity_id": entity} for name, entity in customers],
        "invoices": [invoice("1", "A", "north"), invoice("2", "B", "south"), invoice("3", "A", "south")],
        "payments": [payment],
        "rates": [{"rate_on": "2024-01-01", "currency": "USD", "rate": "1.1"}],
    }
    return check({name: pd.DataFrame(rows) for name, rows in tables.items()}, name="book", currency="EUR").book


def test_nobody_restricted_sees_the_book_itself(book):
    assert restrict_entities(book, ()) is book
    assert restrict_rows(book["invoices"], ()) is book["invoices"]


def test_only_the_companys_rows_and_the_customers_it_deals_with_are_seen(book):
    own = restrict_entities(book, ("north",))
    assert own["invoices"]["invoice_id"].tolist() == ["1"]
    assert own["customers"]["customer_id"].tolist() == ["A"]
    assert own["payments"].empty
    assert len(own["rates"]) == len(book["rates"])
    south = restrict_entities(book, ("south",))
    assert south["invoices"]["invoice_id"].tolist() == ["2", "3"]
    assert south["customers"]["customer_id"].tolist() == ["A", "B", "C"]


def test_several_companies_add_up(book):
    own = restrict_entities(book, ("north", "south"))
    assert own["invoices"]["invoice_id"].tolist() == ["1", "2", "3"]
    assert set(restrict_rows(book["invoices"], ("north",))["entity_id"]) == {"north"}


def test_a_restricted_book_is_a_book(book):
    own = restrict_entities(book, ("north",))
    assert set(own.tables) == set(book.tables)
    assert (own.name, own.currency) == (book.name, book.currency)
    assert all(own[name].dtypes.equals(book[name].dtypes) for name in own.tables)


def test_a_company_of_somebody_else_is_refused():
    assert require_entity("north", ()) == require_entity("north", ("north",)) == "north"
    with pytest.raises(AccessError, match="not among yours"):
        require_entity("south", ("north",))
