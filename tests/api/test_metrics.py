"""Counts for Prometheus tie with what was asked."""

from collections import Counter

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api.main import create_app
from arrisk.config import Settings
from arrisk.store.job_tables import JOBS
from tests.api.apps import create_open_app
from tests.databases import EACH_KIND, open_new


@pytest.fixture(params=EACH_KIND)
def client(request, home, tmp_path):
    database = open_new(request.param, tmp_path)
    yield TestClient(create_open_app(home, database=database), raise_server_exceptions=False)
    database.close()


def read(client):
    answer = client.get("/health/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


def test_every_request_is_counted_once_by_method_route_and_status(client, body):
    asked = [
        ("GET", "/health/live", {}), ("GET", "/health/live", {}), ("GET", "/v1/nothing", {}),
        ("POST", "/v1/score", {"json": {}}), ("POST", "/v1/score", {"json": body}), ("POST", "/health/live", {}),
        ("BREW", "/health/live", {}),
    ]  # fmt: skip
    answers = Counter(client.request(method, path, **rest).status_code for method, path, rest in asked)
    found = read(client)
    counts = {key[1:]: value for key, value in found.items() if key[0] == "arrisk_requests_total"}
    assert counts == {
        ("GET", "/health/live", "200"): 2,
        ("GET", "unmatched", "404"): 1,
        ("POST", "/v1/score", "422"): 1,
        ("POST", "/v1/score", "200"): 1,
        ("POST", "/health/live", "405"): 1,
        ("OTHER", "/health/live", "405"): 1,
    }
    by_status = Counter()
    for (*_, status), count in counts.items():
        by_status[int(status)] += count
    assert by_status == answers
    timed = {key[1:]: value for key, value in found.items() if key[0] == "arrisk_request_seconds_count"}
    assert timed["POST", "/v1/score"] == 2
    assert sum(timed.values()) == len(asked)


def test_jobs_connections_and_models_are_told(client, body):
    before = read(client)
    assert before["arrisk_models_loaded",] == 0
    assert before["arrisk_jobs", "failed"] == 0
    assert client.post("/v1/score", json=body).status_code == 200
    said = {
        "ledger": "alder",
        "arguments": {},
        "progress": "",
        "share": 0,
        "attempts": 0,
        "made_by": "me",
        "made_at": "",
    }
    with client.app.state.service.database.write() as connection:
        for kind, state in [("train", "failed"), ("ingest", "failed"), ("train", "queued")]:
            connection.execute(JOBS.insert().values(kind=kind, state=state, **said))
    after = read(client)
    assert after["arrisk_models_loaded",] == 1
    assert [after["arrisk_jobs", state] for state in ("failed", "queued", "running")] == [2, 1, 0]
    assert after["arrisk_database_up",] == 1
    assert after["arrisk_database_connections", "busy"] == 0
    assert after["arrisk_database_connections", "idle"] >= 1


def test_counts_are_told_when_the_database_is_away(home):
    settings = Settings(database_url="postgresql://arrisk@127.0.0.1:1/arrisk")
    found = read(TestClient(create_app(home, settings=settings)))
    assert found["arrisk_database_up",] == 0


def test_two_services_count_apart(home, client):
    one, other = TestClient(create_app(home)), client
    one.get("/health/live")
    assert ("arrisk_requests_total", "GET", "/health/live", "200") not in read(other)
