"""Every page that a link leads to: nothing is missing, and everybody can use it."""

import pytest
from playwright.sync_api import expect

from tests.browser.access import check_axe, check_keyboard, check_width
from tests.browser.crawling import crawl
from tests.browser.staff import AUTHORITIES, sign_in_as

pytestmark = pytest.mark.slow


def check_page(page):
    assert page.get_by_role("heading", level=1).count() == 1, "not one heading of level 1"
    assert page.title().endswith(" · arrisk"), f"its title is {page.title()!r}"
    assert page.get_by_role("alert").count() == 0, page.get_by_role("alert").first.inner_text()


def check_closely(page):
    check_page(page)
    check_axe(page)
    check_keyboard(page)
    page.emulate_media(color_scheme="dark")
    check_axe(page, rules=["color-contrast"])
    page.set_viewport_size({"width": 390, "height": 844})
    check_width(page)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("role", AUTHORITIES)
def test_no_link_that_a_role_sees_leads_nowhere(page, role):
    sign_in_as(page, role)
    found = crawl(page, check_page)
    assert not found.faults, "\n".join(found.faults)


def test_every_page_can_be_used_by_everybody(page):
    sign_in_as(page, "everything")
    found = crawl(page, check_closely)
    assert not found.faults, "\n".join(found.faults)


def test_every_page_is_there_without_scripts(open_page):
    page = open_page("no_script")
    sign_in_as(page, "everything")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    found = crawl(page, check_page)
    assert not found.faults, "\n".join(found.faults)
