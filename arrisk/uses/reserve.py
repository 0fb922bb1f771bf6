"""The use case of the allowance: what will not come in of the open book, by several methods side by side."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pandas as pd

from arrisk.allowance.assessments import NOBODY, parse_assessments
from arrisk.allowance.closes.entities import take_entity
from arrisk.allowance.cross_checks import CrossCheck, check_remaining_life, check_vintages
from arrisk.allowance.estimates import Allowance, Estimate, assemble
from arrisk.allowance.exposures import Exposures, list_exposures
from arrisk.allowance.flows import list_flows
from arrisk.allowance.frameworks import Frameworks, Later, compare_frameworks
from arrisk.allowance.given import apply_rates
from arrisk.allowance.individual import apply_assessments
from arrisk.allowance.later_collections import age_later, list_later_collections
from arrisk.allowance.methods.curve_level import measure_levels
from arrisk.allowance.methods.expected_loss import FoundCurve, expect_by_curve
from arrisk.allowance.methods.matrix import estimate_matrix
from arrisk.allowance.methods.roll_rate import estimate_roll_rate
from arrisk.allowance.overlays import apply_overlays, require_factors
from arrisk.allowance.presumption import Presumption, weigh_presumption
from arrisk.allowance.scenarios import apply_scenarios, compare_scenarios, read_scenarios
from arrisk.allowance.sensitivity import measure_sensitivity
from arrisk.errors import InputError
from arrisk.ingest.readers import read_source
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.lgd.losses import Losses, fit_losses
from arrisk.modeling.open_scores import score_open_curves
from arrisk.modeling.payment_curve import PaymentCurve
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
    waited_days : the payment curve is of what is still open so many days later.
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
    waited_days: int = 0

    @cached_property
    def model(self) -> tuple[PaymentCurve, str, str]:
        """The payment curve, found as scores find it, or fitted, once it is asked for; see ``find_curve``."""
        as_of, name = self.exposures.as_of, self.model_name
        return find_curve(self.book, as_of=as_of, name=name, home=self.home, policy=self.policy, tell=self.tell)

    def keep_model(self, other: "Evidence") -> None:
        """Use the payment curve of other evidence, of the same day or earlier: it is not found, or fitted, again."""
        vars(self)["model"] = other.model

    @cached_property
    def _estimates(self) -> dict[str, Estimate]:
        return {}

    def estimate(self, method: str) -> Estimate:
        """Give what a method expects, made once; see ``METHODS``."""
        if method not in self._estimates:
            self._estimates[method] = METHODS[method](self)
        return self._estimates[method]

    def look_later(self, exposures: Exposures, *, days: int) -> "Evidence":
        """Give the same of exposures that are aged by some days: of what is still open by then."""
        later = replace(self, exposures=exposures, waited_days=days)
        if "_scored" in vars(self):
            vars(later)["_scored"] = self._scored
        return later

    def under(self, policy: Policy) -> "Evidence":
        """Give the same under other scenarios of the economy: what each method expects without them is made once."""
        other, made = replace(self, policy=policy), {"_estimates": self._estimates}
        vars(other).update(made | {name: vars(self)[name] for name in ("model", "_scored") if name in vars(self)})
        return other

    @property
    def curve(self) -> FoundCurve:
        """What the payment curve says of what is open."""
        return self._scored.given_open_after(days=self.waited_days) if self.waited_days else self._scored

    @cached_property
    def _scored(self) -> FoundCurve:
        as_of, (model, note, reference) = self.exposures.as_of, self.model
        self.tell("Scoring open invoices")
        # Drift is about when customers pay, and not about whether they fail.
        opened = score_open_curves(self.book, model, as_of=as_of, policy=self.policy, shift=0.0)
        self.tell("Comparing the curve with the past")
        levels = measure_levels(self.book, self.flows, opened, model, as_of=as_of, policy=self.policy)
        return FoundCurve(opened, model, note, reference, levels)


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


WHOLE_LEDGER_NOTE = "the cross-checks are of the whole ledger, and left out beside one selling company's amounts"
"""What is said where there is nothing to hold beside the methods."""

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
    estimate = evidence.estimate(method)
    applied = weigh_scenarios(evidence, estimate)
    compared = compare_scenarios(exposures, estimate, scenarios, policy=policy)
    return replace(assemble(exposures, applied, method=method, policy=policy), scenarios=compared)


def complete_allowance(
    evidence: Evidence, *, method: str, assessments: pd.DataFrame | None = None, entity: str | None = None
) -> Allowance:
    """Make the allowance that is booked: a method's, with customers assessed on their own, and overlays.

    Parameters
    ----------
    assessments : as given by ``read_assessments``; None = none.
    entity : of one selling company alone; None = of the whole book.

    Raises
    ------
    InputError
        As for ``estimate_allowance``, or when an assessment is not of this book.
    PolicyError
        When an overlay is an amount for the whole book, and the entity is but a part of it.
    """
    assessed = assess_customers(evidence, estimate_allowance(evidence, method=method), assessments)
    return apply_overlays(_take_own(evidence, assessed, entity), evidence.policy.allowance.overlays)


def _take_own(evidence: Evidence, allowance: Allowance, entity: str | None) -> Allowance:
    """Take out one selling company's part, on which an overlay of an amount cannot be put; None = all of it."""
    if entity is None:
        return allowance
    own = take_entity(allowance, evidence.book, entity=entity, policy=evidence.policy)
    if own is not allowance:
        require_factors(evidence.policy.allowance.overlays)
    return own


def assess_customers(evidence: Evidence, allowance: Allowance, assessments: pd.DataFrame | None) -> Allowance:
    """Let customers who are assessed on their own leave the pool; None = nobody is."""
    chosen = NOBODY if assessments is None else assessments
    ids = evidence.book["customers"]["customer_id"].drop_duplicates()
    return apply_assessments(allowance, chosen, customer_ids=ids, policy=evidence.policy.allowance)


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
    assessments: pd.DataFrame | None = None,
    collections_until: date | None = None,
    entity: str | None = None,
) -> Frameworks:
    """Make the allowance of IFRS 9 and that of ASC 326 from one evidence; see ``compare_frameworks``.

    Parameters
    ----------
    evidence : as of the balance-sheet date.
    method : its name.
    assessments : as for ``complete_allowance``.
    collections_until : the later day until which cash is looked at, where the policy elects it; None = at no later day.
    entity : of one selling company alone, without later collections; None = of the whole book.

    Raises
    ------
    PolicyError
        When later collections are asked for and not elected, and as for ``complete_allowance``.
    InputError
        When the ledger does not reach to the later day, or later collections are asked for of one company.
    """
    if collections_until and entity is not None:
        raise InputError("later collections are of the whole book", where="entity", hint="leave the entity out")
    exposures, policy = evidence.exposures, evidence.policy
    plain, later = evidence.estimate(method), None
    if collections_until:
        collected = list_later_collections(evidence.book, exposures, collections_until=collections_until)
        aged = age_later(exposures, on=collections_until, ageing=policy.ageing)
        left = evidence.look_later(aged, days=(collections_until - exposures.ageing.age_on).days)
        later = Later(collections_until, collected, left.estimate(method))
    return compare_frameworks(
        exposures,
        weighted=weigh_scenarios(evidence, plain),
        plain=plain,
        method=method,
        policy=policy.allowance,
        later=later,
        assess=lambda allowance: _take_own(evidence, assess_customers(evidence, allowance, assessments), entity),
    )


def move_assumptions(evidence: Evidence, *, method: str, again: bool = True) -> pd.DataFrame:
    """Measure how the allowance of a method moves with each assumption; see ``measure_sensitivity``.

    Parameters
    ----------
    again : whether to move, too, what a method learns from, for which evidence is gathered three times more.
    """
    exposures, policy = evidence.exposures, evidence.policy

    def reestimate(moved: Policy) -> Allowance:
        seen = gather_evidence(
            evidence.book,
            as_of=exposures.as_of,
            age_on=exposures.ageing.age_on,
            policy=moved,
            home=evidence.home,
            model_name=evidence.model_name,
            tell=evidence.tell,
        )
        return estimate_allowance(seen, method=method)

    # A curve is found once: its history is in the trees, and another definition of default leaves them as they are.
    learns = again and method != "model"
    estimate = weigh_scenarios(evidence, evidence.estimate(method))
    return measure_sensitivity(exposures, estimate, policy=policy, reestimate=reestimate if learns else None)


def cross_check(evidence: Evidence, *, entity: str | None = None) -> tuple[CrossCheck, ...]:
    """Give the numbers to hold beside the totals of the methods.

    Parameters
    ----------
    entity : the selling company whose totals they are, beside which nothing can be held; None = the whole book.
    """
    if entity is not None:
        return ()
    steps = evidence.policy.allowance.history_steps
    life = check_remaining_life(evidence.exposures, evidence.flows, evidence.losses, steps=steps)
    return life, check_vintages(evidence.exposures, evidence.book, evidence.losses)


def judge_presumption(evidence: Evidence) -> Presumption:
    """Say whether the ledger's own outcomes support default no later than 90 days past due."""
    return weigh_presumption(evidence.book, as_of=evidence.exposures.as_of, policy=evidence.policy.allowance)


def weigh_scenarios(evidence: Evidence, estimate: Estimate) -> Estimate:
    """Give the mean of an estimate over the policy's scenarios of the economy."""
    policy = evidence.policy.allowance
    scenarios = read_scenarios(policy, evidence.book, as_of=evidence.exposures.as_of)
    return apply_scenarios(estimate, scenarios, asset_correlation=policy.asset_correlation)
