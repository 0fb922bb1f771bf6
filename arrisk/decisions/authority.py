"""Who may decide: the role of a person, its amount, a second pair of eyes, and reasons for deciding otherwise."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from arrisk.acts import is_same_person
from arrisk.decisions.cases import Case, State, require_move
from arrisk.errors import AccessError, InputError
from arrisk.policy.decisions import AuthorityPolicy

_CENT = 0.005


@dataclass(frozen=True)
class Verdict:
    """What a person decides.

    Parameters
    ----------
    by : who.
    on : the day.
    limit : in book currency; 0 = declined.
    override_code : why otherwise than recommended, a code of the policy; empty = as recommended.
    note : more on that.
    conditions : on which the limit is given.
    valid_days : so long it holds.
    """

    by: str
    on: date
    limit: float
    override_code: str = ""
    note: str = ""
    conditions: str = ""
    valid_days: int = 0


def approve(case: Case, verdict: Verdict, policy: AuthorityPolicy) -> dict[str, Any]:
    """Give what the record holds of an approval.

    Up to ``four_eyes_above`` one person with the authority for the amount approves; above, two, one of them at least
    with it. Until then the case stays in review. A limit below the requested one is a counter-offer.

    Raises
    ------
    AccessError
        When the person has no authority, or is the proposer.
    InputError
        When the person has approved already; when the case is not in review; when a limit other than recommended lacks
        its reason.
    """
    require_move(case, State.APPROVED, on=verdict.on)
    role = policy.require_role(verdict.by)
    if is_same_person(verdict.by, case.proposer):
        raise AccessError(f"{verdict.by} proposed the case and cannot approve it", hint="somebody else")
    if not math.isfinite(verdict.limit) or verdict.limit <= 0:
        raise InputError("an approved limit is above 0", where="limit", hint="decline the case instead")
    override = _require_override(case, verdict, policy)
    content = {
        "case_id": case.case_id,
        "limit": verdict.limit,
        "conditions": verdict.conditions,
        "valid_days": verdict.valid_days,
        "valid_from_on": verdict.on.isoformat(),
        "valid_to_on": (verdict.on + timedelta(days=verdict.valid_days)).isoformat(),
        "offer_until_on": (verdict.on + timedelta(days=policy.offer_days)).isoformat(),
        "role": role.name,
        # Without a bound is null: JSON knows no infinity.
        "up_to": role.up_to if math.isfinite(role.up_to) else None,
        **override,
    }
    return content | {"state": _conclude(case, verdict, content, policy).value}


def decline(case: Case, verdict: Verdict, policy: AuthorityPolicy) -> dict[str, Any]:
    """Give what the record holds of a refusal; anybody with a role may refuse.

    Raises
    ------
    AccessError
        When the person has no role.
    InputError
        When the case is not in review, or a limit was recommended and no reason is named.
    """
    require_move(case, State.DECLINED, on=verdict.on)
    role = policy.require_role(verdict.by)
    override = _require_override(case, verdict, policy)
    return {"case_id": case.case_id, "limit": 0.0, "role": role.name, **override, "state": State.DECLINED.value}


def _require_override(case: Case, verdict: Verdict, policy: AuthorityPolicy) -> dict[str, str]:
    """Make sure that there is a reason where the decision is not the one recommended, and none where it is."""
    recommended = float(case.snapshot["recommendation"]["recommended_limit"])
    is_other = abs(verdict.limit - propose(case.requested_limit, recommended)) > _CENT
    codes = {reason.code: reason.text for reason in policy.overrides}
    if not is_other and not verdict.override_code:
        return {"override_code": "", "override_text": "", "note": verdict.note}
    if not is_other:
        what = "this is what was recommended: it is no override"
        raise InputError(what, where="override_reason", hint="leave it out")
    if verdict.override_code not in codes or not verdict.note:
        what = f"recommended is {propose(case.requested_limit, recommended):,.2f}"
        hint = f"a reason for deciding otherwise, one of: {', '.join(codes)}; and a note"
        raise InputError(what, where="override_reason, note", hint=hint)
    return {
        "override_code": verdict.override_code,
        "override_text": codes[verdict.override_code],
        "note": verdict.note,
    }


def propose(requested: float | None, recommended: float) -> float:
    """Give the limit to decide on: what was asked for, as far as it is recommended.

    Examples
    --------
    >>> propose(None, 5000.0), propose(3000.0, 5000.0), propose(9000.0, 5000.0)
    (5000.0, 3000.0, 5000.0)
    """
    return recommended if requested is None else min(requested, recommended)


def _conclude(case: Case, verdict: Verdict, content: Mapping[str, Any], policy: AuthorityPolicy) -> State:
    """Say whether the approvals suffice, and what the case becomes."""
    is_same = all(case.decision.get(name) == content[name] for name in ("limit", "conditions", "valid_days"))
    earlier = case.approvals if is_same else ()
    if any(is_same_person(one["by"], verdict.by) for one in earlier):
        raise InputError(f"{verdict.by} has approved this already", hint="a second person")
    bounds = [one["up_to"] for one in (*earlier, content)]
    has_authority = any(bound is None or bound >= verdict.limit for bound in bounds)
    needs_two = verdict.limit > policy.four_eyes_above
    if not has_authority and not needs_two:
        able = ", ".join(role.name for role in policy.roles if role.up_to >= verdict.limit) or "nobody"
        raise AccessError(
            f"{verdict.by} ({content['role']}) decides on up to {content['up_to']:,.2f}, not on {verdict.limit:,.2f}",
            hint=f"for that amount: {able}",
        )
    if not has_authority or (needs_two and len(earlier) < 1):
        return State.IN_REVIEW
    if case.requested_limit is not None and verdict.limit < case.requested_limit - _CENT:
        return State.COUNTER_OFFER
    return State.APPROVED_WITH_CONDITIONS if verdict.conditions else State.APPROVED
