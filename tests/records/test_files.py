"""Records as files: the chain, what breaks it, and writers at once."""

import json
import subprocess
import sys

import pytest

from arrisk.errors import BookError
from arrisk.records import Entry
from arrisk.records.files import append, append_drafted, read, verify


def act(number=0, **content):
    return Entry(at="2025-01-01T00:00:00+00:00", by="ana", action="note", content={"number": number, **content})


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "new" / "record.jsonl"
    for number in range(4):
        append(path, act(number, text="Müller\n"))
    return path


def test_entries_come_back_as_they_were_added_with_their_place(record):
    entries = read(record)
    assert [entry.seq for entry in entries] == [1, 2, 3, 4]
    assert [entry.content for entry in entries] == [{"number": n, "text": "Müller\n"} for n in range(4)]
    assert [entry.previous_sha256 for entry in entries[1:]] == [entry.sha256 for entry in entries[:-1]]
    assert verify(record) == ""


def edit(lines):
    return [lines[0], lines[1].replace('"number":1', '"number":7'), *lines[2:]]


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (edit, 2),
        (lambda lines: [*lines[:3], lines[3].replace('"number":3', '"number":9')], 4),
        (lambda lines: [*lines[:3], json.dumps(json.loads(lines[3]))], 4),
        (lambda lines: [lines[0], *lines[2:]], 2),
        (lambda lines: [lines[0], lines[0], *lines[1:]], 2),
        (lambda lines: [lines[1], lines[0], *lines[2:]], 1),
        (lambda lines: [*lines[:2], "not json", *lines[2:]], 3),
        (lambda lines: [*lines[:2], '{"seq":3}', *lines[3:]], 3),
    ],
)
def test_a_line_edited_dropped_put_in_or_moved_is_named(record, change, broken):
    lines = record.read_text().splitlines()
    record.write_text("\n".join(change(lines)) + "\n")
    assert f"line {broken} " in verify(record)
    with pytest.raises(BookError, match=f"line {broken} "):
        read(record)
    with pytest.raises(BookError, match=f"line {broken} "):
        append(record, act())


def test_what_a_killed_writer_left_of_a_line_is_dropped(record):
    with record.open("a") as file:
        file.write('{"seq":5,"at"')
    assert len(read(record)) == 4
    assert append(record, act(9)).seq == 5
    assert verify(record) == ""


def test_a_draft_that_fails_leaves_the_record_as_it_was(record):
    before = record.read_bytes()
    with pytest.raises(ValueError, match="not that"):
        append_drafted(record, lambda entries: (_ for _ in ()).throw(ValueError("not that")))
    with pytest.raises(ValueError, match="Out of range float"):
        append_drafted(record, lambda entries: [act(1), act(float("nan"))])
    assert record.read_bytes() == before


def test_a_draft_sees_what_is_there_and_adds_all_it_gives(record):
    added = append_drafted(record, lambda entries: [act(len(entries)), act(len(entries) + 1)])
    assert [entry.content["number"] for entry in added] == [4, 5]
    assert len(read(record)) == 6


WRITER = """
import sys
from pathlib import Path
from arrisk.records import Entry
from arrisk.records.files import append
for number in range(40):
    append(Path(sys.argv[1]), Entry(at="", by=sys.argv[2], action="note", content={"number": number}))
"""


def test_two_processes_at_once_lose_nothing(tmp_path):
    path = tmp_path / "record.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in ("ana", "ben")]
    assert [writer.wait() for writer in writers] == [0, 0]
    entries = read(path)
    found = {name: [entry.content["number"] for entry in entries if entry.by == name] for name in ("ana", "ben")}
    assert found == {"ana": list(range(40)), "ben": list(range(40))}
    assert json.loads(path.read_text().splitlines()[-1])["seq"] == 80
