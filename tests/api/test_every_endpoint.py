"""Whatever endpoint there is: who has not signed in, or lacks the permission, gets nothing; a write is done once."""

import pytest
from fastapi.testclient import TestClient

from api.auth import MARK
from api.main import create_app
from arrisk.config import Settings
from arrisk.policy.access import PERMISSIONS
from tests.databases import open_new
from tests.people import join, shipped

OPEN = {
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/health/version"),
    ("GET", "/health/metrics"),
    ("POST", "/v1/session"),
    ("POST", "/v1/session/refresh"),
}
"""What may be asked without a sign-in."""

CHANGES_NOTHING = {
    ("POST", "/v1/score"),
    ("POST", "/v1/limits"),
    ("POST", "/v1/allowance"),
    ("DELETE", "/v1/session"),
    ("POST", "/v1/me/password"),
    ("POST", "/v1/reconciliation"),
    ("POST", "/v1/customers/{customer_id}/what-if"),
    ("POST", "/v1/holds/check"),
    ("POST", "/v1/uploads"),
    ("POST", "/v1/uploads/{upload_id}/columns"),
    ("POST", "/v1/uploads/{upload_id}/preview"),
}
"""What keeps nothing, or ends the same however often it is sent, as the same file does: it needs no key."""

OPERATIONS = [
    (way.upper(), path, described)
    for path, ways in create_app(settings=Settings()).openapi()["paths"].items()
    for way, described in ways.items()
]
GUARDED = [(way, path, described[MARK]) for way, path, described in OPERATIONS if MARK in described]


def ask(client, way, path):
    # What needs no body does not look at it, and who may not ask is refused before it is read.
    return client.request(way, path.replace("{", "").replace("}", ""), content="{", headers={"Idempotency-Key": "k"})


def problem_of(response, status):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return response.json()


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    database = open_new("sqlite", folder)
    yield create_app(folder, database=database)
    database.close()


@pytest.fixture(scope="module")
def stranger(app):
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def clients(app):
    return {role.name: join(app, role.name) for role in shipped().access.roles}


def test_every_endpoint_says_what_it_needs_but_those_that_need_nothing():
    assert {(way, path) for way, path, described in OPERATIONS if MARK not in described} == OPEN
    named = {name for _, _, described in OPERATIONS if MARK in described for name in described[MARK].split(" or ")}
    assert named <= {*PERMISSIONS, ""}


@pytest.mark.parametrize(("way", "path", "permission"), GUARDED)
def test_who_has_not_signed_in_is_refused(stranger, way, path, permission):
    refused = ask(stranger, way, path)
    problem_of(refused, 401)
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", [{"Authorization": "Bearer x"}, {"X-API-Key": "arrisk_x"}, {"Authorization": "x"}])
@pytest.mark.parametrize(("way", "path", "permission"), GUARDED)
def test_a_token_that_is_none_is_refused(stranger, way, path, permission, header):
    problem_of(stranger.request(way, path, headers=header), 401)


@pytest.mark.parametrize(("way", "path", "permission"), [one for one in GUARDED if one[2]])
def test_every_role_without_the_permission_is_refused_and_told_which(clients, way, path, permission):
    enough = set(permission.split(" or "))
    without = [role.name for role in shipped().access.roles if enough.isdisjoint(role.permissions)]
    assert without
    for name in without:
        problem = problem_of(ask(clients[name], way, path), 403)
        assert all(name in problem["detail"] for name in enough)


@pytest.mark.parametrize(("way", "path", "permission"), GUARDED)
def test_a_role_with_the_permission_gets_further(clients, way, path, permission):
    enough = set(permission.split(" or "))
    roles = [role.name for role in shipped().access.roles if not permission or enough.intersection(role.permissions)]
    assert roles
    if (way, path) == ("DELETE", "/v1/session"):
        return
    answer = ask(clients[roles[0]], way, path)
    assert answer.status_code not in {401, 403}
    assert answer.status_code < 500, answer.text


def test_every_write_wants_a_key_by_which_it_is_done_once():
    keyless = [
        (way, path)
        for way, path, described in OPERATIONS
        if way != "GET"
        and not any(one["name"] == "Idempotency-Key" and one["required"] for one in described.get("parameters", []))
    ]
    assert set(keyless) - CHANGES_NOTHING == OPEN.intersection(keyless)


@pytest.mark.slow
def test_without_sign_in_only_what_is_posted_is_answered(tmp_path):
    client = TestClient(create_app(tmp_path, settings=Settings(sign_in="off")), raise_server_exceptions=False)
    asked = [(way, path) for way, path, _ in OPERATIONS if path.startswith("/v1/")]
    answered = {(way, path) for way, path in asked if ask(client, way, path).status_code not in {401, 403}}
    assert answered == {("POST", "/v1/score"), ("POST", "/v1/limits"), ("POST", "/v1/allowance")}
