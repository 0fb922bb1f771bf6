"""The model store: folders of plain files under ``HOME/models``, found by ledger and day; MLflow beside it.

HOME/models/NAME/LEDGER/0001/           one version: the files of a saved model, never changed
HOME/models/NAME/LEDGER/0001.promoted   it may be used for scoring
HOME/models/mlflow.db, mlflow-runs/     MLflow: runs, metrics, registered versions

Scoring reads the folders alone, so that it neither waits for MLflow's import nor depends on its database.
"""

import hashlib
import json
import logging
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from arrisk.errors import ModelError, OutputError

Files = Mapping[str, str]
"""Texts by relative path."""

CHAMPION = "champion"
"""The alias of the version promoted last, in MLflow's registry."""

_TRAIN = "run `arrisk train` first"
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

    @property
    def promotion(self) -> Path:
        """The file whose existence says that it may be used."""
        return self.folder.with_name(f"{self.folder.name}.promoted")


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
    shelf = _find_shelf(home, card["name"], card["ledger"])
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=shelf, prefix=".unfinished-") as scratch:
            part = Path(scratch) / "model"
            _write(part, files)
            folder = _claim(part, shelf)
    except OSError as error:
        raise OutputError(f"the model cannot be saved: {error.strerror}", where=str(shelf)) from error
    return _describe(folder, card)


def promote(saved: Saved) -> None:
    """Allow a version to be used for scoring; doing it twice changes nothing."""
    saved.promotion.touch()


def list_models(home: Path) -> list[Saved]:
    """List all saved versions by name, ledger and version."""
    folders = [folder for folder in sorted((home / "models").glob("*/*/*")) if _VERSION.fullmatch(folder.name)]
    return [_describe(folder, _read_card_of(folder)) for folder in folders]


def find_promoted(home: Path, *, name: str, ledger: str, before_day: int) -> Saved | None:
    """Find the newest promoted model of a ledger whose training ended before a day.

    Parameters
    ----------
    home : the state folder.
    name : what it predicts.
    ledger : the ledger that is scored; models of others are not considered.
    before_day : the day that is scored; a model trained as of that day or later is not considered.

    Returns
    -------
    Saved or None
        None where there is none.
    """
    shelf = _find_shelf(home, name, ledger)
    folders = [
        mark.with_suffix("") for mark in shelf.glob("*.promoted") if _VERSION.fullmatch(mark.with_suffix("").name)
    ]
    usable = [_describe(folder, _read_card_of(folder)) for folder in folders]
    usable = [saved for saved in usable if saved.ledger == ledger and saved.as_of_day < before_day]
    return max(usable, key=lambda saved: (saved.as_of_day, saved.version), default=None)


def find_named(home: Path, reference: str, *, before_day: int) -> Saved:
    """Find the model that a user names, promoted or not, of whatever ledger.

    Parameters
    ----------
    reference : NAME/LEDGER/VERSION, or NAME/LEDGER for the newest version that may be used for that day.

    Raises
    ------
    ModelError
        When there is none, or when it was trained as of that day or later.
    """
    saved = [one for one in list_models(home) if reference in {one.reference, f"{one.name}/{one.ledger}"}]
    if not saved:
        known = ", ".join(one.reference for one in list_models(home))
        raise ModelError(f"there is no model '{reference}'", hint=f"one of: {known}" if known else _TRAIN)
    usable = [one for one in saved if one.as_of_day < before_day]
    if not usable:
        raise ModelError(
            f"the model '{reference}' was trained on or after the day that is scored",
            hint="a model trained before that day, or a later day",
        )
    return max(usable, key=lambda one: (one.as_of_day, one.version))


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
        raise ModelError("a file of the model cannot be read", where=str(saved.folder), hint=_TRAIN) from error


def track(home: Path, saved: Saved, *, metrics: Mapping[str, float], settings: Mapping[str, str]) -> str | None:
    """Log a saved model to MLflow: a run with its files, and a registered version.

    Parameters
    ----------
    metrics : figures by name; what is not finite is left out.
    settings : what was chosen, by name.

    Returns
    -------
    str or None
        The run's id; None where MLflow is not installed. When the version is promoted, the alias ``champion``
        of its registered model points to it.
    """
    if find_spec("mlflow") is None:
        return None
    client = _open_mlflow(home)
    run_id = _log_run(client, home, saved, metrics, settings)
    registered = _slug(f"{saved.name}.{saved.ledger}")
    if not client.search_registered_models(f"name = '{registered}'"):
        client.create_registered_model(registered)
    version = client.create_model_version(
        registered, saved.folder.as_uri(), run_id, tags={"reference": saved.reference}
    )
    if saved.promotion.exists():
        client.set_registered_model_alias(registered, CHAMPION, version.version)
    return run_id


def _open_mlflow(home: Path) -> Any:  # noqa: ANN401 - MLflow is imported only here
    # Both are read when MLflow is imported: no figure of a user leaves the machine.
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["DO_NOT_TRACK"] = "true"
    for noisy in ("mlflow", "alembic", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    from mlflow import MlflowClient  # noqa: PLC0415 - takes five seconds

    # MLflow's own set-up has just raised its loggers to INFO again.
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    folder = (home / "models").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    address = f"sqlite:///{folder / 'mlflow.db'}"
    return MlflowClient(tracking_uri=address, registry_uri=address)


def _log_run(
    client: Any,  # noqa: ANN401
    home: Path,
    saved: Saved,
    metrics: Mapping[str, float],
    settings: Mapping[str, str],
) -> str:
    known = client.get_experiment_by_name(saved.name)
    place = (home / "models" / "mlflow-runs").resolve().as_uri()
    experiment = known.experiment_id if known else client.create_experiment(saved.name, artifact_location=place)
    run_id = str(client.create_run(experiment, run_name=saved.reference).info.run_id)
    for key, value in {"ledger": saved.ledger, "as_of_day": str(saved.as_of_day), **settings}.items():
        client.log_param(run_id, key, value)
    for key, figure in metrics.items():
        if abs(figure) < float("inf"):
            client.log_metric(run_id, key, figure)
    client.log_artifacts(run_id, str(saved.folder), "model")
    client.set_terminated(run_id)
    return run_id


def _find_shelf(home: Path, name: str, ledger: str) -> Path:
    return home / "models" / _slug(name) / _slug(ledger)


def _slug(text: str) -> str:
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
