"""Letters: the principal reasons are the true ones, they reproduce from what was stored, and the clocks are kept."""

import copy
from datetime import date

import pytest

from arrisk.decisions.authority import Verdict, approve, decline
from arrisk.decisions.cases import replay_cases
from arrisk.decisions.letters import _BOUND_TEXTS, list_principal_reasons, note_request, write_letter
from arrisk.decisions.limits import WORDS
from arrisk.errors import InputError, ModelError
from arrisk.policy import load_policy
from tests.decisions.cases import Act, case_of, with_step
from tests.decisions.test_authority import POLICY

LETTERS = load_policy().letters
DAY = date(2025, 3, 10)


def decided(*, limit=20_000.0, by="ben", code="", requested=40_000.0, **changes):
    case = case_of(requested=requested, **changes)
    verdict = Verdict(by, DAY, limit, code, "a note" if code else "", valid_days=365)
    action, judge = ("approve", approve) if limit else ("decline", decline)
    return with_step(case, action, judge(case, verdict, POLICY), by=by)


def texts(case):
    return [reason.text for reason in list_principal_reasons(case, LETTERS)]


def test_where_risk_bound_the_limit_the_strongest_adverse_reasons_are_given_at_most_four():
    assert texts(decided()) == [f"reason {rank} (usual: 0)" for rank in (1, 2, 4, 5)]
    assert texts(decided(limit=0.0, recommended_limit=0.0, binding="refused"))[0] == "reason 1 (usual: 0)"


@pytest.mark.parametrize("binding", ["capacity", "book", "group", "need", "starter", "in_default", "tail_loss"])
def test_where_another_bound_decided_that_alone_is_the_reason(binding):
    found = list_principal_reasons(decided(binding=binding), LETTERS)
    assert [reason.source for reason in found] == ["bound"]
    assert "reason 1" not in found[0].text


def test_every_bound_has_words_for_the_customer():
    assert set(_BOUND_TEXTS) == set(WORDS)


def test_who_decides_on_less_than_recommended_gives_the_reason_of_the_override():
    assert texts(decided(limit=5_000.0, code="relationship")) == ["the course of our business with you"]
    assert texts(decided(limit=0.0, code="new_information")) == [
        "information received after the accounts and records that we hold"
    ]


def test_who_decides_on_more_than_recommended_did_not_refuse_for_that_reason():
    assert texts(decided(limit=30_000.0, code="security"))[0] == "reason 1 (usual: 0)"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda stored: stored["reasons"]["all"][0].update(contribution=1.3),
        lambda stored: stored["reasons"]["all"].pop(),
        lambda stored: stored["risk"].update(p_default_12m=0.2),
        lambda stored: stored["reasons"].update(margin=-1.0),
        lambda stored: stored["reasons"]["adverse"][0].update(contribution=0.9),
        lambda stored: stored["reasons"]["adverse"][0].update(reason="another"),
    ],
)
def test_reasons_that_do_not_reproduce_the_stored_probability_are_given_to_nobody(spoil):
    case = decided()
    steps = [Act(step.action, step.by, content=copy.deepcopy(step.content)) for step in case.steps]
    spoil(steps[2].content["snapshot"])
    with pytest.raises(ModelError, match="do not sum"):
        write_letter(replay_cases(steps)["C-0001"], LETTERS, on=DAY)


def test_a_letter_says_what_was_decided_why_and_until_when_the_customer_may_ask():
    letter = write_letter(decided(), LETTERS, on=DAY)
    assert "We cannot give the credit limit of 40,000.00 EUR" in letter.text
    assert "a limit of 20,000.00 EUR; the offer stands until 2025-04-09" in letter.text
    assert "  1. reason 1" in letter.text
    assert "until 2025-05-09 (60 days" in letter.text
    assert "Equal Credit Opportunity Act" in letter.text
    assert (letter.content["ask_until_on"], letter.content["retain_until_on"]) == ("2025-05-09", "2025-05-09")


def test_a_second_copy_of_a_letter_is_the_same_whatever_the_day():
    case = decided()
    letter = write_letter(case, LETTERS, on=DAY)
    sent = with_step(case, "letter", dict(letter.content), by="ana")
    assert write_letter(sent, LETTERS, on=date(2025, 6, 1)).text == letter.text


def test_an_approval_in_full_has_no_letter():
    with pytest.raises(InputError, match="nothing adverse"):
        write_letter(decided(requested=20_000.0), LETTERS, on=DAY)


def test_who_asks_in_time_prolongs_how_long_papers_are_kept():
    case = decided()
    with pytest.raises(InputError, match="has no letter"):
        note_request(case, LETTERS, on=DAY)
    sent = with_step(case, "letter", dict(write_letter(case, LETTERS, on=DAY).content), by="ana")
    found = note_request(sent, LETTERS, on=date(2025, 5, 9))
    assert (found["answer_until_on"], found["retain_until_on"]) == ("2025-06-08", "2026-03-10")
    with pytest.raises(InputError, match="could ask until 2025-05-09"):
        note_request(sent, LETTERS, on=date(2025, 5, 10))
