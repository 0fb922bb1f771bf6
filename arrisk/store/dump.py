"""Rows as lines of JSON that name no database: what is written from one kind is read into the other."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Double,
    LargeBinary,
    Select,
    Text,
    column,
    func,
    insert,
    select,
    table,
    text,
)
from sqlalchemy.types import TypeEngine

from arrisk.errors import StoreError
from arrisk.store.database import Database
from arrisk.store.tables import METADATA

Columns = Mapping[str, str]
"""The kind of each column by its name: text, whole, number, flag, day, moment, json or bytes."""

_CHUNK = 5_000

_KINDS: Mapping[str, TypeEngine[Any]] = {
    "text": Text(),
    "whole": BigInteger(),
    "number": Double(),
    "flag": Boolean(),
    "day": Date(),
    "moment": DateTime(timezone=True),
    "json": JSON(none_as_null=True),
    "bytes": LargeBinary(),
}
_OF_PYTHON = {str: "text", int: "whole", float: "number", bool: "flag", date: "day", datetime: "moment", bytes: "bytes"}


def list_tables() -> list[str]:
    """Name every table, those first that others refer to."""
    return [one.name for one in METADATA.sorted_tables]


def describe_columns(name: str) -> Columns:
    """Give the kinds of a table's columns.

    Raises
    ------
    StoreError
        When a column holds what no line can.
    """
    return {one.name: _name_kind(one) for one in METADATA.tables[name].columns}


def write_lines(connection: Connection, name: str) -> Iterator[str]:
    """Write a table, by its key, as one JSON object a row."""
    whole = METADATA.tables[name]
    return write_selected(connection, select(whole).order_by(*whole.primary_key.columns), describe_columns(name))


def write_selected(connection: Connection, query: Select[Any], columns: Columns) -> Iterator[str]:
    """Write the rows of a query as one JSON object each."""
    for row in connection.execute(query, execution_options={"yield_per": _CHUNK}).mappings():
        yield json.dumps({key: _write(row[key], kind) for key, kind in columns.items()}, ensure_ascii=False)


def read_lines(connection: Connection, name: str, columns: Columns, lines: Iterable[str]) -> int:
    """Add the rows of lines to a table, and count them.

    Parameters
    ----------
    columns : of the lines, which may be those of an older form of the table.
    """
    target = table(name, *(column(key, _KINDS[kind]) for key, kind in columns.items()))
    count = 0
    rest = iter(lines)
    while rows := [_read(json.loads(line), columns) for line in islice(rest, _CHUNK)]:
        connection.execute(insert(target), rows)
        count += len(rows)
    return count


def count_rows(connection: Connection, names: Sequence[str]) -> int:
    """Count the rows of tables."""
    return sum(connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names)


def continue_counting(database: Database, connection: Connection) -> None:
    """Let keys that the database counts go on behind those that were read."""
    if database.is_sqlite:
        return
    for whole in METADATA.sorted_tables:
        counted = whole.autoincrement_column
        if counted is None:
            continue
        sequence = connection.scalar(
            text("SELECT pg_get_serial_sequence(:name, :key)"), {"name": whole.name, "key": counted.name}
        )
        if sequence is not None:
            newest = connection.scalar(select(func.max(counted)))
            follow = text("SELECT setval(CAST(:sequence AS regclass), :newest, :is_used)")
            connection.execute(follow, {"sequence": sequence, "newest": newest or 1, "is_used": newest is not None})


def _name_kind(one: Column[Any]) -> str:
    if isinstance(one.type, JSON):
        return "json"
    kind = _OF_PYTHON.get(one.type.python_type)
    if kind is None:
        raise StoreError(f"no line can hold a column of type {one.type}", where=f"{one.table.name}.{one.name}")
    return kind


def _write(value: Any, kind: str) -> object:  # noqa: ANN401 - a cell of any column
    if value is None or kind in {"text", "whole", "flag", "json"}:
        return value
    if kind == "number":
        # JSON has no word for what is not finite.
        return float(value) if abs(value) < float("inf") else str(float(value))
    return value.hex() if kind == "bytes" else value.isoformat()


def _read(row: Mapping[str, Any], columns: Columns) -> dict[str, Any]:
    made = {key: _READ.get(kind) for key, kind in columns.items()}
    return {key: row[key] if row[key] is None or make is None else make(row[key]) for key, make in made.items()}


_READ: Mapping[str, Callable[[Any], object]] = {
    "number": float,
    "day": date.fromisoformat,
    "moment": datetime.fromisoformat,
    "bytes": bytes.fromhex,
}
