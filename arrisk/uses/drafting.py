"""The draft of a close as it is asked for over HTTP: at once, or as a job; the same figures, in the asker's name."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

import pandas as pd

from arrisk import pipeline
from arrisk.acts import Actor
from arrisk.allowance.closes.document import Period
from arrisk.allowance.closes.entities import choose_entity
from arrisk.allowance.closes.states import Close
from arrisk.errors import ModelError
from arrisk.money import parse_minor
from arrisk.pipeline import Tell, silent
from arrisk.policy import Policy
from arrisk.records import Records
from arrisk.schema import Book
from arrisk.store.book import read_book
from arrisk.store.records import TableRecords
from arrisk.uses import closing
from arrisk.uses.tasks import Task

KIND = "close"

SHOWN = ("period_end", "entity", "method")
"""What whoever sees jobs may know of one; the rest are amounts, and words about customers."""

_DONE = "drafted"


@dataclass(frozen=True)
class Asked:
    """Which period is to be closed, and what the ledger does not know of it.

    Parameters
    ----------
    entity : the selling company; None = the only one.
    method : None = that of the draft that stands, or of the policy.
    opening, other : amounts as text.
    since, reason : as ``Period`` has them.
    assessments : customers assessed on their own, a row each; None = those of the draft stay.
    """

    period_end: date
    entity: str | None = None
    method: str | None = None
    opening: str | None = None
    since: date | None = None
    other: str | None = None
    reason: str = ""
    assessments: Sequence[Mapping[str, Any]] | None = None

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """Read what JSON holds of it: days as YYYY-MM-DD."""
        days = {name: date.fromisoformat(plain[name]) for name in ("period_end", "since") if plain.get(name)}
        return cls(**{**plain, **days})


def draft(
    book: Book,
    asked: Asked,
    *,
    actor: Actor,
    records: Records,
    home: Path,
    policy: Policy,
    tell: Tell = silent,
) -> Close:
    """Draft a close, with a model that was saved and never one that is fitted for it alone.

    Raises
    ------
    ModelError
        When it is to rest on a model, and none that scores was trained before.
    InputError
        As ``closing.draft_close`` does, and when an amount or an assessment has a mistake.
    """
    end = asked.period_end
    name = choose_entity(book, asked.entity, as_of=Period("", end).as_of)
    opening, other = (_read_amount(text, book) for text in (asked.opening, asked.other))
    period = Period(name, end, opening=opening, since=asked.since, other=other, reason=asked.reason)
    method = closing.choose_method(asked.method, closing.find_close(records, book.name, name, end), policy)
    if method == "model":
        _require_model(book, period, home)
    with tempfile.TemporaryDirectory(prefix="arrisk-close-") as folder:
        planned = closing.plan_calculation(
            book,
            method=method,
            period_end=end,
            home=home,
            policy=policy,
            assessments=_write_assessments(asked.assessments, Path(folder)),
            tell=tell,
        )
        return closing.draft_close(book, period, planned, actor=actor, records=records, policy=policy, tell=tell)


def run_draft(task: Task) -> dict[str, Any]:
    """Draft the close that the job's arguments say, by who asked for it; draft and step are kept together.

    Raises
    ------
    StoreError
        When there is no such ledger.
    ArriskError
        As ``draft`` does.
    Interrupted
        When it has to stop; nothing is drafted then.
    """
    if _DONE not in task.done:
        task.tell("Reading the ledger")
        book = read_book(task.database, task.job.ledger)
        with task.database.together():
            close = draft(
                book,
                Asked.read(task.job.arguments),
                actor=Actor(task.job.made_by, task.now()),
                records=TableRecords(task.database),
                home=task.home,
                policy=task.policy,
                tell=task.tell,
            )
            task.end_alone(_DONE, _describe(close))
    return dict(task.done[_DONE])


def _describe(close: Close) -> dict[str, Any]:
    return {
        "entity": close.entity,
        "period_end": close.period_end.isoformat(),
        "version": close.version,
        "document_sha256": close.seal,
    }


def _read_amount(text: str | None, book: Book) -> int | None:
    return None if text is None else parse_minor(text, book.currency, where="opening, other")


def _require_model(book: Book, period: Period, home: Path) -> None:
    if pipeline.find_model(home, ledger=book.name, as_of=period.as_of, name=None) is None:
        what = f"no promoted model of the ledger '{book.name}' was trained before {period.as_of}"
        raise ModelError(what, where="method", hint="another method, or `arrisk train` first")


def _write_assessments(rows: Sequence[Mapping[str, Any]] | None, folder: Path) -> Path | None:
    """Write assessments as the file that the use case reads."""
    if rows is None:
        return None
    path = folder / "assessments.csv"
    # No spreadsheet program reads it: an id that begins like a formula has to stay as it is.
    path.write_text(pd.DataFrame(list(rows), dtype="str").to_csv(index=False), "utf-8", newline="")
    return path
