"""Adds one act to a record, within the transaction of what it tells of."""

from sqlalchemy import Connection

from arrisk.records import Entry
from arrisk.store.records import ConnectionRecords


def append_entry(connection: Connection, key: str, entry: Entry) -> Entry:
    """Add an entry at the end of a record."""
    return ConnectionRecords(connection, str(connection.engine.url)).append(key, [entry])[0]
