"""The provision matrix: loss rates by segment and ageing bucket from the ledger's own history, for small segments too.

Rate = what was written off within the outcome window over what was open, over all past steps whose window is complete.
Items of customers in default and performing ones are kept apart, in history as in application. The evidence is
customers, not rows: one customer's failure takes all its invoices along, and the same invoice stands in several steps.
"""

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from arrisk.allowance.cohorts import follow_cohorts, sum_cells
from arrisk.allowance.estimates import Estimate, divide
from arrisk.allowance.exposures import CREDIT_NOTES, IN_DEFAULT, Exposures, name_segments
from arrisk.allowance.flows import STEP_DAYS
from arrisk.allowance.loss_shares import read_loss_shares
from arrisk.ledger.ageing import age_open_items
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.rows import Floats
from arrisk.policy import Policy
from arrisk.schema import Book

PRIOR_LOSERS, PRIOR_CUSTOMERS = 0.5, 1.0
"""The prior of Jeffreys for a share: half a customer lost, half a customer paid."""


_CELL, _POOL = ["segment", "bucket"], ["is_in_default", "bucket"]
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
    "rate",
    "upper_rate",
    "loss_days",
]
"""The evidence of the matrix: amounts are floats in major units of the book currency, summed over all cohorts."""

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
    window_steps, notes = choose_window(flows, policy=policy)
    cohorts = _label(follow_cohorts(flows, window_steps=window_steps), exposures, book, policy=policy)
    items = exposures.items.loc[(exposures.items["segment"] != CREDIT_NOTES).to_numpy()]
    rates = rate_cells(cohorts, items, policy=policy, window_days=window_steps * STEP_DAYS)
    # A credit note is in no cell: nothing of it is lost.
    place = _index_cells(rates).get_indexer(_index_cells(exposures.items))
    p_lost, p_upper, loss_days = (
        np.append(rates[name].to_numpy(), 0.0)[place] for name in ("rate", "upper_rate", "loss_days")
    )
    share, bare = read_loss_shares(exposures, losses)
    return Estimate(p_lost, p_upper, share, bare, loss_days, rates, notes)


def choose_window(flows: pd.DataFrame, *, policy: Policy) -> tuple[int, tuple[str, ...]]:
    """Choose how many steps an outcome is waited for: those of the policy, or half of a shorter history."""
    wanted = policy.allowance.outcome_days // STEP_DAYS
    followed = int(flows["step"].max()) + 1 if len(flows) else 0
    if followed > wanted:
        return wanted, ()
    window = max(followed // 2, 1)
    return window, (f"{followed} steps of history: no write-off after {window * STEP_DAYS} days is seen",)


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


def rate_cells(cohorts: pd.DataFrame, items: pd.DataFrame, *, policy: Policy, window_days: int) -> pd.DataFrame:
    """Rate each segment and bucket that has a past or an open item, with all that it takes to recompute it by hand.

    Parameters
    ----------
    cohorts : as given by ``follow_cohorts``, with segment, bucket and customer (an int).
    items : the open items that are to be rated: segment, bucket.
    policy : how far small segments are drawn to the pool, the confidence of the upper bound.
    window_days : the outcome window.

    Notes
    -----
    own_rate = lost_amount / open_amount, pool_rate likewise; credibility = worth / (worth + prior strength); mixed_rate
    = credibility x own_rate + (1 - credibility) x pool_rate; rate = (mixed_rate x pool_worth + 0.5) / (pool_worth + 1).
    So half a customer that was lost is added to what the pool has seen, on its way through all buckets, and half a
    customer that was not (the prior of Jeffreys): what was never seen is not impossible. upper_rate is the quantile of
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
    rate = (mixed * pool_worth + PRIOR_LOSERS) / (pool_worth + PRIOR_CUSTOMERS)
    behind = worth + np.minimum(policy.allowance.prior_strength, pool_worth - worth)
    survived = (1.0 - mixed) * behind + PRIOR_CUSTOMERS - PRIOR_LOSERS
    upper = betaincinv(mixed * behind + PRIOR_LOSERS, survived, policy.allowance.confidence)
    days = _average_days(table, otherwise=window_days / 2)
    table = table.assign(own_rate=own_rate, pool_rate=pool_rate, credibility=credibility, mixed_rate=mixed)
    return table.assign(rate=rate, upper_rate=upper, loss_days=days)[COLUMNS]


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
