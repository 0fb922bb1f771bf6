"""Bins: the golden weights of evidence, their order, missing values, and what few rows can say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.modeling.binning import MOST_BINS, cut_column, find_edges, place_values, weigh_evidence


def draw(rows=4_000, *, seed=1, slope=1.0):
    random = np.random.default_rng(seed)
    values = random.normal(size=rows)
    target = (random.random(rows) < 1 / (1 + np.exp(3 - slope * values))).astype("float64")
    return values, target


def test_golden_weights_of_100_300_600_goods_and_50_30_20_bads_are_minus_1_6094_0_1_0986_information_1_0832():
    # Siddiqi, Intelligent Credit Scoring, 2017: ln(share of goods / share of bads), and the sum of differences x WoE.
    woe, information = weigh_evidence(np.array([100.0, 300.0, 600.0]), np.array([50.0, 30.0, 20.0]))
    assert woe == pytest.approx([-1.6094, 0, 1.0986], abs=5e-5)
    assert information == pytest.approx(1.0832, abs=5e-5)


def test_an_empty_cell_counts_as_half_a_row_and_an_empty_bin_says_nothing():
    woe, _ = weigh_evidence(np.array([100.0, 100.0, 0.0]), np.array([10.0, 0.0, 0.0]))
    assert woe == pytest.approx([np.log(0.5 / 1), np.log(0.5 / (0.5 / 10)), 0])
    assert weigh_evidence(np.array([5.0]), np.zeros(1))[1] == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1_000), st.sampled_from([-1, 0, 1]), st.floats(-2, 2), st.booleans())
def test_weights_only_rise_or_only_fall_and_bins_hold_every_row(seed, direction, slope, is_rounded):
    values, target = draw(1_500, seed=seed, slope=slope)
    values = np.round(values) if is_rounded else values
    bins, information = cut_column(values, target, direction=direction, repeats=1.0)
    steps = np.diff([part.woe for part in bins[:-1]])
    assert (steps < 0).all() or (steps > 0).all()
    if direction and len(steps):
        assert np.sign(steps[0]) == -direction
    assert sum(part.count for part in bins) == len(values)
    assert len(bins) <= MOST_BINS + 1
    assert information >= 0


def test_a_value_at_the_upper_end_belongs_to_its_bin_and_a_missing_one_to_the_last():
    values, target = draw()
    bins, _ = cut_column(values, target, direction=1, repeats=1.0)
    edges = find_edges(bins)
    assert place_values(edges, edges).tolist() == list(range(len(edges)))
    assert place_values(np.array([np.nan, -np.inf, np.inf]), edges).tolist() == [len(edges) + 1, 0, len(edges)]
    assert [part.bads for part in bins[:-1]] == np.bincount(place_values(values, edges), weights=target).tolist()


def test_against_its_direction_a_column_says_nothing():
    values, target = draw()
    bins, information = cut_column(values, target, direction=-1, repeats=1.0)
    assert len(bins) == 2
    assert information == 0


def test_what_is_rare_and_telling_has_a_bin_of_its_own():
    random = np.random.default_rng(5)
    is_hit = random.random(5_000) < 0.012
    target = (random.random(5_000) < np.where(is_hit, 0.5, 0.02)).astype("float64")
    bins, _ = cut_column(is_hit.astype("float64"), target, direction=1, repeats=1.0)
    assert [(part.low, part.high) for part in bins] == [(None, 0.0), (0.0, None), (None, None)]
    assert bins[1].woe < -2


def test_a_perfect_divide_is_not_lost_for_its_empty_cells():
    values = np.arange(1_000.0)
    bins, information = cut_column(values, (values >= 950).astype("float64"), direction=1, repeats=1.0)
    assert [part.high for part in bins][:-2] == [949.0]
    assert information > 5


def test_noise_is_seldom_cut():
    random = np.random.default_rng(7)
    cut = 0
    for _ in range(100):
        values, target = random.normal(size=1_000), (random.random(1_000) < 0.05).astype("float64")
        cut += len(cut_column(values, target, direction=1, repeats=1.0)[0]) > 2
    assert cut <= 15


def test_a_missing_value_speaks_where_enough_are_missing_and_is_the_average_row_otherwise():
    values, target = draw()
    many, few = values.copy(), values.copy()
    many[target == 1] = np.nan
    many[:400] = np.nan
    few[:10] = np.nan
    assert cut_column(many, target, direction=0, repeats=1.0)[0][-1].woe < -1
    assert cut_column(few, target, direction=0, repeats=1.0)[0][-1].woe == 0
    assert cut_column(np.full(4_000, np.nan), target, direction=0, repeats=1.0)[1] == pytest.approx(0)


def test_rows_that_repeat_a_default_count_once():
    values, target = draw(400)
    four_times = np.tile(values, 4), np.tile(target, 4)
    once, _ = cut_column(values, target, direction=1, repeats=1.0)
    again, _ = cut_column(*four_times, direction=1, repeats=4.0)
    careless, _ = cut_column(*four_times, direction=1, repeats=1.0)
    assert find_edges(again).tolist() == find_edges(once).tolist()
    assert len(careless) > len(once)


def test_a_value_without_end_is_no_edge():
    values, target = draw()
    values[:1_000], target[:1_000] = -np.inf, np.resize([0.0, 0.0, 1.0], 1_000)
    edges = find_edges(cut_column(values, target, direction=-1, repeats=1.0)[0])
    assert len(edges)
    assert np.isfinite(edges).all()


def test_bins_stay_few_however_much_a_column_says():
    values, target = draw(60_000, slope=2.0)
    assert len(cut_column(values, target, direction=1, repeats=1.0)[0]) == MOST_BINS + 1
