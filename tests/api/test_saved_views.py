"""Everybody keeps views of lists, sees those of nobody else, and they are gone with the person."""

from uuid import uuid4

import pytest

from arrisk.store.people import find_user
from arrisk.store.saved_views import list_views
from arrisk.uses.accounts import Accounts, erase_user
from tests.api.offices import office
from tests.people import join, shipped

__all__ = ["office"]

MINE = {"collector": "cleo", "sort": "overdue"}


def send(office, login, method, path, body=None, key=""):
    headers = {"Idempotency-Key": key or uuid4().hex}
    return office._find(login).request(method, f"/v1/me/views/{path}", json=body, headers=headers)


def list_names(office, login, **query):
    return [view["name"] for view in office.get(login, "/me/views", **query).json()]


def test_a_view_is_kept_replaced_listed_and_dropped(office):
    kept = send(office, "cleo", "PUT", "worklist/mine first", {"filters": MINE})
    assert (kept.status_code, kept.json()) == (200, {"page": "worklist", "name": "mine first", "filters": MINE})
    send(office, "cleo", "PUT", "worklist/a/b ü", {"filters": {}})
    send(office, "cleo", "PUT", "cases/open", {"filters": {}})
    assert list_names(office, "cleo", page="worklist") == ["a/b ü", "mine first"]
    assert list_names(office, "cleo") == ["open", "a/b ü", "mine first"]
    send(office, "cleo", "PUT", "worklist/mine first", {"filters": {"state": "promised"}})
    found = office.get("cleo", "/me/views", page="worklist").json()
    assert found[1] == {"page": "worklist", "name": "mine first", "filters": {"state": "promised"}}
    for name in ("worklist/mine first", "worklist/a/b ü", "cases/open"):
        assert send(office, "cleo", "DELETE", name).status_code == 204
    assert list_names(office, "cleo") == []


def test_nobody_sees_or_drops_the_views_of_somebody_else(office):
    send(office, "cleo", "PUT", "worklist/mine", {"filters": MINE})
    assert list_names(office, "dan") == []
    assert send(office, "dan", "DELETE", "worklist/mine").status_code == 404
    send(office, "dan", "PUT", "worklist/mine", {"filters": {}})
    assert office.get("cleo", "/me/views").json()[0]["filters"] == MINE
    assert office.get("", "/me/views").status_code == 401


def test_a_view_sent_twice_is_kept_once_and_a_second_drop_says_that_it_is_gone(office):
    first = send(office, "ana", "PUT", "worklist/x", {"filters": {}}, key="k")
    again = send(office, "ana", "PUT", "worklist/x", {"filters": {}}, key="k")
    assert first.json() == again.json()
    assert send(office, "ana", "DELETE", "worklist/x").status_code == 204
    gone = send(office, "ana", "DELETE", "worklist/x")
    assert (gone.status_code, gone.json()["where"]) == (404, "name")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("worklist/x", {"filters": {"a": 1}}),
        ("worklist/x", {"filters": {str(number): "" for number in range(31)}}),
        ("worklist/x", {"filters": {"a": "\0"}}),
        ("worklist/x", {"filters": {"a": "x" * 1001}}),
        ("worklist/x", {}),
        ("Work list/x", {"filters": {}}),
        ("worklist/" + "x" * 101, {"filters": {}}),
        ("worklist/a%09b", {"filters": {}}),
        ("worklist/a%00b", {"filters": {}}),
    ],
)
def test_a_view_that_cannot_be_kept_is_refused(office, path, body):
    assert send(office, "ana", "PUT", path, body).status_code == 422
    assert list_names(office, "ana") == []


def test_there_is_an_end_of_views_and_the_old_ones_may_still_be_replaced(office):
    for number in range(50):
        assert send(office, "ben", "PUT", f"worklist/{number}", {"filters": {}}).status_code == 200
    full = send(office, "ben", "PUT", "worklist/51", {"filters": {}})
    assert (full.status_code, full.json()["hint"]) == (422, "drop one of them first")
    assert send(office, "ben", "PUT", "worklist/7", {"filters": MINE}).status_code == 200
    assert send(office, "ben", "PUT", "cases/1", {"filters": {}}).status_code == 200


def test_views_go_with_the_person(office):
    login = f"gone{uuid4().hex[:6]}"
    client = join(office.app, "collector", login=login)
    headers = {"Idempotency-Key": "k"}
    assert client.put("/v1/me/views/worklist/mine", json={"filters": MINE}, headers=headers).status_code == 200
    with office.database.read() as connection:
        user = find_user(connection, login=login)
    erase_user(Accounts(office.database, shipped()), user, by="tests")
    with office.database.read() as connection:
        assert list_views(connection, user.user_id) == []
