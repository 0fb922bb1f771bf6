"""Rules side by side, at equal sales and at equal loss, and the customers whom they treat differently."""

import numpy as np
import pandas as pd
import pytest

from arrisk.decisions.compare import Outcome, compare_outcomes, match_outcomes

CUSTOMERS = 40


def outcome_of(sold, lost, **more):
    """Give an outcome of one row per customer, without anything held back unless said."""
    count = len(np.atleast_1d(sold))
    usual = {"held_amount": 0.0, "held_count": 0, "avoided_amount": 0.0, **more}
    names = [f"C{place:02}" for place in range(count)]
    return Outcome(pd.DataFrame({"customer_id": names, "sold_amount": sold, "lost_amount": lost, **usual}))


def outcome_at(appetite):
    """Give the outcome of a rule that sells twice as much with twice the appetite, and loses a tenth of it."""
    sold = appetite * np.linspace(50.0, 150.0, CUSTOMERS)
    return outcome_of(sold, 0.1 * sold)


def test_equal_limits_gain_nothing():
    found = match_outcomes({"same": outcome_at(1.0)}, outcome_at)
    assert found[["rule", "at"]].to_numpy().tolist() == [["same", "equal sales"], ["same", "equal loss"]]
    assert found[["gain", "low", "high", "off_share"]].to_numpy().tolist() == [[0.0] * 4] * 2
    assert found["appetite"].tolist() == [1.0, 1.0]


def test_a_rule_that_loses_twice_as_much_is_beaten_by_half_at_equal_sales_and_by_twice_at_equal_loss():
    other = outcome_at(3.0)
    other = outcome_of(other.customers["sold_amount"], 2 * other.customers["lost_amount"])
    found = match_outcomes({"other": other}, outcome_at).set_index("at")
    assert found["off_share"].abs().max() <= 1e-3
    assert found.loc["equal sales", "gain"] == pytest.approx(0.5, abs=2e-3)
    assert found.loc["equal loss", "gain"] == pytest.approx(1.0, abs=4e-3)
    assert (found["low"] <= found["gain"]).all()
    assert (found["gain"] <= found["high"]).all()


def test_what_cannot_be_reached_says_how_far_off_it_came():
    most = outcome_at(1.0)
    found = match_outcomes({"larger": outcome_at(2.0)}, lambda _: most).set_index("at")
    assert found["off_share"].tolist() == pytest.approx([-0.5, -0.5])


def test_rules_side_by_side_show_shares_and_the_margin_that_was_forgone():
    held = outcome_of([60.0, 20.0], [6.0, 0.0], held_amount=[0.0, 20.0], held_count=[0, 3], avoided_amount=[0.0, 5.0])
    found = compare_outcomes({"a rule": held}, margin_share=0.2).iloc[0]
    assert found["rule"] == "a rule"
    assert (found["sold_share"], found["loss_share"]) == (pytest.approx(0.8), pytest.approx(0.075))
    assert found["held_count"] == 3
    assert found["forgone_amount"] == pytest.approx(0.2 * 15)


def test_nobody_sold_to_is_no_division_by_zero():
    found = compare_outcomes({"nothing": outcome_of([0.0], [0.0])}, margin_share=0.2).iloc[0]
    assert (found["sold_share"], found["loss_share"]) == (0, 0)


def test_the_customers_moved_most_come_first_and_those_who_were_not_do_not():
    before, after = outcome_of([10.0, 10.0, 10.0], [0.0, 1.0, 2.0]), outcome_of([10.0, 15.0, 0.0], [0.0, 2.0, 0.0])
    found = after.list_moves(before)
    assert found["customer_id"].tolist() == ["C02", "C01"]
    assert found.iloc[0].tolist() == ["C02", 0.0, 10.0, 0.0, 2.0]
    assert after.list_moves(before, most=1)["customer_id"].tolist() == ["C02"]
