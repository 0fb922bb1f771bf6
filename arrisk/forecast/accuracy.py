"""Accuracy of past forecasts: by week and over the first weeks, beside the rule, with the band's coverage."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from arrisk.forecast.cash import PARTS
from arrisk.forecast.spread import NEAR_WEEKS


def measure_errors(rows: pd.DataFrame, *, peers: Sequence[str]) -> dict[str, Any]:
    """Measure past forecasts, complete weeks only.

    Parameters
    ----------
    rows : one row per origin and week, as ``CashBacktest`` holds them.
    peers : the names of further forecasts of the open book, such as the rule.

    Returns
    -------
    dict
        origins (their days), near_weeks; and for each part of the receipts ``near`` (the first weeks together), ``all``
        and ``by_week``: rows, mean_actual, the coverage of p10..p90, and by forecast (curve and peers) the mean
        absolute error of a week's sum, the same as a share of the mean actual, and the bias (forecast less actual, as
        a share of it).
    """
    complete = rows.loc[rows["is_complete"]]
    days = [str(day.date()) for day in complete["as_of"].drop_duplicates()]
    return {"origins": days, "near_weeks": NEAR_WEEKS, **{part: _measure_part(complete, part, peers) for part in PARTS}}


def _measure_part(rows: pd.DataFrame, part: str, peers: Sequence[str]) -> dict[str, Any]:
    columns = {"curve": f"{part}_mean"}
    columns |= {name: f"{part}_{name}" for name in peers if f"{part}_{name}" in rows}
    near = rows.loc[rows["week"] <= NEAR_WEEKS]
    weeks = [{"week": int(str(week)), **_measure(part, some, columns)} for week, some in rows.groupby("week")]
    return {"near": _measure(part, near, columns), "all": _measure(part, rows, columns), "by_week": weeks}


def _measure(part: str, rows: pd.DataFrame, columns: dict[str, str]) -> dict[str, Any]:
    actual = rows[f"{part}_actual"].to_numpy()
    mean = float(actual.mean())
    low, high = (rows[f"{part}_{name}"].to_numpy() for name in ("p10", "p90"))
    # Nothing is open any more where the band has no width: that it holds says nothing.
    inside = ((actual >= low) & (actual <= high))[high > low]
    forecasts: dict[str, dict[str, float | None]] = {}
    for name, column in columns.items():
        error = rows[column].to_numpy() - actual
        size = float(np.abs(error).mean())
        forecasts[name] = {
            "mae": size,
            "mae_share": size / mean if mean else None,
            "bias_share": float(error.mean()) / mean if mean else None,
        }
    return {
        "rows": len(rows),
        "mean_actual": mean,
        "coverage": float(inside.mean()) if len(inside) else None,
        "forecasts": forecasts,
    }
