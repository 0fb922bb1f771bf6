"""The model store's folders: what is saved is whole, stays inside the store, and is read back as it was."""

import pytest

from arrisk import registry
from arrisk.errors import ModelError, OutputError
from tests.registry.stores import files_of, find, save


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


def test_ledgers_whose_names_look_alike_on_a_disk_stay_apart(tmp_path):
    save(tmp_path, ledger="a/b")
    assert find(tmp_path, ledger="a-b") is None
    assert find(tmp_path, ledger="a/b") is not None


@pytest.mark.parametrize("ledger", ["../../escape", "..", "", "Bücher & Söhne", "x" * 300])
def test_any_ledger_name_stays_inside_the_store(tmp_path, ledger):
    saved = save(tmp_path, ledger=ledger)
    assert saved.folder.resolve().is_relative_to((tmp_path / "models").resolve())
    assert find(tmp_path, ledger=ledger) == saved


def test_a_version_is_found_by_its_reference_and_by_its_folder(tmp_path):
    saved = save(tmp_path, promoted=False)
    assert registry.find_version(tmp_path, "late-payment/book/1") == saved
    assert registry.find_version(tmp_path, str(saved.folder)) == saved
    with pytest.raises(ModelError, match="late-payment/book/1"):
        registry.find_version(tmp_path, "late-payment/book")


def test_a_damaged_card_is_an_error_that_names_the_file(tmp_path):
    saved = save(tmp_path)
    (saved.folder / "card.json").write_text("{")
    with pytest.raises(ModelError, match=r"card\.json"):
        registry.list_models(tmp_path)


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
    monkeypatch.setattr(registry.folders, "_list_versions", lambda _: [1])
    assert save(tmp_path).version == 3
