"""Overlays: what people add to a method, each a row of its own, approved by another person and until a day only."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from arrisk.allowance.estimates import AMOUNTS, Allowance
from arrisk.allowance.exposures import INDIVIDUAL
from arrisk.errors import ArriskError, InputError, PolicyError
from arrisk.money import exponent, format_minor, spread_minor
from arrisk.policy.frameworks import Overlay

PREFIX = "overlay: "
"""What the segment of an overlay's rows begins with; the name of the overlay follows."""

APPLIED = "applied"
_ADDED = AMOUNTS[2:]


def judge_overlay(overlay: Overlay, *, on: date) -> str:
    """Say whether an overlay holds on a day: ``applied``, or why it is not.

    Examples
    --------
    >>> people = {"reason": "floods", "owner": "A", "source": "press", "approver": "B"}
    >>> days = {"from_on": date(2024, 1, 1), "expires_on": date(2024, 6, 30)}
    >>> judge_overlay(Overlay(name="floods", factor=1.1, **people, **days), on=date(2024, 7, 1))
    'expired on 2024-06-30, not applied'
    """
    if on > overlay.expires_on:
        return f"expired on {overlay.expires_on}, not applied"
    if on < overlay.from_on:
        return f"holds from {overlay.from_on} on, not applied"
    return APPLIED if overlay.approver.strip() else "has no approver, not applied"


def require_valid(overlays: Sequence[Overlay], *, on: date) -> None:
    """Refuse to close with an overlay that has expired, or that nobody approved.

    One that only holds from a later day on may wait.

    Parameters
    ----------
    overlays : those of the policy.
    on : the period end.

    Raises
    ------
    PolicyError
        When there is one; it is named.
    """
    for overlay in overlays:
        where = f"allowance.overlays, '{overlay.name}'"
        if on > overlay.expires_on:
            hint = "a new expires_on, approved again, or take the overlay out"
            raise PolicyError(f"the overlay expired on {overlay.expires_on}, before {on}", where=where, hint=hint)
        if on >= overlay.from_on and not overlay.approver.strip():
            hint = f"let somebody else than {overlay.owner} approve it, or take it out"
            raise PolicyError("the overlay has no approver", where=where, hint=hint)


def require_factors(overlays: Sequence[Overlay]) -> None:
    """Refuse an overlay of an amount for one selling company of several: each would take the whole of it.

    Raises
    ------
    PolicyError
        When there is one; it is named.
    """
    for overlay in overlays:
        if overlay.amount is not None:
            what = f"the overlay '{overlay.name}' is an amount for the whole book, which has several entities"
            raise PolicyError(what, where="allowance.overlays", hint="a factor")


def apply_overlays(allowance: Allowance, overlays: Sequence[Overlay]) -> Allowance:
    """Add overlays to an allowance, each in rows of its own, one per bucket that it changes.

    A factor f adds (f - 1) x what the method gives in the bucket, rounded once, and never brings it above what is
    owed; an amount is spread over the buckets in proportion to what the method gives there. Each looks at the rows of
    the method alone, not at other overlays. Customers assessed on their own are left alone unless ``individual`` is
    among the segments.

    Parameters
    ----------
    allowance : of a method; customers are assessed on their own before.
    overlays : those that do not hold on the day of ages, or have no approver, are not applied, which a note says.

    Returns
    -------
    Allowance
        With more rows (segment ``overlay: NAME``, nothing owed) and notes; all other rows are the same.

    Raises
    ------
    ArriskError
        When overlays were applied already.
    InputError
        When the overlays bring a bucket below zero or above what is owed in it.
    """
    if list_overlay_rows(allowance).any():
        raise ArriskError("overlays were applied to this allowance already", hint="report this as a bug")
    added: list[dict[str, Any]] = []
    notes = []
    for overlay in overlays:
        status = judge_overlay(overlay, on=allowance.exposures.ageing.age_on)
        own = _list_rows(allowance, overlay) if status == APPLIED else []
        added += own
        notes.append(_describe(overlay, status, [row["allowance"] for row in own], allowance.exposures.currency))
    # Without a new row the kinds of the columns must stay, too.
    rows = pd.concat([allowance.rows, pd.DataFrame(added)], ignore_index=True) if added else allowance.rows
    rows = rows.astype(allowance.rows.dtypes.to_dict())
    _require_possible(rows, allowance.exposures.currency)
    return replace(allowance, rows=rows, notes=(*allowance.notes, *notes))


def list_overlay_rows(allowance: Allowance) -> pd.Series:
    """Mark the rows of an allowance that are overlays."""
    return allowance.rows["segment"].astype("str").str.startswith(PREFIX)


def register_overlays(allowance: Allowance, overlays: Sequence[Overlay]) -> pd.DataFrame:
    """List overlays with what each adds to an allowance that they were applied to.

    Returns
    -------
    DataFrame
        One row per overlay, in the order of the policy: name, factor, amount, segments, buckets, reason, owner,
        source, approver, from_on, expires_on, status, allowance (what it adds, int64 minor units).
    """
    sums = allowance.rows.groupby("segment")["allowance"].sum()
    on = allowance.exposures.ageing.age_on
    listed = [
        overlay.model_dump(exclude={"frameworks"})
        | {"segments": ", ".join(overlay.segments), "buckets": ", ".join(overlay.buckets)}
        | {"status": judge_overlay(overlay, on=on), "allowance": int(sums.get(PREFIX + overlay.name, 0))}
        for overlay in overlays
    ]
    return pd.DataFrame(listed, columns=[*_REGISTER])


_REGISTER = (
    *("name", "factor", "amount", "segments", "buckets", "reason", "owner", "source", "approver"),
    *("from_on", "expires_on", "status", "allowance"),
)


def _list_rows(allowance: Allowance, overlay: Overlay) -> list[dict[str, Any]]:
    rows = allowance.rows
    chosen = rows["segment"].isin(overlay.segments) if overlay.segments else rows["segment"] != INDIVIDUAL
    if overlay.buckets:
        chosen &= rows["bucket"].isin(overlay.buckets)
    sums = rows.loc[chosen].groupby("bucket")[["base_amount", *_ADDED]].sum()
    order = [name for name in allowance.exposures.ageing.buckets["bucket"] if name in sums.index]
    sums = sums.loc[order]
    added = _multiply(sums, overlay.factor) if overlay.factor else _spread(allowance, sums, overlay)
    nothing = {"gross_amount": 0, "base_amount": 0, "count": 0, "rate": 0.0}
    return [
        {"segment": PREFIX + overlay.name, "bucket": bucket, **nothing, **dict(zip(_ADDED, amounts, strict=True))}
        for bucket, amounts in zip(order, zip(*added, strict=True), strict=True)
        if any(amounts)
    ]


def _multiply(sums: pd.DataFrame, factor: float) -> list[list[int]]:
    share = Decimal(str(factor)) - 1
    return [[min(_round(share * given), max(owed - given, 0)) for owed, given in _pairs(sums, name)] for name in _ADDED]


def _pairs(sums: pd.DataFrame, name: str) -> list[tuple[int, int]]:
    return list(zip(sums["base_amount"].tolist(), sums[name].tolist(), strict=True))


def _spread(allowance: Allowance, sums: pd.DataFrame, overlay: Overlay) -> list[list[int]]:
    if not len(sums):
        return [[] for _ in _ADDED]
    amount = _round(Decimal(str(overlay.amount)).scaleb(exponent(allowance.exposures.currency)))
    given, owed = sums["allowance"].tolist(), sums["base_amount"].tolist()
    return [spread_minor(amount, given if any(given) else owed)] * len(_ADDED)


def _round(number: Decimal) -> int:
    return int(number.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _describe(overlay: Overlay, status: str, added: Sequence[int], currency: str) -> str:
    if status != APPLIED:
        return f"overlay '{overlay.name}': {status}"
    if not added:
        return f"overlay '{overlay.name}' changes nothing: no row that it is for has an allowance to change"
    how = f"x {overlay.factor:g}" if overlay.factor else "an amount"
    people = f"{overlay.reason}; {overlay.owner}, approved by {overlay.approver}"
    return f"overlay '{overlay.name}' ({how}) adds {format_minor(sum(added), currency)} {currency}: {people}"


def _require_possible(rows: pd.DataFrame, currency: str) -> None:
    sums = rows.groupby("bucket", sort=False)[["base_amount", "allowance"]].sum()
    for bucket, owed, held in sums.itertuples():
        if not 0 <= held <= max(owed, 0):
            what = f"the overlays bring the allowance of the bucket {bucket} to {format_minor(held, currency)}"
            hint = "an amount for other buckets or segments, or a smaller one"
            raise InputError(f"{what}, of {format_minor(owed, currency)} owed", where="allowance.overlays", hint=hint)
