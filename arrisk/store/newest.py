"""Says in one quick query whether a ledger is still what it was when it was read."""

from sqlalchemy import func, select

from arrisk.store.book_tables import BATCHES, ERASURES
from arrisk.store.database import Database
from arrisk.store.loading import require_ledger


def find_state(database: Database, ledger: str) -> tuple[int, int]:
    """Give the number of a ledger's newest batch, and how many customers were erased; the same = the same book.

    Raises
    ------
    StoreError
        When there is no such ledger.
    """
    with database.read() as connection:
        ledger_id = require_ledger(connection, ledger).ledger_id
        newest = select(func.max(BATCHES.c.batch_id)).where(BATCHES.c.ledger_id == ledger_id).scalar_subquery()
        erased = select(func.count()).select_from(ERASURES).where(ERASURES.c.ledger_id == ledger_id).scalar_subquery()
        row = connection.execute(select(newest, erased)).one()
    return row[0] or 0, row[1]
