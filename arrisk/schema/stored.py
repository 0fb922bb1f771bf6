"""Rows that were checked when they came and are kept: a book is made of them without checking them again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from arrisk.frames import run_together
from arrisk.schema.book import Book
from arrisk.schema.cells import read_numbers, read_text
from arrisk.schema.checking import find_versions
from arrisk.schema.reading import SOURCE_ROW, empty_table
from arrisk.schema.tables import TABLES

FREE_TABLE = "attributes"
"""The only table that takes any column."""


@dataclass(frozen=True)
class Stored:
    """The checked rows of a ledger, in order of arrival, every late cell filled that has arrived.

    Parameters
    ----------
    tables : by name, all of them: the columns of a checked table without ``superseded_day``. Free columns of attributes
        hold what was given.
    free_columns : the free columns in the order in which they came, and whether all that was ever given there, in rows
        that were refused too, is a number.
    end_on : the last day covered; None = nothing has come.
    """

    tables: Mapping[str, pd.DataFrame]
    free_columns: Mapping[str, bool]
    end_on: date | None

    def make_book(self, *, name: str, currency: str, end_on: date) -> Book:
        """Make the book of these rows, as checking them all at once would."""
        rows = sum(map(len, self.tables.values()))
        tasks = [partial(find_versions, TABLES[table], self.type_rows(table)) for table in TABLES]
        return Book(name, currency, end_on, dict(zip(TABLES, run_together(tasks, rows=rows), strict=True)))

    def type_rows(self, table: str) -> pd.DataFrame:
        """Give a table with its free columns typed."""
        frame = self.tables[table]
        return type_free_columns(frame, self.free_columns) if table == FREE_TABLE else frame


def start_empty() -> Stored:
    """Give what a new ledger holds."""
    dropped = [SOURCE_ROW, "superseded_day"]
    return Stored({name: empty_table(TABLES[name]).drop(columns=dropped) for name in TABLES}, {}, None)


def type_free_columns(frame: pd.DataFrame, free_columns: Mapping[str, bool]) -> pd.DataFrame:
    """Read each free column as numbers where all of it is, else as text.

    Parameters
    ----------
    frame : with free columns as they were given; one that is missing is empty.
    free_columns : in order, and whether they are numbers.
    """
    read = {
        name: (_read_numbers if is_number else read_text)(_give_column(frame, name)).set_axis(frame.index)
        for name, is_number in free_columns.items()
    }
    own = [str(name) for name in frame if name not in free_columns]
    after = own.index("known_day") if "known_day" in own else len(own)
    typed = pd.DataFrame({name: frame[name] for name in own[:after]} | read)
    return typed.assign(**{name: frame[name] for name in own[after:]})


def merge_free_columns(parts: Iterable[Mapping[str, bool]]) -> dict[str, bool]:
    """Join the free columns of several uploads: what is text in one is text.

    Examples
    --------
    >>> merge_free_columns([{"score": True, "rating": True}, {"rating": False}])
    {'score': True, 'rating': False}
    """
    merged: dict[str, bool] = {}
    for part in parts:
        for name, is_number in part.items():
            merged[name] = merged.get(name, True) and is_number
    return merged


def _read_numbers(values: pd.Series) -> pd.Series:
    """Read numbers of which some were given as text, each as it was given: a number's own bits are kept."""
    if values.dtype != object:
        return read_numbers(values)
    is_text = values.map(lambda cell: isinstance(cell, str)).to_numpy(dtype=bool)
    numbers = np.array(pd.to_numeric(values.where(~is_text)).to_numpy(dtype="float64", na_value=np.nan))
    numbers[is_text] = read_numbers(pd.Series(values[is_text].tolist(), dtype="str")).to_numpy()
    return pd.Series(numbers)


def _give_column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series([None] * len(frame), dtype=object)
