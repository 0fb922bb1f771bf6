"""The allowance by the payment curve, from a whole ledger: found or fitted model, notes, and nothing of the future."""

from dataclasses import replace
from datetime import timedelta

import pytest

from arrisk.allowance.estimates import describe
from arrisk.errors import ModelError
from arrisk.policy import Policy
from arrisk.uses.reserve import estimate_allowance, gather_evidence
from tests.api.ledger import AS_OF
from tests.modeling.ledgers import cut_book, make_ledger

pytestmark = pytest.mark.slow

DAY = AS_OF - timedelta(days=100)
BAD_TIMES = Policy.parse(
    '[[allowance.scenarios]]\nname = "usual"\nweight = 0.5\nz = [0]\n[[allowance.scenarios]]\nname = "bad"\n'
    "weight = 0.5\nz = [-3]",
    where="",
)
POLICY = Policy.parse("", where="")


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    return gather_evidence(make_ledger(), as_of=DAY, policy=POLICY, home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def allowance(evidence):
    return estimate_allowance(evidence, method="model")


def test_it_ties_to_the_ageing_and_says_which_model_was_used(allowance):
    assert allowance.rows["gross_amount"].sum() == allowance.exposures.ageing.total
    assert 0 < allowance.total < allowance.upper_total < allowance.exposures.ageing.total
    assert "one was fitted now" in allowance.notes[0]
    assert set(allowance.rates["model"]) == {"fitted now"}


def test_states_of_the_economy_are_always_shown_and_none_is_booked_without_scenarios(allowance):
    shown = describe(allowance)["scenarios"].set_index("scenario")["allowance"]
    assert shown["z = +1"] < shown["z = -1"] < shown["z = -2"]
    assert any("no scenario" in note for note in allowance.notes)


def test_scenarios_of_the_policy_change_what_is_booked(evidence, allowance):
    changed = replace(evidence, policy=BAD_TIMES)
    # The curve does not depend on scenarios: fitting it once is enough.
    vars(changed)["_scored"] = evidence._scored
    booked = estimate_allowance(changed, method="model")
    of_scenarios = booked.scenarios.set_index("scenario")["allowance"]
    assert booked.total == pytest.approx((of_scenarios["usual"] + of_scenarios["bad"]) / 2, abs=len(booked.rows))
    assert booked.total != allowance.total


def test_what_became_known_on_the_day_or_later_changes_nothing(allowance):
    past = gather_evidence(cut_book(make_ledger(), until=DAY), as_of=DAY, policy=POLICY)
    again = estimate_allowance(past, method="model")
    assert again.items["p_lost"].tolist() == allowance.items["p_lost"].tolist()
    assert again.rates.equals(allowance.rates)
    assert again.rows.equals(allowance.rows)


def test_a_named_model_that_is_not_there_is_refused(tmp_path):
    evidence = gather_evidence(make_ledger(), as_of=DAY, policy=POLICY, home=tmp_path, model_name="payment/7")
    with pytest.raises(ModelError):
        estimate_allowance(evidence, method="model")
