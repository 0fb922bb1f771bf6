"""A service with two ledgers in its database and a user of each role, for tests that look and for tests that act."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.main import create_app
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from tests.api.ledger import CURRENCY, NAME, Tables, lose_some
from tests.books import credit_note, customer, invoice, payment, raw_of
from tests.databases import EACH_KIND, open_new
from tests.people import join

ROLES = ("analyst", "credit_manager", "collector", "finance", "validator", "operator", "auditor")
_OTHERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "finance2": ("finance", ()),
    "north": ("finance", ("north",)),
    "both": ("finance", ("north", "south")),
}
SMALL = "birch"
"""A ledger of two selling companies, small enough to add up by hand; ``NAME`` is the other one."""


class People(Mapping[str, TestClient]):
    """Clients by login, each signed in when it is first asked for: a password takes its time to check."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._clients: dict[str, TestClient] = {}

    def __getitem__(self, login: str) -> TestClient:
        if login not in self._clients:
            role, entities = _OTHERS.get(login, (login, ()))
            authority = "credit manager" if role == "finance" else ""
            self._clients[login] = join(self._app, role, login=login, authority=authority, entities=entities)
        return self._clients[login]

    def __iter__(self) -> Iterator[str]:
        return iter(ROLES)

    def __len__(self) -> int:
        return len(ROLES)


@dataclass(frozen=True)
class Kept:
    """A running service.

    Parameters
    ----------
    app : the service.
    people : clients signed in, by login: one of each role, and beside them ``finance2`` (a second one), ``north``
        (finance of one selling company), ``both`` (finance of two).
    """

    app: FastAPI
    people: Mapping[str, TestClient]

    @property
    def stranger(self) -> TestClient:
        """Give a client of somebody who has not signed in."""
        return TestClient(self.app, raise_server_exceptions=False)

    @property
    def database(self) -> Database:
        """Where all of it is."""
        found: Database = self.app.state.service.database
        return found


def make_small() -> dict[str, pd.DataFrame]:
    """Give the rows of the small ledger."""
    return raw_of(
        customers=[
            customer("A", name="=Alder", industry="steel"),
            customer("B", name="Birch", industry="food"),
            customer("C", industry="steel"),
        ],
        invoices=[
            invoice("1", "A", entity_id="north"),
            invoice("2", "A", due_on="2024-04-20", amount="50.10", entity_id="north"),
            credit_note("3", "A", amount="30", entity_id="south"),
            invoice("4", "B", amount="70.05", entity_id="south"),
            invoice("5", "C", issued_on="2022-01-01", due_on="2022-01-31", entity_id="north"),
            invoice("6", "C", issued_on="2022-02-01", due_on="2022-03-03", amount="40", entity_id="south"),
        ],
        payments=[payment("P", "B", amount="9", entity_id="south")],
    )


def add_rows(database: Database, name: str, tables: Mapping[str, pd.DataFrame], currency: str) -> None:
    """Add rows to a ledger."""
    upload = Upload(tables, source="tests", currency=currency)
    add_batch(database, name, upload, fallback_currency=currency, by="tests", at="2024-10-01T00:00:00+00:00")


def open_kept(database: Database, home: Path, ledgers: Mapping[str, Mapping[str, pd.DataFrame]]) -> Kept:
    """Open a service with ledgers and people."""
    app = create_app(home, database=database)
    for name, tables in ledgers.items():
        add_rows(database, name, tables, CURRENCY)
    return Kept(app, People(app))


@pytest.fixture(scope="session")
def losing(tables: Tables) -> Tables:
    """Give the rows of the large ledger, some of it lost."""
    return lose_some(tables)


@pytest.fixture(scope="session", params=EACH_KIND)
def kept(
    request: pytest.FixtureRequest, home: Path, losing: Tables, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept]:
    """Give a service to look at, once of each kind of database; nobody may act on it."""
    database = open_new(request.param, tmp_path_factory.mktemp("kept"))
    large = {name: pd.DataFrame(rows) for name, rows in losing.items()}
    yield open_kept(database, home, {NAME: large, SMALL: make_small()})
    database.close()


@pytest.fixture(scope="module", params=EACH_KIND)
def small_kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Give a service with the small ledger to look at, once of each kind of database and file of tests."""
    database = open_new(request.param, tmp_path_factory.mktemp("small"))
    yield open_kept(database, tmp_path_factory.mktemp("home"), {SMALL: make_small()})
    database.close()


@pytest.fixture(params=EACH_KIND)
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """Give a service with the small ledger to act on, once of each kind of database."""
    database = open_new(request.param, tmp_path)
    yield open_kept(database, tmp_path / "home", {SMALL: make_small()})
    database.close()
