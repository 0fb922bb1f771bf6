"""A page of the worklist out of a hundred thousand customers, asked of the service on SQLite and PostgreSQL."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from fastapi.testclient import TestClient

from api.main import create_app
from arrisk.config import Settings
from benchmarks.worklist_rows import ACTED_ON, CUSTOMERS, fill, make_few, name_customer
from tests.databases import KINDS, open_new
from tests.people import join

ASKED = 40

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
    fill(database, make_few())
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
    answer = client.post(f"/v1/worklist/{name_customer(number)}/move", json=body, headers=headers)
    if answer.status_code != 200:
        raise SystemExit(answer.text)
    return _ask(client, {})
