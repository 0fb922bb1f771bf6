"""The queries that find the rows of one customer, in the words of SQLite and of PostgreSQL."""

import hashlib
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pg8000.native import literal  # type: ignore[import-untyped]
from sqlalchemy import Connection, Select, bindparam, func, literal_column, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from arrisk.frames import NEVER
from arrisk.schema import TABLES, Kind
from arrisk.store.book_tables import BATCHES, BOOK_TABLES

Row = tuple[Any, ...]
"""The columns asked for, then ``known_day`` and ``superseded_day``: days are whole numbers (``NEVER`` = none), money is
minor units, None = missing."""

Part = ColumnElement[Any]
Columns = Mapping[str, Sequence[str]]
"""By table, the columns that are read."""

Answers = Mapping[str, Sequence[Sequence[Any]]]
"""By block, the rows that were found."""

_NEVER: Part = literal_column(str(NEVER))
_BY_INVOICE = ("write_offs", "recoveries")
_BY_OTHERS = ("credit_events", "financials", "attributes")
_RECEIPT = ("payment_id", "paid_on")
_NOTE = ("invoice_id",)


@dataclass(frozen=True)
class Block:
    """One query for rows of a table, and what stands behind the finished row.

    Parameters
    ----------
    query : gives the columns asked for, ``known_day`` and ``NEVER``; then the owner, the key, and where there are late
        cells ``row_id`` and ``completes``.
    size : how many columns the finished row has.
    has_late : whether late cells may have come in rows of their own.
    """

    query: Select[Any]
    size: int
    has_late: bool

    def finish(self, rows: Sequence[Sequence[Any]], owners: Container[str] | None = None) -> list[Row]:
        """Fill late cells, say until when each version can be seen, and keep the rows of some owners; None = all."""
        if self.has_late and any(row[-1] is not None for row in rows):
            rows = _complete(rows)
        first, last = self.size + 1, -2 if self.has_late else None
        keys = [tuple(row[first:last]) for row in rows]
        if len(set(keys)) < len(keys):
            ends = _find_ends(keys, [row[self.size - 2] for row in rows])
            rows = [(*row[: self.size - 1], end, row[self.size]) for row, end in zip(rows, ends, strict=True)]
        return [tuple(row[: self.size]) for row in rows if owners is None or row[self.size] in owners]


def _complete(rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    newest = {row[-1]: row for row in rows if row[-1] is not None}
    return [newest.get(row[-2], row) for row in rows if row[-1] is None]


def _find_ends(keys: Sequence[Row], known: Sequence[int]) -> list[int]:
    ends = [NEVER] * len(keys)
    following: dict[Row, int] = {}
    for at in sorted(range(len(keys)), key=known.__getitem__, reverse=True):
        ends[at] = following.get(keys[at], NEVER)
        following[keys[at]] = known[at]
    return ends


class _Queries:
    """The queries of a reader, in the words of one kind of database.

    Parameters
    ----------
    columns : what is read.
    ledger, customer : stand for the ledger's number and the customer.
    others : gives several customers.
    """

    def __init__(self, columns: Columns, ledger: Part, customer: Part, others: Select[Any]) -> None:
        self._ledger, self._customer = ledger, customer
        self.newest = select(func.max(BATCHES.c.batch_id)).where(BATCHES.c.ledger_id == ledger)
        applied = self._find_applied()
        paid = self._find("allocations", "payment_id", "row_id", applied)
        self.own = {
            **{name: self._make(name, wanted, self._choose(name, applied)) for name, wanted in columns.items()},
            "receipts": self._make("payments", _RECEIPT, BOOK_TABLES["payments"].c.payment_id.in_(paid)),
            "notes": self._make("invoices", _NOTE, BOOK_TABLES["invoices"].c.invoice_id.in_(paid), owner="kind"),
        }
        self.others = {
            name: self._make(name, wanted, BOOK_TABLES[name].c.customer_id.in_(others))
            for name, wanted in columns.items()
            if name in _BY_OTHERS
        }

    def _choose(self, name: str, applied: Select[Any]) -> Part:
        table, key = BOOK_TABLES[name], TABLES[name].key[0]
        if name == "allocations":
            return table.c.row_id.in_(applied)
        if key == "customer_id":
            return cast("Part", table.c.customer_id == self._customer)
        if name in _BY_INVOICE:
            return table.c.invoice_id.in_(self._find_invoices())
        # All versions of what has ever been the customer's: one that is not any more ends the one before.
        if "customer_id" in table.c:
            mine = select(table.c[key]).where(table.c.ledger_id == self._ledger, table.c.customer_id == self._customer)
            return table.c[key].in_(mine)
        return table.c[key].in_(self._find(name, key, "invoice_id", self._find_invoices()))

    def _find_invoices(self) -> Select[Any]:
        invoices = BOOK_TABLES["invoices"].c
        mine = (invoices.ledger_id == self._ledger, invoices.customer_id == self._customer)
        return select(invoices.invoice_id).where(*mine)

    def _find_applied(self) -> Select[Any]:
        """Find what was applied to the customer's invoices, and of its credit notes to any."""
        to, of = (self._find("allocations", "row_id", by, self._find_invoices()) for by in ("invoice_id", "payment_id"))
        return select(union_all(to, of).subquery().c.row_id)

    def _find(self, name: str, column: str, by: str, within: Select[Any]) -> Select[Any]:
        table = BOOK_TABLES[name].alias()
        return select(table.c[column]).where(table.c.ledger_id == self._ledger, table.c[by].in_(within))

    def _make(self, name: str, wanted: Sequence[str], where: Part, owner: str = "") -> Block:
        table, canonical = BOOK_TABLES[name], TABLES[name]
        kinds = {column.name: column.kind for column in canonical.all_columns}
        asked: list[Any] = [
            func.coalesce(table.c[column], _NEVER) if kinds[column] is Kind.DATE else table.c[column]
            for column in wanted
        ]
        cells = [table.c.cells] if canonical.takes_any_column else []
        own = owner or ("customer_id" if "customer_id" in table.c else "invoice_id")
        late = [table.c.row_id, table.c.completes] if canonical.filled_later else []
        said = [*asked, *cells, table.c.known_day, _NEVER, table.c[own]]
        # Without labels a column that is asked for twice would be given once.
        listed = [
            one.label(f"c{at}") for at, one in enumerate([*said, *(table.c[key] for key in canonical.key), *late])
        ]
        query = select(*listed).where(table.c.ledger_id == self._ledger, where).order_by(table.c.row_id)
        return Block(query, len(said) - 1, bool(late))


class SqliteQueries:
    """Asks SQLite: a query a table, since asking costs next to nothing there."""

    def __init__(self, columns: Columns, ledger_id: int) -> None:
        listed = func.json_each(bindparam("customer")).table_valued("value")
        made = _Queries(columns, literal_column(str(ledger_id)), bindparam("customer"), select(listed.c.value))
        self.own, self.others = made.own, made.others
        self._own = {name: _compile(block.query) for name, block in self.own.items()}
        self._others = {name: _compile(block.query) for name, block in self.others.items()}
        self._newest = _compile(made.newest)

    def ask_own(self, connection: Connection, customer_id: str) -> tuple[int, Answers]:
        """Give the number of the ledger's newest batch, and the rows of a customer by block."""
        newest = _ask(connection, self._newest, customer_id)[0][0]
        return newest, {name: _ask(connection, one, customer_id) for name, one in self._own.items()}

    def ask_others(self, connection: Connection, customer_ids: Sequence[str]) -> Answers:
        """Give the rows of several customers by block."""
        names = json.dumps(list(customer_ids))
        return {name: _ask(connection, one, names) for name, one in self._others.items()}


def _compile(query: Select[Any]) -> tuple[str, int]:
    compiled = query.compile(dialect=sqlite.dialect())
    return str(compiled), len(compiled.positiontup or ())


def _ask(connection: Connection, statement: tuple[str, int], value: str) -> Sequence[Sequence[Any]]:
    cursor = connection.connection.cursor()
    cursor.execute(statement[0], (value,) * statement[1])
    return cursor.fetchall()


class PostgresqlQueries:
    """Asks PostgreSQL: one prepared statement a connection, whose answer is JSON, since each question is a journey."""

    def __init__(self, columns: Columns, ledger_id: int) -> None:
        customer: Part = literal_column("$1")
        listed = func.json_array_elements_text(literal_column("$1::json")).table_valued("value")
        made = _Queries(columns, literal_column(str(ledger_id)), customer, select(listed.c.value))
        self.own, self.others = made.own, made.others
        self._own = _join([made.newest.scalar_subquery(), *(_to_json(block.query) for block in self.own.values())])
        self._others = _join([_to_json(block.query) for block in self.others.values()])

    def ask_own(self, connection: Connection, customer_id: str) -> tuple[int, Answers]:
        """Give the number of the ledger's newest batch, and the rows of a customer by block."""
        newest, *found = self._execute(connection, self._own, customer_id)
        return newest, dict(zip(self.own, (rows or () for rows in found), strict=True))

    def ask_others(self, connection: Connection, customer_ids: Sequence[str]) -> Answers:
        """Give the rows of several customers by block."""
        found = self._execute(connection, self._others, json.dumps(list(customer_ids)))
        return dict(zip(self.others, (rows or () for rows in found), strict=True))

    @staticmethod
    def _execute(connection: Connection, statement: str, value: str) -> Sequence[Any]:
        name = f"arrisk_{hashlib.sha256(statement.encode()).hexdigest()[:16]}"
        cursor: Any = connection.connection.cursor()
        if name not in connection.info:
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
