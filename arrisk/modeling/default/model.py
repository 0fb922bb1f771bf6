"""The default model: how likely a customer who is not in default comes into default within a year.

Two models on one scale. Of a customer with whom there is a history, *behaviour* and everything else is read; of an
applicant never sold to before, only what does not come from trading with him. Each has its own champion among a rate,
Altman's rule, a scorecard, a regression, trees and a blend, chosen on predictions out of time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from arrisk.errors import ModelError
from arrisk.features.attributes import PREFIX
from arrisk.modeling.blend import BlendModel
from arrisk.modeling.boosted import RANDOM, SAYABLE, BoostedModel, fit_boosted
from arrisk.modeling.calibrate import UNCHANGED
from arrisk.modeling.candidates import Candidate, list_candidates
from arrisk.modeling.chain import Link
from arrisk.modeling.default.low_default import estimate_posterior
from arrisk.modeling.inputs import fill_attributes
from arrisk.modeling.linear import MIN_OF_EACH as FEWEST_EVENTS
from arrisk.modeling.linear import MIN_ROWS as FEWEST_ROWS
from arrisk.modeling.linear import LinearModel, fit_linear
from arrisk.modeling.logistic import to_margin
from arrisk.modeling.rates import BaseRate
from arrisk.modeling.rows import Column, Floats, Ints, Mask, Sample, order_sample, read_column, require_columns
from arrisk.modeling.scorecard import ScorecardModel, fit_scorecard
from arrisk.modeling.splits import split_somehow
from arrisk.modeling.trial import Trial, fit_link, hold_trial

HORIZON_DAYS = 365
"""A default counts when it begins within so many days of the question."""

BEHAVIOUR, APPLICATION = "behaviour", "application"
"""The two models: of customers with a history with us, and of those without."""

MODELS = (BEHAVIOUR, APPLICATION)

HISTORY = "invoices_count"
"""The feature that says whether there is a history."""

Cycle = Literal["through_the_cycle", "point_in_time"]
THROUGH_THE_CYCLE: Cycle = "through_the_cycle"
POINT_IN_TIME: Cycle = "point_in_time"
"""Which default rate the mean of the probabilities meets: that of all years observed, or that of the newest."""

ALTMAN = "altman_z1"
ALTMAN_RULE = "altman_rule"

RULES = (BaseRate.kind, ALTMAN_RULE)
"""Candidates that rank nobody, or by one number: they give way to whatever is better at all."""

RANDOM_TREES = "random_trees"

MANY_ATTRIBUTES = 30
"""From so many attributes on what tells of a default may stand in a few of them, and larger trees are offered."""

MOST_ROWS = 100_000
"""The model learns from at most so many questions, taken evenly from all."""


@dataclass(frozen=True)
class DefaultModel:
    """All that is needed to predict default.

    Parameters
    ----------
    columns : the features that the behaviour model reads.
    known_before : those of them that the application model reads.
    behaviour, application : the two models.
    reference : what is usual: the median of each of ``columns`` over the customers of the training of whom it was
        known; missing where it never was.
    """

    columns: tuple[Column, ...]
    known_before: tuple[Column, ...]
    behaviour: Link
    application: Link
    reference: Mapping[str, float]

    def predict(self, features: pd.DataFrame) -> Floats:
        """Predict each customer's probability of default within a year, given that it is not in default.

        Parameters
        ----------
        features : one row per customer.

        Returns
        -------
        array of shape (n,)

        Raises
        ------
        ModelError
            When a feature is missing; an attribute that the book does not have is one of which nothing is known.
        """
        features = fill_attributes(features, self.columns)
        require_columns(features, self.columns)
        has_history = find_history(features)
        p = np.empty(len(features))
        for link, chosen in ((self.behaviour, has_history), (self.application, ~has_history)):
            rows = np.flatnonzero(chosen)
            if len(rows):
                p[rows] = link.predict(features.iloc[rows])
        return p

    def tells_apart(self, features: pd.DataFrame) -> Mask:
        """Say of which customers the model says more than the rate of all, shape (n,)."""
        behaves, applies = (not isinstance(link.model, BaseRate) for link in (self.behaviour, self.application))
        return np.where(find_history(features), behaves, applies)


@dataclass(frozen=True)
class Observed:
    """Customers asked about as of days, and what became of them; arrays of shape (n,).

    Parameters
    ----------
    features : what was known at each question.
    customer_id : who.
    asked_day : as of which day.
    defaulted : 1, 0, or NaN where the year was not over on the day of training.
    """

    features: pd.DataFrame
    customer_id: pd.Series
    asked_day: Ints
    defaulted: Floats

    def __len__(self) -> int:
        return len(self.asked_day)


@dataclass(frozen=True)
class DefaultTraining:
    """A fitted default model and how it came about.

    Parameters
    ----------
    model : the model.
    trials : by model, how its champion was chosen.
    samples : by model, what it learnt from.
    customer_ids : by model, who the sample's customers are: its numbers are places in this list.
    as_of_day : the day before whose start everything was known.
    cycle : which default rate the mean meets.
    """

    model: DefaultModel
    trials: Mapping[str, Trial]
    samples: Mapping[str, Sample]
    customer_ids: Mapping[str, Sequence[str]]
    as_of_day: int
    cycle: Cycle


def find_history(features: pd.DataFrame) -> Mask:
    """Say of whom there is a history with us."""
    return np.asarray(np.nan_to_num(read_column(features, HISTORY)) > 0)


def train_default(
    observed: Observed,
    *,
    columns: tuple[Column, ...],
    known_before: tuple[Column, ...],
    as_of_day: int,
    cycle: Cycle = THROUGH_THE_CYCLE,
) -> DefaultTraining:
    """Fit and choose both models on years that were over before a day.

    Parameters
    ----------
    observed : questions as of days, with outcomes as of ``as_of_day``.
    columns, known_before : what the behaviour and the application model read.
    as_of_day : days since 1970-01-01.
    cycle : through the cycle, the mean is that of all years observed, as the fit gives it; at a point in time
        they are calibrated on the newest years that were predicted forward, good or bad.

    Raises
    ------
    ModelError
        When a feature is missing, or no customer has been known for a year.
    """
    require_columns(observed.features, columns)
    complete = np.flatnonzero(~np.isnan(observed.defaulted))
    if not len(complete):
        raise ModelError(
            "no customer had been observed for a whole year by that day",
            where="invoices, issued_on",
            hint="a later day, or a longer extract: a default within a year takes more than a year to learn",
        )
    history = complete[find_history(observed.features)[complete]]
    rows = {BEHAVIOUR: history if len(history) else complete, APPLICATION: complete}
    read = {BEHAVIOUR: columns, APPLICATION: known_before}
    samples = {name: make_sample(observed, rows[name], read[name]) for name in rows}
    customer_ids = {name: sorted(observed.customer_id.iloc[own].unique()) for name, own in rows.items()}
    links, trials = {}, {}
    for name, sample in samples.items():
        links[name], trials[name] = choose_link(sample, cycle=cycle)
    reference = find_usual(observed.features.iloc[complete], columns)
    model = DefaultModel(columns, known_before, links[BEHAVIOUR], links[APPLICATION], reference)
    return DefaultTraining(model, trials, samples, customer_ids, as_of_day, cycle)


def find_usual(features: pd.DataFrame, columns: Sequence[Column]) -> Mapping[str, float]:
    """Find the median of each column over the rows in which it is known."""
    known = {column.name: pd.Series(read_column(features, column.name)).dropna() for column in columns}
    return {name: float(values.median()) for name, values in known.items()}


def choose_link(sample: Sample, *, cycle: Cycle) -> tuple[Link, Trial]:
    """Choose one of the two models on its rows, and fit it on all of them."""
    candidates = list_default_candidates(sample.columns)
    trial = hold_trial(
        sample, candidates, most_rows=MOST_ROWS, split=split_somehow, yielding=RULES, untried=LinearModel.kind
    )
    return fit_in_cycle(sample, candidates, trial, name=trial.champion, cycle=cycle), trial


def fit_in_cycle(sample: Sample, candidates: Sequence[Candidate], trial: Trial, *, name: str, cycle: Cycle) -> Link:
    """Fit one candidate on all rows; with the calibrator of its trial at a point in time, with none otherwise."""
    link = fit_link(sample, candidates, trial, name=name)
    return link if cycle == POINT_IN_TIME else Link(link.model, UNCHANGED)


def list_default_candidates(columns: Sequence[Column]) -> Sequence[Candidate]:
    """List the candidates by rising complexity.

    Parameters
    ----------
    columns : what they may read; Altman's rule is offered where the score of private firms is among them, and larger
        trees where there are ``MANY_ATTRIBUTES``.
    """
    altman = tuple(column for column in columns if column.name == ALTMAN)
    scored = {candidate.name: candidate for candidate in list_candidates(past=None, is_whole=False, growth=SAYABLE)}
    rule = [Candidate(ALTMAN_RULE, lambda sample: fit_alone(sample, altman), FEWEST_ROWS, FEWEST_EVENTS)]
    card = Candidate(ScorecardModel.kind, fit_scorecard, FEWEST_ROWS, FEWEST_EVENTS)
    is_wide = sum(column.name.startswith(PREFIX) for column in columns) >= MANY_ATTRIBUTES
    fit_random = partial(fit_boosted, growth=RANDOM)
    # More and larger trees stand in for the small ones unless they are clearly worse.
    larger = replace(scored[BoostedModel.kind], name=RANDOM_TREES, fit=fit_random, parts=(BoostedModel.kind,))
    return [
        Candidate(BaseRate.kind, fit_default_rate),
        *(rule if altman else []),
        card,
        scored[LinearModel.kind],
        scored[BoostedModel.kind],
        *([larger] if is_wide else []),
        # Few defaults choose badly among models: their mean stands unless one of them is clearly better.
        replace(scored[BlendModel.kind], parts=(ScorecardModel.kind, LinearModel.kind, BoostedModel.kind)),
    ]


def fit_default_rate(sample: Sample) -> BaseRate:
    """Estimate everybody's default rate by its posterior mean over customer-years: never 0, also without a default.

    Years that overlap count once: four questions a year about one customer are not four years of evidence.
    """
    years = count_customer_years(sample)
    defaults = years * sample.events / max(1, len(sample))
    return BaseRate(float(to_margin(estimate_posterior(np.array([defaults]), np.array([years])))[0]))


def count_customer_years(sample: Sample) -> float:
    """Count for how many years customers were followed, days within several questions' years once.

    Examples
    --------
    >>> days, customer = np.array([0, 91, 0]), np.array([0, 0, 1])
    >>> sample = Sample(pd.DataFrame(index=range(3)), np.zeros(3), customer, days, days + 364, ())
    >>> round(count_customer_years(sample), 3)
    2.249
    """
    order = np.lexsort((sample.asked_day, sample.customer))
    customer, day = sample.customer[order], sample.asked_day[order]
    is_last = np.append(customer[1:] != customer[:-1], True)[: len(customer)]
    until_next = np.append(np.diff(day), 0)[: len(day)]
    return float(np.where(is_last, HORIZON_DAYS, np.minimum(until_next, HORIZON_DAYS)).sum() / HORIZON_DAYS)


def fit_alone(sample: Sample, columns: tuple[Column, ...]) -> LinearModel:
    """Fit a regression on nothing but some columns, and on whether they are known."""
    return fit_linear(replace(sample, columns=columns), past=None)


def make_sample(observed: Observed, rows: Ints, columns: tuple[Column, ...]) -> Sample:
    """Make of some questions, whose outcomes are known, the rows that a model learns from."""
    ids = observed.customer_id.iloc[rows]
    sample = Sample(
        features=observed.features.iloc[rows],
        target=observed.defaulted[rows],
        customer=np.asarray(pd.factorize(ids, sort=True)[0], dtype="int64"),
        asked_day=observed.asked_day[rows],
        known_day=observed.asked_day[rows] + HORIZON_DAYS - 1,
        columns=columns,
    )
    return order_sample(sample, ids=ids)
