"""How calibration ages: what was expected against what was observed, month by month after a model was fitted.

Several variants of the same predictions, such as "as fitted" and "corrected for drift", are measured on the same rows,
so that the gain of a correction is seen on outcomes that it did not know.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from arrisk.frames import to_dates
from arrisk.modeling.bootstrap import bootstrap_mean
from arrisk.modeling.champion import compute_log_loss
from arrisk.modeling.evaluate import to_plain
from arrisk.modeling.metrics import compute_brier, fit_calibration_line, fit_calibration_shift
from arrisk.modeling.rows import Floats, Ints


def list_ageing(variants: Mapping[str, Floats], target: Floats, *, asked_day: Ints, months: int = 1) -> pd.DataFrame:
    """Measure variants of predictions in periods of calendar months.

    Parameters
    ----------
    variants : probabilities by name, each of shape (n,).
    target : 1 = it happened, 0 = it did not, NaN = not known (left out), shape (n,).
    asked_day : the day of each prediction, days since 1970-01-01, shape (n,).
    months : how many calendar months make a period; periods are counted from the month of the first prediction.

    Returns
    -------
    DataFrame
        One row per variant and period that has outcomes, in order: variant, period (0 = the first), starts_on, rows,
        observed and expected share, log_loss, brier, shift (logits that would make expected meet observed), intercept
        and slope of the calibration line.

    Examples
    --------
    >>> target, days = np.array([0.0, 1.0, np.nan]), np.array([0, 31, 59])
    >>> found = list_ageing({"as fitted": np.full(3, 0.5)}, target, asked_day=days)
    >>> found[["period", "rows", "observed", "expected"]].values.tolist()
    [[0.0, 1.0, 0.0, 0.5], [1.0, 1.0, 1.0, 0.5]]
    """
    known = ~np.isnan(target)
    if not known.any():
        return pd.DataFrame(columns=["variant", "period", "starts_on", *_MEASURES])
    month = asked_day.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    first = month.min()
    period = (month - first) // months
    rows = []
    for name, probability in variants.items():
        for number in np.unique(period[known]):
            part = known & (period == number)
            starts = {"period": number, "starts_on": first + number * months}
            rows.append({"variant": name, **starts, **_measure(target[part], probability[part])})
    frame = pd.DataFrame(rows)
    starts_day = frame["starts_on"].to_numpy("datetime64[M]").astype("datetime64[D]").astype("int64")
    return frame.assign(starts_on=to_dates(starts_day))


def report_ageing(
    variants: Mapping[str, Floats], target: Floats, *, asked_day: Ints, customer: Ints, months: int = 1
) -> dict[str, Any]:
    """Say how the calibration of each variant ages, and whether it is better than the first one over all rows.

    Parameters
    ----------
    customer : which customer each row is about, as whole numbers, shape (n,).
        The others are those of ``list_ageing``.

    Returns
    -------
    dict
        Plain data: ``periods``, the rows of ``list_ageing``; ``variants`` by name: the measures over all rows,
        ``mean_gap`` (the mean distance of expected from observed share over the periods, by rows) and
        ``log_loss_gain``: how much smaller the log loss per row is than the first variant's, with its interval over
        customers.
    """
    frame = list_ageing(variants, target, asked_day=asked_day, months=months)
    known = ~np.isnan(target)
    first = next(iter(variants))
    report: dict[str, Any] = {"months": months, "periods": _list_periods(frame), "variants": {}}
    for name, probability in variants.items():
        own = frame.loc[frame["variant"] == name]
        measures: dict[str, Any] = {**_measure(target[known], probability[known]), "mean_gap": _find_gap(own)}
        if name != first and known.any():
            losses = [compute_log_loss(target[known], variants[each][known]) for each in (first, name)]
            measures["log_loss_gain"] = asdict(bootstrap_mean(losses[0] - losses[1], customer[known]))
        report["variants"][name] = measures
    return dict(to_plain(report))


_MEASURES = ("rows", "observed", "expected", "log_loss", "brier", "shift", "intercept", "slope")


def _measure(target: Floats, probability: Floats) -> dict[str, float]:
    if not len(target):
        return {**dict.fromkeys(_MEASURES, math.nan), "rows": 0}
    slope, intercept = fit_calibration_line(target, probability)
    return {
        "rows": len(target),
        "observed": float(target.mean()),
        "expected": float(probability.mean()),
        "log_loss": float(compute_log_loss(target, probability).mean()),
        "brier": compute_brier(target, probability),
        "shift": fit_calibration_shift(target, probability),
        "intercept": intercept,
        "slope": slope,
    }


def _find_gap(periods: pd.DataFrame) -> float:
    gap = (periods["expected"] - periods["observed"]).abs()
    return float(np.average(gap, weights=periods["rows"])) if len(periods) else math.nan


def _list_periods(frame: pd.DataFrame) -> list[dict[str, Any]]:
    starts = frame["starts_on"].dt.strftime("%Y-%m-%d") if len(frame) else frame["starts_on"]
    return [
        {str(key): value for key, value in row.items()} for row in frame.assign(starts_on=starts).to_dict("records")
    ]
