"""Adds one act to a record, within the transaction of what it tells of."""

import json
from dataclasses import replace

from sqlalchemy import Connection, insert, select

from arrisk.records import START, Entry
from arrisk.store.locks import lock
from arrisk.store.tables import ENTRIES


def append_entry(connection: Connection, key: str, entry: Entry) -> Entry:
    """Add an entry at the end of a record."""
    lock(connection, f"entries/{key}")
    newest = select(ENTRIES).where(ENTRIES.c.key == key).order_by(ENTRIES.c.seq.desc()).limit(1)
    last = connection.execute(newest).first()
    added = replace(entry, seq=last.seq + 1 if last else 1, previous_sha256=last.sha256 if last else START)
    content = json.dumps(added.content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    row = {**vars(added), "key": key, "content": content, "sha256": added.sha256}
    connection.execute(insert(ENTRIES), [row])
    return added
