"""Rows of runs: frames into their tables, many at once, and back as they were."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlalchemy import JSON, BigInteger, Connection, Date, Float, Integer, Row, Table

from arrisk.store.bulk import add_rows

CHUNK = 5_000
"""Rows of a transaction: others can write between two of them."""


def cut(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Cut a frame into pieces for one transaction each."""
    for start in range(0, len(frame), CHUNK):
        yield frame.iloc[start : start + CHUNK]


def add_frame(connection: Connection, table: Table, frame: pd.DataFrame, *, run_id: int) -> None:
    """Add the rows of a frame to a table of runs.

    Parameters
    ----------
    frame : the table's columns but ``run_id``; a missing one is empty. A cell of a JSON column is any plain value.
    """
    cells = {
        column.name: _to_cells(frame[column.name], column.type) if column.name in frame else pa.nulls(len(frame))
        for column in table.columns
    }
    add_rows(connection, table, pa.table({**cells, "run_id": pa.array([run_id] * len(frame), pa.int64())}))


def to_frame(rows: Sequence[Row[Any]], table: Table) -> pd.DataFrame:
    """Give rows of a table as a frame, without ``run_id``, each column as the one it was made of."""
    names = [column.name for column in table.columns]
    found = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())
    return pd.DataFrame(
        {
            column.name: _to_series(list(found[column.name]), column.type)
            for column in table.columns
            if column.name != "run_id"
        }
    )


def _to_cells(values: pd.Series, kind: object) -> pa.Array:
    if isinstance(kind, JSON):
        texts = [None if value is None else json.dumps(value, allow_nan=False) for value in values]
        return pa.array(texts, pa.large_string())
    if isinstance(kind, Date):
        days = pa.array(values.to_numpy().astype("datetime64[D]"), pa.date32())
        return days.cast(pa.large_string())
    if isinstance(kind, Float):
        return pa.array(values.to_numpy(dtype="float64", na_value=float("nan")), pa.float64(), from_pandas=True)
    if isinstance(kind, BigInteger | Integer):
        return pa.array(values, pa.int64(), from_pandas=True)
    return pa.array(values, pa.large_string(), from_pandas=True)


def _to_series(values: list[Any], kind: object) -> pd.Series:
    if isinstance(kind, JSON):
        return pd.Series(values, dtype="object")
    if isinstance(kind, Date):
        return pd.Series(values, dtype="object").astype("datetime64[s]")
    if isinstance(kind, Float):
        return pd.Series(values, dtype="float64")
    if isinstance(kind, BigInteger | Integer):
        return pd.Series(values, dtype="Int64" if None in values else "int64")
    return pd.Series(values, dtype="str")
