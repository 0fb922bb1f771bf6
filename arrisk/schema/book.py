"""A book: the canonical tables after checking, ready for everything that looks at them."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

_EARLIEST = 50


@dataclass(frozen=True)
class Book:
    """The checked ledger of one company or group.

    Parameters
    ----------
    name : the ledger's name; a model belongs to the ledger on which it was trained.
    currency : the book currency, ISO 4217.
    extract_end_on : the last day that the extract covers; what is open on it is open.
    tables : every canonical table by name, empty where nothing was given. Money is int64 minor units of the
        row's currency, dates are datetime64[s]; ``known_day`` and ``superseded_day`` say when a row version
        can be seen.
    """

    name: str
    currency: str
    extract_end_on: date
    tables: Mapping[str, pd.DataFrame]
    _derived: dict[Callable[["Book"], pd.DataFrame], pd.DataFrame] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Give one table."""
        return self.tables[table]

    def with_tables(self, **tables: pd.DataFrame) -> "Book":
        """Give the same book with some tables replaced; where none differs it is this one, with what it has derived."""
        if all(frame is self.tables.get(name) for name, frame in tables.items()):
            return self
        return replace(self, tables={**self.tables, **tables})

    def derive(self, make: Callable[["Book"], pd.DataFrame]) -> pd.DataFrame:
        """Give what a function makes of the book, made once and kept as long as the book is.

        Parameters
        ----------
        make : depends on nothing but the book.
        """
        if make not in self._derived:
            self._derived[make] = make(self)
        return self._derived[make].copy(deep=False)


@dataclass(frozen=True)
class Checked:
    """What checking gives: the book, what is wrong with it, and the count of rows.

    Parameters
    ----------
    book : the accepted rows.
    problems : one row per problem (table, row, column, value, rule, severity, hint); ``row`` is the source
        row number, first data row = 1, and 0 for a problem of the whole table.
    counts : one row per table that was given (table, read, accepted, refused); accepted + refused = read.
    """

    book: Book
    problems: pd.DataFrame
    counts: pd.DataFrame


def fingerprint(invoices: pd.DataFrame) -> str:
    """Name a ledger by its earliest rows, which do not change as it grows.

    Parameters
    ----------
    invoices : the checked table.

    Returns
    -------
    str
        ``ledger-`` and twelve hexadecimal digits.
    """
    known = invoices["known_day"].to_numpy()
    # Sorting a million ids takes a second; what is known after the first fifty cannot be among them.
    place = min(_EARLIEST, len(known)) - 1
    earliest = invoices.loc[known <= np.partition(known, place)[place]]
    earliest = earliest[["known_day", "invoice_id", "customer_id", "amount"]]
    earliest = earliest.sort_values(["known_day", "invoice_id"], kind="stable").head(_EARLIEST)
    digest = hashlib.sha256(earliest.to_csv(index=False, lineterminator="\n").encode()).hexdigest()
    return f"ledger-{digest[:12]}"
