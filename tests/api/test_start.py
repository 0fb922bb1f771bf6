"""What a service does before its first request and after its last, on both databases."""

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from arrisk.config import Settings
from arrisk.errors import StoreError
from arrisk.store import connect, require_current
from tests.databases import start_postgresql


def test_a_first_start_makes_the_file_and_its_tables(home, tmp_path):
    url = f"sqlite:///{tmp_path / 'new' / 'arrisk.db'}"
    with TestClient(create_app(home, settings=Settings(database_url=url))) as client:
        assert client.get("/health/ready").status_code == 200
    require_current(connect(url))


def test_a_database_of_sqlite_is_not_brought_forward_where_that_is_switched_off(home, tmp_path):
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'arrisk.db'}", upgrade="never")
    with pytest.raises(StoreError, match="empty or of an older"), TestClient(create_app(home, settings=settings)):
        pass


@pytest.mark.slow
def test_postgresql_is_brought_forward_only_when_told(home):
    start_postgresql().psql("CREATE DATABASE start_empty;")
    url = start_postgresql().get_uri().replace("/postgres?", "/start_empty?")
    refused = create_app(home, settings=Settings(database_url=url))
    with pytest.raises(StoreError, match="arrisk db upgrade"), TestClient(refused):
        pass
    with TestClient(create_app(home, settings=Settings(database_url=url, upgrade="always"))) as client:
        assert client.get("/health/ready").status_code == 200


def test_it_is_not_ready_when_the_database_is_away_and_says_no_address(home):
    url = "postgresql://arrisk:secret@127.0.0.1:1/arrisk"
    response = TestClient(create_app(home, settings=Settings(database_url=url))).get("/health/ready")
    assert response.status_code == 503
    assert response.json()["type"] == "urn:arrisk:problem:not-ready"
    assert "127.0.0.1" not in response.text
    assert "secret" not in response.text
