"""Whose each row of a book is, found once: after that one customer's part of it is taken in a moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from arrisk.frames import Days, match
from arrisk.schema import Book

_OF_INVOICE: Final = ("disputes", "write_offs", "recoveries")
_APPLIED: Final = "allocations"


@dataclass(frozen=True)
class _Found:
    """The rows of a table by customer: each is the customer's place times ``size`` plus the row, in order."""

    size: int
    marks: Days

    def list_rows(self, place: int) -> Days:
        """List the rows of the customer at a place."""
        first, last = np.searchsorted(self.marks, [place * self.size, (place + 1) * self.size])
        return self.marks[first:last] - place * self.size


class Owners:
    """The rows of every customer of a book.

    A row of ``allocations`` belongs to whose invoice it settles, and to whose receipt or credit note it uses up; a row
    that names an invoice alone, to whose that is; a row that names nobody, to everybody.

    Parameters
    ----------
    book : a checked book.
    """

    def __init__(self, book: Book) -> None:
        self._book = book
        named = [table["customer_id"] for table in book.tables.values() if "customer_id" in table]
        self._ids = pd.Index(pd.concat(named, ignore_index=True).dropna().unique())
        self._of = {
            name: _Found(max(len(book[name]), 1), self._mark(name))
            for name in book.tables
            if name in (*_OF_INVOICE, _APPLIED) or "customer_id" in book[name]
        }

    def __len__(self) -> int:
        """Count the customers."""
        return len(self._ids)

    def take(self, customer_id: str) -> Book:
        """Give the book of one customer: its own rows in their order, and those of the whole ledger that are nobody's.

        Parameters
        ----------
        customer_id : who is not in the book has no row.
        """
        place = int(self._ids.get_loc(customer_id)) if customer_id in self._ids else -1
        tables = {
            name: self._book[name].take(found.list_rows(place)).reset_index(drop=True)
            for name, found in self._of.items()
        }
        return self._book.with_tables(**tables)

    def _mark(self, name: str) -> Days:
        table = self._book[name]
        pairs = list(self._pair(name))
        places = np.concatenate([place for _, place in pairs])
        rows = np.concatenate([row for row, _ in pairs])
        return np.unique(places * max(len(table), 1) + rows)

    def _pair(self, name: str) -> Iterator[tuple[Days, Days]]:
        """Give rows of a table with the place of their owner."""
        table = self._book[name]
        if name == _APPLIED:
            for key, payer in (("invoice_id", "invoices"), ("payment_id", "invoices"), ("payment_id", "payments")):
                yield from self._follow(table[key], payer, f"{payer.removesuffix('s')}_id")
        elif name in _OF_INVOICE:
            yield from self._follow(table["invoice_id"], "invoices", "invoice_id")
        else:
            place = match(table["customer_id"], pd.Series(self._ids))
            yield np.flatnonzero(place >= 0), place[place >= 0]

    def _follow(self, keys: pd.Series, name: str, key: str) -> Iterator[tuple[Days, Days]]:
        """Give rows whose key names a document, with the place of its owner; of several versions, of each."""
        documents = self._book[name][[key, "customer_id"]].drop_duplicates(ignore_index=True)
        owner = match(documents["customer_id"], pd.Series(self._ids))
        while True:
            found = match(keys, documents[key])
            rows = np.flatnonzero(found >= 0)
            places = owner[found[rows]]
            yield rows[places >= 0], places[places >= 0]
            again = documents[key].duplicated().to_numpy()
            if not again.any():
                return
            documents, owner = documents.loc[again].reset_index(drop=True), owner[again]
