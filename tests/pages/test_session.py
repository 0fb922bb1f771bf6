"""Signing in and out in the browser, and what no page lets through."""

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.pages.menu import MENU
from arrisk.config import Settings
from arrisk.store.people import User
from arrisk.uses.accounts import add_user
from tests.databases import open_new
from tests.pages.visitors import HERE, enter, read_text, send, visit
from tests.people import WORDS, make_user, shipped


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    database = open_new("sqlite", folder)
    yield create_app(folder, database=database)
    database.close()


@pytest.fixture(scope="module")
def people(app):
    return {role.name: visit(app, role.name) for role in shipped().access.roles}


@pytest.fixture
def stranger(app):
    return TestClient(app, raise_server_exceptions=False, headers={"accept": "text/html"})


def test_a_stranger_is_asked_to_sign_in_and_led_back(stranger, app):
    asked = stranger.get("/style?x=1", follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Fstyle%3Fx%3D1")
    make_user(app.state.service.database, "led", "analyst")
    form = {"login": "led", "password": WORDS, "next": "/style?x=1"}
    assert send(stranger, "/sign-in", form).headers["location"] == "/style?x=1"
    assert stranger.get("/style?x=1").status_code == 200


@pytest.mark.parametrize("target", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "x"])
def test_nobody_is_led_elsewhere(stranger, app, people, target):
    assert people
    form = {"login": "analyst", "password": WORDS, "next": target}
    assert send(stranger, "/sign-in", form).headers["location"] == "/"


def test_a_wrong_password_says_no_more_than_that(stranger, people):
    assert people
    refused = send(stranger, "/sign-in", {"login": "analyst", "password": "wrong"})
    assert refused.status_code == 401
    assert "Login or password are wrong" in read_text(refused)
    assert 'value="analyst"' in refused.text
    assert "wrong" not in refused.cookies


def test_the_cookie_is_for_the_browser_alone_and_dies_with_the_sign_out(app):
    browser = visit(app, "leaver", "analyst")
    kept = dict(browser.cookies)
    cookie = send(browser, "/sign-in", {"login": "leaver", "password": WORDS}).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    browser.cookies.clear()
    browser.cookies.update(kept)
    assert send(browser, "/sign-out", {}).headers["location"] == "/sign-in?done=signed_out"
    again = TestClient(app, cookies=kept)
    assert again.get("/", follow_redirects=False).headers["location"] == "/sign-in"


@pytest.mark.parametrize(
    ("address", "setting", "is_secure"),
    [("http://here", "auto", False), ("https://here", "auto", True), ("http://here", "always", True)],
)
def test_a_browser_sends_its_cookies_over_https_alone_where_it_can(tmp_path, address, setting, is_secure):
    database = open_new("sqlite", tmp_path)
    app = create_app(tmp_path, database=database, settings=Settings(home=tmp_path, secure_cookies=setting))
    make_user(database, "led", "analyst")
    browser = TestClient(app, base_url=address)
    signed_in = send(browser, "/sign-in", {"login": "led", "password": WORDS})
    chosen = send(browser, "/theme", {"theme": "dark"})
    for answer in (signed_in, chosen):
        assert ("Secure" in answer.headers["set-cookie"].split("; ")) == is_secure
    database.close()


def test_a_form_of_another_site_is_refused(people):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        refused = people["analyst"].post("/theme", data={"theme": "dark"}, headers=headers, follow_redirects=False)
        assert refused.status_code == 403, headers
    own = people["analyst"].post("/theme", data={"theme": "dark"}, headers=HERE, follow_redirects=False)
    assert own.status_code == 303


def test_the_cookie_reads_from_the_api_and_changes_nothing_there(people):
    assert people["analyst"].get("/v1/ledgers").json() == []
    assert people["analyst"].post("/v1/cases", json={}, headers={"Idempotency-Key": "k"}).status_code == 401


def test_a_password_that_somebody_else_set_is_changed_first(app):
    accounts = app.state.service.accounts
    user = User(user_id="", login="newcomer", display_name="New", roles=("analyst",))
    add_user(accounts, user, password=WORDS, by="tests", is_temporary=True)
    browser = TestClient(app, headers={"accept": "text/html"})
    assert send(browser, "/sign-in", {"login": "newcomer", "password": WORDS}).headers["location"] == "/password"
    assert browser.get("/", follow_redirects=False).headers["location"] == "/password"
    assert browser.get("/customers", follow_redirects=False).status_code == 403
    short = send(browser, "/password", {"old": WORDS, "new": "short"})
    assert short.status_code == 422
    assert send(browser, "/password", {"old": WORDS, "new": WORDS + " now"}).headers["location"] == "/?done=password"
    assert "password was changed" in read_text(browser.get("/?done=password"))


def test_what_a_menu_shows_is_what_the_role_may_see(people):
    for role in shipped().access.roles:
        page = people[role.name].get("/").text
        for items in MENU.values():
            for item in items:
                assert (f'href="{item.path}"' in page) == (item.permission in role.permissions), (role.name, item)


def test_light_and_dark_are_kept(people):
    browser = people["auditor"]
    assert 'data-theme="auto"' in browser.get("/style").text
    send(browser, "/theme", {"theme": "dark", "next": "/style"})
    assert 'data-theme="dark"' in browser.get("/style").text


def test_an_unknown_page_says_so_in_html_and_to_programs_in_json(people):
    missing = people["analyst"].get("/nowhere")
    assert missing.status_code == 404
    assert "There is no such page" in read_text(missing)
    assert people["analyst"].get("/v1/nowhere").headers["content-type"] == "application/problem+json"


def test_a_fault_is_told_in_html_and_says_nothing_of_its_cause(app, people, monkeypatch):
    monkeypatch.setattr("api.pages.home.read_cards", None)
    failed = people["analyst"].get("/")
    assert failed.status_code == 500
    assert "What went wrong stands in the service's log" in read_text(failed)
    assert "NoneType" not in failed.text
    assert failed.headers["x-request-id"]
    assert app.state.service


def test_static_files_may_be_kept_for_ever_and_are_found_by_their_hash_alone(stranger):
    page = stranger.get("/sign-in").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    style = stranger.get(address)
    assert style.status_code == 200
    assert "immutable" in style.headers["cache-control"]
    assert stranger.get("/static/0/arrisk.css").status_code == 404
    assert stranger.get("/static/0/..%2f..%2fmain.py").status_code == 404


def test_every_page_runs_nothing_that_is_not_its_own(people):
    page = people["finance"].get("/style")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    for forbidden in ("style=", "onclick", "javascript:", "http://", "https://"):
        assert forbidden not in page.text.replace("http://www.w3.org", ""), forbidden


def test_a_user_who_is_shut_out_sees_no_page_any_more(app):
    browser = visit(app, "gone", "analyst")
    assert enter(app, "gone").get("/").status_code == 200
    operator = visit(app, "op2", "operator")
    token = operator.cookies["arrisk_session"]
    api = TestClient(app, headers={"Authorization": f"Bearer {token}"})
    seen = api.get("/v1/users/gone").headers["etag"]
    changed = api.patch("/v1/users/gone", json={"is_active": False}, headers={"If-Match": seen, "Idempotency-Key": "1"})
    assert changed.status_code == 200, changed.text
    assert browser.get("/", follow_redirects=False).headers["location"] == "/sign-in"
