"""What moves scores on the whole: the served reasons of many rows, summed up by reason.

A reason's part is a Shapley value (Lundberg, Erion, Lee, Consistent Individualized Feature Attribution for Tree
Ensembles, 2018) or, for a linear model, coefficient x (value - average). Nothing is explained anew here: what is
summed up are the very parts that a score is served with, and they must tie to its margin.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
import scipy

from arrisk.modeling.evaluate import to_plain
from arrisk.modeling.rows import Floats, Ints

MOST_ROWS = 1_000
"""More rows make the picture heavier, hardly the means more exact."""

TOLERANCE = 1e-6
"""Logits by which a row's parts may miss its margin."""


def choose_rows(count: int, *, most: int = MOST_ROWS) -> Ints:
    """Choose rows evenly, the same ones each time.

    Examples
    --------
    >>> choose_rows(10, most=4).tolist(), choose_rows(3).tolist()
    ([0, 3, 6, 9], [0, 1, 2])
    """
    return np.linspace(0, count - 1, min(count, most)).round().astype("int64")


def summarise_reasons(
    parts: pd.DataFrame, values: pd.DataFrame, *, base: Floats | float, margin: Floats
) -> pd.DataFrame:
    """Sum up the parts of many rows by reason.

    Parameters
    ----------
    parts : one row per question, one column per reason, in logits, as served.
    values : the same rows; the feature of each reason's name. A reason without one, such as an interaction, has no
        direction.
    base : the starting value, one or one per row, in logits.
    margin : what is explained, in logits, shape (n,).

    Returns
    -------
    DataFrame
        One row per reason, the strongest first: reason, mean_absolute (mean of the parts' sizes, logits), share (of the
        sum of all of these), direction (rank correlation of value and part: positive = more of it raises the score;
        missing where either does not vary).

    Raises
    ------
    ArithmeticError
        When the parts do not sum to the margin within ``TOLERANCE``: a fault of the program.

    Examples
    --------
    >>> parts = pd.DataFrame({"days_late": [0.5, -0.5, 0.1], "interaction": [0.0, 0.2, 0.1]})
    >>> values = pd.DataFrame({"days_late": [30.0, 0.0, 9.0]})
    >>> table = summarise_reasons(parts, values, base=-1.0, margin=np.array([-0.5, -1.3, -0.8]))
    >>> table.round(2).to_dict("records")[0]
    {'reason': 'days_late', 'mean_absolute': 0.37, 'share': 0.79, 'direction': 1.0}
    """
    matrix = parts.to_numpy(dtype="float64")
    _require_tie(matrix, base, margin)
    mean = np.abs(matrix).mean(axis=0) if len(matrix) else np.zeros(matrix.shape[1])
    table = pd.DataFrame(
        {
            "reason": parts.columns.to_numpy(dtype="object").astype("str"),
            "mean_absolute": mean,
            "share": mean / mean.sum() if mean.sum() > 0 else mean,
            "direction": [_correlate(read_value(values, str(name)), parts[name].to_numpy("float64")) for name in parts],
        }
    )
    return table.sort_values(["mean_absolute", "reason"], ascending=[False, True], ignore_index=True)


def describe_reasons(
    parts: pd.DataFrame, values: pd.DataFrame, *, base: Floats | float, margin: Floats, target: str
) -> dict[str, Any]:
    """Sum up as ``summarise_reasons`` does, as plain data.

    Parameters
    ----------
    target : the probability whose logit is explained, such as p_late_30; the others are those of ``summarise_reasons``.

    Returns
    -------
    dict
        target, rows (how many were explained), starting_value (mean, logits), reasons (one dict per reason; None =
        missing).
    """
    table = summarise_reasons(parts, values, base=base, margin=margin)
    start = float(np.mean(base)) if np.size(base) else math.nan
    said = {"target": target, "rows": len(parts), "starting_value": start, "reasons": table.to_dict("records")}
    return dict(to_plain(said))


def read_value(values: pd.DataFrame, name: str) -> Floats:
    """Read the feature of a reason's name as numbers; all missing where there is none."""
    if name not in values:
        return np.full(len(values), np.nan)
    return values[name].to_numpy(dtype="float64", na_value=np.nan)


def _require_tie(matrix: Floats, base: Floats | float, margin: Floats) -> None:
    gap = np.abs(base + matrix.sum(axis=1) - margin)
    if len(gap) and float(gap.max()) > TOLERANCE:
        raise ArithmeticError(f"reasons miss the margin by {gap.max():.1e}")


def _correlate(value: Floats, part: Floats) -> float:
    known = ~np.isnan(value)
    value, part = value[known], part[known]
    if len(value) < 2 or np.ptp(value) == 0 or np.ptp(part) == 0:
        return math.nan
    return float(np.corrcoef(scipy.stats.rankdata(value), scipy.stats.rankdata(part))[0, 1])
