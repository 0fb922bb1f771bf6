"""The queries that find the rows of one customer, in the words of SQLite and of PostgreSQL."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pg8000.native import literal  # type: ignore[import-untyped]
from sqlalchemy import Connection, Dialect, Select, bindparam, func, literal_column, select, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

from arrisk.frames import NEVER
from arrisk.schema import TABLES, Kind
from arrisk.store.book_tables import BATCHES, BOOK_TABLES
from arrisk.store.customer_blocks import Block, Found, Moved

Columns = Mapping[str, Sequence[str]]
"""By table, the columns that are read."""

Answers = Mapping[str, Found]
"""By block, the rows that were found."""

Part = ColumnElement[Any]

OF_INVOICES = ("write_offs", "recoveries", "disputes")
"""Blocks that are found by the customer's invoices; so is what was applied to them."""

OF_RELATIVES = ("credit_events", "financials", "attributes")
"""Blocks that are read of others too."""

NOTE = "credit_note"
"""The kind of an invoice that is a credit note: what it was applied to is read too."""

_APPLIED, _OF_NOTES = "allocations", "allocations of notes"
_RECEIPT = ("payment_id", "paid_on")
_NOTE = ("invoice_id", "kind")
_NEVER: Part = literal_column(str(NEVER))


class _Queries:
    """The queries of a reader.

    Parameters
    ----------
    columns : what is read.
    ledger, customer : stand for the ledger's number and the customer.
    others, own, notes, paid : give several customers, the customer's invoices, those of them that are credit notes,
        and who paid them.
    """

    def __init__(
        self,
        columns: Columns,
        ledger: Part,
        customer: Part,
        *,
        others: Select[Any],
        own: Select[Any],
        notes: Select[Any],
        paid: Select[Any],
    ) -> None:
        self._ledger = ledger
        self.newest = select(func.max(BATCHES.c.batch_id)).where(BATCHES.c.ledger_id == ledger)
        self.own = {name: self._make(name, columns[name], customer, own) for name in columns}
        self.own |= {
            _OF_NOTES: self._choose(_APPLIED, columns[_APPLIED], "payment_id", notes),
            "receipts": self._choose("payments", _RECEIPT, "payment_id", paid),
            "notes": self._choose("invoices", _NOTE, "invoice_id", paid),
        }
        self.others = {
            name: self._choose(name, columns[name], "customer_id", others) for name in OF_RELATIVES if name in columns
        }

    def _make(self, name: str, columns: Sequence[str], customer: Part, own: Select[Any]) -> Block:
        if name in (*OF_INVOICES, _APPLIED):
            return self._choose(name, columns, "invoice_id", own)
        return self._choose(name, columns, "customer_id", customer)

    def _choose(self, name: str, columns: Sequence[str], by: str, within: Part | Select[Any]) -> Block:
        """Choose the rows of a table; what is not needed is not asked for, since each cell takes its time."""
        table, canonical = BOOK_TABLES[name], TABLES[name]
        dates = {column.name for column in canonical.all_columns if column.kind is Kind.DATE}
        asked: list[Any] = [
            func.coalesce(table.c[column], _NEVER) if column in dates and table.c[column].nullable else table.c[column]
            for column in columns
        ]
        cells = [table.c.cells] if canonical.takes_any_column else []
        late = [table.c.completes] if canonical.filled_later else []
        size = len(columns) + len(cells) + 2
        more = [key for key in canonical.key if key not in columns]
        places = [columns.index(key) if key in columns else size + more.index(key) for key in canonical.key]
        said = [*asked, *cells, table.c.known_day, _NEVER, *(table.c[key] for key in more), table.c.row_id, *late]
        fits = table.c[by].in_(within) if isinstance(within, Select) else table.c[by] == within
        # Without labels two columns of one name would be given once.
        listed = [one.label(f"c{at}") for at, one in enumerate(said)]
        query = select(*listed).where(table.c.ledger_id == self._ledger, fits)
        return Block(query, size, tuple(places), bool(late))


def _find_own(ledger: Part, customer: Part) -> Select[Any]:
    """Find the invoices of a customer, of every kind."""
    invoices = BOOK_TABLES["invoices"].c
    mine = select(invoices.invoice_id, invoices.kind)
    return mine.where(invoices.ledger_id == ledger, invoices.customer_id == customer)


def _list_own(found: Select[Any]) -> tuple[Select[Any], Select[Any]]:
    """List the numbers of a customer's invoices, and those of them that are credit notes."""
    own = found.cte("own").c
    return select(own.invoice_id), select(own.invoice_id).where(own.kind == NOTE)


def _join_found(found: Found, more: Found) -> Found:
    """Put rows of one block together, each once."""
    return list({row[-1]: row for row in (*found, *more)}.values()) if more else found


class SqliteQueries:
    """Asks SQLite: one statement whose answer is JSON, during which other threads run; numbers need all their digits.

    SQLite writes fifteen of them, so that tables with numbers are asked for row by row; they are short.
    """

    def __init__(self, columns: Columns, ledger_id: int) -> None:
        several = select(func.json_each(bindparam("asked")).table_valued("value").c.value)
        # The first parameter, however often it is named.
        customer: Part = literal_column("?1")
        ledger: Part = literal_column(str(ledger_id))
        own, notes = _list_own(_find_own(ledger, customer))
        made = _Queries(columns, ledger, customer, others=several, own=own, notes=notes, paid=several)
        self.own, self.others = made.own, made.others
        self._apart = [name for name in columns if _has_numbers(name, columns[name])]
        self._joined = [name for name in (*columns, _OF_NOTES) if name not in self._apart]
        asked = [_to_json_text(self.own[name].query) for name in self._joined]
        self._whole = _join([made.newest.scalar_subquery(), *asked], sqlite.dialect())
        self._own = {name: _compile(self.own[name].query) for name in (*self._apart, "receipts", "notes")}
        self._others = {name: _compile(block.query) for name, block in self.others.items()}
        self._paid_on = columns["payments"].index("paid_on")

    def ask_own(self, connection: Connection, customer_id: str) -> tuple[int, Answers]:
        """Give the number of the ledger's newest batch, and the rows of a customer by block."""
        execute, asked = _find_execute(connection), (customer_id,)
        newest, *answers = execute(self._whole, asked).fetchone()
        found = _read_answers(self._joined, map(json.loads, answers))
        found |= {name: execute(self._own[name], asked).fetchall() for name in self._apart}
        found[_APPLIED] = _join_found(found[_APPLIED], found[_OF_NOTES])
        return newest, found

    def ask_payers(self, connection: Connection, own: Answers, moved: Moved) -> tuple[Found, Found]:
        """Give the receipts and the credit notes that the allocations of a customer name.

        Parameters
        ----------
        own : as ``ask_own`` gives them.
        moved : of payments.
        """
        execute = _find_execute(connection)
        named = dict.fromkeys(self.own[_APPLIED].list_ids(own[_APPLIED]))
        at, end = self._paid_on, self.own["payments"].size
        # What did not move has all its versions with the customer, and was read.
        receipts = [
            (row[end], row[at], row[end - 2], NEVER, row[-1])
            for row in own["payments"]
            if row[end] in named and row[end] not in moved
        ]
        others = list(named.keys() - {row[0] for row in receipts})
        if others:
            receipts += execute(self._own["receipts"], (json.dumps(others),)).fetchall()
        return receipts, execute(self._own["notes"], (json.dumps(list(named)),)).fetchall() if named else []

    def ask_others(self, connection: Connection, customer_ids: Sequence[str]) -> Answers:
        """Give the rows of several customers by block."""
        execute, names = _find_execute(connection), (json.dumps(list(customer_ids)),)
        return {name: execute(one, names).fetchall() for name, one in self._others.items()}


def _has_numbers(table: str, columns: Sequence[str]) -> bool:
    return any(column.kind is Kind.NUMBER and column.name in columns for column in TABLES[table].all_columns)


def _to_json_text(query: Select[Any]) -> Part:
    rows = query.subquery()
    return select(func.json_group_array(func.json_array(*rows.c))).scalar_subquery()


def _compile(query: Select[Any]) -> str:
    return str(query.compile(dialect=sqlite.dialect()))


def _find_execute(connection: Connection) -> Any:  # noqa: ANN401 - a driver's
    """Find what executes a statement with its values: the driver itself, without the steps in between."""
    driver: Any = connection.connection.driver_connection
    return driver.execute


class PostgresqlQueries:
    """Asks PostgreSQL: one prepared statement a connection, whose answer is JSON, since each question is a journey."""

    def __init__(self, columns: Columns, ledger_id: int) -> None:
        customer: Part = literal_column("$1")
        ledger: Part = literal_column(str(ledger_id))
        allocations = BOOK_TABLES[_APPLIED].c
        own, notes = _list_own(_find_own(ledger, customer).distinct())
        payers = [
            select(allocations.payment_id).where(allocations.ledger_id == ledger, by.in_(within))
            for by, within in ((allocations.invoice_id, own), (allocations.payment_id, notes))
        ]
        paid = select(union(*payers).cte("paid").c.payment_id)
        listed = func.json_array_elements_text(literal_column("$1::json")).table_valued("value")
        others = select(listed.c.value)
        made = _Queries(columns, ledger, customer, others=others, own=own, notes=notes, paid=paid)
        self.own, self.others = made.own, made.others
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
        asked = [_to_json(block.query) for block in self.own.values()]
        self._own = _join([made.newest.scalar_subquery(), *asked], dialect)
        self._others = _join([_to_json(block.query) for block in self.others.values()], dialect)

    def ask_own(self, connection: Connection, customer_id: str) -> tuple[int, Answers]:
        """Give the number of the ledger's newest batch, and the rows of a customer by block."""
        newest, *answers = _execute(connection, self._own, customer_id)
        found = _read_answers(self.own, answers)
        found[_APPLIED] = _join_found(found[_APPLIED], found[_OF_NOTES])
        return newest, found

    @staticmethod
    def ask_payers(_connection: Connection, own: Answers, _moved: Moved) -> tuple[Found, Found]:
        """Give the receipts and the credit notes that the allocations of a customer name; they were read with them."""
        return own["receipts"], own["notes"]

    def ask_others(self, connection: Connection, customer_ids: Sequence[str]) -> Answers:
        """Give the rows of several customers by block."""
        return _read_answers(self.others, _execute(connection, self._others, json.dumps(list(customer_ids))))


def _read_answers(blocks: Iterable[str], answers: Iterable[Any]) -> dict[str, Found]:
    return {name: list(map(tuple, rows or ())) for name, rows in zip(blocks, answers, strict=True)}


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


def _join(answers: Sequence[Any], dialect: Dialect) -> str:
    listed = [answer.label(f"a{at}") for at, answer in enumerate(answers)]
    return str(select(*listed).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
