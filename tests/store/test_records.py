"""Records in the database: what the database itself refuses, what is found when it did not, and writers at once."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from arrisk.errors import BookError
from arrisk.records import Entry
from arrisk.store import Database
from arrisk.store.append_only import TRIGGERS
from arrisk.store.records import TableRecords
from arrisk.store.tables import ENTRIES

KEY = "decisions/main"


def act(number=0, by="ana"):
    content = {"number": number, "text": "Müller\n\0"}
    return Entry(at="2025-01-01T00:00:00+00:00", by=by, action="note", content=content)


@pytest.fixture
def records(database: Database) -> TableRecords:
    found = TableRecords(database)
    for key in (KEY, "decisions/other"):
        found.append_drafted(key, lambda _: [act(number) for number in range(4)])
    return found


def drop_triggers(database):
    with database.write() as connection:
        for verb in TRIGGERS[: 2 if database.is_sqlite else 3]:
            connection.execute(text(f"DROP TRIGGER entries_no_{verb}" + ("" if database.is_sqlite else " ON entries")))


@pytest.mark.parametrize(
    "statement", ["UPDATE entries SET by = 'eve' WHERE seq = 2", "DELETE FROM entries WHERE seq = 4"]
)
def test_the_database_refuses_to_change_an_entry(records, database, statement):
    with pytest.raises(DBAPIError, match="rows of entries are never changed"), database.write() as connection:
        connection.execute(text(statement))
    assert records.check(KEY).fault == ""
    assert len(records.read(KEY)) == 4


def test_postgresql_refuses_to_empty_the_table(records, database):
    statement = "DELETE FROM entries" if database.is_sqlite else "TRUNCATE entries"
    with pytest.raises(DBAPIError, match="never changed"), database.write() as connection:
        connection.execute(text(statement))
    assert len(records.read(KEY)) == 4


CHANGES = {
    "UPDATE entries SET by = 'eve' WHERE seq = 2": 2,
    "UPDATE entries SET at = '2024-01-01T00:00:00+00:00' WHERE seq = 1": 1,
    """UPDATE entries SET content = '{"number":9}' WHERE seq = 4""": 4,
    "UPDATE entries SET content = 'not json' WHERE seq = 3": 3,
    """UPDATE entries SET content = '{"number":2},"by":"eve"' WHERE seq = 3""": 3,
    "UPDATE entries SET sha256 = previous_sha256 WHERE seq = 4": 4,
    "UPDATE entries SET seq = 9 WHERE seq = 4": 4,
    "DELETE FROM entries WHERE seq = 1": 1,
    "DELETE FROM entries WHERE seq = 2": 2,
}


@pytest.mark.parametrize(("change", "broken"), CHANGES.items())
def test_a_row_changed_or_deleted_behind_its_back_is_named(records, database, change, broken):
    drop_triggers(database)
    with database.write() as connection:
        connection.exec_driver_sql(f"{change} AND key = '{KEY}'")
    found = records.check(KEY)
    assert f"line {broken} " in found.fault
    assert len(found.entries) == broken - 1
    assert records.list_keys() == [KEY, "decisions/other"]
    with pytest.raises(BookError, match=f"line {broken} "):
        records.read(KEY)
    with pytest.raises(BookError, match=f"line {broken} "):
        records.append_drafted(KEY, lambda _: [act()])
    assert records.check("decisions/other").fault == ""


def test_what_a_transaction_adds_counts_when_it_ends(records, database):
    with database.write() as connection:
        own = records.within(connection)
        own.append_drafted(KEY, lambda _: [act(4)])
        own.append_drafted(KEY, lambda entries: [act(len(entries))])
        assert len(own.read(KEY)) == 6
    assert [entry.content["number"] for entry in records.read(KEY)] == [0, 1, 2, 3, 4, 5]


def test_what_a_transaction_adds_goes_when_it_fails(records, database):
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        assert 1 / len(records.within(connection).append_drafted(KEY, lambda _: [act(4)])[1:])
    assert len(records.read(KEY)) == 4
    assert records.append_drafted(KEY, lambda _: [act(4)])[0].seq == 5


def count_up(entries, known=None):
    """Add up, and say how many entries that took."""
    return (known[0] if known else 0) + len(entries), len(entries)


def test_a_replay_reads_only_what_is_new(records, database):
    assert records.replay(KEY, count_up) == (4, 4)
    assert records.append_replayed(KEY, count_up, lambda _: [act(4), act(5)]).state == (6, 2)
    TableRecords(database).append_drafted(KEY, lambda _: [act(6)])
    assert records.replay(KEY, count_up) == (7, 3)
    assert records.replay(KEY, count_up) == (7, 3)


def test_a_replay_forgets_what_did_not_stay(records, database):
    with database.write() as connection:
        records.within(connection).append_drafted(KEY, lambda _: [act(8)])
        assert records.within(connection).replay(KEY, count_up) == (5, 5)
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("BEGIN")
    assert records.replay(KEY, count_up) == (4, 4)
    records.append_drafted(KEY, lambda _: [act(9)])
    assert records.replay(KEY, count_up) == (5, 1)


def test_a_reader_beside_an_open_transaction_goes_on_from_what_it_sees(records, database):
    assert records.replay(KEY, count_up) == (4, 4)
    with database.write() as connection:
        assert records.within(connection).append_replayed(KEY, count_up, lambda _: [act(8)]).state == (5, 1)
        assert records.within(connection).replay(KEY, count_up) == (5, 1)
        assert records.replay(KEY, count_up) == (4, 4)
    assert records.replay(KEY, count_up) == (5, 1)


def test_nothing_is_added_to_an_entry_that_was_changed(records, database):
    drop_triggers(database)
    with database.write() as connection:
        connection.execute(update(ENTRIES).where(ENTRIES.c.seq == 4).values(by="eve"))
    with pytest.raises(BookError, match="line 4 "):
        records.append(KEY, [act()])


@pytest.mark.parametrize("seq", [3, 4])
def test_a_replay_finds_that_the_entry_it_goes_on_from_was_changed(records, database, seq):
    records.replay(KEY, count_up)
    drop_triggers(database)
    with database.write() as connection:
        connection.execute(update(ENTRIES).where(ENTRIES.c.seq >= seq).values(sha256="a" * 64))
    with pytest.raises(BookError, match=f"line {seq} "):
        records.replay(KEY, count_up)
    with pytest.raises(BookError, match=f"line {seq} "):
        records.append_replayed(KEY, count_up, lambda _: [act()])


def test_threads_at_once_lose_nothing(records):
    def add(name):
        for number in range(10):
            records.append_drafted("decisions/busy", lambda _, n=number: [act(n, by=name)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, "abcd"))
    require_all(records, "abcd", 10)


WRITER = """
import sys
from arrisk.records import Entry
from arrisk.store import connect
from arrisk.store.records import TableRecords
from arrisk.store.tables import ENTRIES
records = TableRecords(connect(sys.argv[1]))
for number in range(20):
    entry = Entry(at="", by=sys.argv[2], action="note", content={"number": number})
    records.append_drafted("decisions/busy", lambda _: [entry])
"""


@pytest.mark.slow
def test_two_processes_at_once_lose_nothing(records, database):
    url = database.engine.url.render_as_string(hide_password=False)
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, url, name]) for name in "ab"]
    assert [writer.wait() for writer in writers] == [0, 0]
    require_all(records, "ab", 20)


def require_all(records, names, count):
    assert records.check("decisions/busy").fault == ""
    entries = records.read("decisions/busy")
    assert [entry.seq for entry in entries] == list(range(1, len(names) * count + 1))
    for name in names:
        assert [entry.content["number"] for entry in entries if entry.by == name] == list(range(count))
