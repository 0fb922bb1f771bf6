"""One database, SQLite or PostgreSQL: where it is, and transactions on it."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from arrisk.errors import InputError, StoreError
from arrisk.store import joint

_FILE = "arrisk.db"
_WAIT_SECONDS = 30
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"mmap_size={2**30}")
"""Pages are read out of the file as it lies in memory, which takes a fifth less than copying them."""

_SETTINGS: Mapping[str, Any] = MappingProxyType({"isolation_level": "AUTOCOMMIT", "hide_parameters": True})
"""Transactions are begun by name here, once and for all: to say so for each takes longer than a read."""

_POOL = 10
_PORT = 5432
_NO_TEXT = "22021"
"""PostgreSQL's code for bytes that are no text."""


@dataclass(frozen=True)
class Database:
    """An open database; threads may share it, processes may not.

    Parameters
    ----------
    engine : SQLAlchemy's, with its pool of connections.
    """

    engine: Engine

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of SQLite's."""
        return self.engine.dialect.name == "sqlite"

    @property
    def name(self) -> str:
        """The address without the password."""
        return self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database throughout.

        Raises
        ------
        StoreError
            When the database cannot be reached.
        """
        if (together := joint.find(self.engine)) is not None and together.connection is not None:
            # What was just written is seen.
            yield together.connection
            return
        if self.is_sqlite:
            with self._explained(), self._connect() as found, _snapshot(found):
                yield found
            return
        with self._begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") as found:
            yield found

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection whose changes are kept all, at the end, or none; SQLite lets one at a time write.

        Inside ``together`` its changes are kept with those of the others, or none of them.

        Raises
        ------
        StoreError
            When the database cannot be reached.
        """
        if (together := joint.find(self.engine)) is not None:
            with self._explained(), together.write() as found:
                yield found
            return
        with self._begin(self._writing) as found:
            yield found

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep all that is written inside, or none of it: one transaction, which the first write begins."""
        if joint.find(self.engine) is not None:
            yield
            return
        transaction = self.make_joint()
        with transaction.active():
            try:
                yield
            except BaseException:
                transaction.roll_back()
                raise
        transaction.commit()

    def make_joint(self, first: joint.First | None = None) -> joint.Joint:
        """Make a transaction that several writes share, to be ended by hand.

        Parameters
        ----------
        first : what to do as soon as it is begun, before the first write.
        """
        return joint.Joint(self.engine, self._open_explained, self._writing, first)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @property
    def _writing(self) -> str:
        return "BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN"

    @contextmanager
    def _begin(self, statement: str) -> Iterator[Connection]:
        with self._explained(), self._connect() as connection:
            connection.exec_driver_sql(statement)
            try:
                yield connection
            except BaseException:
                # A connection that was lost has nothing to take back.
                with suppress(SQLAlchemyError):
                    connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    @contextmanager
    def _open_explained(self) -> Iterator[Connection]:
        with self._explained(), self._connect() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except UnicodeEncodeError as error:
            raise _refuse_text() from error
        except (InterfaceError, OperationalError, sqlite3.OperationalError) as error:
            hint = "the same again; if it stays so, look after the database"
            raise StoreError("the database does not answer as it should", where=self.name, hint=hint) from error
        except DBAPIError as error:
            if _read_state(error) == _NO_TEXT:
                raise _refuse_text() from error
            raise

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        try:
            connection = self.engine.connect()
        except DBAPIError as error:
            hint = "start the database, or correct ARRISK_DATABASE_URL"
            raise StoreError("the database cannot be reached", where=self.name, hint=hint) from error
        except exc.TimeoutError as error:
            raise StoreError("too many wait for the database", where=self.name, hint="the same again later") from error
        with connection:
            yield connection


@contextmanager
def _snapshot(connection: Connection) -> Iterator[None]:
    """Let a connection of SQLite's see one state; the driver itself is told, since SQLAlchemy takes longer than it."""
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN")
    try:
        yield
    finally:
        # There is nothing to keep; what failed may have ended it.
        if driver.in_transaction:
            driver.execute("ROLLBACK")


def _read_state(error: DBAPIError) -> str:
    """Read PostgreSQL's code of an error."""
    said = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return str(said.get("C", "")) if isinstance(said, dict) else ""


def _refuse_text() -> InputError:
    return InputError("a text holds what no text may: a NUL character, or half of one", hint="leave it out")


def locate(home: Path) -> str:
    """Give the address of the database that a state folder has when no other is named."""
    return f"sqlite:///{(home / _FILE).resolve()}"


def connect(url: str) -> Database:
    """Open a database.

    Parameters
    ----------
    url : ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``; a folder that is missing is made.

    Raises
    ------
    StoreError
        When the address cannot be understood.

    Examples
    --------
    >>> connect("sqlite:///:memory:").is_sqlite
    True
    """
    address = _read_url(url)
    if address.get_backend_name() == "sqlite":
        return Database(_open_sqlite(address))
    return Database(create_engine(address, pool_size=_POOL, max_overflow=_POOL, pool_pre_ping=True, **_SETTINGS))


def _read_url(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        hint = "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        raise StoreError("the database's address cannot be understood", hint=hint) from error
    match address.get_backend_name():
        case "sqlite":
            return address
        case "postgresql":
            return _read_socket(address.set(drivername="postgresql+pg8000"))
        case other:
            raise StoreError(f"{other} is not a database for arrisk", hint="SQLite or PostgreSQL")


def _read_socket(address: URL) -> URL:
    """Read the folder of a local socket as PostgreSQL's own programs name it: ``?host=/run/postgresql``."""
    folder = address.query.get("host")
    if not isinstance(folder, str) or not folder.startswith("/"):
        return address
    socket = f"{folder}/.s.PGSQL.{address.port or _PORT}"
    return address.difference_update_query(["host"]).update_query_dict({"unix_sock": socket})


def _open_sqlite(address: URL) -> Engine:
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    settings = {"timeout": _WAIT_SECONDS, "check_same_thread": False}
    engine = create_engine(address, connect_args=settings, **_SETTINGS)

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        # What was committed survives the end of the process, and of the machine too.
        for pragma in (*_PRAGMAS, f"busy_timeout={_WAIT_SECONDS}000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def ask_alive(database: Database) -> None:
    """Ask the database for an answer.

    Raises
    ------
    StoreError
        When there is none.
    """
    with database.read() as connection:
        connection.execute(text("SELECT 1"))
