"""The clock of every source of features: from which day on its rows, or its late-filled cells, can be seen.

Nothing else decides visibility. Each clock takes the rows and gives a day; what it gives is visible as of D iff the
day lies before D. The future test plants, for each entry, a clock that is too early, and must notice.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from arrisk.frames import Days, to_days
from arrisk.schema import TABLES, Book

Clock = Callable[[pd.DataFrame], Days]
Clocks = Mapping[str, Clock]


def _read_row_clock(frame: pd.DataFrame) -> Days:
    return np.asarray(frame["known_day"].to_numpy(dtype="int64"))


def _make_cell_clock(filled_on: str) -> Clock:
    """Show a late-filled cell with its row, and not before the day on which it was filled."""

    def read(frame: pd.DataFrame) -> Days:
        return np.maximum(frame["known_day"].to_numpy(dtype="int64"), to_days(frame[filled_on]))

    return read


def _list_clocks() -> dict[str, Clock]:
    clocks: dict[str, Clock] = dict.fromkeys(TABLES, _read_row_clock)
    for name, table in TABLES.items():
        clocks |= {f"{name}.{column}": _make_cell_clock(filled) for column, filled in table.filled_later.items()}
    # The ledger turns this cell into a movement of its own, whose row clock holds it back already.
    clocks["invoices.settled_on"] = _read_row_clock
    return clocks


SOURCES: Clocks = MappingProxyType(_list_clocks())
"""Clock by table, and by ``table.column`` for late-filled columns."""


def set_clocks(book: Book, clocks: Clocks) -> Book:
    """Give the book with every table's ``known_day`` as its clock says."""
    changed = {name: frame for name, frame in book.tables.items() if clocks[name] is not _read_row_clock}
    return book.with_tables(**{name: frame.assign(known_day=clocks[name](frame)) for name, frame in changed.items()})
