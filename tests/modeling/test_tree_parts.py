"""The parts of trees are LightGBM's own, and sum to the margin."""

import lightgbm as lgb
import numpy as np
import pytest

from arrisk.modeling.boosted import fit_boosted
from arrisk.modeling.tree_parts import add_parts, read_trees


def split(booster, matrix):
    trees = read_trees(booster.model_to_string())
    parts = np.zeros(matrix.shape)
    add_parts(trees, matrix, parts)
    return trees.base, parts


def fit(*, leaves, gaps, columns=6, rows=3000):
    random = np.random.default_rng(4)
    matrix = random.normal(size=(rows, columns)).astype("float32").round(1)
    risk = matrix[:, 0] + matrix[:, 1] * matrix[:, 2] - np.abs(matrix[:, 3])
    if gaps:
        matrix[random.random(matrix.shape) < 0.2] = np.nan
    target = (random.random(rows) < 1 / (1 + np.exp(-risk))).astype("float64")
    settings = {"objective": "binary", "num_leaves": leaves, "verbosity": -1, "num_threads": 1, "deterministic": True}
    return lgb.train(settings, lgb.Dataset(matrix, target), num_boost_round=20), matrix


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("leaves", [2, 8, 31])
def test_they_are_those_of_lightgbm(leaves, gaps):
    booster, matrix = fit(leaves=leaves, gaps=gaps)
    base, parts = split(booster, matrix)
    theirs = booster.predict(matrix, pred_contrib=True, num_threads=1)
    assert base == pytest.approx(theirs[0, -1], abs=1e-12)
    assert np.abs(parts - theirs[:, :-1]).max() < 1e-12
    assert np.abs(base + parts.sum(axis=1) - booster.predict(matrix, raw_score=True)).max() < 1e-12


def test_a_gap_in_a_column_that_had_none_is_read_as_the_trees_read_it():
    booster, matrix = fit(leaves=8, gaps=False)
    matrix = np.where(np.arange(matrix.shape[1]) < 3, np.nan, matrix).astype("float32")[:50]
    _, parts = split(booster, matrix)
    assert np.abs(parts - booster.predict(matrix, pred_contrib=True)[:, :-1]).max() < 1e-12


def test_splits_by_category_are_read_as_lightgbm_reads_them():
    random = np.random.default_rng(7)
    matrix = np.column_stack([random.integers(0, 90, 4000), random.normal(size=4000)]).astype("float32")
    matrix[random.random(4000) < 0.1, 0] = np.nan
    risk = np.where(np.nan_to_num(matrix[:, 0]) % 7 < 3, 1.5, -1.5) + matrix[:, 1]
    target = (random.random(4000) < 1 / (1 + np.exp(-risk))).astype("float64")
    settings = {"objective": "binary", "num_leaves": 16, "verbosity": -1, "num_threads": 1, "deterministic": True}
    booster = lgb.train(settings, lgb.Dataset(matrix, target, categorical_feature=[0]), num_boost_round=20)
    assert "num_cat=0" not in booster.model_to_string().split("Tree=1")[0]
    asked = np.vstack([matrix, [[500.0, 0.0], [-3.0, 0.0]]]).astype("float32")
    base, parts = split(booster, asked)
    assert np.abs(parts - booster.predict(asked, pred_contrib=True)[:, :-1]).max() < 1e-12
    assert np.abs(base + parts.sum(axis=1) - booster.predict(asked, raw_score=True)).max() < 1e-12


def test_trees_that_are_a_single_leaf_have_no_parts():
    matrix = np.zeros((100, 2), dtype="float32")
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    booster = lgb.train(settings, lgb.Dataset(matrix, np.resize([0.0, 0.0, 1.0], 100)), num_boost_round=3)
    base, parts = split(booster, matrix)
    assert (parts == 0).all()
    assert base == pytest.approx(booster.predict(matrix, raw_score=True)[0], abs=1e-12)


def test_one_row_and_a_batch_agree_bit_for_bit(sample):
    model = fit_boosted(sample)
    _, whole = model.contribute(sample.features)
    for row in range(0, len(sample), 97):
        _, alone = model.contribute(sample.features.iloc[[row]])
        assert np.array_equal(alone.to_numpy()[0], whole.to_numpy()[row])
