"""A service with a small ledger and a run of it, for tests of what credit analysts and collectors do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from api.main import create_app
from arrisk.policy import load_policy
from arrisk.schema import Book
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.store.book import read_book
from arrisk.store.runs import NewRun, Run, complete_run, open_run, write_part
from arrisk.worklist import build_worklist
from tests.books import customer, invoice, order, payment, raw_of
from tests.databases import EACH_KIND, open_new
from tests.people import join

LEDGER, CURRENCY, AS_OF = "elm", "USD", date(2024, 5, 2)
ROLES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "ana": ("analyst", "credit analyst", ()),
    "ben": ("credit_manager", "credit manager", ()),
    "cleo": ("collector", "", ()),
    "dan": ("collector", "", ()),
    "fay": ("finance", "", ()),
    "oli": ("operator", "", ()),
    "nora": ("collector", "", ("north",)),
    "noel": ("analyst", "credit analyst", ("north",)),
}
"""By login: role, authority, and the selling companies that he may see."""

DUE = {"A": "2024-02-10", "B": "2024-03-15", "C": "2024-04-20", "D": "2024-03-31", "E": "2024-04-10"}
OPEN = {"A": "900.10", "B": "2000.00", "C": "50.00", "D": "700.00", "E": "10.00"}
P_OPEN = {"A": 0.9, "B": 0.5, "C": 0.4, "D": 0.6, "E": 0.9}


def make_tables() -> dict[str, pd.DataFrame]:
    """Give the rows of the ledger: A to E owe something, F nothing."""
    paid = [
        invoice(f"{name}{month}", name, issued_on=f"2023-{month:02d}-01", due_on=f"2023-{month:02d}-28", amount="1000")
        | {"settled_on": f"2023-{month:02d}-25"}
        for name in "ABF"
        for month in range(1, 13)
    ]
    limit = {"customer_id": "A", "limit_amount": "1500", "valid_from_on": "2024-01-01"}
    return raw_of(
        customers=[
            customer("A", name="Alder & Söhne", country="IE", industry="steel"),
            customer("B", name="Birch Ltd", country="DE", industry="steel", parent_id="A"),
            customer("C", name="Cedar 100%", country="IE", industry="wood"),
            customer("D/1", name="Dogwood", country="IE", industry="wood"),
            customer("E", name="=Elder", country="DE", industry="food"),
            customer("F", name="Fir"),
        ],
        invoices=[
            *paid,
            *(
                invoice(f"{name}X", "D/1" if name == "D" else name, due_on=DUE[name], amount=OPEN[name])
                | {"entity_id": "north" if name == "C" else "south"}
                for name in OPEN
            ),
            invoice("EY", "E", due_on="2024-04-10", amount="5", currency="EUR", entity_id="north"),
        ],
        payments=[payment("P1", "F", amount="10")],
        orders=[order("O1", "A", amount="800", ordered_on="2024-04-20"), order("O2", "F", amount="15")],
        limits=[limit, {**limit, "customer_id": "F"}],
        financials=[
            {"customer_id": "A", "period_end_on": "2023-12-31", "known_on": "2024-03-01", "equity": "40000"}
            | {"total_assets": "90000", "intangible_assets": "0"}
        ],
        attributes=[{"customer_id": "A", "known_on": "2024-01-01", "bureau_score": "50"}],
        rates=[{"currency": "EUR", "rate_on": "2022-01-01", "rate": 1.1}],
        applications=[
            {"application_id": "X1", "customer_id": "B", "applied_on": "2024-04-01", "requested_limit": "1200"}
        ],
    )


def make_worklist(as_of: date = AS_OF) -> pd.DataFrame:
    """Give the worklist of the ledger, as the product makes it from these probabilities."""
    names = {name: "D/1" if name == "D" else name for name in OPEN}
    items = pd.DataFrame(
        {
            "customer_id": list(names.values()),
            "currency": CURRENCY,
            "open_amount": [float(OPEN[name]) + (5.5 if name == "E" else 0.0) for name in OPEN],
            "disputed_amount": 0.0,
            "days_past_due": [(as_of - date.fromisoformat(DUE[name])).days for name in OPEN],
            "p_open": [P_OPEN[name] for name in OPEN],
            "why": "pays late",
        }
    )
    tables = make_tables()
    listed = build_worklist(items, tables["customers"], policy=load_policy().worklist)
    more = tables["customers"][["customer_id", "country", "industry"]]
    return listed.merge(more, on="customer_id", how="left").assign(grade="3")


def make_customers() -> pd.DataFrame:
    """Give what the run found of customers A and B."""
    facts = {"currency": CURRENCY, "name": "Alder", "count_open": 1, "open_amount": 900.1, "overdue_amount": 900.1}
    scores = {"p_default_12m": 0.031, "grade": "5", "lgd": 0.4, "expected_loss": 11.2, "p_late": 0.7}
    words = {"reasons": "pays 40 days late; less risk: old firm", "main_reason": "pays 40 days late"}
    owed = {"limit_open_amount": 900.1, "orders_amount": 800.0}
    limits = {
        **owed,
        "recommended_limit": 1000.0,
        "limit_kind": "amount",
        "binding": "need",
        "caps": {"capacity": 5000.0},
    }
    row = {"customer_id": "A", **facts, **scores, **words, **owed, **limits}
    return pd.DataFrame([row, {**row, "customer_id": "B", "name": "Birch"}])


def make_scored() -> pd.DataFrame:
    """Give what the run expects of some open invoices: of A two, of B one that is never paid."""
    days = {"AX": date(2024, 6, 9), "A9": date(2024, 6, 20), "BX": None, "EX": date(2024, 5, 20)}
    facts = {"p_still_open": 0.25, "main_reason": "pays 40 days late", "currency": CURRENCY}
    rows = [
        {"invoice_id": name, "customer_id": name[0], "expected_paid_on": pd.Timestamp(day) if day else pd.NaT, **facts}
        for name, day in days.items()
    ]
    return pd.DataFrame(rows).assign(row=range(1, len(rows) + 1))


def add_run(
    database: Database,
    *,
    as_of: date = AS_OF,
    print_: str = "1",
    p_default: float = 0.031,
    grades: Mapping[str, str] | None = None,
) -> Run:
    """Add a run of the ledger, with the grades of some customers."""
    at = datetime(2024, 5, 2, 4, tzinfo=UTC)
    new = NewRun(
        ledger=LEDGER,
        kind="nightly",
        as_of=as_of,
        currency=CURRENCY,
        fingerprint=print_ * 64,
        data_sha256="0" * 64,
        policy_hash="0" * 16,
        payment_model="payment-curve/elm/1",
        default_model="default-12m/elm/1",
        arrisk="0",
        made_by="tests",
    )
    run = open_run(database, new, at=at)
    customers = make_customers().assign(p_default_12m=p_default)
    customers["grade"] = [(grades or {}).get(name, "5") for name in customers["customer_id"]]
    rows = {"invoices": make_scored(), "worklist": make_worklist(as_of), "customers": customers}
    write_part(database, run, "customers", {}, rows=rows, still=lambda _: None, end=lambda _: None)
    complete_run(database, run, at=at, end=lambda _: None)
    return run


@dataclass
class Office:
    """A running service and the people who work with it."""

    app: FastAPI
    clients: dict[str, TestClient]

    @property
    def database(self) -> Database:
        """Where all is kept."""
        found: Database = self.app.state.service.database
        return found

    @property
    def book(self) -> Book:
        """The ledger's book."""
        return read_book(self.database, LEDGER)

    def get(self, login: str, path: str, **query: Any) -> Response:
        """Ask as somebody; an empty login = nobody has signed in."""
        return self._find(login).get(f"/v1{path}", params=query)

    def post(self, login: str, path: str, body: object = None, *, saw: int | None = None, key: str = "") -> Response:
        """Do something as somebody, who has seen a version."""
        headers = {"Idempotency-Key": key or uuid4().hex}
        headers |= {} if saw is None else {"If-Match": f'"{saw}"'}
        return self._find(login).post(f"/v1{path}", json=body, headers=headers)

    def _find(self, login: str) -> TestClient:
        if not login:
            return TestClient(self.app, raise_server_exceptions=False)
        if login not in self.clients:
            role, authority, entities = ROLES[login]
            self.clients[login] = join(self.app, role, login=login, authority=authority, entities=entities)
        return self.clients[login]


@pytest.fixture(scope="module", params=EACH_KIND)
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give a service, once of each kind of database and file of tests."""
    folder = tmp_path_factory.mktemp("office")
    database = open_new(request.param, folder)
    yield open_office(database, folder / "home")
    database.close()


def open_office(database: Database, home: Path) -> Office:
    """Open a service with the ledger and its run."""
    add_ledger(database)
    return Office(create_app(home, database=database), {})


def add_ledger(database: Database) -> None:
    """Add the ledger and its run."""
    upload = Upload(make_tables(), source="tests", currency=CURRENCY, extract_end_on=date(2024, 5, 1))
    add_batch(database, LEDGER, upload, fallback_currency=CURRENCY, by="tests", at="2024-05-02T00:00:00+00:00")
    add_run(database)
