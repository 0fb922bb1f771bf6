"""A case on pages: opened, looked at, decided by somebody else, refused where it may not be."""

import re

import pytest

from tests.api.offices import ROLES, office
from tests.pages.visitors import enter, read_text, send
from tests.people import make_user

__all__ = ["office"]


@pytest.fixture(scope="module")
def desks(office):
    def sit(login):
        role, authority, entities = ROLES[login]
        make_user(office.database, login, role, authority=authority, entities=entities)
        return enter(office.app, login)

    return {login: sit(login) for login in ("ana", "ben", "oli")}


def hidden(page):
    """Read what the page's first form that changes something carries along."""
    return dict(re.findall(r'type="hidden" name="(key|etag)" value="([^"]+)"', page.text.replace("&#34;", '"')))


def etag(page):
    return re.search(r'name="etag" value="([^"]+)"', page.text)[1].replace("&#34;", '"')


@pytest.fixture(scope="module")
def case(office, desks):
    form = {"customer_id": "B", "requested_limit": "1200", "key": "open-1"}
    opened = send(desks["ana"], "/cases/new", form)
    assert opened.status_code == 303, read_text(opened)
    again = send(desks["ana"], "/cases/new", form)
    assert again.headers["location"] == opened.headers["location"], "sent twice, done once"
    return opened.headers["location"].split("?")[0]


@pytest.mark.slow
def test_a_case_shows_what_the_api_knows_of_it(office, desks, case):
    page = desks["ana"].get(case)
    assert page.status_code == 200, read_text(page)
    known = desks["ana"].get(f"/v1{case}").json()
    text = read_text(page)
    assert f"{float(known['requested_limit']):,.2f} USD" in text
    assert f"{float(known['recommended_limit']):,.2f} USD" in text
    assert known["proposal"] in text
    for name in known["snapshot"]["five_cs"]:
        assert name.capitalize() in text
    assert page.text.count("<svg") >= 3


def test_who_opened_a_case_is_told_that_somebody_else_decides(desks, case):
    mine, others = desks["ana"].get(case), desks["ben"].get(case)
    assert "somebody else decides" in read_text(mine)
    assert f'action="{case}/approve"' not in mine.text
    assert f'action="{case}/approve"' in others.text


def test_a_refused_approval_keeps_what_was_typed_and_says_why(desks, case):
    page = desks["ben"].get(case)
    form = {"limit": "999999", "note": "because of <b>this</b>", "etag": etag(page), "key": "a-1"}
    refused = send(desks["ben"], f"{case}/approve", form)
    assert refused.status_code in {403, 422}
    assert 'role="alert"' in refused.text
    assert 'value="999999"' in refused.text
    assert "because of &lt;b&gt;this&lt;/b&gt;" in refused.text


def test_a_case_that_somebody_changed_meanwhile_is_not_overwritten(desks, case):
    refused = send(desks["ben"], f"{case}/decline", {"etag": '"0"', "note": "old", "key": "d-0"})
    assert refused.status_code == 412


def test_a_case_is_approved_and_accepted(desks, case):
    page = desks["ben"].get(case)
    limit = desks["ben"].get(f"/v1{case}").json()["recommended_limit"]
    done = send(desks["ben"], f"{case}/approve", {"limit": limit, "etag": etag(page), "key": "a-2"})
    assert done.headers["location"] == f"{case}?done=case_approved", read_text(done)
    after = desks["ana"].get(f"{case}?done=case_approved")
    assert "Your approval was recorded" in read_text(after)
    assert "Decided" in read_text(after)
    accepted = send(desks["ana"], f"{case}/accept", {"etag": etag(after), "note": "by phone", "key": "c-1"})
    assert accepted.status_code == 303, read_text(accepted)
    assert "The case is closed" in read_text(desks["ana"].get(case))


def test_the_list_and_the_home_page_show_the_cases(desks, case):
    assert case.split("/")[-1] in read_text(desks["ana"].get("/cases"))
    assert "No case is in review" in read_text(desks["ana"].get("/cases?state=in_review"))
    assert "Cases in review" in read_text(desks["ben"].get("/"))


def test_what_is_wrong_is_said(desks):
    unknown = send(desks["ana"], "/cases/new", {"customer_id": "<script>", "key": "x-1"})
    assert unknown.status_code in {404, 422}
    assert "&lt;script&gt;" in unknown.text
    assert desks["ana"].get("/cases/C-9999").status_code == 404
    assert desks["ana"].get("/cases?state=nonsense").status_code == 422
    for act in ("explode", "{x}", "%7B%7D", "a%3Fb", "%C3%A4"):
        assert send(desks["ana"], f"/cases/C-9999/{act}", {"key": "x-2"}).status_code == 404


def test_who_may_see_cases(office, desks, case):
    assert desks["oli"].get("/cases").status_code == 403
    assert desks["oli"].get(case).status_code == 403
    assert send(desks["oli"], f"{case}/approve", {"limit": "1"}).status_code == 403
