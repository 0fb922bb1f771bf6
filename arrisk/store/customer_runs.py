"""Reads what the runs of a ledger found of one customer, and whose grade fell from one run to another."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import case, select

from arrisk.store.database import Database
from arrisk.store.run_tables import RUN_CUSTOMERS, RUNS
from arrisk.store.runs import Run

_SHOWN = ("p_default_12m", "grade", "p_late", "open_amount", "recommended_limit")
_FALLEN = ("customer_id", "name", "grade", "p_default_12m", "limit_open_amount", "orders_amount")


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


def list_downgrades(database: Database, run: Run, before: Run, *, grades: Sequence[str]) -> list[dict[str, Any]]:
    """List the customers whose grade a run finds worse than an earlier one did: the worst first, then who owes most.

    Parameters
    ----------
    grades : from the best to the worst; who had or has another one is left out.

    Returns
    -------
    list of dict
        customer_id, name, grade, p_default_12m, limit_open_amount, orders_amount, grade_before and p_before.
    """
    now, then = RUN_CUSTOMERS.alias("now"), RUN_CUSTOMERS.alias("then")
    ranks = {name: rank for rank, name in enumerate(grades)}
    rank, rank_before = (case(ranks, value=table.c.grade) for table in (now, then))
    query = (
        select(
            *(now.c[name] for name in _FALLEN),
            then.c.grade.label("grade_before"),
            then.c.p_default_12m.label("p_before"),
        )
        .join(then, then.c.customer_id == now.c.customer_id)
        .where(now.c.run_id == run.run_id, then.c.run_id == before.run_id, rank > rank_before)
        .order_by(rank.desc(), now.c.limit_open_amount.desc().nulls_last(), now.c.customer_id)
    )
    with database.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
