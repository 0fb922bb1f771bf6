"""Recommended terms: days, deposit, cash discount worth offering, and when the limit is looked at again."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from arrisk.decisions.caps import Floats
from arrisk.policy import Policy

_YEAR_DAYS = 365.0


class DiscountCost(NamedTuple):
    """What a cash discount costs a year, as shares."""

    simple: float
    compound: float


def annualise_discount(share: float, *, discount_days: float, net_days: float) -> DiscountCost:
    """Annualise what a cash discount costs who gives it, or earns who takes it.

    Parameters
    ----------
    share : of the invoice, below 1.
    discount_days, net_days : days after issue within which it is given, and on which the full amount is due.

    Raises
    ------
    ValueError
        When the full amount is not due later than the discount ends.

    Examples
    --------
    2 % within 10 days, or net after 30:

    >>> annualise_discount(0.02, discount_days=10, net_days=30)
    DiscountCost(simple=0.3724, compound=0.4459)
    """
    if net_days <= discount_days:
        raise ValueError("the full amount must be due later than the discount ends")
    cost, periods = share / (1.0 - share), _YEAR_DAYS / (net_days - discount_days)
    return DiscountCost(cost * periods, (1.0 + cost) ** periods - 1.0)


def recommend_terms(subjects: pd.DataFrame, limits: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Recommend each customer's terms.

    Parameters
    ----------
    subjects : as given by ``describe_subjects``, with mean_days_late.
    limits : as given by ``recommend_limits``, in the same order.
    policy : the longest terms, deposit and review of each grade, and the cash discount that may be offered.

    Returns
    -------
    DataFrame
        One row per customer: recommended_terms_days (0 = payment before delivery), deposit_share (0..1),
        discount_worth_share (the highest cash discount for payment within policy's days that costs us no more than it
        saves in money and risk), discount_share (policy's, where it is worth it; else 0), discount_cost_share (what
        that discount costs us a year, compound; NaN without) and review_days.
    """
    terms, shares = policy.terms, np.array(policy.limits.need_share)
    # Who has no grade, because nothing could be learnt yet, is treated as the worst that is still sold to.
    worst_sold = max(int((shares > 0).sum()) - 1, 0)
    rank = subjects["grade_rank"].to_numpy(dtype="int64")
    row = np.where(rank < 0, worst_sold, np.minimum(rank, len(shares) - 1))
    is_zero = (limits["recommended_limit"] <= 0).to_numpy()
    usual = subjects["terms_days"].to_numpy(dtype="float64")
    days = np.minimum(np.round(usual), np.array(terms.longest_days, dtype="float64")[row])
    worth = _find_worth(subjects, days, policy)
    offered = np.where(
        ~is_zero & (worth >= terms.discount_share) & (days > terms.discount_days), terms.discount_share, 0.0
    )
    cost, apart = terms.discount_share / (1.0 - terms.discount_share), np.maximum(days - terms.discount_days, 1.0)
    return pd.DataFrame(
        {
            "recommended_terms_days": np.where(is_zero, 0, days).astype("int64"),
            "deposit_share": np.where(is_zero, 1.0, np.array(terms.deposit_share)[row]),
            "discount_worth_share": np.where(is_zero, 0.0, worth),
            "discount_share": offered,
            "discount_cost_share": np.where(offered > 0, (1.0 + cost) ** (_YEAR_DAYS / apart) - 1.0, np.nan),
            "review_days": np.array(terms.review_days, dtype="int64")[row],
        },
        index=subjects.index,
    )


def _find_worth(subjects: pd.DataFrame, days: Floats, policy: Policy) -> Floats:
    """Give the share that being paid within the discount's days is worth: money sooner, and at risk for less time."""
    late = np.nan_to_num(subjects["mean_days_late"].to_numpy(dtype="float64"))
    saved = np.maximum(days + late - policy.terms.discount_days, 0.0) / _YEAR_DAYS
    p, lgd = (subjects[name].to_numpy(dtype="float64") for name in ("p_default_12m", "lgd"))
    return np.asarray(1.0 - (1.0 + policy.limits.cost_of_money) ** -saved + np.nan_to_num(p * lgd) * saved)
