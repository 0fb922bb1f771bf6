"""How much of each case is lost: what came back so far, what should still come, and what that was worth on day one.

A recent case has not had its time. Dropping it, or taking it as final, would bias the loss: instead the run-off of all
cases together, each as long as it was followed, says what an unfinished one should still bring.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.errors import InputError
from arrisk.frames import Days, Mask
from arrisk.modeling.lgd.cases import Workouts
from arrisk.modeling.rows import Floats

YEAR = 365.0


@dataclass(frozen=True)
class RunOff:
    """How exposure turns into money, day by day after the start of a case.

    Parameters
    ----------
    left : share neither paid nor closed at the end of each day, shape (horizon + 1,).
    paid : share paid on each day, same shape; what was closed before is out of it.
    seen_days : the last day on which any open case was followed: what comes later was never seen, and counts as 0.
    """

    left: Floats
    paid: Floats
    seen_days: int


def fit_run_off(workouts: Workouts, *, horizon_days: int) -> RunOff:
    """Estimate the run-off of an exposure from finished and unfinished cases alike.

    Each case counts with shares of its own exposure, so that one large debtor does not decide. On each day the rate of
    payment is what was paid over what was left of the cases still followed; rates multiply up (the product-limit
    estimator of Kaplan and Meier, 1958; with two ways to end, of Aalen and Johansen, 1978), on money instead of cases.

    Parameters
    ----------
    workouts : the cases.
    horizon_days : what comes later after the start counts as lost.

    Returns
    -------
    RunOff

    Examples
    --------
    >>> cases = pd.DataFrame({"exposure": [100, 100], "followed_days": [9, 1], "closed_days": 2**31 - 1})
    >>> flows = pd.DataFrame({"case": [0, 0], "offset_days": [1, 3], "amount": [20, 40]})
    >>> fit_run_off(Workouts(cases, flows), horizon_days=4).left
    array([1.  , 0.9 , 0.9 , 0.45, 0.45])
    """
    shares = _list_shares(workouts, horizon_days)
    leaves, is_closing = _find_leaves(workouts.cases, horizon_days)
    days = horizon_days + 1
    paid = np.bincount(shares["offset_days"], weights=shares["share"], minlength=days)
    rest = 1.0 - _sum_shares(shares, len(workouts.cases))
    gone = np.bincount(leaves, weights=rest, minlength=days)
    closed = np.bincount(leaves[is_closing], weights=rest[is_closing], minlength=days)
    at_risk = len(rest) - np.append(0.0, np.cumsum(paid + gone)[:-1])
    # Differences of long sums: below a billionth nothing is left.
    is_followed = at_risk > 1e-9 * max(1, len(rest))
    rate = np.divide(paid, at_risk, out=np.zeros(days), where=is_followed)
    end_rate = np.divide(paid + closed, at_risk, out=np.zeros(days), where=is_followed)
    left = np.cumprod(1.0 - np.clip(end_rate, 0.0, 1.0))
    seen = int(leaves.max()) if len(leaves) else 0
    return RunOff(left, np.append(1.0, left[:-1]) * rate, seen)


def estimate_losses(workouts: Workouts, *, horizon_days: int, discount_rate: float) -> pd.DataFrame:
    """Estimate the loss of each case: discounted to its start, an unfinished one completed by the run-off of all.

    Parameters
    ----------
    workouts : the cases.
    horizon_days : what comes later after the start counts as lost, >= 1.
    discount_rate : per year, such as 0.05; compounded yearly over 365 days.

    Returns
    -------
    DataFrame
        The cases with returned_share (discounted, so far), expected_share (discounted, still to come), loss_share =
        1 - both, and developed_share, 0..1: how much of what comes back in the end has usually come back by the day
        until which the case was followed. It depends on that day alone, never on how the case went: weighting by the
        outcome would favour the cases that end early, which end well.

    Raises
    ------
    InputError
        When the horizon or the rate makes no sense.
    """
    if horizon_days < 1 or not discount_rate > -1.0:
        what = f"no loss over {horizon_days} days at {discount_rate} a year"
        raise InputError(what, hint="a horizon of at least one day, a rate above -1, such as 0.05")
    run_off = fit_run_off(workouts, horizon_days=horizon_days)
    shares, cases = _list_shares(workouts, horizon_days), workouts.cases
    worth = shares["share"] * _discount(shares["offset_days"].to_numpy(), discount_rate)
    returned = _sum_shares(shares.assign(share=worth), len(cases))
    rest = 1.0 - _sum_shares(shares, len(cases))
    leaves, is_closing = _find_leaves(cases, horizon_days)
    still = np.where(is_closing, 0.0, rest * _expect_still(run_off, discount_rate)[leaves])
    developed = _develop(run_off)[np.minimum(cases["followed_days"].to_numpy(dtype="int64"), horizon_days)]
    return cases.assign(
        returned_share=returned,
        expected_share=still,
        loss_share=np.clip(1.0 - returned - still, 0.0, 1.0),
        developed_share=developed,
    )


def _list_shares(workouts: Workouts, horizon_days: int) -> pd.DataFrame:
    """List flows within the horizon as shares of the exposure, in order; together a case gives back at most all."""
    flows = workouts.flows.sort_values(["case", "offset_days"], kind="stable")
    place = flows["case"].to_numpy()
    last, _ = _find_leaves(workouts.cases, horizon_days)
    is_within = flows["offset_days"].to_numpy() <= last[place]
    flows, place = flows.loc[is_within], place[is_within]
    share = flows["amount"] / workouts.cases["exposure"].to_numpy()[place]
    total = share.groupby(flows["case"]).cumsum().clip(upper=1.0)
    before = total.groupby(flows["case"]).shift(fill_value=0.0)
    return pd.DataFrame({"case": flows["case"], "offset_days": flows["offset_days"], "share": total - before})


def _sum_shares(shares: pd.DataFrame, count: int) -> Floats:
    return np.asarray(np.bincount(shares["case"], weights=shares["share"], minlength=count), dtype="float64")


def _find_leaves(cases: pd.DataFrame, horizon_days: int) -> tuple[Days, Mask]:
    """Give the last day on which each case is watched, and whether it was closed then."""
    watched = np.minimum(cases["followed_days"].to_numpy(dtype="int64"), horizon_days)
    closed = cases["closed_days"].to_numpy(dtype="int64")
    return np.minimum(watched, closed), closed <= watched


def _discount(days: Days, rate: float) -> Floats:
    return np.asarray((1.0 + rate) ** (-days / YEAR), dtype="float64")


def _expect_still(run_off: RunOff, rate: float) -> Floats:
    """Give what one unit open at the end of each day should still bring, worth on day 0."""
    worth = run_off.paid * _discount(np.arange(len(run_off.paid)), rate)
    later = worth.sum() - np.cumsum(worth)
    return np.asarray(np.divide(later, run_off.left, out=np.zeros(len(later)), where=run_off.left > 1e-9))


def _develop(run_off: RunOff) -> Floats:
    """Give which share of all that comes back has come back by the end of each day; even in time if nothing does."""
    total = np.cumsum(run_off.paid)
    days = len(total)
    return np.minimum(total / total[-1], 1.0) if total[-1] > 0 else np.arange(1, days + 1) / days
