"""MLflow beside the store: runs stay at home, and the aliases follow the promotion log."""

import os
import sqlite3

import pytest

from arrisk import registry
from tests.registry.stores import AT, NAME, files_of, promote, roll_back, save


def read_aliases(home):
    with sqlite3.connect(home / "models" / "mlflow.db") as database:
        return dict(database.execute("select alias, version from registered_model_aliases").fetchall())


def register(home, *, as_of_day=100, first_model="promote"):
    files = files_of(as_of_day=as_of_day)
    return registry.register(home, files, first_model=first_model, at=AT, metrics={"auc": 0.9}, settings={})


@pytest.mark.slow
def test_a_run_is_tracked_in_a_database_under_home_and_nothing_is_sent(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "home"
    saved = save(home)
    run_id = registry.track(
        home, saved, metrics={"auc": 0.9, "nothing": float("nan")}, settings={"champion": "logistic"}
    )
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    with sqlite3.connect(home / "models" / "mlflow.db") as database:
        assert database.execute("select key, value from metrics").fetchall() == [("auc", 0.9)]
        assert ("champion", "logistic") in database.execute("select key, value from params").fetchall()
    assert read_aliases(home) == {"champion": 1}
    copies = list((home / "models" / "mlflow-runs").rglob("model.json"))
    assert [run_id in str(copy) for copy in copies] == [True]
    # MLflow puts its own files where we said, not into the working folder.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


@pytest.mark.slow
def test_the_aliases_follow_the_log(tmp_path):
    register(tmp_path)
    assert read_aliases(tmp_path) == {"champion": 1}
    second = register(tmp_path, as_of_day=200)
    assert read_aliases(tmp_path) == {"champion": 1, "challenger": 2}
    promote(tmp_path, second)
    registry.set_aliases(tmp_path, name=NAME, ledger="book")
    assert read_aliases(tmp_path) == {"champion": 2}
    roll_back(tmp_path)
    registry.set_aliases(tmp_path, name=NAME, ledger="book")
    assert read_aliases(tmp_path) == {"champion": 1}


def test_where_policy_says_so_the_first_model_waits_too(tmp_path, monkeypatch):
    monkeypatch.setattr(registry.tracking, "find_spec", lambda _: None)
    assert not registry.is_promoted(tmp_path, register(tmp_path, first_model="wait"))
    assert registry.is_promoted(tmp_path, register(tmp_path, first_model="promote"))


def test_without_mlflow_a_model_is_saved_and_simply_not_tracked(tmp_path, monkeypatch):
    monkeypatch.setattr(registry.tracking, "find_spec", lambda _: None)
    assert registry.track(tmp_path, save(tmp_path), metrics={}, settings={}) is None
    registry.set_aliases(tmp_path, name=NAME, ledger="book")
    assert not (tmp_path / "models" / "mlflow.db").exists()
