"""The calls on the pages for users, each sent to a real service in the order in which it stands there."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from api.client import Client
from api.main import create_app
from api.schemas.ledger import AgedCustomer, AgeingAnswer
from tests.api.kept import add_rows
from tests.api.test_models import REPORT
from tests.books import customer, invoice, payment, raw_of
from tests.databases import open_new
from tests.people import WORDS, join

PAGES = Path(__file__).parents[2] / "docs" / "users"
LINE = re.compile(r"(?P<who>\w+): (?P<method>[A-Z]+) (?P<path>\S+)(?P<rest>.*)")


def read_calls(page):
    text = (PAGES / page).read_text("utf-8")
    lines = [line for block in re.findall(r"```http\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    assert lines, page
    return [LINE.fullmatch(line) for line in lines]


def send_all(page, people, *, changes=()):
    for number, call in enumerate(read_calls(page)):
        who, method, path, rest = (call[name] for name in ("who", "method", "path", "rest"))
        for old, new in changes:
            path, rest = path.replace(old, new), rest.replace(old, new)
        more = {"headers": {"Idempotency-Key": f"{page}-{number}"}}
        if rest.startswith(" {"):
            more["json"] = json.loads(rest)
            if more["json"].get("report"):
                more["json"]["report"] = json.dumps(REPORT)
        elif rest:
            kind, content = rest.split(maxsplit=1)
            more |= {"content": content.replace("\\n", "\n").encode()}
            more["headers"]["Content-Type"] = kind
        answer = people[who].request(method, path, **more)
        assert answer.status_code in (200, 201, 202), (call[0], answer.text)


def make_rows():
    old = invoice("I000042", "C0007", issued_on="2022-01-01", due_on="2022-01-31")
    new = invoice("I000043", "C0008", issued_on="2024-12-01", due_on="2025-01-15", amount="1200")
    paid = payment("P1", "C0008", paid_on="2024-11-03", amount="10")
    return raw_of(customers=[customer("C0007"), customer("C0008")], invoices=[old, new], payments=[paid])


@pytest.fixture
def database(tmp_path):
    found = open_new("sqlite", tmp_path)
    yield found
    found.close()


@pytest.mark.slow
def test_the_page_for_finance(database, tmp_path):
    app = create_app(tmp_path / "home", database=database)
    add_rows(database, "main", make_rows(), "EUR")
    people = {name: join(app, "finance", login=name, authority="credit manager") for name in ("ana", "ben")}
    send_all("finance.md", people, changes=[('"alder"', '"main"')])
    client = Client(people["ana"])
    client.sign_in("ana", WORDS)
    total = client.get("/v1/ageing", AgeingAnswer, period_end="2024-12-31").total
    customers = client.iterate("/v1/ageing/customers", AgedCustomer, period_end="2024-12-31")
    assert sum(float(one.open_amount) for one in customers) == float(total)


@pytest.mark.slow
def test_the_page_for_validators(database, home, tables, tmp_path):
    shutil.copytree(home, tmp_path / "home")
    app = create_app(tmp_path / "home", database=database)
    add_rows(database, "alder", {name: pd.DataFrame(rows) for name, rows in tables.items()}, "EUR")
    people = {"vera": join(app, "validator", login="vera"), "otto": join(app, "auditor", login="otto")}
    send_all("modelrisk.md", people, changes=[("payment-curve/main", "payment-curve/alder")])
