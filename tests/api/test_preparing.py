"""What the first request of a day would wait for is ready before it."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.preparing import Preparer
from arrisk.config import Settings
from tests.api.offices import LEDGER, add_ledger, add_run
from tests.store.conftest import database

__all__ = ["database"]

NOW = datetime(2024, 5, 2, 6, tzinfo=UTC)


@pytest.fixture
def service(database, tmp_path):
    return create_app(tmp_path, database=database).state.service


def read(service, now=NOW):
    """Read the worklist, and fail where its rows have to be fetched."""
    return service.worklists.read(
        service.database, LEDGER, on=now.date(), policy=service.policy, pay=lambda: pytest.fail("read again")
    )


def test_without_a_ledger_there_is_nothing_to_prepare(service):
    assert Preparer(service).prepare_changed(NOW) == []


@pytest.mark.slow
def test_a_ledger_is_prepared_once_until_it_changes(service):
    add_ledger(service.database)
    preparer = Preparer(service)
    assert preparer.prepare_changed(NOW) == [LEDGER]
    first = read(service)
    assert read(service).listing is first.listing
    assert preparer.prepare_changed(NOW) == []
    run = add_run(service.database, print_="2")
    assert preparer.prepare_changed(NOW) == [LEDGER]
    assert read(service).run.run_id == run.run_id
    assert preparer.prepare_changed(NOW + timedelta(days=1)) == [LEDGER]


def test_the_book_is_at_hand(service, monkeypatch):
    add_ledger(service.database)
    Preparer(service).prepare_changed(NOW)
    monkeypatch.setattr("api.books.read_book", lambda *_: pytest.fail("read again"))
    assert service.books.load(service.database, LEDGER).book.name == LEDGER


@pytest.mark.parametrize("prepares", ["on", "off"])
def test_a_service_prepares_beside_its_requests_unless_told_not_to(database, tmp_path, monkeypatch, prepares):
    asked = []
    monkeypatch.setattr(Preparer, "prepare_changed", lambda *_: asked.append(1) or [])
    app = create_app(database=database, settings=Settings(home=tmp_path, prepare=prepares))
    with TestClient(app) as client:
        assert client.get("/health/ready").status_code == 200
    assert bool(asked) == (prepares == "on")
