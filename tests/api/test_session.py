"""Signing in and out over HTTP."""

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from tests.people import WORDS, join


@pytest.fixture
def app(database, tmp_path):
    return create_app(tmp_path / "home", database=database)


@pytest.fixture
def stranger(app):
    return TestClient(app, raise_server_exceptions=False)


def post_session(client, login="ana", password=WORDS):
    return client.post("/v1/session", json={"login": login, "password": password})


def test_who_signs_in_is_known(app):
    answer = join(app, "analyst", login="ana", authority="credit analyst", entities=("north",)).get("/v1/me")
    assert answer.status_code == 200
    me = answer.json()
    assert (me["login"], me["roles"], me["authority"], me["entities"]) == (
        "ana", ["analyst"], "credit analyst", ["north"],
    )  # fmt: skip
    assert "cases.propose" in me["permissions"]
    assert "closes.sign" not in me["permissions"]


def test_who_does_not_sign_in_is_asked_to(stranger):
    answer = stranger.get("/v1/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="arrisk"'
    assert answer.json()["type"] == "urn:arrisk:problem:sign-in"
    assert "/v1/session" in answer.json()["hint"]
