"""The case folder: which moves are allowed, what steps add up to, and when an offer is over."""

from dataclasses import replace
from datetime import date

import pytest

from arrisk.decisions.cases import MOVES, State, replay_cases, require_move, rewind_case
from arrisk.errors import BookError, InputError
from tests.decisions.cases import act, case_of, opened, snapshot_of

DAY = date(2025, 3, 2)


def test_every_state_is_reached_and_says_where_it_leads():
    assert set(MOVES) == set(State)
    assert {state for states in MOVES.values() for state in states} | {State.DRAFT} == set(State)


@pytest.mark.parametrize("state", [State.DECLINED, State.ACCEPTED, State.WITHDRAWN, State.EXPIRED])
def test_nothing_follows_a_closed_case(state):
    assert MOVES[state] == ()


def test_the_steps_add_up_to_a_case():
    case = case_of()
    assert (case.case_id, case.reference, case.proposer, case.state) == (
        "C-0001",
        "test/C-0001",
        "ana",
        State.IN_REVIEW,
    )
    assert case.snapshot == snapshot_of()
    assert [step.action for step in case.steps] == ["open", "submit", "score", "review"]


def test_an_illegal_move_is_refused_with_what_is_allowed():
    case = replay_cases(opened()[:2])["C-0001"]
    with pytest.raises(InputError) as caught:
        require_move(case, State.APPROVED, on=DAY)
    assert "submitted and cannot become approved" in caught.value.what
    assert caught.value.hint == "allowed is data_pending, scored, withdrawn"


def test_a_record_with_an_illegal_move_is_refused():
    with pytest.raises(BookError, match="from submitted to approved"):
        replay_cases([*opened()[:2], act("approve", state="approved")])
    with pytest.raises(BookError, match="begins with 'submit'"):
        replay_cases(opened()[1:])


def test_an_offer_that_is_not_accepted_in_time_expires():
    offer = {"limit": 20_000.0, "role": "m", "up_to": 1e6, "offer_until_on": "2025-04-01"}
    case = case_of(act("approve", by="ben", state="counter_offer", **offer))
    assert case.stand(date(2025, 4, 1)) == State.COUNTER_OFFER
    assert case.stand(date(2025, 4, 2)) == State.EXPIRED
    with pytest.raises(InputError, match="expired and cannot become accepted"):
        require_move(case, State.ACCEPTED, on=date(2025, 4, 2))
    accepted = case_of(act("approve", by="ben", state="counter_offer", **offer), act("accept", state="accepted"))
    assert accepted.stand(date(2026, 1, 1)) == State.ACCEPTED


def test_scoring_anew_forgets_approvals():
    approval = act("approve", by="ben", state="in_review", limit=1.0, role="m", up_to=1e6)
    assert len(case_of(approval).approvals) == 1
    again = act("score", state="scored", snapshot=snapshot_of(recommended_limit=1.0))
    case = case_of(approval, again)
    assert case.approvals == ()
    assert case.decision == {}
    assert case.snapshot["recommendation"]["recommended_limit"] == 1.0


def test_cases_of_one_record_do_not_mix():
    other = [act(step.action, **(step.content | {"case_id": "C-0002"})) for step in opened()[:2]]
    cases = replay_cases([*opened(), *other])
    assert {name: case.state for name, case in cases.items()} == {"C-0001": "in_review", "C-0002": "submitted"}


def test_a_case_is_as_it_stood_before_a_day():
    case = case_of(replace(act("decline", by="ben", state="declined"), at="2025-03-09T08:00:00+00:00"))
    assert case.state == State.DECLINED
    assert rewind_case(case, before=date(2025, 3, 10)) == case
    assert rewind_case(case, before=date(2025, 3, 9)) == case_of()
    assert rewind_case(case, before=date(2024, 1, 1)) is None
