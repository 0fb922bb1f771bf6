"""A saved model as plain text files: written from a fitted model, read back strictly.

card.json        what it is: ledger, training range, rows, policy, metrics, versions
features.json    the feature columns, in order
drift.json       how the curve follows the times
issue/, open/    a chain each: stages.json, and one folder per stage, named by its last day past due, with model.json
                 (and model.txt for trees) and calibrator.json
manifest.json    the format's version and the SHA-256 of every other file

Nothing here touches a disk: files are texts by name. Numbers are written so that they read back bit for bit.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from arrisk.errors import ModelError
from arrisk.modeling.calibrate import CALIBRATORS
from arrisk.modeling.candidates import MODELS
from arrisk.modeling.chain import Chain, Link, Stage
from arrisk.modeling.curves import Grid
from arrisk.modeling.drift import DriftRule
from arrisk.modeling.payment_curve import ISSUE, OPEN, PaymentCurve
from arrisk.modeling.rows import Column

FORMAT = 2
_TRAIN_AGAIN = "train again with this version"


@dataclass(frozen=True)
class Card:
    """What a saved model is, for those who load it and those who audit it.

    Parameters
    ----------
    name : what it predicts, such as ``late-payment``.
    ledger : name or fingerprint of the ledger that it was trained on.
    as_of_day : it learnt only from what was known before the start of this day.
    first_day, last_day : when the first and the last invoice it learnt from were issued.
    rows, customers : how many invoices known by then, of how many customers.
    base_rate : the share of those due by then that was late.
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
    """A model together with its card."""

    model: PaymentCurve
    card: Card


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
        "card.json": _to_text(asdict(scorer.card)),
        "features.json": _to_text([asdict(column) for column in model.columns]),
        "drift.json": _to_text({"rule": drift, "shift": model.shift}),
        **_dump_chain(model.issue, ISSUE),
        **_dump_chain(model.open, OPEN),
    }
    hashes = {name: _hash(text) for name, text in sorted(files.items())}
    return {**files, "manifest.json": _to_text({"format": FORMAT, "sha256": hashes})}


def parse_scorer(files: Mapping[str, str]) -> Scorer:
    """Read a model from texts by file name.

    Raises
    ------
    ModelError
        When a file is missing, changed, superfluous or unreadable, or the format is of another version.
    """
    _check_manifest(files)
    try:
        return Scorer(_parse_model(files), Card.from_json(_read(files, "card.json")))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the saved model cannot be understood: {error}", hint=_TRAIN_AGAIN) from error


def _dump_chain(chain: Chain, folder: str) -> dict[str, str]:
    stages = [{"last_day": stage.last_day, "lost_share": stage.lost_share} for stage in chain.stages]
    files = {f"{folder}/stages.json": _to_text({"stages": stages, "grid": chain.grid.to_json()})}
    for stage in chain.stages:
        files |= {f"{folder}/{stage.last_day}/{name}": text for name, text in _dump_link(stage.link).items()}
    return files


def _dump_link(link: Link) -> dict[str, str]:
    model = link.model.to_json()
    trees = {"model.txt": model.pop("text")} if "text" in model else {}
    calibrator = {"kind": link.calibrator.kind, **link.calibrator.to_json()}
    return {
        **trees,
        "model.json": _to_text({"kind": link.model.kind, **model}),
        "calibrator.json": _to_text(calibrator),
    }


def _parse_model(files: Mapping[str, str]) -> PaymentCurve:
    columns = tuple(Column(**column) for column in _read(files, "features.json"))
    drift = _read(files, "drift.json")
    rule = DriftRule.from_json(drift["rule"]) if drift["rule"] else None
    return PaymentCurve(columns, _parse_chain(files, ISSUE), _parse_chain(files, OPEN), rule, float(drift["shift"]))


def _parse_chain(files: Mapping[str, str], folder: str) -> Chain:
    data = _read(files, f"{folder}/stages.json")
    stages = tuple(
        Stage(int(stage["last_day"]), _parse_link(files, f"{folder}/{stage['last_day']}"), float(stage["lost_share"]))
        for stage in data["stages"]
    )
    return Chain(Grid.from_json(data["grid"]), stages)


def _parse_link(files: Mapping[str, str], folder: str) -> Link:
    model, calibrator = _read(files, f"{folder}/model.json"), _read(files, f"{folder}/calibrator.json")
    if f"{folder}/model.txt" in files:
        model["text"] = files[f"{folder}/model.txt"]
    return Link(
        model=MODELS[model.pop("kind")].from_json(model),
        calibrator=CALIBRATORS[calibrator.pop("kind")].from_json(calibrator),
    )


def _check_manifest(files: Mapping[str, str]) -> None:
    if "manifest.json" not in files:
        raise ModelError("the saved model has no manifest.json", hint=_TRAIN_AGAIN)
    manifest = _read(files, "manifest.json")
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ModelError("the saved model is of another format", where="manifest.json", hint=_TRAIN_AGAIN)
    hashes = manifest.get("sha256", {})
    for name in sorted({*hashes, *files} - {"manifest.json"}):
        if name not in files:
            raise ModelError("a file of the saved model is missing", where=name, hint=_TRAIN_AGAIN)
        if hashes.get(name) != _hash(files[name]):
            raise ModelError("a file of the saved model was changed", where=name, hint=_TRAIN_AGAIN)


def _read(files: Mapping[str, str], name: str) -> Any:  # noqa: ANN401 - JSON is any of six types
    try:
        return json.loads(files[name])
    except json.JSONDecodeError as error:
        raise ModelError("a file of the saved model is not JSON", where=name, hint=_TRAIN_AGAIN) from error


def _to_text(data: object) -> str:
    # Python writes the shortest decimal that reads back as the same float64; NaN has no place in a model.
    return json.dumps(data, indent=1, sort_keys=True, allow_nan=False) + "\n"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
