"""The records of the service: chains of entries in one table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, RowMapping, func, insert, select

from arrisk.records import START, Draft, Entry, Soundness
from arrisk.records.chain import Sealed, explain_fault, follow, link, write_body, write_content
from arrisk.records.protocol import require_key
from arrisk.records.replays import Fold, Known, ReplayCache, Replayed, State, StateDraft
from arrisk.store.database import Database
from arrisk.store.locks import lock
from arrisk.store.tables import ENTRIES

_TABLE = ENTRIES.c
_AT_ONCE = 1000
_BODY = ("seq", "at", "by", "action", "content", "previous_sha256")


@dataclass(frozen=True)
class TableRecords:
    """The records of a database.

    Parameters
    ----------
    database : of today's form.
    known : what was replayed before, so that the next replay reads only what is new.
    """

    database: Database
    known: ReplayCache = field(default_factory=ReplayCache, compare=False, repr=False)

    def read(self, key: str, *, after: int = 0) -> list[Entry]:
        """Read the entries of a record behind a number; raises as ``Records.read`` says."""
        with self.database.read() as connection:
            return self.within(connection).read(key, after=after)

    def append(self, key: str, entries: Sequence[Entry]) -> list[Entry]:
        """Add entries that depend on nothing; raises as ``Records.append`` says."""
        with self.database.write() as connection:
            return self.within(connection).append(key, entries)

    def append_drafted(self, key: str, draft: Draft) -> list[Entry]:
        """Add entries that depend on those there are; raises as ``Records.append_drafted`` says."""
        with self.database.write() as connection:
            return self.within(connection).append_drafted(key, draft)

    def replay(self, key: str, fold: Fold[State]) -> State:
        """Find what the entries of a record add up to; raises as ``Records.replay`` says."""
        with self.database.read() as connection:
            return self.within(connection).replay(key, fold)

    def append_replayed(self, key: str, fold: Fold[State], draft: StateDraft[State]) -> Replayed[State]:
        """Add entries that depend on what those there are add up to; raises as ``Records.append_replayed`` says."""
        with self.database.write() as connection:
            return self.within(connection).append_replayed(key, fold, draft)

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
        return ConnectionRecords(connection, self.database.name, self.known)


@dataclass(frozen=True)
class ConnectionRecords:
    """The records of a database within a transaction, which may do more than add to them.

    Parameters
    ----------
    connection : of ``Database.write``, to add to them; to read, of ``Database.read``.
    name : the database's.
    known : what was replayed before.
    """

    connection: Connection
    name: str
    known: ReplayCache = field(default_factory=ReplayCache, compare=False, repr=False)

    def read(self, key: str, *, after: int = 0) -> list[Entry]:
        """Read the entries of a record behind a number; raises as ``Records.read`` says."""
        return self._read_on(key, after).entries

    def append(self, key: str, entries: Sequence[Entry]) -> list[Entry]:
        """Add entries that depend on nothing; raises as ``Records.append`` says.

        Until the transaction ends, nobody else can add to this record.
        """
        self._lock(key)
        newest = self.connection.execute(select(func.max(_TABLE.seq)).where(_TABLE.key == key)).scalar() or 0
        _, last, _ = self._read_on(key, max(newest - 1, 0))
        return self._add(key, link(entries, after=newest, last_sha256=last))

    def append_drafted(self, key: str, draft: Draft) -> list[Entry]:
        """Add entries that depend on those there are; raises as ``Records.append_drafted`` says.

        Until the transaction ends, nobody else can add to this record.
        """
        self._lock(key)
        entries, last, _ = self._read_on(key, 0)
        return self._add(key, link(draft(entries), after=len(entries), last_sha256=last))

    def replay(self, key: str, fold: Fold[State]) -> State:
        """Find what the entries of a record add up to; raises as ``Records.replay`` says."""
        return self._replay(key, fold).state

    def append_replayed(self, key: str, fold: Fold[State], draft: StateDraft[State]) -> Replayed[State]:
        """Add entries that depend on what those there are add up to; raises as ``Records.append_replayed`` says.

        Until the transaction ends, nobody else can add to this record.
        """
        self._lock(key)
        seq, last, state = self._replay(key, fold)
        added = self._add(key, link(draft(state), after=seq, last_sha256=last))
        return Replayed(added, fold(added, state))

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
        lock(self.connection, f"entries/{require_key(key)}")

    def _add(self, key: str, added: list[Entry]) -> list[Entry]:
        rows = [{**vars(one), "key": key, "content": write_content(one.content), "sha256": one.sha256} for one in added]
        if rows:
            self.connection.execute(insert(ENTRIES), rows)
        return added

    def _replay(self, key: str, fold: Fold[State]) -> Known[State]:
        standing = (one for one in self.known.find(key, fold) if self._read_hash(key, one.seq) == one.sha256)
        known = next(standing, None)
        entries, last, _ = self._read_on(key, known.seq if known else 0)
        if known is not None and not entries:
            return known
        seq, state = (known.seq, known.state) if known else (0, None)
        found = Known(seq + len(entries), last, fold(entries, state))
        self.known.keep(key, fold, found)
        return found

    def _read_on(self, key: str, after: int) -> Soundness:
        found = self._follow(key, after)
        if found.fault:
            raise explain_fault(found.fault, where=self.where(key))
        return found

    def _follow(self, key: str, after: int) -> Soundness:
        last = self._read_hash(require_key(key), after)
        return follow(self._list_lines(key, after), after=after, last_sha256=last)

    def _read_hash(self, key: str, seq: int) -> str:
        asked = select(_TABLE.sha256).where(_TABLE.key == key, _TABLE.seq == seq)
        return START if seq == 0 else self.connection.execute(asked).scalar() or ""

    def _list_lines(self, key: str, after: int) -> Iterator[Sealed]:
        asked = select(ENTRIES).where(_TABLE.key == key, _TABLE.seq > after).order_by(_TABLE.seq)
        for row in self.connection.execute(asked.execution_options(yield_per=_AT_ONCE)).mappings():
            yield _seal(row)


def _seal(row: RowMapping) -> Sealed:
    parts = {name: row[name] for name in _BODY}
    return Sealed(write_body(**parts).encode(errors="replace"), row["sha256"])
