"""The promotion log keeps every line of every writer, and shows when one was changed."""

import json
import multiprocessing

import pytest

from arrisk import registry
from arrisk.errors import ModelError, OutputError
from arrisk.records import files
from arrisk.registry.promotion_log import find_log
from tests.registry.stores import AT, find, save


@pytest.fixture
def home(tmp_path):
    """Give a store with three promotions."""
    for day in (100, 200, 300):
        save(tmp_path, as_of_day=day)
    return tmp_path


def read_lines(home):
    return find_log(home).read_text().splitlines(keepends=True)


def edit(lines):
    return [lines[0], lines[1].replace("A. Smith", "B. Smith"), lines[2]]


def edit_last(lines):
    return [*lines[:2], lines[2].replace('"seq":3', '"seq":4')]


CHANGES = {
    "edited": edit,
    "numbered otherwise": edit_last,
    "dropped at the start": lambda lines: lines[1:],
    "dropped": lambda lines: [lines[0], lines[2]],
    "put in": lambda lines: [*lines[:2], lines[1], lines[2]],
    "exchanged": lambda lines: [lines[0], lines[2], lines[1]],
    "edited at the end": lambda lines: [*lines[:2], lines[2].replace("better", "good")],
    "without its hash": lambda lines: [*lines[:2], lines[2][: lines[2].rindex(',"sha256"')] + "}\n"],
    "not JSON": lambda lines: [*lines[:2], "x\n"],
    "another shape": lambda lines: [*lines[:2], "{}\n"],
    "written otherwise": lambda lines: [*lines[:2], json.dumps(json.loads(lines[2])) + "\n"],
}


@pytest.mark.parametrize("change", list(CHANGES))
def test_a_changed_line_is_noticed_by_whoever_reads_or_writes(home, change):
    find_log(home).write_text("".join(CHANGES[change](read_lines(home))))
    before = find_log(home).read_bytes()
    log = registry.check_log(home)
    assert len(log.entries) < 3
    assert "not as it was written" in log.fault
    for use in (find, save):
        with pytest.raises(ModelError, match="promotion log was changed: line"):
            use(home)
    assert find_log(home).read_bytes() == before


def test_a_log_as_it_was_written_is_sound(home):
    log = registry.check_log(home)
    assert ([entry.seq for entry in log.entries], log.fault) == ([1, 2, 3], "")
    assert f'"sha256":"{log.last_sha256}"' in read_lines(home)[-1]


def test_where_nothing_was_promoted_there_is_no_log(tmp_path):
    assert registry.check_log(tmp_path).entries == []
    assert list(tmp_path.iterdir()) == []


def test_half_a_line_of_a_killed_writer_was_never_in_force_and_is_cleared_away(home):
    sound = find_log(home).read_bytes()
    with find_log(home).open("ab") as file:
        file.write(b'{"seq":4,"at":"20')
    assert len(registry.read_log(home)) == 3
    save(home, as_of_day=400)
    assert find_log(home).read_bytes().startswith(sound + b'{"seq":4,')
    assert len(registry.read_log(home)) == 4


def test_a_disk_that_is_full_leaves_the_log_as_it_was(home, monkeypatch):
    saved, before = save(home, promoted=False), find_log(home).read_bytes()
    whole = files.os.write
    monkeypatch.setattr(files.os, "write", lambda descriptor, line: whole(descriptor, line[:10]))
    with pytest.raises(OutputError, match="promotions"):
        registry.promote(home, saved, act=registry.Act(AT, "A. Smith", "it is better"))
    assert find_log(home).read_bytes() == before


def test_a_log_that_cannot_be_written_is_an_error_with_the_place(tmp_path):
    find_log(tmp_path).mkdir(parents=True)
    with pytest.raises(OutputError, match="promotions"):
        save(tmp_path)


def admit_many(home, ledgers):
    """Admit a model of each ledger, as a process of its own does."""
    for ledger in ledgers:
        registry.admit_first(home, save(home, promoted=False, ledger=ledger), at=AT)


@pytest.mark.slow
def test_writers_at_once_lose_no_line_and_only_one_is_first(tmp_path):
    context = multiprocessing.get_context("fork")
    writers = [
        context.Process(target=admit_many, args=(tmp_path, [*(f"{own}-{n}" for n in range(20)), "shared"]))
        for own in "abcd"
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    entries = registry.read_log(tmp_path)
    assert [entry.seq for entry in entries] == list(range(1, 82))
    assert len({entry.ledger for entry in entries}) == 81
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
