"""Expected loss from the payment curve: for each open invoice, the probability that it is ever written off, and when.

The curve speaks of invoices as far as the ledger has followed any. What is still open then, and what is older today, is
told by what became of the oldest invoices; what has no curve at all is given the mean of what has one.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from arrisk.allowance.estimates import Estimate, divide
from arrisk.allowance.exposures import Exposures
from arrisk.allowance.loss_shares import read_loss_shares
from arrisk.allowance.methods.curve_level import find_last_day
from arrisk.frames import match
from arrisk.modeling.curves import Curves
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.open_scores import OpenBook
from arrisk.modeling.payment_curve import PaymentCurve
from arrisk.modeling.rows import Floats, Ints
from arrisk.money import exponent, format_minor

TERMS = (30, 60, 90, 180, 360)
"""Days from now by which the evidence tells what share is written off."""

_STEP_DAYS = 30
_FULL = 1.0


@dataclass(frozen=True)
class FoundCurve:
    """The curves of what is open, and the model that they are of.

    Parameters
    ----------
    opened : as given by ``score_open_curves`` as of the day.
    model : the payment curve.
    note : which model it is, and why, in words.
    reference : the saved model's; empty = one was fitted for this.
    levels : as given by ``measure_levels``: by what the chances of customers not in default are multiplied. Those of
        customers in default stand: their amounts were seen to be lost as often as their invoices.
    """

    opened: OpenBook
    model: PaymentCurve
    note: str
    reference: str
    levels: pd.DataFrame

    def given_open_after(self, *, days: int) -> Self:
        """Give the same, given that each invoice is still open so many days later."""
        curves = self.opened.curves
        return replace(self, opened=replace(self.opened, curves=curves.given_open(curves.age + days)))


@dataclass(frozen=True)
class _Chances:
    """What is expected of items; arrays of shape (n,), and (n, terms) for ``by_term``."""

    ever: Floats
    days: Floats
    by_term: Floats


def expect_by_curve(
    exposures: Exposures,
    found: FoundCurve,
    flows: pd.DataFrame,
    losses: Losses,
    *,
    confidence: float,
) -> Estimate:
    """Estimate by the payment curve.

    Parameters
    ----------
    exposures : the open items.
    found : the curves of those that are invoices with a due date.
    flows : as given by ``list_flows`` as of the same day.
    losses : what is lost of an amount written off.
    confidence : of the upper bound.
    """
    items = exposures.items
    last_day = find_last_day(found.model)
    tail, tail_customers = estimate_tail(flows, last_day=last_day)
    chances = _read_chances(found.opened.curves, last_day=last_day, tail=tail)
    place = match(items["invoice_id"], found.opened.items["invoice_id"])
    is_asset, has_curve = (items["base_amount"] > 0).to_numpy(), place >= 0
    is_late = has_curve & (np.append(found.opened.curves.age, 0)[place] > last_day)
    level = np.where(is_late, 1.0, _read_levels(items, found.levels))
    ever, days, by_term = _spread(chances, place, items, is_asset & has_curve, level)
    shares = read_loss_shares(exposures, losses)
    p_lost = np.where(is_asset, ever, 0.0)
    scale, losers, customers = bound_scale(flows, confidence=confidence)
    bound = (
        f"upper bound: the odds of each item x {scale:.3g}, by which the odds of the share of customers with bad debt, "
        f"{losers} of {customers}, would be higher at a confidence of {confidence:.0%}; customers count as independent"
    )
    pooled = _note_pooled(exposures, is_asset & ~has_curve)
    late = _note_tail(exposures, is_asset & is_late, last_day=last_day, tail=tail, customers=tail_customers)
    notes = (found.note, *pooled, *late, bound)
    rates = _list_rates(exposures, p_lost, shares, by_term, model=found.reference or "fitted now")
    rates = _add_levels(rates, items, level, found.levels)
    return Estimate(p_lost, scale_odds(p_lost, scale), *shares, np.where(is_asset, days, 0.0), rates, notes)


def estimate_tail(flows: pd.DataFrame, *, last_day: int) -> tuple[float, int]:
    """Estimate which share of what is open beyond a day past due is written off in the end, and not paid or credited.

    Each customer counts once, with the share of what left its account by a write-off; and one more customer is added
    that lost all: what is that old and was never seen to be paid counts as lost.

    Parameters
    ----------
    flows : as given by ``list_flows``.
    last_day : days past due.

    Returns
    -------
    share, customers
        0..1, and of how many customers anything left.

    Examples
    --------
    >>> one = {"customer_id": "A", "age_days": 400, "open_amount": 100.0, "left_amount": 0.0}
    >>> estimate_tail(pd.DataFrame([{**one, "written_off_amount": 0.0}]), last_day=365)
    (0.5, 1)
    """
    old = flows.loc[flows["age_days"] > last_day]
    gone = (old["open_amount"] - old["left_amount"]).groupby(old["customer_id"]).sum()
    written = old["written_off_amount"].groupby(old["customer_id"]).sum()[gone > 0]
    shares = (written / gone[gone > 0]).clip(upper=_FULL)
    return float((shares.sum() + _FULL) / (len(shares) + 1)), len(shares)


def _read_chances(curves: Curves, *, last_day: int, tail: float) -> _Chances:
    """Read the chances of being written off ever and by each term, and the mean days until then."""
    end = np.maximum(curves.age - 1, last_day)

    def read(days: Ints | int) -> Floats:
        return curves.read_written_off(np.minimum(curves.age + days - 1, end))

    left = np.where(curves.age > last_day, 1.0, curves.read_open(end))
    ever = np.clip(curves.read_written_off(end) + left * tail, 0.0, 1.0)
    # Nothing ends before the grid begins, however far ahead something is due.
    wait = np.maximum(curves.grid.first_day - curves.age, 0)
    longest = int(last_day - (curves.age + wait).min(initial=last_day)) + 1
    before, sums = np.zeros(len(curves)), np.zeros(len(curves))
    for edge in range(_STEP_DAYS, longest + _STEP_DAYS, _STEP_DAYS):
        by_then = read(wait + edge)
        sums += (by_then - before) * (wait + edge - _STEP_DAYS / 2)
        before = by_then
    # What outlives the curve is written off when it ends, at the earliest.
    sums += left * tail * np.maximum(last_day - curves.age, 0)
    days = np.divide(sums, ever, out=np.zeros(len(curves)), where=ever > 0)
    return _Chances(ever, days, np.column_stack([read(term) for term in TERMS]))


def _spread(
    chances: _Chances, place: Ints, items: pd.DataFrame, is_known: np.ndarray, level: Floats
) -> tuple[Floats, Floats, Floats]:
    """Give each item its chances; one without a curve has the mean, by amount, of those in default or not like it."""
    rows = np.maximum(place, 0)
    table = np.column_stack([chances.ever, chances.days, chances.by_term])[rows] if len(chances.ever) else None
    parts = np.zeros((len(items), 2 + len(TERMS))) if table is None else table
    is_chance = np.arange(parts.shape[1]) != 1
    parts = np.where(is_chance, np.minimum(parts * level[:, None], 1.0), parts)
    failed, weight = items["is_in_default"].to_numpy(), items["base_amount"].to_numpy(dtype="float64")
    for status in (False, True):
        like = is_known & (failed == status)
        like = like if like.any() else is_known
        total = weight[like].sum()
        mean = (parts[like] * weight[like, None]).sum(axis=0) / total if total else np.zeros(parts.shape[1])
        parts[~is_known & (failed == status)] = mean
    return parts[:, 0], parts[:, 1], parts[:, 2:]


def _read_levels(items: pd.DataFrame, levels: pd.DataFrame) -> Floats:
    own = items["bucket"].astype("str").map(levels.set_index("bucket")["level"]).fillna(1.0).to_numpy(dtype="float64")
    return np.where(items["is_in_default"], 1.0, own)


def bound_scale(flows: pd.DataFrame, *, confidence: float) -> tuple[float, int, int]:
    """Say by how much the odds of bad debt may be higher than what so many customers show.

    Parameters
    ----------
    flows : as given by ``list_flows``; each customer counts once.
    confidence : of the bound.

    Returns
    -------
    scale, losers, customers
        The ratio of the odds of the bound, the quantile of Beta(losers + 1/2, others + 1/2), to those of its mean
        (the prior of Jeffreys); 1 at least.
    """
    customers = int(flows["customer_id"].nunique())
    losers = int(flows.loc[flows["written_off_amount"] > 0, "customer_id"].nunique())
    mean = (losers + 0.5) / (customers + 1.0)
    bound = float(betaincinv(losers + 0.5, customers - losers + 0.5, confidence))
    scale = bound / max(1.0 - bound, 1e-12) * (1.0 - mean) / mean
    return max(scale, 1.0), losers, customers


def scale_odds(p: Floats, scale: float) -> Floats:
    """Multiply the odds of probabilities.

    Examples
    --------
    >>> scale_odds(np.array([0.0, 0.5, 1.0]), 3.0).tolist()
    [0.0, 0.75, 1.0]
    """
    return np.asarray(scale * p / (1.0 - p + scale * p))


def _list_rates(
    exposures: Exposures, p_lost: Floats, shares: tuple[Floats, Floats], by_term: Floats, *, model: str
) -> pd.DataFrame:
    """List what is expected of each segment and bucket, means by amount; what is lost is p_lost x its loss share."""
    items = exposures.items
    weight = items["base_amount"].to_numpy() / 10.0 ** exponent(exposures.currency)
    written = weight * p_lost
    terms = {f"p_within_{term}": weight * by_term[:, column] for column, term in enumerate(TERMS)}
    parts = items[["segment", "bucket"]].assign(
        count=1, base=weight, p_lost=written, loss_share=written * shares[0], uncovered_loss_share=written * shares[1]
    )
    parts = parts.assign(**terms).loc[weight > 0]
    sums = parts.groupby(["segment", "bucket"], observed=True, sort=True).sum().reset_index()
    for name in ("loss_share", "uncovered_loss_share"):
        sums[name] = divide(sums[name], sums["p_lost"])
    for name in ("p_lost", *terms):
        sums[name] = divide(sums[name], sums["base"])
    return sums.rename(columns={"base": "base_amount"}).assign(bucket=sums["bucket"].astype("str"), model=model)


def _add_levels(rates: pd.DataFrame, items: pd.DataFrame, level: Floats, levels: pd.DataFrame) -> pd.DataFrame:
    """Add to each segment and bucket the level that was applied, and its evidence; none where none was."""
    applied = items[["segment", "bucket"]].assign(bucket=items["bucket"].astype("str"), applied_level=level)
    applied = applied.loc[~items["is_in_default"].to_numpy(dtype=bool)].drop_duplicates(["segment", "bucket"])
    known = applied.merge(levels.drop(columns="level"), on="bucket", how="left")
    return rates.merge(known.rename(columns={"applied_level": "level"}), on=["segment", "bucket"], how="left")


def _note_pooled(exposures: Exposures, is_pooled: np.ndarray) -> tuple[str, ...]:
    if not is_pooled.any():
        return ()
    what = f"{_tell_amount(exposures, is_pooled)}, without a due date, have no curve"
    return (f"{what}: they take the mean rate, by amount, of the others in default, or of those that are not",)


def _note_tail(
    exposures: Exposures, is_late: np.ndarray, *, last_day: int, tail: float, customers: int
) -> tuple[str, ...]:
    if not is_late.any():
        return ()
    what = f"{_tell_amount(exposures, is_late)}, more than {last_day} days past due and older than the curve"
    return (f"{what}: {tail:.1%} of it counts as lost, as of {customers} customers before and one more that lost all",)


def _tell_amount(exposures: Exposures, chosen: np.ndarray) -> str:
    amount = format_minor(int(exposures.items.loc[chosen, "base_amount"].sum()), exposures.currency)
    return f"{int(chosen.sum())} items of {amount} {exposures.currency}"
