"""The model store's folders: each version of a model is one, written whole and never changed.

HOME/models/NAME/LEDGER/0001/        one version: the files of a saved model
HOME/models/promotions.jsonl         which of them may score, see ``promotion_log``
HOME/models/mlflow.db, mlflow-runs/  MLflow: runs, metrics, registered versions

Scoring reads the folders and the log alone, so that it neither waits for MLflow's import nor depends on its database.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arrisk.errors import ModelError, OutputError

Files = Mapping[str, str]
"""Texts by relative path."""

MODELS = "models"
"""The folder of the model store below HOME."""

TRAIN_FIRST = "run `arrisk train` first"
"""What to try where there is no model."""

_MANIFEST = "manifest.json"
_VERSION = re.compile(r"\d{4,}")


@dataclass(frozen=True)
class Saved:
    """One version of a model on disk.

    Parameters
    ----------
    name : what it predicts.
    ledger : the ledger that it was trained on.
    version : 1, 2, ...
    as_of_day : it learnt only from what was known before the start of this day.
    folder : where its files are.
    """

    name: str
    ledger: str
    version: int
    as_of_day: int
    folder: Path

    @property
    def reference(self) -> str:
        """How a user names it: NAME/LEDGER/VERSION."""
        return f"{self.name}/{self.ledger}/{self.version}"


def save_model(home: Path, files: Files) -> Saved:
    """Save a model as the next version of its name and ledger.

    Parameters
    ----------
    home : the state folder.
    files : the model as texts; its ``card.json`` says name, ledger and as_of_day.

    Raises
    ------
    OutputError
        When the folder cannot be written. Nothing half written is left behind.
    """
    card = _read_card(files["card.json"], where="card.json")
    shelf = find_shelf(home, card["name"], card["ledger"])
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=shelf, prefix=".unfinished-") as scratch:
            part = Path(scratch) / "model"
            _write(part, files)
            folder = _claim(part, shelf)
    except OSError as error:
        raise OutputError(f"the model cannot be saved: {error.strerror}", where=str(shelf)) from error
    return _describe(folder, card)


def list_models(home: Path) -> list[Saved]:
    """List all saved versions by name, ledger and version."""
    folders = [folder for folder in sorted((home / MODELS).glob("*/*/*")) if _VERSION.fullmatch(folder.name)]
    return [_describe(folder, _read_card_of(folder)) for folder in folders]


def find_version(home: Path, text: str) -> Saved:
    """Find the version that a user names, by NAME/LEDGER/VERSION or by its folder.

    Raises
    ------
    ModelError
        When there is none.
    """
    every = list_models(home)
    for saved in every:
        if text == saved.reference or Path(text).resolve() == saved.folder.resolve():
            return saved
    known = ", ".join(saved.reference for saved in every)
    raise ModelError(f"there is no model '{text}'", hint=f"one of: {known}" if known else TRAIN_FIRST)


def read_seal(folder: Path) -> str:
    """Give the SHA-256 of a version's manifest, which in turn holds those of all its other files.

    Raises
    ------
    ModelError
        When the manifest cannot be read.
    """
    try:
        return hashlib.sha256((folder / _MANIFEST).read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError("a saved model has no readable manifest", where=str(folder), hint="train again") from error


def read_files(saved: Saved) -> dict[str, str]:
    """Read all files of a version as texts by relative path.

    Raises
    ------
    ModelError
        When one of them is not text.
    """
    paths = [path for path in sorted(saved.folder.rglob("*")) if path.is_file()]
    try:
        return {path.relative_to(saved.folder).as_posix(): path.read_text("utf-8") for path in paths}
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError("a file of the model cannot be read", where=str(saved.folder), hint=TRAIN_FIRST) from error


def find_shelf(home: Path, name: str, ledger: str) -> Path:
    """Give the folder of all versions of a model of one ledger."""
    return home / MODELS / make_slug(name) / make_slug(ledger)


def make_slug(text: str) -> str:
    """Write a name so that it can stand in a path."""
    # A name that cannot stand in a path as it is keeps apart from its neighbours by a few digits of its hash.
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-")[:80]
    return plain if plain == text else f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _write(folder: Path, files: Files) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")


def _list_versions(shelf: Path) -> list[int]:
    return [int(path.name) for path in shelf.iterdir() if _VERSION.fullmatch(path.name)]


def _claim(part: Path, shelf: Path) -> Path:
    version = max(_list_versions(shelf), default=0) + 1
    while True:
        folder = shelf / f"{version:04d}"
        try:
            # Renaming onto a folder that is not empty fails: two trainings at once cannot share a version.
            return part.rename(folder)
        except OSError:
            if not folder.exists():
                raise
            version += 1


def _describe(folder: Path, card: Mapping[str, Any]) -> Saved:
    return Saved(card["name"], card["ledger"], int(folder.name), int(card["as_of_day"]), folder)


def _read_card_of(folder: Path) -> dict[str, Any]:
    path = folder / "card.json"
    try:
        return _read_card(path.read_text("utf-8"), where=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError("a saved model has no readable card", where=str(path), hint="delete that folder") from error


def _read_card(text: str, *, where: str) -> dict[str, Any]:
    try:
        card = json.loads(text)
        return {"name": str(card["name"]), "ledger": str(card["ledger"]), "as_of_day": int(card["as_of_day"])}
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError("a saved model has no readable card", where=where, hint="delete that folder") from error
