"""Looks through the entries of all records at once: who did what, when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, tuple_

from arrisk.store.database import Database
from arrisk.store.tables import ENTRIES


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which entries; what is empty is not asked for.

    Parameters
    ----------
    record : the key of a record, or the beginning of keys up to a slash, such as ``closes``.
    by, action : exactly.
    since, until : moments as ISO 8601 text in UTC; ``until`` is left out.
    text : what the content holds somewhere.
    """

    record: str = ""
    by: str = ""
    action: str = ""
    since: str = ""
    until: str = ""
    text: str = ""


@dataclass(frozen=True)
class Recorded:
    """One entry of a record; ``content`` as it was hashed, ``sha256`` its seal."""

    key: str
    seq: int
    at: str
    by: str
    action: str
    content: Mapping[str, Any]
    sha256: str


Place = tuple[str, str, int]
"""Where an entry stands in the order of all: moment, record and number."""


def list_entries(database: Database, wanted: Wanted, *, before: Place | None, limit: int) -> list[Recorded]:
    """List entries, the newest first.

    Parameters
    ----------
    before : only those older than this one; None = begin with the newest.
    limit : at most so many.
    """
    columns = ENTRIES.c
    query = select(columns.key, columns.seq, columns.at, columns.by, columns.action, columns.content, columns.sha256)
    if wanted.record:
        below = columns.key.startswith(f"{wanted.record}/", autoescape=True)
        query = query.where((columns.key == wanted.record) | below)
    for name in ("by", "action"):
        if value := getattr(wanted, name):
            query = query.where(columns[name] == value)
    if wanted.since:
        query = query.where(columns.at >= wanted.since)
    if wanted.until:
        query = query.where(columns.at < wanted.until)
    if wanted.text:
        query = query.where(columns.content.contains(wanted.text, autoescape=True))
    if before is not None:
        query = query.where(tuple_(columns.at, columns.key, columns.seq) < tuple_(*before))
    query = query.order_by(columns.at.desc(), columns.key.desc(), columns.seq.desc()).limit(limit)
    with database.read() as connection:
        rows = connection.execute(query).mappings().all()
    return [Recorded(**{**row, "content": json.loads(row["content"])}) for row in rows]
