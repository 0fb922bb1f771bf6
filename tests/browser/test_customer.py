"""One customer in a browser: found, looked at as of today and of a past day, and tried with other facts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.access import check_axe
from tests.browser.staff import sign_in_as

pytestmark = pytest.mark.slow


@pytest.fixture
def analyst(page):
    sign_in_as(page, "analyst")
    return page


def read_tile(page, label):
    return page.locator(".tile", has=page.get_by_text(label, exact=True)).locator(".value").inner_text()


def test_a_customer_is_found_and_a_case_on_it_begins_with_its_id(analyst):
    analyst.keyboard.press("/")
    analyst.keyboard.type("firm 4")
    analyst.keyboard.press("Enter")
    analyst.get_by_role("link", name="C04").click()
    expect(analyst.get_by_role("heading", level=1)).to_have_text("Firm 4 C04")
    analyst.get_by_role("link", name="Open a case").click()
    expect(analyst.get_by_label("Customer's id")).to_have_value("C04")


def test_a_past_day_knows_nothing_that_came_later(analyst):
    analyst.goto("/customers/C02")
    today = read_tile(analyst, "Open")
    analyst.get_by_label("As it was known before").fill("2023-09-01")
    analyst.get_by_role("button", name="Show").click()
    expect(analyst.get_by_text("nothing that came later is in it")).to_be_visible()
    assert read_tile(analyst, "Open") != today
    check_axe(analyst)
    analyst.get_by_role("link", name="Today").click()
    assert read_tile(analyst, "Open") == today


def test_what_if_answers_while_one_types_and_leaves_the_cursor_where_it_was(analyst):
    analyst.goto("/customers/C02/what-if")
    terms = analyst.get_by_role("row", name="Would be proposed").get_by_role("cell").last
    before = terms.inner_text()
    field = analyst.get_by_label("Limit that is asked for")
    field.focus()
    analyst.keyboard.type("120")
    expect(terms).to_have_text("120.00 EUR")
    assert before != "120.00 EUR"
    expect(field).to_be_focused()
    expect(field).to_have_value("120")
    check_axe(analyst)


def test_typing_with_pauses_is_one_step_back(analyst):
    analyst.goto("/customers")
    search = analyst.locator("form[data-live] input[type=search]")
    search.focus()
    for part in ("fi", "rm", " 4"):
        analyst.keyboard.type(part)
        expect(analyst).to_have_url(re.compile(search.input_value().replace(" ", r"\+") + "$"))
    analyst.go_back()
    expect(analyst).to_have_url(re.compile("/customers$"))
    expect(analyst.get_by_role("link", name="C01")).to_be_visible()


def test_what_if_answers_without_scripts_and_says_once_what_is_wrong(open_page):
    page = open_page("no_script")
    sign_in_as(page, "analyst")
    page.goto("/customers/C02/what-if")
    page.get_by_label("Limit that is asked for").fill("120")
    page.get_by_role("button", name="Try").click()
    expect(page.get_by_role("row", name="Would be proposed")).to_contain_text("120.00 EUR")
    page.get_by_label("Limit that is asked for").fill("a lot")
    page.get_by_role("button", name="Try").click()
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_label("Limit that is asked for")).to_have_value("a lot")


def test_who_may_not_see_scores_sees_the_customer_without(open_page):
    page = open_page()
    sign_in_as(page, "collector")
    page.goto("/customers/C02")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Firm 2")
    expect(page.get_by_role("link", name="Open a case")).to_have_count(0)
    check_axe(page)
