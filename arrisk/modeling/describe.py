"""From a training to a scorer: the model with the card that says what it is."""

from collections.abc import Iterator

import numpy as np

from arrisk.frames import NEVER
from arrisk.modeling.payment_curve import ISSUE, Training, describe_trials
from arrisk.modeling.scorer import Card, Scorer, list_versions
from arrisk.modeling.stages import label_unpaid, list_complete
from arrisk.modeling.trial import Trial

NAME = "payment-curve"
"""What the model predicts, as its name in the registry."""


def describe_training(training: Training, *, ledger: str, policy_hash: str) -> Scorer:
    """Put the card of a fitted model beside it.

    Parameters
    ----------
    training : the fitted curve and how it came about.
    ledger : name or fingerprint of the ledger that it learnt from.
    policy_hash : hash of the policy sections that define labels and features.

    Returns
    -------
    Scorer
        Ready for ``dump_scorer``.
    """
    asked = training.asked[ISSUE]
    due = list_complete(asked, after=-NEVER, last=0, as_of_day=training.as_of_day)
    card = Card(
        name=NAME,
        ledger=ledger,
        as_of_day=training.as_of_day,
        first_day=int(asked.asked_day.min()),
        last_day=int(asked.asked_day.max()),
        rows=len(asked),
        customers=len(np.unique(asked.customer)),
        base_rate=float(label_unpaid(asked, due, last=0).mean()),
        policy_hash=policy_hash,
        champions={f"{chain}/{last}": trial.champion for chain, last, trial in _list_trials(training)},
        metrics=describe_trials(training),
        versions=list_versions(),
    )
    return Scorer(training.model, card)


def list_figures(training: Training) -> dict[str, float]:
    """List a training's figures by name, for a table of runs."""
    asked, rule = training.asked[ISSUE], training.model.drift
    figures = {"rows": float(len(asked)), "customers": float(len(np.unique(asked.customer)))}
    if rule is not None:
        figures["drift.log_loss_gain"] = rule.gain.value
    for chain, last, trial in _list_trials(training):
        for duel in trial.duels:
            figures[f"{chain}.{last}.log_loss_gain.{duel.challenger}_over_{duel.champion}"] = duel.gain.value
    return figures


def _list_trials(training: Training) -> Iterator[tuple[str, int, Trial]]:
    for chain, trials in training.trials.items():
        for last, trial in trials.items():
            yield chain, last, trial
