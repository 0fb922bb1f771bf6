"""The shipped portfolio in a database of the service: to look around before there is a ledger of one's own."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from arrisk.config import find_sample
from arrisk.errors import BookError, InputError
from arrisk.ingest.books import RawBook, read_book
from arrisk.policy import Policy
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.store.book import list_ledgers
from arrisk.store.jobs import Job, Order, put
from arrisk.uses.tasks import Task

KIND: Final = "sample"
_NIGHTS_AGO: Final = (0, 91, 61, 30)
"""Days before the newest one: past nights show how the portfolio went, and what came in beside what was forecast."""


@dataclass(frozen=True)
class Sample:
    """The portfolio as it was read.

    Parameters
    ----------
    raw : its tables.
    as_of : the day after its last one.
    """

    raw: RawBook
    as_of: date


def run_sample(task: Task) -> dict[str, Any]:
    """Add the portfolio as the ledger of the job, and ask for its models and its day.

    Raises
    ------
    InputError
        When there is another ledger by now: made-up rows do not stand beside real ones.
    BookError
        When the portfolio cannot be read.
    """
    require_no_ledger(task.database, but=task.job.ledger)
    task.tell("Reading the sample")
    sample = read_sample(find_sample())
    task.share = 0.3
    task.tell("Adding it")
    at, by = task.now(), task.job.made_by
    add_sample(task.database, sample, ledger=task.job.ledger, policy=task.policy, by=by, at=at)
    jobs = ask_for_work(task.database, sample, ledger=task.job.ledger, by=by, at=at, mark=f"sample {task.job.job_id}")
    return {"as_of": sample.as_of.isoformat(), "jobs": [job.job_id for job in jobs]}


def require_no_ledger(database: Database, *, but: str = "") -> None:
    """Refuse the sample where there is a ledger.

    Parameters
    ----------
    but : the sample's own, where adding it was broken off.

    Raises
    ------
    InputError
        When there is one.
    """
    if [name for name in list_ledgers(database) if name != but]:
        raise InputError("there is a ledger already", where="kind", hint="the sample is for an empty service alone")


def read_sample(folder: Path) -> Sample:
    """Read the portfolio.

    Raises
    ------
    BookError
        When it cannot be read, or states no last day.
    """
    raw = read_book(folder)
    end = raw.settings.extract_end_on
    if end is None:
        raise BookError("the portfolio states no last day", where=str(folder), hint="install arrisk again")
    return Sample(raw, end + timedelta(days=1))


def add_sample(database: Database, sample: Sample, *, ledger: str, policy: Policy, by: str, at: datetime) -> None:
    """Add the portfolio as a ledger; what is there already is not added again."""
    settings = sample.raw.settings
    upload = Upload(sample.raw.tables, "the shipped portfolio", settings.currency, settings.extract_end_on)
    when = at.isoformat(timespec="seconds")
    add_batch(database, ledger, upload, fallback_currency=policy.book.currency, by=by, at=when)


def ask_for_work(database: Database, sample: Sample, *, ledger: str, by: str, at: datetime, mark: str) -> list[Job]:
    """Ask for its models and some of its nights, once: the models are trained before all of them.

    Parameters
    ----------
    mark : the same one asks for nothing new.
    """
    trained_on = sample.as_of - timedelta(days=max(_NIGHTS_AGO) + 1)
    nights = [sample.as_of - timedelta(days=days) for days in _NIGHTS_AGO]
    days = [("train", trained_on), *(("nightly", night) for night in nights)]
    orders = [Order(kind, ledger, {"as_of": day.isoformat()}, by, f"{mark} {kind} {day}") for kind, day in days]
    return [put(database, order, at=at) for order in orders]
