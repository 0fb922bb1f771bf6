"""Reads the public IBM sample ledger without the ingest, so that figures can be compared with its file."""

from datetime import date
from pathlib import Path

import pandas as pd

from arrisk.schema import Book, check


def read_ibm_ledger(folder: Path) -> tuple[Book, pd.DataFrame]:
    """Give the book and the export as text; it is an extract of 30 June 2013."""
    export = pd.read_csv(folder / "ibm_ar" / "receivables_extract_2013-06-30.csv", dtype="str")
    invoices = pd.DataFrame(
        {
            "invoice_id": export["invoiceNumber"],
            "customer_id": export["customerID"],
            "issued_on": pd.to_datetime(export["InvoiceDate"], format="%m/%d/%Y"),
            "due_on": pd.to_datetime(export["DueDate"], format="%m/%d/%Y"),
            "amount": export["InvoiceAmount"],
            "settled_on": pd.to_datetime(export["SettledDate"], format="%m/%d/%Y"),
        }
    )
    raw = {"customers": export[["customerID"]].drop_duplicates().set_axis(["customer_id"], axis=1)}
    checked = check(raw | {"invoices": invoices}, name="ibm", currency="USD", extract_end_on=date(2013, 6, 30))
    return checked.book, export
