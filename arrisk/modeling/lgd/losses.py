"""What is lost once it has come to the worst: loss given default (cures included) and loss given write-off.

Both are shares of an exposure, discounted to the day on which it went wrong. They answer different questions: the first
goes with the probability of default of a customer, the second with the probability that an invoice is written off.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from arrisk.modeling.lgd.cases import Workouts, list_default_cases, list_write_off_cases
from arrisk.modeling.lgd.models import LossModel, SegmentLoss, fit_loss_model
from arrisk.modeling.lgd.run_off import estimate_losses
from arrisk.policy import LossPolicy, Policy
from arrisk.schema import Book


@dataclass(frozen=True)
class Losses:
    """The two loss shares of a ledger.

    Parameters
    ----------
    given_default : of what a customer owes when it comes into default.
    given_write_off : of what is written off.
    """

    given_default: LossModel
    given_write_off: LossModel


def fit_losses(book: Book, episodes: pd.DataFrame, *, as_of: date, policy: Policy) -> Losses:
    """Fit both loss shares on what was known before a day; without a single case policy's own share stands in.

    Parameters
    ----------
    book : a checked book.
    episodes : as given by ``list_defaults`` as of the day.
    as_of : the day.
    policy : says how long money may come back, and what it is worth later.
    """
    defaults = list_default_cases(book, episodes, as_of=as_of)
    return Losses(
        given_default=_fit(defaults, policy.losses, horizon_days=policy.losses.default_days),
        given_write_off=fit_write_off_loss(book, as_of=as_of, policy=policy),
    )


def fit_write_off_loss(book: Book, *, as_of: date, policy: Policy) -> LossModel:
    """Fit the share of a write-off that is lost alone, as ``fit_losses`` does."""
    write_offs = list_write_off_cases(book, as_of=as_of)
    return _fit(write_offs, policy.losses, horizon_days=policy.losses.write_off_days)


def _fit(workouts: Workouts, policy: LossPolicy, *, horizon_days: int) -> LossModel:
    if workouts.cases.empty:
        return LossModel(SegmentLoss((), policy.assumed_share, (), 0.0), (), 0)
    losses = estimate_losses(workouts, horizon_days=horizon_days, discount_rate=policy.discount_rate)
    model, _ = fit_loss_model(losses)
    return model
