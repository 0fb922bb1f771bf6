"""What bounds a limit: each cap by itself, with published figures where there are any."""

import numpy as np
import pytest
from scipy.stats import norm

from arrisk.decisions.caps import (
    compute_capacity,
    compute_concentration_caps,
    compute_need,
    compute_risk_caps,
    compute_value_cap,
    set_budgets,
    share_in_groups,
)
from arrisk.policy import load_policy
from tests.decisions.subjects import subjects_of

POLICY = load_policy().limits
MANY = 10_000
"""So many customers that a book of them is not small."""

UNKNOWN = dict.fromkeys(("net_worth_amount", "working_capital_amount", "turnover_amount", "paid_year_amount"), np.nan)


def change(**values):
    return POLICY.model_copy(update=values)


def budgets_of(policy=POLICY, *, count=MANY, book_amount=1e7):
    return set_budgets(policy, count=count, book_amount=book_amount)


def test_ten_thousand_a_month_at_thirty_days_and_fifteen_late_need_fifteen_thousand():
    need = compute_need(
        np.array([120_000 / 12]), np.array([30.0]), np.array([np.nan]), tolerated_delay_days=15, headroom=0.0
    )
    assert need == pytest.approx([15_000.0])


def test_capacity_is_the_smaller_of_a_share_of_net_worth_and_one_of_turnover():
    # mydsomanager.com, question 34: 35 % of 80,000 and 5 % of 700,000.
    policy = change(net_worth_share=(0.35,) * 5, turnover_share=(0.05,) * 5, starter_amount=(0.0,) * 5)
    customers = subjects_of(
        {
            "net_worth_amount": 80_000.0,
            "turnover_amount": 700_000.0,
            "working_capital_amount": np.nan,
            "paid_year_amount": 0.0,
        },
        {"net_worth_amount": 800_000.0, "turnover_amount": 700_000.0},
    )
    assert compute_capacity(customers, policy) == pytest.approx([28_000.0, 35_000.0])


def test_a_negative_net_worth_carries_nothing_but_the_record_with_us_does():
    customers = subjects_of({"net_worth_amount": -1e6, "working_capital_amount": -1e6, "paid_year_amount": 200_000.0})
    assert compute_capacity(customers, POLICY) == pytest.approx([200_000 * POLICY.record_share[0]])


def test_nothing_known_carries_the_starter_amount_of_its_depth():
    unknown = {
        "net_worth_amount": np.nan,
        "working_capital_amount": np.nan,
        "turnover_amount": np.nan,
        "paid_year_amount": np.nan,
    }
    customers = subjects_of(unknown | {"depth": "E"}, unknown | {"depth": "C"})
    assert compute_capacity(customers, POLICY).tolist() == [POLICY.starter_amount[4], POLICY.starter_amount[2]]


def test_the_expected_and_the_tail_loss_at_the_cap_are_the_budgets():
    customers = subjects_of({"p_limit": 0.04, "lgd": 0.6})
    budgets = budgets_of()
    caps = compute_risk_caps(customers, budgets)
    assert 0.04 * 0.6 * caps["expected_loss"] == pytest.approx(POLICY.expected_loss_share * 1e7)
    assert 0.6 * caps["tail_loss"] == pytest.approx(POLICY.tail_loss_share * 1e7)


def test_in_a_book_of_three_customers_each_may_owe_all_of_it():
    budgets = budgets_of(count=3, book_amount=900.0)
    assert budgets.single_amount == pytest.approx(900.0)


def test_an_industry_without_room_stays_at_what_it_owes():
    policy = change(industry_share=0.5)
    customers = subjects_of({"open_amount": 700.0}, {"open_amount": 300.0, "industry": "food"})
    caps = compute_concentration_caps(customers, budgets_of(policy, book_amount=1000.0))
    assert caps["industry"] == pytest.approx([700.0, 300.0 + 200.0])


def test_an_unknown_industry_and_a_share_of_one_do_not_bound():
    caps = compute_concentration_caps(subjects_of({"industry": None}), budgets_of(change(country_share=1.0)))
    assert np.isnan(caps["industry"]).all()
    assert np.isnan(caps["country"]).all()


def test_at_the_value_cap_margin_equals_loss_and_money():
    customers = subjects_of({"p_limit": 0.3, "lgd": 0.9})
    need = np.array([10_000.0])
    cap = compute_value_cap(customers, POLICY, need)[0]
    place = np.log(cap / need[0])
    used, stretched = (
        norm.sf((place - shift) / POLICY.need_spread) for shift in (0.0, np.log(POLICY.stretch_at_default))
    )
    earned = POLICY.margin_share * 365 / (30 + POLICY.tolerated_delay_days) - POLICY.cost_of_money
    assert earned * used == pytest.approx(0.3 * 0.9 * stretched, rel=1e-6)


def test_where_the_margin_never_pays_the_value_cap_is_zero():
    customers = subjects_of({"p_limit": 0.9, "lgd": 0.9})
    assert compute_value_cap(customers, change(margin_share=0.05), np.array([1000.0]))[0] == 0


def test_a_group_shares_its_budget_and_a_customer_alone_does_not():
    budgets = budgets_of(change(tail_loss_share=0.01), book_amount=1_000_000.0, count=MANY)
    customers = subjects_of({"group": "G"}, {"group": "G"}, {})
    left = share_in_groups(np.array([40_000.0, 40_000.0, 40_000.0]), customers, budgets, multiple=1.0)
    assert 0.5 * left[:2].sum() == pytest.approx(0.01 * 1_000_000)
    assert np.isnan(left[2])
