"""The fingerprint of a book as of a day: the same rows known by then give the same, whatever came later."""

import hashlib
from collections.abc import Mapping
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
    known = {name: _know(frame, name, as_of_day) for name, frame in sorted(book.tables.items())}
    filled = {name: frame for name, frame in known.items() if len(frame)}
    rows = sum(map(len, filled.values()))
    hashes = run_together([partial(_hash_rows, frame) for frame in filled.values()], rows=rows)
    return dict(zip(filled, hashes, strict=True))


def fingerprint_book(tables: Mapping[str, str]) -> str:
    """Give one SHA-256 for all tables' fingerprints."""
    return hashlib.sha256("\n".join(f"{name} {one}" for name, one in sorted(tables.items())).encode()).hexdigest()


def _know(frame: pd.DataFrame, name: str, as_of_day: int) -> pd.DataFrame:
    is_known = frame["known_day"].to_numpy() < as_of_day
    rows = frame if is_known.all() else frame.loc[is_known]
    for column, filled_on in TABLES[name].filled_later.items():
        is_filled = to_days(rows[filled_on]) < as_of_day
        rows = rows if is_filled.all() else rows.assign(**{column: rows[column].where(is_filled)})
    return rows.drop(columns=[column for column in _OWN if column in rows])


def _hash_rows(frame: pd.DataFrame) -> str:
    ordered = frame[sorted(map(str, frame.columns))].dropna(axis="columns", how="all")
    rows = np.empty(len(ordered), dtype="uint64")
    for first in range(0, len(ordered), _ROWS_AT_ONCE):
        block = ordered.iloc[first : first + _ROWS_AT_ONCE]
        rows[first : first + len(block)] = pd.util.hash_pandas_object(block, index=False)
    rows.sort()
    digest = hashlib.sha256(",".join(map(str, ordered.columns)).encode())
    digest.update(rows)
    return digest.hexdigest()
