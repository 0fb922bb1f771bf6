"""A collector's morning in a browser, by keyboard alone, on each kind of database: contact, promise, put off."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.access import check_axe, check_keyboard, check_width
from tests.browser.staff import sign_in_as
from tests.databases import EACH_KIND

SOON = (datetime.now(UTC).date() + timedelta(days=5)).isoformat()

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("firm", EACH_KIND, indirect=True)]


@pytest.fixture
def address(firm):
    return firm


@pytest.fixture
def collector(page):
    sign_in_as(page, "collector")
    page.goto("/worklist")
    return page


def list_customers(page):
    return page.locator("tbody[data-item]").evaluate_all("all => all.map(one => one.dataset.item)")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def expect_turn(page, customer_id):
    expect(page.locator(f'tbody[data-item="{customer_id}"]')).to_be_focused()


def expect_notice(page, text):
    expect(page.locator(".notice.good")).to_contain_text(text)


def test_one_goes_up_and_down_the_list_opens_a_file_and_closes_it(collector):
    first, second = list_customers(collector)[:2]
    press(collector, "j")
    expect_turn(collector, first)
    press(collector, "j")
    expect_turn(collector, second)
    press(collector, "k", "Enter")
    item = collector.locator(f'tbody[data-item="{first}"]')
    expect(item.locator(".file")).to_be_visible()
    check_axe(collector)
    press(collector, "Enter")
    expect(item.locator(".file")).to_have_count(0)


def test_a_contact_is_logged_and_the_next_customer_has_its_turn(collector):
    first, second = list_customers(collector)[:2]
    press(collector, "j", "c")
    expect(collector.get_by_label("By", exact=True).first).to_be_focused()
    press(collector, "Tab")
    collector.keyboard.type("reached")
    press(collector, "Tab")
    collector.keyboard.type("asks for a copy")
    press(collector, "Tab")
    expect(collector.get_by_role("button", name="Log it")).to_be_focused()
    press(collector, "Enter")
    expect_notice(collector, "The contact was logged. Next:")
    expect_turn(collector, second)
    press(collector, "k", "Enter")
    file = collector.locator(f'tbody[data-item="{first}"] .file')
    expect(file).to_contain_text("asks for a copy")
    check_axe(collector)


def test_a_promise_takes_a_customer_off_the_list_until_it_is_due(collector):
    first = list_customers(collector)[0]
    press(collector, "j", "p")
    amount = collector.locator("[name=amount]:focus")
    expect(amount).to_be_visible()
    press(collector, "Tab", "Tab")
    collector.locator("[name=due_on]:focus").fill(SOON)
    press(collector, "Enter")
    expect_notice(collector, "The promise was taken down")
    assert first not in list_customers(collector)
    collector.get_by_label("Who").select_option("hidden")
    expect(collector.locator(f'tbody[data-item="{first}"]')).to_contain_text("promised")
    check_axe(collector)


def test_what_is_refused_keeps_what_was_typed_and_the_focus_goes_to_why(collector):
    press(collector, "j", "s")
    collector.locator("[name=until_on]:focus").fill("2099-01-01")
    collector.locator("[name=reason]:visible").first.fill("on holiday")
    press(collector, "Enter")
    expect(collector.get_by_role("alert")).to_have_count(1)
    expect(collector.locator("[data-focus]:focus")).to_be_visible()
    expect(collector.locator("[name=reason]:visible").first).to_have_value("on holiday")
    check_axe(collector)


def test_a_customer_is_put_off_and_a_colleague_who_came_too_late_is_told(collector, open_page):
    late = open_page()
    sign_in_as(late, "everything")
    first = list_customers(collector)[0]
    late.goto(f"/worklist?open={first}")
    press(collector, "j", "a")
    expect(collector.locator(".file [name=collector]")).to_be_focused()
    press(collector, "Tab", "Enter")
    expect_notice(collector, "The customer was given to a collector")
    late.locator("summary[data-key=s]").click()
    late.get_by_label("Until").fill(SOON)
    late.locator("details.act[open] [name=reason]").first.fill("on holiday")
    late.get_by_role("button", name="Put off").click()
    expect(late.get_by_text("Meanwhile, since you opened it:")).to_be_visible()
    late.get_by_role("button", name="Put off").click()
    expect_notice(late, "The customer was put off.")
    assert first not in list_customers(late)


def test_filters_stand_in_the_address_and_a_view_is_kept(collector):
    collector.get_by_label("In order of").select_option("oldest")
    expect(collector).to_have_url(re.compile("sort=oldest"))
    collector.get_by_text("Views you keep").click()
    collector.get_by_label("Keep these filters as").fill("oldest first")
    collector.get_by_role("button", name="Keep", exact=True).click()
    expect_notice(collector, "The view was kept")
    collector.goto("/worklist")
    collector.get_by_role("link", name="oldest first").click()
    expect(collector).to_have_url(re.compile("sort=oldest"))
    check_axe(collector)
    collector.get_by_role("button", name="Drop the view oldest first").click()
    expect(collector.get_by_role("link", name="oldest first")).to_have_count(0)


@pytest.mark.parametrize("look", ["phone", "dark"])
def test_a_file_can_be_used_on_a_phone_and_in_the_dark(open_page, look):
    page = open_page(look)
    sign_in_as(page, "collector")
    page.goto("/worklist")
    page.locator("tbody[data-item] th a").last.click()
    expect(page.locator(".file")).to_be_visible()
    check_axe(page)
    check_width(page)
    check_keyboard(page)


def test_a_contact_is_logged_without_scripts(open_page):
    page = open_page("no_script")
    sign_in_as(page, "collector")
    page.goto("/worklist")
    page.locator("tbody[data-item] th a").last.click()
    page.locator("[name=outcome]").first.select_option(index=1)
    page.get_by_role("button", name="Log it").click()
    expect_notice(page, "The contact was logged.")
