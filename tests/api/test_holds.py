"""Orders wait for what the rules say, over HTTP as at the command line, and are released by who may."""

import pytest

from arrisk.policy import load_policy
from arrisk.uses.holding import check_holds
from tests.api.offices import AS_OF, office

__all__ = ["office"]

REASON = {"reason": "paid by phone"}


def find(office, order_id="O1", **query):
    return {row["order_id"]: row for row in office.get("cleo", "/holds", **query).json()["items"]}[order_id]


@pytest.mark.slow
def test_orders_are_held_as_the_command_holds_them(office):
    home = office.app.state.service.home
    found = check_holds(office.book, as_of=AS_OF, home=home, policy=load_policy(), stage="ship").orders
    for row in found.to_dict("records"):
        shown = find(office, row["order_id"])
        assert (shown["decision"], shown["release_by"], shown["said"]) == (
            row["decision"],
            row["release_by"],
            row["reasons"],
        )
        assert shown["exposure_amount"] == f"{row['exposure_amount']:.2f}"
    assert find(office)["decision"] == "hold"


def test_a_new_order_is_checked_and_not_kept(office):
    body = {"customer_id": "F", "amount": "5.00", "stage": "order"}
    answer = office.post("cleo", "/holds/check", body).json()
    assert (answer["order_id"], answer["decision"], answer["amount"]) == ("(new)", "ship", "5.00")
    assert office.post("cleo", "/holds/check", {**body, "amount": "99999"}).json()["decision"] == "hold"
    assert len(office.get("cleo", "/holds").json()["items"]) == 2


def test_orders_are_listed_by_decision_and_page_by_page(office):
    first = office.get("cleo", "/holds", limit=1).json()
    second = office.get("cleo", "/holds", limit=1, after=first["next"]).json()
    assert [row["order_id"] for row in first["items"] + second["items"]] == ["O1", "O2"]
    assert second["next"] is None
    assert [row["order_id"] for row in office.get("cleo", "/holds", decision="ship").json()["items"]] == ["O2"]


def test_an_order_is_released_as_far_as_the_authority_goes(office):
    assert find(office)["release_by"] == "credit analyst, credit manager"
    answer = office.post("ana", "/holds/O1/release", REASON)
    assert (answer.status_code, answer.json()["decision"], answer.json()["release_by"]) == (
        200,
        "hold",
        "credit manager",
    )
    assert office.post("ana", "/holds/O1/release", REASON).status_code == 403
    answer = office.post("ben", "/holds/O1/release", REASON, key="once")
    assert (answer.json()["decision"], answer.json()["is_released"]) == ("ship", True)
    assert office.post("ben", "/holds/O1/release", REASON, key="once").json() == answer.json()
    assert {reason["released_by"] for reason in find(office)["reasons"]} == {"ana", "ben"}
    assert office.post("ben", "/holds/O1/release", REASON).status_code == 422


def test_strangers_and_others_may_not(office):
    assert [office.get(login, "/holds").status_code for login in ("", "oli", "fay")] == [401, 403, 403]
    body = {"customer_id": "F", "amount": "5.00"}
    assert [office.post(login, "/holds/check", body).status_code for login in ("", "oli")] == [401, 403]
    statuses = [office.post(login, "/holds/O1/release", REASON).status_code for login in ("", "cleo", "oli")]
    assert statuses == [401, 403, 403]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/holds/O9/release", REASON, 404),
        ("/holds/O2/release", REASON, 422),
        ("/holds/O1/release", {"reason": ""}, 422),
        ("/holds/O1/release", {}, 422),
        ("/holds/check", {"customer_id": "Z", "amount": "5"}, 404),
        ("/holds/check", {"customer_id": "F", "amount": "five"}, 422),
        ("/holds/check", {"customer_id": "F", "amount": "5", "currency": "GBP"}, 422),
        ("/holds/check", {"customer_id": "F", "amount": "5", "stage": "pack"}, 422),
    ],
)
def test_what_is_wrong_is_refused(office, path, body, status):
    answer = office.post("ben", path, body)
    assert answer.status_code == status, answer.text
