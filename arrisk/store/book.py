"""Reads the canonical book back from the database, bit for bit what its files would give."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from arrisk.errors import StoreError
from arrisk.frames import date_of, day_of
from arrisk.schema import Book
from arrisk.schema.known import cut_book
from arrisk.store.book_tables import BATCHES, LEDGERS, PROBLEMS
from arrisk.store.database import Database
from arrisk.store.loading import Ledger, load, require_ledger


@dataclass(frozen=True)
class Batch:
    """An upload that was taken in.

    Parameters
    ----------
    batch_id : its number in the database.
    ledger : the ledger's name.
    fingerprint : SHA-256 of what was uploaded.
    source, received_at, by : where it came from, when (ISO 8601 in UTC), and who brought it.
    extract_end_on : the last day that the ledger covers with it.
    counts : one row per table (table, read, accepted, known, completed, refused); the last four sum to what was read.
    count_problems : how many problems it has.
    is_new : False where the same upload was there already, and nothing was added.
    """

    batch_id: int
    ledger: str
    fingerprint: str
    source: str
    received_at: str
    by: str
    extract_end_on: date
    counts: pd.DataFrame
    count_problems: int
    is_new: bool = True


def read_book(database: Database, ledger: str, *, as_of: date | None = None) -> Book:
    """Read a ledger's book.

    Parameters
    ----------
    as_of : give it as it was known before the start of this day; None = all there is.

    Raises
    ------
    StoreError
        When there is no such ledger.
    """
    with database.read() as connection:
        found = require_ledger(connection, ledger)
        stored = load(connection, found, as_of_day=None if as_of is None else day_of(as_of))
    if stored.end_on is None:
        raise StoreError(f"the ledger '{ledger}' has no rows yet", hint="`arrisk book add BOOK --ledger NAME`")
    book = stored.make_book(name=found.name, currency=found.currency, end_on=stored.end_on)
    return book if as_of is None else cut_book(book, as_of=as_of)


@dataclass(frozen=True)
class LedgerFacts:
    """What can be said of a ledger without reading it.

    Parameters
    ----------
    currency : the book currency, ISO 4217.
    covered_until : the last day that its newest batch covers.
    """

    name: str
    currency: str
    covered_until: date


def list_ledgers(database: Database) -> list[str]:
    """Give the names of the ledgers, in order of names."""
    with database.read() as connection:
        return list(connection.execute(select(LEDGERS.c.name).order_by(LEDGERS.c.name)).scalars())


def describe_ledgers(database: Database) -> list[LedgerFacts]:
    """Describe the ledgers, in order of names."""
    newest = func.max(BATCHES.c.batch_id).over(partition_by=BATCHES.c.ledger_id).label("newest")
    batches = select(BATCHES.c.batch_id, BATCHES.c.ledger_id, BATCHES.c.extract_end_on, newest).subquery()
    query = (
        select(LEDGERS.c.name, LEDGERS.c.currency, batches.c.extract_end_on)
        .join(batches, batches.c.ledger_id == LEDGERS.c.ledger_id)
        .where(batches.c.batch_id == batches.c.newest)
        .order_by(LEDGERS.c.name)
    )
    with database.read() as connection:
        rows = connection.execute(query)
        return [LedgerFacts(row.name, row.currency, date_of(row.extract_end_on)) for row in rows]


def list_batches(database: Database, ledger: str) -> list[Batch]:
    """Give a ledger's batches, the newest first.

    Raises
    ------
    StoreError
        When there is no such ledger.
    """
    with database.read() as connection:
        found = require_ledger(connection, ledger)
        query = select(BATCHES).where(BATCHES.c.ledger_id == found.ledger_id).order_by(BATCHES.c.batch_id.desc())
        return [to_batch(found, row) for row in connection.execute(query).mappings()]


def list_problems(database: Database, batch_id: int, *, after: int = 0, limit: int = 100) -> pd.DataFrame:
    """Give some problems of a batch, in order.

    Parameters
    ----------
    after : the number of the last problem that was seen; 0 = begin.

    Returns
    -------
    DataFrame
        One row per problem (number, of_batch_id, table, row, column, value, rule, severity, hint); ``row`` is in the
        file of the batch ``of_batch_id``, which is another one where new rows bring a mistake of older ones to light.
    """
    columns = [column for column in PROBLEMS.columns if column.name != "batch_id"]
    query = select(*columns).where(PROBLEMS.c.batch_id == batch_id, PROBLEMS.c.number > after)
    with database.read() as connection:
        rows = connection.execute(query.order_by(PROBLEMS.c.number).limit(limit)).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=[column.name for column in columns])


def to_batch(ledger: Ledger, row: Mapping[Any, Any]) -> Batch:
    """Give a batch of its row in the table of batches."""
    return Batch(
        batch_id=row["batch_id"],
        ledger=ledger.name,
        fingerprint=row["fingerprint"],
        source=row["source"],
        received_at=row["received_at"],
        by=row["by"],
        extract_end_on=date_of(row["extract_end_on"]),
        counts=pd.DataFrame(json.loads(row["counts"])),
        count_problems=row["count_problems"],
    )
