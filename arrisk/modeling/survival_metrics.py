"""Measures of curves against what happened, when part of it is not known yet.

How long an invoice is followed is given by the calendar: the extract ends on one day, and each due date is so many days
before it. Therefore a measure can be had in two ways: plainly, on the invoices followed long enough; or on all of them,
where those followed long enough count for the others too (inverse probability of censoring weights). The second uses
more rows and is right only if the invoices followed for less time would have ended alike.

"Late by k" is what ``label_late`` says: ended by payment more than k days past due, or not ended by payment by then. So
an invoice written off early is late by every later k, and one credited by then is left out.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.frames import NEVER
from arrisk.ledger.movements import CREDITED, PAID
from arrisk.modeling.rows import Floats, Ints, Mask


@dataclass(frozen=True)
class FollowUp:
    """How invoices ended, as far as they were followed; all in days past due, shape (n,).

    Parameters
    ----------
    ended : the day of the end; NEVER = open when last seen.
    cause : how it ended: "paid", "credited", "written_off"; "" = open.
    followed : the last day that was covered.
    """

    ended: Ints
    cause: npt.NDArray[np.object_]
    followed: Ints

    def __len__(self) -> int:
        return len(self.ended)

    def take(self, part: Mask | Ints) -> Self:
        """Keep some invoices."""
        return type(self)(self.ended[part], self.cause[part], self.followed[part])

    @property
    def is_seen(self) -> Mask:
        """Whether the end was seen."""
        return self.ended <= self.followed

    def label_late(self, k: int) -> Floats:
        """Say whether each was late by k as far as is known: 1 late or still open when last seen, 0 paid by then."""
        return np.where((self.ended <= k) & (self.cause == PAID), 0.0, 1.0)

    def is_known(self, k: int) -> Mask:
        """Say whether its being late by k is known and counts: followed so long or ended before, and not credited."""
        has_ended = self.is_seen & (self.ended <= k)
        is_credited = has_ended & (self.cause == CREDITED)
        return np.asarray((has_ended | (self.followed >= k)) & ~is_credited, dtype="bool")


def follow_invoices(outcomes: pd.DataFrame, *, end_day: int) -> FollowUp:
    """Count the days of each end, and of the end of the extract, from the due date.

    Parameters
    ----------
    outcomes : as given by ``list_outcomes``; invoices with a due date only.
    end_day : the last day covered.

    Examples
    --------
    >>> rows = pd.DataFrame({"due_day": [10, 20], "ended_day": [12, NEVER], "cause": ["paid", ""]})
    >>> found = follow_invoices(rows, end_day=25)
    >>> found.ended[:1].tolist(), found.followed.tolist(), found.is_seen.tolist()
    ([2], [15, 5], [True, False])
    """
    due, ended = (outcomes[name].to_numpy(dtype="int64") for name in ("due_day", "ended_day"))
    return FollowUp(np.where(ended < NEVER, ended - due, NEVER), outcomes["cause"].to_numpy("object"), end_day - due)


@dataclass(frozen=True)
class FollowedShare:
    """The share of the invoices that is followed through the end of a day past due, at least.

    Parameters
    ----------
    days : the days at whose end the following stops for some, rising.
    share : the share followed for longer than each of these days, falling.
    """

    days: Ints
    share: Floats

    def read(self, day: Ints | int) -> Floats:
        """Read the share followed through the end of each day."""
        return np.append(1.0, self.share)[np.searchsorted(self.days, day, side="left")]


def estimate_followed_share(follow_up: FollowUp) -> FollowedShare:
    """Estimate it by Kaplan-Meier with ends and censoring changed about; on the same day ends come first.

    Examples
    --------
    >>> ended, followed = np.array([1, 2, NEVER, 4]), np.array([9, 9, 3, 9])
    >>> estimate_followed_share(FollowUp(ended, np.array(["paid"] * 4, dtype=object), followed)).read(np.array([3, 4]))
    array([1. , 0.5])
    """
    last = np.minimum(follow_up.ended, follow_up.followed)
    days, place = np.unique(last, return_inverse=True)
    ends = np.bincount(place, weights=follow_up.is_seen, minlength=len(days))
    leaving = np.bincount(place, minlength=len(days)).astype("float64")
    at_risk = leaving[::-1].cumsum()[::-1] - ends
    censored = leaving - ends
    share = np.cumprod(1 - censored / np.maximum(at_risk, 1))
    return FollowedShare(days, np.asarray(share, dtype="float64"))


def count_followed_share(follow_up: FollowUp) -> FollowedShare:
    """Count it from the calendar: how long an invoice is followed is known even when it ended before.

    Examples
    --------
    >>> follow_up = FollowUp(np.array([1, NEVER]), np.array(["paid", ""], dtype=object), np.array([9, 3]))
    >>> count_followed_share(follow_up).read(np.array([3, 4, 10]))
    array([1. , 0.5, 0. ])
    """
    days, counts = np.unique(follow_up.followed, return_counts=True)
    return FollowedShare(days, 1 - counts.cumsum() / max(1, len(follow_up)))


def compute_ipcw_brier(follow_up: FollowUp, p_late: Floats, *, k: int, followed_share: FollowedShare) -> float:
    """Compute the Brier score of being late by k on all invoices, those that are known standing for the others.

    Parameters
    ----------
    follow_up : what is known of n invoices.
    p_late : P(late by k), shape (n,).
    k : days past due.
    followed_share : the share of invoices followed through each day.

    Returns
    -------
    float
        NaN where no invoice is followed through k days past due. With all of them followed so long it is the plain
        score.

    Notes
    -----
    Graf, Schmoor, Sauerbrei, Schumacher, Assessment and Comparison of Prognostic Classification Schemes for Survival
    Data, 1999: an invoice that ended on day t <= k counts 1 / G(t), one known to be open through k counts 1 / G(k),
    with G the share followed. A write-off is an end on which being late is known. The sum is divided by the sum of the
    weights, which is the number of invoices when G is their own Kaplan-Meier estimate and none is credited.

    Examples
    --------
    >>> ended, followed = np.array([-1, 5, NEVER, NEVER]), np.array([90, 90, 90, 3])
    >>> follow_up = FollowUp(ended, np.array(["paid", "paid", "", ""], dtype=object), followed)
    >>> share = estimate_followed_share(follow_up)
    >>> compute_ipcw_brier(follow_up, np.array([0.1, 0.4, 0.8, 0.9]), k=30, followed_share=share)
    0.0775
    """
    if not len(follow_up) or not followed_share.read(k) > 0:
        return math.nan
    known = follow_up.is_known(k)
    if not known.any():
        return math.nan
    weight = 1 / followed_share.read(np.minimum(follow_up.ended[known], k))
    loss = (p_late[known] - follow_up.label_late(k)[known]) ** 2
    return float((weight * loss).sum() / weight.sum())


def integrate_brier(scores: Mapping[int, float]) -> float:
    """Average scores by day past due over the days between the first and the last, by the trapezoid rule.

    Examples
    --------
    >>> integrate_brier({0: 0.2, 10: 0.1, 30: 0.1})
    0.11666
    """
    days = sorted(scores)
    return float(np.trapezoid([scores[day] for day in days], days) / (days[-1] - days[0]))


def select_timed(follow_up: FollowUp, *, window: int) -> Mask:
    """Select the invoices on which predicted days can be judged: paid, and followed for a whole window after due.

    Among all that are paid by now, the young ones are only those that paid fast: intervals would seem to miss them on
    the low side. What is left of that lies in the share of the followed that is still open.

    Parameters
    ----------
    follow_up : what is known of n invoices.
    window : days past due through which an invoice must be followed.
    """
    return np.asarray((follow_up.followed >= window) & follow_up.is_seen & (follow_up.cause == PAID), dtype="bool")


def measure_median(paid: Ints, median: Floats) -> dict[str, float]:
    """Measure predicted days of payment by their mean absolute error, in days; NaN without rows.

    Parameters
    ----------
    paid, median : the day past due of payment, and the one predicted, shape (n,).
    """
    return {"mae_median_days": float(np.abs(median - paid).mean()) if len(paid) else math.nan}


def measure_interval(paid: Ints, *, low: Floats, high: Floats) -> dict[str, float]:
    """Measure intervals of days, both ends included.

    Payments come in whole days and many fall on one, so that an interval from p10 to p90 may hold more than 80 % when
    all is right.

    Returns
    -------
    dict
        ``coverage``, ``below`` and ``above``: shares paid inside the interval, before and after it;
        ``mean_width_days``: from its first to its last day. NaN without rows.

    Examples
    --------
    >>> measure_interval(np.array([0, 9]), low=np.array([-5.0, 2]), high=np.array([0.0, 4]))
    {'coverage': 0.5, 'below': 0.0, 'above': 0.5, 'mean_width_days': 3.5}
    """
    if not len(paid):
        return dict.fromkeys(("coverage", "below", "above", "mean_width_days"), math.nan)
    below, above = float((paid < low).mean()), float((paid > high).mean())
    inside = float(((paid >= low) & (paid <= high)).mean())
    return {"coverage": inside, "below": below, "above": above, "mean_width_days": float((high - low).mean())}
