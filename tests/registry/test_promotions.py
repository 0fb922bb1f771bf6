"""What scoring may use: what was promoted and not rolled back, trained before the day, and not changed since."""

from dataclasses import asdict

import pytest

from arrisk import registry
from arrisk.errors import ModelError
from arrisk.records import files
from arrisk.registry.promotion_log import find_log
from tests.registry.stores import AT, NAME, files_of, find, promote, roll_back, save


def test_the_newest_promoted_model_trained_before_the_day_is_found(tmp_path):
    old, new = save(tmp_path, as_of_day=100), save(tmp_path, as_of_day=200)
    assert find(tmp_path, before_day=201) == new
    assert find(tmp_path, before_day=200) == old
    assert find(tmp_path, before_day=150) == old


def test_a_model_trained_on_the_day_or_later_is_never_found(tmp_path):
    save(tmp_path, as_of_day=100)
    assert find(tmp_path, before_day=100) is None
    assert find(tmp_path, before_day=99) is None


def test_newest_means_the_training_day_and_not_the_day_of_promotion(tmp_path):
    new = save(tmp_path, as_of_day=200)
    save(tmp_path, as_of_day=100)
    assert find(tmp_path) == new
    entry = registry.read_log(tmp_path)[-1]
    assert (entry.version, entry.champion_before, entry.champion) == (2, 1, 1)


def test_of_two_of_one_day_the_later_version_is_found(tmp_path):
    save(tmp_path, as_of_day=100)
    second = save(tmp_path, as_of_day=100)
    assert find(tmp_path) == second


def test_a_challenger_is_not_found_but_can_be_named_by_its_version(tmp_path):
    saved = save(tmp_path, promoted=False)
    assert find(tmp_path) is None
    assert registry.find_named(tmp_path, saved.reference, before_day=500) == saved
    with pytest.raises(ModelError, match=saved.reference):
        registry.find_named(tmp_path, f"{NAME}/book", before_day=500)


def test_a_model_of_another_ledger_is_used_only_when_named(tmp_path):
    save(tmp_path, ledger="theirs")
    assert find(tmp_path, ledger="ours") is None
    assert registry.find_named(tmp_path, "late-payment/theirs", before_day=500).ledger == "theirs"


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


def test_only_the_first_model_of_a_name_and_ledger_is_admitted_by_policy(tmp_path):
    first, second, theirs = (save(tmp_path, promoted=False, ledger=ledger) for ledger in ("book", "book", "theirs"))
    entry = registry.admit_first(tmp_path, first, at=AT)
    assert entry is not None
    assert (entry.by, entry.reason) == ("policy", "first model of this ledger")
    assert registry.admit_first(tmp_path, second, at=AT) is None
    assert registry.admit_first(tmp_path, theirs, at=AT) is not None
    assert find(tmp_path) == first
    assert [registry.is_promoted(tmp_path, one) for one in (first, second, theirs)] == [True, False, True]


def test_a_roll_back_lets_the_champion_before_score_again_and_can_be_undone(tmp_path):
    old, new = save(tmp_path, as_of_day=100), save(tmp_path, as_of_day=200)
    entry = roll_back(tmp_path)
    assert (entry.action, entry.version, entry.champion_before, entry.champion) == ("roll_back", 2, 2, 1)
    assert find(tmp_path) == old
    assert not registry.is_promoted(tmp_path, new)
    promote(tmp_path, new)
    assert find(tmp_path) == new
    assert [entry.action for entry in registry.read_log(tmp_path)] == ["promote", "promote", "roll_back", "promote"]


def test_after_a_roll_back_no_training_promotes_itself(tmp_path):
    save(tmp_path)
    save(tmp_path)
    roll_back(tmp_path)
    assert registry.admit_first(tmp_path, save(tmp_path, promoted=False), at=AT) is None


def test_the_last_promoted_model_cannot_be_rolled_back(tmp_path):
    with pytest.raises(ModelError, match="arrisk train"):
        roll_back(tmp_path)
    saved = save(tmp_path)
    with pytest.raises(ModelError, match="none to go back to"):
        roll_back(tmp_path)
    assert find(tmp_path) == saved


def test_a_model_is_promoted_once(tmp_path):
    saved = save(tmp_path)
    with pytest.raises(ModelError, match="promoted already"):
        promote(tmp_path, saved)
    assert len(registry.read_log(tmp_path)) == 1


def test_an_entry_says_who_when_why_on_what_proof_and_what_it_replaces(tmp_path):
    save(tmp_path, as_of_day=100)
    saved = save(tmp_path, as_of_day=200)
    entry = asdict(registry.read_log(tmp_path)[-1])
    assert entry == {
        "seq": 2,
        "at": "2026-03-01T12:00:00+00:00",
        "action": "promote",
        "model": NAME,
        "ledger": "book",
        "version": 2,
        "as_of_day": 200,
        "by": "A. Smith",
        "reason": "it is better",
        "report_sha256": "f" * 64,
        "model_sha256": registry.read_seal(saved.folder),
        "champion_before": 1,
        "champion": 2,
        "previous_sha256": files.read(find_log(tmp_path))[0].sha256,
    }


def test_a_model_that_was_sealed_again_after_its_promotion_is_refused(tmp_path):
    saved = save(tmp_path)
    for name, text in files_of(body='{"better": 1}').items():
        (saved.folder / name).write_text(text)
    with pytest.raises(ModelError, match="not the one that was promoted"):
        find(tmp_path)


def test_a_promoted_model_whose_folder_is_gone_is_an_error_and_not_another_model(tmp_path):
    save(tmp_path, as_of_day=100)
    saved = save(tmp_path, as_of_day=200)
    saved.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(ModelError, match="manifest"):
        find(tmp_path)
    assert find(tmp_path, before_day=150).version == 1
