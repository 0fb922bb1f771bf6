"""A scorecard: every column cut into a few bins, every bin worth some points, the points' sum a probability.

The weight of evidence of a bin is ln(share of goods / share of bads): above 0 where fewer than average default. Bins
are monotone in the default rate, a missing value has a bin of its own, and a logistic regression weighs the columns
(Siddiqi, Intelligent Credit Scoring, 2017).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from arrisk.modeling.binning import Bin, cut_column, find_edges, place_values
from arrisk.modeling.grades import PointScale
from arrisk.modeling.logistic import estimate_rate, fit_logistic, to_margin
from arrisk.modeling.rows import Floats, Sample, read_column, require_columns

MIN_ROWS, MIN_OF_EACH = 200, 20
MIN_INFORMATION = 0.02
"""A column with a lower information value says next to nothing."""

MOST_COLUMNS, MOST_ALIKE = 15, 0.7
"""So many columns at most, and none whose weights correlate so much with those of a better one."""

_PRECISION = 10.0
"""Precision of the prior about no coefficient: columns say in part the same, and weights are chosen on few defaults."""

_ENOUGH_ROWS = 100_000
"""How alike two columns are is seen on so many of the newest rows."""


@dataclass(frozen=True)
class CardColumn:
    """One column of the card.

    Parameters
    ----------
    name, reason : the feature column, and the name under which its contribution is shown.
    coefficient : logits for each unit of weight of evidence, below 0: more evidence of good is less risk.
    information : its information value.
    bins : from low to high, the last one for a missing value.
    """

    name: str
    reason: str
    coefficient: float
    information: float
    bins: tuple[Bin, ...]

    def read_weights(self, features: pd.DataFrame) -> Floats:
        """Read the weight of evidence of each row, shape (n,)."""
        return weigh_values(read_column(features, self.name), self.bins)


@dataclass(frozen=True)
class ScorecardModel:
    """Log-odds of default as a sum over columns, each of which takes as many values as it has bins."""

    kind: ClassVar[str] = "scorecard"
    intercept: float
    columns: tuple[CardColumn, ...]

    def predict_margin(self, features: pd.DataFrame) -> Floats:
        """Give the log-odds of each row, shape (n,)."""
        margin = np.full(len(features), self.intercept)
        for column in self.columns:
            margin += column.coefficient * column.read_weights(features)
        return margin

    def contribute(self, features: pd.DataFrame) -> tuple[float, pd.DataFrame]:
        """Split each margin into a starting value and one column per reason, against bins that say nothing (WoE 0)."""
        parts: dict[str, Floats] = {}
        for column in self.columns:
            part = column.coefficient * column.read_weights(features)
            parts[column.reason] = parts[column.reason] + part if column.reason in parts else part
        return self.intercept, pd.DataFrame(parts, index=features.index)

    def to_json(self) -> dict[str, Any]:
        """Describe the model as plain data."""
        return {"intercept": self.intercept, "columns": [asdict(column) for column in self.columns]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        columns = ({**column, "bins": tuple(Bin(**part) for part in column["bins"])} for column in data["columns"])
        return cls(float(data["intercept"]), tuple(CardColumn(**column) for column in columns))


def weigh_values(values: Floats, bins: Sequence[Bin]) -> Floats:
    """Give each value the weight of evidence of its bin, shape (n,)."""
    return np.array([part.woe for part in bins])[place_values(values, find_edges(bins))]


def fit_scorecard(sample: Sample) -> ScorecardModel:
    """Fit a card: cut the columns, choose among them, weigh them.

    Columns that rise and fall with the calendar are left out, as trees leave them out: bins would learn the days of the
    past by heart. Customers whose default stands in several rows count as evidence once.
    """
    require_columns(sample.features, sample.columns)
    if sample.events in (0, len(sample)):
        rate = estimate_rate(sample.events, len(sample))
        return ScorecardModel(float(to_margin(np.array([rate]))[0]), ())
    repeats = sample.events / len(np.unique(sample.customer[sample.target == 1]))
    chosen = _choose_columns(sample, _cut_columns(sample, repeats))
    return _weigh_columns(sample, chosen, precision=_PRECISION * repeats)


def _cut_columns(sample: Sample, repeats: float) -> list[CardColumn]:
    cut = []
    for column in sample.columns:
        if column.scale == "code" or column.is_of_the_times:
            continue
        values = read_column(sample.features, column.name)
        bins, information = cut_column(values, sample.target, direction=column.direction, repeats=repeats)
        if information >= MIN_INFORMATION:
            cut.append(CardColumn(column.name, column.reason, -1.0, information, bins))
    # Python's sort is stable: of equals the one that the catalogue names first.
    return sorted(cut, key=lambda column: -column.information)


def _choose_columns(sample: Sample, cut: Sequence[CardColumn]) -> list[CardColumn]:
    recent = sample.features.iloc[max(0, len(sample) - _ENOUGH_ROWS) :]
    chosen: list[CardColumn] = []
    seen: list[Floats] = []
    for column in cut:
        weights = column.read_weights(recent)
        weights = weights - weights.mean()
        length = float(np.sqrt((weights**2).sum()))
        if length < 1e-9:
            continue
        if all(abs(float(weights @ other) / length) < MOST_ALIKE for other in seen):
            chosen.append(column)
            seen.append(weights / length)
        if len(chosen) == MOST_COLUMNS:
            break
    return chosen


def _weigh_columns(sample: Sample, columns: Sequence[CardColumn], *, precision: float) -> ScorecardModel:
    """Fit the regression; columns beside which another one turns the sign of its evidence are dropped, worst first."""
    weights = [column.read_weights(sample.features) for column in columns]
    design = np.column_stack([*weights, np.ones(len(sample))])
    penalty = np.append(np.full(len(columns), precision), 0.0)
    found = fit_logistic(design, sample.target, penalty=penalty, centre=np.zeros(len(penalty)))
    if len(columns) and found[:-1].max() >= 0:
        worst = int(found[:-1].argmax())
        return _weigh_columns(sample, [*columns[:worst], *columns[worst + 1 :]], precision=precision)
    fitted = (
        CardColumn(column.name, column.reason, float(value), column.information, column.bins)
        for column, value in zip(columns, found[:-1], strict=True)
    )
    return ScorecardModel(float(found[-1]), tuple(fitted))


def score_points(model: ScorecardModel, features: pd.DataFrame, *, scale: PointScale) -> pd.DataFrame:
    """Give the points of each row: one column per column of the card, not rounded, and their sum ``score``.

    The score is ``scale.score`` of the card's own probability.
    """
    points = {
        column.name: _find_points(model, column.coefficient * column.read_weights(features), scale)
        for column in model.columns
    }
    score = scale.offset - scale.factor * model.predict_margin(features)
    return pd.DataFrame({**points, "score": score}, index=features.index)


def list_points(model: ScorecardModel, *, scale: PointScale) -> pd.DataFrame:
    """List the card: one row per column and bin.

    Parameters
    ----------
    scale : of the points; the sum of one row per column is a score on it.

    Returns
    -------
    DataFrame
        column, from, to (a value above the first and up to the second; both missing = a missing value, or a card of one
        bin), is_missing, woe, points, points_rounded (for display), share (of the training's rows), default_rate.
    """
    rows = [
        {
            "column": column.name,
            "from": part.low,
            "to": part.high,
            "is_missing": part.is_missing,
            "woe": part.woe,
            "points": float(_find_points(model, np.array([column.coefficient * part.woe]), scale)[0]),
            "share": part.count / sum(other.count for other in column.bins),
            "default_rate": part.bads / part.count if part.count else np.nan,
        }
        for column in model.columns
        for part in column.bins
    ]
    names = ["column", "from", "to", "is_missing", "woe", "points", "share", "default_rate"]
    table = pd.DataFrame(rows, columns=names).astype({"from": "float64", "to": "float64"})
    return table.assign(points_rounded=table["points"].astype("float64").round().astype("int64"))


def _find_points(model: ScorecardModel, part: Floats, scale: PointScale) -> Floats:
    """-(WoE b + a / n) x factor + offset / n."""
    columns = len(model.columns)
    return -(part + model.intercept / columns) * scale.factor + scale.offset / columns
