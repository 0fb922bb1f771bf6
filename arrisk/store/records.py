"""The records of the service: chains of entries in one table."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, insert, select, text

from arrisk.records import START, Draft, Entry, Soundness
from arrisk.records.chain import Sealed, explain_fault, follow, link, write_body, write_content
from arrisk.records.protocol import require_key
from arrisk.store.database import Database
from arrisk.store.tables import ENTRIES

_TABLE = ENTRIES.c
_AT_ONCE = 1000


@dataclass(frozen=True)
class TableRecords:
    """The records of a database.

    Parameters
    ----------
    database : of today's form.
    """

    database: Database

    def read(self, key: str, *, after: int = 0) -> list[Entry]:
        """Read the entries of a record behind a number; raises as ``Records.read`` says."""
        with self.database.read() as connection:
            return self.within(connection).read(key, after=after)

    def append_drafted(self, key: str, draft: Draft) -> list[Entry]:
        """Add entries that depend on those there are; raises as ``Records.append_drafted`` says."""
        with self.database.write() as connection:
            return self.within(connection).append_drafted(key, draft)

    def check(self, key: str) -> Soundness:
        """Check a record; raises as ``Records.check`` says."""
        with self.database.read() as connection:
            return self.within(connection).check(key)

    def list_keys(self, prefix: str = "") -> list[str]:
        """List the keys of the records there are below ``prefix``, sorted; empty = of all."""
        with self.database.read() as connection:
            return self.within(connection).list_keys(prefix)

    def where(self, key: str) -> str:
        """Name the record and the database."""
        return f"{require_key(key)} in {self.database.name}"

    def within(self, connection: Connection) -> "ConnectionRecords":
        """Give the records as one transaction sees them: what is added counts when that ends."""
        return ConnectionRecords(connection, self.database.name)


@dataclass(frozen=True)
class ConnectionRecords:
    """The records of a database within a transaction, which may do more than add to them.

    Parameters
    ----------
    connection : of ``Database.write``, to add to them; to read, of ``Database.read``.
    name : the database's.
    """

    connection: Connection
    name: str

    def read(self, key: str, *, after: int = 0) -> list[Entry]:
        """Read the entries of a record behind a number; raises as ``Records.read`` says."""
        found = self._follow(key, after)
        if found.fault:
            raise explain_fault(found.fault, where=self.where(key))
        return found.entries

    def append_drafted(self, key: str, draft: Draft) -> list[Entry]:
        """Add entries that depend on those there are; raises as ``Records.append_drafted`` says.

        Until the transaction ends, nobody else can add to this record.
        """
        self._lock(require_key(key))
        entries, last, fault = self._follow(key, 0)
        if fault:
            raise explain_fault(fault, where=self.where(key))
        added = link(draft(entries), after=len(entries), last_sha256=last)
        rows = [{**vars(one), "key": key, "content": write_content(one.content), "sha256": one.sha256} for one in added]
        if rows:
            self.connection.execute(insert(ENTRIES), rows)
        return added

    def check(self, key: str) -> Soundness:
        """Check a record; raises as ``Records.check`` says."""
        return self._follow(key, 0)

    def list_keys(self, prefix: str = "") -> list[str]:
        """List the keys of the records there are below ``prefix``, sorted; empty = of all."""
        below = func.substr(_TABLE.key, 1, len(prefix) + 1) == f"{prefix}/"
        wanted = below | (_TABLE.key == prefix) if prefix else _TABLE.key.is_not(None)
        return sorted(self.connection.execute(select(_TABLE.key).where(wanted).distinct()).scalars())

    def where(self, key: str) -> str:
        """Name the record and the database."""
        return f"{require_key(key)} in {self.name}"

    def _lock(self, key: str) -> None:
        # On SQLite one transaction at a time writes as it is.
        if self.connection.dialect.name == "postgresql":
            number = int.from_bytes(hashlib.sha256(f"entries {key}".encode()).digest()[:8], signed=True)
            self.connection.execute(text("SELECT pg_advisory_xact_lock(CAST(:number AS bigint))"), {"number": number})

    def _follow(self, key: str, after: int) -> Soundness:
        last = START if after == 0 else self._read_hash(key, after)
        return follow(self._list_lines(key, after), after=after, last_sha256=last)

    def _read_hash(self, key: str, seq: int) -> str:
        asked = select(_TABLE.sha256).where(_TABLE.key == key, _TABLE.seq == seq)
        return self.connection.execute(asked).scalar() or ""

    def _list_lines(self, key: str, after: int) -> Iterator[Sealed]:
        asked = select(ENTRIES).where(_TABLE.key == require_key(key), _TABLE.seq > after).order_by(_TABLE.seq)
        for row in self.connection.execute(asked.execution_options(yield_per=_AT_ONCE)):
            yield _seal(row)


def _seal(row: Row[tuple[object, ...]]) -> Sealed:
    return Sealed(write_body(row, row.content).encode(errors="replace"), row.sha256)
