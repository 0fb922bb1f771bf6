"""Drift: how far reality has lately moved away from a model, in logits, as it was known on a day.

Late rates rise and fall with the times, for all customers at once, faster than a model is trained again. What the last
weeks showed against what was predicted for them is a shift of all log-odds; it is drawn to zero as the evidence is thin
and fades by a half-life. It is an insurance: in quiet times it costs a little, and no trial in quiet times can tell
what it will be worth in others. So it is used unless a trial shows that it costs more than a small premium.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np

from arrisk.modeling.bootstrap import Interval, bootstrap_mean
from arrisk.modeling.champion import compute_log_loss
from arrisk.modeling.logistic import to_margin, to_probability
from arrisk.modeling.rows import Floats, Ints

HALF_LIFE_DAYS, PRECISION = 45.0, 30.0
"""Days after which evidence counts half, and the precision of the shift's prior about zero."""

PREMIUM = 0.02
"""The share of the log loss that following the times may cost out of time, and still be used."""

OLDEST_HALF_LIVES = 3
"""Evidence older than so many half-lives is left out."""

_STEPS = 3


@dataclass(frozen=True)
class Evidence:
    """Outcomes of stages against what was predicted for them; arrays of shape (n,).

    Parameters
    ----------
    known_day : the last day before the outcome was known.
    target : 1 = unpaid at the stage's end.
    probability : what was predicted, without any shift.
    """

    known_day: Ints
    target: Floats
    probability: Floats


@dataclass(frozen=True)
class DriftRule:
    """How a shift is estimated.

    Parameters
    ----------
    half_life_days : after so many days evidence counts half.
    precision : of the normal prior about no shift.
    gain : how much it lowered the log loss per row out of time, with its interval over customers.
    """

    half_life_days: float
    precision: float
    gain: Interval

    def estimate(self, evidence: Evidence, *, as_of_day: int) -> float:
        """Estimate the shift as of a day, in logits, from outcomes known before it."""
        age = as_of_day - 1 - evidence.known_day
        seen = (age >= 0) & (age <= OLDEST_HALF_LIVES * self.half_life_days)
        weight = 0.5 ** (age[seen] / self.half_life_days)
        target, margin = evidence.target[seen], to_margin(evidence.probability[seen])
        shift = 0.0
        for _ in range(_STEPS):
            p = to_probability(margin + shift)
            slope = float((weight * (target - p)).sum()) - self.precision * shift
            shift += slope / (float((weight * p * (1 - p)).sum()) + self.precision)
        return shift

    def to_json(self) -> dict[str, Any]:
        """Describe the rule as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(float(data["half_life_days"]), float(data["precision"]), Interval(**data["gain"]))


@dataclass(frozen=True)
class Forecasts:
    """Predictions out of time of several stages, to try rules on; arrays of shape (n,)."""

    asked_day: Ints
    known_day: Ints
    target: Floats
    probability: Floats
    customer: Ints

    @property
    def evidence(self) -> Evidence:
        """The same rows as evidence."""
        return Evidence(self.known_day, self.target, self.probability)


def choose_rule(forecasts: Forecasts) -> DriftRule | None:
    """Follow the times, unless that raised the log loss by more than ``PREMIUM`` of it; None = do not.

    Parameters
    ----------
    forecasts : each row is shifted by what was known on its own day.
    """
    if not len(forecasts.target):
        return None
    rule = DriftRule(HALF_LIFE_DAYS, PRECISION, Interval(0.0, 0.0, 0.0))
    before = compute_log_loss(forecasts.target, forecasts.probability)
    after = compute_log_loss(forecasts.target, _shift_each(rule, forecasts))
    gain = bootstrap_mean(before - after, forecasts.customer)
    return replace(rule, gain=gain) if gain.value > -PREMIUM * float(before.mean()) else None


def trace_shift(rule: DriftRule | None, evidence: Evidence, *, days: Sequence[int]) -> Floats:
    """Estimate the shift as of each of some days; zero without a rule."""
    if rule is None:
        return np.zeros(len(days))
    return np.array([rule.estimate(evidence, as_of_day=day) for day in days])


def _shift_each(rule: DriftRule, forecasts: Forecasts) -> Floats:
    days, place = np.unique(forecasts.asked_day, return_inverse=True)
    shifts = trace_shift(rule, forecasts.evidence, days=days.tolist())
    return to_probability(to_margin(forecasts.probability) + shifts[place])
