"""Runs: what was computed of a ledger as of a day, shown once it is complete, never edited, dropped when old."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from arrisk.errors import MissingError
from arrisk.store.database import Database
from arrisk.store.jobs import Plain
from arrisk.store.moments import write_moment
from arrisk.store.run_rows import add_frame, cut
from arrisk.store.run_tables import RUN_CUSTOMERS, RUN_INVOICES, RUN_REPORTS, RUN_WORKLIST, RUNS

Guard = Callable[[Connection], object]
"""Is called in each transaction, and raises where the writer lost its job."""

PARTS: Mapping[str, Table] = {"invoices": RUN_INVOICES, "customers": RUN_CUSTOMERS, "worklist": RUN_WORKLIST}
"""The tables of a run's rows."""


@dataclass(frozen=True)
class NewRun:
    """What a run is of, and what it rests on; the columns of the table ``runs`` say what is what."""

    ledger: str
    kind: str
    as_of: date
    currency: str
    fingerprint: str
    data_sha256: str
    policy_hash: str
    payment_model: str
    default_model: str
    arrisk: str
    made_by: str
    job_id: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Run(NewRun):
    """A run that is in the database."""

    run_id: int = 0
    made_at: str = ""
    completed_at: str | None = None


_SHOWN = [RUNS.c[name] for name in Run.__dataclass_fields__]


def open_run(database: Database, new: NewRun, *, at: datetime) -> Run:
    """Begin a run, or give the one that rests on the same: complete, or as far as it came."""
    with database.write() as connection:
        found = connection.execute(select(*_SHOWN).where(RUNS.c.fingerprint == new.fingerprint)).first()
        if found is None:
            values = {**vars(new), "made_at": write_moment(at)}
            found = connection.execute(insert(RUNS).values(values).returning(*_SHOWN)).one()
    return _read(found)


def list_parts(database: Database, run: Run) -> set[str]:
    """Name the reports of a run that are there."""
    with database.read() as connection:
        return set(connection.execute(select(RUN_REPORTS.c.name).where(RUN_REPORTS.c.run_id == run.run_id)).scalars())


def write_part(
    database: Database,
    run: Run,
    report: str,
    content: Plain,
    *,
    rows: Mapping[str, pd.DataFrame],
    still: Guard,
    end: Guard,
) -> None:
    """Write a report of a run, and rows that belong to it.

    The rows go in piece by piece, for nobody sees them before the run is complete; the report comes last, so that where
    it is the rows are whole.

    Parameters
    ----------
    report, content : its name and what it says.
    rows : by the names of ``PARTS``.
    still : is called before each piece.
    end : is called with the last one.
    """
    with database.write() as connection:
        still(connection)
        for name in rows:
            connection.execute(delete(PARTS[name]).where(PARTS[name].c.run_id == run.run_id))
    for name, frame in rows.items():
        for piece in cut(frame):
            with database.write() as connection:
                still(connection)
                add_frame(connection, PARTS[name], piece, run_id=run.run_id)
    with database.write() as connection:
        end(connection)
        connection.execute(insert(RUN_REPORTS).values(run_id=run.run_id, name=report, content=content))


def complete_run(database: Database, run: Run, *, at: datetime, end: Guard) -> None:
    """Let a run be seen; the one completed last is the one that is shown of its day."""
    with database.write() as connection:
        end(connection)
        change = update(RUNS).where(RUNS.c.run_id == run.run_id).values(completed_at=write_moment(at))
        connection.execute(change)


def find_newest(
    database: Database, ledger: str, *, kind: str = "nightly", as_of: date | None = None, until: date | None = None
) -> Run | None:
    """Find the run that is shown: the complete one of the latest day, of that day the one completed last.

    Parameters
    ----------
    as_of : only runs as of this day; None = any day.
    until : only runs as of this day or an earlier one; None = any day.
    """
    query = select(*_SHOWN).where(RUNS.c.ledger == ledger, RUNS.c.kind == kind, RUNS.c.completed_at.is_not(None))
    if as_of is not None:
        query = query.where(RUNS.c.as_of == as_of)
    if until is not None:
        query = query.where(RUNS.c.as_of <= until)
    with database.read() as connection:
        row = connection.execute(
            query.order_by(RUNS.c.as_of.desc(), RUNS.c.completed_at.desc(), RUNS.c.run_id.desc()).limit(1)
        ).first()
    return None if row is None else _read(row)


def require_newest(database: Database, ledger: str, *, kind: str = "nightly", as_of: date | None = None) -> Run:
    """Find the run that is shown, as ``find_newest`` does.

    Raises
    ------
    MissingError
        When there is none yet.
    """
    found = find_newest(database, ledger, kind=kind, as_of=as_of)
    if found is None:
        what = f"nothing was computed yet of the ledger '{ledger}'" + (f" as of {as_of}" if as_of else "")
        raise MissingError(what, hint="a job of kind nightly, or `arrisk nightly`")
    return found


def list_runs(
    database: Database, *, ledger: str | None = None, before: int | None = None, limit: int = 50
) -> list[Run]:
    """List complete runs, the newest first.

    Parameters
    ----------
    ledger : only its runs; None = of all.
    before : only runs older than this one, for the next page.
    """
    query = select(*_SHOWN).where(RUNS.c.completed_at.is_not(None))
    if ledger is not None:
        query = query.where(RUNS.c.ledger == ledger)
    if before is not None:
        query = query.where(RUNS.c.run_id < before)
    with database.read() as connection:
        return [_read(row) for row in connection.execute(query.order_by(RUNS.c.run_id.desc()).limit(limit))]


def read_reports(database: Database, run: Run) -> dict[str, Any]:
    """Read the reports of a run by name."""
    query = select(RUN_REPORTS.c.name, RUN_REPORTS.c.content).where(RUN_REPORTS.c.run_id == run.run_id)
    with database.read() as connection:
        return {str(row.name): row.content for row in connection.execute(query)}


def drop_old_runs(database: Database, ledger: str, *, kind: str, keep: int, spare: int | None = None) -> int:
    """Drop what is older than the newest complete runs of a ledger, and what was begun and left before the newest.

    Parameters
    ----------
    keep : so many complete runs stay.
    spare : ``run_id`` of one that stays in any case: who has just asked for an old day wants to see it.

    Returns
    -------
    int
        How many runs were dropped.
    """
    own = (RUNS.c.ledger == ledger, RUNS.c.kind == kind)
    with database.read() as connection:
        query = select(RUNS.c.run_id).where(*own, RUNS.c.completed_at.is_not(None))
        newest = list(connection.execute(query.order_by(RUNS.c.as_of.desc(), RUNS.c.completed_at.desc())).scalars())
        left = select(RUNS.c.run_id).where(*own, RUNS.c.completed_at.is_(None), RUNS.c.run_id < max(newest, default=0))
        old = [*(run_id for run_id in newest[keep:] if run_id != spare), *connection.execute(left).scalars()]
    for run_id in old:
        # A run that is dropped in part must not be seen.
        with database.write() as connection:
            connection.execute(update(RUNS).where(RUNS.c.run_id == run_id).values(completed_at=None))
        for table in (*PARTS.values(), RUN_REPORTS, RUNS):
            with database.write() as connection:
                connection.execute(delete(table).where(table.c.run_id == run_id))
    return len(old)


def _read(row: Row[Any]) -> Run:
    return Run(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row's columns
