"""The ledger that pages are tried on: twelve customers, four of them bad payers, orders, limits, and its day."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from arrisk.policy import load_policy
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.store.jobs import Order, State, put, read_job
from arrisk.uses.work import Worker
from tests.api.ledger import AS_OF, CURRENCY, NAME, Tables, lose_some
from tests.browser.staff import hire
from tests.databases import open_new

LEDGER: Final = NAME
DAY: Final = AS_OF


def open_firm(kind: str, folder: Path, *, tables: Tables, trained: Path) -> tuple[Database, Path]:
    """Give a database with the ledger, a user of each role and the run of ``DAY``, and the state folder beside it."""
    home = Path(shutil.copytree(trained, folder / "home"))
    database = open_new(kind, folder)
    add_rows(database, add_trade(lose_some(tables)))
    hire(database)
    compute_day(database, home)
    return database, home


def add_rows(database: Database, tables: Tables) -> None:
    """Add rows to the ledger."""
    upload = Upload({name: pd.DataFrame(rows) for name, rows in tables.items()}, "tests", CURRENCY)
    add_batch(database, LEDGER, upload, fallback_currency=CURRENCY, by="tests", at="2024-09-01T04:00:00+00:00")


def add_trade(tables: Tables) -> Tables:
    """Give the ledger with what credit analysts look at: limits, and orders that are over some of them."""
    ids = [row["customer_id"] for row in tables["customers"]]
    invoices = [{**row, "entity_id": "north" if row["customer_id"] < "C06" else "south"} for row in tables["invoices"]]
    limits: list[dict[str, Any]] = [
        {"customer_id": name, "limit_amount": f"{2000 + 1500 * place}", "valid_from_on": "2024-01-01"}
        for place, name in enumerate(ids[:9])
    ]
    orders: list[dict[str, Any]] = [
        {"order_id": f"O{place}", "customer_id": name, "ordered_on": "2024-08-20", "amount": f"{900 * (place + 1)}.00"}
        | {"currency": CURRENCY}
        for place, name in enumerate(ids[1:6])
    ]
    invoices += [{**invoices[0], "invoice_id": name, "customer_id": "C01"} for name in ("OLD1", "OLD2")]
    return {**tables, "invoices": invoices, "limits": limits, "orders": orders}


def compute_day(database: Database, home: Path) -> None:
    """Have a worker compute the run of ``DAY``."""

    def now() -> datetime:
        return datetime.now(UTC)

    job = put(database, Order("nightly", LEDGER, {"as_of": DAY.isoformat()}, "tests"), at=now())
    Worker(database, home, load_policy(), now).drain()
    job = read_job(database, job.job_id)
    assert job.state == State.DONE, job.problem
