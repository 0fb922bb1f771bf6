"""Finance at the month end in a browser: the ageing down to the invoice, the allowance, write-offs, closes."""

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
def finance(page):
    sign_in_as(page, "finance")
    return page


@pytest.fixture
def second(open_page):
    page = open_page()
    sign_in_as(page, "finance2")
    return page


def read_tile(page, label):
    return page.locator(".tile", has=page.get_by_text(label, exact=True)).locator(".value").inner_text()


def read_amount(text):
    return float(text.split()[0].replace(",", "").replace("−", "-"))


def test_the_ageing_leads_to_the_invoices_that_it_is_the_sum_of(finance):
    finance.goto("/")
    finance.get_by_role("link", name="Ageing").click()
    row = finance.get_by_role("row", name=">90").first
    amount = row.get_by_role("cell").first.inner_text()
    row.get_by_role("link").click()
    table = finance.get_by_role("table", name="Open invoices and credit notes")
    open_amounts = table.locator("tbody tr td:nth-of-type(7)").all_inner_texts()
    assert round(sum(map(read_amount, open_amounts)), 2) == read_amount(amount) > 0


def test_another_day_is_swapped_in_and_the_back_button_leads_back(finance):
    finance.goto("/ageing")
    before = read_tile(finance, "Open")
    finance.get_by_label("By the evening of").fill("2023-12-31")
    finance.get_by_role("button", name="Show").click()
    expect(finance.get_by_role("table", name="Open on 31 Dec 2023")).to_be_visible()
    assert read_tile(finance, "Open") != before
    finance.go_back()
    expect(finance.get_by_role("table", name="Open on 31 Dec 2023")).to_have_count(0)
    assert read_tile(finance, "Open") == before


@pytest.mark.parametrize(("level", "ending"), [("customers", "CSV"), ("items", "XLSX")])
def test_rows_are_downloaded_with_the_name_of_what_they_are(finance, level, ending):
    finance.goto("/ageing")
    with finance.expect_download() as got:
        finance.get_by_role("link", name=f"{level} as {ending}").click()
    assert got.value.suggested_filename.endswith(f".{ending.lower()}")
    assert got.value.path().stat().st_size > 100


def test_the_forecast_of_a_past_day_stands_beside_what_came(finance):
    finance.goto("/forecast")
    finance.get_by_label("From the morning of").fill("2024-08-01")
    finance.get_by_label("Weeks").fill("3")
    finance.get_by_role("button", name="Show").click()
    table = finance.get_by_role("table", name="Receipts by week from 1 Aug 2024")
    received = table.locator("tbody tr td:last-of-type").all_inner_texts()
    assert len(received) == 3
    assert read_amount(received[0]) > 0


def test_an_economy_that_turns_is_tried_with_a_slider(finance):
    finance.goto("/allowance/scenarios?method=matrix")
    states = finance.get_by_role("table", name="Allowance by state of the economy")
    expect(states).to_be_visible()
    before = read_tile(finance, "As supposed")
    finance.get_by_label("State, standard deviations").last.focus()
    finance.keyboard.press("Home")
    expect(states.get_by_role("row", name="bad")).to_contain_text("−3.0")
    assert read_tile(finance, "As supposed") != before
    check_axe(finance)


def test_methods_stand_side_by_side(finance):
    finance.goto("/allowance")
    methods = finance.get_by_role("table", name="Allowance by method")
    expect(methods.locator("tbody tr")).to_have_count(3)
    total = methods.locator("tr.total td").nth(4).inner_text()
    assert read_amount(total) == read_amount(read_tile(finance, "Allowance")) > 0
    check_axe(finance)


def propose(finance, note):
    finance.goto("/write-offs?show=candidates")
    tick = finance.get_by_role("table", name="Open invoices that ought to be written off").get_by_role("checkbox").first
    invoice = tick.get_attribute("value")
    tick.check()
    finance.get_by_label("Note").fill(note)
    finance.get_by_role("button", name="Propose what is ticked").click()
    expect(finance.get_by_role("status").first).not_to_be_empty()
    return invoice


def test_a_write_off_is_proposed_by_one_and_approved_by_another(finance, second):
    invoice = propose(finance, "the bailiff found nothing")
    check_axe(finance)
    second.goto("/write-offs?show=proposed")
    second.get_by_role("checkbox", name=invoice).check()
    second.get_by_role("button", name="Approve what is ticked").click()
    expect(second.get_by_role("status").first).not_to_be_empty()
    second.goto("/write-offs?show=bookings")
    expect(second.get_by_role("table", name="Approved, and not booked yet")).to_contain_text(invoice)
    check_axe(second)


def test_nobody_approves_his_own_write_off(finance):
    invoice = propose(finance, "gone")
    finance.goto("/write-offs?show=proposed")
    row = finance.get_by_role("row", name=invoice).first
    expect(row).to_contain_text("somebody else approves")
    expect(finance.get_by_role("button", name="Approve what is ticked")).to_have_count(0)


def draft(finance, company):
    finance.goto("/closes")
    form = finance.locator("details#draft")
    if form.get_attribute("open") is None:
        form.locator("summary").first.click()
    finance.get_by_label("Last day of the period").fill("2024-08-31")
    finance.get_by_label("Selling company").fill(company)
    finance.get_by_label("Method").select_option("matrix")
    finance.get_by_text("What the ledger does not know").click()
    finance.get_by_label("Allowance before").fill("0")
    finance.get_by_label("The period begins after").fill("2024-07-31")
    finance.get_by_role("button", name="Draft it now").click()


def test_a_close_goes_from_draft_to_journal_by_two_people(finance, second):
    draft(finance, "north")
    expect(finance.get_by_role("button", name="Review it")).to_be_disabled()
    check_axe(finance)
    check_keyboard(finance)
    second.goto("/closes")
    second.get_by_role("link", name="31 Aug 2024").click()
    second.get_by_role("button", name="Review it: it is right").click()
    expect(second.get_by_role("button", name="Post it")).to_be_visible()
    finance.reload()
    finance.get_by_role("button", name="Post it").click()
    expect(finance.get_by_role("heading", level=1)).to_contain_text("posted")
    for table in ("Movement of the allowance", "Movement of the receivables"):
        lines = finance.get_by_role("table", name=table).locator("td.number").all_inner_texts()
        *steps, closing = map(read_amount, lines)
        assert round(sum(steps), 2) == closing
    total = finance.get_by_role("table", name="Journal entries").locator("tr.total")
    debit, credit = (total.locator("td.number").nth(place).inner_text() for place in (0, 1))
    assert debit == credit


def test_what_is_wrong_with_a_draft_is_said_and_what_was_typed_stays(finance):
    draft(finance, "nowhere")
    expect(finance.get_by_role("alert")).to_have_count(1)
    expect(finance.get_by_label("Selling company")).to_have_value("nowhere")
    check_axe(finance)
