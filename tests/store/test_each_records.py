"""What every set of records does, in a folder or in a database of either kind."""

from pathlib import Path

import pytest

from arrisk.errors import InputError
from arrisk.records import START, Entry, FolderRecords, Records
from arrisk.store.records import TableRecords
from tests.databases import EACH_KIND, open_new

KEY = "decisions/main"
BAD_KEYS = ["", "decisions", "../etc/passwd", "decisions/../x", "/decisions/x", "decisions/a b", "a//b", "a/b'--"]


def act(number=0, *, by="ana", **content):
    return Entry(at="2025-01-01T00:00:00+00:00", by=by, action="note", content={"number": number, **content})


@pytest.fixture(params=["folder", *EACH_KIND])
def records(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "folder":
        yield FolderRecords(tmp_path)
        return
    database = open_new(request.param, tmp_path)
    yield TableRecords(database)
    database.close()


def add(records: Records, *entries: Entry, key: str = KEY) -> list[Entry]:
    return records.append_drafted(key, lambda _: entries)


def test_a_record_that_does_not_exist_is_empty_and_sound(records):
    assert records.read(KEY) == []
    assert records.check(KEY) == ([], START, "")
    assert records.list_keys() == []


@pytest.mark.parametrize(
    "content",
    [
        {"text": "Müller\n\0\u2028 '); DROP TABLE entries;--"},
        {"a": [1, 2.5, 1e300, None, {"b": True}], "c": (1, 2)},
        {},
    ],
)
def test_entries_come_back_as_they_were_added_with_their_place(records, content):
    added = add(records, act(0, **content), act(1, by='O\'Brien \\ Ünal "x"'))
    assert records.read(KEY) == added
    assert [entry.seq for entry in added] == [1, 2]
    assert [entry.previous_sha256 for entry in added] == [START, added[0].sha256]
    assert records.check(KEY) == (added, added[1].sha256, "")


def test_the_same_acts_have_the_same_hash_wherever_they_stand(records):
    add(records, act(1, text="Müller"), act(2))
    assert records.check(KEY).last_sha256 == "9f1ebc7db58a3941f66e5c251446cfa347d8cbbfe8c0bef5d619994c82c9dd4b"


def test_entries_that_depend_on_nothing_are_added_at_the_end(records):
    added = [*records.append(KEY, [act(0), act(1)]), *records.append(KEY, [act(2)]), *records.append(KEY, [])]
    assert records.read(KEY) == added
    assert records.check(KEY) == (added, added[2].sha256, "")


def test_only_what_is_new_is_read(records):
    added = add(records, *(act(number) for number in range(5)))
    assert records.read(KEY, after=3) == added[3:]
    assert records.read(KEY, after=5) == []
    assert records.read(KEY, after=9) == []


def test_a_draft_sees_what_is_there_and_adds_all_it_gives(records):
    add(records, act(0), act(1))
    added = records.append_drafted(KEY, lambda entries: [act(len(entries)), act(len(entries) + 1)])
    assert [entry.content["number"] for entry in added] == [2, 3]
    assert records.append_drafted(KEY, lambda _: []) == []
    assert len(records.read(KEY)) == 4


def test_a_draft_that_fails_leaves_the_record_as_it_was(records):
    add(records, act(0))
    with pytest.raises(ZeroDivisionError):
        records.append_drafted(KEY, lambda _: [act(1), act(1 // 0)])
    with pytest.raises(ValueError, match="Out of range float"):
        add(records, act(1), act(float("nan")))
    assert len(records.read(KEY)) == 1


def list_numbers(entries, known=None):
    return (*(known or ()), *(entry.content["number"] for entry in entries))


def test_what_entries_add_up_to_is_carried_on(records):
    assert records.replay(KEY, list_numbers) == ()
    for _ in range(2):
        found = records.append_replayed(KEY, list_numbers, lambda numbers: [act(len(numbers)), act(7)])
        assert found.added == records.read(KEY)[-2:]
        assert found.state == records.replay(KEY, list_numbers) == list_numbers(records.read(KEY))
    add(records, act(9))
    assert records.replay(KEY, list_numbers) == (0, 7, 2, 7, 9)
    assert records.append_replayed(KEY, list_numbers, lambda _: []) == ([], (0, 7, 2, 7, 9))


def test_a_draft_on_what_entries_add_up_to_that_fails_leaves_nothing(records):
    add(records, act(0))
    with pytest.raises(ZeroDivisionError):
        records.append_replayed(KEY, list_numbers, lambda numbers: [act(1 // numbers[0])])
    assert records.replay(KEY, list_numbers) == (0,)


@pytest.mark.parametrize("wrong", [{"by": "x" * 201}, {"by": "a\0b"}, {"by": "\ud800"}, {"text": "\ud800"}])
def test_what_cannot_be_recorded_is_refused(records, wrong):
    with pytest.raises(InputError):
        add(records, act(0), act(1, **wrong))
    assert records.read(KEY) == []


def test_records_are_apart_and_listed_by_what_they_stand_below(records):
    for key in ("decisions/main", "decisions/Other", "closes/main/all", "closes/main_/all"):
        add(records, act(), key=key)
    assert records.list_keys() == ["closes/main/all", "closes/main_/all", "decisions/Other", "decisions/main"]
    assert records.list_keys("closes/main") == ["closes/main/all"]
    assert records.list_keys("decisions/main") == ["decisions/main"]
    assert records.list_keys("DECISIONS") == []
    assert records.list_keys("decis") == []
    assert [len(records.read(key)) for key in records.list_keys()] == [1, 1, 1, 1]


@pytest.mark.parametrize("key", BAD_KEYS)
def test_a_key_that_cannot_stand_in_a_path_is_refused(records, key):
    for use in (records.read, records.check, records.where, lambda key: add(records, act(), key=key)):
        with pytest.raises(InputError, match="cannot be the key"):
            use(key)


def test_where_a_record_stands_is_said(records):
    assert "main" in records.where(KEY)
