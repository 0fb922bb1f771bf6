"""Every feature belongs to a business reason and can be said with its value."""

import math
import re

import pytest

from arrisk.features.behaviour import FORMULAS
from arrisk.features.five_cs import FIVE_CS
from arrisk.features.meanings import (
    DEFAULTS,
    MEANINGS,
    REASONS,
    explain_value,
    find_reason,
    rests_on_accounts,
    show_value,
)
from arrisk.features.readings import READINGS
from arrisk.modeling.default.asking import EXPERIENCE


def test_it_knows_all_that_models_read():
    assert set(MEANINGS) == {*FORMULAS, *FIVE_CS, *READINGS, *DEFAULTS}
    assert {column.name: column.direction for column in EXPERIENCE} == {
        name: feature.direction for name, feature in DEFAULTS.items()
    }


def test_every_feature_belongs_to_a_reason_and_every_reason_has_features():
    assert {find_reason(name) for name in MEANINGS} == set(REASONS)


@pytest.mark.parametrize(
    ("feature", "reason"),
    [
        ("late_share_90", "pays later than agreed"),
        ("trend_days_late", "pays later than it used to"),
        ("overdue_to_limit", "limit use"),
        ("overdue_30_amount", "past due items"),
        ("open_disputes_count", "disputes and credit notes"),
        ("mean_quick_ratio", "liquidity"),
        ("mean_attribute_rating", 'attribute "rating"'),
        ("never_heard_of", "never_heard_of"),
    ],
)
def test_a_name_belongs_where_its_longest_beginning_says(feature, reason):
    assert find_reason(feature) == reason


@pytest.mark.parametrize("name", [name for name, feature in MEANINGS.items() if not feature.is_own])
def test_what_is_said_of_a_customer_has_the_value(name):
    assert show_value(name, 1.0) in explain_value(name, 1.0)
    assert show_value(name, 1.0)
    assert explain_value(name, 1.0) != explain_value(name, 30.0) or name == "accounts_of_parent"
    assert "nan" not in explain_value(name, math.nan)


@pytest.mark.parametrize(
    ("feature", "value", "text"),
    [
        ("firm_age_days", 730.0, "founded 2.0 years ago"),
        ("net_worth_log", -math.log1p(5000), "tangible net worth of -5,000"),
        ("net_worth_log", 1e6, None),
        ("accounts_of_parent", 1.0, "its parent's accounts are read for its own: yes"),
        ("mean_days_late", -4.0, "pays on average 4 days before the due date"),
        ("attribute_score", math.nan, 'attribute "score": unknown'),
        ("mean_attribute_score", math.nan, 'attribute "score": unknown'),
        ("attribute_sales", 1234567.0, 'attribute "sales": 1,234,567'),
        ("category_branch", 188.0, 'attribute "branch": its word on record'),
        ("category_branch", math.nan, 'attribute "branch": unknown'),
        ("attribute_ratio", 0.00123, 'attribute "ratio": 0.00123'),
    ],
)
def test_values_are_said_as_people_say_them(feature, value, text):
    assert text is None or explain_value(feature, value) == text
    assert explain_value(feature, value)


@pytest.mark.parametrize("value", [math.nan, 1.0])
@pytest.mark.parametrize("name", list(MEANINGS))
def test_no_name_of_a_column_is_said(name, value):
    assert not re.search(r"[a-z0-9]_[a-z0-9]", explain_value(name, value))


def test_ratios_of_accounts_are_known_as_such():
    of_accounts = {name for name in MEANINGS if rests_on_accounts(name)}
    assert {"leverage", "altman_z1", "current_ratio", "statement_age_days", "accounts_age_days"} <= of_accounts
    assert not {"late_share", "firm_age_days", "data_depth", "attributes_age_days"} & of_accounts
