"""Releases of held orders: a person with the rule's role, or a higher one, lets an order go on for a stated reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from arrisk.acts import Step
from arrisk.decisions.holds import HOLD, SHIP
from arrisk.errors import AccessError, InputError
from arrisk.policy import Policy

_CENT = 0.005


@dataclass(frozen=True)
class Release:
    """What a person released.

    Parameters
    ----------
    order_id, customer_id : whose order.
    amount : of the order, in book currency; a larger one is held anew.
    rules : the names of the rules that held it and count no longer.
    role : in which the person released it.
    until_on : the first day on which it counts no longer.
    """

    order_id: str
    customer_id: str
    amount: float
    rules: tuple[str, ...]
    role: str
    reason: str
    until_on: date
    by: str
    at: str


Releases = Mapping[str, tuple[Release, ...]]
"""What persons released, by order, in the order in which they did."""


def replay_releases(steps: Iterable[Step], known: Releases | None = None) -> Releases:
    """Find the releases that steps add up to, by order.

    Parameters
    ----------
    known : what the steps before these add up to; None = these are the first.
    """
    found = dict(known or {})
    for step in steps:
        content = {**step.content, "rules": tuple(step.content["rules"])}
        content["until_on"] = date.fromisoformat(content["until_on"])
        release = Release(**content, by=step.by, at=step.at)
        found[release.order_id] = (*found.get(release.order_id, ()), release)
    return found


def release_order(
    order: pd.Series, reasons: pd.DataFrame, *, by: str, on: date, reason: str, policy: Policy
) -> dict[str, Any]:
    """Give what the record holds of a release: every rule that this person may release.

    Parameters
    ----------
    order : one of those that ``check_holds`` gives, after earlier releases.
    reasons : the rules that still hold it.

    Raises
    ------
    InputError
        When it is not held, or no reason is given.
    AccessError
        When the person may release none of them.
    """
    if order["decision"] != HOLD:
        raise InputError(f"order '{order['order_id']}' is not held", where="order_id", hint="nothing: it may ship")
    if not reason.strip():
        raise InputError("no reason is given", where="reason", hint="why the order may go on, in a few words")
    role = policy.authority.find_role(by)
    bounds = {one.name: one.up_to for one in policy.authority.roles}
    needed = [str(name) for name in reasons["release_by"]]
    able = [role is not None and bool(name) and bounds[name] <= role.up_to for name in needed]
    if role is None or not any(able):
        missing = ", ".join(dict.fromkeys(name for name in needed if name)) or "nobody: no rule is active"
        raise AccessError(f"{by} may not release order '{order['order_id']}'", hint=f"for that: {missing}")
    return {
        "order_id": str(order["order_id"]),
        "customer_id": str(order["customer_id"]),
        "amount": float(order["amount"]),
        "rules": [str(name) for name in reasons["rule"][able]],
        "role": role.name,
        "reason": reason,
        "until_on": (on + timedelta(days=policy.holds.release_days)).isoformat(),
    }


def apply_releases(
    orders: pd.DataFrame, reasons: pd.DataFrame, releases: Releases, *, on: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Let orders go on that persons have released.

    Parameters
    ----------
    orders, reasons : as ``check_holds`` gives them.
    releases : by order.
    on : the day.

    Returns
    -------
    orders, reasons
        With ``released_by`` of the reasons (the person's name), and decision and release_by of the orders as they are
        then.
    """
    amounts = dict(zip(orders["order_id"], orders["amount"], strict=True))
    by = [
        given or _find_person(releases.get(order_id, ()), rule, amounts[order_id], on)
        for order_id, rule, given in zip(reasons["order_id"], reasons["rule"], reasons["released_by"], strict=True)
    ]
    reasons = reasons.assign(released_by=pd.Series(by, index=reasons.index, dtype="str"))
    holding = reasons.loc[(reasons["released_by"] == "").to_numpy()]
    roles: dict[str, dict[str, None]] = {}
    for order_id, role in zip(holding["order_id"], holding["release_by"], strict=True):
        roles.setdefault(order_id, {}).update({role: None} if role else {})
    held = (orders["decision"] == HOLD).to_numpy()
    still = held & orders["order_id"].isin(list(roles)).to_numpy()
    needed = pd.Series([", ".join(roles.get(name, ())) for name in orders["order_id"]], index=orders.index, dtype="str")
    orders = orders.assign(
        decision=orders["decision"].mask(held & ~still, SHIP),
        release_by=orders["release_by"].where(~held, needed.where(still, "")),
        is_released=np.asarray(held & ~still),
    )
    return orders, reasons


def _find_person(releases: Sequence[Release], rule: str, amount: float, on: date) -> str:
    for release in reversed(releases):
        if rule in release.rules and on < release.until_on and amount <= release.amount + _CENT:
            return release.by
    return ""
