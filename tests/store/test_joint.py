"""Several writes as one transaction."""

from threading import Thread

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from arrisk.errors import InputError
from arrisk.store import Database
from arrisk.store.tables import ENTRIES
from tests.store.test_database import ROW


def add(database: Database, seq: int) -> None:
    with database.write() as connection:
        connection.execute(insert(ENTRIES), [{**ROW, "seq": seq}])


def read(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.execute(select(ENTRIES.c.seq).order_by(ENTRIES.c.seq)).scalars())


def test_writes_together_are_kept_together(database: Database):
    with database.together():
        add(database, 1)
        add(database, 2)
    assert read(database) == [1, 2]


def add_and_fail(database: Database) -> None:
    with database.together():
        add(database, 1)
        raise RuntimeError


def test_what_fails_after_a_write_undoes_it(database: Database):
    with pytest.raises(RuntimeError):
        add_and_fail(database)
    assert read(database) == []
    add(database, 2)
    assert read(database) == [2]


def test_a_failure_that_is_caught_undoes_its_own_write_alone(database: Database):
    with database.together():
        add(database, 1)
        with pytest.raises(IntegrityError):
            add(database, 1)
        add(database, 2)
    assert read(database) == [1, 2]


def test_what_was_just_written_is_read_inside_and_not_outside(database: Database):
    seen = {}

    def look() -> None:
        seen["outside"] = read(database)

    with database.together():
        add(database, 1)
        seen["inside"] = read(database)
        # A thread that is started bare does not know of the transaction.
        thread = Thread(target=look)
        thread.start()
        thread.join()
    assert seen == {"inside": [1], "outside": []}


def test_together_inside_together_is_one(database: Database):
    with database.together():
        add(database, 2)
        with pytest.raises(RuntimeError):
            add_and_fail(database)
    assert read(database) == [1, 2]


def test_what_is_done_first_is_part_of_it(database: Database):
    def refuse(_: object) -> None:
        raise RuntimeError

    transaction = database.make_joint(refuse)
    with pytest.raises(RuntimeError), transaction.active():
        add(database, 1)
    assert read(database) == []
    add(database, 1)


def put(database: Database, seq: int, content: str) -> str:
    with database.write() as connection:
        connection.execute(insert(ENTRIES), [{**ROW, "seq": seq, "content": content}])
    with database.read() as connection:
        return connection.execute(select(ENTRIES.c.content).where(ENTRIES.c.seq == seq)).scalar_one()


def test_half_a_character_is_refused(database: Database):
    with pytest.raises(InputError, match="no text may"):
        put(database, 1, "half \ud800 of one")
    with pytest.raises(InputError, match="no text may"), database.together():
        put(database, 2, "half \ud800 of one")


def test_a_nul_character_is_kept_or_refused(database: Database):
    if database.is_sqlite:
        assert put(database, 1, "a\x00b") == "a\x00b"
        return
    with pytest.raises(InputError, match="no text may"):
        put(database, 1, "a\x00b")
    with pytest.raises(InputError, match="no text may"), database.together():
        put(database, 2, "a\x00b")
