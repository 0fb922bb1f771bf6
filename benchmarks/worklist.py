"""A page of the worklist out of a hundred thousand customers, asked of the service on SQLite and PostgreSQL."""

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from fastapi.testclient import TestClient

from api.main import create_app
from arrisk.config import Settings
from arrisk.records import Entry
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.store.records import TableRecords
from arrisk.store.runs import NewRun, complete_run, open_run, write_part
from arrisk.uses.collecting import name_record
from tests.databases import KINDS, open_new
from tests.people import join

CUSTOMERS, ACTED_ON, ASKED = 100_000, 2_000, 40
LEDGER, AS_OF = "many", date(2024, 5, 2)
_AT = datetime(2024, 5, 2, 9, tzinfo=UTC)

QUERIES = {
    "as listed": {},
    "of a grade, over an amount, by amount": {"grade": "3", "overdue_from": 2000, "sort": "overdue"},
    "of a collector": {"collector": "cleo", "show": "all"},
}
"""What is asked for, fifty rows a page."""


def measure_worklist(folder: Path) -> list[str]:
    """Measure pages of the worklist and give a section of the page."""
    rows = [row for kind in KINDS for row in _measure(kind, folder / kind)]
    return [
        "## A page of the worklist",
        "",
        f"`GET /v1/worklist` out of {CUSTOMERS:,} customers, {ACTED_ON:,} of them with what collectors did, fifty rows a page,",
        f"asked {ASKED} times one after the other of the service in the same process: with sign-in, transactions and JSON.",
        "The first page after a run reads the whole list; after that only what was done since.",
        "What a page should take: 100 ms.",
        "",
        "| database | page | median ms | slowest ms |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def _measure(kind: str, folder: Path) -> Iterator[str]:
    folder.mkdir(parents=True)
    database = open_new(kind, folder)
    _fill(database)
    client = join(
        create_app(folder / "home", database=database, settings=Settings(home=folder)), "collector", login="cleo"
    )
    yield _write(kind, "the first after a run", [_ask(client, {})])
    for name, query in QUERIES.items():
        yield _write(kind, name, [_ask(client, query) for _ in range(ASKED)])
    yield _write(kind, "after something was done", [_act_and_ask(client, number) for number in range(ASKED)])
    database.close()


def _write(kind: str, name: str, seconds: list[float]) -> str:
    return f"| {kind} | {name} | {1000 * statistics.median(seconds):.0f} | {1000 * max(seconds):.0f} |"


def _ask(client: TestClient, query: dict[str, object]) -> float:
    start = time.perf_counter()
    answer = client.get("/v1/worklist", params=query)
    elapsed = time.perf_counter() - start
    if answer.status_code != 200 or len(answer.json()["items"]) != 50:
        raise SystemExit(answer.text)
    return elapsed


def _act_and_ask(client: TestClient, number: int) -> float:
    body = {"place": "up", "reason": "asked for us"}
    headers = {"Idempotency-Key": f"{number}", "If-Match": '"1"'}
    answer = client.post(f"/v1/worklist/{_name(number)}/move", json=body, headers=headers)
    if answer.status_code != 200:
        raise SystemExit(answer.text)
    return _ask(client, {})


def _name(number: int) -> str:
    return f"C{number:06d}"


def _fill(database: Database) -> None:
    """Make up a ledger of those whom collectors acted on, a run of all customers, and what was done."""
    names = [_name(number) for number in range(ACTED_ON)]
    owed = {"issued_on": "2024-03-01", "due_on": "2024-03-31", "amount": "1000"}
    tables = {
        "customers": pd.DataFrame({"customer_id": names}),
        "invoices": pd.DataFrame({"invoice_id": names, "customer_id": names}).assign(**owed),
    }
    upload = Upload(tables, source="made up", currency="EUR", extract_end_on=AS_OF)
    add_batch(database, LEDGER, upload, fallback_currency="EUR", by="bench", at=_AT.isoformat())
    new = NewRun(
        ledger=LEDGER,
        kind="nightly",
        as_of=AS_OF,
        currency="EUR",
        fingerprint="1" * 64,
        data_sha256="0" * 64,
        policy_hash="0" * 16,
        payment_model="",
        default_model="",
        arrisk="0",
        made_by="bench",
    )
    run = open_run(database, new, at=_AT)
    write_part(database, run, "customers", {}, rows={"worklist": _make_up()}, still=lambda _: None, end=lambda _: None)
    complete_run(database, run, at=_AT, end=lambda _: None)
    TableRecords(database).append_drafted(name_record(LEDGER, _AT.date()), lambda _: _make_acts(names))


def _make_up() -> pd.DataFrame:
    draw = np.random.default_rng(7)
    amounts = np.sort(draw.lognormal(7, 1.5, CUSTOMERS))[::-1].round(2)
    texts = {"currency": "EUR", "why": "3 items; overdue, oldest 40 days; paid 20 days late", "next_step": "call"}
    return pd.DataFrame(
        {
            "rank": np.arange(1, CUSTOMERS + 1),
            "customer_id": [_name(number) for number in draw.permutation(CUSTOMERS)],
            "name": [f"Firm {number}" for number in range(CUSTOMERS)],
            "country": draw.choice(["DE", "FR", "IE"], CUSTOMERS),
            "industry": draw.choice(["steel", "wood", "food"], CUSTOMERS),
            "grade": draw.choice(list("12345678"), CUSTOMERS),
            "at_stake_amount": amounts,
            "overdue_amount": (amounts * draw.uniform(1, 2, CUSTOMERS)).round(2),
            "due_soon_amount": 0.0,
            "disputed_amount": 0.0,
            "p_open": draw.uniform(0, 1, CUSTOMERS),
            "count_items": 3,
            "oldest_days_past_due": draw.integers(1, 200, CUSTOMERS),
        }
    ).assign(**texts)


def _make_acts(names: list[str]) -> list[Entry]:
    until = (datetime.now(UTC).date() + timedelta(days=9)).isoformat()
    kinds = (
        ("assign", {"collector": "cleo"}),
        ("contact", {"channel": "call", "outcome": "reached", "note": ""}),
        ("snooze", {"until_on": until, "reason": "waits", "overdue_amount": 10**9, "disputed_amount": 0}),
        (
            "promise",
            {"promise_id": "P1", "amount": 10**8, "currency": "EUR", "book_amount": 10**8, "due_on": until, "note": ""},
        ),
    )
    acts = [(name, *kinds[number % len(kinds)]) for number, name in enumerate(names)]
    return [
        Entry(at=_AT.isoformat(timespec="seconds"), by="cleo", action=action, content={"customer_id": name, **content})
        for name, action, content in acts
    ]
