"""A card can be recomputed by hand: its points sum to the score of its own probability."""

import numpy as np
import pytest

from arrisk.modeling.default.card import explain_points
from arrisk.modeling.grades import PointScale
from arrisk.modeling.logistic import to_probability
from arrisk.modeling.scorecard import ScorecardModel, fit_scorecard, list_points
from arrisk.policy import load_policy
from tests.modeling.defaults import make_observed, train_observed

SCALE = PointScale.of(load_policy().grades)


@pytest.fixture(scope="module")
def training():
    return train_observed(make_observed())


@pytest.fixture(scope="module")
def card(training):
    return fit_scorecard(training.samples["behaviour"])


@pytest.fixture(scope="module")
def rows(training):
    return training.samples["behaviour"].features.drop_duplicates().iloc[:60]


def test_the_points_of_a_customer_sum_to_the_score_of_its_probability(card, rows):
    told = explain_points(card, rows.reset_index(drop=True), scale=SCALE)
    score = SCALE.score(to_probability(card.predict_margin(rows)))
    assert told.groupby("row")["points"].sum().to_numpy() == pytest.approx(score, abs=1e-9)
    assert told["row"].tolist() == sorted(told["row"])


def test_each_line_is_one_of_the_card(card, rows):
    told = explain_points(card, rows.reset_index(drop=True), scale=SCALE)
    lines = list_points(card, scale=SCALE)
    assert told["is_missing"].any()
    for line in told.to_dict("records"):
        own = lines.loc[(lines["column"] == line["feature"]) & (lines["is_missing"] == line["is_missing"])]
        if not line["is_missing"]:
            low, high = own["from"].fillna(-np.inf), own["to"].fillna(np.inf)
            own = own.loc[(line["value"] > low) & (line["value"] <= high)]
        assert own["points"].tolist() == [line["points"]]


def test_points_lost_are_the_contributions_in_other_units(card, rows):
    told = explain_points(card, rows.reset_index(drop=True), scale=SCALE)
    _, parts = card.contribute(rows.reset_index(drop=True))
    lost = told.pivot_table(index="row", columns="feature", values="lost")[list(parts)]
    assert lost.to_numpy() == pytest.approx(parts.to_numpy() * SCALE.factor, abs=1e-9)


def test_a_card_without_columns_has_no_lines(rows):
    assert explain_points(ScorecardModel(-2.0, ()), rows, scale=SCALE).empty
