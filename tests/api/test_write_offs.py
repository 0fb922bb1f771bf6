"""Write-offs over HTTP: one person proposes, another one approves, the ledger books."""

import csv
import io

import pytest

from tests.api.kept import SMALL, small, small_kept
from tests.people import join

__all__ = ["small", "small_kept"]

AT = {"ledger": SMALL, "as_of": "2024-08-01"}


def answer_of(response, status=200):
    assert response.status_code == status, response.text
    return response.json()


def act(client, action, *invoice_ids, key="k", **more):
    body = {"invoice_ids": list(invoice_ids), **more}
    headers = {"Idempotency-Key": f"{action}-{key}"}
    return client.post(f"/v1/write-offs/{action}", params=AT, json=body, headers=headers)


def test_what_is_very_old_is_a_candidate(small_kept):
    listed = answer_of(small_kept.people["finance"].get("/v1/write-offs/candidates", params=AT))["items"]
    assert [(row["invoice_id"], row["open_amount"], row["state"]) for row in listed] == [
        ("5", "100.00", ""),
        ("6", "40.00", ""),
    ]


@pytest.mark.slow
def test_one_proposes_another_one_approves_and_the_ledger_is_told(small):
    ana, ben = small.people["finance"], small.people["finance2"]
    (proposed,) = answer_of(act(ana, "propose", "5"))["write_offs"]
    assert (proposed["state"], proposed["proposer"], proposed["amount"]) == ("proposed", "finance", "100.00")
    own = act(ana, "approve", "5", key="own")
    assert own.status_code == 422
    assert "proposed" in own.json()["detail"]
    (approved,) = answer_of(act(ben, "approve", "5"))["write_offs"]
    assert approved["state"] == "approved"
    assert [one["by"] for one in approved["approvals"]] == ["finance2"]
    (again,) = answer_of(act(ben, "approve", "5", key="again"))["write_offs"]
    assert again["approvals"] == approved["approvals"]
    bookings = answer_of(ana.get("/v1/write-offs/bookings", params=AT))["items"]
    assert [(row["invoice_id"], row["amount"], row["entity_id"]) for row in bookings] == [("5", "100.00", "north")]
    rows = list(csv.DictReader(io.StringIO(ana.get("/v1/write-offs/bookings/export", params=AT).text)))
    assert [(row["invoice_id"], row["amount"]) for row in rows] == [("5", "100.00")]
    listed = answer_of(ana.get("/v1/write-offs", params={**AT, "state": "approved"}))["items"]
    assert [row["invoice_id"] for row in listed] == ["5"]
    (declined,) = answer_of(act(ben, "decline", "5", note="pays by instalments"))["write_offs"]
    assert declined["state"] == "declined"


@pytest.mark.slow
def test_an_amount_above_ones_authority_is_not_approved(small):
    answer_of(act(small.people["finance"], "propose", "5"))
    nobody = join(small.app, "finance", login="no-amount")
    refused = act(nobody, "approve", "5", key="na")
    assert refused.status_code == 403, refused.text


def test_only_who_may_acts(small_kept):
    for path in ("", "/candidates", "/bookings", "/bookings/export"):
        assert small_kept.stranger.get(f"/v1/write-offs{path}", params=AT).status_code == 401
        for login in ("analyst", "validator", "operator"):
            assert small_kept.people[login].get(f"/v1/write-offs{path}", params=AT).status_code == 403
        for login in ("auditor", "collector", "credit_manager"):
            assert small_kept.people[login].get(f"/v1/write-offs{path}", params=AT).status_code == 200
    for action in ("propose", "approve", "decline"):
        assert act(small_kept.stranger, action, "5", note="x").status_code == 401
        for login in ("analyst", "validator", "operator", "auditor"):
            assert act(small_kept.people[login], action, "5", note="x").status_code == 403
    assert act(small_kept.people["collector"], "approve", "5").status_code == 403


@pytest.mark.slow
def test_who_sees_one_company_writes_nothing_off_of_another(small):
    north = small.people["north"]
    listed = answer_of(north.get("/v1/write-offs/candidates", params=AT))["items"]
    assert [row["invoice_id"] for row in listed] == ["5"]
    assert act(north, "propose", "6").status_code == 404
    answer_of(act(small.people["finance"], "propose", "6"))
    assert answer_of(north.get("/v1/write-offs", params=AT))["items"] == []
    assert act(north, "approve", "6").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("propose", {"invoice_ids": []}, 422),
        ("propose", {"invoice_ids": ["1"]}, 404),
        ("propose", {"invoice_ids": ["5'; DROP TABLE entries; --"]}, 404),
        ("propose", {"invoice_ids": "5"}, 422),
        ("approve", {"invoice_ids": ["5"]}, 404),
        ("decline", {"invoice_ids": ["5"], "note": ""}, 422),
        ("decline", {"invoice_ids": ["5"]}, 422),
        ("propose", {"invoice_ids": ["5"], "note": "\u0000 half"}, 200),
    ],
)
def test_a_mistake_is_named(small, action, body, status):
    headers = {"Idempotency-Key": "k"}
    response = small.people["finance"].post(f"/v1/write-offs/{action}", params=AT, json=body, headers=headers)
    assert response.status_code == status, response.text
