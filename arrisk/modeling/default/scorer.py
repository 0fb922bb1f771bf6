"""A saved default model as plain text files, with the losses that go with it: written and read back strictly.

card.json                   what it is: ledger, training range, rows, policy, metrics, versions
features.json               the feature columns of both models, in order
usual.json                  the usual value of each of them
behaviour/, application/    a model each: model.json (and model.txt for trees) and calibrator.json
losses.json                 the share lost of what is owed at a default, and of what is written off
reference.json              how scores and features were spread on the day of training
manifest.json               the format's version and the SHA-256 of every other file

Nothing here touches a disk: files are texts by name.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from arrisk.errors import ModelError
from arrisk.modeling.default.model import APPLICATION, BEHAVIOUR, DefaultModel, DefaultTraining
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.lgd.models import LossModel
from arrisk.modeling.plain_files import TRAIN_AGAIN, check_seal, dump_link, parse_link, read_json, seal, to_text
from arrisk.modeling.reference import Reference
from arrisk.modeling.rows import Column
from arrisk.modeling.scorer import Card, check_policy, dump_reference, list_versions, parse_reference
from arrisk.modeling.trial import describe_trial

NAME = "default-12m"
"""What the model predicts, as its name in the registry."""

FORMAT = 2


@dataclass(frozen=True)
class DefaultScorer:
    """A default model with the losses, its card, and how scores and features were spread then; None = not kept."""

    model: DefaultModel
    losses: Losses
    card: Card
    reference: Reference | None = None


def describe_default(training: DefaultTraining, losses: Losses, *, ledger: str, policy_hash: str) -> DefaultScorer:
    """Put the card of a fitted default model, and the losses, beside it.

    Parameters
    ----------
    training : the fitted model and how it came about.
    losses : fitted on what was known before the same day.
    ledger : name or fingerprint of the ledger that it learnt from.
    policy_hash : hash of the policy sections that define labels and features.

    Returns
    -------
    DefaultScorer
        Ready for ``dump_default``.
    """
    # The application model learns from all customers, the behaviour model from those of them with a history.
    sample, fitted = training.samples[APPLICATION], _describe_losses(losses)
    champions = {name: trial.champion for name, trial in training.trials.items()}
    card = Card(
        name=NAME,
        ledger=ledger,
        as_of_day=training.as_of_day,
        first_day=int(sample.asked_day.min()),
        last_day=int(sample.asked_day.max()),
        rows=len(sample),
        customers=len(np.unique(sample.customer)),
        base_rate=float(sample.target.mean()),
        policy_hash=policy_hash,
        champions=champions | {name: loss["kind"] for name, loss in fitted.items()},
        metrics={name: describe_trial(trial) for name, trial in training.trials.items()} | fitted,
        versions=list_versions(),
    )
    return DefaultScorer(training.model, losses, card)


def list_default_figures(training: DefaultTraining) -> dict[str, float]:
    """List a training's figures by name, for a table of runs."""
    figures = {}
    for name, trial in training.trials.items():
        sample = training.samples[name]
        figures[f"{name}.rows"], figures[f"{name}.events"] = float(len(sample)), float(sample.events)
        figures[f"{name}.customers"] = float(len(np.unique(sample.customer)))
        for duel in trial.duels:
            figures[f"{name}.log_loss_gain.{duel.challenger}_over_{duel.champion}"] = duel.gain.value
    return figures


def dump_default(scorer: DefaultScorer) -> dict[str, str]:
    """Write a model as texts by file name.

    Returns
    -------
    dict
        Text by relative path; ``manifest.json`` holds the others' SHA-256.
    """
    model = scorer.model
    columns = {BEHAVIOUR: model.columns, APPLICATION: model.known_before}
    files = {
        "card.json": to_text(asdict(scorer.card)),
        "features.json": to_text({name: [asdict(column) for column in own] for name, own in columns.items()}),
        "usual.json": to_text({name: None if math.isnan(value) else value for name, value in model.reference.items()}),
        "losses.json": to_text({name: one.to_json() for name, one in _list_losses(scorer.losses).items()}),
        "reference.json": dump_reference(scorer.reference),
        **dump_link(model.behaviour, folder=BEHAVIOUR),
        **dump_link(model.application, folder=APPLICATION),
    }
    return seal(files, version=FORMAT)


def parse_default(files: Mapping[str, str], *, policy_hash: str | None = None) -> DefaultScorer:
    """Read a model from texts by file name.

    Parameters
    ----------
    files : as given by ``dump_default``.
    policy_hash : of the policy sections under which it is to be used; None = to look at it, whatever its policy.

    Raises
    ------
    ModelError
        When a file is missing, changed, superfluous or unreadable, the format is of another version, the files are of
        another kind of model, or it learnt under another policy.
    """
    check_seal(files, version=FORMAT)
    try:
        card = Card.from_json(read_json(files, "card.json"))
        _check_card(card, policy_hash)
        return DefaultScorer(_parse_model(files), _parse_losses(files), card, parse_reference(files))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the saved model cannot be understood: {error}", hint=TRAIN_AGAIN) from error


def _check_card(card: Card, policy_hash: str | None) -> None:
    if card.name != NAME:
        raise ModelError(f"the saved model is '{card.name}', not '{NAME}'", where="card.json", hint=TRAIN_AGAIN)
    check_policy(card, policy_hash)


def _parse_model(files: Mapping[str, str]) -> DefaultModel:
    features = read_json(files, "features.json")
    columns, known_before = (tuple(Column(**one) for one in features[name]) for name in (BEHAVIOUR, APPLICATION))
    behaviour, application = (parse_link(files, folder=name) for name in (BEHAVIOUR, APPLICATION))
    usual = read_json(files, "usual.json")
    reference = {column.name: math.nan if usual[column.name] is None else usual[column.name] for column in columns}
    return DefaultModel(columns, known_before, behaviour, application, reference)


def _parse_losses(files: Mapping[str, str]) -> Losses:
    return Losses(**{name: LossModel.from_json(one) for name, one in read_json(files, "losses.json").items()})


def _list_losses(losses: Losses) -> dict[str, LossModel]:
    return {"given_default": losses.given_default, "given_write_off": losses.given_write_off}


def _describe_losses(losses: Losses) -> dict[str, dict[str, Any]]:
    return {name: {"kind": one.model.kind, "cases": one.cases} for name, one in _list_losses(losses).items()}
