"""What every candidate must do, and what each one is for."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from arrisk.modeling.blend import blend
from arrisk.modeling.boosted import PLENTY, SMALL, fit_boosted
from arrisk.modeling.candidates import MODELS, list_candidates
from arrisk.modeling.linear import fit_linear, fit_linear_at
from arrisk.modeling.logistic import fit_logistic, to_margin, to_probability
from arrisk.modeling.rates import fit_base_rate, fit_segment_rate, fit_shrunk_rate
from tests.modeling.samples import COLUMNS, PAST, make_sample

CANDIDATES = {candidate.name: candidate for candidate in list_candidates(past=PAST)}


@pytest.fixture(scope="module", params=list(CANDIDATES))
def model(request, sample):
    return CANDIDATES[request.param].fit(sample)


@pytest.fixture(scope="module", params=list(CANDIDATES))
def half_over(request, sample):
    """Give a model of a stage of which for some rows only a part lies ahead, and these rows."""
    left = np.resize([1.0, 0.6, 0.1], len(sample))
    asked = replace(sample, features=sample.features.assign(stage_left_share=left))
    return CANDIDATES[request.param].fit(asked), asked


def test_one_row_is_scored_bit_for_bit_as_in_a_batch(model, sample):
    batch = model.predict_margin(sample.features)
    single = [model.predict_margin(sample.features.iloc[[row]])[0] for row in range(0, len(sample), 7)]
    assert np.array_equal(batch[::7], single)


def test_the_order_of_the_rows_changes_nothing(model, sample):
    order = np.random.default_rng(3).permutation(len(sample))
    shuffled = model.predict_margin(sample.features.iloc[order])
    assert np.array_equal(model.predict_margin(sample.features)[order], shuffled)


def test_contributions_sum_to_the_margin(model, sample):
    base, parts = model.contribute(sample.features)
    total = base + parts.to_numpy().sum(axis=1)
    assert np.abs(total - model.predict_margin(sample.features)).max() < 1e-9


def test_a_model_written_as_json_and_read_back_scores_bit_for_bit_the_same(model, sample):
    again = MODELS[model.kind].from_json(json.loads(json.dumps(model.to_json())))
    assert np.array_equal(model.predict_margin(sample.features), again.predict_margin(sample.features))


def test_all_of_it_holds_where_only_a_part_of_a_stage_lies_ahead(half_over):
    model, asked = half_over
    margin = model.predict_margin(asked.features)
    again = MODELS[model.kind].from_json(json.loads(json.dumps(model.to_json())))
    assert np.array_equal(again.predict_margin(asked.features), margin)
    base, parts = model.contribute(asked.features)
    assert np.abs(base + parts.to_numpy().sum(axis=1) - margin).max() < 1e-9
    single = [model.predict_margin(asked.features.iloc[[row]])[0] for row in range(0, len(asked), 31)]
    assert np.array_equal(margin[::31], single)


def test_the_same_rows_give_the_same_model(model, sample):
    again = CANDIDATES[model.kind].fit(sample)
    assert again.to_json() == model.to_json()


def test_no_rows_give_no_margins(model, sample):
    assert len(model.predict_margin(sample.features.iloc[:0])) == 0


def test_a_missing_value_is_scored_and_not_an_error(model, sample):
    gaps = sample.features.iloc[:3].assign(mean_days_late=np.nan, noise=np.nan)
    assert np.isfinite(model.predict_margin(gaps)).all()


def test_one_class_gives_the_posterior_mean():
    sample = make_sample(invoices=60)
    never = sample.take(sample.target == 0)
    assert to_probability(fit_base_rate(never).predict_margin(never.features))[0] == pytest.approx(
        0.5 / (len(never) + 1)
    )


def test_a_customer_without_history_gets_the_portfolio_rate(sample):
    model = fit_shrunk_rate(sample, past=PAST)
    newcomer = pd.DataFrame({"settled_count": [0.0, np.nan], "late_count": [0.0, np.nan]})
    assert to_probability(model.predict_margin(newcomer)) == pytest.approx([model.rate, model.rate])


def test_a_base_rate_is_for_the_whole_stage_and_a_part_of_it_has_a_part(sample):
    left = np.tile([1.0, 0.5, 0.25, 0.05], len(sample) // 4)
    truth = 0.36**left
    target = (np.random.default_rng(6).random(len(left)) < truth).astype("float64")
    halves = replace(sample, features=sample.features.assign(stage_left_share=left), target=target)
    rate = to_probability(fit_base_rate(halves).predict_margin(halves.features))
    assert rate[:4] == pytest.approx(truth[:4], abs=0.06)
    assert rate[1] == pytest.approx(rate[0] ** 0.5)
    assert rate.mean() == pytest.approx(target.mean(), abs=0.002)
    base, parts = fit_base_rate(halves).contribute(halves.features)
    assert base + parts["stage_left_share"].to_numpy() == pytest.approx(to_margin(rate), abs=1e-9)


def test_a_rate_by_segment_is_that_of_its_rows_drawn_to_that_of_all(sample):
    terms = np.tile([7.0, 30.0, 60.0, np.nan], len(sample) // 4)
    target = (terms == 30).astype("float64")
    grouped = replace(sample, features=sample.features.assign(terms_days=terms, settled_count=9.0), target=target)
    rate = to_probability(fit_segment_rate(grouped).predict_margin(grouped.features))
    # 400 rows on terms of at most 10 days or none, 200 on 30, 200 on 60; all of 30 and none of the others.
    assert rate[:4] == pytest.approx([x / y for x, y in ((5, 420), (205, 220), (5, 220), (5, 420))], abs=0.001)


def test_a_blend_is_the_weighted_mean_of_its_two_parts(sample):
    line, trees = fit_linear(sample, past=PAST), fit_boosted(sample)
    model = blend(line, trees, rows=1_000, most=0.75)
    assert model.weight == pytest.approx(0.25)
    mean = 0.75 * line.predict_margin(sample.features) + 0.25 * trees.predict_margin(sample.features)
    assert model.predict_margin(sample.features) == pytest.approx(mean, abs=1e-12)
    assert blend(line, trees, rows=1_000_000, most=0.75).weight == 0.75
    fitted = CANDIDATES["blend"].combine({"logistic": line, "boosted_trees": trees}, 1_000)
    assert fitted.to_json() == model.to_json()


def test_a_long_record_outweighs_the_portfolio(sample):
    model = fit_shrunk_rate(sample, past=PAST)
    known = pd.DataFrame({"settled_count": [1000.0], "late_count": [900.0]})
    assert to_probability(model.predict_margin(known))[0] == pytest.approx(0.9, abs=0.03)


def test_trees_are_more_and_larger_on_more_rows():
    grown = [PLENTY.on(rows) for rows in (19_999, 20_000, 99_999, 100_000)]
    shapes = [(each.trees, each.settings["num_leaves"], each.settings["min_data_in_leaf"]) for each in grown]
    assert shapes == [(150, 8, 30), (150, 16, 100), (150, 16, 100), (300, 31, 100)]
    assert SMALL.on(1_000_000).settings["num_leaves"] == 16
    assert all(each.settings["feature_fraction"] == 0.4 for each in grown)


def test_trees_never_go_against_a_direction_of_the_catalogue(sample):
    model = fit_boosted(sample)
    rising = pd.concat([sample.features.iloc[[5]]] * 60, ignore_index=True)
    for column in COLUMNS:
        if column.direction:
            steps = rising.assign(**{column.name: np.linspace(-40, 60, 60)})
            assert (column.direction * np.diff(model.predict_margin(steps)) >= 0).all()


def test_a_value_beyond_what_was_seen_counts_as_the_last_one_seen(sample):
    model = fit_linear(sample, past=PAST)
    far = sample.features.iloc[[0, 0]].assign(mean_days_late=[1e3, 1e6])
    margins = model.predict_margin(far)
    assert margins[0] == margins[1]


def test_an_infinitely_strict_prior_leaves_the_customers_own_past_rate(sample):
    strict = fit_linear_at(sample, past=PAST, strictness=1e9)
    shrunk = fit_shrunk_rate(sample, past=PAST)
    gap = strict.predict_margin(sample.features) - shrunk.predict_margin(sample.features)
    # The past margin is bounded at its outermost half per cent, and the intercept is free.
    assert np.abs(gap - np.median(gap)).max() < 0.6
    assert np.median(np.abs(gap - np.median(gap))) < 1e-6


def test_the_solver_agrees_with_scikit_learn():
    random = np.random.default_rng(5)
    design = random.normal(size=(400, 3))
    target = (random.random(400) < to_probability(design @ np.array([1.0, -0.5, 0.0]) - 0.3)).astype(float)
    ours = fit_logistic(
        np.column_stack([design, np.ones(400)]), target, penalty=np.array([2.0, 2, 2, 0]), centre=np.zeros(4)
    )
    peer = LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit(design, target)
    assert ours == pytest.approx([*peer.coef_[0], peer.intercept_[0]], abs=1e-5)


def test_a_separated_sample_has_finite_coefficients():
    found = fit_logistic(
        np.array([[-1.0], [1.0]] * 20), np.array([0.0, 1.0] * 20), penalty=np.array([0.01]), centre=np.zeros(1)
    )
    assert np.isfinite(found).all()


def test_margins_and_probabilities_are_inverse_and_never_reach_the_ends():
    margin = np.array([-1e6, -3.0, 0.0, 3.0, 1e6])
    probability = to_probability(margin)
    assert (probability > 0).all()
    assert (probability < 1).all()
    assert to_margin(probability)[1:4] == pytest.approx(margin[1:4])
