"""Validators and auditors in a browser: what the models are like, who let them score, and what people did."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.access import check_axe
from tests.browser.staff import sign_in_as
from tests.databases import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("firm", KINDS, indirect=True)]


@pytest.fixture
def address(firm):
    return firm


@pytest.fixture
def validator(page):
    sign_in_as(page, "validator")
    return page


def test_monitoring_leads_to_the_card_of_what_it_watches(validator):
    validator.goto("/monitoring")
    expect(validator.get_by_text(re.compile("Somebody has to look|All quiet"))).to_be_visible()
    validator.get_by_role("link", name="payment-curve/alder/1").click()
    expect(validator.get_by_role("heading", level=1)).to_contain_text("version 1 scores")
    with validator.expect_download() as got:
        validator.get_by_role("link", name="card.json").click()
    assert got.value.path().stat().st_size > 0


def test_a_report_that_proves_nothing_lets_no_model_score(validator):
    validator.goto("/models")
    validator.get_by_role("link", name="Card of version 2").click()
    validator.get_by_label("Report of the backtest").set_input_files(
        {"name": "report.json", "mimeType": "application/json", "buffer": b"{}"}
    )
    validator.get_by_label("Reason").fill("the yearly validation")
    validator.get_by_role("button", name="Let it score").click()
    expect(validator.get_by_role("alert")).to_have_count(1)
    expect(validator.get_by_label("Reason")).to_have_value("the yearly validation")
    expect(validator.get_by_role("heading", level=1)).to_contain_text("waits for a validator")
    check_axe(validator)


def test_what_people_did_is_found_and_proved(open_page):
    auditor, operator = open_page(), open_page()
    sign_in_as(operator, "operator")
    operator.goto("/users/analyst")
    operator.get_by_label("auditor", exact=True).check()
    operator.get_by_role("button", name="Change").click()
    sign_in_as(auditor, "auditor")
    auditor.goto("/audit")
    auditor.get_by_label("By").fill("operator")
    auditor.get_by_role("button", name="Show").click()
    rows = auditor.get_by_role("table").locator("tbody tr")
    expect(rows).to_have_count(1)
    rows.first.locator("summary").click()
    expect(rows.first).to_contain_text('["analyst", "auditor"]')
    check_axe(auditor)
    auditor.get_by_role("link", name="Check all records").click()
    expect(auditor.get_by_text("Every record is as it was written.")).to_be_visible()
    check_axe(auditor)
