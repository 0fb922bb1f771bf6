"""Holds: may an order ship? Every rule that says no, with its value and threshold, and who may release it.

Of each kind of rule the customer's own go before its group's, and these before everybody's. Rules that do not block
then release what they name. Where no rule is active the order waits: an empty set of rules is a mistake, not a
permission.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.decisions.caps import Floats
from arrisk.frames import Mask, concat
from arrisk.policy.decisions import CUSTOMER, EVERYBODY, GROUP, UNKNOWN_GRADE, HoldPolicy, HoldRule, RuleKind, Stage

SHIP, HOLD, NOT_CHECKED = "ship", "hold", "not_checked"

NO_RULE = "no rule is active"
"""The reason of an order that nothing in policy speaks for or against."""

_REASONS = ("row", "rule", "kind", "scope", "value", "threshold", "release_by", "released_by", "text")
_OVERDUE = {"left_out": ("overdue_days", "overdue_amount"), "counted": ("overdue_days_all", "overdue_amount_all")}


class Held(NamedTuple):
    """What rules say of orders.

    Parameters
    ----------
    orders : one row per order, in the given order: decision (``ship``, ``hold``, ``not_checked``), release_by (the
        roles that together may release it), reasons (in words).
    reasons : one row per order and rule that speaks against it: row (place of the order), rule, kind, scope, value,
        threshold, release_by, released_by (the rule that released this reason; empty = it holds), text.
    """

    orders: pd.DataFrame
    reasons: pd.DataFrame


def check_orders(orders: pd.DataFrame, policy: HoldPolicy, *, stage: Stage) -> Held:
    """Say which orders may go on.

    Parameters
    ----------
    orders : one row per order, amounts in book currency: customer_id, group (missing = none), amount, exposure_amount
        (with the order), open_amount, limit_amount, limit_kind (``amount``, ``none`` = without a bound, ``zero``;
        missing = no valid limit), limit_note, overdue_days and overdue_amount (disputed items left out),
        overdue_days_all and overdue_amount_all, grade (missing = none), in_default, exempt (why it is not checked;
        empty = it is).
    policy : the rules.
    stage : ``order`` when it is taken, or ``ship`` before the goods leave, when the rules of both count.
    """
    orders = orders.reset_index(drop=True)
    rules = [rule for rule in policy.rules if rule.active and stage in {rule.stage, "ship"}]
    exempt = orders["exempt"] != ""
    holding, releasing = ([rule for rule in rules if rule.blocks is blocks] for blocks in (True, False))
    places = find_places(orders, holding)
    speaks = np.any(list(places), axis=0) if holding else np.zeros(len(orders), dtype=bool)
    parts = [
        _state_reasons(orders, rule, own & ~exempt, places, holding) for rule, own in zip(holding, places, strict=True)
    ]
    parts.append(_state_silence(~speaks & ~exempt))
    reasons = concat(parts).sort_values("row", kind="stable", ignore_index=True)
    reasons = _release(reasons, orders, releasing)
    return Held(_decide(orders, reasons), reasons)


def find_places(orders: pd.DataFrame, rules: Sequence[HoldRule]) -> list[Mask]:
    """Find where each rule counts: of its kind, none stands closer to the customer."""
    closeness = [_stand_close(orders, rule) for rule in rules]
    places = []
    for rule, own in zip(rules, closeness, strict=True):
        alike = [close for other, close in zip(rules, closeness, strict=True) if other.kind == rule.kind]
        places.append((own > 0) & (own == np.max(alike, axis=0)))
    return places


def _stand_close(orders: pd.DataFrame, rule: HoldRule) -> npt.NDArray[np.int64]:
    """Say how close a rule stands to each order's customer: 3 its own, 2 its group's, 1 everybody's, 0 another's."""
    if rule.scope == EVERYBODY:
        return np.ones(len(orders), dtype="int64")
    is_own = rule.scope.startswith(CUSTOMER)
    named = rule.scope.removeprefix(CUSTOMER if is_own else GROUP)
    return np.where((orders["customer_id" if is_own else "group"] == named).to_numpy(dtype=bool), 3 if is_own else 2, 0)


class _Measured(NamedTuple):
    """What a rule looks at: its value, whether it is above the threshold, whether it is known at all."""

    value: Floats
    is_over: Mask
    is_known: Mask


def _measure(orders: pd.DataFrame, rule: HoldRule) -> _Measured:
    most = rule.threshold or 0.0
    everywhere = np.ones(len(orders), dtype=bool)
    days, amount = (orders[name].to_numpy(dtype="float64") for name in _OVERDUE[rule.disputed])
    if rule.kind == "over_limit":
        return _measure_limit(orders, most)
    if rule.kind == "no_limit":
        return _Measured(np.full(len(orders), np.nan), orders["limit_kind"].isna().to_numpy(), everywhere)
    if rule.kind == "grade":
        grade = orders["grade"].astype("object").where(orders["grade"].notna(), UNKNOWN_GRADE)
        return _Measured(np.full(len(orders), np.nan), grade.isin(rule.grades).to_numpy(dtype=bool), everywhere)
    if rule.kind == "in_default":
        return _Measured(np.full(len(orders), np.nan), orders["in_default"].to_numpy(dtype=bool), everywhere)
    if rule.kind == "overdue_amount":
        owed = orders["open_amount"].to_numpy(dtype="float64")
        return _Measured(amount, (amount > most) & (amount > rule.share * np.maximum(owed, 0.0)), everywhere)
    value = days if rule.kind == "days_overdue" else orders["amount"].to_numpy(dtype="float64")
    return _Measured(value, value > most, everywhere)


def _measure_limit(orders: pd.DataFrame, most: float) -> _Measured:
    kind = orders["limit_kind"]
    limit = orders["limit_amount"].mask(kind == "zero", 0.0).mask(kind == "none", np.inf).to_numpy(dtype="float64")
    limit = np.where(kind.isna(), np.nan, limit)
    exposure = orders["exposure_amount"].to_numpy(dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        over = np.where(limit > 0, exposure / limit - 1.0, np.where(exposure > 0, np.inf, 0.0))
    # Compared as amounts: a share of a limit would be a rounding error away from it.
    return _Measured(np.where(np.isnan(limit), np.nan, over), exposure > limit * (1.0 + most), ~np.isnan(limit))


def _state_reasons(
    orders: pd.DataFrame, rule: HoldRule, own: Mask, places: Sequence[Mask], rules: Sequence[HoldRule]
) -> pd.DataFrame:
    """State where a rule speaks against an order; what it cannot measure holds, unless a rule speaks of just that."""
    measured = _measure(orders, rule)
    is_said = np.zeros(len(orders), dtype=bool)
    for other, place in zip(rules, places, strict=True):
        is_said |= place if other.kind == "no_limit" else False
    rows = np.flatnonzero(own & (measured.is_over | (~measured.is_known & ~is_said)))
    texts = [_say(rule, orders.iloc[row], measured.value[row]) for row in rows]
    threshold = np.nan if rule.threshold is None else rule.threshold
    return _frame(rows, rule=rule.name, kind=rule.kind, scope=rule.scope, release_by=rule.release_by).assign(
        value=measured.value[rows], threshold=threshold, text=pd.Series(texts, dtype="str")
    )


def _state_silence(silent: Mask) -> pd.DataFrame:
    return _frame(np.flatnonzero(silent), rule="", kind="", scope=EVERYBODY, release_by="").assign(text=NO_RULE)


def _frame(rows: npt.NDArray[np.intp], **texts: str) -> pd.DataFrame:
    named = {name: pd.Series(text, index=range(len(rows)), dtype="str") for name, text in texts.items()}
    blank = pd.Series("", index=range(len(rows)), dtype="str")
    frame = pd.DataFrame({"row": rows.astype("int64"), **named, "value": np.nan, "threshold": np.nan})
    return frame.assign(released_by=blank, text=blank)[list(_REASONS)]


def _say(rule: HoldRule, order: pd.Series, value: float) -> str:
    """Say in words what a rule found."""
    most, disputed = rule.threshold or 0.0, "" if rule.disputed == "counted" else " undisputed"
    if rule.kind == "over_limit" and np.isnan(value):
        return "there is no valid limit to compare with"
    if rule.kind == "over_limit":
        bound = 0.0 if order["limit_kind"] == "zero" else order["limit_amount"]
        beyond = "" if np.isinf(value) else f", {value:.1%} over it"
        return f"exposure {order['exposure_amount']:,.2f} against a limit of {bound:,.2f}{beyond} (allowed {most:.0%})"
    said: dict[RuleKind, str] = {
        "no_limit": str(order["limit_note"]),
        "days_overdue": f"the oldest{disputed} item is {value:.0f} days past due (allowed {most:.0f})",
        "overdue_amount": f"{value:,.2f}{disputed} past due (allowed {most:,.2f}, or {rule.share:.0%} of what is open)",
        "order_amount": f"an order of {value:,.2f} (allowed {most:,.2f})",
        "grade": f"grade {UNKNOWN_GRADE if pd.isna(order['grade']) else order['grade']}",
        "in_default": "in default",
    }
    return said[rule.kind]


def _release(reasons: pd.DataFrame, orders: pd.DataFrame, rules: Sequence[HoldRule]) -> pd.DataFrame:
    """Name the first rule that releases each reason: what it measures is known, and at or below its threshold."""
    released = reasons["released_by"].to_numpy(dtype="object", copy=True)
    row = reasons["row"].to_numpy()
    for rule, own in zip(rules, find_places(orders, rules), strict=True):
        measured = _measure(orders, rule)
        is_over = ~measured.is_over if rule.kind == "grade" else measured.is_over
        frees = (own & measured.is_known & ~is_over)[row] & reasons["kind"].isin(rule.releases).to_numpy()
        released = np.where(frees & (released == ""), rule.name, released)
    return reasons.assign(released_by=pd.Series(released, dtype="str"))


def _decide(orders: pd.DataFrame, reasons: pd.DataFrame) -> pd.DataFrame:
    holds = reasons.loc[(reasons["released_by"] == "").to_numpy()]
    grouped = holds.groupby("row")
    roles = grouped["release_by"].agg(lambda names: ", ".join(dict.fromkeys(name for name in names if name)))
    index = orders.index
    columns = (reasons[name] for name in ("rule", "released_by", "text"))
    said = [_name(*row) for row in zip(*columns, strict=True)]
    texts = pd.Series(said, index=reasons["row"], dtype="str").groupby(level=0).agg("; ".join)
    exempt = orders["exempt"].astype("str")
    decision = np.where(exempt != "", NOT_CHECKED, np.where(index.isin(holds["row"]), HOLD, SHIP))
    return orders.assign(
        decision=pd.Series(decision, index=index, dtype="str"),
        release_by=roles.reindex(index).fillna("").astype("str"),
        reasons=texts.reindex(index).fillna("").astype("str").where(exempt == "", "not checked: " + exempt),
    )


def _name(rule: str, released_by: str, text: str) -> str:
    """Put the rule before what it found."""
    named = f"{rule}, released by '{released_by}'" if released_by else rule
    return f"{named}: {text}" if rule and text != rule else named or text
