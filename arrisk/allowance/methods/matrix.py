"""The provision matrix: loss rates by segment and ageing bucket from the ledger's own history, for small segments too.

Rate = what was written off within the outcome window over what was open, over all past steps whose window is complete.
Items of customers in default and performing ones are kept apart, in history as in application. The evidence is
customers, not rows: one customer's failure takes all its invoices along, and the same invoice stands in several steps.
"""

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from arrisk.allowance.estimates import Estimate, divide
from arrisk.allowance.exposures import ALL, CREDIT_NOTES, IN_DEFAULT, Exposures, name_segments
from arrisk.allowance.flows import STEP_DAYS
from arrisk.allowance.loss_shares import read_loss_shares
from arrisk.allowance.methods.cohorts import follow_cohorts, list_entries, list_write_offs, sum_cells
from arrisk.ledger.ageing import age_open_items
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.rows import Floats
from arrisk.policy import Policy
from arrisk.schema import Book

HALF, WHOLE = 0.5, 1.0
"""The prior of Jeffreys for a share: half a customer lost, half a customer not; and a customer of whom all is lost."""

ENOUGH_LOSERS = 5
"""With fewer performing customers lost in complete windows a ledger is thin."""

THIN_NOTES = (
    "a thin ledger: {losers} performing customers were lost in complete outcome windows, so rates are chained",
    "performing: what was in default within {days} days, times what is lost of that (then_lost)",
    "in default: what was written off in complete outcome windows, whatever the bucket",
    "performing customers of whom none was lost: half a customer is added that was lost, and half that was not",
    "customers in default: one is added that was written off, so that without evidence the share of the policy is lost",
)

COLUMNS = [
    "segment",
    "bucket",
    "open_amount",
    "lost_amount",
    "customers",
    "losing_customers",
    "worth",
    "own_rate",
    "pool_open_amount",
    "pool_lost_amount",
    "pool_customers",
    "pool_losing_customers",
    "pool_worth",
    "pool_rate",
    "credibility",
    "mixed_rate",
    "prior",
    "then_lost",
    "rate",
    "upper_rate",
    "loss_days",
]
"""The evidence of the matrix: amounts are floats in major units of the book currency, summed over all cohorts."""

_CELL, _POOL = ["segment", "bucket"], ["is_in_default", "bucket"]
_SUMS = ["open_amount", "lost_amount", "customers", "losing_customers", "worth"]


def estimate_matrix(
    exposures: Exposures, flows: pd.DataFrame, book: Book, losses: Losses, *, policy: Policy
) -> Estimate:
    """Estimate by the rates of segment and bucket.

    Parameters
    ----------
    exposures : the open items.
    flows : as given by ``list_flows`` as of the same day.
    book : gives the segments of customers in the past.
    losses : what is lost of an amount written off.
    policy : the outcome window, how far small segments are drawn to the pool, the confidence of the upper bound.
    """
    steps = policy.allowance.outcome_days // STEP_DAYS
    seen = follow_cohorts(flows, list_write_offs(flows), window_steps=steps)
    was_lost = (seen["lost_amount"] > 0) & ~seen["is_in_default"]
    losers = int(seen.loc[was_lost.to_numpy(), "customer_id"].nunique())
    if losers >= ENOUGH_LOSERS:
        items = exposures.items.loc[(exposures.items["segment"] != CREDIT_NOTES).to_numpy()]
        rates = rate_cells(_label(seen, exposures, book, policy=policy), items, policy=policy)
        notes: tuple[str, ...] = (
            f"rates of write-off within {steps * STEP_DAYS} days; {losers} performing customers were lost",
        )
    else:
        rates = _chain_rates(_label(seen, exposures, book, policy=policy), flows, exposures, book, policy=policy)
        notes = tuple(note.format(losers=losers, days=steps // 2 * STEP_DAYS) for note in THIN_NOTES)
    # A credit note is in no cell: nothing of it is lost.
    place = _index_cells(rates).get_indexer(_index_cells(exposures.items))
    p_lost, p_upper, loss_days = (
        np.append(rates[name].to_numpy(), 0.0)[place] for name in ("rate", "upper_rate", "loss_days")
    )
    share, bare = read_loss_shares(exposures, losses)
    return Estimate(p_lost, p_upper, share, bare, loss_days, rates, notes)


def _chain_rates(
    seen: pd.DataFrame, flows: pd.DataFrame, exposures: Exposures, book: Book, *, policy: Policy
) -> pd.DataFrame:
    """Rate a thin ledger in two parts: what comes into default, and what is written off of that.

    Defaults are known much sooner than write-offs and are more frequent, so that a short ledger has seen some. Within a
    thin ledger the age of a default tells less than the few defaults together: they are one bucket.
    """
    items = exposures.items.loc[(exposures.items["segment"] != CREDIT_NOTES).to_numpy()]
    late, early = (items.loc[items["is_in_default"].to_numpy() == value] for value in (True, False))
    one = pd.DataFrame({"segment": [IN_DEFAULT], "bucket": pd.Categorical([ALL])})
    failed = seen.loc[seen["is_in_default"].to_numpy()].assign(bucket=ALL).astype({"bucket": one["bucket"].dtype})
    then = rate_cells(failed, one, policy=policy)
    steps = max(policy.allowance.outcome_days // STEP_DAYS // 2, 1)
    entered = follow_cohorts(flows, list_entries(flows), window_steps=steps)
    entered = entered.loc[~entered["is_in_default"].to_numpy()].reset_index(drop=True)
    rates = rate_cells(_label(entered, exposures, book, policy=policy), early, policy=policy)
    # Of those who come into default many are cured; of those who are in default on a day most are past that.
    soon = rate_cells(failed, one, policy=policy, in_default=HALF)
    share, upper, days = (float(soon[name].iloc[0]) for name in ("rate", "upper_rate", "loss_days"))
    rates = rates.assign(
        then_lost=share,
        rate=rates["rate"] * share,
        upper_rate=rates["upper_rate"] * upper,
        loss_days=rates["loss_days"] + days,
    )
    buckets = pd.DataFrame({"bucket": late["bucket"].astype("str").unique()})
    return pd.concat([rates, then.drop(columns="bucket").merge(buckets, how="cross")[COLUMNS]], ignore_index=True)


def _label(cohorts: pd.DataFrame, exposures: Exposures, book: Book, *, policy: Policy) -> pd.DataFrame:
    """Put the past into the segments and buckets of today."""
    owner, names = pd.factorize(cohorts["customer_id"])
    of_owner = name_segments(book, pd.Series(names, dtype="str"), as_of=exposures.as_of, policy=policy.allowance)
    code, segments = pd.factorize(np.append(of_owner, IN_DEFAULT))
    code = np.where(cohorts["is_in_default"], code[-1], code[owner])
    aged = age_open_items(cohorts.rename(columns={"age_days": "days_past_due"}), ageing=policy.ageing)
    return aged.assign(customer=owner, segment=pd.Categorical.from_codes(code, categories=pd.Index(segments)))


def _index_cells(frame: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([frame[name].astype("str") for name in _CELL], names=_CELL)


def rate_cells(
    cohorts: pd.DataFrame, items: pd.DataFrame, *, policy: Policy, in_default: float = WHOLE
) -> pd.DataFrame:
    """Rate each segment and bucket that has a past or an open item, with all that it takes to recompute it by hand.

    Parameters
    ----------
    cohorts : as given by ``follow_cohorts``, with segment, bucket and customer (an int).
    items : the open items that are to be rated: segment, bucket.
    policy : how far small segments are drawn to the pool, the confidence of the upper bound.
    in_default : which share of the customer that is added to those in default was written off.

    Notes
    -----
    own_rate = lost_amount / open_amount, pool_rate likewise; credibility = worth / (worth + prior strength); mixed_rate
    = credibility x own_rate + (1 - credibility) x pool_rate; rate = (mixed_rate x pool_worth + prior) / (pool_worth + 1
    where there is a prior) x then_lost. To performing customers of whom none was lost, half a customer is added that
    was lost, on its way through all buckets, and half that was not (the prior of Jeffreys); where one was lost it would
    overstate small rates. To customers in default, one is added that was written off: nearly all are in the end, and
    without evidence what is lost of them is the share that the policy assumes. upper_rate is the quantile of
    Beta(mixed_rate x n + 0.5, (1 - mixed_rate) x n + 0.5), n = worth + at most the prior strength of the worth of the
    other segments.
    """
    cells = _list_cells(cohorts, items)
    table = cells.merge(sum_cells(cohorts, by=_CELL), on=_CELL, how="left")
    pools = sum_cells(cohorts, by=_POOL).rename(columns={name: f"pool_{name}" for name in (*_SUMS, "lost_days")})
    table = table.merge(pools, on=_POOL, how="left").fillna(0.0)
    worth, pool_worth = table["worth"], table["pool_worth"]
    own_rate = divide(table["lost_amount"], table["open_amount"])
    pool_rate = divide(table["pool_lost_amount"], table["pool_open_amount"])
    credibility = worth / (worth + policy.allowance.prior_strength)
    mixed = credibility * own_rate + (1.0 - credibility) * pool_rate
    prior = np.where(table["is_in_default"], in_default, np.where(table["pool_lost_amount"] <= 0, HALF, 0.0))
    rate = (mixed * pool_worth + prior) / (pool_worth + (prior > 0))
    behind = worth + np.minimum(policy.allowance.prior_strength, pool_worth - worth)
    upper = betaincinv(mixed * behind + HALF, (1.0 - mixed) * behind + HALF, policy.allowance.confidence)
    days = _average_days(table, otherwise=policy.allowance.outcome_days / 2)
    table = table.assign(own_rate=own_rate, pool_rate=pool_rate, credibility=credibility, mixed_rate=mixed)
    return table.assign(prior=prior, then_lost=1.0, rate=rate, upper_rate=upper, loss_days=days)[COLUMNS]


def _list_cells(cohorts: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """List every segment and bucket of the past and of today: segments by name, those in default last."""
    both = [frame[_CELL].drop_duplicates() for frame in (cohorts, items)]
    buckets = {name: place for place, name in enumerate(items["bucket"].cat.categories)}
    cells = pd.concat([part.astype("str") for part in both]).drop_duplicates()
    cells = cells.assign(is_in_default=cells["segment"] == IN_DEFAULT, place=cells["bucket"].map(buckets))
    return cells.sort_values(["is_in_default", "segment", "place"], ignore_index=True).drop(columns="place")


def _average_days(table: pd.DataFrame, *, otherwise: float) -> Floats:
    """Average the days until a write-off in each pool; half the window where none was seen."""
    lost = table["pool_lost_amount"].to_numpy()
    waited = table["pool_lost_days"].to_numpy()
    return np.asarray(np.divide(waited, lost, out=np.full(len(lost), otherwise), where=lost > 0))
