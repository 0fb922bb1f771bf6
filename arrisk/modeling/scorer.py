"""A saved payment curve as plain text files: written from a fitted model, read back strictly.

card.json        what it is: ledger, training range, rows, policy, metrics, versions
features.json    the feature columns, in order
drift.json       how the curve follows the times
reference.json   how scores and features were spread on the day of training
issue/, open/    a chain each: stages.json, and one folder per stage, named by its last day past due, with model.json
                 (and model.txt for trees) and calibrator.json
manifest.json    the format's version and the SHA-256 of every other file

Nothing here touches a disk: files are texts by name.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any, Final, Self

from arrisk import __version__
from arrisk.errors import ModelError
from arrisk.modeling.chain import Chain, Stage
from arrisk.modeling.curves import Grid
from arrisk.modeling.drift import DriftRule
from arrisk.modeling.payment_curve import ISSUE, OPEN, PaymentCurve
from arrisk.modeling.plain_files import TRAIN_AGAIN, check_seal, dump_link, parse_link, read_json, seal, to_text
from arrisk.modeling.reference import Reference
from arrisk.modeling.rows import Column
from arrisk.modeling.stopped import StopRule

FORMAT = 4
_PACKAGES: Final = {"lightgbm": "lightgbm", "numpy": "numpy", "pandas": "pandas", "sklearn": "scikit-learn"}


@dataclass(frozen=True)
class Card:
    """What a saved model is, for those who load it and those who audit it.

    Parameters
    ----------
    name : what it predicts, such as ``late-payment``.
    ledger : name or fingerprint of the ledger that it was trained on.
    as_of_day : it learnt only from what was known before the start of this day.
    first_day, last_day : the first and the last day of what it learnt from: of invoices their issue, of customers the
        day as of which they were observed.
    rows, customers : how many invoices known by then, or observations of customers, of how many customers.
    base_rate : the share of the invoices due by then that was late, or of the observations that ended in default.
    policy_hash : hash of the policy sections that define labels and features.
    champions : the chosen candidate by chain and stage.
    metrics : what was measured, plain data.
    versions : the packages that fitted it.
    """

    name: str
    ledger: str
    as_of_day: int
    first_day: int
    last_day: int
    rows: int
    customers: int
    base_rate: float
    policy_hash: str
    champions: Mapping[str, str]
    metrics: Mapping[str, Any]
    versions: Mapping[str, str]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``asdict`` gave; a field too many or too few is an error."""
        return cls(**data)


@dataclass(frozen=True)
class Scorer:
    """A model together with its card, and how scores and features were spread when it was trained; None = not kept."""

    model: PaymentCurve
    card: Card
    reference: Reference | None = None


def list_versions() -> dict[str, str]:
    """List the versions of what a model is fitted with, by name of the module; nothing is imported for it."""
    return {"arrisk": __version__, **{name: metadata.version(package) for name, package in _PACKAGES.items()}}


def dump_scorer(scorer: Scorer) -> dict[str, str]:
    """Write a model as texts by file name.

    Returns
    -------
    dict
        Text by relative path; ``manifest.json`` holds the others' SHA-256.
    """
    model = scorer.model
    drift = model.drift.to_json() if model.drift else None
    files = {
        "card.json": to_text(asdict(scorer.card)),
        "features.json": to_text([asdict(column) for column in model.columns]),
        "drift.json": to_text({"rule": drift, "shift": model.shift}),
        "reference.json": dump_reference(scorer.reference),
        **_dump_chain(model.issue, ISSUE),
        **_dump_chain(model.open, OPEN),
    }
    return seal(files, version=FORMAT)


def parse_scorer(files: Mapping[str, str], *, policy_hash: str | None = None) -> Scorer:
    """Read a model from texts by file name.

    Parameters
    ----------
    files : as given by ``dump_scorer``.
    policy_hash : of the policy sections under which it is to be used; None = to look at it, whatever its policy.

    Raises
    ------
    ModelError
        When a file is missing, changed, superfluous or unreadable, the format is of another version, or it learnt under
        another policy.
    """
    check_seal(files, version=FORMAT)
    try:
        card = Card.from_json(read_json(files, "card.json"))
        check_policy(card, policy_hash)
        return Scorer(_parse_model(files), card, parse_reference(files))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the saved model cannot be understood: {error}", hint=TRAIN_AGAIN) from error


def dump_reference(reference: Reference | None) -> str:
    """Write a reference as text; none is null. One line: nobody reads a thousand counts one below the other."""
    return json.dumps(reference.to_json() if reference else None, sort_keys=True, allow_nan=False) + "\n"


def parse_reference(files: Mapping[str, str]) -> Reference | None:
    """Read what ``dump_reference`` wrote.

    Raises
    ------
    KeyError, TypeError
        When it cannot be understood.
    """
    data = read_json(files, "reference.json")
    return None if data is None else Reference.from_json(data)


def check_policy(card: Card, policy_hash: str | None) -> None:
    """Refuse a model that learnt under another policy; None = any will do.

    Raises
    ------
    ModelError
        When it did.
    """
    if policy_hash not in (None, card.policy_hash):
        what = "the saved model learnt under another policy: what it predicts or its features mean something else now"
        raise ModelError(what, where="card.json", hint="train again, or use the policy it was trained with")


def _dump_chain(chain: Chain, folder: str) -> dict[str, str]:
    stages = [{"last_day": stage.last_day, "lost_share": stage.lost_share} for stage in chain.stages]
    stop = chain.stop.to_json() if chain.stop else None
    files = {f"{folder}/stages.json": to_text({"stages": stages, "grid": chain.grid.to_json(), "stop": stop})}
    for stage in chain.stages:
        files |= dump_link(stage.link, folder=f"{folder}/{stage.last_day}")
    return files


def _parse_model(files: Mapping[str, str]) -> PaymentCurve:
    columns = tuple(Column(**column) for column in read_json(files, "features.json"))
    drift = read_json(files, "drift.json")
    rule = DriftRule.from_json(drift["rule"]) if drift["rule"] else None
    return PaymentCurve(columns, _parse_chain(files, ISSUE), _parse_chain(files, OPEN), rule, float(drift["shift"]))


def _parse_chain(files: Mapping[str, str], folder: str) -> Chain:
    data = read_json(files, f"{folder}/stages.json")
    stages = tuple(
        Stage(
            int(stage["last_day"]),
            parse_link(files, folder=f"{folder}/{stage['last_day']}"),
            float(stage["lost_share"]),
        )
        for stage in data["stages"]
    )
    stop = None if data["stop"] is None else StopRule.from_json(data["stop"])
    return Chain(Grid.from_json(data["grid"]), stages, stop)
