"""Opening a database, transactions, and its form."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, func, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from arrisk.errors import StoreError
from arrisk.store import Database, ask_alive, connect, require_current, upgrade
from arrisk.store.tables import ENTRIES, METADATA, SAVED_VIEWS
from tests.databases import EACH_KIND, open_empty

ROW = {
    "key": "tries", "seq": 1, "at": "2026-01-01T00:00:00+00:00", "by": "ana", "action": "try", "content": "{}",
    "previous_sha256": "0" * 64, "sha256": "1" * 64,
}  # fmt: skip


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(ENTRIES)).scalar_one()


def test_what_is_written_can_be_read(database: Database):
    with database.write() as connection:
        connection.execute(insert(ENTRIES), [ROW])
    with database.read() as connection:
        assert count(connection) == 1


def test_what_fails_leaves_nothing(database: Database):
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(insert(ENTRIES), [ROW, ROW])
    with database.read() as connection:
        assert count(connection) == 0


def test_a_reader_sees_one_state_throughout(database: Database):
    with database.read() as reader:
        assert count(reader) == 0
        with database.write() as writer:
            writer.execute(insert(ENTRIES), [ROW])
        assert count(reader) == 0


def test_migrations_make_what_the_tables_say(database: Database):
    require_current(database)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_upgrading_twice_changes_nothing(database: Database):
    upgrade(database)
    require_current(database)


@pytest.mark.parametrize("kind", EACH_KIND)
def test_a_database_of_the_first_form_is_upgraded_and_keeps_its_rows(kind: str, tmp_path: Path):
    database = open_empty(kind, tmp_path)
    upgrade(database, to="0001")
    with database.write() as connection:
        assert not inspect(connection).has_table(SAVED_VIEWS.name)
        connection.execute(insert(ENTRIES), [ROW])
    with pytest.raises(StoreError, match="of an older arrisk"):
        require_current(database)
    upgrade(database)
    require_current(database)
    with database.read() as connection:
        assert count(connection) == 1
        assert connection.execute(select(SAVED_VIEWS)).all() == []
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    database.close()


def test_a_database_without_tables_is_refused(tmp_path: Path):
    with pytest.raises(StoreError, match="empty or of an older arrisk"):
        require_current(connect(f"sqlite:///{tmp_path / 'new.db'}"))


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/name"])
def test_an_address_of_nothing_we_know_is_refused(url: str):
    with pytest.raises(StoreError):
        connect(url)


def test_a_server_that_is_not_there_is_said():
    database = connect("postgresql://ana:secret@127.0.0.1:1/none")
    with pytest.raises(StoreError, match="cannot be reached") as caught, database.read():
        pass
    assert "secret" not in str(caught.value)


def test_a_connection_that_is_lost_is_a_store_error_and_the_next_one_works(database):
    lose = "SELECT * FROM there_is_none" if database.is_sqlite else "SELECT pg_terminate_backend(pg_backend_pid())"
    with pytest.raises(StoreError, match="does not answer"), database.read() as connection:
        connection.execute(text(lose))
    ask_alive(database)
