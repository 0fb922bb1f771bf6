"""The default model: who is predicted by which model, what it learns from, and that it is worth having."""

from dataclasses import replace

import numpy as np
import pytest

from arrisk.errors import ModelError
from arrisk.modeling.champion import compute_log_loss
from arrisk.modeling.default.model import (
    ALTMAN_RULE,
    APPLICATION,
    BEHAVIOUR,
    HISTORY,
    HORIZON_DAYS,
    count_customer_years,
    find_history,
    list_default_candidates,
)
from arrisk.modeling.logistic import to_probability
from arrisk.modeling.rates import BaseRate
from tests.modeling.defaults import (
    APPLICANT,
    COLUMNS,
    CUSTOMERS,
    QUARTER,
    TRAINED_DAY,
    hide_outcomes,
    make_observed,
    train_observed,
)


@pytest.fixture(scope="module")
def observed():
    return make_observed()


@pytest.fixture(scope="module")
def training(observed):
    return train_observed(observed)


@pytest.fixture(scope="module")
def later():
    """Give other customers, observed after the day of training."""
    return make_observed(seed=2, first_day=TRAINED_DAY)


def measure_gain(observed, model, later):
    """Give how much smaller the log loss of each later row is than that of the base rate known by then."""
    base = np.full(len(later), observed.defaulted.mean())
    return compute_log_loss(later.defaulted, base) - compute_log_loss(later.defaulted, model.predict(later.features))


def test_a_customer_without_history_is_predicted_by_the_application_model(training, later):
    model, has_history = training.model, find_history(later.features)
    p = model.predict(later.features)
    assert 0.1 < has_history.mean() < 0.9
    rows = later.features.loc[~has_history]
    assert np.array_equal(p[~has_history], model.application.predict(rows))
    assert np.array_equal(p[has_history], model.behaviour.predict(later.features.loc[has_history]))
    assert np.array_equal(p[~has_history], model.predict(rows.assign(late_share=0.9)))


@pytest.mark.parametrize("count", [0.0, np.nan])
def test_none_and_not_known_are_both_no_history(later, count):
    assert not find_history(later.features.assign(**{HISTORY: count})).any()


def test_the_model_beats_the_base_rate_out_of_time_in_both_parts(observed, training, later):
    p, has_history = training.model.predict(later.features), find_history(later.features)
    gain = measure_gain(observed, training.model, later)
    assert gain[has_history].mean() > 0.03
    assert gain[~has_history].mean() > 0.01
    assert p.mean() == pytest.approx(later.defaulted.mean(), abs=0.02)


def test_learning_from_shuffled_outcomes_does_hardly_any_harm(observed, later):
    order = np.random.default_rng(5).permutation(len(observed))
    model = train_observed(replace(observed, defaulted=observed.defaulted[order])).model
    # Directions that are known beforehand leave a little to be learnt from noise, and nothing to be harmed by.
    assert -0.003 < measure_gain(observed, model, later).mean() < 0.005


def test_the_behaviour_model_learns_from_customers_with_a_history_the_other_one_from_all(observed, training):
    assert len(training.samples[APPLICATION]) == len(observed)
    assert len(training.samples[BEHAVIOUR]) == find_history(observed.features).sum()
    assert training.samples[APPLICATION].columns == APPLICANT
    sample = training.samples[BEHAVIOUR]
    assert (sample.known_day == sample.asked_day + HORIZON_DAYS - 1).all()
    assert sample.known_day.max() < TRAINED_DAY == training.as_of_day


@pytest.mark.slow
def test_a_year_that_is_not_over_teaches_nothing(observed, later):
    since = int(np.unique(observed.asked_day)[-2])
    hidden = hide_outcomes(observed, since=since)
    shorter = np.flatnonzero(observed.asked_day < since)
    cut = replace(
        observed,
        features=observed.features.iloc[shorter].reset_index(drop=True),
        customer_id=observed.customer_id.iloc[shorter].reset_index(drop=True),
        asked_day=observed.asked_day[shorter],
        defaulted=observed.defaulted[shorter],
    )
    one, two = (train_observed(each, as_of_day=since + 364).model for each in (hidden, cut))
    assert np.array_equal(one.predict(later.features), two.predict(later.features))


def test_the_order_of_rows_changes_nothing(observed, training, later):
    order = np.random.default_rng(6).permutation(len(observed))
    mixed = replace(
        observed,
        features=observed.features.iloc[order].reset_index(drop=True),
        customer_id=observed.customer_id.iloc[order].reset_index(drop=True),
        asked_day=observed.asked_day[order],
        defaulted=observed.defaulted[order],
    )
    assert np.array_equal(train_observed(mixed).model.predict(later.features), training.model.predict(later.features))


def test_customers_without_any_history_are_enough_to_learn_from(observed, later):
    none = replace(observed, features=observed.features.assign(**{HISTORY: 0.0}))
    model = train_observed(none).model
    assert np.isfinite(model.predict(later.features)).all()


def test_a_missing_feature_is_refused(training, observed):
    with pytest.raises(ModelError, match="late_share"):
        training.model.predict(observed.features.drop(columns="late_share"))
    with pytest.raises(ModelError, match="employees"):
        train_observed(replace(observed, features=observed.features.drop(columns="employees")))


def test_nothing_can_be_learnt_before_a_year_is_over(observed):
    with pytest.raises(ModelError, match="no customer had been observed for a whole year") as refusal:
        train_observed(hide_outcomes(observed, since=0))
    assert "a later day" in refusal.value.hint


def test_altmans_rule_is_a_candidate_where_there_is_his_score(training):
    names = [candidate.name for candidate in list_default_candidates(COLUMNS)]
    assert names == ["base_rate", "altman_rule", "scorecard", "logistic", "boosted_trees", "blend"]
    assert ALTMAN_RULE not in [candidate.name for candidate in list_default_candidates(COLUMNS[:2])]
    rule = next(candidate for candidate in list_default_candidates(COLUMNS) if candidate.name == ALTMAN_RULE)
    sample = training.samples[BEHAVIOUR]
    changed = sample.features.assign(late_share=0.5, employees=1.0)
    fitted = rule.fit(sample)
    assert np.array_equal(fitted.predict_margin(sample.features), fitted.predict_margin(changed))
    assert (
        fitted.predict_margin(changed.assign(altman_z1=-3.0))[0]
        > fitted.predict_margin(changed.assign(altman_z1=6.0))[0]
    )


def rate_of(training, name=BEHAVIOUR):
    return training.model.behaviour.predict(training.samples[name].features)


def test_without_a_default_the_probability_is_the_posterior_mean_over_years_that_do_not_overlap(observed):
    quiet = replace(observed, defaulted=np.zeros(len(observed)))
    training = train_observed(quiet)
    sample = training.samples[APPLICATION]
    assert training.trials[APPLICATION].champion == training.trials[BEHAVIOUR].champion == "base_rate"
    # Twelve quarters' questions about each customer: eleven quarters, and the year of the last.
    years = CUSTOMERS * (11 * QUARTER + 365) / 365
    p = training.model.application.predict(sample.features)
    assert p == pytest.approx(1 / (years + 2))
    assert (rate_of(training) > 1 / (len(sample) + 2)).all()


def test_the_base_rate_counts_a_default_once_however_many_questions_it_answers(observed):
    training = train_observed(observed)
    sample = training.samples[APPLICATION]
    base = list_default_candidates(())[0]
    years = count_customer_years(sample)
    rate = sample.events / len(sample)
    found = to_probability(base.fit(sample).predict_margin(sample.features))
    assert found == pytest.approx((years * rate + 1) / (years + 2))
    thinned = sample.take(np.flatnonzero(sample.asked_day % 2 == sample.asked_day[0] % 2))
    assert len(thinned) == len(sample) / 2
    assert count_customer_years(thinned) > 0.8 * years


def test_years_further_apart_than_a_year_leave_a_gap_and_nobody_has_none(observed):
    sample = train_observed(observed).samples[APPLICATION].take(np.array([], dtype="int64"))
    assert count_customer_years(sample) == 0
    days = np.array([0, 1_000])
    both = replace(sample, customer=np.zeros(2, dtype="int64"), asked_day=days)
    assert count_customer_years(both) == pytest.approx(2)


def test_a_base_rate_tells_nobody_apart(training, later):
    rate = replace(training.model.application, model=BaseRate(-3.0))
    model = replace(training.model, application=rate)
    assert training.model.tells_apart(later.features).all()
    assert model.tells_apart(later.features).tolist() == find_history(later.features).tolist()
