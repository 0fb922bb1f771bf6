"""Rows for every table of the database, made from its columns alone, so that a new table is never forgotten."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, Connection, select

from arrisk.records import Entry
from arrisk.store.records import ConnectionRecords
from arrisk.store.tables import ENTRIES, METADATA

COUNT = 3
_VALUES = {
    str: lambda n: f"täxt, '{n}'\n\"\\",
    int: lambda n: n,
    float: lambda n: [0.1 + 0.2, -1e300, 1 / 3][n - 1],
    bool: lambda n: n == 2,
    date: lambda n: date(2024, 2, 29) + timedelta(days=n),
    datetime: lambda n: datetime(2024, 2, 29, 12, n, tzinfo=UTC),
    bytes: lambda n: bytes([0, 255, n]),
}


def fill(connection: Connection) -> None:
    """Add three rows to every table; what may be missing is missing in the last of them."""
    for table in METADATA.sorted_tables:
        if table is ENTRIES:
            add_entries(connection, "decisions/alder", ["propose", "approve", "deny"])
            continue
        rows = [{column.name: _make(column, number) for column in table.columns} for number in range(1, COUNT + 1)]
        connection.execute(table.insert(), rows)


def add_entries(connection: Connection, key: str, actions: list[str]) -> None:
    """Add entries to a record."""
    one = {"at": "2024-07-01T08:00:00+00:00", "by": "Anna", "content": {"n": 1.5, "ä": None}}
    drafts = [Entry(action=action, **one) for action in actions]
    ConnectionRecords(connection, "").append_drafted(key, lambda _: drafts)


def read_all(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Give every row of every table, as Python has it."""
    return {
        table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
        for table in METADATA.sorted_tables
    }


def _make(column: Column[Any], number: int) -> Any:
    if column.nullable and number == COUNT:
        return None
    if isinstance(column.type, JSON):
        return [{"a": [1, None, "ü"]}, [], {}][number - 1]
    value = _VALUES[column.type.python_type](number)
    length = getattr(column.type, "length", None)
    return value[-length:] if length and isinstance(value, str) else value
