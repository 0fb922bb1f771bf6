"""Splits in time: what is fitted on always lies, and was known, before what it is judged on.

A later slice is predicted by a model that saw only targets known before the slice began. Where a history is too short
for that, its customers are divided instead.
"""

from dataclasses import dataclass

import numpy as np

from arrisk.modeling.rows import Ints, Sample

SLICES, LATER_SHARE = 8, 0.5
"""Into how many slices which share of the rows, the newest, is cut: the second half, in steps."""

MANY_ROWS = 2_000
MANY_SLICES, MANY_LATER_SHARE = 2, 0.3
"""The same for a history so long that less of it is evidence enough."""

MIN_FIT_ROWS = 20

FOLDS = 5
"""Into how many groups customers are divided."""

_SEED = 20_240_101


@dataclass(frozen=True)
class Slice:
    """One step forward in time: positions to fit on and, later, positions to predict."""

    fit: Ints
    test: Ints


def split_forward(sample: Sample) -> list[Slice]:
    """Cut the later part of a history into slices, each to be predicted from what was known before it.

    Parameters
    ----------
    sample : rows in time order.

    Returns
    -------
    list of Slice
        In time order, disjoint in ``test``; empty when there is too little history to judge anything by.
    """
    if len(sample) == 0:
        return []
    starts = _find_starts(sample)
    ends = [*starts[1:], int(sample.asked_day[-1]) + 1]
    slices = [_cut(sample, start=start, end=end) for start, end in zip(starts, ends, strict=True)]
    return [piece for piece in slices if len(piece.fit) >= MIN_FIT_ROWS and len(piece.test)]


def split_somehow(sample: Sample) -> list[Slice]:
    """Cut a history in time; where it is too short for that, divide its customers.

    Customers of one day share the times: that a model predicts others of them says less than that it predicts the years
    to come, but more than nothing.
    """
    return split_forward(sample) or split_customers(sample)


def split_customers(sample: Sample) -> list[Slice]:
    """Divide the customers into groups, each to be predicted from the others; those to whom it happened evenly.

    Returns
    -------
    list of Slice
        Disjoint in ``test``, and in customers between ``fit`` and ``test``; empty when there are too few customers.
    """
    names, who = np.unique(sample.customer, return_inverse=True)
    happened = np.bincount(who, weights=sample.target) > 0
    drawn = np.random.default_rng(_SEED).permutation(len(names))
    fold = np.empty(len(names), dtype="int64")
    fold[drawn[np.argsort(happened[drawn], kind="stable")]] = np.arange(len(names)) % FOLDS
    own = fold[who]
    pieces = [Slice(np.flatnonzero(own != number), np.flatnonzero(own == number)) for number in range(FOLDS)]
    return [piece for piece in pieces if len(piece.fit) >= MIN_FIT_ROWS and len(piece.test)]


def split_latest(sample: Sample, *, share: float) -> Slice:
    """Set the newest share of the rows apart, without dividing a day.

    Examples
    --------
    >>> import pandas as pd
    >>> days = np.array([1, 2, 3, 3])
    >>> sample = Sample(pd.DataFrame(index=range(4)), np.zeros(4), days, days, days, ())
    >>> split_latest(sample, share=0.25)
    Slice(fit=array([0, 1]), test=array([2, 3]))
    """
    start = sample.asked_day[min(len(sample) - 1, int(len(sample) * (1 - share)))]
    return _cut(sample, start=int(start), end=int(sample.asked_day[-1]) + 1)


def _find_starts(sample: Sample) -> list[int]:
    is_long = len(sample) >= MANY_ROWS
    share, count = (MANY_LATER_SHARE, MANY_SLICES) if is_long else (LATER_SHARE, SLICES)
    places = (len(sample) * (1 - share + share * np.arange(count) / count)).astype("int64")
    return sorted({int(day) for day in sample.asked_day[places]})


def _cut(sample: Sample, *, start: int, end: int) -> Slice:
    is_test = (sample.asked_day >= start) & (sample.asked_day < end)
    is_known = (sample.asked_day < start) & (sample.known_day < start)
    return Slice(fit=np.flatnonzero(is_known), test=np.flatnonzero(is_test))
