"""The close of a period as a document with states: draft, reviewed, posted, reversed; and what people may do with it.

A close is nothing but its steps; whoever reads them again finds the same closes.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from arrisk.acts import Step, is_same_person
from arrisk.errors import BookError, InputError
from arrisk.policy.allowance import AllowancePolicy


class State(StrEnum):
    """Where a close stands."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    POSTED = "posted"
    REVERSED = "reversed"


MOVES: Mapping[State, tuple[State, ...]] = MappingProxyType(
    {
        # A draft that nobody wants is dropped by reversing it; nothing was posted.
        State.DRAFT: (State.DRAFT, State.REVIEWED, State.REVERSED),
        State.REVIEWED: (State.DRAFT, State.POSTED, State.REVERSED),
        State.POSTED: (State.REVERSED,),
        State.REVERSED: (State.DRAFT,),
    }
)
"""Where each state may lead."""

UNSETTLED = (State.DRAFT, State.REVIEWED)


@dataclass(frozen=True)
class Close:
    """The close of a period as its steps leave it.

    Parameters
    ----------
    entity, period_end : which.
    state : where it stands.
    document : what was drafted; amounts are minor units of the book currency.
    drafted_by, reviewed_by, posted_by : who did it; empty = nobody yet.
    version : 1, and one more each time that a posted close of the period was reversed.
    reason : why it was reversed.
    steps : all of them, in order.
    """

    entity: str
    period_end: date
    state: State
    document: Mapping[str, Any] = field(repr=False)
    drafted_by: str
    reviewed_by: str = ""
    posted_by: str = ""
    version: int = 1
    reason: str = ""
    steps: tuple[Step, ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """How a person names it."""
        return f"the close of {self.entity} for {self.period_end}"

    @property
    def seal(self) -> str:
        """The SHA-256 of what was drafted."""
        return hashlib.sha256(json.dumps(self.document, sort_keys=True).encode()).hexdigest()

    @property
    def total(self) -> int:
        """The allowance, in minor units of the book currency."""
        return int(self.document["movement"]["closing"])

    @property
    def was_posted(self) -> bool:
        """Whether its entries went to the general ledger, though they may be reversed by now."""
        return bool(self.posted_by)


Closes = Mapping[date, Close]
"""The closes of an entity by period end, in order."""


def replay_closes(steps: Iterable[Step], known: Closes | None = None) -> Closes:
    """Find the closes of an entity that steps add up to, in order of the period ends.

    Parameters
    ----------
    steps : ``content`` has the period_end, the state after it, and of a draft the document.
    known : the closes that the steps before them add up to.

    Raises
    ------
    BookError
        When a step does not follow from those before it.
    """
    closes = dict(known or {})
    for step in steps:
        period_end = date.fromisoformat(str(step.content["period_end"]))
        closes[period_end] = _follow(closes.get(period_end), step, period_end)
    return dict(sorted(closes.items()))


def _follow(close: Close | None, step: Step, period_end: date) -> Close:
    to = State(step.content["state"])
    if (to is not State.DRAFT) if close is None else (to not in MOVES[close.state]):
        stood = close.state if close else "nothing"
        raise BookError(f"the close of {period_end} went from {stood} to {to}", hint="the record of a backup")
    steps = (*close.steps, step) if close else (step,)
    if close is None or to is State.DRAFT:
        document = step.content["document"]
        version = 1 if close is None else close.version + (close.state is State.REVERSED and close.was_posted)
        entity = str(document["entity"])
        return Close(entity, period_end, to, document, drafted_by=step.by, version=version, steps=steps)
    changes = {State.REVIEWED: "reviewed_by", State.POSTED: "posted_by"}
    named = {changes[to]: step.by} if to in changes else {"reason": str(step.content["reason"])}
    return replace(close, state=to, steps=steps, **named)  # type: ignore[arg-type]


def find_last_posted(closes: Closes, *, before: date) -> Close | None:
    """Find the newest close that stands posted for a period that ended before a day."""
    posted = [close for end, close in closes.items() if end < before and close.state is State.POSTED]
    return posted[-1] if posted else None


def draft(closes: Closes, document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Give what the record holds of a draft; None = it is there already, from the same inputs.

    Raises
    ------
    InputError
        When the period or a later one is posted, or the last posted close is another than the draft rests on.
    """
    period_end = date.fromisoformat(document["period_end"])
    close = closes.get(period_end)
    if close and close.state is not State.REVERSED and close.document["basis"] == document["basis"]:
        return None
    require_open(closes, period_end)
    _require_same_opening(closes, period_end, document)
    return {"period_end": period_end.isoformat(), "state": State.DRAFT.value, "document": document}


def require_open(closes: Closes, period_end: date) -> None:
    """Make sure that neither a period nor a later one is posted.

    Raises
    ------
    InputError
        When one is.
    """
    close = closes.get(period_end)
    if close and close.state is State.POSTED:
        hint = "reverse it with a reason, and draft it anew"
        raise InputError(f"{close.name} is posted and cannot be changed", hint=hint)
    _require_no_later(closes, period_end)


def review(closes: Closes, period_end: date, *, by: str, policy: AllowancePolicy) -> Mapping[str, Any] | None:
    """Give what the record holds of a review; None = it is reviewed already.

    Raises
    ------
    InputError
        When there is nothing to review, or who reviews drafted it or is not named in the policy.
    """
    close = _require_move(closes, period_end, State.REVIEWED)
    if close is None:
        return None
    _require_person(by, policy)
    if is_same_person(by, close.drafted_by):
        raise InputError(f"{by} drafted {close.name} and cannot review it", where="by", hint="somebody else")
    return _move(close, State.REVIEWED)


def post(closes: Closes, period_end: date, *, by: str, policy: AllowancePolicy) -> Mapping[str, Any] | None:
    """Give what the record holds of a posting; None = it is posted already.

    Raises
    ------
    InputError
        When it is not reviewed, an earlier close is not settled, or the last posted close is another than the draft
        rests on.
    """
    close = _require_move(closes, period_end, State.POSTED)
    if close is None:
        return None
    _require_person(by, policy)
    earlier = [one for end, one in closes.items() if end < period_end and one.state in UNSETTLED]
    if earlier:
        hint = f"post that of {earlier[0].period_end}, or drop it: reverse it with a reason"
        raise InputError(f"{earlier[0].name} is {earlier[0].state}, not settled", hint=hint)
    _require_same_opening(closes, period_end, close.document)
    return _move(close, State.POSTED)


def reverse(
    closes: Closes, period_end: date, *, by: str, reason: str, policy: AllowancePolicy
) -> Mapping[str, Any] | None:
    """Give what the record holds of a reversal; None = it is reversed already.

    Raises
    ------
    InputError
        When there is none, no reason is given, or a later close stands posted.
    """
    close = _require_move(closes, period_end, State.REVERSED)
    if close is None:
        return None
    _require_person(by, policy)
    if not reason.strip():
        raise InputError(f"why {close.name} is reversed is not said", where="reason", hint="a sentence")
    if close.state is State.POSTED:
        _require_no_later(closes, period_end)
    return {**_move(close, State.REVERSED), "reason": reason}


def _move(close: Close, to: State) -> dict[str, Any]:
    # The seal says which draft was signed.
    return {"period_end": close.period_end.isoformat(), "state": to.value, "document_sha256": close.seal}


def _require_move(closes: Closes, period_end: date, to: State) -> Close | None:
    close = closes.get(period_end)
    if close is None:
        drafted = ", ".join(str(end) for end in closes) or "none"
        raise InputError(f"no close for {period_end} is drafted", hint=f"draft it first; drafted are: {drafted}")
    if close.state is to:
        return None
    if to not in MOVES[close.state]:
        allowed = ", ".join(state for state in MOVES[close.state] if state != close.state)
        raise InputError(f"{close.name} is {close.state} and cannot become {to}", hint=f"allowed is {allowed}")
    return close


def _require_no_later(closes: Closes, period_end: date) -> None:
    later = [close for end, close in closes.items() if end > period_end and close.state is State.POSTED]
    if later:
        hint = f"reverse that of {later[-1].period_end} first, with a reason"
        raise InputError(f"{later[-1].name} stands posted, which rests on earlier ones", hint=hint)


def _require_same_opening(closes: Closes, period_end: date, document: Mapping[str, Any]) -> None:
    last = find_last_posted(closes, before=period_end)
    if document["basis"]["previous"] != (last.seal if last else ""):
        now = f"of {last.period_end}" if last else "missing"
        hint = "draft it again"
        raise InputError(f"the last posted close is {now}, not the one that the draft rests on", hint=hint)


def _require_person(by: str, policy: AllowancePolicy) -> None:
    people: Sequence[str] = policy.signatories
    if people and not any(is_same_person(by, name) for name in people):
        raise InputError(f"{by} may not sign a close", where="by", hint=f"one of: {', '.join(people)}")
