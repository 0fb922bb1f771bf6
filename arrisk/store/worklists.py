"""Reads the worklist of a run: what it is ordered and filtered by of every row, all of it of a few."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import func, select

from arrisk.store.database import Database
from arrisk.store.run_pages import Page, list_page
from arrisk.store.run_tables import RUN_INVOICES, RUN_WORKLIST
from arrisk.store.runs import Run

_INDEX = (
    *("rank", "customer_id", "name", "currency", "country", "industry", "grade"),
    *("at_stake_amount", "overdue_amount", "disputed_amount", "oldest_days_past_due"),
)
ITEM_FACTS = ("expected_paid_on", "paid_on_p10", "paid_on_p90", "p_still_open", "main_reason")
"""What collectors are told of an open item beside the ledger's own."""

_FLOATS = ("at_stake_amount", "overdue_amount", "disputed_amount")
_WHOLE = ("rank", "oldest_days_past_due")


def read_worklist_index(database: Database, run: Run) -> pd.DataFrame:
    """Read what the worklist of a run is ordered and filtered by, one row per customer in order of rank."""
    query = select(*(RUN_WORKLIST.c[name] for name in _INDEX)).where(RUN_WORKLIST.c.run_id == run.run_id)
    with database.read() as connection:
        rows = connection.execute(query.order_by(RUN_WORKLIST.c.rank)).all()
    columns = dict(zip(_INDEX, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(_INDEX, ())
    kinds = dict.fromkeys(_INDEX, "str") | dict.fromkeys(_FLOATS, "float64") | dict.fromkeys(_WHOLE, "int64")
    return pd.DataFrame({name: pd.Series(list(columns[name]), dtype=kind) for name, kind in kinds.items()})


def read_expected(database: Database, run: Run, customer_ids: Sequence[str]) -> dict[str, date]:
    """Read by customer the first day on which one of its open invoices is expected to be paid, as a run has it."""
    invoices = RUN_INVOICES.c
    query = select(invoices.customer_id, func.min(invoices.expected_paid_on))
    query = query.where(invoices.run_id == run.run_id, invoices.customer_id.in_(customer_ids))
    query = query.where(invoices.expected_paid_on.is_not(None)).group_by(invoices.customer_id)
    with database.read() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def read_item_days(database: Database, run: Run, customer_id: str) -> dict[str, Mapping[str, Any]]:
    """Read what a run expects of a customer's open items, by invoice: ``ITEM_FACTS``."""
    invoices = RUN_INVOICES.c
    query = select(invoices.invoice_id, *(invoices[name] for name in ITEM_FACTS))
    query = query.where(invoices.run_id == run.run_id, invoices.customer_id == customer_id)
    with database.read() as connection:
        return {row["invoice_id"]: dict(row) for row in connection.execute(query).mappings()}


def read_worklist_rows(database: Database, run: Run, ranks: Sequence[int]) -> list[Mapping[str, Any]]:
    """Read some rows of the worklist of a run, in the order in which they are asked for."""
    found = list_page(database, run, "worklist", Page(limit=len(ranks), equals={"rank": list(ranks)})) if ranks else []
    by_rank = {row["rank"]: row for row in found}
    return [by_rank[rank] for rank in ranks]
