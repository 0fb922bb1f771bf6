"""Signing in and out over HTTP."""

import shlex

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from tests.people import WORDS, join
from tests.syntax import ROOT


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


def test_a_token_is_exchanged_once_and_ends_with_signing_out(app, stranger):
    join(app, "analyst", login="ana")
    first = post_session(stranger).json()
    second = stranger.post("/v1/session/refresh", json={"refresh_token": first["refresh_token"]})
    assert second.status_code == 200
    headers = {"Authorization": f"Bearer {second.json()['access_token']}"}
    assert stranger.delete("/v1/session", headers=headers).status_code == 204
    assert stranger.get("/v1/me", headers=headers).status_code == 401
    for token in (first, second.json()):
        again = stranger.post("/v1/session/refresh", json={"refresh_token": token["refresh_token"]})
        assert again.status_code == 401


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"login": "ana"}, "body, password"),
        ({"login": "", "password": WORDS}, "body, login"),
        ({"login": "ana", "password": "x" * 201}, "body, password"),
        ({"login": ["ana"], "password": WORDS}, "body, login"),
        ({"login": "ana", "password": WORDS, "roles": ["operator"]}, "body, roles"),
        ([], "body"),
    ],
)
def test_a_sign_in_without_its_form_is_refused(stranger, body, where):
    answer = stranger.post("/v1/session", json=body)
    assert (answer.status_code, answer.json()["where"]) == (422, where)


@pytest.mark.parametrize("login", ["nobody", "ana'; DROP TABLE users; --", "../../etc/passwd", "\x00", "é" * 64])
def test_whoever_it_is_not_is_refused_alike(app, stranger, login):
    join(app, "analyst", login="ana")
    answer = post_session(stranger, login)
    assert (answer.status_code, answer.json()["detail"]) == (401, "login or password are wrong")


def test_the_old_password_is_needed_for_a_new_one(app):
    ana = join(app, "analyst", login="ana")
    wrong = ana.post("/v1/me/password", json={"old": "wrong", "new": "another four words"})
    assert (wrong.status_code, wrong.json()["where"]) == (401, "old")
    short = ana.post("/v1/me/password", json={"old": WORDS, "new": "short"})
    assert (short.status_code, short.json()["where"]) == (422, "password")
    assert ana.post("/v1/me/password", json={"old": WORDS, "new": "another four words"}).status_code == 204


def test_the_calls_of_the_page_are_answered(app, stranger):
    join(app, "analyst", login="ana")
    section = (ROOT / "docs" / "users" / "service.md").read_text().split("## Sign in")[1].split("## Score")[0]
    calls = [line for line in section.splitlines() if line.startswith("curl ")]
    known = {}
    for call in calls:
        for name, value in known.items():
            call = call.replace(f"${name}", value)  # noqa: PLW2901
        answer = run(stranger, call)
        assert answer.status_code < 300, (call, answer.text)
        known |= {name.upper(): value for name, value in answer.json().items() if name.endswith(("token", "key"))}
    assert len(calls) == 5
    assert answer.json()["permissions"] == ["score.stateless"]


def run(client, call):
    """Send what a line of curl asks for."""
    words = shlex.split(call)
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    path = next(word for word in words if word.startswith("localhost:")).partition("/")[2]
    body = words[words.index("-d") + 1] if "-d" in words else None
    return client.request("POST" if body else "GET", f"/{path}", headers=headers, content=body)
