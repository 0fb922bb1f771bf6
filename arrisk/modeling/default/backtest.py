"""The backtest of the default model: customers as of a day and each later quarter start, predicted as of that day."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from arrisk.errors import InputError
from arrisk.frames import date_of, day_of
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.candidates import Candidate
from arrisk.modeling.chain import Link
from arrisk.modeling.default.asking import ask_customers, train_on_customers
from arrisk.modeling.default.model import (
    ALTMAN_RULE,
    APPLICATION,
    BEHAVIOUR,
    HORIZON_DAYS,
    MODELS,
    DefaultTraining,
    Observed,
    fit_alone,
    fit_in_cycle,
    list_default_candidates,
)
from arrisk.modeling.evaluate import Outcomes, evaluate, to_plain
from arrisk.modeling.rates import BaseRate
from arrisk.modeling.rows import Column, Floats, read_column
from arrisk.modeling.trial import fit_plain
from arrisk.policy import Policy
from arrisk.schema import Book

CHAMPION = "default_model"
"""The name of the model itself among the candidates: each customer by the champion of the model that it falls to."""

LATE_RATE = "shrunk_rate"
"""A regression on nothing but the customer's own past late rate, shrunk to the book's."""


@dataclass(frozen=True)
class DefaultBacktest:
    """A backtest of the default model.

    Parameters
    ----------
    training : fitted on what was known before the cutoff.
    observed : customers not in default as of the cutoff and each later quarter start, with outcomes.
    p : the prediction of each, shape (n,).
    """

    training: DefaultTraining
    observed: Observed
    p: Floats

    @cached_property
    def rivals(self) -> dict[str, dict[str, Link]]:
        """By model, every candidate that was offered; the champion as it serves, the others fitted on the same rows."""
        return {name: _fit_candidates(self.training, name) for name in MODELS}

    def predict_baselines(self, name: str, features: pd.DataFrame) -> dict[str, Floats]:
        """Predict by what needs no model: the rate of all, and one known number about each customer.

        For the behaviour model that number is the customer's own late rate, for the application model Altman's Z'.
        """
        training = self.training
        base = fit_plain(training.samples[name], list_default_candidates(())[0])
        found = {BaseRate.kind: base.predict(features)}
        if name == BEHAVIOUR:
            own = (Column("late_share_shrunk", 1, "plain", 1.0),)
            late = Candidate(LATE_RATE, lambda rows: fit_alone(rows, own))
            return {**found, LATE_RATE: fit_plain(training.samples[name], late).predict(features)}
        if (rule := self.rivals[name].get(ALTMAN_RULE)) is not None:
            found[ALTMAN_RULE] = rule.predict(features)
        return found


def run_default_backtest(book: Book, *, cutoff: date, policy: Policy) -> DefaultBacktest:
    """Fit on years that were over before a day, and predict customers as of that day and each later quarter start.

    Parameters
    ----------
    book : a checked book.
    cutoff : the day.
    policy : says what a default is.

    Raises
    ------
    InputError
        When the extract ends before the day.
    ModelError
        When no customer had been observed for a year by then.
    """
    end = book.extract_end_on
    if cutoff > end:
        raise InputError(f"the extract ends on {end}, before {cutoff}", hint="an earlier cutoff")
    known = list_defaults(book, as_of=cutoff, policy=policy)
    training = train_on_customers(book, known, as_of=cutoff, policy=policy)
    days = [day_of(day) for day in list_quarters(cutoff, end)]
    known_by = date_of(day_of(end) + 1)
    episodes = list_defaults(book, as_of=known_by, policy=policy)
    observed = ask_customers(book, episodes, days=days, policy=policy, known_by=known_by)
    return DefaultBacktest(training, observed, training.model.predict(observed.features))


def list_quarters(first: date, last: date) -> list[date]:
    """List a day and the quarter starts after it, until another.

    Examples
    --------
    >>> [str(day) for day in list_quarters(date(2025, 2, 1), date(2025, 8, 1))]
    ['2025-02-01', '2025-04-01', '2025-07-01']
    """
    starts = pd.date_range(first, last, freq="QS").date
    return sorted({first, *starts})


def report_default_backtest(backtest: DefaultBacktest) -> dict[str, Any]:
    """Report how the model did on years that are over, beside its rivals and baselines."""
    training, observed = backtest.training, backtest.observed
    complete = ~np.isnan(observed.defaulted)
    features = observed.features.loc[complete]
    outcomes = Outcomes(
        target=observed.defaulted[complete],
        customer=np.asarray(pd.factorize(observed.customer_id, sort=True)[0], dtype="int64")[complete],
        history_count=read_column(features, "settled_count"),
        amount=np.zeros(0),
    )
    report = evaluate(
        outcomes,
        candidates={CHAMPION: backtest.p[complete], **_predict_rivals(backtest, features)},
        baselines=backtest.predict_baselines(BEHAVIOUR, features),
        champion=CHAMPION,
    )
    return dict(
        to_plain(
            {
                "rows_train": len(training.samples[BEHAVIOUR]),
                "events_train": training.samples[BEHAVIOUR].events,
                "rows_predicted": len(observed),
                **report,
                "mean_predicted": float(backtest.p[complete].mean()) if complete.any() else None,
                "champions": {name: trial.champion for name, trial in training.trials.items()},
            }
        )
    )


def predict_by_application(backtest: DefaultBacktest) -> Floats:
    """Predict every customer as if nothing were known of trading with it."""
    return backtest.training.model.application.predict(backtest.observed.features)


def _predict_rivals(backtest: DefaultBacktest, features: pd.DataFrame) -> dict[str, Floats]:
    """Predict by each candidate of the behaviour model alone, and by the application model as if nobody were known."""
    links = {name: link for name, link in backtest.rivals[BEHAVIOUR].items() if name != BaseRate.kind}
    found = {APPLICATION: backtest.training.model.application.predict(features)}
    return found | {name: link.predict(features) for name, link in links.items()}


def observe_year_later(book: Book, *, cutoff: date, policy: Policy) -> Observed | None:
    """Ask about every customer who is not in default a year after a day; None when the extract ends before."""
    end_day, day = day_of(book.extract_end_on) + 1, day_of(cutoff) + HORIZON_DAYS
    if day > end_day:
        return None
    known_by = date_of(end_day)
    episodes = list_defaults(book, as_of=known_by, policy=policy)
    return ask_customers(book, episodes, days=[day], policy=policy, known_by=known_by)


def _fit_candidates(training: DefaultTraining, name: str) -> dict[str, Link]:
    sample, trial = training.samples[name], training.trials[name]
    champion = training.model.behaviour if name == BEHAVIOUR else training.model.application
    candidates = [each for each in list_default_candidates(sample.columns) if each.name in trial.offered]
    return {
        each.name: champion
        if each.name == trial.champion
        else fit_in_cycle(sample, candidates, trial, name=each.name, cycle=training.cycle)
        for each in candidates
    }
