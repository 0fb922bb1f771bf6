"""Whose grade fell since the night before, over HTTP."""

from datetime import timedelta

import pytest

from tests.api.offices import AS_OF, add_run, office

__all__ = ["office"]


@pytest.fixture(scope="module", autouse=True)
def nights(office):
    """Give three nights more: what counts is the newest beside the one before it, of that day the later one."""
    for days, print_, grades in (
        (1, "a", {"A": "1", "B": "1"}),
        (2, "b", {"A": "8", "B": "8"}),
        (2, "c", {"A": "4", "B": "6"}),
        (5, "d", {"A": "7", "B": "6"}),
    ):
        add_run(office.database, as_of=AS_OF + timedelta(days=days), print_=print_, grades=grades)


def get(office, login="ana", **query):
    answer = office.get(login, "/downgrades", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_newest_night_is_compared_with_the_one_before_it(office):
    found = get(office)
    assert (found["as_of"], found["compared_with"]) == ("2024-05-07", "2024-05-04")
    assert found["count"] == 1
    (fell,) = found["items"]
    assert (fell["customer_id"], fell["grade_before"], fell["grade"]) == ("A", "4", "7")
    assert fell["exposure_amount"] == "1700.10"


def test_default_is_the_worst_grade_and_comes_first(office):
    add_run(office.database, as_of=AS_OF + timedelta(days=9), print_="e", grades={"A": "8", "B": "D"})
    found = get(office)
    assert [(one["customer_id"], one["grade"]) for one in found["items"]] == [("B", "D"), ("A", "8")]
    assert [one["customer_id"] for one in get(office, limit=1)["items"]] == ["B"]
    assert get(office, limit=1)["count"] == 2


def test_a_grade_that_rose_or_is_of_another_scale_is_left_out(office):
    add_run(office.database, as_of=AS_OF + timedelta(days=10), print_="f", grades={"A": "3", "B": "BB"})
    assert get(office)["items"] == []


def test_who_sees_some_entities_alone_gets_those_of_whom_he_sees_all(office):
    add_run(office.database, as_of=AS_OF + timedelta(days=11), print_="0", grades={"A": "6", "B": "7"})
    assert get(office)["count"] == 1
    assert get(office, login="noel")["items"] == []


def test_bad_input_and_who_may_not(office):
    assert office.get("ana", "/downgrades", limit=0).status_code == 422
    assert office.get("ana", "/downgrades", ledger="oak").status_code == 404
    assert office.get("oli", "/downgrades").status_code == 403
    assert office.get("", "/downgrades").status_code == 401
