"""What did not always belong to the same: a reader of one customer sees by it that a version has ended elsewhere."""

from typing import Final

from sqlalchemy import Connection, insert, select

from arrisk.frames import NEVER, match
from arrisk.schema import TABLES, Book
from arrisk.store.book_tables import MOVED

OWNERS: Final = {
    "invoices": "customer_id",
    "payments": "customer_id",
    "orders": "customer_id",
    "applications": "customer_id",
    "collateral": "customer_id",
    "disputes": "invoice_id",
}
"""By table with an id of its own, the column of what a row belongs to."""


def write_moved(connection: Connection, ledger_id: int, book: Book) -> None:
    """Note every version of what has moved that is not noted yet."""
    there = {
        (table, one, day)
        for table, days in read_moved(connection, ledger_id).items()
        for one in days
        for day in days[one]
    }
    found = {(table, *version) for table in OWNERS for version in _find_moved(book, table)}
    rows = [
        {"ledger_id": ledger_id, "table": table, "id": one, "known_day": day}
        for table, one, day in sorted(found - there)
    ]
    if rows:
        connection.execute(insert(MOVED), rows)


def read_moved(connection: Connection, ledger_id: int) -> dict[str, dict[str, list[int]]]:
    """Give by table and id the days from which the versions are known."""
    moved: dict[str, dict[str, list[int]]] = {}
    query = select(MOVED.c.table, MOVED.c.id, MOVED.c.known_day).where(MOVED.c.ledger_id == ledger_id)
    for table, one, day in connection.execute(query):
        moved.setdefault(table, {}).setdefault(one, []).append(day)
    return moved


def _find_moved(book: Book, table: str) -> list[tuple[str, int]]:
    frame, key = book[table], TABLES[table].key[0]
    replaced = frame.loc[frame["superseded_day"] < NEVER, key]
    if not len(replaced):
        return []
    versions = frame.loc[match(frame[key], replaced) >= 0]
    has_moved = versions.groupby(key)[OWNERS[table]].transform("nunique") > 1
    moved = versions.loc[has_moved]
    return list(zip(moved[key].tolist(), moved["known_day"].tolist(), strict=True))
