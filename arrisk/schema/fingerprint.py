"""The fingerprint of a book as of a day: the same rows known by then give the same, whatever came later."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np
import pandas as pd

from arrisk.frames import run_together, to_days
from arrisk.schema.book import Book
from arrisk.schema.tables import TABLES

_OWN = ("known_day", "superseded_day")
_ROWS_AT_ONCE = 250_000
"""The dictionary of so many ids takes little memory; a row's hash does not depend on the rows beside it."""


def fingerprint_tables(book: Book, *, as_of_day: int) -> dict[str, str]:
    """Fingerprint each table by what was known before a day.

    Parameters
    ----------
    book : a checked book.
    as_of_day : days since 1970-01-01; what was known on it or later, late-filled cells too, does not count.

    Returns
    -------
    dict
        By table with any rows by then, in order of names: a SHA-256. The order of rows and of columns does not count.
    """
    tables = sorted(book.tables.items())
    rows = sum(len(frame) for _, frame in tables)
    hashes = run_together([partial(_hash_rows, frame, name, as_of_day) for name, frame in tables], rows=rows)
    return {name: one for (name, _), one in zip(tables, hashes, strict=True) if one}


def fingerprint_book(tables: Mapping[str, str]) -> str:
    """Give one SHA-256 for all tables' fingerprints."""
    return hashlib.sha256("\n".join(f"{name} {one}" for name, one in sorted(tables.items())).encode()).hexdigest()


def _hash_rows(frame: pd.DataFrame, name: str, as_of_day: int) -> str:
    """Hash what was known of a table; empty where nothing was."""
    columns = _list_filled(frame, name, as_of_day)
    blocks = (block[columns] for block in _know(frame, name, as_of_day))
    hashes = [pd.util.hash_pandas_object(block, index=False).to_numpy() for block in blocks]
    rows = np.sort(np.concatenate([np.empty(0, dtype="uint64"), *hashes]))
    digest = hashlib.sha256(",".join(columns).encode())
    digest.update(rows.data)
    return digest.hexdigest() if len(rows) else ""


def _list_filled(frame: pd.DataFrame, name: str, as_of_day: int) -> list[str]:
    """List in order the columns in which anything was known."""
    filled: set[str] = set()
    for block in _know(frame, name, as_of_day):
        filled |= {str(column) for column in block if column not in filled and block[column].notna().any()}
    return sorted(filled)


def _know(frame: pd.DataFrame, name: str, as_of_day: int) -> Iterator[pd.DataFrame]:
    """Give what was known of a table, some rows at a time."""
    for first in range(0, len(frame), _ROWS_AT_ONCE):
        block = frame.iloc[first : first + _ROWS_AT_ONCE]
        rows = block.loc[block["known_day"].to_numpy() < as_of_day]
        for column, filled_on in TABLES[name].filled_later.items():
            is_filled = to_days(rows[filled_on]) < as_of_day
            rows = rows.assign(**{column: rows[column].where(is_filled)})
        yield rows.drop(columns=[column for column in _OWN if column in rows])
