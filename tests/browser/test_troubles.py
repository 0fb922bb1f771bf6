"""What pages look like when something is not as it should be: refused, not found, broken, or still empty."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from api.main import create_app
from api.pages.menu import MENU
from arrisk.config import Settings
from tests.browser.access import check_axe, check_width
from tests.browser.staff import hire, sign_in_as
from tests.browser.test_every_page import check_use
from tests.databases import open_new
from tools.browser import open_window
from tools.serving import serve

pytestmark = pytest.mark.slow

REFUSED = {
    "case": ("/cases/new", {"customer_id": "nobody", "requested_limit": "100"}, "Open"),
    "password": ("/password", {"old": "not these words", "new": "other words to keep"}, "Change it"),
    "order": ("/holds/check", {"customer_id": "C01", "amount": "a lot"}, "Check"),
    "close": ("/closes", {"period_end": "2024-08-31", "entity": "nowhere"}, "Draft it now"),
    "user": ("/users", {"login": "analyst", "password": "other words to keep"}, "Add"),
    "upload": ("/uploads", {}, "Upload"),
    "what-if": ("/customers/C02/what-if", {"requested_limit": "a lot"}, "Try"),
    "job": ("/jobs", {"as_of": "2999-01-01"}, "Train the models"),
}
"""By what is refused: the page, what is filled in, and the button."""


@pytest.fixture
def address(office):
    return office


def fill_in(page, fields):
    """Fill in fields of forms, whatever is folded; a file that nothing can be read from where one is asked for."""
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
    for name, value in fields.items():
        page.locator(f"main [name='{name}']:visible").first.fill(value)
    for file in page.locator("main input[type=file]").all():
        file.set_input_files({"name": "picture.png", "mimeType": "image/png", "buffer": b"not rows"})


@pytest.mark.parametrize(("path", "fields", "button"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_keeps_what_was_typed_and_can_be_read_by_everybody(page, path, fields, button):
    sign_in_as(page, "everything")
    page.goto(path)
    fill_in(page, fields)
    page.locator("main").get_by_role("button", name=button, exact=True).first.click()
    expect(page.get_by_role("alert")).to_have_count(1)
    for name, value in fields.items():
        kept = page.locator(f"main [name='{name}']:visible").first
        expect(kept).to_have_value("" if kept.get_attribute("type") == "password" else value)
    check_use(page)


@pytest.mark.parametrize(("role", "path"), [("operator", "/customers/C01"), ("everything", "/nowhere")])
def test_what_is_not_to_be_seen_or_not_there_says_so(page, role, path):
    sign_in_as(page, role)
    page.goto(path)
    expect(page.get_by_role("alert")).to_have_count(1)
    check_use(page)


def test_a_failed_sign_in_can_be_read_by_everybody(page):
    page.goto("/sign-in")
    page.fill("[name=login]", "nobody")
    page.fill("[name=password]", "not these words")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_count(1)
    check_use(page)


@pytest.fixture
def empty(tmp_path):
    """Give a database with users, and no ledger."""
    database = open_new("sqlite", tmp_path)
    hire(database)
    return database


def test_every_page_of_an_empty_service_can_be_used(empty, tmp_path, browser):
    settings = Settings(home=tmp_path / "home", sign_ins_per_minute=0)
    with serve(create_app(database=empty, settings=settings)) as address, open_window(browser, address) as window:
        page = window.new_page()
        sign_in_as(page, "everything")
        for path in [item.path for items in MENU.values() for item in items]:
            answer = page.goto(path)
            assert answer is not None
            if answer.status != 200:
                assert answer.status == 404, path
                expect(page.get_by_role("alert")).to_contain_text("There is no ledger yet")
            check_use(page)


def test_a_service_that_fails_says_so(empty, tmp_path, browser):
    settings = Settings(home=tmp_path / "home", sign_ins_per_minute=0)
    with serve(create_app(database=empty, settings=settings)) as address, open_window(browser, address) as window:
        page = window.new_page()
        sign_in_as(page, "everything")
        with empty.write() as connection:
            connection.execute(text("DROP TABLE jobs"))
        answer = page.goto("/jobs")
        assert answer.status == 503
        expect(page.get_by_role("alert")).to_have_count(1)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            check_axe(page)
        page.set_viewport_size({"width": 390, "height": 844})
        check_width(page)
