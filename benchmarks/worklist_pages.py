"""What a collector does in the browser, out of a hundred thousand customers, on SQLite and PostgreSQL."""

import os
import re
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
from fastapi.testclient import TestClient
from httpx2 import Response

from api.main import create_app
from api.preparing import Preparer
from arrisk.config import Settings
from benchmarks.worklist_rows import ACTED_ON, CUSTOMERS, fill, make_many
from tests.databases import KINDS, open_new
from tests.pages.visitors import HERE, visit

ASKED, INVOICES, TARGET_MS = 200, 1_000_000, 150

PAGES = {
    "the whole page": ({}, {}),
    "as listed": ({}, {"X-Fragment": "1"}),
    "ordered by overdue amount": ({"sort": "overdue"}, {"X-Fragment": "1"}),
    "of a grade and a country, over an amount": (
        {"grade": "3", "country": "DE", "overdue_from": "2000"},
        {"X-Fragment": "1"},
    ),
    "of a collector": ({"collector": "cleo", "show": "all"}, {"X-Fragment": "1"}),
    "a part of a name looked for": ({"q": "firm 1"}, {"X-Fragment": "1"}),
}
"""What is asked of the list, fifty rows a page."""


def measure_pages(folder: Path) -> list[str]:
    """Measure the pages of the worklist and give a section of the page."""
    tables, scored = make_many(INVOICES)
    loads = [os.getloadavg()[0]]
    rows = [row for kind in KINDS for row in _measure(kind, folder / kind, tables, scored)]
    loads.append(os.getloadavg()[0])
    return [
        "## The worklist in the browser",
        "",
        f"Pages of a ledger of {CUSTOMERS:,} customers with {INVOICES:,} invoices, {len(scored):,} of them open; {ACTED_ON:,} customers",
        f"with what collectors did. Each asked {ASKED} times one after the other of the service in the same process: sign-in, the API's",
        "own answers, the page. Opening shows a customer's file, open items and forms within the list; logging a contact ends with",
        "the list and the next customer. What each should take: 150 ms.",
        f"Processes that wanted the machine's {os.cpu_count()} cores, at the beginning and at the end: {loads[0]:.1f}, {loads[1]:.1f}.",
        "",
        "| database | what | median ms | slowest ms |",
        "|---|---|---:|---:|",
        *rows,
        "",
    ]


def _measure(kind: str, folder: Path, tables: dict[str, pd.DataFrame], scored: pd.DataFrame) -> Iterator[str]:
    folder.mkdir(parents=True)
    database = open_new(kind, folder)
    fill(database, tables, scored)
    app = create_app(folder / "home", database=database, settings=Settings(home=folder))
    start = time.perf_counter()
    Preparer(app.state.service).prepare_changed(datetime.now(UTC))
    print(kind, f"prepared in {time.perf_counter() - start:.1f} s", flush=True)
    browser = visit(app, "cleo", "collector")
    for name, (query, headers) in PAGES.items():
        yield _write(kind, name, [_ask(browser, query, headers) for _ in range(ASKED)])
    ids = _list_many(browser)
    yield _write(kind, "a customer opened", [_time(lambda n=n: _open(browser, ids[n])) for n in range(ASKED)])
    yield _write(kind, "a contact logged", [_log(browser, ids[n]) for n in range(ASKED)])
    database.close()


def _write(kind: str, name: str, seconds: list[float]) -> str:
    row = f"| {kind} | {name} | {1000 * statistics.median(seconds):.0f} | {1000 * max(seconds):.0f} |"
    print(row, flush=True)
    return row


def _time(do: Callable[[], Any]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def _get(browser: TestClient, query: dict[str, str], headers: dict[str, str] | None = None) -> Response:
    page = browser.get("/worklist", params=query, headers=headers or {})
    if page.status_code != 200:
        raise SystemExit(page.text)
    return page


def _list_ids(page: Response) -> list[str]:
    return re.findall(r'<tbody data-item="([^"]*)"', page.text)


def _list_many(browser: TestClient) -> list[str]:
    """List the customers of the first pages."""
    page = _get(browser, {"show": "all"})
    ids = _list_ids(page)
    while len(ids) < ASKED:
        page = browser.get(unescape(page.text.split('rel="next" href="')[1].split('"')[0]))
        ids += _list_ids(page)
    return ids


def _ask(browser: TestClient, query: dict[str, str], headers: dict[str, str]) -> float:
    start = time.perf_counter()
    page = _get(browser, query, headers)
    elapsed = time.perf_counter() - start
    if len(_list_ids(page)) != 50:
        raise SystemExit(page.text)
    return elapsed


def _open(browser: TestClient, customer_id: str) -> Response:
    page = _get(browser, {"open": customer_id, "show": "all"}, {"X-Fragment": "1"})
    if "/do/contacts" not in page.text:
        raise SystemExit(page.text)
    return page


def _log(browser: TestClient, customer_id: str) -> float:
    """Send the form that the open file has, as the page's script does, and follow it to the list."""
    form = _open(browser, customer_id).text.split("/do/contacts")[1].split("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    typed = {name: unescape(value) for name, value in hidden} | {"channel": "call", "outcome": "reached"}
    start = time.perf_counter()
    headers = {**HERE, "X-Fragment": "1"}
    done = browser.post(f"/worklist/{customer_id}/do/contacts", data=typed, headers=headers, follow_redirects=True)
    elapsed = time.perf_counter() - start
    if "The contact was logged." not in done.text:
        raise SystemExit(done.text)
    return elapsed
