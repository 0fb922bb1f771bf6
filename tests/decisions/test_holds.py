"""Holds: whose rule counts, what each finds, what is released, and that silence holds."""

import numpy as np
import pandas as pd
import pytest

from arrisk.decisions.holds import HOLD, NO_RULE, NOT_CHECKED, SHIP, check_orders
from arrisk.policy import Policy, load_policy

USUAL = {
    "customer_id": "A",
    "group": None,
    "amount": 500.0,
    "exposure_amount": 900.0,
    "open_amount": 400.0,
    "limit_amount": 1000.0,
    "limit_kind": "amount",
    "limit_note": "none was given",
    "overdue_days": 0,
    "overdue_amount": 0.0,
    "overdue_days_all": 0,
    "overdue_amount_all": 0.0,
    "grade": "4",
    "in_default": False,
    "exempt": "",
}


def check(*changes, rules=None, stage="ship"):
    orders = pd.DataFrame([USUAL | change for change in changes])
    policy = load_policy() if rules is None else Policy.parse(rules, where="rules")
    return check_orders(orders, policy.holds, stage=stage)


def rule(name, kind, *, more="", threshold=None, **texts):
    lines = [f"{key} = '{value}'" for key, value in ({"name": name, "kind": kind} | texts).items()]
    if threshold is not None:
        lines.append(f"threshold = {threshold}")
    by = "" if "blocks = false" in more else "release_by = 'credit analyst'"
    return "\n".join(["[[holds.rules]]", *lines, by, more])


def held_by(found):
    return found.reasons.loc[found.reasons["released_by"] == "", "rule"].tolist()


def test_an_order_within_the_limit_ships():
    found = check({}, {"exposure_amount": 1000.0})
    assert found.orders["decision"].tolist() == [SHIP, SHIP]
    assert not len(found.reasons)


def test_a_cent_over_the_limit_holds_with_value_and_threshold():
    found = check({"exposure_amount": 1000.01})
    assert found.orders["decision"].tolist() == [HOLD]
    assert held_by(found) == ["over the limit"]
    assert found.reasons["value"].tolist() == pytest.approx([0.00001])
    assert found.reasons["threshold"].tolist() == [0.0]
    assert found.orders["release_by"].tolist() == ["credit analyst"]


def test_all_reasons_are_kept_and_all_who_must_release_are_named():
    found = check({"exposure_amount": 2000.0, "overdue_days": 45, "in_default": True})
    assert held_by(found) == ["over the limit", "far over the limit", "long overdue", "in default"]
    assert found.orders["release_by"].tolist() == ["credit analyst, credit manager, finance director"]


@pytest.mark.parametrize("kind", ["over_limit", "days_overdue"])
def test_the_rule_closest_to_the_customer_counts_of_its_kind_alone(kind):
    scopes = {"all": 0.0, "group:G": 50.0, "customer:A": 100.0}
    rules = "\n".join(rule(scope, kind, scope=scope, threshold=threshold) for scope, threshold in scopes.items())
    rules += "\n" + rule("default", "in_default")
    bad = {"exposure_amount": 1e6, "overdue_days": 99, "in_default": True, "group": "G"}
    found = check(bad, bad | {"customer_id": "B"}, bad | {"customer_id": "C", "group": None}, rules=rules)
    by_order = found.reasons.groupby("row")["rule"].agg(list).tolist()
    own = [] if kind == "days_overdue" else ["customer:A"]
    assert by_order == [[*own, "default"], ["group:G", "default"], ["all", "default"]]


def test_a_rule_of_the_stage_of_shipping_says_nothing_when_the_order_is_taken():
    much = {"overdue_amount": 1500.0, "open_amount": 2000.0}
    assert check(much, stage="order").orders["decision"].tolist() == [SHIP]
    assert held_by(check(much)) == ["much overdue"]


def test_much_overdue_takes_both_the_amount_and_the_share():
    found = check(
        {"overdue_amount": 1500.0, "open_amount": 3000.0},
        {"overdue_amount": 1000.0, "open_amount": 1000.0},
        {"overdue_amount": 1501.0, "open_amount": 3000.0},
    )
    assert found.orders["decision"].tolist() == [SHIP, SHIP, HOLD]


def test_a_small_order_is_released_from_the_rules_that_it_names_and_no_other():
    found = check({"amount": 250.0, "exposure_amount": 1100.0}, {"amount": 250.01, "exposure_amount": 1100.0})
    assert found.orders["decision"].tolist() == [SHIP, HOLD]
    assert found.reasons["released_by"].tolist() == ["small order", ""]
    late = check({"amount": 10.0, "overdue_days": 31, "exposure_amount": 1100.0})
    assert held_by(late) == ["long overdue"]
    assert "released by 'small order'" in late.orders["reasons"].iloc[0]


def test_a_good_grade_releases_and_a_bad_or_unknown_one_does_not():
    good = rule("good", "grade", more="blocks = false\ngrades = ['1', '2']\nreleases = ['over_limit']")
    rules = rule("limit", "over_limit", threshold=0.0) + "\n" + good
    over = {"exposure_amount": 5000.0}
    found = check(over | {"grade": "2"}, over | {"grade": "3"}, over | {"grade": None}, rules=rules)
    assert found.orders["decision"].tolist() == [SHIP, HOLD, HOLD]


def test_a_blocked_grade_holds_and_the_unknown_one_where_it_is_named():
    rules = rule("bad", "grade", more="grades = ['8', 'unknown']")
    found = check({"grade": "8"}, {"grade": None}, {"grade": "7"}, rules=rules)
    assert found.orders["decision"].tolist() == [HOLD, HOLD, SHIP]


def test_disputed_items_count_only_where_the_rule_says_so():
    disputed = {"overdue_days_all": 80}
    counted = rule("late", "days_overdue", threshold=30.0, disputed="counted")
    assert check(disputed).orders["decision"].tolist() == [SHIP]
    assert check(disputed, rules=counted).orders["decision"].tolist() == [HOLD]


@pytest.mark.parametrize("rules", ["[holds]\nrules = []", rule("off", "in_default", more="active = false")])
def test_without_an_active_rule_everything_waits(rules):
    found = check({}, rules=rules)
    assert found.orders["decision"].tolist() == [HOLD]
    assert found.orders["reasons"].tolist() == [NO_RULE]


def test_a_customer_for_whom_no_rule_is_active_waits_though_others_have_rules():
    rules = rule("b", "in_default", scope="customer:B")
    found = check({"customer_id": "B"}, {"customer_id": "A"}, rules=rules)
    assert found.orders["decision"].tolist() == [SHIP, HOLD]


def test_without_a_valid_limit_the_order_waits_once_whatever_rules_there_are():
    without = {"limit_kind": None, "limit_amount": np.nan}
    assert held_by(check(without)) == ["no valid limit"]
    rules = rule("limit", "over_limit", threshold=0.0)
    found = check(without, rules=rules)
    assert found.orders["reasons"].tolist() == ["limit: there is no valid limit to compare with"]


def test_no_limit_set_means_without_a_bound_and_zero_means_nothing():
    found = check(
        {"limit_kind": "none", "limit_amount": np.nan, "exposure_amount": 1e9},
        {"limit_kind": "zero", "limit_amount": np.nan, "exposure_amount": 400.0},
        {"limit_kind": "zero", "limit_amount": np.nan, "exposure_amount": -5.0},
    )
    assert found.orders["decision"].tolist() == [SHIP, HOLD, SHIP]


def test_an_unmeasured_limit_releases_nothing():
    good = rule("much room", "over_limit", threshold=0.0, more="blocks = false\nreleases = ['days_overdue']")
    rules = rule("late", "days_overdue", threshold=30.0) + "\n" + good
    found = check({"overdue_days": 40}, {"overdue_days": 40, "limit_kind": None}, rules=rules)
    assert found.orders["decision"].tolist() == [SHIP, HOLD]


@pytest.mark.parametrize("rules", [None, "[holds]\nrules = []"])
def test_what_may_not_be_blocked_is_not_checked_whatever_speaks_against_it(rules):
    found = check({"exempt": "already shipped", "in_default": True}, rules=rules)
    assert found.orders["decision"].tolist() == [NOT_CHECKED]
    assert found.orders["reasons"].tolist() == ["not checked: already shipped"]
    assert not len(found.reasons)
