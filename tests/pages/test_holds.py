"""Held orders on pages: why they wait, released as far as one may, and an order checked before it is taken."""

import re

import pytest

from tests.api.offices import ROLES, office
from tests.pages.test_ledger import cells_of, written
from tests.pages.visitors import enter, read_text, send
from tests.people import make_user

__all__ = ["office"]


@pytest.fixture(scope="module")
def desks(office):
    def sit(login):
        role, authority, entities = ROLES[login]
        make_user(office.database, login, role, authority=authority, entities=entities)
        return enter(office.app, login)

    return {login: sit(login) for login in ("ana", "ben", "cleo", "fay")}


def test_held_orders_say_why_and_by_how_much(desks):
    page = desks["ana"].get("/holds")
    assert page.status_code == 200, read_text(page)
    (held,) = desks["ana"].get("/v1/holds?decision=hold").json()["items"]
    (row,) = cells_of(page, "Open orders")
    assert row[:2] == [held["order_id"], held["customer_id"]]
    assert row[3:6] == [f"{written(held[name])} USD" for name in ("amount", "exposure_amount", "limit_amount")]
    for reason in held["reasons"]:
        assert reason["text"] in row[7]
    assert "O1" in read_text(desks["ana"].get("/")), "on the home page"


def test_filters_are_those_of_the_api(desks):
    page = desks["ana"].get("/holds?stage=order&decision=ship")
    assert [row[0] for row in cells_of(page, "Open orders")] == ["O2"]
    assert "There is no such order" in read_text(desks["ana"].get("/holds?decision=not_checked"))
    assert "No order is on hold" in read_text(desks["ana"].get("/holds?customer_id=F"))
    assert [row[0] for row in cells_of(desks["ana"].get("/holds?customer_id=A"), "Open orders")] == ["O1"]
    assert desks["ana"].get("/holds?decision=maybe").status_code == 422
    fragment = desks["ana"].get("/holds", headers={"X-Fragment": "1"}).text
    assert fragment.lstrip().startswith("<section")
    assert "O1" in fragment


def test_an_order_is_checked_before_it_is_taken(desks):
    page = desks["cleo"].get("/holds/check?customer_id=F&amount=99999&stage=order")
    assert "held" in read_text(page)
    assert "99,999.00 USD" in read_text(page)
    assert "may go on" in read_text(desks["cleo"].get("/holds/check?customer_id=F&amount=5.00&stage=order"))
    wrong = desks["cleo"].get("/holds/check?customer_id=<b>&amount=5.00")
    assert wrong.status_code == 404
    assert "&lt;b&gt;" in wrong.text
    assert "<b>" not in wrong.text
    assert wrong.text.count('role="alert"') == 1
    assert 'value="plenty"' in desks["cleo"].get("/holds/check?customer_id=F&amount=plenty").text
    assert desks["cleo"].get("/holds/check?customer_id=F").status_code == 200


def test_an_order_is_released_as_far_as_the_authority_goes(desks):
    (path,) = re.findall(r'action="(/holds/O1/release[^"]*)"', desks["ana"].get("/holds").text)
    empty = send(desks["ana"], path, {"key": "hold-0"})
    assert empty.status_code == 422
    form = {"reason": "paid by <phone>", "key": "hold-1"}
    done = send(desks["ana"], path, form)
    assert (done.status_code, done.headers["location"]) == (303, "/holds?done=order_released")
    assert "released by ana" in read_text(desks["ana"].get("/holds"))
    refused = send(desks["ana"], path, {**form, "key": "hold-2"})
    assert refused.status_code == 403
    assert 'value="paid by &lt;phone&gt;"' in refused.text
    assert "credit manager" in read_text(refused)
    again = send(desks["ben"], f"{path}?stage=ship", {**form, "key": "hold-3"})
    assert again.headers["location"] == "/holds?stage=ship&done=order_released"
    assert "No order is on hold" in read_text(desks["ben"].get("/holds"))
    assert "released" in read_text(desks["ben"].get("/holds?decision=ship"))


def test_who_may_see_and_release(office, desks):
    assert desks["fay"].get("/holds").status_code == 403
    assert desks["fay"].get("/holds/check").status_code == 403
    assert "Release O1" not in desks["cleo"].get("/holds").text
    assert send(desks["cleo"], "/holds/O1/release", {"reason": "mine"}).status_code == 403
    desks["ana"].cookies.clear()
    asked = desks["ana"].get("/holds", follow_redirects=False)
    assert asked.headers["location"] == "/sign-in?next=%2Fholds"
