"""The records of a state folder: which file is which record."""

import pytest

from arrisk.errors import InputError
from arrisk.records import Entry, FolderRecords

KEYS = [
    "closes/main/all",
    "closes/main/north",
    "decisions/main",
    "decisions/other",
    "models/promotions",
    "write-offs/main",
]
PATHS = [
    "closes/main/all.jsonl",
    "closes/main/north.jsonl",
    "decisions/main/cases.jsonl",
    "decisions/other/cases.jsonl",
    "models/promotions.jsonl",
    "write-offs/main/write-offs.jsonl",
]


def act(number=0):
    return Entry(at="2025-01-01T00:00:00+00:00", by="ana", action="note", content={"number": number})


@pytest.fixture
def records(tmp_path):
    found = FolderRecords(tmp_path)
    for key in KEYS:
        found.append_drafted(key, lambda _: [act()])
    return found


def test_each_record_is_its_own_file(records, tmp_path):
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.jsonl")) == PATHS
    assert records.where("decisions/main") == str(tmp_path / "decisions/main/cases.jsonl")


def test_the_keys_below_a_prefix_are_listed(records, tmp_path):
    (tmp_path / "models" / "payment").mkdir()
    (tmp_path / "models" / "payment" / "notes.jsonl").write_text("not ours")
    (tmp_path / "service.jsonl").write_text("not ours")
    assert records.list_keys() == KEYS
    assert records.list_keys("decisions") == ["decisions/main", "decisions/other"]
    assert records.list_keys("closes/main") == ["closes/main/all", "closes/main/north"]
    assert records.list_keys("decis") == []


def test_a_kind_that_would_not_be_listed_is_refused(records):
    with pytest.raises(InputError, match="no record in a folder is of the kind 'notes'"):
        records.append("notes/main", [act()])


@pytest.mark.parametrize(
    "key", ["", "decisions", "../etc/passwd", "decisions/../x", "/decisions/x", "decisions/a b", "a//b"]
)
def test_a_key_that_cannot_stand_in_a_path_is_refused(records, key):
    with pytest.raises(InputError, match="cannot be the key"):
        records.read(key)
