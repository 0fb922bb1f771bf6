"""The use case of the allowance: what will not come in of the open book, by several methods side by side."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pandas as pd

from arrisk.allowance.assessments import parse_assessments
from arrisk.allowance.estimates import Allowance, Estimate, assemble
from arrisk.allowance.expected_loss import FoundCurve, expect_by_curve
from arrisk.allowance.exposures import Exposures, list_exposures
from arrisk.allowance.flows import list_flows
from arrisk.allowance.frameworks import Frameworks, Later, compare_frameworks
from arrisk.allowance.given import apply_rates
from arrisk.allowance.later_collections import age_later, list_later_collections
from arrisk.allowance.matrix import estimate_matrix
from arrisk.allowance.roll_rate import estimate_roll_rate
from arrisk.allowance.scenarios import apply_scenarios, compare_scenarios, read_scenarios
from arrisk.ingest.readers import read_source
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.lgd.losses import Losses, fit_losses
from arrisk.modeling.open_scores import score_open_curves
from arrisk.pipeline import Tell, find_curve, silent
from arrisk.policy import Policy
from arrisk.schema import Book


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
    home : the state folder, in which the payment curve is looked for; None = one is fitted.
    model_name : use this payment curve; None = the newest promoted one of the ledger that was trained by then.
    tell : is told what goes on.
    """

    book: Book
    exposures: Exposures
    episodes: pd.DataFrame
    flows: pd.DataFrame
    losses: Losses
    policy: Policy
    home: Path | None = None
    model_name: str | None = None
    tell: Tell = silent

    @cached_property
    def curve(self) -> FoundCurve:
        """The payment curve of what is open, found as scores find it, or fitted, once it is asked for."""
        as_of = self.exposures.as_of
        model, note, reference = find_curve(
            self.book, as_of=as_of, name=self.model_name, home=self.home, policy=self.policy, tell=self.tell
        )
        self.tell("Scoring open invoices")
        return FoundCurve(score_open_curves(self.book, model, as_of=as_of, policy=self.policy), model, note, reference)


def gather_evidence(
    book: Book,
    *,
    as_of: date,
    policy: Policy,
    age_on: date | None = None,
    home: Path | None = None,
    model_name: str | None = None,
    tell: Tell = silent,
) -> Evidence:
    """Gather what all methods look at, by what was known before a day.

    Parameters
    ----------
    home, model_name : where the payment curve is looked for, and which one; see ``Evidence``.

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
    return Evidence(book, exposures, episodes, flows, losses, policy, home, model_name, tell)


METHODS: dict[str, Callable[[Evidence], Estimate]] = {
    "matrix": lambda seen: estimate_matrix(seen.exposures, seen.flows, seen.book, seen.losses, policy=seen.policy),
    "roll-rate": lambda seen: estimate_roll_rate(
        seen.exposures, seen.flows, seen.book, seen.losses, policy=seen.policy
    ),
    "model": lambda seen: expect_by_curve(
        seen.exposures, seen.curve, seen.flows, seen.losses, confidence=seen.policy.allowance.confidence
    ),
}
"""Each method by name: what it makes of the evidence."""


def estimate_allowance(evidence: Evidence, *, method: str) -> Allowance:
    """Estimate the allowance by one method, as the mean over the policy's scenarios of the economy.

    Raises
    ------
    InputError
        When a scenario follows a series that the book does not have.
    ModelError
        When the method needs a model and none is there, nor can one be fitted.
    """
    exposures, policy = evidence.exposures, evidence.policy.allowance
    scenarios = read_scenarios(policy, evidence.book, as_of=exposures.as_of)
    estimate = METHODS[method](evidence)
    applied = apply_scenarios(estimate, scenarios, asset_correlation=policy.asset_correlation)
    compared = compare_scenarios(exposures, estimate, scenarios, policy=policy)
    return replace(assemble(exposures, applied, method=method, policy=policy), scenarios=compared)


def apply_table(table: Path, *, round_to: Decimal) -> pd.DataFrame:
    """Apply the rates of a file (bucket, gross_amount, rate) to its amounts.

    Raises
    ------
    InputError
        When the file cannot be read, or has a mistake.
    """
    return apply_rates(read_source(table).frame, round_to=round_to)


def read_assessments(path: Path, *, currency: str) -> pd.DataFrame:
    """Read the assessments of single customers from a file.

    Raises
    ------
    InputError
        When the file cannot be read, or has a mistake.
    """
    return parse_assessments(read_source(path).frame, currency=currency)


def compare_in_frameworks(
    evidence: Evidence,
    *,
    method: str,
    weigh: Callable[[Estimate], Estimate],
    assess: Callable[[Allowance], Allowance],
    collections_until: date | None = None,
) -> Frameworks:
    """Make the allowance of IFRS 9 and that of ASC 326 from one evidence; see ``compare_frameworks``.

    Parameters
    ----------
    evidence : as of the balance-sheet date.
    method : its name.
    weigh : weighs scenarios into what the method expects.
    assess : what is done for customers assessed on their own.
    collections_until : the later day until which cash is looked at, where the policy elects it; None = at no later day.

    Raises
    ------
    PolicyError
        When later collections are asked for and not elected.
    InputError
        When the ledger does not reach to the later day.
    """
    exposures, policy = evidence.exposures, evidence.policy
    plain, later = METHODS[method](evidence), None
    if collections_until:
        collected = list_later_collections(evidence.book, exposures, collections_until=collections_until)
        aged = age_later(exposures, on=collections_until, ageing=policy.ageing)
        later = Later(collections_until, collected, METHODS[method](replace(evidence, exposures=aged)))
    return compare_frameworks(
        exposures,
        weighted=weigh(plain),
        plain=plain,
        method=method,
        policy=policy.allowance,
        later=later,
        assess=assess,
    )
