"""One transaction that several writes share, though none of them knows of the others."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from contextvars import ContextVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from arrisk.errors import StoreError

First = Callable[[Connection], None]

_ACTIVE: ContextVar["Joint | None"] = ContextVar("joint", default=None)


class Joint:
    """A transaction that the first write begins, and whose end is told.

    Parameters
    ----------
    engine : of the database.
    connect : opens a connection of it.
    statement : begins a transaction that writes.
    first : what to do as soon as it is begun.
    """

    def __init__(
        self,
        engine: Engine,
        connect: Callable[[], AbstractContextManager[Connection]],
        statement: str,
        first: First | None,
    ) -> None:
        self.engine = engine
        self.connection: Connection | None = None
        self._connect = connect
        self._statement = statement
        self._first = first
        self._open = ExitStack()
        self._depth = 0

    @contextmanager
    def active(self) -> Iterator[None]:
        """Let every write inside, in threads started inside too, be part of it; its end is not told by this."""
        token = _ACTIVE.set(self)
        try:
            yield
        finally:
            _ACTIVE.reset(token)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give its connection; what fails inside is undone alone, so that it may be caught."""
        connection = self.connection or self._begin()
        self._depth += 1
        name = f"joint_{self._depth}"
        connection.exec_driver_sql(f"SAVEPOINT {name}")
        try:
            yield connection
        except BaseException:
            # A connection that was lost has nothing to take back.
            with suppress(SQLAlchemyError):
                connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {name}")
            raise
        else:
            connection.exec_driver_sql(f"RELEASE SAVEPOINT {name}")
        finally:
            self._depth -= 1

    def commit(self) -> None:
        """Keep all of it."""
        self._end("COMMIT")

    def roll_back(self) -> None:
        """Keep none of it."""
        with suppress(SQLAlchemyError, StoreError):
            self._end("ROLLBACK")

    def _begin(self) -> Connection:
        connection = self._open.enter_context(self._connect())
        try:
            connection.exec_driver_sql(self._statement)
            self.connection = connection
            if self._first is not None:
                self._first(connection)
        except BaseException:
            self.roll_back()
            raise
        return connection

    def _end(self, statement: str) -> None:
        connection, self.connection = self.connection, None
        with self._open:
            if connection is not None:
                connection.exec_driver_sql(statement)


def find(engine: Engine) -> Joint | None:
    """Find the transaction that writes to a database are part of here; None = each is its own."""
    active = _ACTIVE.get()
    return active if active is not None and active.engine is engine else None
