"""Firms of which nothing but attributes is known: words count, gaps cost something and stop nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from arrisk.features.attributes import CATEGORY, PREFIX
from arrisk.modeling.boosted import RANDOM, fit_boosted
from arrisk.modeling.default.asking import list_default_inputs
from arrisk.modeling.default.model import (
    APPLICATION,
    HISTORY,
    MANY_ATTRIBUTES,
    RANDOM_TREES,
    Observed,
    list_default_candidates,
    train_default,
)
from arrisk.modeling.logistic import to_probability
from arrisk.modeling.metrics import compute_auc
from arrisk.modeling.rows import Column

pytestmark = pytest.mark.slow

FIRMS, SCORES, DAY = 2_000, 8, 18_000
COLUMNS = (*(Column(f"{PREFIX}s{number}") for number in range(SCORES)), Column(CATEGORY + "branch", 0, "code"))


def draw_firms(seed):
    """Draw firms that were asked about on one day; every score, and the branch, say something of their own."""
    random = np.random.default_rng(seed)
    scores = random.normal(size=(FIRMS, SCORES))
    branch = random.integers(0, 20, FIRMS)
    risk = -2.5 + 0.6 * scores.sum(axis=1) / np.sqrt(SCORES) * 1.5 + np.where(branch % 2 == 0, 1.0, -1.0)
    features = pd.DataFrame(scores, columns=[f"{PREFIX}s{number}" for number in range(SCORES)])
    features = features.assign(**{CATEGORY + "branch": 150.0 + 7 * branch, HISTORY: np.nan})
    ids = pd.Series([f"c{number:05d}" for number in range(FIRMS)], dtype="str")
    defaulted = (random.random(FIRMS) < to_probability(risk)).astype("float64")
    return Observed(features, ids, np.full(FIRMS, DAY, dtype="int64"), defaulted)


@pytest.fixture(scope="module")
def training():
    observed, columns = draw_firms(1), (*COLUMNS, Column(HISTORY, 0, "log"))
    return train_default(observed, columns=columns, known_before=COLUMNS, as_of_day=DAY + 365)


@pytest.fixture(scope="module")
def later():
    return draw_firms(2)


def measure(training, later, features):
    p = training.model.predict(features)
    assert ((p > 0) & (p < 1)).all()
    return compute_auc(later.defaulted, p)


def test_a_model_is_chosen_where_all_were_asked_on_one_day(training, later):
    trial = training.trials[APPLICATION]
    assert trial.evidence_rows == FIRMS
    assert trial.champion != "base_rate"
    assert measure(training, later, later.features) > 0.75


def test_without_half_of_the_attributes_the_model_is_worse_and_still_of_use(training, later):
    whole = measure(training, later, later.features)
    half = [f"{PREFIX}s{number}" for number in range(SCORES // 2)]
    absent = later.features.drop(columns=half)
    unknown = later.features.assign(**dict.fromkeys(half, np.nan))
    assert np.array_equal(training.model.predict(absent), training.model.predict(unknown))
    assert 0.6 < measure(training, later, absent) < whole
    holes = np.random.default_rng(3).random((FIRMS, SCORES)) < 0.5
    scores = later.features.filter(like=PREFIX)
    assert 0.6 < measure(training, later, later.features.assign(**scores.mask(holes))) < whole


def test_of_a_firm_of_which_nothing_is_known_there_is_a_probability(training, later):
    features = later.features[[HISTORY]]
    assert len(np.unique(training.model.predict(features))) == 1


def test_trees_read_words(training, later):
    sample = training.samples[APPLICATION]
    trees = fit_boosted(sample)
    with_branch = compute_auc(later.defaulted, trees.predict_margin(later.features))
    without = compute_auc(later.defaulted, trees.predict_margin(later.features.assign(**{CATEGORY + "branch": np.nan})))
    assert with_branch > without + 0.03


def test_a_word_never_seen_counts_as_none_of_those_that_were(training, later):
    trees = fit_boosted(training.samples[APPLICATION])
    seen = set(later.features[CATEGORY + "branch"])
    unseen = [code for code in (3.0, 999.0, 4_000.0) if code not in seen]
    margins = [
        trees.predict_margin(later.features.head(50).assign(**{CATEGORY + "branch": code})).tolist() for code in unseen
    ]
    assert margins[0] == margins[1] == margins[2]
    base, parts = trees.contribute(later.features.head(50).assign(**{CATEGORY + "branch": 999.0}))
    assert base + parts.to_numpy().sum(axis=1) == pytest.approx(margins[0], abs=1e-6)


def test_larger_trees_are_offered_where_there_are_many_attributes(training):
    many = tuple(Column(f"{PREFIX}a{number}") for number in range(MANY_ATTRIBUTES))
    assert RANDOM_TREES in [candidate.name for candidate in list_default_candidates(many)]
    assert RANDOM_TREES not in [candidate.name for candidate in list_default_candidates(many[1:])]
    sample = replace(training.samples[APPLICATION], columns=COLUMNS)
    assert fit_boosted(sample, growth=RANDOM).text != fit_boosted(sample).text


def test_a_mean_over_one_report_is_no_column_of_its_own():
    features = pd.DataFrame({"attribute_a": [0.1, np.nan], "attribute_b": [1.0, 2.0], "category_c": [5.0, np.nan]})
    features = features.assign(mean_attribute_a=features["attribute_a"] * 0.3 / 0.3, mean_attribute_b=[1.0, 2.5])
    columns, applicants = list_default_inputs(features)
    names = [column.name for column in columns]
    assert "mean_attribute_a" not in names
    assert {"attribute_a", "mean_attribute_b", "category_c"} <= {column.name for column in applicants} <= set(names)
