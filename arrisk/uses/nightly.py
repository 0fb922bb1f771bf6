"""The whole day of a ledger: scores, limits, worklist, forecast, ageing, key figures, allowance and watch, as one run.

Each report is a step: it is kept with its rows in one go, and a run that was broken off goes on with the next one. The
same ledger, day, models and policy give the same run, and nothing new.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

import pandas as pd

from arrisk import pipeline, registry
from arrisk.allowance.estimates import describe
from arrisk.decisions.limits import CAPS
from arrisk.errors import ModelError
from arrisk.frames import day_of
from arrisk.ledger.ageing import summarise_ageing
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.default.scorer import NAME as DEFAULT
from arrisk.modeling.describe import NAME as PAYMENT
from arrisk.schema import Book, fingerprint_tables
from arrisk.store.book import read_book
from arrisk.store.records import TableRecords
from arrisk.store.runs import NewRun, Run, complete_run, drop_old_runs, find_newest, list_parts, open_run, write_part
from arrisk.uses import casework, credit, rating, reserve
from arrisk.uses.basis import name_basis
from arrisk.uses.plain import to_plain
from arrisk.uses.tasks import Task
from arrisk.uses.watch import watch

KIND = "nightly"
WEEKS = 13
"""Of the forecast."""

_OF_LIMITS = {"open_amount": "limit_open_amount", "lgd": "limit_lgd", "reasons": "limit_reasons"}
"""Columns that scores and limits both have, each its own."""

_SUMS = ("open_amount", "overdue_amount", "disputed_amount", "expected_late_amount", "expected_loss")


@dataclass(frozen=True)
class _Day:
    """What every report of a day looks at; the models are references, None = there is none."""

    task: Task
    book: Book
    as_of: date
    payment: str | None
    default: str | None


@dataclass(frozen=True)
class _Part:
    """A report, and the rows that belong to it."""

    content: object
    rows: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def run_nightly(task: Task) -> dict[str, Any]:
    """Compute a ledger's day; the job's arguments hold ``as_of``.

    Raises
    ------
    StoreError
        When there is no such ledger.
    InputError
        As the use cases do that it runs.
    Interrupted
        When it has to stop; it goes on with the step that it was at.
    """
    as_of = date.fromisoformat(task.job.arguments["as_of"])
    task.tell("Reading the ledger")
    book = read_book(task.database, task.job.ledger)
    task.tell("Fingerprinting what is known")
    day = _Day(task, book, as_of, *(_find(task, book, name, as_of) for name in (PAYMENT, DEFAULT)))
    run = open_run(task.database, _describe(day), at=task.now())
    written = list_parts(task.database, run)
    is_new = run.completed_at is None
    for place, (name, compute) in enumerate(REPORTS.items()):
        task.share = place / len(REPORTS)
        if name not in written:
            _write(day, run, name, compute(day))
    newest = find_newest(task.database, book.name, as_of=as_of)
    if newest is None or newest.run_id != run.run_id:
        complete_run(task.database, run, at=task.now(), end=task.still)
    keep = task.policy.runs.keep
    dropped = drop_old_runs(task.database, book.name, kind=KIND, keep=keep, spare=run.run_id)
    return {"run_id": run.run_id, "as_of": as_of.isoformat(), "is_new": is_new, "dropped": dropped}


def _find(task: Task, book: Book, name: str, as_of: date) -> str | None:
    saved = registry.find_promoted(task.home, name=name, ledger=book.name, before_day=day_of(as_of))
    return None if saved is None else saved.reference


def _describe(day: _Day) -> NewRun:
    """Say what the run rests on; the fingerprint is over all of it."""
    book, policy = day.book, day.task.policy
    rests_on: dict[str, Any] = {
        **name_basis(book, fingerprint_tables(book, as_of_day=day_of(day.as_of)), policy=policy),
        "kind": KIND,
        "as_of": day.as_of.isoformat(),
        "currency": book.currency,
        "payment_model": day.payment or "",
        "default_model": day.default or "",
    }
    stated = json.dumps([rests_on, book.extract_end_on.isoformat()], sort_keys=True)
    return NewRun(
        **{**rests_on, "as_of": day.as_of},
        fingerprint=hashlib.sha256(stated.encode()).hexdigest(),
        made_by=day.task.job.made_by,
        job_id=day.task.job.job_id,
    )


def _write(day: _Day, run: Run, name: str, part: _Part) -> None:
    task = day.task
    task.tell(f"Storing the {name}")
    plain = json.loads(json.dumps(to_plain(part.content), allow_nan=False))
    write_part(
        task.database,
        run,
        name,
        plain,
        rows=part.rows,
        still=task.still,
        end=lambda connection: task.end(connection, f"{name} of run {run.run_id}"),
    )


def _rate_customers(day: _Day) -> _Part:
    """Score, rate, set limits and rank whom to contact: what is read customer by customer."""
    task, book = day.task, day.book
    given: dict[str, Any] = {"as_of": day.as_of, "home": task.home, "policy": task.policy, "tell": task.tell}
    # First, while there is room: what is known of each invoice takes as much memory again as the book.
    list_defaults(book, as_of=day.as_of, policy=task.policy)
    scores = pipeline.score(book, model_name=day.payment, **given)
    rated = rating.rate(book, scores, model_name=day.default, **given)
    review = credit.review_limits(book, model_name=day.default, **given)
    customers = _join(rated.customers, review.limits, book)
    worklist = pipeline.make_worklist(book, scores, policy=task.policy)
    about = customers[["customer_id", "country", "industry", "grade"]]
    rows = {
        "invoices": rated.invoices.assign(row=range(1, len(rated.invoices) + 1)),
        "customers": customers,
        "worklist": worklist.merge(about, on="customer_id", how="left"),
    }
    counts = {f"count_{name}": len(frame) for name, frame in rows.items()}
    notes = {"model": scores.model_note, "default_model": rated.model_note, "book_amount": review.book_amount}
    return _Part({**notes, **counts, "currency": book.currency}, rows)


def _join(rated: pd.DataFrame, limits: pd.DataFrame, book: Book) -> pd.DataFrame:
    """Put each customer's scores and limit side by side; who has nothing open has sums of 0 and no scores."""
    caps = [f"{name}_cap_amount" for name in CAPS]
    named = limits.rename(columns=_OF_LIMITS).drop(columns=[*caps, "source"])
    bounds = [
        {name: None if pd.isna(cap) else cap for name, cap in zip(CAPS, row, strict=True)}
        for row in zip(*(limits[name].tolist() for name in caps), strict=True)
    ]
    named = named.assign(caps=pd.Series(bounds, index=named.index, dtype="object"))
    both = rated.merge(named, on="customer_id", how="outer", suffixes=("", "_of_limit"))
    for name in ("currency", "p_default_12m", "grade"):
        both[name] = both[name].where(both["count_open"].notna(), both[f"{name}_of_limit"])
    both = both.assign(
        caps=both["caps"].where(both["caps"].notna(), None),
        count_open=both["count_open"].fillna(0),
        **{name: both[name].fillna(0.0) for name in _SUMS},
    )
    known = book["customers"].drop_duplicates("customer_id", keep="last")[["customer_id", "country", "industry"]]
    return both.merge(known, on="customer_id", how="left")


def _forecast(day: _Day) -> _Part:
    found = pipeline.forecast_cash(
        day.book,
        as_of=day.as_of,
        weeks=WEEKS,
        model_name=day.payment,
        home=day.task.home,
        policy=day.task.policy,
        tell=day.task.tell,
    )
    return _Part({"as_of": day.as_of, "model": found.model_note, **found.cash.describe()})


def _age(day: _Day) -> _Part:
    day.task.tell("Ageing the ledger")
    return _Part(summarise_ageing(pipeline.age(day.book, as_of=day.as_of, age_on=day.as_of, policy=day.task.policy)))


def _measure(day: _Day) -> _Part:
    day.task.tell("Measuring key figures")
    return _Part(pipeline.measure(day.book, as_of=day.as_of, age_on=day.as_of, policy=day.task.policy).to_dict())


def _estimate(day: _Day) -> _Part:
    """Estimate the allowance by every method; what is booked is a close, which a person makes."""
    task = day.task
    evidence = reserve.gather_evidence(
        day.book,
        as_of=day.as_of,
        age_on=day.as_of,
        policy=task.policy,
        home=task.home,
        model_name=day.payment,
        tell=task.tell,
    )
    methods = {}
    for name in reserve.METHODS:
        task.tell(f"Estimating the allowance: {name}")
        methods[name] = describe(reserve.complete_allowance(evidence, method=name))
    return _Part({"method": task.policy.allowance.method, "methods": methods})


def _watch(day: _Day) -> _Part:
    if day.payment is None and day.default is None:
        return _Part({"checks": [], "notes": ["no model of this ledger is promoted: nothing is watched"]})
    task = day.task
    cases = casework.list_cases(TableRecords(task.database))
    try:
        found = watch(day.book, as_of=day.as_of, home=task.home, policy=task.policy, cases=cases, tell=task.tell)
    except ModelError as error:
        return _Part({"checks": [], "notes": [str(error)]})
    return _Part({"checks": [asdict(check) for check in found.checks], "notes": found.notes})


REPORTS: Mapping[str, Callable[[_Day], _Part]] = MappingProxyType(
    {
        "customers": _rate_customers,
        "ageing": _age,
        "kpis": _measure,
        "forecast": _forecast,
        "allowance": _estimate,
        "watch": _watch,
    }
)
"""The reports of a run in the order in which they are made."""
