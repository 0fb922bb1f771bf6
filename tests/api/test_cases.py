"""A case goes from the request to the letter over HTTP, each step by who may."""

import pytest

from arrisk.policy import load_policy
from arrisk.uses.credit import review_limits
from tests.api.offices import AS_OF, office

__all__ = ["office"]


def open_case(office, customer_id="A", *, login="ana", **more):
    answer = office.post(login, "/cases", {"customer_id": customer_id, **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    return answer.json()


def act(office, login, case, path, body=None):
    return office.post(login, f"/cases/{case['case_id']}/{path}", body, saw=case["version"])


def done(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.slow
def test_a_case_takes_down_what_the_command_would(office):
    case = open_case(office, requested_limit="90000")
    home = office.app.state.service.home
    review = review_limits(office.book, as_of=AS_OF, home=home, policy=load_policy())
    row = review.limits.set_index("customer_id").loc["A"]
    assert case["recommended_limit"] == f"{row['recommended_limit']:.2f}"
    assert (case["state"], case["proposer"], case["requested_limit"]) == ("in_review", "ana", "90000.00")
    assert set(case["snapshot"]["five_cs"]) == {"character", "capacity", "capital", "conditions", "collateral"}
    assert [step["action"] for step in case["steps"]] == ["open", "submit", "score", "review"]
    assert office.get("ben", f"/cases/{case['case_id']}").json() == case


def test_a_case_asks_for_what_the_newest_application_asks(office):
    assert open_case(office, "B")["requested_limit"] == "1200.00"


def test_nobody_approves_his_own_case(office):
    case = open_case(office, "F", login="ben")
    answer = act(office, "ben", case, "approve", {"limit": case["recommended_limit"]})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:arrisk:problem:access")
    assert "proposed the case" in answer.json()["detail"]


def test_a_case_is_approved_within_the_authority_and_accepted(office):
    case = open_case(office, "F")
    limit = case["recommended_limit"]
    assert float(limit) > 0
    case = done(act(office, "ben", case, "approve", {"limit": limit, "conditions": "a deposit", "valid_days": 90}))
    assert (case["state"], case["decided_limit"], case["decision"]["by"]) == ("approved_with_conditions", limit, "ben")
    assert case["decision"]["role"] == "credit manager"
    case = done(act(office, "ana", case, "accept", {"note": "signed"}))
    assert case["state"] == "accepted"
    assert act(office, "ana", case, "withdraw", {}).status_code == 422


def test_beyond_the_authority_is_refused(office):
    case = open_case(office, "F", login="ben")
    body = {"limit": "20000.00", "override_reason": "security", "note": "a guarantee"}
    answer = act(office, "ana", case, "approve", body)
    assert answer.status_code == 403
    assert "decides on up to 10,000.00" in answer.json()["detail"]


def test_another_limit_than_recommended_needs_its_reason(office):
    case = open_case(office, "F")
    assert act(office, "ben", case, "approve", {"limit": "7.00"}).status_code == 422
    body = {"limit": "7.00", "override_reason": "security", "note": "none is offered"}
    assert done(act(office, "ben", case, "approve", body))["decision"]["override_code"] == "security"


def test_an_adverse_decision_gets_its_letter_once(office):
    case = open_case(office, "F")
    assert office.get("ben", f"/cases/{case['case_id']}/letter").status_code == 404, "none was written"
    body = {"override_reason": "new_information", "note": "a writ was served"}
    case = done(act(office, "ben", case, "decline", body))
    assert (case["state"], case["decided_limit"]) == ("declined", "0.00")
    letter = done(act(office, "ana", case, "letter"))
    assert "information received after" in letter["text"]
    assert letter["html"].startswith("<!DOCTYPE html>")
    path = f"/cases/{case['case_id']}/letter"
    assert [office.get("ben", path, format=ending).text for ending in ("html", "txt")] == [
        letter["html"],
        letter["text"],
    ]
    case = letter["case"]
    again = done(act(office, "ana", case, "letter"))
    assert again["text"] == letter["text"]
    assert again["case"]["version"] == case["version"]
    assert done(act(office, "ana", case, "asked"))["asked"]["answer_until_on"]


@pytest.mark.slow
def test_a_case_is_scored_again_and_withdrawn(office):
    case = open_case(office, "A")
    again = done(act(office, "ana", case, "score", {"as_of": "2024-04-01"}))
    assert (again["as_of"], again["version"]) == ("2024-04-01", case["version"] + 2)
    assert done(act(office, "ana", again, "withdraw", {"note": "pays in advance"}))["state"] == "withdrawn"


@pytest.mark.slow
@pytest.mark.parametrize(("ending", "begins"), [("html", b"<!DOCTYPE html>"), ("pdf", b"%PDF")])
def test_the_memo_is_a_page_or_a_pdf(office, ending, begins):
    case = open_case(office, "F")
    answer = office.get("ben", f"/cases/{case['case_id']}/memo", format=ending)
    assert answer.status_code == 200
    assert answer.content.startswith(begins)


def test_cases_are_listed_by_state_and_customer_page_by_page(office):
    made = [open_case(office, "D/1")["case_id"] for _ in range(3)]
    every = office.get("ana", "/cases").json()["items"]
    assert [row["case_id"] for row in every] == sorted((row["case_id"] for row in every), reverse=True)
    own = office.get("ana", "/cases", customer_id="D/1").json()["items"]
    assert [row["case_id"] for row in own] == made[::-1]
    first = office.get("ana", "/cases", customer_id="D/1", limit=2).json()
    second = office.get("ana", "/cases", customer_id="D/1", limit=2, after=first["next"]).json()
    assert [row["case_id"] for row in first["items"] + second["items"]] == made[::-1]
    assert second["next"] is None
    states = {row["state"] for row in office.get("ana", "/cases", state="in_review").json()["items"]}
    assert states == {"in_review"}


def test_who_decides_on_what_changed_meanwhile_is_refused(office):
    case = open_case(office, "F")
    done(act(office, "ana", case, "score", {}))
    answer = act(office, "ben", case, "approve", {"limit": case["recommended_limit"]})
    assert answer.status_code == 412


def test_a_case_sent_twice_is_opened_once(office):
    body = {"customer_id": "C"}
    first = office.post("ana", "/cases", body, key="twice")
    second = office.post("ana", "/cases", body, key="twice")
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert len(office.get("ana", "/cases", customer_id="C").json()["items"]) == 1


WRITES = {
    "score": {},
    "approve": {"limit": "1"},
    "decline": {},
    "accept": {},
    "withdraw": {},
    "letter": None,
    "asked": None,
}


@pytest.mark.parametrize("path", WRITES)
def test_strangers_and_others_may_not_act(office, path):
    office.get("ana", "/cases").json()
    statuses = [
        office.post(login, f"/cases/C-0001/{path}", WRITES[path], saw=4).status_code for login in ("", "cleo", "fay")
    ]
    assert statuses == [401, 403, 403]


def test_strangers_and_others_may_not_open_or_look(office):
    assert [office.post(login, "/cases", {"customer_id": "A"}).status_code for login in ("", "cleo")] == [401, 403]
    for path in ("/cases", "/cases/C-0001", "/cases/C-0001/memo", "/cases/C-0001/letter"):
        assert [office.get(login, path).status_code for login in ("", "cleo", "oli")] == [401, 403, 403]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/cases", {"customer_id": "Z"}, 404),
        ("/cases", {"customer_id": "A", "requested_limit": "-1"}, 422),
        ("/cases", {"customer_id": "A", "as_of": "2199-01-01"}, 422),
        ("/cases", {}, 422),
        ("/cases/C-9999/approve", {"limit": "5"}, 404),
        ("/cases/C-0001/approve", {"limit": "0"}, 422),
        ("/cases/C-0001/approve", {"limit": "5", "valid_days": 0}, 422),
        ("/cases/C-0001/approve", {"limit": "1e5"}, 422),
        ("/cases/C-0001/decline", {"override_reason": "mood", "note": "x"}, 422),
    ],
)
def test_what_is_wrong_is_refused(office, path, body, status):
    if not office.get("ana", "/cases").json()["items"]:
        open_case(office)
    found = office.get("ana", "/cases/C-0001").json()
    answer = office.post("ben", path, body, saw=found["version"])
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_an_unknown_case_is_missing(office):
    assert office.get("ana", "/cases/C-9999").status_code == 404
    assert office.get("ana", "/cases/C-9999/memo").status_code == 404


def test_a_case_of_others_is_not_told_from_none(office):
    case_id = open_case(office, "F")["case_id"]
    theirs, none = (office.get("noel", f"/cases/{one}") for one in (case_id, "C-9999"))
    assert (theirs.status_code, none.status_code) == (404, 404)
    assert theirs.json() | {"detail": ""} == none.json() | {"detail": ""}
    assert theirs.json()["detail"] == f"no case '{case_id}'"
