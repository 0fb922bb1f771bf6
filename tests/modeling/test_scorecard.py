"""The scorecard: a person can recompute it by hand, and it ranks exactly as its own probability."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import ModelError
from arrisk.modeling.grades import PointScale
from arrisk.modeling.logistic import to_probability
from arrisk.modeling.metrics import compute_auc
from arrisk.modeling.rows import Column, Sample
from arrisk.modeling.scorecard import (
    MIN_INFORMATION,
    MOST_ALIKE,
    MOST_COLUMNS,
    ScorecardModel,
    fit_scorecard,
    list_points,
    score_points,
)

SCALE = PointScale.through(600, odds=50, points_to_double=20)
COLUMNS = (
    Column("debt", 1, group="load"),
    Column("debt_again", 1, group="load"),
    Column("margin", -1),
    Column("overdue_days", 1, "log"),
    Column("noise"),
    Column("industry", 0, "code"),
    Column("year", is_of_the_times=True),
)


def make_risks(rows=6_000, *, seed=1):
    """Draw customers that default for debt, thin margins and overdue invoices; who hides the margin is riskier."""
    random = np.random.default_rng(seed)
    debt, margin, noise = random.normal(size=(3, rows))
    overdue = np.where(random.random(rows) < 0.9, 0.0, random.exponential(30, rows))
    is_hidden = random.random(rows) < 0.2
    risk = -4 + 0.9 * debt - 0.7 * margin + 0.04 * overdue + 0.8 * is_hidden
    features = pd.DataFrame(
        {
            "debt": debt,
            "debt_again": debt + 0.1 * random.normal(size=rows),
            "margin": np.where(is_hidden, np.nan, margin),
            "overdue_days": overdue,
            "noise": noise,
            "industry": np.sign(risk),
            "year": risk,
        }
    )
    target = (random.random(rows) < to_probability(risk)).astype("float64")
    days = np.arange(rows)
    return Sample(features, target, days, days, days + 365, COLUMNS)


@pytest.fixture(scope="module")
def risks():
    return make_risks()


@pytest.fixture(scope="module")
def card(risks):
    return fit_scorecard(risks)


def test_a_person_recomputes_a_probability_from_the_printed_card(card, risks):
    table = list_points(card, scale=SCALE)
    row = risks.features.iloc[[17]]
    total = 0.0
    for column, bins in table.groupby("column"):
        value = row[column].iloc[0]
        for part in bins.itertuples():
            low, high = bins.loc[part.Index, ["from", "to"]].fillna({"from": -math.inf, "to": math.inf})
            if part.is_missing == math.isnan(value) and (part.is_missing or low < value <= high):
                total += part.points
    odds = math.exp((total - 487.12290) / 28.85390)
    assert 1 / (1 + odds) == pytest.approx(to_probability(card.predict_margin(row))[0], rel=1e-6)


def test_the_score_is_the_sum_of_the_points_and_the_probability_on_the_scale(card, risks):
    points = score_points(card, risks.features, scale=SCALE)
    score = points.pop("score").to_numpy()
    assert np.abs(points.to_numpy().sum(axis=1) - score).max() < 1e-9
    p = to_probability(card.predict_margin(risks.features))
    assert np.abs(SCALE.score(p) - score).max() < 1e-9


def test_the_card_ranks_exactly_as_its_own_probability(card, risks):
    score = score_points(card, risks.features, scale=SCALE)["score"].to_numpy()
    p = to_probability(card.predict_margin(risks.features))
    order = np.argsort(p, kind="stable")
    assert (np.diff(score[order]) <= 0).all()


def test_the_card_lists_every_bin_once_with_the_share_of_the_rows(card):
    table = list_points(card, scale=SCALE)
    assert table.groupby("column")["share"].sum().to_numpy() == pytest.approx(1)
    assert (table["points"] - table["points_rounded"]).abs().max() <= 0.5
    assert table.groupby("column")["is_missing"].sum().eq(1).all()
    known = table.loc[~table["is_missing"]]
    assert (
        known.groupby("column")["points"].diff().groupby(known["column"]).agg(lambda step: step.dropna().nunique()) >= 1
    ).all()


def test_more_evidence_of_good_is_never_fewer_points(card):
    assert all(column.coefficient < 0 for column in card.columns)
    for _, bins in list_points(card, scale=SCALE).groupby("column"):
        assert bins.sort_values("woe")["points"].is_monotonic_increasing


def test_points_follow_the_directions_of_the_catalogue(card, risks):
    for column in COLUMNS[:4]:
        steps = pd.concat([risks.features.iloc[[3]]] * 50).assign(**{column.name: np.linspace(-60, 60, 50)})
        assert (column.direction * np.diff(card.predict_margin(steps)) >= 0).all()


def test_what_says_nothing_twice_the_same_codes_and_the_calendar_are_left_out(card):
    assert {column.name for column in card.columns} & {"debt", "debt_again"} == {card.columns[0].name}
    assert {column.name for column in card.columns} - {"debt", "debt_again"} == {"margin", "overdue_days"}
    assert all(column.information >= MIN_INFORMATION for column in card.columns)


def test_no_two_columns_of_a_card_are_alike(card, risks):
    weights = np.column_stack([column.read_weights(risks.features) for column in card.columns])
    assert np.abs(np.corrcoef(weights.T) - np.eye(len(card.columns))).max() < MOST_ALIKE


def test_a_card_stays_short():
    random = np.random.default_rng(2)
    risk = random.normal(size=3_000)
    names = [f"sign{number}" for number in range(25)]
    features = pd.DataFrame({name: risk + 2 * random.normal(size=3_000) for name in names})
    target = (random.random(3_000) < to_probability(risk - 2)).astype("float64")
    days = np.arange(3_000)
    card = fit_scorecard(Sample(features, target, days, days, days, tuple(Column(name) for name in names)))
    assert 5 < len(card.columns) <= MOST_COLUMNS


def test_a_column_that_turns_beside_a_better_one_is_dropped():
    random = np.random.default_rng(4)
    known, other = random.normal(size=(2, 20_000))
    features = pd.DataFrame({"known": known, "shadow": 0.6 * known + 0.8 * other})
    # Given the first column the second one is good news, though alone it is bad news.
    target = (random.random(20_000) < to_probability(-2 + 1.5 * known - 0.4 * other)).astype("float64")
    days = np.arange(20_000)
    columns = (Column("known", 1), Column("shadow", 1))
    card = fit_scorecard(Sample(features, target, days, days, days, columns))
    assert [column.name for column in card.columns] == ["known"]


def test_a_missing_value_has_points_of_its_own_even_where_none_was_missing_before(card, risks):
    gaps = risks.features.iloc[:2].assign(margin=np.nan, overdue_days=[0.0, np.nan])
    parts = {column.name: column.bins[-1].woe for column in card.columns}
    assert parts["margin"] < 0
    assert parts["overdue_days"] == 0
    assert np.isfinite(card.predict_margin(gaps)).all()


def test_the_card_finds_the_risk_on_customers_it_never_saw(card, risks):
    later = make_risks(seed=9)
    p = to_probability(card.predict_margin(later.features))
    truth = compute_auc(later.target, later.features["year"].to_numpy())
    assert compute_auc(later.target, p) > truth - 0.03
    assert p.mean() == pytest.approx(risks.target.mean(), rel=0.05)
    assert to_probability(card.predict_margin(risks.features)).mean() == pytest.approx(risks.target.mean(), abs=1e-9)


def test_contributions_sum_to_the_margin_and_are_against_a_bin_that_says_nothing_and_stand_by_group(card, risks):
    base, parts = card.contribute(risks.features)
    assert np.abs(base + parts.to_numpy().sum(axis=1) - card.predict_margin(risks.features)).max() < 1e-9
    assert base == card.intercept
    neutral = replace(
        card, columns=tuple(replace(c, bins=tuple(replace(b, woe=0.0) for b in c.bins)) for c in card.columns)
    )
    assert (neutral.contribute(risks.features)[1] == 0).all(axis=None)
    assert set(parts.columns) == {"load", "margin", "overdue_days"}


def test_one_row_is_scored_bit_for_bit_as_in_a_batch_and_the_order_changes_nothing(card, risks):
    batch = card.predict_margin(risks.features)
    single = [card.predict_margin(risks.features.iloc[[row]])[0] for row in range(0, len(risks), 301)]
    assert np.array_equal(batch[::301], single)
    order = np.random.default_rng(3).permutation(len(risks))
    assert np.array_equal(batch[order], card.predict_margin(risks.features.iloc[order]))


def test_a_card_written_as_json_and_read_back_is_the_same(card, risks):
    again = ScorecardModel.from_json(json.loads(json.dumps(card.to_json(), allow_nan=False)))
    assert again == card
    assert np.array_equal(again.predict_margin(risks.features), card.predict_margin(risks.features))


def test_the_same_rows_give_the_same_card(card, risks):
    assert fit_scorecard(risks) == card


def test_a_default_asked_about_many_times_is_no_more_evidence_than_once():
    once = make_risks(600, seed=5)
    rows = np.repeat(np.arange(600), 4)
    assert len(once.columns) == len(COLUMNS)
    careful, plain = fit_scorecard(once.take(rows)), fit_scorecard(once)
    assert [column.name for column in careful.columns] == [column.name for column in plain.columns]
    assert [column.coefficient for column in careful.columns] == pytest.approx(
        [column.coefficient for column in plain.columns], abs=1e-6
    )


def test_one_outcome_alone_gives_one_probability_and_never_zero(risks):
    card = fit_scorecard(risks.take(risks.target == 0))
    p = to_probability(card.predict_margin(risks.features.iloc[:3]))
    assert card.columns == ()
    assert 0 < p[0] < 0.001
    assert list_points(card, scale=SCALE).empty
    assert score_points(card, risks.features.iloc[:3], scale=SCALE)["score"].to_numpy() == pytest.approx(SCALE.score(p))


def test_a_feature_that_is_not_there_is_named(risks):
    with pytest.raises(ModelError, match="margin"):
        fit_scorecard(replace(risks, features=risks.features.drop(columns="margin")))
