"""Authority: who may approve how much, a second pair of eyes, overrides with a reason."""

from dataclasses import replace
from datetime import date

import pytest

from arrisk.decisions.authority import Verdict, approve, decline
from arrisk.decisions.cases import State
from arrisk.errors import InputError
from arrisk.policy import Policy
from tests.decisions.cases import case_of, with_step

DAY = date(2025, 3, 2)
POLICY = Policy.parse(
    """
[[authority.roles]]
name = "credit analyst"
up_to = 10000.0
people = ["ana", "abe"]
[[authority.roles]]
name = "credit manager"
up_to = 100000.0
people = ["ben", "cleo"]
[[authority.roles]]
name = "finance director"
up_to = inf
people = ["dora"]
""",
    where="test",
).authority


def verdict(by="ben", limit=20_000.0, **more):
    return Verdict(by, DAY, limit, valid_days=365, **more)


def override(**more):
    return verdict(override_code="security", note="a guarantee", **more)


def test_a_limit_below_the_requested_one_is_a_counter_offer():
    found = approve(case_of(), verdict(), POLICY)
    assert found["state"] == State.COUNTER_OFFER
    assert (found["limit"], found["role"], found["valid_to_on"]) == (20_000.0, "credit manager", "2026-03-02")
    assert found["offer_until_on"] == "2025-04-01"
    assert found["override_code"] == ""


def test_all_that_was_asked_for_is_approved_with_or_without_conditions():
    case = case_of(requested=15_000.0)
    assert approve(case, verdict(limit=15_000.0), POLICY)["state"] == State.APPROVED
    found = approve(case, verdict(limit=15_000.0, conditions="accounts by June"), POLICY)
    assert found["state"] == State.APPROVED_WITH_CONDITIONS


def test_a_second_person_is_another_one_however_the_name_is_written():
    large = case_of(requested=90_000.0)
    first = approve(large, override(by="Ben", limit=90_000.0), POLICY)
    assert (first["role"], first["state"]) == ("credit manager", State.IN_REVIEW)
    once = with_step(large, "approve", first, by="Ben")
    with pytest.raises(InputError, match="has approved this already"):
        approve(once, override(by="ben", limit=90_000.0), POLICY)
    assert approve(once, override(by="CLEO", limit=90_000.0), POLICY)["state"] == State.APPROVED


@pytest.mark.parametrize("written", ["ana", "Ana ", "\uff21\uff4e\uff41"])
def test_the_proposer_cannot_approve_however_the_name_is_written(written):
    case = replace(case_of(requested=5_000.0), proposer=written)
    with pytest.raises(InputError, match="ana proposed"):
        approve(case, verdict(by="ana", limit=5_000.0), POLICY)


def test_who_has_no_role_cannot_decide():
    with pytest.raises(InputError, match="'zoe' has no authority"):
        approve(case_of(), verdict(by="zoe"), POLICY)
    with pytest.raises(InputError, match="'zoe' has no authority"):
        decline(case_of(recommended_limit=0.0), verdict(by="zoe", limit=0.0), POLICY)


def test_more_than_the_persons_amount_is_refused_and_says_who_may():
    with pytest.raises(InputError) as caught:
        approve(case_of(), verdict(by="abe"), POLICY)
    assert "up to 10,000.00, not on 20,000.00" in caught.value.what
    assert caught.value.hint == "for that amount: credit manager, finance director"


def test_above_the_threshold_two_persons_approve_and_one_has_the_amount():
    case = case_of(requested=60_000.0, recommended_limit=60_000.0)
    first = approve(case, verdict(by="abe", limit=60_000.0), POLICY)
    assert first["state"] == State.IN_REVIEW
    case = with_step(case, "approve", first, by="abe")
    with pytest.raises(InputError, match="abe has approved this already"):
        approve(case, verdict(by="abe", limit=60_000.0), POLICY)
    assert approve(case, verdict(by="cleo", limit=60_000.0), POLICY)["state"] == State.APPROVED


def test_two_persons_without_the_amount_do_not_suffice():
    case = case_of(requested=500_000.0, recommended_limit=500_000.0)
    for by in ("ben", "cleo"):
        case = with_step(case, "approve", approve(case, verdict(by=by, limit=500_000.0), POLICY), by=by)
        assert case.state == State.IN_REVIEW
    assert approve(case, verdict(by="dora", limit=500_000.0), POLICY)["state"] == State.APPROVED


def test_another_limit_begins_anew():
    case = case_of(requested=60_000.0, recommended_limit=60_000.0)
    case = with_step(case, "approve", approve(case, verdict(limit=60_000.0), POLICY), by="ben")
    other = override(by="cleo", limit=55_000.0)
    assert approve(case, other, POLICY)["state"] == State.IN_REVIEW
    case = with_step(case, "approve", approve(case, other, POLICY), by="cleo")
    assert [one["by"] for one in case.approvals] == ["cleo"]


@pytest.mark.parametrize("limit", [20_000.02, 19_000.0, 30_000.0])
def test_another_limit_than_recommended_needs_a_reason_of_the_policy_and_a_note(limit):
    for more in ({}, {"override_code": "security"}, {"override_code": "mood", "note": "x"}):
        with pytest.raises(InputError, match="recommended is 20,000"):
            approve(case_of(), verdict(limit=limit, **more), POLICY)
    found = approve(case_of(), override(limit=limit), POLICY)
    assert (found["override_code"], found["override_text"]) == ("security", "the security offered")


def test_what_was_recommended_is_no_override():
    with pytest.raises(InputError, match="no override"):
        approve(case_of(), override(), POLICY)


def test_declining_needs_a_reason_only_where_a_limit_was_recommended():
    with pytest.raises(InputError, match="recommended is 20,000"):
        decline(case_of(), verdict(limit=0.0), POLICY)
    assert decline(case_of(), override(limit=0.0), POLICY)["state"] == State.DECLINED
    assert decline(case_of(recommended_limit=0.0), verdict(limit=0.0), POLICY)["state"] == State.DECLINED


@pytest.mark.parametrize("limit", [0.0, -5.0, float("nan"), float("inf")])
def test_an_approved_limit_is_an_amount_above_zero(limit):
    with pytest.raises(InputError, match="above 0"):
        approve(case_of(), override(limit=limit), POLICY)


def test_the_shipped_policy_lets_nobody_decide():
    with pytest.raises(InputError, match="has no authority") as caught:
        approve(case_of(), verdict(), Policy.parse("", where="").authority)
    assert "[[authority.roles]]" in caught.value.hint
