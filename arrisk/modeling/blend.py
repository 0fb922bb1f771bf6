"""The blend: a weighted mean of the margins of two models of different kind, whose errors partly cancel."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from arrisk.modeling.boosted import BoostedModel
from arrisk.modeling.linear import LinearModel
from arrisk.modeling.rows import Floats

HALF_ROWS = 3_000
"""The trees' weight is n / (n + ``HALF_ROWS``) on n rows: on few rows trees know less than a line."""


@dataclass(frozen=True)
class BlendModel:
    """A mean of a regression and of trees (Bates, Granger, The Combination of Forecasts, 1969).

    Parameters
    ----------
    linear, boosted : the two.
    weight : of the trees, 0..1.
    """

    kind: ClassVar[str] = "blend"
    linear: LinearModel
    boosted: BoostedModel
    weight: float

    def predict_margin(self, features: pd.DataFrame) -> Floats:
        """Give the log-odds of each row, shape (n,)."""
        line, trees = self.linear.predict_margin(features), self.boosted.predict_margin(features)
        return np.asarray((1 - self.weight) * line + self.weight * trees, dtype="float64")

    def contribute(self, features: pd.DataFrame) -> tuple[float, pd.DataFrame]:
        """Split each margin into a starting value and one column per reason: the mean of both models' parts."""
        (first, own), (second, other) = self.linear.contribute(features), self.boosted.contribute(features)
        parts = ((1 - self.weight) * own).add(self.weight * other, fill_value=0.0)
        return (1 - self.weight) * first + self.weight * second, parts

    def to_json(self) -> dict[str, Any]:
        """Describe the model as plain data."""
        boosted = self.boosted.to_json()
        text, linear = boosted.pop("text"), self.linear.to_json()
        return {"text": text, "linear": linear, "boosted": boosted, "weight": self.weight}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        boosted = BoostedModel.from_json({**data["boosted"], "text": data["text"]})
        return cls(LinearModel.from_json(data["linear"]), boosted, float(data["weight"]))


def blend(linear: LinearModel, boosted: BoostedModel, *, rows: int, most: float) -> BlendModel:
    """Blend two models that were fitted on so many rows; the trees weigh at most ``most``."""
    return BlendModel(linear, boosted, min(most, rows / (rows + HALF_ROWS)))
