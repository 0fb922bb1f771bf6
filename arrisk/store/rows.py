"""Canonical rows as the database holds them, and back: whole numbers, doubles and text, nothing rounded."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arrisk.errors import BookError
from arrisk.frames import NEVER, to_arrow, to_dates, to_days, to_text
from arrisk.schema import TABLES, Column, Kind
from arrisk.schema.cells import read_numbers, read_text

_LONGEST_ID = 1000
"""Bytes; PostgreSQL cannot find longer text by an index."""


def to_cells(name: str, frame: pd.DataFrame) -> dict[str, pa.Array]:
    """Give a canonical table's own columns as they are stored.

    Raises
    ------
    BookError
        When a text holds a zero byte, or an id is too long to be looked up.
    """
    cells = {column.name: _to_cells(column, frame[column.name]) for column in TABLES[name].all_columns}
    for column in TABLES[name].all_columns:
        if column.kind in (Kind.ID, Kind.TEXT):
            _require_storable(cells[column.name], column, name)
    return {**cells, "known_day": pa.array(frame["known_day"].to_numpy())}


def _to_cells(column: Column, values: pd.Series) -> pa.Array:
    match column.kind:
        case Kind.ID | Kind.TEXT:
            return to_arrow(values)
        case Kind.DATE:
            days = to_days(values)
            return pa.array(days, mask=days == NEVER)
        case _:
            return pa.array(values, from_pandas=True)


def _require_storable(cells: pa.Array, column: Column, table: str) -> None:
    where = f"table {table}, column {column.name}"
    if pc.any(pc.match_substring(cells, "\0")).as_py():
        raise BookError("a text holds a zero byte", where=where, hint="export the file again, as UTF-8 text")
    if column.kind is Kind.ID and (pc.max(pc.binary_length(cells)).as_py() or 0) > _LONGEST_ID:
        raise BookError(f"an id has more than {_LONGEST_ID:,} bytes", where=where, hint="is it the right column?")


def from_cells(name: str, cells: pa.Table) -> pd.DataFrame:
    """Give a canonical table of what is stored, with ``known_day``, as checking gives it."""
    columns = {column.name: _from_cells(column, cells[column.name]) for column in TABLES[name].all_columns}
    return pd.DataFrame({**columns, "known_day": _whole(cells["known_day"])}, copy=False)


def _from_cells(column: Column, cells: pa.ChunkedArray) -> pd.Series:
    match column.kind:
        case Kind.ID | Kind.TEXT:
            return pd.Series(pd.array(cells.combine_chunks(), dtype="str"))
        case Kind.DATE:
            return to_dates(_whole(cells, NEVER))
        case Kind.NUMBER:
            return pd.Series(np.array(pc.fill_null(cells, np.nan).to_numpy()))
        case Kind.AMOUNT if column.is_required:
            return pd.Series(_whole(cells))
        case Kind.AMOUNT:
            missing = np.array(cells.is_null().to_numpy())
            return pd.Series(pd.arrays.IntegerArray(_whole(cells, 0), missing))


def _whole(cells: pa.ChunkedArray, missing: int = 0) -> np.ndarray:
    return np.array(pc.fill_null(cells, missing).to_numpy(), dtype="int64")


def to_json(frame: pd.DataFrame, columns: Sequence[str]) -> pa.Array:
    """Write free columns as one JSON object a row: numbers keep every bit, all else is text; what is empty is left out.

    Examples
    --------
    >>> to_json(pd.DataFrame({"score": [0.1, None], "rating": ["12", "1.50"]}), ["score", "rating"]).to_pylist()
    ['{"score":0.1,"rating":12.0}', '{"rating":"1.50"}']
    """
    listed = [_to_plain(frame[name]) for name in columns]
    rows: Iterable[tuple[Any, ...]] = zip(*listed, strict=True) if listed else ((),) * len(frame)
    texts = [
        json.dumps(
            {name: cell for name, cell in zip(columns, row, strict=True) if cell is not None},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for row in rows
    ]
    return pa.array(texts, pa.large_string())


def _to_plain(values: pd.Series) -> list[Any]:
    dtype = values.dtype
    is_plain = pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype)
    if is_plain and not np.isinf(values.to_numpy(dtype="float64", na_value=np.nan)).any():
        return [None if gone else cell for cell, gone in zip(values.tolist(), values.isna(), strict=True)]
    texts = read_text(values)
    numbers = read_numbers(texts)
    # What a number says to the last letter is kept as one, and need not be read again.
    said = pc.fill_null(pc.equal(to_text(numbers), to_arrow(texts)), False).to_pylist()
    pairs = zip(said, numbers.tolist(), to_arrow(texts).to_pylist(), strict=True)
    return [number if is_said else cell for is_said, number, cell in pairs]


def from_json(cells: pa.ChunkedArray, columns: Sequence[str]) -> Mapping[str, pd.Series]:
    """Read free columns back, as they were given."""
    rows = json.loads("[" + ",".join(cells.to_pylist()) + "]")
    return {name: _to_series([row.get(name) for row in rows]) for name in columns}


def _to_series(cells: list[Any]) -> pd.Series:
    kinds = {type(cell) for cell in cells} - {type(None)}
    if kinds <= {str}:
        return pd.Series(pd.array(cells, dtype="str"))
    if kinds == {bool}:
        return pd.Series(cells, dtype="boolean")
    if kinds <= {float, int}:
        return pd.Series([np.nan if cell is None else float(cell) for cell in cells], dtype="float64")
    return pd.Series(cells, dtype=object)
