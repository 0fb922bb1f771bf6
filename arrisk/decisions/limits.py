"""Recommended limits: the smallest of need and caps, extended by cover, and which of them bound it."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.decisions.caps import (
    Budgets,
    Floats,
    compute_capacity,
    compute_concentration_caps,
    compute_need,
    compute_risk_caps,
    compute_value_cap,
    set_budgets,
    share_in_groups,
)
from arrisk.frames import Mask
from arrisk.policy.limits import DEPTHS, LimitPolicy

NEED, STARTER, REFUSED, IN_DEFAULT = "need", "starter", "refused", "in_default"

CAPS = ("capacity", "grade", "expected_loss", "tail_loss", "book", "industry", "country", "value", "group")
"""What bounds the part of a limit that nobody covers, in the order in which ties are named."""

_PLACE = {letter: place for place, letter in enumerate(DEPTHS)}

WORDS: Mapping[str, str] = MappingProxyType(
    {
        NEED: "its need",
        STARTER: "the starter limit: too little is known",
        REFUSED: "refused: the grade is not sold to on credit",
        IN_DEFAULT: "in default",
        "capacity": "what it can carry by net worth, record and turnover",
        "grade": "the share of the need that its grade is given",
        "expected_loss": "the budget for expected loss",
        "tail_loss": "the budget for the loss should it fail",
        "book": "its share of all that we are owed",
        "industry": "what its industry owes already",
        "country": "what its country owes already",
        "value": "where margin no longer pays for risk and money",
        "group": "the budget of its group",
    }
)
"""What each bound is, in words."""


def recommend_limits(subjects: pd.DataFrame, policy: LimitPolicy, *, book_amount: float) -> pd.DataFrame:
    """Recommend each customer's limit.

    The limit is the smaller of the need and of own limit plus cover. Where no need is known, a starter amount takes
    its place.

    Parameters
    ----------
    subjects : one row per customer, as ``describe_subjects`` gives them.
    policy : what bounds limits.
    book_amount : all that we are owed, in book currency.

    Returns
    -------
    DataFrame
        One row per customer, in the order given: need_amount, one ``NAME_cap_amount`` for each of ``CAPS`` (NaN = does
        not apply), own_amount (what is given without cover), cover_amount, recommended_limit (amounts in book
        currency), limit_kind (``amount`` or ``zero``) and binding (of ``WORDS``).
    """
    budgets = set_budgets(policy, count=len(subjects), book_amount=book_amount)
    stated = compute_need(
        subjects["monthly_amount"].to_numpy(dtype="float64"),
        subjects["terms_days"].to_numpy(dtype="float64"),
        subjects["invoice_amount"].to_numpy(dtype="float64"),
        tolerated_delay_days=policy.tolerated_delay_days,
        headroom=policy.headroom,
    )
    starter = np.array(policy.starter_amount)[subjects["depth"].map(_PLACE).to_numpy(dtype="int64")]
    # Without a need, or without a probability of default, nothing else can be said.
    starts = ~(stated > 0) | subjects["p_limit"].isna().to_numpy()
    need = np.where(starts, np.fmin(np.where(stated > 0, stated, np.nan), starter), stated)
    share = _find_need_share(subjects, policy)
    caps = _compute_caps(subjects, policy, budgets, need, share)
    own = np.fmin.reduce(list(caps.values()))
    cover = subjects["cover_amount"].to_numpy(dtype="float64")
    limit = np.minimum(need, extend_by_cover(own, cover))
    binding = _name_binding(need, caps, limit, starts)
    refused = share == 0
    defaulted = subjects["in_default"].to_numpy(dtype=bool)
    limit = np.where(refused | defaulted, 0.0, round_down(limit, policy.round_to))
    columns = {f"{name}_cap_amount": cap for name, cap in caps.items()}
    return pd.DataFrame(
        {
            "need_amount": need,
            **columns,
            "own_amount": np.minimum(need, own),
            "cover_amount": cover,
            "recommended_limit": limit,
            "limit_kind": np.where(limit > 0, "amount", "zero"),
            "binding": np.select([defaulted, refused], [IN_DEFAULT, REFUSED], binding),
        },
        index=subjects.index,
    )


def round_down(amounts: Floats, step: float) -> Floats:
    """Round amounts down to two significant digits, and to whole multiples of a step.

    Examples
    --------
    >>> round_down(np.array([13_186.0, 999.9, 372.0, 28_000.0]), 50.0)
    array([13000.,   950.,   350., 28000.])
    """
    # A hair more, so that an amount that is a float's error below a round one stays that.
    whole = np.maximum(amounts, 0.0) * (1.0 + 1e-12)
    digits = 10.0 ** (np.floor(np.log10(np.maximum(whole, 1.0))) - 1.0)
    return np.asarray(np.floor(np.floor(whole / digits) * digits / step) * step)


def extend_by_cover(own: Floats, cover: Floats) -> Floats:
    """Add what security or insurance pays for to what we risk ourselves.

    Parameters
    ----------
    own : what we are ready to risk.
    cover : insured or secured amount x the share of it that is paid.

    Examples
    --------
    A limit of 100,000 of our own, 50,000 insured at 50 %:

    >>> extend_by_cover(np.array([100_000.0]), np.array([50_000 * 0.5]))
    array([125000.])
    """
    return np.asarray(own + np.maximum(cover, 0.0))


def _find_need_share(subjects: pd.DataFrame, policy: LimitPolicy) -> Floats:
    """Give the share of the need that each grade allows; all of it where a grade says nothing about the customer.

    That is, without a grade, and where everybody has the same probability because nothing tells customers apart yet.
    """
    rank = np.where(subjects["is_told_apart"], subjects["grade_rank"], -1)
    return np.asarray(np.append(policy.need_share, 1.0)[rank])


def _compute_caps(
    subjects: pd.DataFrame, policy: LimitPolicy, budgets: Budgets, need: Floats, share: Floats
) -> dict[str, Floats]:
    caps = {
        "capacity": compute_capacity(subjects, policy),
        "grade": np.where(share < 1, need * share, np.nan),
        **compute_risk_caps(subjects, budgets),
        **compute_concentration_caps(subjects, budgets),
        "value": compute_value_cap(subjects, policy, need),
    }
    alone = np.minimum(need, np.fmin.reduce(list(caps.values())))
    caps["group"] = share_in_groups(alone, subjects, budgets, multiple=policy.group_multiple)
    return caps


def _name_binding(need: Floats, caps: Mapping[str, Floats], limit: Floats, starts: Mask) -> npt.NDArray[np.str_]:
    """Name what the limit is equal to: the need, or else the smallest cap."""
    table = np.column_stack([np.where(np.isnan(caps[name]), np.inf, caps[name]) for name in CAPS])
    smallest = np.array(CAPS)[np.argmin(table, axis=1)]
    return np.where(limit < need, smallest, np.where(starts, STARTER, NEED))
