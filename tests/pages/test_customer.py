"""One customer on its page: the figures of the API to the cent, as of any day, for who may see them."""

import re

import pytest

from tests.api.kept import NAME, kept, losing
from tests.api.offices import LEDGER, ROLES, office
from tests.pages.test_ledger import cells_of, written
from tests.pages.visitors import enter, read_text
from tests.people import make_user

__all__ = ["kept", "losing", "office"]


@pytest.fixture(scope="module")
def desks(office):
    for login in ("ana", "cleo", "oli", "noel"):
        role, authority, entities = ROLES[login]
        make_user(office.database, login, role, authority=authority, entities=entities)
    return {login: enter(office.app, login) for login in ("ana", "cleo", "oli", "noel")}


def test_a_customer_shows_what_the_api_knows_of_it(desks):
    page = desks["ana"].get("/customers/A")
    assert page.status_code == 200, read_text(page)
    known = desks["ana"].get("/v1/customers/A").json()
    items = desks["ana"].get("/v1/customers/A/items").json()["items"]
    text = read_text(page)
    assert f"{written(known['open_amount'])} USD" in text
    assert "Alder & Söhne" in text
    assert [row[6] for row in cells_of(page, "Open items")] == [f"{written(one['open_amount'])} USD" for one in items]
    assert f"{written(known['score']['recommended_limit'])} USD" in text
    assert "Birch Ltd" in text, "its group"


def test_how_it_paid_is_drawn_and_told(desks):
    page, history = desks["ana"].get("/customers/A"), desks["ana"].get("/v1/customers/A/history").json()
    assert history["count"] == len(history["invoices"]) == 13
    rows = cells_of(page, "Invoices that are due")
    assert [row[0] for row in rows] == [one["invoice_id"] for one in reversed(history["invoices"])]
    assert rows[0][4] == "open"
    assert rows[-1][2] == "−3", "due on the 28th, paid on the 25th"
    exposure = cells_of(page, "Exposure and limit")
    assert exposure[0][1] == written(history["exposure"][-1]["exposure_amount"])
    assert exposure[0][2] == "1,500.00"


def test_a_past_day_shows_nothing_that_came_later(desks):
    page = desks["ana"].get("/customers/A", params={"as_of": "2023-03-10"})
    assert page.status_code == 200
    assert "As it was known before 10 Mar 2023" in read_text(page)
    assert "AX" not in read_text(page)
    ids = [one["invoice_id"] for one in desks["ana"].get("/v1/customers/A/history?as_of=2023-03-10").json()["invoices"]]
    assert ids == ["A1", "A2"]


def test_ids_with_slashes_and_names_with_signs_are_text(desks):
    assert "Dogwood" in read_text(desks["ana"].get("/customers/D/1"))
    assert "Cedar 100%" in read_text(desks["ana"].get("/customers/C"))
    assert desks["ana"].get("/customers/nobody").status_code == 404
    assert desks["ana"].get("/customers/A", params={"as_of": "soon"}).status_code == 422


def test_who_sees_what(desks):
    assert desks["oli"].get("/customers/A").status_code == 403
    collector = desks["cleo"].get("/customers/A")
    assert "Open a case" not in read_text(collector)
    assert "What was decided" not in read_text(collector)
    assert "Recommended limit" in read_text(collector)
    of_one_company = desks["noel"].get("/customers/A")
    assert "Recommended limit" not in read_text(of_one_company)


@pytest.mark.slow
def test_a_score_is_shown_with_its_reasons_where_there_is_a_model(kept):
    assert kept.people["analyst"]
    browser = enter(kept.app, "analyst")
    customer = browser.get("/v1/customers", params={"ledger": NAME}).json()["items"][0]["customer_id"]
    page = browser.get(f"/customers/{customer}", params={"ledger": NAME})
    assert page.status_code == 200, read_text(page)
    day = re.search(r'value="(2\d+-\d+-\d+)"', page.text)[1]
    score = browser.get(f"/v1/customers/{customer}/score", params={"ledger": NAME, "as_of": day})
    if score.status_code != 200:
        assert score.json()["detail"] in read_text(page)
    else:
        assert score.json()["reasons"][0]["text"] in read_text(page)


@pytest.mark.slow
def test_what_if_moves_the_limit_as_the_api_says(desks):
    page = desks["ana"].get("/customers/A/what-if", params={"requested_limit": "500", "terms_days": "60", "equity": ""})
    assert page.status_code == 200, read_text(page)
    body = {"requested_limit": "500", "terms_days": "60"}
    headers = {"Authorization": f"Bearer {desks['ana'].cookies['arrisk_session']}"}
    found = desks["ana"].post("/v1/customers/A/what-if", json=body, headers=headers).json()
    rows = {row[0].split(" ?")[0]: row[1:] for row in cells_of(page, "As it is")}
    assert rows["Would be proposed"][1] == f"{written(found['proposed_limit'])} USD"
    assert 'value="500"' in page.text
    wrong = desks["ana"].get("/customers/A/what-if", params={"requested_limit": "plenty"})
    assert wrong.status_code == 422
    assert 'value="plenty"' in wrong.text


def test_history_over_http(office, desks):
    assert office.get("", "/customers/A/history").status_code == 401
    assert desks["oli"].get("/v1/customers/A/history").status_code == 403
    assert desks["ana"].get("/v1/customers/nobody/history").status_code == 404
    assert desks["ana"].get("/v1/customers/A/history?limit=0").status_code == 422
    one = desks["ana"].get(f"/v1/customers/A/history?limit=1&ledger={LEDGER}").json()
    assert (one["count"], [row["invoice_id"] for row in one["invoices"]]) == (13, ["AX"])


def test_when_it_will_pay_is_drawn_and_told(kept):
    assert kept.people["analyst"]
    browser, day = enter(kept.app, "analyst"), {"ledger": NAME, "as_of": "2024-09-01"}
    found = browser.get("/v1/customers/C03/payment-curve", params=day).json()
    page = browser.get("/customers/C03/payment-curve", params=day)
    assert page.status_code == 200, read_text(page)
    assert [row[1] for row in cells_of(page, "Expected share")] == [f"{100 * one:.1f} %" for one in found["share_paid"]]
    rows = cells_of(page, "Open invoices")
    assert [row[0] for row in rows] == [one["invoice_id"] for one in found["invoices"]]
    assert [row[3].split()[0] for row in rows] == [written(one["open_amount"]) for one in found["invoices"]]
    assert "As it was known before" in read_text(page)
    assert "<svg" in page.text
