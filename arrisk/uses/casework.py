"""The use cases of a credit decision: open a case, score it, decide it, and tell the customer; each act is recorded."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from arrisk.acts import Actor
from arrisk.decisions import authority, letters
from arrisk.decisions.authority import Verdict
from arrisk.decisions.cases import Case, State, replay_cases, require_move
from arrisk.decisions.letters import Letter
from arrisk.decisions.limits import IN_DEFAULT, REFUSED
from arrisk.decisions.snapshot import make_plain, take_snapshot
from arrisk.errors import InputError, MissingError, nearest
from arrisk.frames import day_of, visible
from arrisk.money import exponent
from arrisk.pipeline import Tell, silent
from arrisk.policy import Policy
from arrisk.records import Entry, Records
from arrisk.registry.folders import make_slug
from arrisk.schema import Book, fingerprint_book, fingerprint_tables
from arrisk.uses.credit import LimitReview, review_limits
from arrisk.uses.desk import Desk

_KIND = "decisions"
_WITH_ACCOUNTS = ("A", "B")

Acts = Sequence[tuple[str, Mapping[str, Any]]]
"""What is to be recorded: actions with their content."""

Act = Callable[[Case], Mapping[str, Any]]
"""Gives what is to be recorded of an act on a case as it stands."""


def name_record(ledger: str) -> str:
    """Give the key of a ledger's record of cases."""
    return f"{_KIND}/{make_slug(ledger)}"


def open_case(
    desk: Desk,
    customer_id: str,
    *,
    requested_limit: float | None,
    actor: Actor,
    home: Path,
    review: LimitReview | None = None,
    tell: Tell = silent,
) -> Case:
    """Open a case on a customer's limit, take down what is known, and recommend.

    A request above ``accounts_above`` waits for data where no annual accounts are known.

    Parameters
    ----------
    customer_id : whose limit.
    requested_limit : in book currency; None = that of the customer's newest application, if any.
    actor : who proposes it.
    home : the state folder with the models.
    review : of the desk's book as of its day, where it was made before; None = it is made now.

    Raises
    ------
    MissingError
        When the customer is not known.
    InputError
        What ``review_limits`` raises.
    """
    actor.require_name()
    book = desk.book
    known = visible(book["customers"], as_of_day=day_of(desk.as_of))["customer_id"]
    if not (known == customer_id).any():
        raise MissingError(f"no customer '{customer_id}'", hint=nearest(customer_id, known.tolist()))
    review = review or _review(desk, home=home, tell=tell)
    snapshot = _assess(desk, customer_id, review, tell=tell)
    requested = snapshot["application"]["requested_limit"] if requested_limit is None else requested_limit

    def draft(cases: Mapping[str, Case]) -> Acts:
        case_id = f"C-{len(cases) + 1:04d}"
        opened = {
            "case_id": case_id,
            "ledger": book.name,
            "customer_id": customer_id,
            "name": snapshot["customer"]["name"] or "",
            "requested_limit": requested,
        }
        submitted = {"case_id": case_id, "state": State.SUBMITTED.value}
        return [("open", opened), ("submit", submitted), *_score(case_id, requested, snapshot, desk.policy)]

    return _record(desk.records, name_record(book.name), actor, draft)


def score_again(
    desk: Desk,
    reference: str,
    *,
    actor: Actor,
    home: Path,
    review: LimitReview | None = None,
    tell: Tell = silent,
) -> Case:
    """Take down what is known by a later day, and recommend anew; earlier approvals no longer count.

    Parameters
    ----------
    home, review : as for ``open_case``.

    Raises
    ------
    InputError
        When the case is closed, or of another ledger.
    """
    actor.require_name()
    key, case = find_case(desk.records, reference)
    require_move(case, State.SCORED, on=actor.on)
    if case.ledger != desk.book.name:
        what = f"case {case.reference} is not of the book '{desk.book.name}'"
        raise InputError(what, hint="the book of its ledger")
    review = review or _review(desk, home=home, tell=tell)
    snapshot = _assess(desk, case.customer_id, review, tell=tell)

    def draft(cases: Mapping[str, Case]) -> Acts:
        actor.require_seen(cases[case.case_id].version, what=f"case {case.case_id}")
        require_move(cases[case.case_id], State.SCORED, on=actor.on)
        return _score(case.case_id, case.requested_limit, snapshot, desk.policy)

    return _record(desk.records, key, actor, draft)


def _score(case_id: str, requested: float | None, snapshot: Mapping[str, Any], policy: Policy) -> Acts:
    is_large = (requested or 0.0) > policy.authority.accounts_above
    # Who gets nothing whatever the accounts say is not kept waiting for them.
    is_refused = snapshot["recommendation"]["binding"] in {IN_DEFAULT, REFUSED}
    lacks = is_large and not is_refused and snapshot["risk"]["depth"] not in _WITH_ACCOUNTS
    content = {"case_id": case_id, "snapshot": snapshot}
    if lacks:
        return [("pend", content | {"state": State.DATA_PENDING.value, "missing": "annual accounts"})]
    review = {"case_id": case_id, "state": State.IN_REVIEW.value}
    return [("score", content | {"state": State.SCORED.value}), ("review", review)]


def _review(desk: Desk, *, home: Path, tell: Tell) -> LimitReview:
    return review_limits(desk.book, as_of=desk.as_of, home=home, policy=desk.policy, tell=tell)


def _assess(desk: Desk, customer_id: str, review: LimitReview, *, tell: Tell) -> dict[str, Any]:
    book, as_of, policy = desk.book, desk.as_of, desk.policy
    place = int((review.limits["customer_id"] == customer_id).to_numpy().argmax())
    row = review.limits.iloc[place]
    tell("Taking down what is known")
    features = review.features.iloc[[place]]
    snapshot = take_snapshot(book, row, features, review.model, as_of=as_of, policy=policy)
    data = fingerprint_book(fingerprint_tables(book, as_of_day=day_of(as_of)))
    return snapshot | {
        "basis": {"model": review.model_note, "policy": policy.hash(), "data": data},
        "group": _list_group(book, review, customer_id, as_of=as_of),
        "application": _read_application(book, customer_id, as_of=as_of),
    }


def _list_group(book: Book, review: LimitReview, customer_id: str, *, as_of: date) -> list[dict[str, Any]]:
    """List the members of the customer's group, with what they owe and their limits; empty = it stands alone."""
    known = visible(book["customers"], as_of_day=day_of(as_of)).set_index("customer_id")["parent_id"]
    parent = known.get(customer_id)
    head = customer_id if parent is None or pd.isna(parent) else str(parent)
    members = {head, *known.index[(known == head).to_numpy(dtype=bool)]}
    columns = ["customer_id", "name", "open_amount", "current_limit", "recommended_limit"]
    rows = review.limits.loc[review.limits["customer_id"].isin(members).to_numpy(), columns]
    return (
        [{name: make_plain(row[name]) for name in columns} for row in rows.to_dict("records")] if len(rows) > 1 else []
    )


def _read_application(book: Book, customer_id: str, *, as_of: date) -> dict[str, Any]:
    """Read the customer's newest application."""
    known = visible(book["applications"], as_of_day=day_of(as_of))
    own = known.loc[(known["customer_id"] == customer_id).to_numpy()].sort_values("applied_on", kind="stable")
    names = ("requested_limit", "expected_monthly_sales")
    if not len(own):
        return {"applied_on": None, "requested_terms_days": None, **dict.fromkeys(names)}
    newest = own.iloc[-1]
    amounts = {name: newest[name] for name in names}
    scale = 10.0 ** exponent(book.currency)
    return {
        "applied_on": make_plain(newest["applied_on"]),
        "requested_terms_days": make_plain(newest["requested_terms_days"]),
        **{name: None if pd.isna(amount) else float(amount) / scale for name, amount in amounts.items()},
    }


def approve_case(reference: str, verdict: Verdict, *, actor: Actor, records: Records, policy: Policy) -> Case:
    """Approve a limit; raises as ``authority.approve`` does."""

    def draft(case: Case) -> Mapping[str, Any]:
        return authority.approve(case, verdict, policy.authority) | {"policy": policy.hash()}

    return _act(reference, "approve", draft, actor, records)


def decline_case(reference: str, verdict: Verdict, *, actor: Actor, records: Records, policy: Policy) -> Case:
    """Decline a case; raises as ``authority.decline`` does."""

    def draft(case: Case) -> Mapping[str, Any]:
        return authority.decline(case, verdict, policy.authority) | {"policy": policy.hash()}

    return _act(reference, "decline", draft, actor, records)


def close_case(reference: str, action: str, to: State, *, note: str, actor: Actor, records: Records) -> Case:
    """Record that the customer accepts, or that the case is withdrawn.

    Raises
    ------
    InputError
        When the case does not allow it.
    """

    def draft(case: Case) -> Mapping[str, Any]:
        require_move(case, to, on=actor.on)
        return {"case_id": case.case_id, "state": to.value, "note": note}

    return _act(reference, action, draft, actor, records)


def send_letter(reference: str, *, actor: Actor, records: Records, policy: Policy) -> tuple[Case, Letter]:
    """Write the letter about an adverse decision, and record that it was sent; a second time gives the same letter.

    Raises
    ------
    InputError
        When the decision is not adverse.
    ModelError
        When the stored contributions do not sum up.
    """
    _, case = find_case(records, reference)
    letter = letters.write_letter(case, policy.letters, on=actor.on)
    if case.letter:
        return case, letter

    def draft(current: Case) -> Mapping[str, Any]:
        written = letters.write_letter(current, policy.letters, on=actor.on)
        return {
            **written.content,
            "policy": policy.hash(),
            "text_sha256": hashlib.sha256(written.text.encode()).hexdigest(),
        }

    return _act(reference, "letter", draft, actor, records), letter


def read_letter(case: Case, *, policy: Policy) -> Letter:
    """Give the letter that was written about a case.

    Raises
    ------
    MissingError
        When none was.
    ModelError
        When the stored contributions do not sum up.
    """
    if not case.letter:
        raise MissingError(f"case {case.case_id} has no letter yet", hint="write it first")
    return letters.write_letter(case, policy.letters, on=date.fromisoformat(case.letter["notified_on"]))


def note_request(reference: str, *, actor: Actor, records: Records, policy: Policy) -> Case:
    """Record that the customer asked for the reasons; raises as ``letters.note_request`` does."""
    return _act(
        reference, "asked", lambda case: letters.note_request(case, policy.letters, on=actor.on), actor, records
    )


def list_cases(records: Records) -> list[Case]:
    """List all cases of all ledgers.

    Raises
    ------
    BookError
        When a record was changed.
    """
    return [case for _, case in _list_places(records)]


def find_case(records: Records, reference: str) -> tuple[str, Case]:
    """Find a case by LEDGER/CASE, or CASE alone where one ledger only has it; and the key of its record.

    Raises
    ------
    InputError
        When there is none, or more than one.
    BookError
        When a record was changed.
    """
    every = _list_places(records)
    found = [(key, case) for key, case in every if reference in {case.case_id, case.reference}]
    if not found:
        names = [case.reference for _, case in every]
        raise MissingError(
            f"no case '{reference}'", hint=nearest(reference, names) if names else "`arrisk decide open`"
        )
    if len(found) > 1:
        raise InputError(f"'{reference}' is a case of several ledgers", hint=found[0][1].reference)
    return found[0]


def _list_places(records: Records) -> list[tuple[str, Case]]:
    """List all cases, each with the key of its record."""
    return [(key, case) for key in records.list_keys(_KIND) for case in records.replay(key, replay_cases).values()]


def _act(reference: str, action: str, draft: Act, actor: Actor, records: Records) -> Case:
    """Record one act on a case, checked against the case as it stands while nobody else can act."""
    actor.require_name()
    key, case = find_case(records, reference)

    def make(cases: Mapping[str, Case]) -> Acts:
        now = cases[case.case_id]
        actor.require_seen(now.version, what=f"case {now.case_id}")
        return [(action, draft(now))]

    return _record(records, key, actor, make)


def _record(records: Records, key: str, actor: Actor, draft: Callable[[Mapping[str, Case]], Acts]) -> Case:
    def make(cases: Mapping[str, Case]) -> list[Entry]:
        acts = draft(cases)
        return [Entry(at=actor.stamp, by=actor.by, action=action, content=content) for action, content in acts]

    added, cases = records.append_replayed(key, replay_cases, make)
    return cases[str(added[0].content["case_id"])]
