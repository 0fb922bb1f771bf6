"""How long the browser's pages take out of a hundred thousand customers, on SQLite and PostgreSQL."""

import os
import random
import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from html import unescape
from pathlib import Path
from typing import Final

from fastapi.testclient import TestClient
from httpx2 import Response

from api.deps import Service
from api.main import create_app
from api.preparing import Preparer
from arrisk.config import Settings
from benchmarks.many_customers import ACTED_ON, CUSTOMERS, MONTHS, Firm, complete_night, list_customers, open_copy
from benchmarks.scale_acts import ACTS, PART, Call, list_acts, open_file, send
from tests.databases import KINDS
from tests.pages.visitors import send as post
from tests.people import WORDS, make_user

ASKED: Final = int(os.environ.get("ARRISK_BENCH_ASKED", "100"))
LISTS: Final = {
    "the whole page": ({}, {}),
    "the list": ({}, PART),
    "ordered by overdue amount": ({"sort": "overdue"}, PART),
    "of a grade and a country, over an amount": ({"grade": "4", "country": "DE", "overdue_from": "2000"}, PART),
    "of a collector": ({"collector": "cleo", "show": "all"}, PART),
    "a part of a name looked for": ({"q": "gmbh"}, PART),
}
KEPT: Final = {"name": "large ones", "overdue_from": "2000"}
REPORTS: Final = ("ageing", "kpis", "allowance")
_ROLES: Final = ("analyst", "collector", "finance")
_LIST_MS, _CUSTOMER_MS, _API_MS = 150, 300, 100

Timed = tuple[str, int, Iterable[Call]]
"""What is timed, how many milliseconds it may take, 0 = no matter how many, and what is called."""


def measure_scale(folder: Path) -> list[str]:
    """Measure the pages and give a section of the page."""
    loads = [os.getloadavg()[0]]
    rows = [row for kind in KINDS for row in _Bench(kind, folder).measure()]
    loads.append(os.getloadavg()[0])
    return [
        "## A hundred thousand customers in the browser",
        "",
        f"Pages of a simulated ledger of {CUSTOMERS:,} customers over {MONTHS} months, with models, the results of four nights and",
        f"{ACTED_ON:,} customers with what collectors did. Each asked {ASKED} times one after the other of the service in the same",
        "process: sign-in, the API's own answers, the page. An act ends with the list and whose turn it is. What stands under",
        '"first" was asked once: of a service that had just started, before and after it had read the ledger by itself, and after',
        "another night was complete. CPU is that of the service's process, without PostgreSQL's own.",
        f"Processes that wanted the machine's {os.cpu_count()} cores, at the beginning and at the end: {loads[0]:.1f}, {loads[1]:.1f}.",
        "",
        "| database | what | may take, ms | median ms | slowest ms | median CPU ms |",
        "|---|---|---:|---:|---:|---:|",
        *rows,
        "",
    ]


@dataclass(frozen=True)
class _Bench:
    """The measuring on one kind of database."""

    kind: str
    folder: Path

    def measure(self) -> Iterator[str]:
        firm = open_copy(self.kind, self.folder)
        customers = list_customers(firm.database)
        some = random.Random(5).sample(customers[ACTED_ON:], ASKED + 1)  # noqa: S311 - a choice, no secret
        make_user(firm.database, "bench", *_ROLES)
        with self._start(firm) as (_, browser):
            yield from self._ask(_list_first(browser, some[0], "at once"))
        with self._start(firm) as (service, browser):
            ahead = Preparer(service)
            yield self._time(
                "the ledger read ahead, after a start", 0, [lambda: ahead.prepare_changed(datetime.now(UTC))]
            )
            yield from self._ask(_list_first(browser, some[0], "once that is read"))
            yield from self._ask(_list_warm(browser, some[1:], customers))
            yield from self._ask(_list_reports(browser))
            complete_night(firm.database)
            yield self._time("the list, the first after a night", 0, [partial(browser.get, "/worklist")])

    @contextmanager
    def _start(self, firm: Firm) -> Iterator[tuple[Service, TestClient]]:
        """Start a service, and sign in."""
        settings = Settings(home=firm.home, prepare="off")
        app = create_app(firm.home, database=firm.database, settings=settings)
        with TestClient(app, headers={"accept": "text/html"}) as browser:
            if post(browser, "/sign-in", {"login": "bench", "password": WORDS}).status_code != 303:
                raise SystemExit("nobody could sign in")
            yield app.state.service, browser

    def _ask(self, timed: Iterable[Timed]) -> Iterator[str]:
        return (self._time(*one) for one in timed)

    def _time(self, what: str, may_ms: int, calls: Iterable[Call]) -> str:
        seconds, used = [], []
        for call in calls:
            start, cpu = time.perf_counter(), time.process_time()
            answer = call()
            seconds.append(1000 * (time.perf_counter() - start))
            used.append(1000 * (time.process_time() - cpu))
            if isinstance(answer, Response) and answer.status_code != 200:
                raise SystemExit(f"{what}: {answer.text}")
        bound = str(may_ms) if may_ms else ""
        row = f"| {self.kind} | {what} | {bound} | {statistics.median(seconds):.0f} | {max(seconds):.0f} | {statistics.median(used):.0f} |"
        print(row, flush=True)
        return row


def _list_first(browser: TestClient, customer_id: str, when: str) -> Iterator[Timed]:
    yield f"the list, the first after a start, {when}", 0, [partial(browser.get, "/worklist")]
    yield f"a customer, the first after a start, {when}", 0, [partial(browser.get, f"/customers/{customer_id}")]


def _list_warm(browser: TestClient, some: Sequence[str], customers: Sequence[str]) -> Iterator[Timed]:
    yield "API: `GET /v1/worklist`", _API_MS, [partial(browser.get, "/v1/worklist")] * ASKED
    for name, (query, headers) in LISTS.items():
        yield name, _LIST_MS, [partial(browser.get, "/worklist", params=query, headers=headers)] * ASKED
    yield "the next page, and the next", _LIST_MS, _turn_pages(browser)
    yield "a customer's file opened in the list", _LIST_MS, [partial(open_file, browser, one) for one in some]
    yield "filters kept as a view", _LIST_MS, [partial(send, browser, "/worklist/views", KEPT)] * ASKED
    for number, (act, name) in enumerate(ACTS.items()):
        own = customers[number : ACTED_ON : len(ACTS)][:ASKED]
        yield name, _LIST_MS, list_acts(browser, act, own)
    yield "a customer", _CUSTOMER_MS, [partial(browser.get, f"/customers/{one}") for one in some]


def _list_reports(browser: TestClient) -> Iterator[Timed]:
    for name in REPORTS:
        asked = [partial(browser.get, f"/{name}")]
        yield f"`/{name}`, the first", 0, asked
        yield f"`/{name}` again", _CUSTOMER_MS, asked * 10


def _turn_pages(browser: TestClient) -> Iterator[Call]:
    page = browser.get("/worklist", headers=PART)
    for _ in range(ASKED):
        address = unescape(page.text.split('rel="next" href="')[1].split('"')[0])
        page = browser.get(address, headers=PART)
        yield partial(browser.get, address, headers=PART)
