"""Recommended terms: what a discount costs and is worth, deposits, days."""

import pytest

from arrisk.decisions.limits import recommend_limits
from arrisk.decisions.terms import annualise_discount, recommend_terms
from arrisk.policy import load_policy
from tests.decisions.subjects import subjects_of

POLICY = load_policy()


def recommend(*changes, policy=POLICY):
    customers = subjects_of(*changes)
    return recommend_terms(customers, recommend_limits(customers, policy.limits, book_amount=1e7), policy)


def test_two_ten_net_thirty_costs_37_percent_simple_and_45_compound():
    cost = annualise_discount(0.02, discount_days=10, net_days=30)
    assert cost.simple == pytest.approx(0.372449, abs=1e-6)
    assert cost.compound == pytest.approx(0.445853, abs=1e-6)


def test_a_discount_until_the_due_day_has_no_annual_cost():
    with pytest.raises(ValueError, match="later"):
        annualise_discount(0.02, discount_days=30, net_days=30)


def test_terms_are_the_usual_ones_up_to_the_longest_of_the_grade():
    found = recommend({"terms_days": 60.0, "grade": "1"}, {"terms_days": 60.0, "grade": "6"}, {"terms_days": 14.0})
    assert found["recommended_terms_days"].tolist() == [60, POLICY.terms.longest_days[5], 14]


def test_without_a_limit_everything_is_paid_before_delivery():
    found = recommend({"in_default": True, "grade": "D"}).iloc[0]
    assert found["recommended_terms_days"] == 0
    assert found["deposit_share"] == 1.0
    assert found["discount_share"] == 0


def test_a_discount_is_offered_only_where_money_and_risk_saved_pay_for_it():
    slow = {"terms_days": 60.0, "mean_days_late": 120.0, "p_default_12m": 0.15, "lgd": 0.8}
    found = recommend(slow, {})
    assert found["discount_share"].tolist() == [POLICY.terms.discount_share, 0.0]
    assert found["discount_worth_share"].iloc[0] >= POLICY.terms.discount_share
