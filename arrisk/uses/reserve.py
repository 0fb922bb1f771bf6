"""The use case of the allowance: what will not come in of the open book, by several methods side by side."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd

from arrisk.allowance.estimates import Allowance, Estimate, assemble
from arrisk.allowance.exposures import Exposures, list_exposures
from arrisk.allowance.flows import list_flows
from arrisk.allowance.given import apply_rates
from arrisk.allowance.matrix import estimate_matrix
from arrisk.allowance.roll_rate import estimate_roll_rate
from arrisk.ingest.readers import read_source
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.lgd.losses import Losses, fit_losses
from arrisk.pipeline import Tell, silent
from arrisk.policy import Policy
from arrisk.schema import Book

METHODS: dict[str, Callable[["Evidence"], Estimate]] = {
    "matrix": lambda seen: estimate_matrix(seen.exposures, seen.flows, seen.book, seen.losses, policy=seen.policy),
    "roll-rate": lambda seen: estimate_roll_rate(
        seen.exposures, seen.flows, seen.book, seen.losses, policy=seen.policy
    ),
}
"""Each method by name: what it makes of the evidence."""


@dataclass(frozen=True)
class Evidence:
    """What all methods look at, as of one day.

    Parameters
    ----------
    book : the checked book.
    exposures : the open items.
    episodes : the defaults of customers.
    flows : where open amounts went, step by step.
    losses : what is lost once something is written off.
    policy : the whole policy.
    """

    book: Book
    exposures: Exposures
    episodes: pd.DataFrame
    flows: pd.DataFrame
    losses: Losses
    policy: Policy


def gather_evidence(
    book: Book, *, as_of: date, policy: Policy, age_on: date | None = None, tell: Tell = silent
) -> Evidence:
    """Gather what all methods look at, by what was known before a day.

    Raises
    ------
    CurrencyError
        When something open is in a currency without a rate.
    """
    tell("Replaying defaults")
    episodes = list_defaults(book, as_of=as_of, policy=policy)
    exposures = list_exposures(book, episodes, as_of=as_of, age_on=age_on, policy=policy)
    tell("Following open amounts")
    flows = list_flows(book, episodes, as_of=as_of, steps=policy.allowance.history_steps)
    losses = fit_losses(book, episodes, as_of=as_of, policy=policy)
    return Evidence(book, exposures, episodes, flows, losses, policy)


def estimate_allowance(evidence: Evidence, *, method: str) -> Allowance:
    """Estimate the allowance by one method."""
    estimate = METHODS[method](evidence)
    return assemble(evidence.exposures, estimate, method=method, policy=evidence.policy.allowance)


def apply_table(table: Path, *, round_to: Decimal) -> pd.DataFrame:
    """Apply the rates of a file (bucket, gross_amount, rate) to its amounts.

    Raises
    ------
    InputError
        When the file cannot be read, or has a mistake.
    """
    return apply_rates(read_source(table).frame, round_to=round_to)
