"""A service in which everything has happened once, for tests that compare all of its pages with all of its answers."""

import json
import re
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from arrisk.cli import main
from arrisk.store import Database
from tests.api.ledger import NAME, Tables, lose_some, write_files
from tests.browser.firm import add_rows, add_trade, compute_day
from tests.databases import open_new
from tests.pages.figures import Figures
from tests.pages.visitors import HERE, enter, send
from tests.people import make_user, shipped
from tests.rated import add_default_model

END, DAY = "2024-07-31", "2024-09-01"
PROMISED = "C03"
"""Of the customers to contact, the one who promised to pay."""


@dataclass(frozen=True)
class Whole:
    """A service, somebody who may see everything, and its ledger as a folder for the commands.

    Parameters
    ----------
    browser : of the one who sees everything.
    other : of another one of finance.
    folder : where files may be written.
    """

    browser: TestClient
    other: TestClient
    folder: Path

    def ask(self, path: str, **query: Any) -> Any:
        """Ask the API."""
        answer = self.browser.get(f"/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self, path: str, **query: Any) -> Figures:
        """Look at a page."""
        return Figures(self.browser.get(path, params=query))

    def do(self, path: str, form: dict[str, Any], *, browser: TestClient | None = None) -> None:
        """Send a form of a page."""
        answer = send(browser or self.browser, path, form)
        assert answer.status_code == 303, answer.text

    def run(self, command: str, *more: object) -> Any:
        """Give what a command writes as JSON about the same ledger."""
        out = self.folder / "said.json"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ARRISK_HOME", str(self.folder / "home"))
            words = ["arrisk", command, self.folder / "book", *more, "--json", out]
            patch.setattr(sys, "argv", [*map(str, words)])
            with pytest.raises(SystemExit) as ended:
                main()
        assert not ended.value.code
        return json.loads(out.read_text())

    def run_out(self, command: str, *more: object) -> pd.DataFrame:
        """Give the file of rows that a command writes about the same ledger."""
        rows = self.folder / f"{command}.csv"
        self.run(command, *more, "--out", rows)
        return pd.read_csv(rows)


def open_whole(tables: Tables, trained: Path, folder: Path) -> tuple[Whole, Database]:
    """Open a service with the ledger, its models, a night, and one of each thing that people do."""
    home = Path(shutil.copytree(trained, folder / "home"))
    add_default_model(home, NAME)
    traded = add_trade(lose_some(tables))
    database = open_new("sqlite", folder)
    add_rows(database, traded)
    compute_day(database, home)
    app = create_app(home, database=database)
    roles = [role.name for role in shipped().access.roles]
    make_user(database, "all", *roles, authority="credit manager")
    make_user(database, "other", *roles, authority="credit manager")
    write_files(traded, folder / "book")
    whole = Whole(enter(app, "all"), enter(app, "other"), folder)
    _act(whole)
    return whole, database


def _act(whole: Whole) -> None:
    """Do what people do: a case, a promise, a dispute, write-offs, a close, a file."""
    whole.do("/cases/new", {"customer_id": "C03", "requested_limit": "5000", "key": "case"})
    whole.do("/closes", {"period_end": END, "entity": "north", "method": "matrix", "opening": "12.34", "key": "close"})
    found = whole.ask("/write-offs/candidates", period_end=DAY)["items"]
    ticked = [one["invoice_id"] for one in found if one["recommendation"] == "write off"][:2]
    whole.do("/write-offs/propose", {"invoice_ids": ticked, "period_end": DAY, "key": "propose"})
    approve = {"invoice_ids": ticked[:1], "show": "proposed", "period_end": DAY, "key": "approve"}
    whole.do("/write-offs/approve", approve, browser=whole.other)
    shown = whole.browser.get(f"/worklist/{PROMISED}").text
    seen = re.search(r'name="etag" value="([^"]+)"', shown)
    assert seen
    due = (datetime.now(UTC).date() + timedelta(days=3)).isoformat()
    promise = {"amount": "100.50", "currency": "EUR", "due_on": due, "etag": unescape(seen[1]), "key": "promise"}
    whole.do(f"/worklist/{PROMISED}/do/promises", promise)
    sent = {"file": ("customers.csv", b"customer_id,name\nA,Alder\n")}
    assert whole.browser.post("/uploads", files=sent, headers=HERE, follow_redirects=False).status_code == 303
