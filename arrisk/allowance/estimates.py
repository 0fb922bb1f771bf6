"""From what a method expects of each open item to an allowance by segment and bucket, whose parts sum to the cent."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from arrisk.allowance.exposures import ROW, Exposures
from arrisk.ledger.ageing import require_tie
from arrisk.modeling.rows import Floats
from arrisk.money import to_major
from arrisk.policy.allowance import AllowancePolicy

YEAR = 365.0
AMOUNTS = ("gross_amount", "base_amount", "allowance", "uncovered_allowance", "upper_allowance")
"""The money columns of an allowance's rows."""


@dataclass(frozen=True)
class Estimate:
    """What a method expects of each open item, row by row of ``Exposures.items``; arrays have shape (n,).

    Parameters
    ----------
    p_lost : probability that it is written off as bad debt; 0 for a credit note.
    p_upper : an upper bound of that, which is shown and never booked.
    loss_share : what is lost of an amount written off, after what comes back, cover included.
    uncovered_loss_share : the same, had it no cover.
    loss_days : days from now until it is written off, on average.
    rates : the evidence: what stands behind the probabilities, with numerators and denominators; columns are the
        method's own.
    notes : what a reader has to know, in words.
    """

    p_lost: Floats
    p_upper: Floats
    loss_share: Floats
    uncovered_loss_share: Floats
    loss_days: Floats
    rates: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Allowance:
    """An allowance as of a day; amounts are int64 minor units of the book currency.

    Parameters
    ----------
    exposures : what it is made for.
    method : how it was arrived at.
    items : one row per open item of the exposures: with p_lost, expected_loss (float minor units, not rounded) and
        expected_uncovered_loss.
    rows : one row per segment and bucket: gross_amount (ties to the ageing), base_amount, rate (allowance / base),
        allowance, uncovered_allowance (had it no cover), upper_allowance.
    rates : the evidence of the method.
    notes : what a reader has to know.
    scenarios : what would be booked in each scenario of the economy, as given by ``compare_scenarios``.
    """

    exposures: Exposures
    method: str
    items: pd.DataFrame = field(repr=False)
    rows: pd.DataFrame
    rates: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...]
    scenarios: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)

    @property
    def as_of(self) -> date:
        """What was known before the start of this day counts."""
        return self.exposures.as_of

    @property
    def total(self) -> int:
        """What is booked."""
        return int(self.rows["allowance"].sum())

    @property
    def upper_total(self) -> int:
        """What it is not above with the confidence of the policy, were all items of a row to go wrong together."""
        return int(self.rows["upper_allowance"].sum())

    def sum_by(self, column: str) -> pd.DataFrame:
        """Sum the rows by ``bucket`` or ``segment``, in order of the buckets: the column, count, and ``AMOUNTS``."""
        names = self.exposures.ageing.buckets["bucket"] if column == "bucket" else sorted(set(self.rows["segment"]))
        order = {name: place for place, name in enumerate(names)}
        sums = self.rows.groupby(column, as_index=False)[["count", *AMOUNTS]].sum()
        return sums.sort_values(column, key=lambda held: held.map(order).fillna(len(order)), kind="stable")


def assemble(exposures: Exposures, estimate: Estimate, *, method: str, policy: AllowancePolicy) -> Allowance:
    """Sum what is expected of each item to the rows of an allowance, each rounded to the smallest unit once.

    Parameters
    ----------
    exposures : the open items.
    estimate : of the same items, in the same order.
    method : its name.
    policy : whether cover lowers what is booked, and what late losses are discounted at.

    Raises
    ------
    ArriskError
        When the rows do not sum to the open balance.
    """
    discounted, share = _discount(exposures, estimate, policy), _choose_share(estimate, policy)
    valued = exposures.items.assign(
        p_lost=estimate.p_lost,
        expected_loss=discounted * estimate.p_lost * share,
        expected_uncovered_loss=discounted * estimate.p_lost * estimate.uncovered_loss_share,
        upper_loss=discounted * np.maximum(estimate.p_upper, estimate.p_lost) * share,
    )
    return Allowance(exposures, method, valued, sum_rows(exposures, valued), estimate.rates, estimate.notes)


def sum_total(exposures: Exposures, estimate: Estimate, *, policy: AllowancePolicy) -> int:
    """Give the total of what ``assemble`` gives, each row rounded as there, without the rows."""
    lost = _discount(exposures, estimate, policy) * estimate.p_lost * _choose_share(estimate, policy)
    sums = pd.Series(lost).groupby(exposures.rows, sort=False).sum()
    return int(round_half_up(np.asarray(sums, dtype="float64")).sum())


def _discount(exposures: Exposures, estimate: Estimate, policy: AllowancePolicy) -> Floats:
    base = exposures.items["base_amount"].to_numpy()
    return np.asarray(base * (1.0 + policy.discount_rate) ** (-estimate.loss_days / YEAR))


def _choose_share(estimate: Estimate, policy: AllowancePolicy) -> Floats:
    return estimate.uncovered_loss_share if policy.cover == "gross" else estimate.loss_share


def sum_rows(exposures: Exposures, valued: pd.DataFrame) -> pd.DataFrame:
    """Sum valued items to one row per segment and bucket that has any; see ``Allowance``."""
    grouped = valued.groupby(ROW, observed=True, sort=True)
    sums = grouped.agg(
        gross_amount=("open_amount", "sum"),
        base_amount=("base_amount", "sum"),
        allowance=("expected_loss", "sum"),
        uncovered_allowance=("expected_uncovered_loss", "sum"),
        upper_allowance=("upper_loss", "sum"),
        count=("open_amount", "size"),
    ).reset_index()
    whole = {name: round_half_up(sums[name].to_numpy()) for name in AMOUNTS[2:]}
    rows = sums.assign(**whole, bucket=sums["bucket"].astype("str"))
    require_tie(rows["gross_amount"].to_list(), exposures.ageing.total, what="the rows of the allowance")
    return rows.assign(rate=divide(rows["allowance"], rows["base_amount"]))


def round_half_up(amounts: Floats) -> np.ndarray:
    """Round to whole minor units, half away from zero, as int64.

    Examples
    --------
    >>> round_half_up(np.array([0.5, -0.5, 1.49999])).tolist()
    [1, -1, 1]
    """
    return np.asarray(np.trunc(amounts + np.copysign(0.5, amounts)).astype("int64"))


def divide(parts: pd.Series, wholes: pd.Series) -> Floats:
    """Divide, giving 0 where there is nothing to divide by."""
    whole = wholes.to_numpy(dtype="float64")
    return np.asarray(np.divide(parts.to_numpy(dtype="float64"), whole, out=np.zeros(len(whole)), where=whole != 0))


def describe(allowance: Allowance) -> dict[str, Any]:
    """Give an allowance as plain data for JSON, amounts in decimal major units.

    Returns
    -------
    dict
        as_of, age_on, method, currency, total, upper_total, gross_total, rows, rates, scenarios, notes.
    """
    currency, ageing = allowance.exposures.currency, allowance.exposures.ageing
    rows = allowance.rows.assign(currency=currency)
    decimals = rows.assign(**{name: to_major(rows[name], rows["currency"]) for name in AMOUNTS})
    totals = {"total": allowance.total, "upper_total": allowance.upper_total, "gross_total": ageing.total}
    sums = dict(zip(totals, to_major(list(totals.values()), pd.Series([currency] * len(totals))).tolist(), strict=True))
    return {
        "as_of": ageing.as_of,
        "age_on": ageing.age_on,
        "method": allowance.method,
        "currency": currency,
        **sums,
        "rows": decimals.drop(columns="currency"),
        "rates": allowance.rates,
        "scenarios": _to_major_frame(allowance.scenarios, currency),
        "notes": list(allowance.notes),
    }


def _to_major_frame(frame: pd.DataFrame, currency: str) -> pd.DataFrame:
    if frame.empty:
        return frame
    currencies = pd.Series(currency, index=frame.index)
    return frame.assign(allowance=to_major(frame["allowance"], currencies))
