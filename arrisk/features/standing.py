"""Adds up what stood on the day of each question: security that was valid, events that were known."""

import numpy as np
import pandas as pd

from arrisk.features.grouping import Ints
from arrisk.frames import NEVER

_OWNER_SHIFT = 33


def sum_standing(standing: pd.DataFrame, *, customer: Ints, days: Ints) -> Ints:
    """Add up, for each question, the amounts of its customer that stand as of its day.

    Parameters
    ----------
    standing : one row per interval: owner (-1 = nobody), start, stop (stands as of D iff start < D <= stop), amount
        (int64).
    customer, days : of each question, customer -1 = nobody.

    Examples
    --------
    >>> rows = pd.DataFrame({"owner": [0, 0], "start": [3, 5], "stop": [9, NEVER], "amount": [10, 7]})
    >>> sum_standing(rows, customer=np.array([0, 0, 0, 1]), days=np.array([3, 6, 10, 6]))
    array([ 0, 17,  7,  0])
    """
    kept = standing.loc[((standing["owner"] >= 0) & (standing["start"] < standing["stop"])).to_numpy(dtype=bool)]
    owner, amount = kept["owner"].to_numpy(), kept["amount"].to_numpy()
    begun, ended = (_sum_before(owner, kept[name].to_numpy(), amount, customer, days) for name in ("start", "stop"))
    return begun - ended


def _sum_before(owner: Ints, moment: Ints, amount: Ints, customer: Ints, days: Ints) -> Ints:
    """Add up each customer's amounts whose moment lies before the question's day."""
    keys = _pack(owner, moment)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    # Whole numbers: what is added for another customer, or later, is taken away again exactly.
    totals = np.concatenate([[0], np.cumsum(amount[order])])
    places = np.searchsorted(keys, _pack(customer, days))
    return np.asarray(totals[places] - totals[np.searchsorted(keys, _pack(customer, np.full(len(days), -NEVER)))])


def _pack(owner: Ints, day: Ints) -> Ints:
    return (owner.astype("int64") << _OWNER_SHIFT) + np.clip(day, -NEVER, NEVER) + NEVER
