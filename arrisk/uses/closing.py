"""The use cases of the close: draft it, review it, post it, reverse it; each act is recorded."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from arrisk import pipeline
from arrisk.acts import Actor
from arrisk.allowance.assessments import NOBODY, to_plain
from arrisk.allowance.closes import states as rules
from arrisk.allowance.closes.document import Period, write_document
from arrisk.allowance.closes.entities import take_entity
from arrisk.allowance.closes.journal import list_journal, write_amounts
from arrisk.allowance.closes.states import Close, Closes, State, find_last_posted, replay_closes
from arrisk.allowance.estimates import Allowance
from arrisk.allowance.overlays import apply_overlays, require_factors, require_valid
from arrisk.errors import InputError, nearest
from arrisk.frames import day_of
from arrisk.ingest.outputs import write_frame
from arrisk.pipeline import Tell, silent
from arrisk.policy import Policy
from arrisk.records import Entry, Records
from arrisk.registry.folders import make_slug
from arrisk.schema import Book, fingerprint_book, fingerprint_tables
from arrisk.uses import reserve
from arrisk.uses.provenance import UNSAVED

Act = Callable[[Closes], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Calculation:
    """How the allowance of a close is arrived at, known before it is.

    Parameters
    ----------
    method : its name.
    model : the reference of the model it rests on; empty = none.
    assessments : the fingerprint of what people expect of single customers; empty = nothing, None = was not said.
    make : makes the allowance of the whole book as of the period end, before overlays.
    assessed : what people expect of single customers, as given by ``read_assessments``.
    """

    method: str
    model: str
    make: Callable[[], Allowance]
    assessments: str | None = None
    assessed: pd.DataFrame = field(default_factory=lambda: NOBODY, repr=False)


def choose_method(asked: str | None, standing: Close | None, policy: Policy) -> str:
    """Choose the method: the one asked for, else that of the draft under the same policy, else the policy's."""
    basis = standing.document["basis"] if standing else {}
    drafted = basis["method"] if basis.get("policy") == policy.hash() else None
    return asked or drafted or policy.allowance.method


def plan_calculation(
    book: Book,
    *,
    method: str,
    period_end: date,
    home: Path,
    policy: Policy,
    assessments: Path | None = None,
    tell: Tell = silent,
) -> Calculation:
    """Plan the calculation of an allowance by a method of ours.

    Parameters
    ----------
    assessments : a file of customers assessed on their own; None = none was given.

    Raises
    ------
    InputError
        When there is no such method, or the file cannot be read or has a mistake.
    """
    if method not in reserve.METHODS:
        raise InputError(f"no method '{method}'", where="method", hint=nearest(method, reserve.METHODS))
    as_of = Period("", period_end).as_of
    assessed = NOBODY if assessments is None else reserve.read_assessments(assessments, currency=book.currency)
    mark = None if assessments is None else hashlib.sha256(assessments.read_bytes()).hexdigest()

    def make() -> Allowance:
        evidence = reserve.gather_evidence(book, as_of=as_of, age_on=period_end, policy=policy, home=home, tell=tell)
        return reserve.assess_customers(evidence, reserve.estimate_allowance(evidence, method=method), assessed)

    if method != "model":
        return Calculation(method, "", make, mark, assessed)
    saved = pipeline.find_model(home, ledger=book.name, as_of=as_of, name=None)
    return Calculation(method, saved.reference if saved else UNSAVED, make, mark, assessed)


def draft_close(
    book: Book,
    period: Period,
    calculation: Calculation,
    *,
    actor: Actor,
    records: Records,
    policy: Policy,
    tell: Tell = silent,
) -> Close:
    """Draft the close of a period; the same inputs give the close that is there.

    Raises
    ------
    InputError
        When the period or a later one is posted, the opening is not clear, or an overlay has expired.
    ArriskError
        When a movement does not sum to its closing.
    """
    key = name_record(book.name, period.entity)
    closes = records.replay(key, replay_closes)
    last = find_last_posted(closes, before=period.end)
    standing = closes.get(period.end)
    period = period.complete(standing, last)
    period.begin_after(last, currency=book.currency)
    tell("Fingerprinting the book")
    basis = describe_basis(book, period, calculation, last, policy)
    if standing and calculation.assessments is None:
        basis["assessments"] = standing.document["basis"]["assessments"]
    if standing and standing.state is not State.REVERSED and standing.document["basis"] == basis:
        return standing
    rules.require_open(closes, period.end)
    if standing and calculation.assessments is None and basis["assessments"]:
        what = f"{standing.name} was drafted with assessments, and is to be drafted anew"
        raise InputError(what, where="assessments", hint="give them again")
    require_valid(policy.allowance.overlays, on=period.end)
    whole = calculation.make()
    own = take_entity(whole, book, entity=period.entity, policy=policy)
    if own is not whole:
        require_factors(policy.allowance.overlays)
    allowance = apply_overlays(own, policy.allowance.overlays)
    tell("Rolling forward")
    written = write_document(book, allowance, period, basis=basis, last=last, policy=policy)
    document = {**written, "assessments": to_plain(calculation.assessed)}
    return _act(records, key, period.end, actor, ("draft", lambda found: rules.draft(found, document)))


def describe_basis(
    book: Book, period: Period, calculation: Calculation, last: Close | None, policy: Policy
) -> dict[str, Any]:
    """Say what a draft rests on: two drafts on the same are the same."""
    return {
        **describe_inputs(book, period.end, policy),
        "method": calculation.method,
        "model": calculation.model,
        "assessments": calculation.assessments or "",
        "previous": last.seal if last else "",
        "opening": period.opening,
        "since": period.since.isoformat() if period.since else None,
        "other": period.other,
        "reason": period.reason if period.other else "",
    }


def describe_inputs(book: Book, period_end: date, policy: Policy) -> dict[str, str]:
    """Say by fingerprints what a close of a period rests on: data, policy and version of the program."""
    tables = fingerprint_tables(book, as_of_day=day_of(Period("", period_end).as_of))
    return {"data": fingerprint_book(tables), "policy": policy.hash(), "arrisk": metadata.version("arrisk")}


def list_changes(close: Close, basis: Mapping[str, Any]) -> list[str]:
    """Name what a close rests on that is otherwise now."""
    return [name for name, value in basis.items() if close.document["basis"][name] != value]


def sign_close(
    book: Book, entity: str, period_end: date, *, to: State, actor: Actor, records: Records, policy: Policy
) -> Close:
    """Review or post a close; doing it twice changes nothing.

    Parameters
    ----------
    to : ``REVIEWED`` or ``POSTED``.

    Raises
    ------
    InputError
        When its inputs have changed since it was drafted, and as ``closes.review`` and ``closes.post`` do.
    """
    close = find_close(records, book.name, entity, period_end)
    if close and close.state in rules.UNSETTLED:
        changed = list_changes(close, describe_inputs(book, period_end, policy))
        if changed:
            what = f"{close.name} was drafted from another {' and '.join(changed)} than now"
            raise InputError(what, hint="draft it again")
    action, sign = ("review", rules.review) if to is State.REVIEWED else ("post", rules.post)

    def act(found: Closes) -> Mapping[str, Any] | None:
        return sign(found, period_end, by=actor.by, policy=policy.allowance)

    return _act(records, name_record(book.name, entity), period_end, actor, (action, act))


def reverse_close(
    ledger: str, entity: str, period_end: date, *, reason: str, actor: Actor, records: Records, policy: Policy
) -> Close:
    """Reverse a close; raises as ``closes.reverse`` does."""

    def act(found: Closes) -> Mapping[str, Any] | None:
        return rules.reverse(found, period_end, by=actor.by, reason=reason, policy=policy.allowance)

    return _act(records, name_record(ledger, entity), period_end, actor, ("reverse", act))


def _act(records: Records, key: str, period_end: date, actor: Actor, what: tuple[str, Act]) -> Close:
    """Record one act, checked against the closes as they stand while nobody else can act."""
    actor.require_name()
    action, act = what

    def make(closes: Closes) -> list[Entry]:
        if period_end in closes:
            actor.require_seen(len(closes[period_end].steps), what=closes[period_end].name)
        content = act(closes)
        return [] if content is None else [Entry(at=actor.stamp, by=actor.by, action=action, content=content)]

    return records.append_replayed(key, replay_closes, make).state[period_end]


def name_record(ledger: str, entity: str) -> str:
    """Give the key of an entity's record of closes."""
    return f"closes/{make_slug(ledger)}/{make_slug(entity)}"


def find_close(records: Records, ledger: str, entity: str, period_end: date) -> Close | None:
    """Find the close of a period, in any state.

    Raises
    ------
    BookError
        When the record was changed.
    """
    return records.replay(name_record(ledger, entity), replay_closes).get(period_end)


def list_closes(records: Records, ledger: str, entity: str) -> list[Close]:
    """List the closes of an entity by period end, in any state.

    Raises
    ------
    BookError
        When the record was changed.
    """
    return list(replay_closes(records.read(name_record(ledger, entity))).values())


def find_last_close(records: Records, ledger: str, entity: str, before: date) -> Close | None:
    """Find the newest close that stands posted for a period that ended before a day.

    Raises
    ------
    BookError
        When the record was changed.
    """
    return find_last_posted(records.replay(name_record(ledger, entity), replay_closes), before=before)


def write_journal(close: Close, path: Path) -> None:
    """Write the journal entries of a close for the general ledger.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    write_frame(write_amounts(list_journal(close)), path)
