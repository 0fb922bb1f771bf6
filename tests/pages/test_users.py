"""Users on pages: added, changed, shut out, let in, given a password, erased; never by themselves."""

import re

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from tests.databases import open_new
from tests.pages.test_ledger import cells_of
from tests.pages.visitors import enter, read_text, send, visit

WORDS = "another four words here"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("users")
    database = open_new("sqlite", folder)
    yield create_app(folder, database=database)
    database.close()


@pytest.fixture(scope="module")
def otto(app):
    return visit(app, "otto", "operator")


def etag(page):
    return re.search(r'name="etag" value="([^"]+)"', page.text)[1].replace("&#34;", '"')


def add(browser, who, **more):
    form = {"login": who, "display_name": f"<b>{who}</b>", "roles": ["analyst", "collector"], "password": WORDS}
    form |= {"authority": "credit analyst", "entities": "north\r\n\r\nsouth ", "key": f"add {who}", **more}
    return send(browser, "/users", form)


def sign_in(app, login, password=WORDS):
    browser = TestClient(app, headers={"accept": "text/html"})
    return send(browser, "/sign-in", {"login": login, "password": password})


def test_a_user_is_added_changed_shut_out_let_in_and_erased(app, otto):
    added = add(otto, "dora")
    assert added.headers["location"] == "/users/dora?done=user_added", read_text(added)
    assert add(otto, "dora").headers["location"] == "/users/dora?done=user_added", "sent twice, done once"
    known = otto.get("/v1/users/dora").json()
    assert (known["roles"], known["entities"]) == (["analyst", "collector"], ["north", "south"])
    page = otto.get("/users/dora")
    assert "&lt;b&gt;dora&lt;/b&gt;" in page.text
    assert "<b>dora" not in page.text
    assert re.findall(r'name="roles" value="(\w+)" checked', page.text) == ["analyst", "collector"]
    assert sign_in(app, "dora").headers["location"] == "/password", "it has to be changed first"
    seen = etag(page)
    changed = {"display_name": "Dora", "roles": "finance", "authority": "", "entities": "", "etag": seen, "key": "c1"}
    assert send(otto, "/users/dora/change", changed).headers["location"] == "/users/dora?done=user_changed"
    known = otto.get("/v1/users/dora").json()
    assert (known["display_name"], known["roles"], known["authority"]) == ("Dora", ["finance"], "")
    late = send(otto, "/users/dora/change", {**changed, "display_name": "Late", "key": "c2"})
    assert late.status_code == 412, "somebody changed it meanwhile"
    assert 'value="Late"' in late.text
    shut = send(otto, "/users/dora/out", {"etag": etag(otto.get("/users/dora")), "key": "o1"})
    assert shut.headers["location"] == "/users/dora?done=user_out"
    assert sign_in(app, "dora").status_code == 401
    let = send(otto, "/users/dora/in", {"etag": etag(otto.get("/users/dora")), "key": "i1"})
    assert let.headers["location"] == "/users/dora?done=user_in"
    fresh = send(otto, "/users/dora/password", {"password": "yet another four words", "key": "p1"})
    assert fresh.headers["location"] == "/users/dora?done=user_password"
    assert sign_in(app, "dora", "yet another four words").status_code == 303
    gone = send(otto, "/users/dora/erase", {"etag": etag(otto.get("/users/dora")), "key": "e1"})
    assert gone.headers["location"] == "/users?done=user_erased"
    rows = {row[0]: row for row in cells_of(otto.get("/users"), "Users")}
    assert rows["dora"][5] == "erased"
    assert otto.get("/users/dora").status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"login": "Upper"}, "cannot be a login"),
        ({"login": "<script>"}, "cannot be a login"),
        ({"roles": "king"}, "there is no role"),
        ({"roles": []}, "roles"),
        ({"password": "short"}, "characters"),
        ({"authority": "emperor"}, "authority"),
        ({"login": "otto"}, "is taken"),
    ],
)
def test_what_cannot_be_a_user_is_refused_with_what_was_typed(otto, changes, said):
    refused = add(otto, "eve", key=f"k{changes}", **changes)
    assert refused.status_code == 422
    assert said in read_text(refused).lower()
    assert "north\nsouth" in refused.text, "what was typed stays"
    assert WORDS not in refused.text, "but for the password"
    assert "<script>" not in refused.text.split("<main")[1]


def test_nobody_changes_himself(otto):
    page = otto.get("/users/otto")
    assert "Nobody changes what he may do himself" in read_text(page)
    assert 'action="/users/otto/' not in page.text
    for act in ("change", "out", "password", "erase"):
        refused = send(otto, f"/users/otto/{act}", {"roles": "auditor", "password": WORDS, "etag": '"1"', "key": act})
        assert refused.status_code == 403, act


def test_a_password_that_will_not_do_is_refused(app, otto):
    visit(app, "gil", "collector")
    refused = send(otto, "/users/gil/password", {"password": "short", "key": "g1"})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert enter(app, "gil").get("/").status_code == 200, "the old one holds"


def test_who_may_see_and_change_users(app, otto):
    auditor, clerk = visit(app, "aud", "auditor"), visit(app, "cleo", "collector")
    page = auditor.get("/users")
    assert "Add a user" not in page.text
    assert "What cleo did" in read_text(auditor.get("/users/cleo"))
    assert 'action="/users/cleo' not in auditor.get("/users/cleo").text
    for path in ("/users", "/users/cleo/change", "/users/cleo/erase", "/users/cleo/password"):
        assert send(auditor, path, {}).status_code == 403
    assert clerk.get("/users").status_code == clerk.get("/users/otto").status_code == 403
    assert TestClient(app).get("/users", follow_redirects=False).status_code == 303
    assert otto.get("/users/nobody").status_code == 404
    assert otto.get("/users?after=x").status_code == 422
