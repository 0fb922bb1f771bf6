"""Small books made by hand: `book_of(invoices=[invoice("I1")], payments=[...])` goes through the real check."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from arrisk.schema import TABLES, Book, Checked, check

Row = Mapping[str, object]


def frame_of(table: str, rows: Sequence[Row]) -> pd.DataFrame:
    """Give rows as a raw frame; a table without rows still has its header."""
    if rows:
        return pd.DataFrame(list(rows))
    return pd.DataFrame({name: pd.Series(dtype="str") for name in TABLES[table].column_names})


def raw_of(*, customers: Sequence[Row] | None = None, **tables: Sequence[Row]) -> dict[str, pd.DataFrame]:
    """Give raw tables; without customers, those that the invoices name are added."""
    raw = {name: frame_of(name, rows) for name, rows in tables.items()}
    if customers is None:
        ids = dict.fromkeys(str(row["customer_id"]) for row in tables.get("invoices", []))
        customers = [customer(customer_id) for customer_id in ids]
    return {"customers": frame_of("customers", customers)} | raw


def check_of(
    *, currency: str = "USD", extract_end_on: date | None = None, name: str = "test", **tables: Sequence[Row]
) -> Checked:
    """Check rows given as dictionaries."""
    return check(raw_of(**tables), name=name, currency=currency, extract_end_on=extract_end_on)


def book_of(
    *, currency: str = "USD", extract_end_on: date | None = None, name: str = "test", **tables: Sequence[Row]
) -> Book:
    """Give the book of rows given as dictionaries; every row must be accepted."""
    checked = check_of(currency=currency, extract_end_on=extract_end_on, name=name, **tables)
    assert checked.counts["refused"].sum() == 0, checked.problems.to_string()
    return checked.book


def customer(customer_id: str = "A", **more: object) -> dict[str, object]:
    return {"customer_id": customer_id, **more}


def invoice(invoice_id: str = "I1", customer_id: str = "A", **more: object) -> dict[str, object]:
    """Give an invoice of 100 issued on 1 January and due on 31 January 2024."""
    usual = {"issued_on": "2024-01-01", "due_on": "2024-01-31", "amount": "100"}
    return {"invoice_id": invoice_id, "customer_id": customer_id, **usual, **more}


def credit_note(invoice_id: str = "N1", customer_id: str = "A", **more: object) -> dict[str, object]:
    return invoice(invoice_id, customer_id, **{"kind": "credit_note", **more})


def payment(payment_id: str = "P1", customer_id: str = "A", **more: object) -> dict[str, object]:
    """Give a receipt of 100 on 10 February 2024."""
    usual = {"paid_on": "2024-02-10", "amount": "100"}
    return {"payment_id": payment_id, "customer_id": customer_id, **usual, **more}


def allocation(payment_id: str = "P1", invoice_id: str = "I1", **more: object) -> dict[str, object]:
    """Give 100 of a receipt applied on 10 February 2024."""
    usual = {"amount": "100", "applied_on": "2024-02-10"}
    return {"payment_id": payment_id, "invoice_id": invoice_id, **usual, **more}


def write_off(invoice_id: str = "I1", **more: object) -> dict[str, object]:
    """Give a write-off of 100 on 1 June 2024."""
    usual = {"written_off_on": "2024-06-01", "amount": "100", "reason": "bad_debt"}
    return {"invoice_id": invoice_id, **usual, **more}


def recovery(invoice_id: str = "I1", **more: object) -> dict[str, object]:
    """Give a recovery of 20 on 1 September 2024."""
    usual = {"recovered_on": "2024-09-01", "amount": "20"}
    return {"invoice_id": invoice_id, **usual, **more}


def dispute(dispute_id: str = "D1", invoice_id: str = "I1", **more: object) -> dict[str, object]:
    """Give a dispute raised on 5 February 2024."""
    return {"dispute_id": dispute_id, "invoice_id": invoice_id, "opened_on": "2024-02-05", **more}


def order(order_id: str = "O1", customer_id: str = "A", **more: object) -> dict[str, object]:
    """Give an order of 50 of 1 February 2024."""
    usual = {"ordered_on": "2024-02-01", "amount": "50"}
    return {"order_id": order_id, "customer_id": customer_id, **usual, **more}
