"""Adds uploads to the canonical book in the database: each whole or not at all, and only what is not there yet."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from arrisk.errors import BookError, InputError
from arrisk.frames import day_of, to_arrow, to_text
from arrisk.schema import SOURCE_ROW, TABLES, choose_book_currency
from arrisk.schema.adding import Addition, Part, add_rows
from arrisk.schema.stored import FREE_TABLE, Stored, start_empty
from arrisk.store import bulk
from arrisk.store.book import Batch, to_batch
from arrisk.store.book_tables import BATCHES, BOOK_TABLES, LEDGERS, PERSONAL, PROBLEMS
from arrisk.store.database import Database
from arrisk.store.erasure import blank_erased, read_erased
from arrisk.store.loading import Ledger, Origin, find_ledger, load_with_origins, require_ledger
from arrisk.store.moved import write_moved
from arrisk.store.rows import to_cells, to_json

_NAME = re.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*")
_LONGEST_NAME = 100
_PLACE = ("of_batch_id", "table", "row", "column", "rule")
"""What names a problem."""


@dataclass(frozen=True)
class Upload:
    """What a user puts into a ledger.

    Parameters
    ----------
    tables : raw canonical tables, as for ``arrisk.schema.check``.
    source : where they came from, for people to read.
    currency : the book currency that is stated; empty = none is.
    extract_end_on : the last day covered; None = the day of the latest event.
    refused : by table, how many rows were refused before they became these tables.
    problems : what was found then, as in ``Checked.problems``; None = nothing.
    """

    tables: Mapping[str, pd.DataFrame]
    source: str
    currency: str = ""
    extract_end_on: date | None = None
    refused: Mapping[str, int] = field(default_factory=dict)
    problems: pd.DataFrame | None = None


def add_batch(database: Database, ledger: str, upload: Upload, *, fallback_currency: str, by: str, at: str) -> Batch:
    """Add the rows of an upload that are not there yet.

    What is there is read and checked with the new rows before anything is locked; the rows are added in one
    transaction, if nobody has added others meanwhile, else it begins anew.

    Parameters
    ----------
    ledger : its name; it is made where it is missing.
    fallback_currency : a new ledger's book currency where none is stated.
    by, at : who adds it, and when, ISO 8601 in UTC.

    Raises
    ------
    BookError
        When the upload cannot be used, or states another currency than the ledger's.
    InputError
        When the ledger's name cannot be one.
    StoreError
        When the database cannot be used.
    """
    _require_name(ledger)
    print_ = fingerprint_upload(upload)
    while True:
        with database.read() as connection:
            found = find_ledger(connection, ledger)
            if found is not None and (batch := _find_batch(connection, found, print_)):
                return batch
            newest, erased = _find_newest(connection, found), read_erased(connection, found)
            stored, origins = (start_empty(), {}) if found is None else load_with_origins(connection, found)
        currency = _choose_currency(found, upload, fallback_currency)
        tables = blank_erased(upload.tables, erased)
        added = add_rows(tables, stored, name=ledger, currency=currency, extract_end_on=upload.extract_end_on)
        added = _join_staging(added, upload)
        made = _Writing(ledger, currency, print_, upload.source, by, at)
        with database.write() as connection:
            into = _lock_ledger(connection, made)
            if _find_newest(connection, into) == newest and read_erased(connection, into) == erased:
                return _write(connection, into, made, added, stored, origins)


def _require_name(ledger: str) -> None:
    # The records of a ledger are named after it.
    if not _NAME.fullmatch(ledger) or len(ledger) > _LONGEST_NAME:
        hint = f"up to {_LONGEST_NAME} letters without accents, digits, '-', '_' and '.', such as alder-eu"
        raise InputError(f"'{ledger[:_LONGEST_NAME]}' cannot be the name of a ledger", hint=hint)


def fingerprint_upload(upload: Upload) -> str:
    """Give the SHA-256 of all that an upload says; the same files in another order of tables give the same."""
    digest = hashlib.sha256(json.dumps([upload.currency, str(upload.extract_end_on)]).encode())
    for name, frame in sorted(upload.tables.items()):
        digest.update(json.dumps([name, len(frame), [str(column) for column in frame]]).encode())
        for position in range(frame.shape[1]):
            values = frame.iloc[:, position]
            plain = values if values.dtype != object else pd.Series(pd.array(to_text(values), dtype="str"))
            digest.update(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def _join_staging(added: Addition, upload: Upload) -> Addition:
    """Join what was found before with what the check found, so that the totals are those of the user's own file."""
    before = added.counts["table"].map(upload.refused).fillna(0).astype("int64")
    counts = added.counts.assign(read=added.counts["read"] + before, refused=added.counts["refused"] + before)
    if upload.problems is None or not len(upload.problems):
        return replace(added, counts=counts)
    parts = [part for part in (upload.problems, added.problems) if len(part)]
    problems = pd.concat(parts, ignore_index=True)
    order = ["table", "row", "column", "rule"]
    return replace(added, counts=counts, problems=problems.sort_values(order, kind="stable", ignore_index=True))


@dataclass(frozen=True)
class _Writing:
    """What is said of a batch while it is written."""

    ledger: str
    currency: str
    fingerprint: str
    source: str
    by: str
    at: str


def _choose_currency(found: Ledger | None, upload: Upload, fallback: str) -> str:
    if found is None:
        return choose_book_currency(upload.tables, stated=upload.currency, fallback=fallback)
    if upload.currency and upload.currency != found.currency:
        raise BookError(
            f"the ledger '{found.name}' is kept in {found.currency}, not in {upload.currency}",
            where=upload.source,
            hint="another ledger, or the currency of this one",
        )
    return found.currency


def _find_batch(connection: Connection, ledger: Ledger, fingerprint: str) -> Batch | None:
    query = select(BATCHES).where(BATCHES.c.ledger_id == ledger.ledger_id, BATCHES.c.fingerprint == fingerprint)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else replace(to_batch(ledger, row), is_new=False)


def _find_newest(connection: Connection, ledger: Ledger | None) -> int:
    """Give the number of a ledger's newest batch; 0 where it has none."""
    if ledger is None:
        return 0
    query = select(func.max(BATCHES.c.batch_id)).where(BATCHES.c.ledger_id == ledger.ledger_id)
    return connection.execute(query).scalar() or 0


def _lock_ledger(connection: Connection, made: _Writing) -> Ledger:
    """Give the ledger, made where it is missing; nobody else adds to it until the transaction ends."""
    add = sqlite.insert(LEDGERS) if connection.dialect.name == "sqlite" else postgresql.insert(LEDGERS)
    values = {"name": made.ledger, "currency": made.currency, "created_at": made.at, "by": made.by}
    connection.execute(add.values(values).on_conflict_do_nothing())
    connection.execute(select(LEDGERS.c.ledger_id).where(LEDGERS.c.name == made.ledger).with_for_update())
    return require_ledger(connection, made.ledger)


def _write(
    connection: Connection,
    ledger: Ledger,
    made: _Writing,
    added: Addition,
    stored: Stored,
    origins: Mapping[str, Origin],
) -> Batch:
    del stored
    values = {
        "ledger_id": ledger.ledger_id,
        "fingerprint": made.fingerprint,
        "source": made.source,
        "received_at": made.at,
        "by": made.by,
        "extract_end_on": day_of(added.book.extract_end_on),
        "attribute_columns": json.dumps(dict(added.free_columns), ensure_ascii=False),
        "counts": json.dumps(added.counts.to_dict("records")),
        "count_problems": 0,
    }
    problems = _gather_problems(connection, ledger, added, origins)
    values["count_problems"] = len(problems)
    batch_id = connection.execute(insert(BATCHES).values(values).returning(BATCHES.c.batch_id)).scalar_one()
    for name, part in added.parts.items():
        _write_part(connection, name, part, origins.get(name), ledger_id=ledger.ledger_id, batch_id=batch_id)
    _write_problems(connection, batch_id, problems)
    write_moved(connection, ledger.ledger_id, added.book)
    row = {**values, "batch_id": batch_id}
    return to_batch(ledger, row)


def _write_part(
    connection: Connection, name: str, part: Part, origin: Origin | None, *, ledger_id: int, batch_id: int
) -> None:
    next_row_id = 1 if origin is None else origin.next_row_id
    completes = np.zeros(0, dtype="int64") if origin is None else origin.row_ids[part.stored_at]
    free = [str(column) for column in part.fresh if column not in _own_columns(name)]
    for frame, of in ((part.fresh, None), (part.filled, completes)):
        if not len(frame):
            continue
        cells = to_cells(name, frame)
        if name == FREE_TABLE:
            cells["cells"] = to_json(frame, free)
        size = len(frame)
        cells["ledger_id"] = pa.array(np.full(size, ledger_id))
        cells["batch_id"] = pa.array(np.full(size, batch_id))
        cells["row_id"] = pa.array(next_row_id + np.arange(size))
        cells["source_row"] = pa.array(frame[SOURCE_ROW].to_numpy())
        cells["completes"] = pa.nulls(size, pa.int64()) if of is None else pa.array(of)
        bulk.add_rows(connection, BOOK_TABLES[name], pa.table(cells))
        next_row_id += size


def _own_columns(name: str) -> set[str]:
    return {column.name for column in TABLES[name].all_columns} | {SOURCE_ROW, "known_day"}


def _gather_problems(
    connection: Connection, ledger: Ledger, added: Addition, origins: Mapping[str, Origin]
) -> pd.DataFrame:
    """Give the problems of the new rows, and those of older rows that were not there before; batch 0 = the new one."""
    mine = added.problems.assign(of_batch_id=0)
    theirs = added.stored_problems
    if not len(theirs):
        return mine
    batches, rows = np.zeros(len(theirs), dtype="int64"), np.zeros(len(theirs), dtype="int64")
    for name, origin in origins.items():
        at = np.flatnonzero((theirs["table"] == name).to_numpy())
        positions = theirs["row"].to_numpy()[at]
        batches[at], rows[at] = origin.batch_ids[positions], origin.source_rows[positions]
    theirs = theirs.assign(of_batch_id=batches, row=rows)
    there = _read_known(connection, ledger)
    is_new = [tuple(row) not in there for row in theirs[list(_PLACE)].itertuples(index=False)]
    return pd.concat([mine, theirs.loc[is_new]], ignore_index=True)


def _read_known(connection: Connection, ledger: Ledger) -> set[tuple[Any, ...]]:
    query = select(*(PROBLEMS.c[name] for name in _PLACE)).join(BATCHES, BATCHES.c.batch_id == PROBLEMS.c.batch_id)
    return {tuple(row) for row in connection.execute(query.where(BATCHES.c.ledger_id == ledger.ledger_id))}


def _write_problems(connection: Connection, batch_id: int, problems: pd.DataFrame) -> None:
    of_batch = problems["of_batch_id"].to_numpy()
    hidden = [
        table == FREE_TABLE or column in PERSONAL.get(table, ())
        for table, column in zip(problems["table"], problems["column"], strict=True)
    ]
    cells = {
        "batch_id": pa.array(np.full(len(problems), batch_id)),
        "number": pa.array(np.arange(1, len(problems) + 1)),
        "of_batch_id": pa.array(np.where(of_batch == 0, batch_id, of_batch)),
        "row": pa.array(problems["row"].to_numpy()),
        "value": to_arrow(problems["value"].mask(np.asarray(hidden, dtype=bool), "")),
    }
    texts = {name: to_arrow(problems[name]) for name in ("table", "column", "rule", "severity", "hint")}
    bulk.add_rows(connection, PROBLEMS, pa.table({**cells, **texts}))
