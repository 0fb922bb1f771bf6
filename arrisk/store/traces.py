"""What may name a customer beside the book: results of runs, files that were sent, and what jobs were told."""

from collections.abc import Collection
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select, update

from arrisk.errors import StoreError
from arrisk.store.book_tables import BATCHES, LEDGERS, PERSONAL
from arrisk.store.job_tables import JOBS, UPLOAD_PROBLEMS, UPLOADS
from arrisk.store.jobs import State
from arrisk.store.run_tables import RUN_CUSTOMERS, RUN_WORKLIST, RUNS

TOUCHED: Final = (RUN_CUSTOMERS.name, RUN_WORKLIST.name, UPLOAD_PROBLEMS.name, JOBS.name)
"""The tables in which something may be blanked."""

_OVER = [state for state in State if state.is_over]
_SECONDS = len("2026-01-05T06:00:00")
_TOLD = "assessments"
"""What a job that drafted a close was told of customers."""


class SentFile(NamedTuple):
    """A file that was sent, as it lies on the disk."""

    sha256: str
    name: str


def require_quiet(connection: Connection, ledger: str) -> None:
    """Make sure that nothing is under way that may still bring a name.

    Raises
    ------
    StoreError
        When a job of the ledger is being done, or waits to add a file that was added to it before, or will be.
    """
    added = _list_added(connection, ledger)
    open_ = select(JOBS.c.job_id, JOBS.c.kind, JOBS.c.ledger, JOBS.c.state, JOBS.c.arguments)
    for row in connection.execute(open_.where(JOBS.c.state.not_in(_OVER))):
        is_read = row.ledger == ledger and (row.state == State.RUNNING or row.kind == "ingest")
        if is_read or (row.kind == "ingest" and row.arguments.get("upload_id") in added):
            hint = f"wait for it, or DELETE /v1/jobs/{row.job_id}"
            raise StoreError(f"job {row.job_id}, {row.kind} of {row.ledger}, may still bring the name", hint=hint)


def blank_results(connection: Connection, ledger: str, customer_id: str) -> int:
    """Blank the customer's name in every run of a ledger, and count the rows that said it."""
    runs = select(RUNS.c.run_id).where(RUNS.c.ledger == ledger)
    count = 0
    for table in (RUN_CUSTOMERS, RUN_WORKLIST):
        mine = (table.c.customer_id == customer_id, table.c.run_id.in_(runs), table.c.name.is_not(None))
        count += connection.execute(update(table).where(*mine).values(name=None)).rowcount
    return count


def forget_words(connection: Connection, ledger: str, free_columns: Collection[str]) -> None:
    """Forget cells of personal columns that could not be read, and what jobs that are over were told of customers.

    Parameters
    ----------
    free_columns : the free columns of attributes that are personal, in small letters.
    """
    named = {column for columns in PERSONAL.values() for column in columns}.union(free_columns)
    is_personal = func.lower(UPLOAD_PROBLEMS.c.column).in_(sorted(named))
    is_added = UPLOAD_PROBLEMS.c.upload_id.in_(sorted(_list_added(connection, ledger)))
    connection.execute(update(UPLOAD_PROBLEMS).where(is_added, is_personal).values(value=""))
    over = select(JOBS.c.job_id, JOBS.c.arguments).where(JOBS.c.ledger == ledger, JOBS.c.state.in_(_OVER))
    for job_id, arguments in connection.execute(over).all():
        if _TOLD in arguments:
            kept = {name: value for name, value in arguments.items() if name != _TOLD}
            connection.execute(update(JOBS).where(JOBS.c.job_id == job_id).values(arguments=kept))


def list_files(connection: Connection, ledger: str) -> list[SentFile]:
    """List the files whose rows were added to a ledger, or were to be."""
    own = UPLOADS.c.upload_id.in_(sorted(_list_added(connection, ledger)))
    found = connection.execute(select(UPLOADS.c.sha256, UPLOADS.c.name).where(own).order_by(UPLOADS.c.upload_id))
    return [SentFile(*row) for row in found]


def _list_added(connection: Connection, ledger: str) -> set[int]:
    """List the uploads of a ledger: by their jobs; where those are archived, by what its batches say they came from."""
    asked = select(JOBS.c.ledger, JOBS.c.arguments).where(JOBS.c.kind == "ingest")
    jobs = {(name, one["upload_id"]) for name, one in connection.execute(asked) if "upload_id" in one}
    own = LEDGERS.join(BATCHES, BATCHES.c.ledger_id == LEDGERS.c.ledger_id)
    sources = select(BATCHES.c.source, func.max(BATCHES.c.received_at)).select_from(own)
    found = connection.execute(sources.where(LEDGERS.c.name == ledger).group_by(BATCHES.c.source))
    last = {str(source): str(at) for source, at in found}
    named = {upload_id for _, upload_id in jobs}
    sent = connection.execute(select(UPLOADS.c.upload_id, UPLOADS.c.name, UPLOADS.c.made_at))
    unnamed = {row.upload_id for row in sent if row.made_at[:_SECONDS] <= last.get(row.name, "")[:_SECONDS]} - named
    return {upload_id for name, upload_id in jobs if name == ledger} | unnamed
