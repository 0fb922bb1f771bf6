"""Reasons: why a score is high or low, as parts that sum to the model's margin.

What is explained is the margin of p_late, in logits, before calibration. Calibration never reverses an
order, so that what raises the margin raises the probability. For the linear model a part is coefficient x
(value - average); for the trees it is TreeSHAP. Parts of columns that express one feature are added up.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.features import CATALOGUE
from arrisk.features.attributes import PREFIX
from arrisk.modeling.candidates import Model
from arrisk.modeling.rows import Floats

TOP_REASONS = 4
TOLERANCE = 1e-9


def contribute_exactly(model: Model, features: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """Split each row's margin into a starting value and one part per feature, and check that they tie.

    Returns
    -------
    float, DataFrame
        The starting value, and one row per row of ``features`` with one column per feature, in logits.

    Raises
    ------
    ArithmeticError
        When the parts do not sum to the margin within ``TOLERANCE``: a fault of the program.
    """
    base, parts = model.contribute(features)
    gap = base + parts.to_numpy(dtype="float64").sum(axis=1) - model.predict_margin(features)
    if len(gap) and float(np.abs(gap).max()) > TOLERANCE:
        raise ArithmeticError(f"reasons miss the margin by {np.abs(gap).max():.1e}")
    return base, parts


def list_reasons(model: Model, features: pd.DataFrame, *, top: int = TOP_REASONS) -> pd.DataFrame:
    """List the strongest reasons of each row in words.

    Parameters
    ----------
    model : the model of p_late.
    features : one row per invoice; its index names the rows.
    top : how many reasons a row gets at most; parts of exactly zero are no reasons.

    Returns
    -------
    DataFrame
        One row per reason: row (index value of ``features``), rank (1 = strongest), feature, value,
        contribution (logits; positive = later), text.
    """
    _, parts = contribute_exactly(model, features)
    return _rank_parts(parts, features, top=top)


@dataclass(frozen=True)
class Explanation:
    """Why rows score as they do, in numbers that sum up.

    Parameters
    ----------
    starting_value : the margin before anything is known of a row, in logits.
    margins : each row's margin in logits, shape (n,).
    reasons : one row per reason, as given by ``list_reasons``; where none was cut off, the contributions of a row and
        the starting value sum to its margin.
    """

    starting_value: float
    margins: Floats
    reasons: pd.DataFrame


def explain(model: Model, features: pd.DataFrame, *, top: int | None = None) -> Explanation:
    """Explain each row's margin.

    Parameters
    ----------
    model : the model of p_late.
    features : one row per invoice; its index names the rows.
    top : how many reasons a row gets at most, the strongest first; None = all.
    """
    base, parts = contribute_exactly(model, features)
    return Explanation(base, model.predict_margin(features), _rank_parts(parts, features, top=top))


def _rank_parts(parts: pd.DataFrame, features: pd.DataFrame, *, top: int | None) -> pd.DataFrame:
    matrix = parts.to_numpy(dtype="float64")
    # Stable, so that ties stand in the order of the features.
    order = np.argsort(-np.abs(matrix), axis=1, kind="stable")[:, :top]
    row = np.repeat(np.arange(len(features)), order.shape[1])
    column = order.ravel()
    contribution = matrix[row, column]
    rank = np.tile(np.arange(1, order.shape[1] + 1), len(features))
    names = parts.columns.to_numpy(dtype="object")[column]
    value = _read_values(features, list(parts.columns), row, column)
    table = pd.DataFrame(
        {"row": features.index.to_numpy()[row], "rank": rank, "feature": names, "value": value}
    ).assign(contribution=contribution)
    table["text"] = [describe(name, shown) for name, shown in zip(names, value, strict=True)]
    is_reason: pd.Series = table["contribution"] != 0
    return table.loc[is_reason].reset_index(drop=True)


def describe(feature: str, value: float) -> str:
    """Say a feature's value in words; a feature that the catalogue does not know is given by name.

    Examples
    --------
    >>> describe("mean_days_late", 12.0)
    'pays on average 12 days after the due date'
    >>> describe("attribute_bureau_score", 71.0)
    'bureau_score: 71'
    """
    known = CATALOGUE.get(feature)
    if feature.startswith(PREFIX):
        said = "unknown" if np.isnan(value) else format(value, "g")
        return f"{feature.removeprefix(PREFIX)}: {said}"
    return known.explain(value) if known else f"{feature} is {value:g}"


def _read_values(features: pd.DataFrame, names: list[str], row: np.ndarray, column: np.ndarray) -> Floats:
    if not names:
        return np.zeros(0)
    shown = np.column_stack([features[name].to_numpy(dtype="float64", na_value=np.nan) for name in names])
    return np.asarray(shown[row, column], dtype="float64")
