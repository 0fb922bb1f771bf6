"""Reads what the runs of a ledger found of one customer."""

from datetime import date
from typing import Any

from sqlalchemy import select

from arrisk.store.database import Database
from arrisk.store.run_tables import RUN_CUSTOMERS, RUNS

_SHOWN = ("p_default_12m", "grade", "p_late", "open_amount", "recommended_limit")


def list_customer_runs(
    database: Database,
    ledger: str,
    customer_id: str,
    *,
    kind: str = "nightly",
    limit: int,
    until: date | None = None,
) -> list[dict[str, Any]]:
    """List what complete runs found of a customer, the latest day first, of each day the run completed last.

    Parameters
    ----------
    until : only runs as of this day or an earlier one; None = all.

    Returns
    -------
    list of dict
        run_id, as_of, currency, p_default_12m, grade, p_late, open_amount, recommended_limit.
    """
    query = (
        select(RUNS.c.run_id, RUNS.c.as_of, RUNS.c.currency, *(RUN_CUSTOMERS.c[name] for name in _SHOWN))
        .join(RUN_CUSTOMERS, RUN_CUSTOMERS.c.run_id == RUNS.c.run_id)
        .where(RUNS.c.ledger == ledger, RUNS.c.kind == kind, RUNS.c.completed_at.is_not(None))
        .where(RUN_CUSTOMERS.c.customer_id == customer_id)
        .order_by(RUNS.c.as_of.desc(), RUNS.c.completed_at.desc())
    )
    if until is not None:
        query = query.where(RUNS.c.as_of <= until)
    found: dict[object, dict[str, Any]] = {}
    with database.read() as connection:
        for row in connection.execute(query).mappings():
            found.setdefault(row["as_of"], dict(row))
    return list(found.values())[:limit]
