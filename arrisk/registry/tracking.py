"""MLflow beside the store: runs with figures and files, registered versions, the aliases champion and challenger."""

import logging
import os
from collections.abc import Mapping
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from arrisk.registry.folders import MODELS, Files, Saved, list_models, make_slug, save_model
from arrisk.registry.promotion_log import read_log
from arrisk.registry.promotions import PROMOTE, admit_first, find_champion

CHAMPION, CHALLENGER = "champion", "challenger"
"""The aliases, in MLflow's registry, of the version that scores and of the newest that was never promoted."""


def register(
    home: Path,
    files: Files,
    *,
    first_model: str,
    at: datetime,
    metrics: Mapping[str, float],
    settings: Mapping[str, str],
) -> Saved:
    """Save a model as a new version and log it; it waits for a person, unless it is the first of its ledger.

    Parameters
    ----------
    home : the state folder.
    files : the model as texts.
    first_model : what the policy does with the first of its name and ledger: ``promote`` or ``wait``.
    at : now.
    metrics, settings : as for ``track``.

    Raises
    ------
    OutputError
        When the folder or the log cannot be written.
    """
    saved = save_model(home, files)
    if first_model == PROMOTE:
        admit_first(home, saved, at=at)
    track(home, saved, metrics=metrics, settings=settings)
    return saved


def track(home: Path, saved: Saved, *, metrics: Mapping[str, float], settings: Mapping[str, str]) -> str | None:
    """Log a saved model to MLflow: a run with its files, and a registered version.

    Parameters
    ----------
    metrics : figures by name; what is not finite is left out.
    settings : what was chosen, by name.

    Returns
    -------
    str or None
        The run's id; None where MLflow is not installed.
    """
    if find_spec("mlflow") is None:
        return None
    client = _open_mlflow(home)
    run_id = _log_run(client, home, saved, metrics, settings)
    registered = _name_registered(saved.name, saved.ledger)
    if not client.search_registered_models(f"name = '{registered}'"):
        client.create_registered_model(registered)
    client.create_model_version(registered, saved.folder.as_uri(), run_id, tags={"reference": saved.reference})
    _set_aliases(client, home, saved.name, saved.ledger)
    return run_id


def set_aliases(home: Path, *, name: str, ledger: str) -> None:
    """Point MLflow's aliases to what the promotion log says; nothing where MLflow is not installed."""
    if find_spec("mlflow") is not None:
        _set_aliases(_open_mlflow(home), home, name, ledger)


def _set_aliases(client: Any, home: Path, name: str, ledger: str) -> None:  # noqa: ANN401
    registered = _name_registered(name, ledger)
    tracked = {one.tags.get("reference"): one.version for one in client.search_model_versions(f"name = '{registered}'")}
    logged = {entry.reference for entry in read_log(home)}
    waiting = [
        one for one in list_models(home) if (one.name, one.ledger) == (name, ledger) and one.reference not in logged
    ]
    champion = find_champion(home, name=name, ledger=ledger)
    chosen = {CHAMPION: champion, CHALLENGER: max(waiting, key=lambda one: one.version, default=None)}
    for alias, saved in chosen.items():
        if saved is not None and saved.reference in tracked:
            client.set_registered_model_alias(registered, alias, tracked[saved.reference])
        elif tracked:
            client.delete_registered_model_alias(registered, alias)


def _name_registered(name: str, ledger: str) -> str:
    return make_slug(f"{name}.{ledger}")


def _open_mlflow(home: Path) -> Any:  # noqa: ANN401 - MLflow is imported only here
    # Both are read when MLflow is imported: no figure of a user leaves the machine.
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["DO_NOT_TRACK"] = "true"
    for noisy in ("mlflow", "alembic", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    from mlflow import MlflowClient  # noqa: PLC0415 - takes five seconds

    # MLflow's own set-up has just raised its loggers to INFO again.
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    folder = (home / MODELS).resolve()
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
    place = (home / MODELS / "mlflow-runs").resolve().as_uri()
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
