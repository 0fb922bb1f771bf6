"""Adds rows to those that are there: which are new, are there already, fill late cells, or are refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.errors import BookError
from arrisk.frames import NEVER, concat, date_of
from arrisk.schema.book import Book
from arrisk.schema.checking import (
    READING_ORDER,
    date_rows,
    find_exponents,
    find_latest_event,
    find_versions,
    finish,
    refuse_repeats,
)
from arrisk.schema.comparing import Likeness, compare
from arrisk.schema.problems import REFUSED, WARNING, ProblemList
from arrisk.schema.reading import SOURCE_ROW, TableReader
from arrisk.schema.stored import FREE_TABLE, Stored, merge_free_columns, type_free_columns
from arrisk.schema.tables import MANDATORY, TABLES

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Part:
    """What one table gains.

    Parameters
    ----------
    fresh : the new rows, typed, with ``source_row`` and ``known_day``; free columns hold what was given.
    filled : rows that are there with their late cells filled; ``source_row`` is the row that filled them.
    stored_at : the position of each row of ``filled`` among those that are there.
    """

    fresh: pd.DataFrame
    filled: pd.DataFrame
    stored_at: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Addition:
    """What adding rows gives.

    Parameters
    ----------
    book : with the rows.
    parts : by table that was given.
    free_columns : the free columns that were given, as in ``Stored``.
    problems : as in ``Checked.problems``, of the rows that were given, with their own row numbers.
    stored_problems : the same of rows that were there; ``row`` is the position of the row in its table.
    counts : one row per table that was given (table, read, accepted, known, completed, refused); the last four sum to
        what was read.
    """

    book: Book
    parts: Mapping[str, Part]
    free_columns: Mapping[str, bool]
    problems: pd.DataFrame
    stored_problems: pd.DataFrame
    counts: pd.DataFrame


@dataclass(frozen=True)
class _Given:
    """One raw table, the user's row numbers, what was read (``source_row`` = 1, 2, ...), and what becomes of it."""

    raw: pd.DataFrame
    rows: npt.NDArray[np.int64]
    read: pd.DataFrame
    likeness: Likeness


def add_rows(raw: Tables, stored: Stored, *, name: str, currency: str, extract_end_on: date | None = None) -> Addition:
    """Check raw tables against the canonical ones, and against the rows that are there.

    A row whose key and known day are there already is ``known`` where it says nothing else, ``completed`` where it
    fills cells that are filled late, and refused where it says something else.

    Parameters
    ----------
    raw : as for ``check``; customers or invoices may be missing where some are stored.
    stored : what is there.
    name, currency : the book's.
    extract_end_on : the last day that the raw tables cover; None = the day of their latest event.

    Raises
    ------
    BookError
        As ``check`` does.
    """
    _require_tables(raw, stored)
    problems = ProblemList()
    given = _read_tables(raw, stored, problems, currency)
    free = {} if FREE_TABLE not in given else _find_free(given[FREE_TABLE].read)
    after = Stored(stored.tables, merge_free_columns([stored.free_columns, free]), stored.end_on)
    tables = {table: _combine(table, given.get(table), after) for table in TABLES}
    end = _choose_end(given, stored.end_on, extract_end_on)
    for stranger in sorted(set(raw) - set(TABLES)):
        problems.add(stranger, pd.Series([0]), "", pd.Series([stranger]), "unknown_table", WARNING)
    checked = finish(
        tables, problems, [], name=name, currency=currency, extract_end_on=end if extract_end_on is not None else None
    )
    parts = {table: _make_part(table, one, stored) for table, one in given.items()}
    return Addition(
        book=replace(checked.book, extract_end_on=end),
        parts=parts,
        free_columns=free,
        problems=_name_rows(checked.problems, given),
        stored_problems=_name_stored(checked.problems),
        counts=pd.DataFrame([_count(table, one, parts[table]) for table, one in given.items()]),
    )


def _require_tables(raw: Tables, stored: Stored) -> None:
    for name in MANDATORY:
        if name not in raw and not len(stored.tables[name]):
            raise BookError(f"the table '{name}' is missing", hint=f"a file {name}.csv or {name}.parquet")


def _read_tables(raw: Tables, stored: Stored, problems: ProblemList, currency: str) -> dict[str, _Given]:
    given: dict[str, _Given] = {}
    invoices = stored.tables["invoices"]
    for name in READING_ORDER:
        if name not in raw:
            continue
        reader = TableReader(TABLES[name], raw[name], problems)
        rows = np.asarray(reader.rows, dtype="int64")
        # Numbers of their own: the user's may repeat, and those of stored rows must not be among them.
        reader.rows = pd.Series(range(1, len(rows) + 1), dtype="int64")
        context = {"invoices": invoices}
        read = reader.read(book_currency=currency, exponents=partial(find_exponents, TABLES[name], context, currency))
        if name == "invoices":
            invoices = concat([invoices, read])
        read = refuse_repeats(TABLES[name], date_rows(TABLES[name], read, problems), problems)
        given[name] = _Given(reader.raw, rows, read, _compare(name, read, reader.raw, stored))
        _refuse_changed(name, given[name], problems)
    return given


def _find_free(read: pd.DataFrame) -> dict[str, bool]:
    own = {column.name for column in TABLES[FREE_TABLE].all_columns} | {SOURCE_ROW, "known_day"}
    free = [str(name) for name in read if name not in own]
    return {name: pd.api.types.is_float_dtype(read[name].dtype) for name in free}


def _compare(name: str, read: pd.DataFrame, raw: pd.DataFrame, stored: Stored) -> Likeness:
    there, new = stored.type_rows(name), read
    if name == FREE_TABLE:
        free = merge_free_columns([stored.free_columns, _find_free(read)])
        there = type_free_columns(stored.tables[name], free)
        new = type_free_columns(_give_free(read, raw), free)
    return compare(TABLES[name], new, there, columns=[str(column) for column in raw if column in new])


def _give_free(read: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    """Put what was given into the free columns."""
    at = read[SOURCE_ROW].to_numpy() - 1
    return read.assign(**{name: raw[name].iloc[at].set_axis(read.index) for name in _find_free(read)})


def _refuse_changed(name: str, given: _Given, problems: ProblemList) -> None:
    for column, changed in given.likeness.changed.items():
        bad = given.read.loc[changed]
        problems.add(name, bad[SOURCE_ROW], column, bad[column], "changed_row", REFUSED)


def _combine(name: str, given: _Given | None, stored: Stored) -> pd.DataFrame:
    """Give what is there with late cells filled, and below it what is new, with versions."""
    there = stored.tables[name].assign(**{SOURCE_ROW: -1 - np.arange(len(stored.tables[name]))})
    if given is None:
        new = there.iloc[:0]
    else:
        there = given.likeness.fill(there, given.read)
        new = _give_free(given.read, given.raw) if name == FREE_TABLE else given.read
        new = new.loc[given.likeness.is_fresh]
    both = concat([there, new])
    return find_versions(TABLES[name], type_free_columns(both, stored.free_columns) if name == FREE_TABLE else both)


def _choose_end(given: Mapping[str, _Given], stored: date | None, stated: date | None) -> date:
    if stated is None:
        latest = find_latest_event({name: one.read.loc[~one.likeness.is_refused] for name, one in given.items()})
        stated = date_of(latest) if latest > -NEVER else None
    return max((day for day in (stored, stated) if day is not None), default=date.min)


def _make_part(name: str, given: _Given, stored: Stored) -> Part:
    likeness, read = given.likeness, given.read
    fresh = (_give_free(read, given.raw) if name == FREE_TABLE else read).loc[likeness.is_fresh]
    at = likeness.stored_at[likeness.is_filling]
    filled = likeness.fill(stored.tables[name], read).iloc[at]
    filling = given.rows[read[SOURCE_ROW].to_numpy()[likeness.is_filling] - 1]
    return Part(
        fresh.assign(**{SOURCE_ROW: given.rows[fresh[SOURCE_ROW].to_numpy() - 1]}).reset_index(drop=True),
        filled.assign(**{SOURCE_ROW: filling}).reset_index(drop=True),
        at,
    )


def _name_rows(problems: pd.DataFrame, given: Mapping[str, _Given]) -> pd.DataFrame:
    """Give the problems of given rows by the user's own row numbers, without those of rows that were there already."""
    keep = np.array(problems["row"] >= 0)
    rows = problems["row"].to_numpy(copy=True)
    for name, one in given.items():
        mine = (problems["table"] == name).to_numpy() & (rows > 0)
        seen = one.read[SOURCE_ROW].to_numpy()[one.likeness.is_there]
        keep &= ~(mine & np.isin(rows, seen))
        rows[mine] = one.rows[rows[mine] - 1]
    return problems.assign(row=rows).loc[keep].reset_index(drop=True)


def _name_stored(problems: pd.DataFrame) -> pd.DataFrame:
    there = problems.loc[problems["row"] < 0]
    return there.assign(row=-1 - there["row"]).reset_index(drop=True)


def _count(name: str, given: _Given, part: Part) -> dict[str, object]:
    likeness = given.likeness
    known = int(np.sum(likeness.is_there)) - len(part.filled)
    kept = {"accepted": len(part.fresh), "known": known, "completed": len(part.filled)}
    return {"table": name, "read": len(given.raw), **kept, "refused": len(given.raw) - sum(kept.values())}
