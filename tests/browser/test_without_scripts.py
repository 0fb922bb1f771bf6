"""The main thing that each role does, in a browser that runs no script."""

import pytest
from playwright.sync_api import expect

from tests.browser.staff import sign_in_as
from tests.people import WORDS

pytestmark = pytest.mark.slow

MAIN = {
    "analyst": ("/cases/new", {"customer_id": "C02", "requested_limit": "2500"}, "Open", "The case was opened"),
    "finance": (
        "/closes",
        {"period_end": "2024-08-31", "entity": "north", "opening": "0", "since": "2024-07-31"},
        "Draft it now",
        "draft",
    ),
    "operator": ("/users", {"login": "newcomer", "password": WORDS}, "Add", "The user was added."),
}
"""By role: the page, what is filled in, the button, and what is said then."""


@pytest.fixture
def address(firm):
    return firm


def unfold(page):
    """Unfold all that is folded; without scripts one clicks."""
    for details in page.locator("main details:not([open])").all():
        if details.locator("summary").first.is_visible():
            details.locator("summary").first.click()


@pytest.mark.parametrize("role", MAIN)
def test_the_main_form_of_a_role_is_sent(open_page, role):
    path, fields, button, said = MAIN[role]
    page = open_page("no_script")
    sign_in_as(page, role)
    page.goto(path)
    unfold(page)
    for name, value in fields.items():
        page.locator(f"main [name='{name}']:visible").first.fill(value)
    if role == "operator":
        page.get_by_label("collector", exact=True).check()
    page.locator("main").get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("status").first).to_contain_text(said)


def test_what_an_analyst_asks_for_is_approved_by_the_manager(open_page):
    analyst, manager = open_page("no_script"), open_page("no_script")
    sign_in_as(analyst, "analyst")
    analyst.goto("/cases/new?customer_id=C05")
    analyst.get_by_label("Limit that is asked for").fill("3000")
    analyst.get_by_role("button", name="Open", exact=True).click()
    sign_in_as(manager, "credit_manager")
    manager.goto(analyst.url)
    manager.locator("summary", has_text="Approve a limit").click()
    manager.get_by_role("button", name="Approve a limit").click()
    expect(manager.get_by_role("status").first).to_have_text("Your approval was recorded.")


def test_a_validator_is_told_why_a_report_proves_nothing(open_page):
    page = open_page("no_script")
    sign_in_as(page, "validator")
    page.goto("/models")
    page.get_by_role("link", name="Card of version 2").click()
    page.get_by_label("Report of the backtest").set_input_files(
        {"name": "report.json", "mimeType": "application/json", "buffer": b"{}"}
    )
    page.get_by_label("Reason").fill("the yearly validation")
    page.get_by_role("button", name="Let it score").click()
    expect(page.get_by_role("alert")).to_have_count(1)


def test_an_auditor_finds_who_did_it(open_page):
    page = open_page("no_script")
    sign_in_as(page, "auditor")
    page.goto("/audit")
    page.get_by_label("By").fill("tests")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("table").locator("tbody tr").first).to_contain_text("tests")
