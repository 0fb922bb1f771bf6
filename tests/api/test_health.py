"""Whether the service says how it is, and what it can do."""

from importlib import metadata

from fastapi.testclient import TestClient

from api.main import create_app
from arrisk.schema import TABLES


def test_it_lives(client):
    assert client.get("/health/live").json() == {"status": "live"}


def test_it_is_ready_with_models_and_without(client, tmp_path):
    assert client.get("/health/ready").json() == {"status": "ready", "count_models": 2}
    empty = TestClient(create_app(tmp_path / "nothing"))
    assert empty.get("/health/ready").json() == {"status": "ready", "count_models": 0}


def test_it_is_not_ready_when_the_store_cannot_be_read(tmp_path):
    (tmp_path / "models").write_text("not a folder")
    response = TestClient(create_app(tmp_path)).get("/health/ready")
    assert response.status_code == 503
    assert response.json()["type"] == "urn:arrisk:problem:not-ready"


def test_it_is_not_ready_when_a_model_has_no_card(tmp_path):
    (tmp_path / "models" / "payment-curve" / "alder" / "0001").mkdir(parents=True)
    response = TestClient(create_app(tmp_path)).get("/health/ready")
    assert response.status_code == 503
    assert str(tmp_path) not in response.text


def test_it_says_which_version_runs(client):
    assert client.get("/health/version").json() == {"arrisk": metadata.version("arrisk"), "api": "v1"}


def test_the_home_is_that_of_the_environment(arrisk_home):
    assert create_app().state.service.home == arrisk_home.resolve()


def test_it_describes_itself_with_an_example_and_every_table(client):
    described = client.get("/openapi.json").json()
    health = {"/health/live", "/health/metrics", "/health/ready", "/health/version"}
    assert set(described["paths"]) > health | {"/v1/allowance", "/v1/limits", "/v1/score"}
    request = described["components"]["schemas"]["ScoreRequest"]
    assert request["examples"][0]["tables"]["invoices"]
    assert set(request["properties"]["tables"]["properties"]) == set(TABLES)
    refusals = described["paths"]["/v1/score"]["post"]["responses"]
    assert all(set(refusals[code]["content"]) == {"application/problem+json"} for code in ("409", "413", "422"))


def test_it_has_no_page_that_loads_scripts_from_elsewhere(client):
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404


def test_it_starts_and_stops(home):
    with TestClient(create_app(home)) as client:
        assert client.get("/health/ready").status_code == 200
