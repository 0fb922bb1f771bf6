"""Sums the parts of a score to reasons, and finds the feature that speaks for each."""

import numpy as np

from arrisk.features.compiled import entry
from arrisk.modeling.rows import Floats, Ints

_LAST = 1e-6
"""What a part counts for in choosing who speaks whose value lies where it would not be expected."""


def sum_reasons(parts: Floats, place: Ints, side: Floats, *, count: int) -> tuple[Floats, Ints]:
    """Sum the parts of each reason, and find the strongest of them in the direction of the sum.

    Parameters
    ----------
    parts, place, side : of each row and feature, shape (n, f): its part, its reason's place, and ``Asked.side``.
    count : of the reasons.

    Returns
    -------
    array of shape (n, count), array of shape (n, count)
        The sum of each reason, and the place of the feature that speaks for it.
    """
    totals, speaker = _sum_up(*(np.ascontiguousarray(each) for each in (parts, place, side)), count)
    return totals, speaker


@entry
def _sum_up(parts: Floats, place: Ints, side: Floats, count: int) -> tuple[Floats, Ints]:
    totals, best = np.zeros((len(parts), count)), np.full((len(parts), count), -np.inf)
    speaker = np.zeros((len(parts), count), dtype=np.int64)
    for row in range(len(parts)):
        # One feature after the other, so that one row and a batch agree exactly.
        for column in range(parts.shape[1]):
            totals[row, place[row, column]] += parts[row, column]
        for column in range(parts.shape[1]):
            own, part = place[row, column], parts[row, column]
            strength = part * np.sign(totals[row, own])
            if part * side[row, column] < 0:
                strength *= _LAST
            if strength > best[row, own]:
                best[row, own] = strength
                speaker[row, own] = column
    return totals, speaker
