"""Reads one customer's rows out of a book in memory."""

from collections.abc import Sequence
from functools import cached_property

import pandas as pd

from arrisk.features.attributes import list_attributes
from arrisk.features.single.rows import COLUMNS, OF_INVOICES, Row
from arrisk.frames import to_days
from arrisk.schema import TABLES, Book

_DAYS = ("known_day", "superseded_day")


class BookSource:
    """A book as a source of rows."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._rows: dict[str, list[Row]] = {}
        self._places: dict[tuple[str, str], dict[str, list[int]]] = {}

    def read_own(self, table: str, customer_id: str) -> Sequence[Row]:
        """Read the rows of a customer; of tables that name an invoice, those of its invoices."""
        if table in OF_INVOICES:
            return self._read(table, "invoice_id", self._list_invoices(customer_id))
        return self._read(table, "customer_id", [customer_id])

    def read_allocations(self, customer_id: str) -> Sequence[Row]:
        """Read what was applied to a customer's invoices, and of its credit notes to any."""
        own = self._list_invoices(customer_id)
        invoices = self._read("invoices", "customer_id", [customer_id])
        notes = list(dict.fromkeys(row[0] for row in invoices if row[5] == "credit_note"))
        applied = self._find("allocations", "invoice_id", own) + self._find("allocations", "payment_id", notes)
        return [self._list("allocations")[place] for place in sorted(set(applied))]

    def read_payers(self, customer_id: str) -> tuple[Sequence[Row], Sequence[Row]]:
        """Read every version of the receipts, and of the credit notes, that such allocations name."""
        ids = list(dict.fromkeys(row[0] for row in self.read_allocations(customer_id)))
        receipts = [self._receipts[place] for place in self._find("payments", "payment_id", ids)]
        notes = self._read("invoices", "invoice_id", ids)
        return receipts, [(row[0], *row[-2:]) for row in notes if row[5] == "credit_note"]

    def read_of(self, table: str, customer_ids: Sequence[str]) -> Sequence[Row]:
        """Read the rows of several customers."""
        return self._read(table, "customer_id", customer_ids)

    def _list_invoices(self, customer_id: str) -> list[str]:
        return list(dict.fromkeys(row[0] for row in self._read("invoices", "customer_id", [customer_id])))

    def _read(self, table: str, by: str, ids: Sequence[str]) -> list[Row]:
        rows = self._list(table)
        return [rows[place] for place in self._find(table, by, ids)]

    def _find(self, table: str, by: str, ids: Sequence[str]) -> list[int]:
        if (table, by) not in self._places:
            places: dict[str, list[int]] = {}
            for place, name in enumerate(self.book[table][by].tolist()):
                places.setdefault(name, []).append(place)
            self._places[table, by] = places
        found = self._places[table, by]
        return sorted(place for name in ids for place in found.get(name, ()))

    def _list(self, table: str) -> list[Row]:
        if table not in self._rows:
            frame = self.book[table]
            more = list_attributes(frame) if table == "attributes" else []
            self._rows[table] = _list_rows(frame, table, (*COLUMNS[table], *more))
        return self._rows[table]

    @cached_property
    def _receipts(self) -> list[Row]:
        return _list_rows(self.book["payments"], "payments", ("payment_id", "paid_on"))


def _list_rows(frame: pd.DataFrame, table: str, names: Sequence[str]) -> list[Row]:
    kinds = {column.name: column.kind for column in TABLES[table].all_columns}
    columns = [_list_cells(frame[name], kinds.get(name, "")) for name in (*names, *_DAYS)]
    return list(zip(*columns, strict=True))


def _list_cells(column: pd.Series, kind: str) -> list[object]:
    if kind == "date":
        return list(to_days(column).tolist())
    gone = column.isna().tolist()
    return [None if is_gone else cell for cell, is_gone in zip(column.tolist(), gone, strict=True)]
