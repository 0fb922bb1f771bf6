"""Outcomes within a horizon; an outcome whose window is not complete is missing, never good."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.frames import NEVER, Days, Mask, match, take
from arrisk.ledger.movements import CREDITED, PAID

_SHIFT = 32


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


def label_default(
    defaults: pd.DataFrame, questions: pd.DataFrame, *, end_day: int, horizon_days: int = 365
) -> npt.NDArray[np.float64]:
    """Label customers as defaulting within a horizon.

    Parameters
    ----------
    defaults : as given by ``list_defaults``, by what was known on the evening of ``end_day``.
    questions : customer_id, as_of_day; any number of each.
    end_day : the last day covered; the window is complete when as_of_day + horizon_days - 1 is not after it.
    horizon_days : length of the window, whose first day is as_of_day.

    Returns
    -------
    array of float64
        1 where a default begins in the window, 0 where none does, NaN where the window is not complete, whatever
        happened in it, or where the customer is in default already.

    Examples
    --------
    >>> defaults = pd.DataFrame({"customer_id": ["A"], "entered_day": [400], "left_day": [NEVER]})
    >>> asked = pd.DataFrame({"customer_id": ["A", "A", "B", "A"], "as_of_day": [30, 36, 36, 401]})
    >>> label_default(defaults, asked, end_day=800).tolist()
    [0.0, 1.0, 0.0, nan]
    """
    window_end = questions["as_of_day"].to_numpy() + horizon_days
    _, following = _find_around(defaults, questions)
    begins = take(defaults["entered_day"].to_numpy(), following, NEVER)
    unknown = (window_end - 1 > end_day) | find_in_default(defaults, questions)
    return np.where(unknown, np.nan, np.where(begins < window_end, 1.0, 0.0))


def find_in_default(defaults: pd.DataFrame, questions: pd.DataFrame) -> Mask:
    """Mark the questions whose customer is in default at the start of the day.

    Parameters
    ----------
    defaults : as given by ``list_defaults``, as of the day of the question or later.
    questions : customer_id, as_of_day.

    Examples
    --------
    >>> defaults = pd.DataFrame({"customer_id": ["A"], "entered_day": [10], "left_day": [20]})
    >>> asked = pd.DataFrame({"customer_id": ["A", "A", "A", "B"], "as_of_day": [10, 11, 21, 11]})
    >>> find_in_default(defaults, asked).tolist()
    [False, True, False, False]
    """
    before, _ = _find_around(defaults, questions)
    left = take(defaults["left_day"].to_numpy(), before, -NEVER)
    return np.asarray(questions["as_of_day"].to_numpy() <= left)


def _find_around(defaults: pd.DataFrame, questions: pd.DataFrame) -> tuple[Days, Days]:
    """Find the customer's last default that began before the day of each question, and the first that did not.

    Gives places in ``defaults``, -1 where there is none.
    """
    customers = pd.Series(defaults["customer_id"].unique(), dtype="str")
    owner, asked = match(defaults["customer_id"], customers), match(questions["customer_id"], customers)
    keys = (owner << _SHIFT) + defaults["entered_day"].to_numpy()
    place = np.searchsorted(keys, (asked << _SHIFT) + questions["as_of_day"].to_numpy())
    owners = np.concatenate([[-2], owner, [-2]])
    before = np.where(owners[place] == asked, place - 1, -1)
    return before, np.where(owners[place + 1] == asked, place, -1)
