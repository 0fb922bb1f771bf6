"""How strongly invoices are paid early or late together: inside a customer, and throughout the book.

Each past invoice gets a normal score: how early or late it was paid, measured by its own curve (low = early). Only an
interval of the score is known, of a day or, for what is still open, everything later; its expected value given that
interval is taken, whose covariance between two invoices is, to first order, their correlation times both variances.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

from arrisk.forecast.receipts import OpenAmounts
from arrisk.frames import NEVER, match, take
from arrisk.modeling.rows import Floats, Ints

_USUAL_CUSTOMER, _USUAL_BOOK = 0.2, 0.02
"""The shares that a ledger without a past is given."""
_PRIOR_CUSTOMERS, _PRIOR_ORIGINS = 30.0, 3.0
_MOST_CUSTOMER, _MOST_BOOK = 0.7, 0.25
_LEAST_SHARE = 1e-4


@dataclass(frozen=True)
class Dependence:
    """Which share of the variance of an invoice's normal score it has in common with others.

    Parameters
    ----------
    customer : with the invoices of the same customer.
    book : with all invoices.
    """

    customer: float = _USUAL_CUSTOMER
    book: float = _USUAL_BOOK

    @property
    def own(self) -> float:
        """The share that is the invoice's own."""
        return 1.0 - self.customer - self.book


class _Moments(NamedTuple):
    """Mean products of two scores, divided by both variances, and how much they rest on."""

    same_customer: float
    other_customer: float
    customers: int


def estimate_dependence(pasts: Sequence[OpenAmounts], outcomes: pd.DataFrame, *, seen_day: int) -> Dependence:
    """Estimate the dependence from what became of past open books, by the method of moments.

    Both shares are drawn towards usual ones, the more the fewer customers and days there are.

    Parameters
    ----------
    pasts : the open book as of some earlier days.
    outcomes : as given by ``list_outcomes`` as of ``seen_day``.
    seen_day : what happened before this day was seen.
    """
    moments = [found for past in pasts if (found := _measure(past, outcomes, seen_day)) is not None]
    origins, customers = len(moments), sum(found.customers for found in moments)
    between = _shrink([m.other_customer for m in moments], [1.0] * origins, _USUAL_BOOK, _PRIOR_ORIGINS)
    weights = [float(m.customers) for m in moments]
    usual = _USUAL_CUSTOMER + _USUAL_BOOK
    within = _shrink([m.same_customer for m in moments], weights, usual, _PRIOR_CUSTOMERS) if customers else usual
    book = float(np.clip(between, 0.0, _MOST_BOOK))
    return Dependence(float(np.clip(within - book, 0.0, _MOST_CUSTOMER)), book)


def _shrink(values: Sequence[float], weights: Sequence[float], usual: float, strength: float) -> float:
    return float((np.dot(values, weights) + strength * usual) / (sum(weights) + strength))


def _measure(past: OpenAmounts, outcomes: pd.DataFrame, seen_day: int) -> _Moments | None:
    scores, variances = score_past(past, outcomes, seen_day=seen_day)
    count = np.bincount(past.customers)
    if len(count) < 2 or variances.max() <= 0:
        return None
    same, other = _pair(scores, past.customers)
    most_same, most_other = _pair(variances, past.customers)
    same_customer = same / most_same if most_same > 0 else 0.0
    return _Moments(same_customer, other / most_other if most_other > 0 else 0.0, int((count > 1).sum()))


def _pair(values: Floats, customers: Ints) -> tuple[float, float]:
    """Add up the products of all pairs of one customer, and of two; in the first each invoice counts once.

    Otherwise the few customers with the most invoices would be all that is seen.
    """
    count, total = np.bincount(customers), np.bincount(customers, values)
    square = np.bincount(customers, values**2)
    several = count > 1
    same = ((total**2 - square)[several] / (count[several] - 1)).sum()
    return float(same), float(total.sum() ** 2 - (total**2).sum())


def score_past(past: OpenAmounts, outcomes: pd.DataFrame, *, seen_day: int) -> tuple[Floats, Floats]:
    """Give each invoice of a past open book the expected value of its normal score, given what was seen of it.

    Parameters
    ----------
    past : the open book as of an earlier day.
    outcomes : as given by ``list_outcomes`` as of ``seen_day``.
    seen_day : what happened before this day was seen.

    Returns
    -------
    (array, array), each of shape (n,)
        The scores, negative = earlier than its curve said; and the variance that each was to have by its curve, which
        is the less of 1 the less could be seen.
    """
    place = match(past.items["invoice_id"], outcomes["invoice_id"])
    ended = take(outcomes["ended_day"].to_numpy(), place, NEVER)
    is_paid = take((outcomes["cause"] == "paid").to_numpy(), place, 0).astype(bool) & (ended < seen_day)
    # A receipt from before the day, booked after it, is the earliest payment there can be.
    last = np.maximum(np.minimum(ended, seen_day - 1), past.horizon.as_of_day) - past.due_days
    low = past.curves.read_paid(np.where(is_paid, last - 1, last))
    high = np.where(is_paid, past.curves.read_paid(last), 1.0)
    seen_share = past.curves.read_paid(seen_day - 1 - past.due_days)
    return _expect_score(low, high), _expect_variance(seen_share)


def _expect_score(low: Floats, high: Floats) -> Floats:
    """Give E[z | low < P(z) < high] of a standard normal z."""
    low = np.clip(low, 0.0, 1.0 - _LEAST_SHARE)
    high = np.clip(np.maximum(high, low + _LEAST_SHARE), 0.0, 1.0)
    return (_density(low) - _density(high)) / (high - low)


def _expect_variance(seen_share: Floats) -> Floats:
    """Give the variance of the expected score of a standard normal z that is seen up to a share of its law.

    It is 1 less what is left of z's variance above that share.
    """
    share = np.clip(seen_share, 0.0, 1.0 - _LEAST_SHARE)
    above = _density(share) / (1.0 - share)
    limit = ndtri(np.maximum(share, _LEAST_SHARE))
    return np.where(share > _LEAST_SHARE, share + (1.0 - share) * above * (above - limit), 0.0)


def _density(share: Floats) -> Floats:
    """Give the normal density at the quantile of each share."""
    inside = (share > 0) & (share < 1)
    return np.where(inside, np.exp(-0.5 * ndtri(np.where(inside, share, 0.5)) ** 2) / np.sqrt(2 * np.pi), 0.0)
