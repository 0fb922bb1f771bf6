"""Reads the rows of one customer as plain tuples, in about a millisecond: what a score in a request rests on."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from arrisk.frames import to_text
from arrisk.schema.cells import read_numbers
from arrisk.schema.stored import FREE_TABLE, merge_free_columns
from arrisk.store.book_tables import BATCHES
from arrisk.store.customer_blocks import Moved, Row
from arrisk.store.customer_queries import NOTE, Answers, Columns, PostgresqlQueries, SqliteQueries
from arrisk.store.database import Database
from arrisk.store.loading import require_ledger
from arrisk.store.moved import read_moved


class CustomerReader:
    """Reads single customers of one ledger; threads may share it.

    Parameters
    ----------
    database : of today's form.
    ledger : its name.
    columns : what is read of each table; of attributes all free columns too.

    Raises
    ------
    StoreError
        When there is no such ledger.
    """

    def __init__(self, database: Database, ledger: str, columns: Columns) -> None:
        self._database = database
        with database.read() as connection:
            self._ledger_id = require_ledger(connection, ledger).ledger_id
        self.queries = (SqliteQueries if database.is_sqlite else PostgresqlQueries)(columns, self._ledger_id)
        self._facts = _Facts(0, {}, {})

    @contextmanager
    def open(self, customer_id: str) -> Iterator["CustomerRows"]:
        """Give what there is of a customer, in one state of the database throughout.

        Raises
        ------
        StoreError
            When the database cannot be reached.
        """
        with self._database.read() as connection:
            newest, found = self.queries.ask_own(connection, customer_id)
            yield CustomerRows(self, connection, customer_id, newest, found)

    def read_facts(self, connection: Connection, newest: int) -> "_Facts":
        """Give what is to be known of the ledger as of its newest batch, which seldom changes."""
        facts = self._facts
        if facts.newest != newest:
            query = select(BATCHES.c.attribute_columns).where(BATCHES.c.ledger_id == self._ledger_id)
            texts = connection.execute(query.order_by(BATCHES.c.batch_id)).scalars()
            free = merge_free_columns(json.loads(text) for text in texts)
            facts = self._facts = _Facts(newest, free, read_moved(connection, self._ledger_id))
        return facts


@dataclass(frozen=True)
class _Facts:
    """What is to be known of a ledger as of a batch: free columns, and whether numbers; by table what has moved."""

    newest: int
    free: dict[str, bool]
    moved: Mapping[str, Moved]


class CustomerRows:
    """The rows of one customer, in order of arrival, as long as the reader's ``open`` lasts.

    Parameters
    ----------
    newest : the number of the ledger's newest batch: as long as it is the same, so are the rows.
    """

    def __init__(
        self, reader: CustomerReader, connection: Connection, customer_id: str, newest: int, found: Answers
    ) -> None:
        self.newest = newest
        self._reader, self._connection, self._customer_id, self._found = reader, connection, customer_id, found
        self._facts = reader.read_facts(connection, newest)
        self._others: tuple[Sequence[str], Answers] = ((), {})

    def read_own(self, table: str, customer_id: str) -> list[Row]:
        """Read the rows of the customer; of tables that name an invoice, those of its invoices."""
        self._require(customer_id)
        return self._finish(table)

    def read_allocations(self, customer_id: str) -> list[Row]:
        """Read what was applied to the customer's invoices, and of its credit notes to any."""
        self._require(customer_id)
        return self._finish("allocations")

    def read_payers(self, customer_id: str) -> tuple[list[Row], list[Row]]:
        """Read every version of the receipts (id, day), and of the credit notes (id), that these name."""
        self._require(customer_id)
        moved, blocks = self._facts.moved, self._reader.queries.own
        received = moved.get("payments", {})
        receipts, notes = self._reader.queries.ask_payers(self._connection, self._found, received)
        documents = blocks["notes"].finish(notes, moved.get("invoices"))
        return (
            blocks["receipts"].finish(receipts, received),
            [(one, known, until) for one, kind, known, until in documents if kind == NOTE],
        )

    def read_of(self, table: str, customer_ids: Sequence[str]) -> list[Row]:
        """Read the rows of several customers, of credit events, financials and attributes."""
        if list(customer_ids) == [self._customer_id]:
            return self.read_own(table, self._customer_id)
        if self._others[0] != customer_ids:
            self._others = (customer_ids, self._reader.queries.ask_others(self._connection, customer_ids))
        return self._type_free(table, self._reader.queries.others[table].finish(self._others[1][table]))

    def _require(self, customer_id: str) -> None:
        if customer_id != self._customer_id:
            raise KeyError(customer_id)

    def _finish(self, block: str) -> list[Row]:
        moved = self._facts.moved.get(block)
        return self._type_free(block, self._reader.queries.own[block].finish(self._found[block], moved))

    def _type_free(self, table: str, rows: list[Row]) -> list[Row]:
        if table != FREE_TABLE or not rows:
            return rows
        free = self._facts.free
        return [(*row[:-3], *_type_cells(json.loads(row[-3]), free), *row[-2:]) for row in rows]


def _type_cells(cells: dict[str, Any], free: dict[str, bool]) -> list[Any]:
    return [_type_cell(cells.get(name), is_number=is_number) for name, is_number in free.items()]


def _type_cell(cell: float | str | None, *, is_number: bool) -> float | str | None:
    if cell is None:
        return None
    if not is_number:
        return cell if isinstance(cell, str) else str(to_text(pd.Series([cell]))[0])
    if isinstance(cell, str):
        number = float(read_numbers(pd.Series([cell], dtype="str")).iloc[0])
        return None if number != number else number  # noqa: PLR0124 - not a number
    return float(cell)
