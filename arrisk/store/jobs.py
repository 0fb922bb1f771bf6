"""Long work as rows: asked for here, and done by another process; see ``arrisk.store.claims``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from arrisk.errors import InputError, MissingError
from arrisk.store.database import Database
from arrisk.store.job_tables import JOBS
from arrisk.store.moments import write_moment

Plain = Mapping[str, Any]


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing will come of it any more."""
        return self not in (State.QUEUED, State.RUNNING)


@dataclass(frozen=True)
class Order:
    """What somebody wants done.

    Parameters
    ----------
    kind, ledger : jobs of the same kind and ledger are done one after the other.
    arguments : what the kind needs to know, as JSON can hold it.
    by : who wants it.
    fingerprint : the same one gives the same job; None = a new job each time.
    """

    kind: str
    ledger: str
    arguments: Plain
    by: str
    fingerprint: str | None = None


@dataclass(frozen=True)
class Job:
    """One row of the table ``jobs``; its columns say what is what."""

    job_id: int
    kind: str
    ledger: str
    arguments: Plain
    state: State
    progress: str
    share: float
    attempts: int
    claim: str | None
    heartbeat_at: str | None
    cancel_by: str | None
    made_by: str
    made_at: str
    started_at: str | None
    ended_at: str | None
    result: Plain | None
    problem: Plain | None


SHOWN = [JOBS.c[name] for name in Job.__dataclass_fields__]
"""The columns of a ``Job``."""


def put(database: Database, order: Order, *, at: datetime) -> Job:
    """Queue a job, or give the one that was queued for the same fingerprint.

    Raises
    ------
    InputError
        When that one was for something else.
    """
    with database.write() as connection:
        found = _find_same(connection, order)
        if found is None:
            found = _insert(connection, order, at)
    if (found.kind, found.ledger, dict(found.arguments)) != (order.kind, order.ledger, dict(order.arguments)):
        raise InputError("the same idempotency key was used for another job", hint="a new key for each request")
    return found


def _find_same(connection: Connection, order: Order) -> Job | None:
    if order.fingerprint is None:
        return None
    row = connection.execute(select(*SHOWN).where(JOBS.c.fingerprint == order.fingerprint)).first()
    return None if row is None else read_row(row)


def _insert(connection: Connection, order: Order, at: datetime) -> Job:
    values = {
        **vars(order),
        "made_by": order.by,
        "made_at": write_moment(at),
        "state": State.QUEUED,
        "progress": "",
        "share": 0.0,
        "attempts": 0,
    }
    del values["by"]
    try:
        with connection.begin_nested():
            return read_row(connection.execute(insert(JOBS).values(values).returning(*SHOWN)).one())
    except IntegrityError:
        # Another asked for the same at the same moment.
        found = _find_same(connection, order)
        if found is None:
            raise
        return found


def read_job(database: Database, job_id: int) -> Job:
    """Read one job.

    Raises
    ------
    MissingError
        When there is none of that number.
    """
    with database.read() as connection:
        row = connection.execute(select(*SHOWN).where(JOBS.c.job_id == job_id)).first()
    if row is None:
        raise MissingError(f"there is no job {job_id}", hint="a number that the list of jobs shows")
    return read_row(row)


def list_jobs(
    database: Database,
    *,
    before: int | None = None,
    limit: int = 50,
    state: State | None = None,
    kind: str | None = None,
    ledger: str | None = None,
) -> list[Job]:
    """List jobs, the newest first.

    Parameters
    ----------
    before : only jobs older than this one, for the next page.
    state, kind, ledger : only these; None = all.
    """
    wanted = {"state": state, "kind": kind, "ledger": ledger}
    query = select(*SHOWN).where(*(JOBS.c[name] == value for name, value in wanted.items() if value is not None))
    if before is not None:
        query = query.where(JOBS.c.job_id < before)
    with database.read() as connection:
        return [read_row(row) for row in connection.execute(query.order_by(JOBS.c.job_id.desc()).limit(limit))]


def cancel(database: Database, job_id: int, *, by: str, at: datetime) -> Job:
    """Ask that a job stops: one that waits does at once, one that is being done at its next pause.

    Raises
    ------
    MissingError
        When there is no such job.
    InputError
        When it is over.
    """
    query = select(*SHOWN).where(JOBS.c.job_id == job_id).with_for_update()
    with database.write() as connection:
        row = connection.execute(query).first()
        if row is None:
            raise MissingError(f"there is no job {job_id}", hint="a number that the list of jobs shows")
        found = read_row(row)
        if found.state.is_over:
            raise InputError(f"job {job_id} is over: {found.state}", hint="nothing is left to stop")
        values: dict[str, Any] = {"cancel_by": by}
        if found.state == State.QUEUED:
            values |= {"state": State.CANCELLED, "ended_at": write_moment(at)}
        change = update(JOBS).where(JOBS.c.job_id == job_id).values(values).returning(*SHOWN)
        return read_row(connection.execute(change).one())


def read_row(row: Row[Any]) -> Job:
    """Read a row of the columns ``SHOWN``."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row's columns
    return Job(**{**values, "state": State(values["state"])})
