"""Signing in and out, and what every page offers, in a browser: with and without scripts, by keyboard, on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.access import check_axe, check_keyboard, check_width
from tests.browser.staff import AUTHORITIES, fill_in, sign_in_as
from tests.people import WORDS
from tools.browser import LOOKS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("look", LOOKS)
def test_a_stranger_signs_in_however_he_looks_at_it(open_page, look):
    page = open_page(look)
    page.goto("/terms")
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Fterms$"))
    if look != "no_script":
        check_axe(page)
    check_width(page)
    fill_in(page, "analyst", WORDS)
    expect(page.get_by_role("heading", level=1)).to_have_text("What the terms mean")


@pytest.mark.parametrize("look", ["light", "no_script"])
def test_a_wrong_password_is_said_and_the_login_stays(open_page, look):
    page = open_page(look)
    page.goto("/sign-in")
    fill_in(page, "analyst", "not these words")
    expect(page.get_by_role("alert")).to_contain_text("Login or password are wrong")
    expect(page.get_by_label("Login")).to_have_value("analyst")
    expect(page.get_by_label("Password")).to_have_value("")
    if look == "light":
        check_axe(page)
    fill_in(page, "analyst", WORDS)
    expect(page.get_by_role("heading", level=1)).to_have_text("Good day, Analyst")


def test_one_signs_in_and_out_by_keyboard_alone(page):
    page.goto("/sign-in")
    expect(page.get_by_label("Login")).to_be_focused()
    page.keyboard.type("finance")
    page.keyboard.press("Tab")
    page.keyboard.type(WORDS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Good day, Finance")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.locator("summary", has_text="Finance").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_have_text("You have signed out.")
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in"))


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
@pytest.mark.parametrize("role", AUTHORITIES)
def test_the_home_of_each_role_can_be_used_by_everybody(open_page, role, look):
    page = open_page(look)
    sign_in_as(page, role)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good day")
    check_axe(page)
    check_width(page)
    check_keyboard(page)


@pytest.mark.parametrize("look", ["light", "no_script"])
def test_a_customer_is_found_from_anywhere(open_page, look):
    page = open_page(look)
    sign_in_as(page, "analyst")
    page.goto("/terms")
    if look == "light":
        page.keyboard.press("/")
        expect(page.get_by_label("Find a customer")).to_be_focused()
    page.get_by_label("Find a customer").fill("firm 11")
    page.get_by_label("Find a customer").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("C11")
    expect(page.get_by_role("main")).not_to_contain_text("C01")


def test_light_and_dark_are_chosen_and_kept(page):
    sign_in_as(page, "analyst")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.locator("summary", has_text="Analyst").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/terms")
    assert page.evaluate(paper) != light
    check_axe(page)


def test_a_page_that_there_is_not_says_so(page):
    sign_in_as(page, "analyst")
    page.goto("/nowhere")
    expect(page.get_by_role("alert")).to_contain_text("There is no such page")
    check_axe(page)
