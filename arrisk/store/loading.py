"""Reads the rows of a ledger, each late cell filled that has arrived."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, Select, select

from arrisk.errors import StoreError, nearest
from arrisk.frames import date_of
from arrisk.schema import TABLES
from arrisk.schema.stored import FREE_TABLE, Stored, merge_free_columns
from arrisk.store.book_tables import BATCHES, BOOK_TABLES, LEDGERS
from arrisk.store.bulk import read_rows
from arrisk.store.rows import from_cells, from_json


@dataclass(frozen=True)
class Ledger:
    """One ledger of the database.

    Parameters
    ----------
    ledger_id : its number.
    name : as users write it.
    currency : the book currency, ISO 4217.
    """

    ledger_id: int
    name: str
    currency: str


@dataclass(frozen=True)
class Origin:
    """Where each stored row of a table came from, in order of arrival: row_id, batch, and row in the batch's file."""

    row_ids: npt.NDArray[np.int64]
    batch_ids: npt.NDArray[np.int64]
    source_rows: npt.NDArray[np.int64]
    next_row_id: int


def find_ledger(connection: Connection, name: str) -> Ledger | None:
    """Find a ledger by its name."""
    query = select(LEDGERS.c.ledger_id, LEDGERS.c.name, LEDGERS.c.currency).where(LEDGERS.c.name == name)
    row = connection.execute(query).one_or_none()
    return None if row is None else Ledger(*row)


def require_ledger(connection: Connection, name: str) -> Ledger:
    """Find a ledger by its name.

    Raises
    ------
    StoreError
        When there is none of that name.
    """
    found = find_ledger(connection, name)
    if found is None:
        names = connection.execute(select(LEDGERS.c.name)).scalars().all()
        hint = nearest(name, names) if names else "`arrisk book add BOOK --ledger NAME`"
        raise StoreError(f"there is no ledger '{name}'", hint=hint)
    return found


def load(connection: Connection, ledger: Ledger, *, as_of_day: int | None = None) -> Stored:
    """Read what a ledger holds.

    Parameters
    ----------
    as_of_day : only rows known before it; None = all.
    """
    free, end = _read_batches(connection, ledger)
    tables = {name: _load_table(connection, ledger, name, free, as_of_day=as_of_day)[0] for name in TABLES}
    return Stored(tables, free, date_of(end) if end is not None else None)


def load_with_origins(connection: Connection, ledger: Ledger) -> tuple[Stored, dict[str, Origin]]:
    """Read what a ledger holds, and where each row came from."""
    free, end = _read_batches(connection, ledger)
    both = {name: _load_table(connection, ledger, name, free, needs_origin=True) for name in TABLES}
    stored = Stored({name: one[0] for name, one in both.items()}, free, date_of(end) if end is not None else None)
    return stored, {name: one[1] for name, one in both.items()}


def _read_batches(connection: Connection, ledger: Ledger) -> tuple[dict[str, bool], int | None]:
    query = select(BATCHES.c.attribute_columns, BATCHES.c.extract_end_on).where(BATCHES.c.ledger_id == ledger.ledger_id)
    rows = connection.execute(query.order_by(BATCHES.c.batch_id)).all()
    return merge_free_columns(json.loads(row[0]) for row in rows), max((row[1] for row in rows), default=None)


@cache
def _choose_columns(name: str, *, needs_origin: bool) -> tuple[Any, ...]:
    """Choose what is read: what nobody looks at would take a fifth of the time."""
    left_out = {"ledger_id"} if needs_origin else {"ledger_id", "batch_id", "source_row"}
    left_out |= set() if needs_origin or TABLES[name].filled_later else {"row_id", "completes"}
    return tuple(column for column in BOOK_TABLES[name].columns if column.name not in left_out)


def _load_table(
    connection: Connection,
    ledger: Ledger,
    name: str,
    free: Mapping[str, bool],
    *,
    as_of_day: int | None = None,
    needs_origin: bool = False,
) -> tuple[pd.DataFrame, Origin]:
    table = BOOK_TABLES[name]
    columns = _choose_columns(name, needs_origin=needs_origin)
    query: Select[Any] = select(*columns).where(table.c.ledger_id == ledger.ledger_id)
    if as_of_day is not None:
        query = query.where(table.c.known_day < as_of_day)
    return _arrange(name, read_rows(connection, query.order_by(table.c.row_id)), free)


def _arrange(name: str, cells: pa.Table, free: Mapping[str, bool]) -> tuple[pd.DataFrame, Origin]:
    """Make a table of its stored rows: late cells are taken from the rows that came to fill them."""
    frame = from_cells(name, cells)
    if name == FREE_TABLE:
        known = frame.pop("known_day")
        frame = frame.assign(**from_json(cells["cells"], list(free)), known_day=known)
    nothing = np.zeros(len(cells), dtype="int64")
    row_ids, batch_ids, source_rows = (
        cells[column].to_numpy().copy() if column in cells.column_names else nothing
        for column in ("row_id", "batch_id", "source_row")
    )
    origin = Origin(row_ids, batch_ids, source_rows, int(row_ids.max(initial=0)) + 1)
    if "completes" not in cells.column_names or cells["completes"].null_count == len(cells):
        return frame, origin
    return _complete(name, frame, origin, cells["completes"].fill_null(0).to_numpy())


def _complete(
    name: str, frame: pd.DataFrame, origin: Origin, completes: npt.NDArray[np.int64]
) -> tuple[pd.DataFrame, Origin]:
    first = np.flatnonzero(completes == 0)
    # The newest row holds all that has arrived by then; numpy keeps the last of several.
    newest = np.arange(len(frame))
    newest[np.searchsorted(origin.row_ids, completes[completes > 0])] = np.flatnonzero(completes > 0)
    late = {column: frame[column].iloc[newest[first]].array for column in TABLES[name].filled_later}
    kept = frame.iloc[first].reset_index(drop=True).assign(**late)
    rows = Origin(origin.row_ids[first], origin.batch_ids[first], origin.source_rows[first], origin.next_row_id)
    return kept, rows
