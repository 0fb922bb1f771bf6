"""The simplest models: everybody's rate, that of like invoices, and the customer's own past rate drawn towards it."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from arrisk.modeling.logistic import estimate_rate, to_margin, to_probability
from arrisk.modeling.rows import Column, Floats, Ints, Sample, read_column

STRENGTHS = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0)
"""How many invoices of evidence the portfolio's rate may count for; one of them is chosen."""

_HALVINGS = 60


LEFT = "stage_left_share"
"""The column that says which share of a stage lies ahead: a rate is for the whole stage, a part of it has a part."""


@dataclass(frozen=True)
class BaseRate:
    """The same rate for everybody, for as much of the stage as lies ahead."""

    kind: ClassVar[str] = "base_rate"
    margin: float

    def predict_margin(self, features: pd.DataFrame) -> Floats:
        """Give the log-odds of each row, shape (n,)."""
        if LEFT not in features:
            return np.full(len(features), self.margin)
        rate = to_probability(np.array([self.margin]))[0]
        return to_margin(rate ** read_column(features, LEFT))

    def contribute(self, features: pd.DataFrame) -> tuple[float, pd.DataFrame]:
        """Split each margin into a starting value and one column per reason: what lies ahead of the stage."""
        if LEFT not in features:
            return self.margin, pd.DataFrame(index=features.index)
        part = self.predict_margin(features) - self.margin
        return self.margin, pd.DataFrame({LEFT: part}, index=features.index)

    def to_json(self) -> dict[str, Any]:
        """Describe the model as plain data."""
        return {"margin": self.margin}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(margin=float(data["margin"]))


@dataclass(frozen=True)
class ShrunkRate:
    """The customer's own past rate, with the portfolio's rate as some invoices of evidence.

    Parameters
    ----------
    count, events : columns with how many past invoices there are, and in how many of them it happened.
    reason : the name under which its contribution is shown.
    rate : the portfolio's rate.
    strength : how many invoices the portfolio's rate counts for.
    """

    kind: ClassVar[str] = "shrunk_rate"
    count: str
    events: str
    reason: str
    rate: float
    strength: float

    def predict_margin(self, features: pd.DataFrame) -> Floats:
        """Give the log-odds of each row, shape (n,)."""
        # No history counts as no invoices: this is what a missing count means here.
        count = np.nan_to_num(read_column(features, self.count))
        events = np.nan_to_num(read_column(features, self.events))
        return to_margin((events + self.strength * self.rate) / (count + self.strength))

    def contribute(self, features: pd.DataFrame) -> tuple[float, pd.DataFrame]:
        """Split each margin into a starting value and one column per reason: the customer's own record."""
        base = float(to_margin(np.array([self.rate]))[0])
        return base, pd.DataFrame({self.reason: self.predict_margin(features) - base}, index=features.index)

    def to_json(self) -> dict[str, Any]:
        """Describe the model as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(**data)


@dataclass(frozen=True)
class PastRate:
    """The pair of columns that hold a customer's own past rate."""

    count: Column
    events: Column


def fit_base_rate(sample: Sample) -> BaseRate:
    """Estimate one rate for everybody; with no row at all it is the prior's 0.5.

    Examples
    --------
    >>> days = np.array([1, 2])
    >>> nobody = Sample(pd.DataFrame(index=range(2)), np.zeros(2), days, days, days, ())
    >>> to_probability(fit_base_rate(nobody).predict_margin(nobody.features)).round(4).tolist()
    [0.1667, 0.1667]
    """
    rate = estimate_rate(sample.events, len(sample))
    if LEFT in sample.features and len(sample):
        rate = _solve_rate(read_column(sample.features, LEFT), rate)
    return BaseRate(margin=float(to_margin(np.array([rate]))[0]))


def _solve_rate(left: Floats, mean: float) -> float:
    """Find the whole stage's rate r for which the mean of r ** left is the observed one."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if float((middle**left).mean()) < mean else (low, middle)
    return (low + high) / 2


SEGMENTS: tuple[tuple[str, tuple[float, ...]], ...] = (("terms_days", (10, 20, 45, 75)), ("settled_count", (0.5, 4.5)))
"""Columns by whose values, cut at these points, invoices are grouped; a missing value counts as the lowest."""

SEGMENT_STRENGTH = 20.0
"""How many invoices the portfolio's rate counts for in a segment."""


@dataclass(frozen=True)
class SegmentRate:
    """The rate of invoices on like terms of customers with a like history; stage by stage this is Kaplan-Meier.

    Parameters
    ----------
    rate : of all.
    margins : of each segment, in the order of ``SEGMENTS``, the last one fastest.
    """

    kind: ClassVar[str] = "kaplan_meier"
    rate: float
    margins: tuple[float, ...]

    def predict_margin(self, features: pd.DataFrame) -> Floats:
        """Give the log-odds of each row, shape (n,)."""
        return np.array(self.margins)[_place_segments(features)]

    def contribute(self, features: pd.DataFrame) -> tuple[float, pd.DataFrame]:
        """Split each margin into a starting value and one column per reason: the terms and length of the history."""
        base = float(to_margin(np.array([self.rate]))[0])
        return base, pd.DataFrame({SEGMENTS[0][0]: self.predict_margin(features) - base}, index=features.index)

    def to_json(self) -> dict[str, Any]:
        """Describe the model as plain data."""
        return {"rate": self.rate, "margins": list(self.margins)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(float(data["rate"]), tuple(map(float, data["margins"])))


def fit_segment_rate(sample: Sample) -> SegmentRate:
    """Estimate each segment's rate, drawn to that of all (Kaplan, Meier 1958, with a beta prior)."""
    rate = estimate_rate(sample.events, len(sample))
    place = _place_segments(sample.features)
    count = int(np.prod([len(cuts) + 1 for _, cuts in SEGMENTS]))
    events = np.bincount(place, weights=sample.target, minlength=count)
    seen = np.bincount(place, minlength=count)
    rates = (events + SEGMENT_STRENGTH * rate) / (seen + SEGMENT_STRENGTH)
    return SegmentRate(rate, tuple(map(float, to_margin(rates))))


def _place_segments(features: pd.DataFrame) -> Ints:
    place = np.zeros(len(features), dtype="int64")
    for name, cuts in SEGMENTS:
        values = np.nan_to_num(read_column(features, name), nan=-np.inf, neginf=-np.inf)
        place = place * (len(cuts) + 1) + np.searchsorted(np.array(cuts), values)
    return place


def fit_shrunk_rate(sample: Sample, *, past: PastRate) -> ShrunkRate:
    """Choose how strongly a customer's own rate is drawn towards the portfolio's.

    The features look back from each row's own day, so that the log loss on the rows themselves is already a
    prediction: the strength with the smallest one is empirical Bayes with a beta prior.
    """
    rate = estimate_rate(sample.events, len(sample))
    models = [
        ShrunkRate(past.count.name, past.events.name, past.events.reason, rate, strength) for strength in STRENGTHS
    ]
    return min(models, key=lambda model: _measure_loss(model, sample))


def _measure_loss(model: ShrunkRate, sample: Sample) -> float:
    fitted = to_probability(model.predict_margin(sample.features))
    return float(-np.where(sample.target == 1, np.log(fitted), np.log1p(-fitted)).mean())
