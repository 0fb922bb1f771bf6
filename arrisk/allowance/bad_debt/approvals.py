"""Approvals of write-offs: what the acts of a record add up to, who may approve how much, what the book says since."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from arrisk import money
from arrisk.acts import Step, is_same_person
from arrisk.errors import BookError, InputError
from arrisk.policy.decisions import AuthorityPolicy, Role


class State(StrEnum):
    """Where a write-off stands in the record."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True)
class WriteOff:
    """A write-off as its acts leave it.

    Parameters
    ----------
    proposal : amounts as decimal text, reason, evidence, and the day as of which they hold.
    proposer : who proposed it.
    state : where it stands.
    approvals : by whom, in which role and up to what amount.
    approved_on : the day of the last approval that was needed, ISO 8601; empty = not approved.
    acts : all of them, in order.
    """

    proposal: Mapping[str, Any]
    proposer: str
    state: State
    approvals: tuple[Mapping[str, Any], ...] = ()
    approved_on: str = ""
    acts: tuple[Step, ...] = ()

    @property
    def invoice_id(self) -> str:
        """The invoice."""
        return str(self.proposal["invoice_id"])

    @property
    def amount(self) -> int:
        """What is to be written off, in minor units of its currency."""
        return read_minor(self.proposal["amount"], self.proposal["currency"])

    @property
    def size(self) -> Decimal:
        """What is to be written off, in book currency."""
        return Decimal(self.proposal["book_amount"])


def read_minor(text: str, currency: str) -> int:
    """Read an amount as ``money.write_minor`` wrote it.

    Examples
    --------
    >>> read_minor("1234.50", "EUR")
    123450
    """
    return int(Decimal(text).scaleb(money.exponent(currency)))


def replay(acts: Iterable[Step], known: Mapping[str, WriteOff] | None = None) -> Mapping[str, WriteOff]:
    """Find the write-offs that acts add up to, by invoice in the order of their first proposal.

    Parameters
    ----------
    acts : propose, approve or decline; ``content`` names the invoice, and the state after it.
    known : the write-offs that the acts before them add up to.

    Raises
    ------
    BookError
        When an act does not follow from those before it.
    """
    found = dict(known or {})
    for act in acts:
        invoice_id = str(act.content["invoice_id"])
        if act.action != "propose" and invoice_id not in found:
            raise BookError(f"the record of {invoice_id} begins with '{act.action}'", hint="the record of a backup")
        found[invoice_id] = _follow(found.get(invoice_id), act)
    return found


def _follow(one: WriteOff | None, act: Step) -> WriteOff:
    acts = (*(one.acts if one else ()), act)
    if one is None or act.action == "propose":
        # Another amount, or another try, needs approvals of its own.
        return WriteOff(act.content, act.by, State.PROPOSED, acts=acts)
    state = State(act.content["state"])
    if act.action == "decline":
        return replace(one, state=state, approvals=(), approved_on="", acts=acts)
    given = {"by": act.by, "role": act.content["role"], "up_to": act.content["up_to"]}
    approved_on = act.at[:10] if state is State.APPROVED else ""
    return replace(one, state=state, approvals=(*one.approvals, given), approved_on=approved_on, acts=acts)


def is_same(one: WriteOff | None, proposal: Mapping[str, Any]) -> bool:
    """Say whether a proposal is already before somebody, or approved."""
    if one is None or one.state is State.DECLINED:
        return False
    return all(one.proposal[name] == proposal[name] for name in ("amount", "currency", "reason"))


def approve(
    chosen: Sequence[WriteOff],
    every: Iterable[WriteOff],
    *,
    by: str,
    on: date,
    authority: AuthorityPolicy,
    together_days: int,
) -> list[dict[str, Any]]:
    """Give what the record holds of an approval; what somebody approved already is left out.

    The authority is for all that one customer is let off: what is approved now and what was approved for it within
    ``together_days``. Up to ``four_eyes_above`` one person with the authority for that sum approves; above, two, one of
    them at least with it. Until then the write-off stays proposed.

    Raises
    ------
    AccessError
        When the person has no authority.
    InputError
        When the person proposed one of them, or one is not proposed.
    """
    role = authority.require_role(by)
    for one in chosen:
        if one.state is State.DECLINED:
            raise InputError(f"the write-off of {one.invoice_id} is declined", hint="propose it again")
        if is_same_person(by, one.proposer):
            raise InputError(f"{by} proposed {one.invoice_id} and cannot approve it", hint="somebody else")
    fresh = [one for one in chosen if one.state is State.PROPOSED and not _has_approved(one, by)]
    since = (on - timedelta(days=together_days)).isoformat()
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in (*fresh, *(one for one in every if one.state is State.APPROVED and one.approved_on >= since)):
        sums[one.proposal["customer_id"]] += one.size
    return [_give(one, role, sums[one.proposal["customer_id"]], by, authority) for one in fresh]


def _has_approved(one: WriteOff, by: str) -> bool:
    return any(is_same_person(by, gave["by"]) for gave in one.approvals)


def _give(one: WriteOff, role: Role, total: Decimal, by: str, authority: AuthorityPolicy) -> dict[str, Any]:
    # Without a bound is null: JSON knows no infinity.
    up_to = role.up_to if math.isfinite(role.up_to) else None
    bounds = [*(gave["up_to"] for gave in one.approvals), up_to]
    has_authority = any(bound is None or bound >= total for bound in bounds)
    needs_two = total > authority.four_eyes_above
    if not has_authority and not needs_two:
        able = ", ".join(role.name for role in authority.roles if role.up_to >= total) or "nobody"
        raise InputError(
            f"{by} ({role.name}) decides on up to {role.up_to:,.2f}, not on {total:,.2f}, which "
            f"{one.proposal['customer_id']} would be let off",
            hint=f"for that amount: {able}",
        )
    suffices = has_authority and (one.approvals or not needs_two)
    return {
        "invoice_id": one.invoice_id,
        "amount": one.proposal["amount"],
        "currency": one.proposal["currency"],
        "customer_total": str(total),
        "role": role.name,
        "up_to": up_to,
        "state": (State.APPROVED if suffices else State.PROPOSED).value,
    }


def decline(chosen: Sequence[WriteOff], *, by: str, note: str, authority: AuthorityPolicy) -> list[dict[str, Any]]:
    """Give what the record holds of a refusal, also of what was approved; what is declined already is left out.

    Anybody with a role may decline, and who proposed it until it is approved.

    Raises
    ------
    AccessError
        When the person may not.
    InputError
        When no reason is given.
    """
    if not note.strip():
        raise InputError("a refusal needs its reason", where="note", hint="such as 'the customer pays by instalments'")
    fresh = [one for one in chosen if one.state is not State.DECLINED]
    for one in fresh:
        if one.state is State.APPROVED or not is_same_person(by, one.proposer):
            authority.require_role(by)
    return [{"invoice_id": one.invoice_id, "note": note, "state": State.DECLINED.value} for one in fresh]
