"""Scenarios of the economy: what an estimate becomes in each, and the mean of these losses, not that of a mean case.

A probability follows the state of the economy by the link of Vasicek (The distribution of loan portfolio value, 2002):
its mean over all states is the probability itself. Losses are not straight in the state, so that the loss of the mean
state is below the mean of the losses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from arrisk.allowance.estimates import Estimate, sum_total
from arrisk.allowance.exposures import Exposures
from arrisk.errors import InputError, nearest
from arrisk.frames import day_of, visible
from arrisk.modeling.rows import Floats
from arrisk.policy.allowance import AllowancePolicy, ScenarioPolicy
from arrisk.schema import Book

PERIOD_DAYS = 90
"""The length of the periods that a path gives a state for."""

SENSITIVITY = (1.0, -1.0, -2.0)
"""The states for which an allowance is always shown beside what is booked."""

FEWEST_VALUES = 8
"""With fewer values a series has no mean and spread to measure a path by."""


@dataclass(frozen=True)
class Scenario:
    """One course of the economy.

    Parameters
    ----------
    name : of it.
    weight : its probability, 0..1.
    z : its state in each ``PERIOD_DAYS`` from now, in standard deviations, above 0 = good times; the last one lasts.
    """

    name: str
    weight: float
    z: tuple[float, ...]

    def read(self, days: Floats) -> Floats:
        """Read the state on each of some days from now, shape (n,)."""
        period = np.clip(days // PERIOD_DAYS, 0, len(self.z) - 1).astype("int64")
        return np.asarray(np.array(self.z, dtype="float64")[period])


def link_vasicek(p: Floats, *, z: Floats | float, asset_correlation: float) -> Floats:
    """Give the probabilities in a state of the economy, of which ``p`` is the mean over all states.

    Parameters
    ----------
    p : probabilities through the cycle, shape (n,).
    z : the state, standard normal, above 0 = good times; for all or for each.
    asset_correlation : rho, 0..1: how strongly all depend on the state.

    Notes
    -----
    N((N^-1(p) - sqrt(rho) z) / sqrt(1 - rho)).

    Examples
    --------
    >>> (100 * link_vasicek(np.full(3, 0.02), z=np.array([1, 0, -1.5]), asset_correlation=0.12)).round(4).tolist()
    [0.5255, 1.4287, 5.0983]
    """
    shifted = ndtri(p) - np.sqrt(asset_correlation) * np.asarray(z)
    return np.asarray(ndtr(shifted / np.sqrt(1.0 - asset_correlation)))


def read_scenarios(policy: AllowancePolicy, book: Book, *, as_of: date) -> tuple[Scenario, ...]:
    """Read the policy's scenarios, those that are paths of a series in standard deviations of the series.

    Parameters
    ----------
    policy : the scenarios.
    book : gives the series, in its table ``conditions``.
    as_of : only values known before the start of this day count.

    Raises
    ------
    InputError
        When the book has no such series, or too few values of it, or they are all the same.
    """
    return tuple(Scenario(one.name, one.weight, _read_path(one, book, as_of=as_of)) for one in policy.scenarios)


def _read_path(one: ScenarioPolicy, book: Book, *, as_of: date) -> tuple[float, ...]:
    if one.z:
        return one.z
    known = visible(book["conditions"], as_of_day=day_of(as_of))
    chosen = known["series"] == one.series
    for column, wanted in (("country", one.country), ("industry", one.industry)):
        chosen &= known[column] == wanted if wanted else known[column].isna()
    values = known.loc[chosen].drop_duplicates("period_on", keep="last")["value"].to_numpy(dtype="float64")
    scope = " ".join(part for part in (one.series, one.country, one.industry) if part)
    where = f"policy, allowance.scenarios '{one.name}', and table conditions"
    if len(values) < FEWEST_VALUES:
        names = sorted(set(known["series"].astype("str")))
        hint = f"at least {FEWEST_VALUES} are needed; {nearest(one.series, names)}"
        raise InputError(
            f"{len(values)} values of the series '{scope}' were known before {as_of}", where=where, hint=hint
        )
    spread = float(values.std(ddof=1))
    if spread <= 0:
        raise InputError(f"the series '{scope}' has never moved", where=where, hint="give z instead of a series")
    sign = -1.0 if one.high_is_bad else 1.0
    return tuple(sign * (value - float(values.mean())) / spread for value in one.path)


def apply_scenarios(estimate: Estimate, scenarios: Sequence[Scenario], *, asset_correlation: float) -> Estimate:
    """Give the mean of an estimate over scenarios, each item by the state on the day on which it would be written off.

    The probabilities of the estimate count as those through the cycle. A loss is proportional to them, so that the
    mean of the probabilities gives the mean of the losses.

    Parameters
    ----------
    estimate : by any method.
    scenarios : their weights sum to 1; without any the estimate stands, and a note says so.
    asset_correlation : as for ``link_vasicek``.
    """
    if not scenarios:
        note = "no scenario of the economy is set: the rates stand for the times that they come from"
        return replace(estimate, notes=(*estimate.notes, note))
    parts = [_move(estimate, one, asset_correlation=asset_correlation) for one in scenarios]
    weights = [one.weight for one in scenarios]
    told = ", ".join(f"{one.name} {one.weight:.0%}" for one in scenarios)
    return replace(
        estimate,
        p_lost=_mix([part.p_lost for part in parts], weights),
        p_upper=_mix([part.p_upper for part in parts], weights),
        notes=(*estimate.notes, f"mean over scenarios of the economy: {told}; asset correlation {asset_correlation}"),
    )


def _move(estimate: Estimate, scenario: Scenario, *, asset_correlation: float) -> Estimate:
    """Give an estimate in one scenario."""
    z = scenario.read(estimate.loss_days)
    p_lost, p_upper = (
        link_vasicek(p, z=z, asset_correlation=asset_correlation) for p in (estimate.p_lost, estimate.p_upper)
    )
    return replace(estimate, p_lost=p_lost, p_upper=p_upper)


def _mix(parts: Sequence[Floats], weights: Sequence[float]) -> Floats:
    return np.asarray(sum(weight * part for weight, part in zip(weights, parts, strict=True)), dtype="float64")


def compare_scenarios(
    exposures: Exposures, estimate: Estimate, scenarios: Sequence[Scenario], *, policy: AllowancePolicy
) -> pd.DataFrame:
    """Compare what would be booked in each scenario, and in some states that nobody expects.

    Parameters
    ----------
    exposures : the open items.
    estimate : before scenarios are applied.
    scenarios : those of the policy.
    policy : the correlation, cover and discount.

    Returns
    -------
    DataFrame
        One row per scenario, then one per state of ``SENSITIVITY``: scenario, weight (NaN for a mere state), z (in the
        first period), allowance (int64 minor units of the book currency).
    """
    asked = [*scenarios, *(Scenario(f"z = {z:+g}", np.nan, (z,)) for z in SENSITIVITY)]
    rows = []
    for one in asked:
        moved = _move(estimate, one, asset_correlation=policy.asset_correlation)
        total = sum_total(exposures, moved, policy=policy)
        rows.append({"scenario": one.name, "weight": one.weight, "z": one.z[0], "allowance": total})
    return pd.DataFrame(rows)
