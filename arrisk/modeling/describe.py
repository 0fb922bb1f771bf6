"""From a training to a scorer: the model with the card that says what it is."""

import lightgbm
import numpy as np
import pandas as pd
import sklearn

import arrisk
from arrisk.modeling.chain import HORIZONS, name_horizon
from arrisk.modeling.late_payment import Training, describe_trials
from arrisk.modeling.scorer import Card, Scorer

NAME = "late-payment"
"""What the model predicts, as its name in the registry."""


def describe_training(training: Training, *, ledger: str, policy_hash: str) -> Scorer:
    """Put the card of a fitted model beside it.

    Parameters
    ----------
    training : the fitted model and how it came about.
    ledger : name or fingerprint of the ledger that it learnt from.
    policy_hash : hash of the policy sections that define labels and features.

    Returns
    -------
    Scorer
        Ready for ``dump_scorer``.
    """
    trials = training.trials
    card = Card(
        name=NAME,
        ledger=ledger,
        as_of_day=training.as_of_day,
        first_day=training.first_day,
        last_day=training.last_day,
        rows=training.rows,
        customers=training.customers,
        base_rate=training.base_rate,
        policy_hash=policy_hash,
        champions={name_horizon(k): trials[k].champion for k in HORIZONS},
        metrics=describe_trials(training),
        versions={module.__name__: module.__version__ for module in (arrisk, lightgbm, np, pd, sklearn)},
    )
    return Scorer(training.model, card)


def list_figures(training: Training) -> dict[str, float]:
    """List a training's figures by name, for a table of runs."""
    figures = {"rows": float(training.rows), "customers": float(training.customers)}
    for k, trial in training.trials.items():
        for duel in trial.duels:
            figures[f"{name_horizon(k)}.log_loss_gain.{duel.challenger}_over_{duel.champion}"] = duel.gain.value
    return figures
