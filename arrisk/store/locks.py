"""One at a time: a lock that lasts as long as the transaction."""

import hashlib

from sqlalchemy import Connection, func, select


def lock(connection: Connection, name: str) -> None:
    """Wait until nobody else holds the lock of this name, and hold it until the transaction ends.

    Parameters
    ----------
    connection : of ``Database.write``; SQLite lets one at a time write anyhow.
    name : of what is locked.
    """
    if connection.dialect.name == "sqlite":
        return
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    connection.execute(select(func.pg_advisory_xact_lock(number)))
