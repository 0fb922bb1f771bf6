"""Users and keys over HTTP."""

from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from tests.people import WORDS, join, sign_in

ANA = {"login": "ana", "display_name": "Ana A.", "roles": ["analyst"], "authority": "credit analyst", "password": WORDS}


@pytest.fixture
def app(database, tmp_path):
    return create_app(tmp_path / "home", database=database)


@pytest.fixture
def otto(app):
    """Give the operator's client."""
    return join(app, "operator", login="otto")


def send(client, way, path, body=None, *, etag=None, key=None):
    headers = {"Idempotency-Key": key or uuid4().hex} | ({"If-Match": etag} if etag else {})
    return client.request(way, path, json=body, headers=headers)


def add_ana(otto):
    answer = send(otto, "POST", "/v1/users", ANA)
    assert answer.status_code == 201, answer.text
    return answer


def test_a_user_is_added_with_a_password_that_he_has_to_change(app, otto):
    answer = add_ana(otto)
    assert answer.headers["ETag"] == '"1"'
    assert WORDS not in answer.text
    ana = sign_in(app, "ana")
    refused = ana.get("/v1/keys")
    assert refused.status_code == 403
    assert "/v1/me/password" in refused.json()["hint"]
    changed = ana.post("/v1/me/password", json={"old": WORDS, "new": "another four words"})
    assert changed.status_code == 204
    assert ana.get("/v1/keys").status_code == 200


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"login": "Ana"}, "login"),
        ({"roles": ["king"]}, "roles"),
        ({"roles": []}, "body, roles"),
        ({"authority": "king"}, "authority"),
        ({"password": "short"}, "password"),
        ({"display_name": "A\x00na"}, "body, display_name"),
        ({"entities": [""]}, "body, entities, row 1"),
        ({"is_admin": True}, "body, is_admin"),
    ],
)
def test_a_user_that_cannot_be_is_refused_with_the_field(otto, changes, where):
    answer = send(otto, "POST", "/v1/users", {**ANA, **changes})
    assert (answer.status_code, answer.json()["where"]) == (422, where)


def test_a_login_is_not_given_twice(otto):
    add_ana(otto)
    again = send(otto, "POST", "/v1/users", ANA)
    assert (again.status_code, again.json()["where"]) == (422, "login")


def test_users_are_listed_page_by_page(app, otto):
    for login in ("carl", "ana", "ben"):
        send(otto, "POST", "/v1/users", {**ANA, "login": login})
    seen, after = [], None
    while True:
        page = otto.get("/v1/users", params={"limit": 2} | ({"after": after} if after else {})).json()
        assert len(page["items"]) <= 2
        seen += [user["login"] for user in page["items"]]
        if (after := page["next"]) is None:
            break
    assert seen == ["ana", "ben", "carl", "otto"]
    assert otto.get("/v1/users", params={"after": "x"}).status_code == 422


def test_a_change_needs_the_version_that_was_read(otto):
    etag = add_ana(otto).headers["ETag"]
    changed = send(otto, "PATCH", "/v1/users/ana", {"roles": ["collector"]}, etag=etag)
    assert (changed.json()["roles"], changed.json()["display_name"], changed.headers["ETag"]) == (
        ["collector"], "Ana A.", '"2"',
    )  # fmt: skip
    stale = send(otto, "PATCH", "/v1/users/ana", {"is_active": False}, etag=etag)
    assert (stale.status_code, stale.json()["type"]) == (412, "urn:arrisk:problem:changed")
    assert send(otto, "PATCH", "/v1/users/ana", {"is_active": False}).status_code == 422
    assert send(otto, "PATCH", "/v1/users/ana", {"is_active": False}, etag="x").status_code == 422
    assert otto.get("/v1/users/ana").json()["is_active"] is True


def test_who_is_shut_out_is_out(app, otto):
    ana = join(app, "analyst", login="ana")
    etag = otto.get("/v1/users/ana").headers["ETag"]
    assert send(otto, "PATCH", "/v1/users/ana", {"is_active": False}, etag=etag).status_code == 200
    assert ana.get("/v1/me").status_code == 401


def test_nobody_gives_himself_a_role_or_another_password(otto):
    me = otto.get("/v1/users/otto")
    refused = send(otto, "PATCH", "/v1/users/otto", {"roles": ["finance"]}, etag=me.headers["ETag"])
    assert refused.status_code == 403
    assert send(otto, "POST", "/v1/users/otto/password", {"password": "another four words"}).status_code == 403
    assert send(otto, "DELETE", "/v1/users/otto", etag=me.headers["ETag"]).status_code == 403


def test_an_erased_user_is_gone_from_the_pages_but_for_the_login(app, otto):
    join(app, "analyst", login="ana")
    assert send(otto, "DELETE", "/v1/users/ana", etag='"1"').status_code == 204
    assert otto.get("/v1/users/ana").status_code == 404
    listed = [user for user in otto.get("/v1/users").json()["items"] if user["login"] == "ana"]
    assert [(user["display_name"], user["is_erased"], user["roles"]) for user in listed] == [("", True, [])]


def test_a_key_is_shown_once_and_opens_what_it_is_for(app):
    ana = join(app, "analyst", login="ana")
    made = send(ana, "POST", "/v1/keys", {"name": "order desk", "scopes": ["keys.read"]}, key="k1")
    assert made.status_code == 201
    key = made.json()["key"]
    assert key.startswith(made.json()["prefix"])
    again = send(ana, "POST", "/v1/keys", {"name": "order desk", "scopes": ["keys.read"]}, key="k1")
    assert (again.status_code, again.json()["type"]) == (409, "urn:arrisk:problem:answered")
    for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
        program = TestClient(app, headers=headers)
        me = program.get("/v1/me").json()
        assert (me["login"], me["permissions"]) == ("ana", ["keys.read"])
        assert key not in program.get("/v1/keys").text
        refused = program.get("/v1/users")
        assert refused.status_code == 403
        assert "scope" in refused.json()["hint"] or "role" in refused.json()["hint"]
    key_id = made.json()["key_id"]
    assert send(ana, "DELETE", f"/v1/keys/{key_id}").status_code == 204
    assert TestClient(app, headers={"X-API-Key": key}).get("/v1/me").status_code == 401


def test_a_key_that_may_not_be_is_refused(app):
    ana = join(app, "analyst", login="ana")
    for scopes in (["cases.decide"], ["users.read"], ["nothing"], []):
        answer = send(ana, "POST", "/v1/keys", {"name": "x", "scopes": scopes})
        assert (answer.status_code, "scopes" in answer.json()["where"]) == (422, True)
    assert send(ana, "POST", "/v1/keys", {"name": "x", "scopes": ["keys.read"], "days": 366}).status_code == 422


def test_others_keys_are_for_who_may_change_users(app, otto):
    ana, ben = join(app, "analyst", login="ana"), join(app, "analyst", login="ben")
    key_id = send(ana, "POST", "/v1/keys", {"name": "x", "scopes": ["keys.read"]}).json()["key_id"]
    assert ben.get("/v1/keys").json()["items"] == []
    assert send(ben, "DELETE", f"/v1/keys/{key_id}").status_code == 404
    assert [key["key_id"] for key in otto.get("/v1/keys").json()["items"]] == [key_id]
    assert send(otto, "DELETE", f"/v1/keys/{key_id}").status_code == 204
    assert send(otto, "DELETE", "/v1/keys/nothing").status_code == 404


def test_roles_are_listed_with_what_they_mean(otto):
    roles = {role["name"]: role["permissions"] for role in otto.get("/v1/roles").json()}
    assert "see one with its invoices" in roles["analyst"]["customers.read"]
    assert not [name for name in roles["auditor"] if not name.endswith(".read")]
