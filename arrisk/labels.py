"""Outcomes within a horizon; an outcome whose window is not complete is missing, never good."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.frames import NEVER
from arrisk.ledger.movements import CREDITED, PAID


def label_late(outcomes: pd.DataFrame, *, k: int, end_day: int) -> npt.NDArray[np.float64]:
    """Label invoices as late by k days.

    Late: ended by payment more than k days after the due date, or not ended by payment by then. An invoice
    credited within the window is excluded, and so is a credit note.

    Parameters
    ----------
    outcomes : as given by ``list_outcomes``; one row per invoice.
    k : days after the due date, 0 or more.
    end_day : the last day covered; the window is complete when due_day + k is not after it.

    Returns
    -------
    array of float64
        1 late, 0 not late, NaN where the window is not complete or the invoice is excluded.

    Examples
    --------
    >>> days = {"due_day": [10, 10, 99], "ended_day": [12, 9, 50]}
    >>> rows = pd.DataFrame({"kind": "invoice", "cause": "paid", **days})
    >>> label_late(rows, k=0, end_day=60).tolist()
    [1.0, 0.0, nan]
    """
    due, ended = outcomes["due_day"].to_numpy(), outcomes["ended_day"].to_numpy()
    window_end = due + k
    in_window = ended <= window_end
    late = np.where(in_window & (outcomes["cause"] == PAID).to_numpy(), 0.0, 1.0)
    credited = in_window & (outcomes["cause"] == CREDITED).to_numpy()
    unknown = (window_end > end_day) | (due >= NEVER)
    is_note = (outcomes["kind"] == "credit_note").to_numpy()
    return np.where(credited | unknown | is_note, np.nan, late)
