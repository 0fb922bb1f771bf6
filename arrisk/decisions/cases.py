"""The case folder of a credit decision: its states, and what its steps add up to.

A case is nothing but its steps; whoever reads them again finds the same case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from arrisk.acts import Step
from arrisk.errors import BookError, InputError


class State(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    DATA_PENDING = "data_pending"
    SCORED = "scored"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    APPROVED_WITH_CONDITIONS = "approved_with_conditions"
    COUNTER_OFFER = "counter_offer"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OFFERED = (State.APPROVED, State.APPROVED_WITH_CONDITIONS, State.COUNTER_OFFER)
"""What waits for the customer's answer."""

_ANSWERS = (State.ACCEPTED, State.WITHDRAWN, State.EXPIRED)

MOVES: Mapping[State, tuple[State, ...]] = MappingProxyType(
    {
        State.DRAFT: (State.SUBMITTED, State.WITHDRAWN),
        State.SUBMITTED: (State.DATA_PENDING, State.SCORED, State.WITHDRAWN),
        State.DATA_PENDING: (State.DATA_PENDING, State.SCORED, State.WITHDRAWN),
        State.SCORED: (State.IN_REVIEW, State.WITHDRAWN),
        # Two persons approve one after the other, and what is known may be read again meanwhile.
        State.IN_REVIEW: (State.IN_REVIEW, State.SCORED, *OFFERED, State.DECLINED, State.WITHDRAWN),
        **dict.fromkeys(OFFERED, _ANSWERS),
        State.DECLINED: (),
        State.ACCEPTED: (),
        State.WITHDRAWN: (),
        State.EXPIRED: (),
    }
)
"""Where each state may lead."""


@dataclass(frozen=True)
class Case:
    """A case as its steps leave it.

    Parameters
    ----------
    case_id : ``C-0001``, ... within its ledger.
    ledger, customer_id, name : whose case it is.
    proposer : who opened it.
    state : where it stands.
    requested_limit : in book currency; None = none was named.
    snapshot : all inputs and the recommendation, as they were known on its day.
    decision : the newest approval or refusal.
    approvals : by whom and in which role the limit now proposed was approved.
    letter, asked : the notice of an adverse decision, and the customer's request for its reasons.
    steps : all of them, in order.
    """

    case_id: str
    ledger: str
    customer_id: str
    name: str
    proposer: str
    state: State
    requested_limit: float | None = None
    snapshot: Mapping[str, Any] = field(default_factory=dict)
    decision: Mapping[str, Any] = field(default_factory=dict)
    approvals: tuple[Mapping[str, Any], ...] = ()
    letter: Mapping[str, Any] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @property
    def reference(self) -> str:
        """How a user names the case: LEDGER/CASE."""
        return f"{self.ledger}/{self.case_id}"

    @property
    def version(self) -> int:
        """How many steps there are."""
        return len(self.steps)

    def stand(self, on: date) -> State:
        """Say where the case stands on a day: what was offered and is not accepted in time expires."""
        is_over = self.state in OFFERED and date.fromisoformat(self.decision["offer_until_on"]) < on
        return State.EXPIRED if is_over else self.state


def require_move(case: Case, to: State, *, on: date) -> None:
    """Make sure that a case may move to a state on a day.

    Raises
    ------
    InputError
        When it may not; the hint says what is allowed.
    """
    now = case.stand(on)
    if to not in MOVES[now]:
        allowed = (
            ", ".join(dict.fromkeys(state for state in MOVES[now] if state != now)) or "nothing: the case is closed"
        )
        raise InputError(f"case {case.case_id} is {now} and cannot become {to}", hint=f"allowed is {allowed}")


def replay_cases(steps: Iterable[Step], known: Mapping[str, Case] | None = None) -> Mapping[str, Case]:
    """Find the cases that steps add up to, by case_id in the order of their opening.

    Parameters
    ----------
    steps : ``content`` names the case, and the state after the step where it has moved.
    known : the cases that the steps before them add up to.

    Raises
    ------
    BookError
        When a step does not follow from those before it.
    """
    cases = dict(known or {})
    for step in steps:
        case_id = str(step.content["case_id"])
        cases[case_id] = _open(step) if case_id not in cases else _follow(cases[case_id], step)
    return cases


def rewind_case(case: Case, *, before: date) -> Case | None:
    """Give a case as it stood at the start of a day; None = it was not open yet."""
    steps = [step for step in case.steps if step.at[:10] < before.isoformat()]
    return replay_cases(steps)[case.case_id] if steps else None


def _open(step: Step) -> Case:
    if step.action != "open":
        raise BookError(f"case {step.content['case_id']} begins with '{step.action}'", hint="the record of a backup")
    names = ("case_id", "ledger", "customer_id", "name", "requested_limit")
    return Case(proposer=step.by, state=State.DRAFT, steps=(step,), **{name: step.content[name] for name in names})


def _follow(case: Case, step: Step) -> Case:
    content = step.content
    to = State(content.get("state", case.state))
    if "state" in content and to not in MOVES[case.state]:
        raise BookError(f"case {case.case_id} went from {case.state} to {to}", hint="the record of a backup")
    changes: dict[str, Any] = {"state": to, "steps": (*case.steps, step)}
    if step.action in {"score", "pend"}:
        changes |= {"snapshot": content["snapshot"], "approvals": (), "decision": {}}
    if step.action == "approve":
        kept = case.approvals if _is_same(case.decision, content) else ()
        changes["approvals"] = (*kept, {"by": step.by, "role": content["role"], "up_to": content["up_to"]})
    if step.action in {"approve", "decline"}:
        changes["decision"] = {**content, "by": step.by, "at": step.at}
    if step.action in {"letter", "asked"}:
        changes[step.action] = content
    return Case(**{**_fields(case), **changes})


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two approvals are of the same thing; another limit begins anew."""
    return all(one.get(name) == other.get(name) for name in ("limit", "conditions", "valid_days"))


def _fields(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in Case.__dataclass_fields__}
