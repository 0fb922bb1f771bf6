"""Whose each row of a book is, found once: after that one customer's part of it is taken in a moment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from arrisk.frames import Days, match
from arrisk.schema import Book

_OF_INVOICE: Final = ("disputes", "write_offs", "recoveries")
_APPLIED: Final = "allocations"
_KEPT: Final = 32
"""Customers whose part was taken last: a page asks for the same one several times."""


@dataclass(frozen=True)
class _Found:
    """The rows of a table by customer: each is the customer's place times ``size`` plus the row, in order."""

    size: int
    marks: Days

    def list_rows(self, place: int) -> Days:
        """List the rows of the customer at a place."""
        first, last = np.searchsorted(self.marks, [place * self.size, (place + 1) * self.size])
        return self.marks[first:last] - place * self.size


class _Layer(NamedTuple):
    """Documents of which each stands once, with the place of the owner; a second version is in the next layer."""

    ids: pd.Series
    owners: Days


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
        keys = {"invoices": "invoice_id", "payments": "payment_id"}
        documents = {name: self._list_layers(name, key) for name, key in keys.items()}
        self._of = {
            name: _Found(max(len(book[name]), 1), self._mark(name, documents))
            for name in book.tables
            if name in (*_OF_INVOICE, _APPLIED) or "customer_id" in book[name]
        }
        place_of = {str(name): place for place, name in enumerate(self._ids)}
        self._take = lru_cache(_KEPT)(partial(_cut, book, place_of, self._of))

    def __len__(self) -> int:
        """Count the customers."""
        return len(self._ids)

    def take(self, customer_id: str) -> Book:
        """Give the book of one customer: its own rows in their order, and those of the whole ledger that are nobody's.

        Parameters
        ----------
        customer_id : who is not in the book has no row.
        """
        return self._take(customer_id)

    def _mark(self, name: str, documents: Mapping[str, Sequence[_Layer]]) -> Days:
        pairs = list(self._pair(name, documents))
        rows, places = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        known = places >= 0
        return np.unique(places[known] * max(len(self._book[name]), 1) + rows[known])

    def _pair(self, name: str, documents: Mapping[str, Sequence[_Layer]]) -> Iterator[tuple[Days, Days]]:
        """Give rows of a table with the place of their owner; -1 = nobody."""
        table = self._book[name]
        if name == _APPLIED:
            for key, payer in (("invoice_id", "invoices"), ("payment_id", "invoices"), ("payment_id", "payments")):
                yield from _follow(table[key], documents[payer])
        elif name in _OF_INVOICE:
            yield from _follow(table["invoice_id"], documents["invoices"])
        else:
            yield np.arange(len(table)), self._place(table)

    def _place(self, table: pd.DataFrame) -> Days:
        return match(table["customer_id"], pd.Series(self._ids))

    def _list_layers(self, name: str, key: str) -> list[_Layer]:
        ids, owners, layers = self._book[name][key], self._place(self._book[name]), []
        while True:
            again = ids.duplicated().to_numpy()
            layers.append(_Layer(ids.loc[~again], owners[~again]))
            if not again.any():
                return layers
            ids, owners = ids.loc[again], owners[again]


def _cut(book: Book, place_of: Mapping[str, int], found_of: Mapping[str, _Found], customer_id: str) -> Book:
    place = place_of.get(customer_id, -1)
    tables = {name: book[name].take(found.list_rows(place)).reset_index(drop=True) for name, found in found_of.items()}
    return book.with_tables(**tables)


def _follow(keys: pd.Series, layers: Iterable[_Layer]) -> Iterator[tuple[Days, Days]]:
    """Give rows whose key names a document, with the place of its owner; of several versions, of each."""
    for layer in layers:
        found = match(keys, layer.ids)
        rows = np.flatnonzero(found >= 0)
        yield rows, layer.owners[found[rows]]
