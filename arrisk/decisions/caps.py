"""What bounds a limit: need, capacity, risk appetite, concentration and value, each as an amount of its own.

All amounts are in book currency, as floats of whole units. A cap that does not apply, because what it rests on is not
known, is NaN.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import log_ndtr

from arrisk.policy.limits import DEPTHS, LimitPolicy

Floats = npt.NDArray[np.float64]

_MONTH_DAYS, _YEAR_DAYS = 30.0, 365.0
_STEPS = 60
_FARTHEST = 8.0

SMALL_BOOK = 3.0
"""How many times an equal share of a small book one customer may owe, whatever policy's share is."""


def compute_need(
    monthly_amount: Floats,
    terms_days: Floats,
    invoice_amount: Floats,
    *,
    tolerated_delay_days: float,
    headroom: float,
) -> Floats:
    """Compute the balance that a customer's purchases build up until they are paid.

    The mean balance is purchases a day x days until payment. As invoices come in lumps, the balance varies about it:
    the root of mean balance x usual invoice is the standard deviation of a Poisson stream of equal invoices.

    Parameters
    ----------
    monthly_amount : expected purchases a month, shape (n,).
    terms_days : days from issue to due day.
    invoice_amount : the usual invoice; NaN = not known, and a month's purchases come as one.
    tolerated_delay_days : days after the due day that are allowed for, the same for everybody: paying later never
        earns a higher limit.
    headroom : how many standard deviations of the balance are added.

    Examples
    --------
    >>> monthly, terms, invoice = np.array([10_000.0]), np.array([30.0]), np.array([2_400.0])
    >>> compute_need(monthly, terms, invoice, tolerated_delay_days=15, headroom=0.0)
    array([15000.])
    >>> compute_need(monthly, terms, invoice, tolerated_delay_days=15, headroom=2.0)
    array([27000.])
    """
    mean = monthly_amount * (terms_days + tolerated_delay_days) / _MONTH_DAYS
    lump = np.where(np.isnan(invoice_amount), monthly_amount, invoice_amount)
    return np.asarray(mean + headroom * np.sqrt(np.maximum(mean * lump, 0.0)))


def compute_capacity(subjects: pd.DataFrame, policy: LimitPolicy) -> Floats:
    """Compute what a customer can carry: by its net worth, its working capital or its record with us, and its turnover.

    Whichever of the first three carries most counts, at least the starter amount; turnover bounds it where it is known.

    Parameters
    ----------
    subjects : net_worth_amount, working_capital_amount, turnover_amount and paid_year_amount, NaN = not known; depth,
        a letter of ``DEPTHS``.
    policy : the shares by depth.
    """
    depth = subjects["depth"].map({letter: place for place, letter in enumerate(DEPTHS)}).to_numpy(dtype="int64")

    def share_of(column: str, shares: tuple[float, ...]) -> Floats:
        amount = subjects[column].to_numpy(dtype="float64")
        return np.asarray(np.maximum(amount, 0.0) * np.array(shares)[depth])

    carried = [
        share_of("net_worth_amount", policy.net_worth_share),
        share_of("working_capital_amount", policy.working_capital_share),
        share_of("paid_year_amount", policy.record_share),
        np.array(policy.starter_amount)[depth],
    ]
    turnover = share_of("turnover_amount", policy.turnover_share)
    return np.asarray(np.fmin(np.fmax.reduce(carried), turnover))


@dataclass(frozen=True)
class Budgets:
    """What may be at stake, in book currency; NaN = without a bound.

    Parameters
    ----------
    expected_amount, tail_amount : with one customer: expected loss of a year, and loss should it fail.
    single_amount, industry_amount, country_amount : owed by one customer, by an industry, by a country.
    """

    expected_amount: float
    tail_amount: float
    single_amount: float
    industry_amount: float
    country_amount: float


def set_budgets(policy: LimitPolicy, *, count: int, book_amount: float) -> Budgets:
    """Turn policy's shares into amounts.

    In a book of few customers none can owe as little as policy's share: each may have ``SMALL_BOOK`` times an equal
    one.

    Parameters
    ----------
    policy : the shares of all that we are owed.
    count : how many customers there are.
    book_amount : all that we are owed.
    """
    few = SMALL_BOOK / max(count, 1)
    widened = max(1.0, few / policy.book_share) if policy.book_share else 1.0
    return Budgets(
        expected_amount=policy.expected_loss_share * widened * book_amount,
        tail_amount=max(policy.tail_loss_share, few) * book_amount,
        single_amount=max(policy.book_share, few) * book_amount,
        industry_amount=policy.industry_share * book_amount if policy.industry_share < 1 else np.nan,
        country_amount=policy.country_share * book_amount if policy.country_share < 1 else np.nan,
    )


def compute_risk_caps(subjects: pd.DataFrame, budgets: Budgets) -> dict[str, Floats]:
    """Compute what the budgets for losses allow.

    Parameters
    ----------
    subjects : p_limit (probability of default that limits reckon with) and lgd (of what is not covered).
    """
    p, lgd = (subjects[name].to_numpy(dtype="float64") for name in ("p_limit", "lgd"))
    with np.errstate(divide="ignore"):
        return {"expected_loss": budgets.expected_amount / (p * lgd), "tail_loss": budgets.tail_amount / lgd}


def compute_concentration_caps(subjects: pd.DataFrame, budgets: Budgets) -> dict[str, Floats]:
    """Compute what spreading allows: so much for each, and growth only where its industry and country have room.

    Parameters
    ----------
    subjects : open_amount, industry and country (missing = not bounded).
    """
    own = np.maximum(subjects["open_amount"].to_numpy(dtype="float64"), 0.0)
    caps = {"book": np.full(len(subjects), budgets.single_amount)}
    for level, most in (("industry", budgets.industry_amount), ("country", budgets.country_amount)):
        code, names = pd.factorize(subjects[level])
        owed = np.bincount(code + 1, weights=own, minlength=len(names) + 1)[1:]
        caps[level] = own + np.maximum(most - np.append(owed, np.nan)[code], 0.0)
    return caps


def compute_value_cap(subjects: pd.DataFrame, policy: LimitPolicy, need: Floats) -> Floats:
    """Compute the limit at which one more unit earns as much in margin as it costs in losses and money.

    The balance that a customer wants is log-normal about its need; one more unit of limit is used whenever the
    balance would be higher. A customer who fails owes more than usual by then, so that the last units of a high limit
    are used by failures more than by trade: marginal margin falls below marginal expected loss at some point.

    Parameters
    ----------
    subjects : p_limit, lgd, terms_days.
    policy : margin, cost of money, spread of the balance, stretch at default.
    need : as given by ``compute_need``.

    Returns
    -------
    array of shape (n,)
        0 where even the first unit does not pay.
    """
    p, lgd, terms = (subjects[name].to_numpy(dtype="float64") for name in ("p_limit", "lgd", "terms_days"))
    turns = _YEAR_DAYS / (terms + policy.tolerated_delay_days)
    earned = policy.margin_share * turns - policy.cost_of_money
    lost = p * lgd
    spread, stretch = policy.need_spread, np.log(policy.stretch_at_default)
    low, high = np.full(len(p), -_FARTHEST), np.full(len(p), _FARTHEST)
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.log(earned) - np.log(lost)
        for _ in range(_STEPS):
            middle = (low + high) / 2
            # P(default uses it) over P(trade uses it) rises with the limit: bisect on its logarithm.
            used = log_ndtr(-(middle - stretch) / spread) - log_ndtr(-middle / spread)
            pays = used < worth
            low, high = np.where(pays, middle, low), np.where(pays, high, middle)
    cap = need * np.exp(low)
    return np.where((earned <= 0) | (worth <= 0), 0.0, np.where(np.isnan(worth), np.nan, cap))


def share_in_groups(own: Floats, subjects: pd.DataFrame, budgets: Budgets, *, multiple: float) -> Floats:
    """Give what is left to each customer when its whole group keeps to the budgets of a group.

    Parameters
    ----------
    own : what each could owe by itself, without cover.
    subjects : group (missing = stands alone), p_limit and lgd.
    multiple : how many times a single customer's budgets a group may use.

    Returns
    -------
    array of shape (n,)
        NaN where a customer stands alone or the group keeps within its budgets.
    """
    code = pd.factorize(subjects["group"])[0]
    p, lgd = (subjects[name].to_numpy(dtype="float64") for name in ("p_limit", "lgd"))
    factor = np.ones(len(own))
    for budget, weight in ((budgets.expected_amount, p * lgd), (budgets.tail_amount, lgd)):
        used = np.bincount(code + 1, weights=np.nan_to_num(own * weight), minlength=1)
        used[0] = 0.0
        allowed = budget * multiple
        factor = np.minimum(factor, allowed / np.maximum(np.maximum(used, allowed)[code + 1], 1e-12))
    return np.where(factor < 1.0, own * factor, np.nan)
