"""What a default model is judged on: its predictions after the cutoff, of customers whose year is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from zlib import crc32

import numpy as np
import pandas as pd

from arrisk.modeling.chain import Link
from arrisk.modeling.default.backtest import DefaultBacktest
from arrisk.modeling.default.model import (
    BEHAVIOUR,
    DefaultTraining,
    find_history,
    fit_in_cycle,
    list_default_candidates,
)
from arrisk.modeling.rows import Floats, Ints, Mask


@dataclass(frozen=True)
class Tested:
    """One model's predictions of questions asked from the cutoff on; arrays of shape (n,).

    Parameters
    ----------
    name : which model.
    champion : which candidate it is.
    features : what was known at each question.
    customer_id : who.
    asked_day : as of which day.
    target : 1, 0, or NaN where the year is not over at the end of the extract.
    p : the prediction.
    candidates : that of every candidate, the champion among them.
    baselines : that of what needs no model.
    unseen : that of the champion's kind, fitted on nothing of the customer's own.
    is_learnt : whether the customer was learnt from.
    """

    name: str
    champion: str
    features: pd.DataFrame
    customer_id: pd.Series
    asked_day: Ints
    target: Floats
    p: Floats
    candidates: Mapping[str, Floats]
    baselines: Mapping[str, Floats]
    unseen: Floats
    is_learnt: Mask

    def __len__(self) -> int:
        return len(self.p)

    def take(self, rows: Mask) -> Self:
        """Keep some rows."""
        return type(self)(
            self.name,
            self.champion,
            self.features.loc[rows].reset_index(drop=True),
            self.customer_id[rows].reset_index(drop=True),
            self.asked_day[rows],
            self.target[rows],
            self.p[rows],
            {name: p[rows] for name, p in self.candidates.items()},
            {name: p[rows] for name, p in self.baselines.items()},
            self.unseen[rows],
            self.is_learnt[rows],
        )

    @property
    def is_over(self) -> Mask:
        """Whose year is over."""
        return ~np.isnan(self.target)

    @property
    def customer(self) -> Ints:
        """The customers as numbers."""
        return np.asarray(pd.factorize(self.customer_id, sort=True)[0], dtype="int64")

    @property
    def is_first(self) -> Mask:
        """The first question about each customer: years of one customer that overlap are not independent."""
        order = np.lexsort((np.arange(len(self)), self.asked_day))
        first = np.zeros(len(self), dtype=bool)
        first[order] = ~self.customer_id.iloc[order].duplicated().to_numpy()
        return first


def list_tested(backtest: DefaultBacktest, name: str) -> Tested:
    """List what a model predicted from the cutoff on.

    The behaviour model is asked about customers with a history; the application model about all, as if nothing were
    known of trading with them: real applicants, of whom nothing is, are a segment of these.
    """
    training, observed = backtest.training, backtest.observed
    rows = find_history(observed.features) if name == BEHAVIOUR else np.ones(len(observed), dtype=bool)
    features = observed.features.loc[rows].reset_index(drop=True)
    customer_id = observed.customer_id[rows].reset_index(drop=True)
    links = backtest.rivals[name]
    candidates = {kind: link.predict(features) for kind, link in links.items()}
    champion = training.trials[name].champion
    return Tested(
        name=name,
        champion=champion,
        features=features,
        customer_id=customer_id,
        asked_day=observed.asked_day[rows],
        target=observed.defaulted[rows],
        p=candidates[champion],
        candidates=candidates,
        baselines=backtest.predict_baselines(name, features),
        unseen=predict_unseen(training, name, features, customer_id),
        is_learnt=customer_id.isin(training.customer_ids[name]).to_numpy(),
    )


def predict_unseen(training: DefaultTraining, name: str, features: pd.DataFrame, customer_id: pd.Series) -> Floats:
    """Predict each customer by the champion's kind, fitted on the other half of the customers.

    Parameters
    ----------
    training : the fitted model.
    name : which of its two models.
    features, customer_id : one row per question.

    Returns
    -------
    array of shape (n,)
        NaN where the half to fit on has too little in it for a model of this kind.
    """
    sample, trial = training.samples[name], training.trials[name]
    candidates = list_default_candidates(sample.columns)
    champion = next(candidate for candidate in candidates if candidate.name == trial.champion)
    learnt = halve(pd.Series(training.customer_ids[name], dtype="str"))[sample.customer]
    half, p = halve(customer_id), np.full(len(features), np.nan)
    for own in (False, True):
        other, asked = sample.take(learnt != own), half == own
        if champion.is_offered(other) and asked.any():
            link: Link = fit_in_cycle(other, candidates, trial, name=champion.name, cycle=training.cycle)
            p[asked] = link.predict(features.loc[asked])
    return p


def halve(customer_id: pd.Series) -> Mask:
    """Put each customer into one of two halves, by its id alone: the same one in every ledger and on every day.

    Examples
    --------
    >>> halve(pd.Series(["a", "b", "d", "a"])).tolist()
    [True, True, False, True]
    """
    return np.array([crc32(name.encode()) & 1 == 1 for name in customer_id.astype("str")], dtype=bool)
