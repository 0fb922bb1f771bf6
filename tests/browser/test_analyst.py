"""A credit analyst's day: find a customer, open a case, have it decided by somebody else, and write to the customer."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.access import check_axe, check_keyboard
from tests.browser.staff import sign_in_as
from tests.databases import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("firm", KINDS, indirect=True)]


@pytest.fixture
def address(firm):
    return firm


@pytest.fixture
def analyst(page):
    sign_in_as(page, "analyst")
    return page


@pytest.fixture
def manager(open_page):
    page = open_page()
    sign_in_as(page, "credit_manager")
    return page


def open_case(page, customer_id, limit):
    page.goto("/cases/new")
    page.get_by_label("Customer's id").fill(customer_id)
    page.get_by_label("Limit that is asked for").fill(limit)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("status").first).to_contain_text("The case was opened")
    return page.url.split("?")[0]


def do(page, what, **fields):
    """Unfold what may be done, fill in its form, and send it."""
    form = page.locator("details", has=page.locator("summary", has_text=what))
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    for name, value in fields.items():
        form.locator(f"[name={name}]").fill(value)
    form.get_by_role("button", name=what).click()


def test_a_case_goes_from_request_to_acceptance(analyst, manager):
    case = open_case(analyst, "C02", "2500")
    check_axe(analyst)
    check_keyboard(analyst)
    expect(analyst.get_by_text("You opened this case; somebody else decides on it.")).to_be_visible()
    expect(analyst.get_by_role("button", name="Approve a limit")).to_have_count(0)
    manager.goto("/")
    manager.get_by_role("link", name="Firm 2").click()
    assert manager.url == case
    expect(manager.locator("[name=limit]")).to_have_value("2500.00")
    do(manager, "Approve a limit")
    expect(manager.get_by_role("status").first).to_have_text("Your approval was recorded.")
    analyst.reload()
    do(analyst, "The customer accepts", note="by telephone")
    expect(analyst.get_by_text("The case is closed.")).to_be_visible()
    check_axe(analyst)


def test_another_limit_wants_a_reason_and_keeps_what_was_typed(analyst, manager):
    case = open_case(analyst, "C05", "3000")
    manager.goto(case)
    do(manager, "Approve a limit", limit="17", note="asked by the board")
    expect(manager.get_by_role("alert")).to_contain_text("override")
    expect(manager.locator("[name=limit]")).to_have_value("17")
    expect(manager.get_by_label("Note").first).to_have_value("asked by the board")
    check_axe(manager)


def test_a_refusal_is_explained_to_the_customer(analyst, manager):
    case = open_case(analyst, "C01", "5000")
    manager.goto(case)
    do(manager, "Decline", note="does not pay")
    expect(manager.get_by_role("status").first).to_have_text("The case was declined.")
    analyst.reload()
    do(analyst, "Write the letter to the customer")
    expect(analyst.get_by_role("status").first).to_contain_text("The letter was written")
    check_axe(analyst)
    analyst.get_by_role("link", name="The letter (page)").click()
    expect(analyst.get_by_text("We have decided not to give the credit limit of 5,000.00 EUR")).to_be_visible()


def test_nobody_decides_on_a_case_that_changed_under_his_eyes(analyst, manager):
    case = open_case(analyst, "C06", "1000")
    manager.goto(case)
    do(analyst, "Take down anew what is known")
    do(manager, "Decline", note="too late")
    expect(manager.get_by_role("alert")).to_contain_text(re.compile("changed|meanwhile|version", re.IGNORECASE))
    expect(manager.locator("details", has_text="Decline").locator("[name=note]").last).to_have_value("too late")


def test_a_form_sent_twice_is_done_once(analyst):
    analyst.goto("/cases/new")
    analyst.get_by_label("Customer's id").fill("C08")
    analyst.get_by_role("button", name="Open").dblclick()
    expect(analyst.get_by_role("status").first).to_contain_text("The case was opened")
    analyst.goto("/cases")
    expect(analyst.get_by_role("link", name="Firm 8")).to_have_count(1)


def test_the_memo_is_there_on_paper_and_as_a_page(analyst):
    open_case(analyst, "C03", "1000")
    with analyst.expect_download() as got:
        analyst.get_by_role("link", name="Credit memo (PDF)").click()
    assert got.value.path().read_bytes().startswith(b"%PDF")
    analyst.get_by_role("link", name="Credit memo (page)").click()
    expect(analyst.get_by_role("heading", level=1)).to_contain_text("Firm 3")
