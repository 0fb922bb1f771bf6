"""Customers assessed on their own: what a person expects of them takes the place of the method's estimate."""

from collections.abc import Hashable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd

from arrisk.allowance.estimates import Allowance, sum_rows
from arrisk.allowance.exposures import INDIVIDUAL
from arrisk.errors import InputError, nearest
from arrisk.frames import day_of, match, to_dates
from arrisk.money import format_minor, spread_minor, to_major
from arrisk.policy.allowance import AllowancePolicy

_EXPECTED = ("expected_loss", "expected_uncovered_loss", "upper_loss")
_MOST_NAMED = 10


def apply_assessments(
    allowance: Allowance, assessments: pd.DataFrame, *, customer_ids: pd.Series, policy: AllowancePolicy
) -> Allowance:
    """Let customers who are assessed on their own leave the pool, with what the assessment expects of them.

    Of each customer the newest assessment counts that was made before ``as_of``, while it holds on the day of ages.
    The amount is spread over the customer's items in proportion to what is owed of each, to the smallest unit.

    Parameters
    ----------
    allowance : of a method, before overlays.
    assessments : as given by ``parse_assessments``.
    customer_ids : all customers of the book.
    policy : above which amount a customer in default is to be assessed.

    Returns
    -------
    Allowance
        The customers' items are in the segment ``individual``; rows without them are the same. Notes say what was not
        applied and who is still to be assessed.

    Raises
    ------
    InputError
        When a customer is unknown, or an amount is above what the customer owes.
    """
    newest, notes = _choose(allowance, assessments, customer_ids)
    items = allowance.items
    place = match(items["customer_id"], newest["customer_id"])
    values = {name: items[name].to_numpy(dtype="float64", copy=True) for name in _EXPECTED}
    owed = items["base_amount"].to_numpy()
    for index, one in enumerate(newest.to_dict("records")):
        rows = np.flatnonzero(place == index)
        parts = spread_minor(
            _read_amount(one, int(owed[rows].sum()), allowance.exposures.currency), owed[rows].tolist()
        )
        for column in values.values():
            column[rows] = parts
    segment = items["segment"].mask(place >= 0, INDIVIDUAL)
    exposures = replace(allowance.exposures, items=allowance.exposures.items.assign(segment=segment))
    valued = items.assign(segment=segment, **values)
    assessed = replace(allowance, exposures=exposures, items=valued, rows=sum_rows(exposures, valued))
    return replace(assessed, notes=(*allowance.notes, *notes, *_note_rest(assessed, len(newest), policy)))


def _choose(allowance: Allowance, assessments: pd.DataFrame, customer_ids: pd.Series) -> tuple[pd.DataFrame, list[str]]:
    """Choose the newest assessment of each customer that owes something, and say what is not applied."""
    unknown = match(assessments["customer_id"], customer_ids) < 0
    if unknown.any():
        name, row = assessments.loc[unknown, ["customer_id", "row"]].iloc[0]
        hint = nearest(str(name), customer_ids.astype("str").tolist())
        raise InputError(
            f"there is no customer '{name}' in the book", where=f"row {row}, column customer_id", hint=hint
        )
    owed = allowance.items.groupby("customer_id")["base_amount"].sum()
    as_of, on = day_of(allowance.as_of), day_of(allowance.exposures.ageing.age_on)
    is_known = assessments["assessed_day"] < as_of
    newest = assessments.loc[is_known].sort_values("assessed_day").drop_duplicates("customer_id", keep="last")
    has_expired = newest["valid_to_day"] < on
    owes = newest["customer_id"].map(owed).fillna(0) > 0
    notes = [
        *_name("assessed after the day", assessments.loc[~is_known]),
        *_name("whose assessment has expired", newest.loc[has_expired]),
        *_name("who owe nothing", newest.loc[~has_expired & ~owes]),
    ]
    return newest.loc[~has_expired & owes].sort_values("customer_id").reset_index(drop=True), notes


def _name(what: str, rows: pd.DataFrame) -> list[str]:
    names = sorted(set(rows["customer_id"]))
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return [f"assessments not applied, of customers {what}: {', '.join(names[:_MOST_NAMED])}{more}"] if names else []


def _read_amount(assessment: dict[Hashable, object], owed: int, currency: str) -> int:
    rate, amount = assessment["rate"], assessment["amount"]
    if isinstance(rate, Decimal):
        return int((rate * owed).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    expected = int(str(amount))
    if expected > owed:
        what = f"customer '{assessment['customer_id']}' is assessed at {format_minor(expected, currency)}"
        hint = "assess the customer again, or give a rate"
        where = f"row {assessment['row']}, column amount"
        raise InputError(f"{what} and owes {format_minor(owed, currency)}", where=where, hint=hint)
    return expected


def list_to_assess(allowance: Allowance, *, policy: AllowancePolicy) -> pd.DataFrame:
    """List the customers in default who owe much and are in the pool.

    Parameters
    ----------
    allowance : after the assessments.
    policy : ``individual_above``, in book currency.

    Returns
    -------
    DataFrame
        One row per customer, the largest first: customer_id, owed_amount and allowance (the method's; both int64 minor
        units).
    """
    items = allowance.items
    pooled = items.loc[items["is_in_default"] & (items["segment"] != INDIVIDUAL)]
    sums = (
        pooled.groupby("customer_id")
        .agg(owed_amount=("base_amount", "sum"), allowance=("expected_loss", "sum"))
        .reset_index()
    )
    currency = pd.Series([allowance.exposures.currency] * len(sums), dtype="str")
    large = sums.loc[to_major(sums["owed_amount"], currency) > policy.individual_above]
    listed = large.assign(allowance=large["allowance"].round().astype("int64"))
    return listed.sort_values(["owed_amount", "customer_id"], ascending=[False, True], ignore_index=True)


def _note_rest(assessed: Allowance, count: int, policy: AllowancePolicy) -> list[str]:
    currency = assessed.exposures.currency
    own = assessed.rows.loc[assessed.rows["segment"] == INDIVIDUAL]
    notes = []
    if count:
        held, owed = (format_minor(int(own[name].sum()), currency) for name in ("allowance", "base_amount"))
        notes.append(f"assessed on their own: {count} customers, {held} of {owed} {currency}")
    rest = list_to_assess(assessed, policy=policy)
    if len(rest):
        owed = format_minor(int(rest["owed_amount"].sum()), currency)
        above = f"in default with more than {policy.individual_above:,.2f} owed"
        notes.append(f"to be assessed: {len(rest)} customers {above}, {owed} {currency}; the method's estimate stands")
    return notes


def register_assessments(allowance: Allowance, assessments: pd.DataFrame) -> pd.DataFrame:
    """List the assessments that an allowance holds, with what they came to.

    Returns
    -------
    DataFrame
        One row per customer: customer_id, owed_amount and allowance (int64 minor units), reason, assessed_by,
        assessed_on, valid_to_on.
    """
    own = allowance.items.loc[allowance.items["segment"] == INDIVIDUAL]
    sums = own.groupby("customer_id").agg(owed_amount=("base_amount", "sum"), allowance=("expected_loss", "sum"))
    known = assessments.loc[assessments["assessed_day"] < day_of(allowance.as_of)].sort_values("assessed_day")
    newest = known.drop_duplicates("customer_id", keep="last").set_index("customer_id").loc[sums.index]
    listed = sums.assign(
        allowance=sums["allowance"].astype("int64"),
        reason=newest["reason"],
        assessed_by=newest["assessed_by"],
        assessed_on=to_dates(newest["assessed_day"], index=newest.index),
        valid_to_on=to_dates(newest["valid_to_day"], index=newest.index),
    )
    return listed.reset_index()
