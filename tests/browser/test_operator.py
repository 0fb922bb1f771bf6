"""Who runs the service, in a browser: a file and its job, users and their way in and out."""

import re

import pytest
from playwright.sync_api import expect

from tests.api.test_jobs import EXPORT
from tests.browser.access import check_axe
from tests.browser.staff import fill_in, sign_in_as
from tests.databases import KINDS
from tests.people import WORDS

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("firm", KINDS, indirect=True)]


@pytest.fixture
def address(firm):
    return firm


@pytest.fixture
def operator(page):
    sign_in_as(page, "operator")
    return page


def send_file(page, name, text):
    page.goto("/uploads")
    page.get_by_label("An export of your open items").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Upload").click()


def add_user(page, login, role):
    page.goto("/users")
    page.get_by_text("Add a user").click()
    page.get_by_role("textbox", name="Login").fill(login)
    page.get_by_label(role, exact=True).check()
    page.get_by_label("First password").fill(WORDS)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("status").first).to_contain_text("The user was added.")


def test_a_file_is_looked_at_before_it_is_added_and_its_job_can_be_stopped(operator):
    send_file(operator, "items.csv", EXPORT)
    expect(operator.get_by_role("heading", level=1)).to_have_text("items.csv")
    operator.get_by_label("Days are written").select_option("as said")
    operator.get_by_role("button", name="Show what it gives").click()
    expect(operator.get_by_role("region", name="invoices")).to_contain_text("100.50")
    expect(operator.get_by_role("region", name="Of these rows it could not be read")).to_contain_text("31/31/24")
    check_axe(operator)
    operator.get_by_role("button", name="Add to the book").click()
    expect(operator.get_by_text("It waits for a worker.")).to_be_visible()
    check_axe(operator)
    operator.get_by_role("button", name="Stop it").click()
    expect(operator.get_by_role("status").first).to_contain_text("It will stop")
    expect(operator.get_by_text("cancelled", exact=True)).to_be_visible()
    operator.goto("/jobs")
    expect(operator.get_by_role("row", name="add a file")).to_contain_text("cancelled")
    check_axe(operator)


def test_a_file_that_is_none_of_these_is_refused_with_what_to_try(operator):
    send_file(operator, "picture.png", "not rows")
    expect(operator.get_by_role("alert")).to_contain_text("Try:")
    check_axe(operator)


def test_a_new_user_chooses_a_password_works_and_is_shut_out(operator, open_page):
    add_user(operator, "newcomer", "collector")
    newcomer = open_page()
    newcomer.goto("/sign-in")
    fill_in(newcomer, "newcomer", WORDS)
    expect(newcomer.get_by_role("heading", level=1)).to_have_text("Change your password")
    newcomer.get_by_label("Password so far").fill(WORDS)
    newcomer.get_by_label("New password").fill("other words of my own")
    newcomer.get_by_role("button", name="Change it").click()
    newcomer.get_by_role("navigation").get_by_role("link", name="Worklist").click()
    expect(newcomer.get_by_role("heading", level=1)).to_have_text("Worklist")
    operator.get_by_role("button", name="Shut out").click()
    expect(operator.get_by_role("heading", level=1)).to_contain_text("shut out")
    newcomer.reload()
    expect(newcomer).to_have_url(re.compile("/sign-in"))


def test_nobody_is_erased_by_one_click(operator):
    add_user(operator, "leaver", "auditor")
    operator.get_by_role("button", name="Erase").click()
    expect(operator.get_by_role("heading", level=1)).to_contain_text("may sign in")
    operator.get_by_label("It cannot be taken back").check()
    operator.get_by_role("button", name="Erase").click()
    expect(operator.get_by_role("row", name="leaver")).to_contain_text("erased")


def test_who_runs_the_service_sees_no_customer(operator):
    operator.goto("/")
    expect(operator.get_by_role("link", name="Customers")).to_have_count(0)
    operator.goto("/customers/C01")
    expect(operator.get_by_role("alert")).to_have_count(1)
    expect(operator.get_by_role("main")).not_to_contain_text("Firm 1")
