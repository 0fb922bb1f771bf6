"""The queries that find the rows of one customer, in the words of SQLite and of PostgreSQL."""

import hashlib
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from pg8000.native import literal  # type: ignore[import-untyped]
from sqlalchemy import Connection, Select, bindparam, func, literal_column, select, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from arrisk.frames import NEVER
from arrisk.schema import TABLES, Kind
from arrisk.store.book_tables import BATCHES, BOOK_TABLES

Row = tuple[Any, ...]
"""The columns asked for, then ``known_day`` and ``superseded_day``: days are whole numbers (``NEVER`` = none), money is
minor units, None = missing."""

Columns = Mapping[str, Sequence[str]]
"""By table, the columns that are read."""

Answers = Mapping[str, Sequence[Sequence[Any]]]
"""By block, the rows that were found."""

Moved = Mapping[str, Sequence[int]]
"""Of ids whose versions do not all belong to the same: the days from which these are known."""

Part = ColumnElement[Any]

OF_INVOICES = ("write_offs", "recoveries", "disputes")
"""Blocks that are found by the customer's invoices; so is what was applied to them."""

OF_RELATIVES = ("credit_events", "financials", "attributes")
"""Blocks that are read of others too."""

PAYERS = ("receipts", "notes")
"""Blocks that are found by what was applied."""

_APPLIED = "allocations"
_RECEIPT = ("payment_id", "paid_on")
_NOTE = ("invoice_id",)
_NEVER: Part = literal_column(str(NEVER))


@dataclass(frozen=True)
class Block:
    """One query for rows of a table, and what stands behind the finished row.

    Parameters
    ----------
    query : gives the columns asked for, ``known_day`` and ``NEVER``; then the owner, the key, ``row_id``, and where
        there are late cells ``completes``.
    size : how many columns the finished row has.
    count_key : how many columns the key has.
    has_late : whether late cells may have come in rows of their own.
    """

    query: Select[Any]
    size: int
    count_key: int
    has_late: bool

    def finish(
        self, rows: Iterable[Sequence[Any]], owners: Container[str] | None = None, moved: Moved | None = None
    ) -> list[Row]:
        """Order rows, fill late cells, say until when each version can be seen; only of some owners, None = all."""
        size, end = self.size, self.size + 1 + self.count_key
        found = sorted(rows, key=itemgetter(end))
        if self.has_late and any(row[-1] is not None for row in found):
            newest = {row[-1]: row for row in found if row[-1] is not None}
            found = [newest.get(row[end], row) for row in found if row[-1] is None]
        if owners is not None:
            found = [row for row in found if row[size] in owners]
        keys = [tuple(row[size + 1 : end]) for row in found]
        if len(set(keys)) == len(keys) and not moved:
            return [tuple(row[:size]) for row in found]
        ends = _find_ends(keys, [row[size - 2] for row in found], moved or {})
        return [(*row[: size - 1], until) for row, until in zip(found, ends, strict=True)]

    def list_keys(self, rows: Iterable[Sequence[Any]]) -> list[str]:
        """List the first columns of the keys, each once."""
        return list(dict.fromkeys(row[self.size + 1] for row in rows))


def _find_ends(keys: Sequence[Row], known: Sequence[int], moved: Moved) -> list[int]:
    days: dict[Row, set[int]] = {}
    for key, day in zip(keys, known, strict=True):
        days.setdefault(key, set(moved.get(key[0], ()))).add(day)
    return [
        min((later for later in days[key] if later > day), default=NEVER) for key, day in zip(keys, known, strict=True)
    ]


class _Queries:
    """The queries of a reader.

    Parameters
    ----------
    columns : what is read.
    ledger, customer : stand for the ledger's number and the customer.
    others, own, paid : give several customers, the customer's invoices, and who paid them.
    """

    def __init__(
        self, columns: Columns, ledger: Part, customer: Part, others: Select[Any], own: Select[Any], paid: Select[Any]
    ) -> None:
        self._ledger = ledger
        self.newest = select(func.max(BATCHES.c.batch_id)).where(BATCHES.c.ledger_id == ledger)
        self.own = {name: self._make(name, columns[name], customer, own) for name in columns if name != _APPLIED}
        to, of = (self._choose(_APPLIED, columns[_APPLIED], by, own) for by in ("invoice_id", "payment_id"))
        both = union(to, of).subquery()
        self.own[_APPLIED] = self._block(_APPLIED, select(*both.c), len(columns[_APPLIED]))
        receipts = self._choose("payments", _RECEIPT, "payment_id", paid)
        notes = self._choose("invoices", _NOTE, "invoice_id", paid, owner="kind")
        self.own["receipts"] = self._block("payments", receipts, len(_RECEIPT))
        self.own["notes"] = self._block("invoices", notes, len(_NOTE))
        self.others = {
            name: self._block(name, self._choose(name, columns[name], "customer_id", others), len(columns[name]))
            for name in OF_RELATIVES
            if name in columns
        }

    def _make(self, name: str, columns: Sequence[str], customer: Part, own: Select[Any]) -> Block:
        if name in OF_INVOICES:
            return self._block(name, self._choose(name, columns, "invoice_id", own), len(columns))
        return self._block(name, self._choose(name, columns, "customer_id", customer), len(columns))

    def _choose(
        self, name: str, columns: Sequence[str], by: str, within: Part | Select[Any], owner: str = ""
    ) -> Select[Any]:
        table, canonical = BOOK_TABLES[name], TABLES[name]
        kinds = {column.name: column.kind for column in canonical.all_columns}
        asked: list[Any] = [
            func.coalesce(table.c[column], _NEVER) if kinds[column] is Kind.DATE else table.c[column]
            for column in columns
        ]
        cells = [table.c.cells] if canonical.takes_any_column else []
        own = table.c[owner or ("customer_id" if "customer_id" in table.c else "invoice_id")]
        late = [table.c.completes] if canonical.filled_later else []
        keys = [table.c[key] for key in canonical.key]
        said = [*asked, *cells, table.c.known_day, _NEVER, own, *keys, table.c.row_id, *late]
        fits = table.c[by].in_(within) if isinstance(within, Select) else table.c[by] == within
        # Without labels a column that is asked for twice would be given once.
        listed = [one.label(f"c{at}") for at, one in enumerate(said)]
        return select(*listed).where(table.c.ledger_id == self._ledger, fits)

    @staticmethod
    def _block(name: str, query: Select[Any], count: int) -> Block:
        table = TABLES[name]
        return Block(query, count + 2 + table.takes_any_column, len(table.key), bool(table.filled_later))


class SqliteQueries:
    """Asks SQLite: a query a table, since asking costs next to nothing there."""

    def __init__(self, columns: Columns, ledger_id: int) -> None:
        listed = func.json_each(bindparam("asked")).table_valued("value")
        several = select(listed.c.value)
        made = _Queries(columns, literal_column(str(ledger_id)), bindparam("asked"), several, several, several)
        self.own, self.others = made.own, made.others
        self._own = {name: _compile(block.query) for name, block in self.own.items()}
        self._others = {name: _compile(block.query) for name, block in self.others.items()}
        self._newest = str(made.newest.compile(dialect=sqlite.dialect()))
        self._first = [name for name in columns if name not in (*OF_INVOICES, _APPLIED)]
        self._second = [name for name in columns if name in (*OF_INVOICES, _APPLIED)]

    def ask_own(self, connection: Connection, customer_id: str) -> tuple[int, Answers]:
        """Give the number of the ledger's newest batch, and the rows of a customer by block."""
        cursor = connection.connection.cursor()
        newest = cursor.execute(self._newest).fetchone()[0]
        found = {name: _ask(cursor, self._own[name], customer_id) for name in self._first}
        invoices = json.dumps(self.own["invoices"].list_keys(found["invoices"]))
        found |= {name: _ask(cursor, self._own[name], invoices) for name in self._second}
        paid = json.dumps(self.own[_APPLIED].list_keys(found[_APPLIED]))
        return newest, found | {name: _ask(cursor, self._own[name], paid) for name in PAYERS}

    def ask_others(self, connection: Connection, customer_ids: Sequence[str]) -> Answers:
        """Give the rows of several customers by block."""
        cursor, names = connection.connection.cursor(), json.dumps(list(customer_ids))
        return {name: _ask(cursor, one, names) for name, one in self._others.items()}


def _compile(query: Select[Any]) -> tuple[str, int]:
    compiled = query.compile(dialect=sqlite.dialect())
    return str(compiled), len(compiled.positiontup or ())


def _ask(cursor: Any, statement: tuple[str, int], value: str) -> Sequence[Sequence[Any]]:  # noqa: ANN401 - a driver's
    return cursor.execute(statement[0], (value,) * statement[1]).fetchall()  # type: ignore[no-any-return]


class PostgresqlQueries:
    """Asks PostgreSQL: one prepared statement a connection, whose answer is JSON, since each question is a journey."""

    def __init__(self, columns: Columns, ledger_id: int) -> None:
        customer: Part = literal_column("$1")
        ledger: Part = literal_column(str(ledger_id))
        invoices, allocations = BOOK_TABLES["invoices"].c, BOOK_TABLES[_APPLIED].c
        of_customer = (invoices.ledger_id == ledger, invoices.customer_id == customer)
        own = select(select(invoices.invoice_id).where(*of_customer).distinct().cte("own").c.invoice_id)
        payers = [
            select(allocations.payment_id).where(allocations.ledger_id == ledger, by.in_(own))
            for by in (allocations.invoice_id, allocations.payment_id)
        ]
        paid = select(union(*payers).cte("paid").c.payment_id)
        listed = func.json_array_elements_text(literal_column("$1::json")).table_valued("value")
        made = _Queries(columns, ledger, customer, select(listed.c.value), own, paid)
        self.own, self.others = made.own, made.others
        self._own = _join([made.newest.scalar_subquery(), *(_to_json(block.query) for block in self.own.values())])
        self._others = _join([_to_json(block.query) for block in self.others.values()])

    def ask_own(self, connection: Connection, customer_id: str) -> tuple[int, Answers]:
        """Give the number of the ledger's newest batch, and the rows of a customer by block."""
        newest, *found = _execute(connection, self._own, customer_id)
        return newest, dict(zip(self.own, (rows or () for rows in found), strict=True))

    def ask_others(self, connection: Connection, customer_ids: Sequence[str]) -> Answers:
        """Give the rows of several customers by block."""
        found = _execute(connection, self._others, json.dumps(list(customer_ids)))
        return dict(zip(self.others, (rows or () for rows in found), strict=True))


def _execute(connection: Connection, statement: str, value: str) -> Sequence[Any]:
    name = f"arrisk_{hashlib.sha256(statement.encode()).hexdigest()[:16]}"
    cursor: Any = connection.connection.cursor()
    if name not in connection.info:
        # The rows of one customer lie apart, in memory or on a disk without arms: indices are worth their while.
        cursor.execute("SET random_page_cost = 1.1")
        cursor.execute(f"PREPARE {name} (text) AS {statement}")
        connection.info[name] = True
    cursor.execute(f"EXECUTE {name} ({literal(value)})")
    return tuple(cursor.fetchone())


def _to_json(query: Select[Any]) -> Part:
    rows = query.subquery()
    return select(func.json_agg(func.json_build_array(*rows.c))).scalar_subquery()


def _join(answers: Sequence[Any]) -> str:
    listed = [answer.label(f"a{at}") for at, answer in enumerate(answers)]
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(select(*listed).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
