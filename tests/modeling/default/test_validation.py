"""The validation of a default model: what it measures on whom, and that it says so when there is nothing to measure."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, chi2, spearmanr

from arrisk.modeling.calibrate import PlattCalibrator
from arrisk.modeling.default.backtest import DefaultBacktest
from arrisk.modeling.default.metrics import LEFT
from arrisk.modeling.default.model import APPLICATION, BEHAVIOUR, POINT_IN_TIME, THROUGH_THE_CYCLE, find_history
from arrisk.modeling.default.segments import COLUMNS as SEGMENT_COLUMNS
from arrisk.modeling.default.tested import halve, list_tested
from arrisk.modeling.default.validation import describe_validation, explain_link, validate_default
from arrisk.modeling.logistic import to_margin
from arrisk.policy import load_policy
from tests.modeling.defaults import CUSTOMERS, QUARTER, TRAINED_DAY, hide_outcomes, make_observed, train_observed

POLICY = load_policy()

pytestmark = pytest.mark.slow


def add_columns(observed):
    """Add what only the segments read."""
    random = np.random.default_rng(9)
    count = len(observed)
    more = {
        "settled_count": observed.features["invoices_count"],
        "open_amount": np.round(random.uniform(-50, 100, count)).clip(0),
        "data_depth": random.integers(1, 6, count).astype("float64"),
        "late_share_shrunk": observed.features["late_share"].fillna(0.3),
    }
    return replace(observed, features=observed.features.assign(**more))


@cache
def train_once():
    return train_observed(add_columns(make_observed()))


@cache
def make_backtest(*, known_quarters=3):
    """Give a backtest of which so many quarters' years are over; what is fitted is fitted once for all tests."""
    later = add_columns(make_observed(seed=2, first_day=TRAINED_DAY))
    later = hide_outcomes(later, since=TRAINED_DAY + known_quarters * QUARTER)
    return DefaultBacktest(train_once(), later, train_once().model.predict(later.features))


def make_customers():
    ids = [f"c{number:04d}" for number in range(CUSTOMERS)]
    industry = ["food", "steel", None] * CUSTOMERS
    return pd.DataFrame({"customer_id": ids, "industry": industry[:CUSTOMERS], "country": "DE"}).astype("str")


@pytest.fixture(scope="module")
def backtest():
    return make_backtest()


@pytest.fixture(scope="module")
def validation(backtest):
    observed = backtest.observed
    rows = observed.asked_day == TRAINED_DAY + 4 * QUARTER
    later = replace(
        observed,
        features=observed.features.loc[rows].reset_index(drop=True),
        customer_id=observed.customer_id[rows].reset_index(drop=True),
        asked_day=observed.asked_day[rows],
        defaulted=observed.defaulted[rows],
    )
    return validate_default(backtest, year_later=later, customers=make_customers(), policy=POLICY)


def test_ranking_is_measured_on_all_questions_and_levels_on_the_first_about_each_customer(backtest, validation):
    observed = backtest.observed
    own = validation.models[APPLICATION]
    first = observed.asked_day == TRAINED_DAY
    assert own.rows == 3 * CUSTOMERS
    assert own.customers == own.grades["count"].sum() == own.deciles["count"].sum() == CUSTOMERS
    assert own.defaults == observed.defaulted[first].sum()
    tests = own.tests
    p = backtest.training.model.application.predict(observed.features.loc[first])
    assert tests["jeffreys"] == pytest.approx(
        beta.cdf(p.mean(), own.defaults + 0.5, CUSTOMERS - own.defaults + 0.5), abs=1e-9
    )
    assert tests["posterior_mean"] == pytest.approx((own.defaults + 1) / (CUSTOMERS + 2))


def test_hosmer_and_lemeshow_has_as_many_degrees_as_groups_because_the_rows_are_new(validation):
    for own in validation.models.values():
        found = own.tests["hosmer_lemeshow"]
        assert found["degrees"] == found["groups"] == len(own.deciles)
        assert found["p_value"] == pytest.approx(chi2.sf(found["statistic"], len(own.deciles)))


def test_the_behaviour_model_is_judged_on_customers_with_a_history_the_other_one_on_all(backtest, validation):
    over = ~np.isnan(backtest.observed.defaulted)
    history = find_history(backtest.observed.features)
    assert validation.models[BEHAVIOUR].rows == (over & history).sum() < validation.models[APPLICATION].rows


def test_gini_has_an_interval_and_every_rival_and_baseline_stands_beside(validation):
    for name, baselines in ((BEHAVIOUR, {"base_rate", "shrunk_rate"}), (APPLICATION, {"base_rate", "altman_rule"})):
        own = validation.models[name]
        gini = own.figures["gini"]
        assert gini.low < gini.value < gini.high
        assert set(own.models.loc[own.models["is_baseline"], "model"]) == baselines
        assert {"scorecard", "logistic", "boosted_trees", own.champion} <= set(own.models["model"])
        champion = own.models.loc[(own.models["model"] == own.champion) & ~own.models["is_baseline"]].iloc[0]
        assert champion["gini"] == pytest.approx(gini.value)
        assert champion["gain"] == 0
        best = own.models.loc[own.models["is_baseline"], "log_loss"].min()
        gains = own.models.loc[own.models["is_baseline"], "gain"]
        assert gains.min() == pytest.approx(best - own.figures["log_loss"])


def test_a_grades_posterior_mean_is_never_zero_and_the_bound_is_above_what_was_observed(validation):
    for own in validation.models.values():
        assert (own.grades["posterior_mean"] > 0).all()
        assert (own.grades["upper_bound"] >= own.grades["default_rate"]).any()
        total = (own.grades["posterior_mean"] * own.grades["count"]).sum()
        assert total == pytest.approx(own.defaults, rel=0.1, abs=2)


def test_segments_hold_every_question_once(validation):
    for own in validation.models.values():
        assert list(own.segments) == list(SEGMENT_COLUMNS)
        sums = own.segments.groupby("segment")[["rows", "customers", "defaults"]].sum()
        assert (sums["rows"] == own.rows).all()
        assert (sums["customers"] == own.customers).all()
        assert (sums["defaults"] == own.defaults).all()
        assert {"food", "steel"} <= set(own.segments["group"])


def test_a_customer_is_in_the_same_half_whoever_else_there_is():
    ids = pd.Series([f"c{number}" for number in range(400)])
    assert np.array_equal(halve(ids)[::2], halve(ids[::2]))
    assert 0.4 < halve(ids).mean() < 0.6


def test_nobody_is_predicted_by_a_model_that_knew_it(backtest):
    tested = list_tested(backtest, APPLICATION)
    training = backtest.training
    sample = training.samples[APPLICATION]
    ids = np.array(training.customer_ids[APPLICATION])[sample.customer]
    turned = np.where(halve(pd.Series(ids)), 1 - sample.target, sample.target)
    changed = replace(training, samples={**training.samples, APPLICATION: replace(sample, target=turned)})
    again = list_tested(replace(backtest, training=changed), APPLICATION)
    own = halve(tested.customer_id)
    assert np.array_equal(again.unseen[own], tested.unseen[own])
    assert not np.allclose(again.unseen[~own], tested.unseen[~own])


def test_training_knows_which_customer_each_row_is_about(backtest):
    training = backtest.training
    learnt = make_observed()
    sample = training.samples[APPLICATION]
    ids = np.array(training.customer_ids[APPLICATION])[sample.customer]
    assert ids.tolist() == learnt.customer_id.loc[sample.features.index].tolist()


def test_the_card_is_compared_with_the_champion_customer_by_customer(backtest, validation):
    tested = list_tested(backtest, APPLICATION)
    first = tested.take(tested.is_over)
    first = first.take(first.is_first)
    own = validation.models[APPLICATION]
    assert own.card == pytest.approx(spearmanr(first.candidates["scorecard"], first.p).statistic)
    assert own.card_grades.to_numpy().sum() == CUSTOMERS


def test_the_migration_has_every_customer_once_and_defaults_in_a_column_of_their_own(backtest, validation):
    observed = backtest.observed
    first = observed.asked_day == TRAINED_DAY
    assert validation.migration.to_numpy().sum() == first.sum()
    assert validation.migration["D"].sum() == observed.defaulted[first].sum() > 0
    assert LEFT in validation.migration
    assert "D" not in validation.migration.index


@pytest.mark.parametrize("cycle", [THROUGH_THE_CYCLE, POINT_IN_TIME])
def test_the_parts_sum_to_the_logit_that_is_served(cycle):
    link = train_once().model.behaviour
    if cycle == POINT_IN_TIME:
        link = replace(link, calibrator=PlattCalibrator(slope=0.7, shift=0.2))
    rows = make_observed().features.head(50)
    start, parts, margin = explain_link(link, rows)
    assert start + parts.sum(axis=1).to_numpy() == pytest.approx(margin)
    assert margin == pytest.approx(to_margin(link.predict(rows)))


def test_the_whole_is_plain_data(validation):
    said = json.loads(json.dumps(describe_validation(validation), allow_nan=False))
    assert set(said) == {"models", "migration"}
    assert set(said["models"]) == {BEHAVIOUR, APPLICATION}
    assert len(said["models"][BEHAVIOUR]["feature_psi"]) <= 10


def test_without_an_outcome_it_still_says_what_moved():
    backtest = make_backtest(known_quarters=0)
    found = validate_default(backtest, year_later=None, customers=make_customers(), policy=POLICY)
    json.dumps(describe_validation(found), allow_nan=False)
    for own in found.models.values():
        assert own.rows == own.customers == own.defaults == len(own.grades) == 0
        assert own.score_shift >= 0
        assert len(own.feature_shifts)
        assert own.reasons["rows"] > 0
    assert found.migration.empty


def test_without_a_default_levels_are_tested_and_ranks_are_not(backtest):
    none = np.where(np.isnan(backtest.observed.defaulted), np.nan, 0.0)
    quiet = replace(backtest, observed=replace(backtest.observed, defaulted=none))
    found = validate_default(quiet, year_later=None, customers=make_customers(), policy=POLICY)
    own = found.models[APPLICATION]
    assert own.defaults == 0
    assert np.isnan(own.figures["gini"].value)
    assert own.tests["jeffreys"] > 0.99
    assert (own.grades["posterior_mean"] > 0).all()
