"""Late by 0, 30, 60 and 90 days as a chain: each link is the probability of the next given the one before.

p_late_30 = p_late x P(late by 30 | late), and so on. A product of probabilities cannot grow, so that p_late_k
falls in k by construction, whatever models the links are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.frames import to_dates
from arrisk.modeling.calibrate import Calibrator
from arrisk.modeling.candidates import Model
from arrisk.modeling.delay import DelayCurve, InvoiceCurves, bend_curves
from arrisk.modeling.rows import Column, Floats, Ints, require_columns

HORIZONS: tuple[int, ...] = (0, 30, 60, 90)
"""Days past due for which lateness is predicted."""

QUANTILES = {"paid_on_p10": 0.1, "expected_paid_on": 0.5, "paid_on_p90": 0.9}


def name_horizon(k: int) -> str:
    """Name the column of late by k.

    Examples
    --------
    >>> name_horizon(0), name_horizon(30)
    ('p_late', 'p_late_30')
    """
    return "p_late" if k == 0 else f"p_late_{k}"


@dataclass(frozen=True)
class Link:
    """One calibrated model."""

    model: Model
    calibrator: Calibrator

    def predict(self, features: pd.DataFrame) -> Floats:
        """Give each row's calibrated probability, shape (n,)."""
        return self.calibrator.calibrate(self.model.predict_margin(features))


@dataclass(frozen=True)
class LateModel:
    """All that is needed to score invoices for late payment.

    Parameters
    ----------
    columns : the features that it reads.
    links : one per horizon of ``HORIZONS``: late by k given late by the horizon before.
    curve : the portfolio's delays.
    """

    columns: tuple[Column, ...]
    links: tuple[Link, ...]
    curve: DelayCurve


def predict_late(model: LateModel, features: pd.DataFrame) -> Floats:
    """Predict the probability of being late by each horizon, as of issue.

    Returns
    -------
    array of shape (n, 4)
        Falling along each row, strictly between 0 and 1.
    """
    require_columns(features, model.columns)
    links = np.column_stack([link.predict(features) for link in model.links])
    return np.asarray(np.cumprod(links, axis=1), dtype="float64")


def predict_at_issue(model: LateModel, features: pd.DataFrame, *, issued_day: Ints, due_day: Ints) -> pd.DataFrame:
    """Predict invoices on the day they are issued.

    Parameters
    ----------
    features : one row per invoice, as of its issue.
    issued_day, due_day : days since 1970-01-01, shape (n,).

    Returns
    -------
    DataFrame
        One row per invoice, index as ``features``: p_late, p_late_30, p_late_60, p_late_90, paid_on_p10,
        expected_paid_on, paid_on_p90 (given that it is paid; not before ``issued_day``).
    """
    late = predict_late(model, features)
    return _describe(model, late, due_day=due_day, issued_day=issued_day, as_of_day=issued_day, index=features.index)


def predict_open(
    model: LateModel, features: pd.DataFrame, *, issued_day: Ints, due_day: Ints, as_of_day: int
) -> pd.DataFrame:
    """Predict invoices that are open at the start of a day, given that they are.

    An invoice more than k days past due has p_late_k = 1. Parameters and columns are those of
    ``predict_at_issue``, with the dates not before ``as_of_day``.
    """
    late = predict_late(model, features)
    day = np.full(len(features), as_of_day, dtype="int64")
    return _describe(model, late, due_day=due_day, issued_day=issued_day, as_of_day=day, index=features.index)


def predict_still_open(
    model: LateModel,
    features: pd.DataFrame,
    *,
    issued_day: Ints,
    due_day: Ints,
    as_of_day: int,
    horizon_days: int,
) -> Floats:
    """Predict the probability that an invoice open at the start of a day is open at the end of a later one.

    Parameters
    ----------
    horizon_days : how many days after ``as_of_day`` that later day is.

    Returns
    -------
    array of shape (n,)
    """
    late = predict_late(model, features)
    result = np.empty(len(features))
    age, youngest = as_of_day - due_day, issued_day - due_day
    for rows, curves in bend_curves(model.curve, late, horizons=HORIZONS):
        start = _read_start(curves, np.maximum(age[rows], youngest[rows]))
        result[rows] = np.clip(curves.read(age[rows] + horizon_days) / start, 0.0, 1.0)
    return result


def _describe(
    model: LateModel, late: Floats, *, due_day: Ints, issued_day: Ints, as_of_day: Ints, index: pd.Index
) -> pd.DataFrame:
    given, days = np.empty_like(late), {name: np.empty(len(late), dtype="int64") for name in QUANTILES}
    age, youngest = as_of_day - due_day, issued_day - due_day
    for rows, curves in bend_curves(model.curve, late, horizons=HORIZONS):
        # p_late is already conditional on being open at issue: only what passed since then is divided out.
        at_issue = _read_start(curves, youngest[rows])
        start = _read_start(curves, np.maximum(age[rows], youngest[rows]))
        given[rows] = _condition(late[rows] * (at_issue / start)[:, None], age[rows])
        for name, quantile in QUANTILES.items():
            found = curves.find_day((1 - quantile) * start)
            days[name][rows] = np.maximum(found, np.maximum(age[rows], youngest[rows]))
    frame = pd.DataFrame({name_horizon(k): given[:, place] for place, k in enumerate(HORIZONS)}, index=index)
    for name in QUANTILES:
        frame[name] = to_dates(days[name] + due_day, index=index)
    return frame


def _read_start(curves: InvoiceCurves, age: Ints) -> Floats:
    # Open at the start of a day means not paid by the end of the day before.
    return np.maximum(curves.read(age - 1), 1e-300)


def _condition(late: Floats, age: Ints, horizons: Sequence[int] = HORIZONS) -> Floats:
    given = np.minimum(late, 1.0)
    for place, k in enumerate(horizons):
        given[:, place] = np.where(age > k, 1.0, given[:, place])
    return given
