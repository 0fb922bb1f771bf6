"""Long work as it is done: one job at a time for each kind and ledger, however many workers there are.

A worker that takes a job gets a claim and must say every few seconds that it lives; else the job is given to another.
Whoever lost the claim can no longer write.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from arrisk.errors import StoreError
from arrisk.store.database import Database
from arrisk.store.job_tables import JOB_STEPS, JOBS
from arrisk.store.jobs import SHOWN, Job, Plain, State, read_row
from arrisk.store.moments import write_moment

Connected = Connection
"""A connection within a transaction, as ``Database.write`` gives it."""


class LostJobError(StoreError):
    """A job was given to another worker, for nothing was heard of this one."""


def claim(database: Database, *, kinds: Sequence[str], at: datetime, job_id: int | None = None) -> Job | None:
    """Take the oldest queued job whose kind and ledger nobody is at; None = there is none.

    Parameters
    ----------
    kinds : only these.
    at : now.
    job_id : only this one; None = any.
    """
    other = JOBS.alias()
    is_busy = exists().where(
        other.c.state == State.RUNNING, other.c.kind == JOBS.c.kind, other.c.ledger == JOBS.c.ledger
    )
    free = and_(JOBS.c.state == State.QUEUED, JOBS.c.kind.in_(kinds), ~is_busy)
    query = select(JOBS.c.job_id).where(free).order_by(JOBS.c.job_id).limit(1).with_for_update(skip_locked=True)
    if job_id is not None:
        query = query.where(JOBS.c.job_id == job_id)
    moment = write_moment(at)
    begun = {
        "state": State.RUNNING,
        "claim": secrets.token_hex(16),
        "attempts": JOBS.c.attempts + 1,
        "heartbeat_at": moment,
        "started_at": func.coalesce(JOBS.c.started_at, moment),
    }
    try:
        with database.write() as connection:
            found = connection.execute(query).scalar()
            if found is None:
                return None
            change = update(JOBS).where(JOBS.c.job_id == found).values(begun).returning(*SHOWN)
            return read_row(connection.execute(change).one())
    except IntegrityError:
        # Another worker took another job of the same kind and ledger at the same moment.
        return None


def beat(database: Database, job: Job, *, at: datetime, progress: str, share: float) -> Job:
    """Say that the job's worker lives, and how far it is; gives the job, which somebody may want to stop.

    Raises
    ------
    LostJobError
        When the job was given to another.
    """
    values = {"heartbeat_at": write_moment(at), "progress": progress, "share": share}
    with database.write() as connection:
        return change_claimed(connection, job, values)


def list_steps(database: Database, job: Job) -> dict[str, Any]:
    """Give the steps of a job that are done, each with what came of it."""
    query = select(JOB_STEPS.c.step, JOB_STEPS.c.result).where(JOB_STEPS.c.job_id == job.job_id)
    with database.read() as connection:
        return {str(row.step): row.result for row in connection.execute(query)}


def end_step(connection: Connection, job: Job, step: str, *, at: datetime, result: Plain | None = None) -> None:
    """Note that a step is done, in the transaction that keeps what it did.

    Raises
    ------
    LostJobError
        When the job was given to another.
    """
    change_claimed(connection, job, {"attempts": 1})
    values = {"job_id": job.job_id, "step": step, "ended_at": write_moment(at), "result": result}
    connection.execute(insert(JOB_STEPS).values(values))


def finish(database: Database, job: Job, *, at: datetime, result: Plain) -> Job:
    """Note that a job is done.

    Raises
    ------
    LostJobError
        When the job was given to another.
    """
    return _end(database, job, {"state": State.DONE, "share": 1.0, "progress": "", "result": result}, at)


def fail(database: Database, job: Job, *, at: datetime, problem: Plain) -> Job:
    """Note that a job cannot be done, and why; raises as ``finish`` does."""
    return _end(database, job, {"state": State.FAILED, "problem": problem}, at)


def stop_cancelled(database: Database, job: Job, *, at: datetime) -> Job:
    """Note that a job was stopped because somebody wanted it; raises as ``finish`` does."""
    return _end(database, job, {"state": State.CANCELLED}, at)


def release(database: Database, job: Job) -> Job:
    """Give a job back that its worker has no time to end: it goes on later. Raises as ``finish`` does."""
    values = {"state": State.QUEUED, "claim": None, "heartbeat_at": None, "attempts": JOBS.c.attempts - 1}
    with database.write() as connection:
        return change_claimed(connection, job, values)


def recover(database: Database, *, at: datetime, silent_seconds: float, most_attempts: int) -> list[Job]:
    """Give up the claims of workers that nothing was heard of: their jobs wait again, or fail if too many died of them.

    Parameters
    ----------
    silent_seconds : a worker that said nothing for so long is dead.
    most_attempts : so often a job may be begun without ending another of its steps.
    """
    silent = and_(
        JOBS.c.state == State.RUNNING, JOBS.c.heartbeat_at < write_moment(at - timedelta(seconds=silent_seconds))
    )
    problem = {
        "type": "urn:arrisk:problem:worker-died",
        "detail": f"the worker died {most_attempts} times in the same step of this job",
        "where": "",
        "hint": "the worker's log, and the machine's memory",
    }
    moment = write_moment(at)
    too_often = {"state": State.FAILED, "claim": None, "ended_at": moment, "problem": problem}
    again = {"state": State.QUEUED, "claim": None, "heartbeat_at": None}
    stopped = {"state": State.CANCELLED, "claim": None, "ended_at": moment}
    changes = (
        (and_(silent, JOBS.c.cancel_by.is_not(None)), stopped),
        (and_(silent, JOBS.c.attempts >= most_attempts), too_often),
        (silent, again),
    )
    with database.write() as connection:
        return [
            read_row(row)
            for condition, values in changes
            for row in connection.execute(update(JOBS).where(condition).values(values).returning(*SHOWN))
        ]


def change_claimed(connection: Connection, job: Job, values: Mapping[str, Any]) -> Job:
    """Change a job that is still this worker's.

    Raises
    ------
    LostJobError
        When it was given to another.
    """
    own = and_(JOBS.c.job_id == job.job_id, JOBS.c.claim == job.claim, JOBS.c.state == State.RUNNING)
    row = connection.execute(update(JOBS).where(own).values(**values).returning(*SHOWN)).first()
    if row is None:
        raise LostJobError(f"job {job.job_id} was given to another worker", hint="nothing: the other one does it")
    return read_row(row)


def _end(database: Database, job: Job, values: Mapping[str, Any], at: datetime) -> Job:
    with database.write() as connection:
        return change_claimed(connection, job, {**values, "claim": None, "ended_at": write_moment(at)})
