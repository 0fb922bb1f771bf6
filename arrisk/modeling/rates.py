"""The two simplest models: everybody's rate, and the customer's own past rate drawn towards it."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from arrisk.modeling.logistic import estimate_rate, to_margin, to_probability
from arrisk.modeling.rows import Column, Floats, Sample, read_column

STRENGTHS = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0)
"""How many invoices of evidence the portfolio's rate may count for; one of them is chosen."""


@dataclass(frozen=True)
class BaseRate:
    """The same margin for everybody."""

    kind: ClassVar[str] = "base_rate"
    margin: float

    def predict_margin(self, features: pd.DataFrame) -> Floats:
        """Give the log-odds of each row, shape (n,)."""
        return np.full(len(features), self.margin)

    def contribute(self, features: pd.DataFrame) -> tuple[float, pd.DataFrame]:
        """Split each margin into a starting value and one column per reason; here there are none."""
        return self.margin, pd.DataFrame(index=features.index)

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
    return BaseRate(margin=float(to_margin(np.array([rate]))[0]))


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
