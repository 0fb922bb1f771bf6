"""What every saved model shares: plain texts by file name, sealed by a manifest, and one calibrated model in a folder.

manifest.json holds the format's version and the SHA-256 of every other file. Nothing here touches a disk, and reading
runs no code. Numbers are written so that they read back bit for bit.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from arrisk.errors import ModelError
from arrisk.modeling.calibrate import CALIBRATORS
from arrisk.modeling.candidates import MODELS
from arrisk.modeling.chain import Link

TRAIN_AGAIN = "train again with this version"
"""What to try when a saved model cannot be used."""

_MANIFEST = "manifest.json"


def to_text(data: object) -> str:
    """Write plain data as JSON that a person can read and ``diff`` can compare.

    Raises
    ------
    ValueError
        When a number is NaN or infinite.
    """
    # Python writes the shortest decimal that reads back as the same float64; NaN has no place in a model.
    return json.dumps(data, indent=1, sort_keys=True, allow_nan=False) + "\n"


def read_json(files: Mapping[str, str], name: str) -> Any:  # noqa: ANN401 - JSON is any of six types
    """Read one file.

    Raises
    ------
    KeyError
        When it is not there.
    ModelError
        When it is not JSON.
    """
    try:
        return json.loads(files[name])
    except json.JSONDecodeError as error:
        raise ModelError("a file of the saved model is not JSON", where=name, hint=TRAIN_AGAIN) from error


def seal(files: Mapping[str, str], *, version: int) -> dict[str, str]:
    """Add the manifest.

    Parameters
    ----------
    files : text by relative path.
    version : of the format.
    """
    hashes = {name: _hash(text) for name, text in sorted(files.items())}
    return {**files, _MANIFEST: to_text({"format": version, "sha256": hashes})}


def check_seal(files: Mapping[str, str], *, version: int) -> None:
    """Refuse files that are not what was sealed.

    Parameters
    ----------
    files : text by relative path.
    version : of the format that is expected.

    Raises
    ------
    ModelError
        When a file is missing, changed or superfluous, or the format is of another version.
    """
    if _MANIFEST not in files:
        raise ModelError("the saved model has no manifest.json", hint=TRAIN_AGAIN)
    manifest = read_json(files, _MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("format") != version:
        raise ModelError("the saved model is of another format", where=_MANIFEST, hint=TRAIN_AGAIN)
    hashes = manifest.get("sha256", {})
    for name in sorted({*hashes, *files} - {_MANIFEST}):
        if name not in files:
            raise ModelError("a file of the saved model is missing", where=name, hint=TRAIN_AGAIN)
        if hashes.get(name) != _hash(files[name]):
            raise ModelError("a file of the saved model was changed", where=name, hint=TRAIN_AGAIN)


def dump_link(link: Link, *, folder: str) -> dict[str, str]:
    """Write one calibrated model: model.json, calibrator.json, and model.txt where there are trees."""
    model = link.model.to_json()
    trees = {f"{folder}/model.txt": model.pop("text")} if "text" in model else {}
    calibrator = {"kind": link.calibrator.kind, **link.calibrator.to_json()}
    return {
        **trees,
        f"{folder}/model.json": to_text({"kind": link.model.kind, **model}),
        f"{folder}/calibrator.json": to_text(calibrator),
    }


def parse_link(files: Mapping[str, str], *, folder: str) -> Link:
    """Read what ``dump_link`` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        When it cannot be understood.
    ModelError
        When a file is not JSON.
    """
    model, calibrator = read_json(files, f"{folder}/model.json"), read_json(files, f"{folder}/calibrator.json")
    if f"{folder}/model.txt" in files:
        model["text"] = files[f"{folder}/model.txt"]
    return Link(
        model=MODELS[model.pop("kind")].from_json(model),
        calibrator=CALIBRATORS[calibrator.pop("kind")].from_json(calibrator),
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
