"""Erases what names a natural person from a ledger's rows, for good; all that counts stays."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, insert, select, text, update

from arrisk.errors import StoreError
from arrisk.records import Entry
from arrisk.schema.cells import read_text
from arrisk.schema.stored import FREE_TABLE
from arrisk.store.book_tables import BOOK_TABLES, ERASURES, PERSONAL
from arrisk.store.database import Database
from arrisk.store.loading import Ledger, require_ledger
from arrisk.store.records import TableRecords
from arrisk.store.traces import TOUCHED, SentFile, blank_results, forget_words, list_files, require_quiet

_CELLS = BOOK_TABLES[FREE_TABLE]


@dataclass(frozen=True)
class Erased:
    """What was erased.

    Parameters
    ----------
    count : rows that said something that is gone now.
    files : that were sent with rows of the ledger, and have to go too.
    """

    count: int
    files: Sequence[SentFile]


def erase_customer(
    database: Database, ledger: str, customer_id: str, *, free_columns: Sequence[str], key: str, entry: Entry
) -> Erased:
    """Erase as ``erase_whoever`` does, of a customer that is there.

    Raises
    ------
    StoreError
        When there is no such ledger, or no row of such a customer in it, and as ``erase_whoever`` does.
    """
    with database.read() as connection:
        _require_customer(connection, require_ledger(connection, ledger), customer_id)
    return erase_whoever(database, ledger, customer_id, free_columns=free_columns, key=key, entry=entry)


def erase_whoever(
    database: Database, ledger: str, customer_id: str, *, free_columns: Sequence[str], key: str, entry: Entry
) -> Erased:
    """Blank the personal columns of a customer in every version and result, and keep them blank whatever comes.

    Parameters
    ----------
    free_columns : the free columns of attributes that are personal, in any case of letters.
    key, entry : what is added to the records in the same transaction.

    Raises
    ------
    StoreError
        When there is no such ledger, or a job is under way that may still bring the name.
    """
    with database.write() as connection:
        if database.is_sqlite:
            connection.execute(text("PRAGMA secure_delete = ON"))
        found = require_ledger(connection, ledger)
        require_quiet(connection, ledger)
        columns = sorted({name.casefold() for name in free_columns})
        count = _blank_columns(connection, found, customer_id) + _drop_cells(connection, found, customer_id, columns)
        count += blank_results(connection, ledger, customer_id)
        forget_words(connection, ledger, columns)
        files = list_files(connection, ledger)
        TableRecords(database).within(connection).append(key, [entry])
        values = {"ledger_id": found.ledger_id, "customer_id": customer_id, "at": entry.at}
        connection.execute(insert(ERASURES).values(values | {"columns": json.dumps(columns)}))
    _sweep_up(database)
    return Erased(count, files)


def read_erased(connection: Connection, ledger: Ledger | None) -> dict[str, set[str]]:
    """Give the customers that were erased, and of each the free columns that stay blank, in small letters."""
    erased: dict[str, set[str]] = {}
    if ledger is None:
        return erased
    query = select(ERASURES.c.customer_id, ERASURES.c.columns).where(ERASURES.c.ledger_id == ledger.ledger_id)
    for customer_id, columns in connection.execute(query):
        erased.setdefault(customer_id, set()).update(json.loads(columns))
    return erased


def blank_erased(tables: Mapping[str, pd.DataFrame], erased: Mapping[str, set[str]]) -> dict[str, pd.DataFrame]:
    """Give raw tables in which nothing names a customer that was erased."""
    return {name: _blank_table(name, frame, erased) if erased else frame for name, frame in tables.items()}


def _blank_table(name: str, frame: pd.DataFrame, erased: Mapping[str, set[str]]) -> pd.DataFrame:
    if "customer_id" not in frame or not (name == FREE_TABLE or name in PERSONAL):
        return frame
    ids = read_text(frame["customer_id"]).set_axis(frame.index)
    blanked = {}
    for column in frame.columns:
        personal = [one for one in erased if column in PERSONAL.get(name, ()) or str(column).casefold() in erased[one]]
        if name != FREE_TABLE and column not in PERSONAL[name]:
            continue
        if personal and column != "customer_id":
            blanked[column] = frame[column].where(~ids.isin(personal))
    return frame.assign(**blanked)


def _require_customer(connection: Connection, ledger: Ledger, customer_id: str) -> None:
    for name in ("customers", "invoices", "payments", FREE_TABLE):
        table = BOOK_TABLES[name].c
        query = select(table.row_id).where(table.ledger_id == ledger.ledger_id, table.customer_id == customer_id)
        if connection.execute(query.limit(1)).first() is not None:
            return
    raise StoreError(f"there is no customer '{customer_id}' in the ledger '{ledger.name}'", hint="its customer_id")


def _blank_columns(connection: Connection, ledger: Ledger, customer_id: str) -> int:
    count = 0
    for name, columns in PERSONAL.items():
        table = BOOK_TABLES[name]
        for column in columns:
            mine = (table.c.ledger_id == ledger.ledger_id, table.c.customer_id == customer_id)
            change = update(table).where(*mine, table.c[column].is_not(None)).values({column: None})
            count += connection.execute(change).rowcount
    return count


def _drop_cells(connection: Connection, ledger: Ledger, customer_id: str, columns: Sequence[str]) -> int:
    mine = (_CELLS.c.ledger_id == ledger.ledger_id, _CELLS.c.customer_id == customer_id)
    count = 0
    for row_id, cells in connection.execute(select(_CELLS.c.row_id, _CELLS.c.cells).where(*mine)).all():
        said = json.loads(cells)
        kept = {name: cell for name, cell in said.items() if name.casefold() not in columns}
        if len(kept) < len(said):
            written = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
            change = update(_CELLS).where(_CELLS.c.ledger_id == ledger.ledger_id, _CELLS.c.row_id == row_id)
            connection.execute(change.values(cells=written))
            count += 1
    return count


def _sweep_up(database: Database) -> None:
    """Let what was erased go from the disk too, as far as the database can do it while others use it."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            return
        # A connection comes out of the pool with a transaction begun by the question whether it is alive.
        connection.execute(text("COMMIT"))
        for name in (*(BOOK_TABLES[one].name for one in (*PERSONAL, FREE_TABLE)), *TOUCHED):
            connection.execute(text(f"VACUUM {name}"))
