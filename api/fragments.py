"""Posted rows to raw tables, as if they had been read from a book's files."""

import math
from collections.abc import Mapping, Sequence
from types import NoneType

import pandas as pd

from api.errors import TooLargeError
from api.schemas.base import Rows
from arrisk.errors import InputError
from arrisk.schema import SOURCE_ROW, TABLES, Kind

MAX_COLUMNS = 500
"""Per table: rows that each bring names of their own would make a frame far larger than the body."""

_CELLS: frozenset[type] = frozenset({str, int, float, NoneType})
_MONEY: frozenset[type] = frozenset({str, NoneType})


def read_tables(tables: Mapping[str, Rows], *, max_rows: int) -> dict[str, pd.DataFrame]:
    """Turn posted rows into raw frames, text as text and numbers as numbers.

    Parameters
    ----------
    tables : rows by table; a key that a row lacks is missing there.
    max_rows : of all tables together.

    Raises
    ------
    TooLargeError
        When there are more rows, or more columns than ``MAX_COLUMNS``.
    InputError
        When a cell is neither text nor number, or an amount is a number, which would not keep its cents.
    """
    count = sum(len(rows) for rows in tables.values())
    if count > max_rows:
        raise TooLargeError(f"{count:,} rows were sent", where="tables", hint=f"at most {max_rows:,} a request")
    return {name: _read_table(name, rows) for name, rows in tables.items()}


def _read_table(name: str, rows: Rows) -> pd.DataFrame:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    if len(columns) > MAX_COLUMNS:
        raise TooLargeError(f"{len(columns):,} columns were sent", where=name, hint=f"at most {MAX_COLUMNS} a table")
    if SOURCE_ROW in columns:
        raise InputError(f"arrisk uses the name '{SOURCE_ROW}' itself", where=name, hint="rename the column")
    known = {column.name: column.kind for column in TABLES[name].all_columns} if name in TABLES else {}
    if not rows:
        return pd.DataFrame({column: pd.Series(dtype="str") for column in known})
    return pd.DataFrame(
        {column: _read_column(name, column, known.get(column), [row.get(column) for row in rows]) for column in columns}
    )


def _read_column(table: str, column: str, kind: Kind | None, cells: Sequence[object]) -> pd.Series:
    allowed = _MONEY if kind is Kind.AMOUNT else _CELLS
    kinds: set[type] = set(map(type, cells))
    if not kinds <= allowed or float in kinds:
        for row, cell in enumerate(cells, start=1):
            _check_cell(cell, allowed, f"{table}, row {row}, {column}")
    try:
        if kind in {Kind.NUMBER, None} and str not in kinds:
            return pd.Series(cells, dtype="float64")
        return pd.Series([None if cell is None else str(cell) for cell in cells], dtype="str")
    except OverflowError as error:
        where = f"{table}, {column}"
        raise InputError("a number is too large", where=where, hint="a number below 1e308, or text") from error
    except UnicodeEncodeError as error:
        where = f"{table}, {column}"
        raise InputError("a text holds half a character", where=where, hint="valid Unicode") from error


def _check_cell(cell: object, allowed: frozenset[type], where: str) -> None:
    if type(cell) in _CELLS - allowed:
        raise InputError(f"the amount {cell} is a number", where=where, hint='money is text, such as "1234.50"')
    if type(cell) not in allowed:
        what = "true or false" if isinstance(cell, bool) else "a list" if isinstance(cell, list) else "an object"
        raise InputError(f"a cell holds {what}", where=where, hint="text, a number or null")
    if isinstance(cell, float) and not math.isfinite(cell):
        raise InputError(f"{cell} is not a number of JSON", where=where, hint="null where nothing is known")
