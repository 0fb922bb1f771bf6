"""The model store: what scoring may use, and what it must refuse."""

import json
import os
import sqlite3

import pytest

from arrisk import registry
from arrisk.errors import ModelError, OutputError


def files_of(*, name="late-payment", ledger="book", as_of_day=100, body="{}"):
    card = json.dumps({"name": name, "ledger": ledger, "as_of_day": as_of_day})
    return {"card.json": card, "p_late/model.json": body}


def save(home, *, promoted=True, **facts):
    saved = registry.save_model(home, files_of(**facts))
    if promoted:
        registry.promote(saved)
    return saved


def find(home, *, ledger="book", before_day):
    return registry.find_promoted(home, name="late-payment", ledger=ledger, before_day=before_day)


def test_what_was_saved_is_read_back_as_it_was(tmp_path):
    files = files_of(body='{"umlaut": "ü"}\n')
    assert registry.read_files(registry.save_model(tmp_path, files)) == files


def test_versions_are_counted_by_ledger(tmp_path):
    references = [save(tmp_path, ledger=ledger).reference for ledger in ("a", "b", "a")]
    assert references == ["late-payment/a/1", "late-payment/b/1", "late-payment/a/2"]
    assert len(registry.list_models(tmp_path)) == 3


def test_nothing_unfinished_is_left_behind(tmp_path):
    save(tmp_path)
    assert not list(tmp_path.rglob(".unfinished*"))


def test_the_newest_promoted_model_trained_before_the_day_is_found(tmp_path):
    old, new = save(tmp_path, as_of_day=100), save(tmp_path, as_of_day=200)
    assert find(tmp_path, before_day=201) == new
    assert find(tmp_path, before_day=200) == old
    assert find(tmp_path, before_day=150) == old


def test_a_model_trained_on_the_day_or_later_is_never_found(tmp_path):
    save(tmp_path, as_of_day=100)
    assert find(tmp_path, before_day=100) is None
    assert find(tmp_path, before_day=99) is None


def test_newest_means_the_training_day_and_not_the_day_of_saving(tmp_path):
    new = save(tmp_path, as_of_day=200)
    save(tmp_path, as_of_day=100)
    assert find(tmp_path, before_day=300) == new


def test_of_two_of_one_day_the_later_version_is_found(tmp_path):
    save(tmp_path, as_of_day=100)
    second = save(tmp_path, as_of_day=100)
    assert find(tmp_path, before_day=101) == second


def test_a_model_that_was_not_promoted_is_not_found_but_can_be_named(tmp_path):
    saved = save(tmp_path, promoted=False)
    assert find(tmp_path, before_day=500) is None
    assert registry.find_named(tmp_path, saved.reference, before_day=500) == saved


def test_a_model_of_another_ledger_is_used_only_when_named(tmp_path):
    save(tmp_path, ledger="theirs")
    assert find(tmp_path, ledger="ours", before_day=500) is None
    assert registry.find_named(tmp_path, "late-payment/theirs", before_day=500).ledger == "theirs"


def test_ledgers_whose_names_look_alike_on_a_disk_stay_apart(tmp_path):
    save(tmp_path, ledger="a/b")
    assert find(tmp_path, ledger="a-b", before_day=500) is None
    assert find(tmp_path, ledger="a/b", before_day=500) is not None


@pytest.mark.parametrize("ledger", ["../../escape", "..", "", "Bücher & Söhne", "x" * 300])
def test_any_ledger_name_stays_inside_the_store(tmp_path, ledger):
    saved = save(tmp_path, ledger=ledger)
    assert saved.folder.resolve().is_relative_to((tmp_path / "models").resolve())
    assert find(tmp_path, ledger=ledger, before_day=500) == saved


def test_a_named_model_trained_too_late_is_refused(tmp_path):
    saved = save(tmp_path, as_of_day=100)
    with pytest.raises(ModelError, match="trained on or after the day"):
        registry.find_named(tmp_path, saved.reference, before_day=100)


def test_an_unknown_name_is_answered_with_what_there_is(tmp_path):
    with pytest.raises(ModelError, match="arrisk train"):
        registry.find_named(tmp_path, "late-payment/book", before_day=100)
    save(tmp_path)
    with pytest.raises(ModelError, match="late-payment/book/1"):
        registry.find_named(tmp_path, "late-paiment/book/1", before_day=500)


def test_a_damaged_card_is_an_error_that_names_the_file(tmp_path):
    saved = save(tmp_path)
    (saved.folder / "card.json").write_text("{")
    with pytest.raises(ModelError, match=r"card\.json"):
        find(tmp_path, before_day=500)


def test_a_file_that_is_not_text_is_refused(tmp_path):
    saved = save(tmp_path)
    (saved.folder / "p_late" / "model.pkl").write_bytes(b"\x80\x04\x95")
    with pytest.raises(ModelError, match="cannot be read"):
        registry.read_files(saved)


def test_a_store_that_cannot_be_written_is_an_error_with_the_place(tmp_path):
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="models"):
        registry.save_model(tmp_path, files_of())


def test_two_trainings_at_once_do_not_share_a_version(tmp_path, monkeypatch):
    first = save(tmp_path)
    # A neighbour has taken the next number after we looked.
    (first.folder.parent / "0002").mkdir()
    (first.folder.parent / "0002" / "card.json").write_text(files_of()["card.json"])
    monkeypatch.setattr(registry, "_list_versions", lambda _: [1])
    assert save(tmp_path).version == 3


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
        assert database.execute("select alias, version from registered_model_aliases").fetchall() == [("champion", 1)]
    copies = list((home / "models" / "mlflow-runs").rglob("model.json"))
    assert [run_id in str(copy) for copy in copies] == [True]
    # MLflow puts its own files where we said, not into the working folder.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


def test_without_mlflow_a_model_is_saved_and_simply_not_tracked(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "find_spec", lambda _: None)
    assert registry.track(tmp_path, save(tmp_path), metrics={}, settings={}) is None
