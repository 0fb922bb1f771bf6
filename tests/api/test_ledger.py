"""The ledger as finance looks at it: the very figures of the commands, who may see them, and what is refused."""

import csv
import io
import json
import sys
import tempfile
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from api.client import Client
from api.schemas.ledger import AgedCustomer, AgedItem
from arrisk.cli import main
from tests.api.kept import NAME, SMALL, kept, losing
from tests.api.ledger import write_files

__all__ = ["kept", "losing"]

END = "2024-07-31"
READS = [
    ("/v1/ageing", {"period_end": END}),
    ("/v1/ageing/customers", {"period_end": END}),
    ("/v1/ageing/items", {"period_end": END}),
    ("/v1/ageing/export", {"period_end": END}),
    ("/v1/kpis", {"period_end": END}),
    ("/v1/kpis/trend", {"from": "2024-05-01", "to": END}),
]


@pytest.fixture(scope="module")
def folder(losing, tmp_path_factory):
    return write_files(losing, tmp_path_factory.mktemp("losing") / "book")


@pytest.fixture
def run(folder, home, tmp_path, monkeypatch):
    def command(*options):
        out = tmp_path / "out.json"
        monkeypatch.setenv("ARRISK_HOME", str(home))
        monkeypatch.setattr(sys, "argv", ["arrisk", options[0], str(folder), *options[1:], "--json", str(out)])
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code
        return json.loads(out.read_text())

    return command


def answer_of(response):
    assert response.status_code == 200, response.text
    return response.json()


def write(amount):
    return f"{amount:.2f}"


@pytest.mark.parametrize(("path", "query"), READS)
def test_only_who_may_read_the_ledger_sees_it(kept, path, query):
    query = {**query, "ledger": NAME}
    assert kept.stranger.get(path, params=query).status_code == 401
    for login, client in kept.people.items():
        assert client.get(path, params=query).status_code == (403 if login == "operator" else 200), login


def test_the_ageing_is_that_of_the_command_line_to_the_cent(kept, run):
    expected = run("aging", "--period-end", END)
    found = answer_of(kept.people["finance"].get("/v1/ageing", params={"ledger": NAME, "period_end": END}))
    for name in ("as_of", "age_on", "currency"):
        assert found[name] == expected[name]
    assert (found["total"], found["unapplied"]) == (write(expected["total"]), write(expected["unapplied"]))
    assert found["buckets"] == [{**row, "amount": write(row["amount"])} for row in expected["buckets"]]


def test_every_level_of_the_ageing_ties_to_the_one_above(kept):
    client = Client(kept.people["finance"])
    query = {"ledger": NAME, "period_end": END}
    whole = answer_of(kept.people["finance"].get("/v1/ageing", params=query))
    total = Decimal(whole["total"])
    assert sum(Decimal(row["open_amount"]) for row in whole["segments"]) == total
    customers = list(client.iterate("/v1/ageing/customers", AgedCustomer, limit=5, **query))
    assert sum(Decimal(row.open_amount) for row in customers) == total
    assert [Decimal(row.open_amount) for row in customers] == sorted(
        (Decimal(c.open_amount) for c in customers), reverse=True
    )
    for row in customers:
        assert sum(map(Decimal, row.buckets.values())) == Decimal(row.open_amount)
    largest = customers[0]
    items = list(client.iterate("/v1/ageing/items", AgedItem, limit=2, customer_id=largest.customer_id, **query))
    assert sum(Decimal(row.open_amount) for row in items) == Decimal(largest.open_amount)
    for bucket in whole["buckets"]:
        part = list(client.iterate("/v1/ageing/items", AgedItem, limit=500, bucket=bucket["bucket"], **query))
        assert sum((Decimal(row.open_amount) for row in part), Decimal()) == Decimal(bucket["amount"])
        assert len(part) == bucket["count"]


def test_the_ageing_is_downloaded_with_formulas_made_harmless(kept):
    client = kept.people["finance"]
    query = {"ledger": SMALL, "period_end": "2024-04-30", "level": "customers"}
    rows = list(csv.DictReader(io.StringIO(client.get("/v1/ageing/export", params=query).text)))
    assert rows[0]["name"] == "'=Alder"
    assert [row["open_amount"] for row in rows] == ["120.10", "70.05", "140.00"]
    book = client.get("/v1/ageing/export", params={**query, "format": "xlsx"})
    assert book.headers["content-disposition"] == 'attachment; filename="ageing-customers-2024-04-30.xlsx"'
    cells = load_workbook(io.BytesIO(book.content)).active
    assert (cells["B2"].data_type, cells["B2"].value) == ("s", "=Alder")
    items = client.get("/v1/ageing/export", params={**query, "level": "items"})
    amounts = {row["invoice_id"]: row["open_amount"] for row in csv.DictReader(io.StringIO(items.text))}
    assert amounts["3"] == "-30.00"


def test_key_figures_are_those_of_the_command_line(kept, run):
    expected = run("kpis", "--period-end", END)
    found = answer_of(kept.people["auditor"].get("/v1/kpis", params={"ledger": NAME, "period_end": END}))
    assert len(found["figures"]) > 10
    for figure in found["figures"]:
        same = expected[figure["name"]]
        shown = figure["amount"] if figure["unit"] == "amount" else figure["value"]
        assert shown == (write(same) if figure["unit"] == "amount" and same is not None else same)
    assert found["notes"] == expected["notes"]


def test_a_trend_has_the_key_figures_of_each_month_end(kept, run):
    expected = run("kpis", "--from", "2024-05-01", "--to", END, "--monthly")
    query = {"ledger": NAME, "from": "2024-05-01", "to": END}
    found = answer_of(kept.people["finance"].get("/v1/kpis/trend", params=query))
    assert [month["age_on"] for month in found["months"]] == ["2024-05-31", "2024-06-30", "2024-07-31"]
    for month, same in zip(found["months"], expected["months"], strict=True):
        (dso,) = [figure["value"] for figure in month["figures"] if figure["name"] == "dso"]
        assert dso == same["dso"]


def test_a_control_account_is_compared_as_on_the_command_line(kept, run, tmp_path):
    (tmp_path / "control.csv").write_text("day,amount,currency\n2024-07-31,1000.00,EUR\n2024-06-30,5.5,EUR\n")
    expected = run("reconcile", "--control", str(tmp_path / "control.csv"))
    response = kept.people["finance"].post(
        "/v1/reconciliation",
        params={"ledger": NAME},
        content=(tmp_path / "control.csv").read_bytes(),
        headers={"Content-Type": "text/csv", "Idempotency-Key": "r1"},
    )
    found = answer_of(response)
    assert found["count_days"] == 2
    for day, same in zip(found["days"], expected["days"], strict=True):
        for name in ("ledger_amount", "control_amount", "difference_amount", "unexplained_amount"):
            assert day[name] == write(same[name])


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"", ""),
        (b"day\n2024-01-01\n", ""),
        (b"\x00\xff", ""),
        (b"a,b\n1,2\n", "day, amount"),
        (b"day,amount\nx,1\n", "YYYY"),
    ],
)
def test_a_control_account_that_is_none_is_refused(kept, content, hint):
    response = kept.people["finance"].post(
        "/v1/reconciliation", params={"ledger": SMALL}, content=content,
        headers={"Content-Type": "text/csv", "Idempotency-Key": f"r{len(content)}"},
    )  # fmt: skip
    assert response.status_code == 422, response.text
    assert hint in response.json()["hint"]
    assert tempfile.gettempdir() not in response.text


def test_who_sees_one_company_sees_no_other(kept):
    query = {"ledger": SMALL, "period_end": "2024-04-30"}
    north, both = kept.people["north"], kept.people["both"]
    own = answer_of(north.get("/v1/ageing", params=query))
    assert (own["entity"], own["total"]) == ("north", "250.10")
    assert answer_of(north.get("/v1/ageing", params={**query, "entity": "north"})) == own
    assert north.get("/v1/ageing", params={**query, "entity": "south"}).status_code == 403
    assert north.get("/v1/ageing", params={**query, "entity": "east"}).status_code == 403
    names = {row["invoice_id"] for row in answer_of(north.get("/v1/ageing/items", params=query))["items"]}
    assert names == {"1", "2", "5"}
    assert both.get("/v1/ageing", params=query).status_code == 422
    assert answer_of(both.get("/v1/ageing", params={**query, "entity": "south"}))["total"] == "80.05"
    assert answer_of(kept.people["finance"].get("/v1/ageing", params=query))["total"] == "330.15"


@pytest.mark.parametrize(
    ("path", "query", "where"),
    [
        ("/v1/ageing", {}, "as_of, period_end"),
        ("/v1/ageing", {"period_end": END, "as_of": END}, "as_of, period_end"),
        ("/v1/ageing", {"period_end": "2199-01-01"}, "period_end"),
        ("/v1/ageing", {"period_end": "31.12.2023"}, "period_end"),
        ("/v1/ageing", {"period_end": END, "entity": "'; DROP TABLE entries"}, "entity"),
        ("/v1/ageing/customers", {"period_end": END, "segment": "=1+1"}, "segment"),
        ("/v1/ageing/items", {"period_end": END, "bucket": "31-61"}, "bucket"),
        ("/v1/ageing/items", {"period_end": END, "after": "x"}, "after"),
        ("/v1/ageing/items", {"period_end": END, "limit": 0}, "limit"),
        ("/v1/ageing/items", {"period_end": END, "sort": "name; --"}, "sort"),
        ("/v1/ageing/export", {"period_end": END, "format": "exe"}, "format"),
        ("/v1/kpis/trend", {"from": "2024-01-01"}, "to"),
        ("/v1/kpis/trend", {"from": "1900-01-01", "to": "2024-01-01"}, "from, to"),
        ("/v1/kpis/trend", {"from": "2024-02-01", "to": "2024-01-01"}, ""),
    ],
)
def test_a_mistake_in_the_request_is_named(kept, path, query, where):
    response = kept.people["finance"].get(path, params={"ledger": NAME, **query})
    assert response.status_code == 422, response.text
    assert where in response.json()["where"]


def test_a_ledger_that_is_not_there_is_named_with_the_nearest(kept):
    response = kept.people["finance"].get("/v1/ageing", params={"ledger": "aldr", "period_end": END})
    assert response.status_code == 404
    assert "alder" in response.json()["hint"]
    assert kept.people["finance"].get("/v1/ageing", params={"period_end": END}).status_code == 422
