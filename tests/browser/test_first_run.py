"""The first hour with an empty service, in a browser: from a file of one's own to the first worklist."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread

import pytest
from playwright.sync_api import expect

from api.main import create_app
from arrisk.config import Settings
from arrisk.policy import load_policy
from arrisk.uses.work import Worker
from tests.browser.access import check_axe
from tests.browser.staff import AUTHORITIES, sign_in_as
from tests.databases import KINDS, open_new
from tests.people import make_user
from tools.serving import serve

pytestmark = pytest.mark.slow

MINUTES = 4


def write_export(tables):
    """Write the ledger as somebody's own system would: other names, days and amounts than ours."""
    paid = {row["invoice_id"]: row["applied_on"] for row in tables["allocations"]}
    names = {row["customer_id"]: row["name"] for row in tables["customers"]}
    lines = ["Document;Debtor;Debtor name;Posted;Due date;Amount;Cleared"]
    for row in tables["invoices"]:
        days = (row["issued_on"], row["due_on"], paid.get(row["invoice_id"], ""))
        issued, due, cleared = (".".join(reversed(day.split("-"))) for day in days)
        amount = row["amount"].replace(".", ",")
        lines.append(
            ";".join([row["invoice_id"], row["customer_id"], names[row["customer_id"]], issued, due, amount, cleared])
        )
    return "\n".join(lines) + "\n"


@contextmanager
def work_beside(database, home) -> Iterator[None]:
    worker = Worker(database, home, load_policy(), lambda: datetime.now(UTC))
    thread = Thread(target=worker.run)
    thread.start()
    yield
    worker.stop.set()
    thread.join()


@pytest.fixture(params=KINDS)
def address(request, tmp_path):
    database = open_new(request.param, tmp_path)
    make_user(database, "everything", *AUTHORITIES, authority="credit manager")
    settings = Settings(home=tmp_path / "home")
    with serve(create_app(database=database, settings=settings)) as here, work_beside(database, settings.home):
        yield here


def wait_for_job(page):
    """Wait until the page says by itself that its job is done."""
    over = page.get_by_text(re.compile("^(done|failed)$"))
    expect(over).to_be_visible(timeout=60_000 * MINUTES)
    expect(over).to_have_text("done")


def test_from_a_file_of_ones_own_to_the_first_worklist(page, tables):
    sign_in_as(page, "everything")
    expect(page.get_by_role("heading", name="Nothing is here yet")).to_be_visible()
    check_axe(page)
    page.get_by_role("link", name="Upload your open-items export").click()
    export = {"name": "debtors.csv", "mimeType": "text/csv", "buffer": write_export(tables).encode()}
    page.get_by_label("An export of your open items").set_input_files(export)
    page.get_by_role("button", name="Upload").click()
    for label, column in {
        "customer id": "Debtor",
        "issued on": "Posted",
        "settled on": "Cleared",
        "name": "Debtor name",
    }.items():
        page.get_by_label(label, exact=True).first.select_option(column)
    expect(page.get_by_label("Days are written")).to_have_value("%d.%m.%Y")
    expect(page.get_by_label("Amounts are written")).to_have_value(",")
    check_axe(page)
    page.get_by_role("button", name="Show what it gives").click()
    expect(page.get_by_role("heading", name="What its first rows give")).to_be_visible()
    page.get_by_role("button", name="Add to the book").click()
    wait_for_job(page)
    page.get_by_role("link", name="Train the models").last.click()
    page.get_by_role("button", name="Train the models").click()
    wait_for_job(page)
    page.get_by_role("link", name="Compute the day").last.click()
    page.get_by_role("button", name="Compute the day").click()
    wait_for_job(page)
    page.get_by_role("link", name="The worklist").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Worklist")
    expect(page.locator("tbody[data-item]").first).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("navigation", name=re.compile("The way to"))).to_have_count(0)
