"""Receipts of sales to come: the timing of past weeks, the level of the last half-year, the season of a year ago."""

import numpy as np
import pytest

from arrisk.forecast.sales import SalesHistory, tabulate_sales

AS_OF_DAY = 20_000


def history_of(sales, *, shares, weeks=6):
    """Give a past in which each week's sales come in by the given shares in the weeks since; the newest week first."""
    issued = AS_OF_DAY - 7 * (1 + np.arange(len(sales)))
    paid = (issued[:, None] + 7 * np.arange(len(shares))).ravel()
    of, amounts = np.repeat(issued, len(shares)), np.outer(sales, shares).ravel()
    seen = paid < AS_OF_DAY
    return tabulate_sales(
        issued_day=issued,
        amount=np.asarray(sales, dtype="float64"),
        paid_day=paid[seen],
        paid_issued_day=of[seen],
        paid_amount=amounts[seen],
        as_of_day=AS_OF_DAY,
        weeks=weeks,
    )


def test_steady_sales_come_in_as_they_always_did():
    expected = history_of(np.full(40, 1000.0), shares=[0.0, 0.25, 0.5, 0.2]).expect()
    np.testing.assert_allclose(expected, [0, 250, 750, 950, 950, 950])


def test_weeks_too_recent_to_be_seen_are_filled_in():
    history = history_of(np.full(5, 1000.0), shares=[0.1, 0.2, 0.3])
    np.testing.assert_allclose(history.rows[0], [100, 200, 300, 0, 0, 0])


def test_an_age_that_no_week_has_reached_brings_nothing():
    assert history_of([1000.0], shares=[0.1, 0.9]).expect().tolist() == [100.0] * 6


def test_the_level_is_that_of_the_last_half_year():
    sales = np.r_[np.full(26, 2000.0), np.full(20, 500.0)]
    assert history_of(sales, shares=[1.0]).expect().tolist() == [2000.0] * 6


@pytest.mark.parametrize("weeks_known", [77, 104])
def test_the_season_of_a_year_ago_comes_again_where_a_year_and_a_half_is_known(weeks_known):
    back = np.arange(weeks_known)
    season = 1 + 0.3 * np.sin(2 * np.pi * back / 52)
    expected = history_of(1000 * season, shares=[1.0]).expect()
    true = 1000 * (1 + 0.3 * np.sin(2 * np.pi * (-1 - np.arange(6)) / 52))
    flat = season[:26].mean() * 1000
    if weeks_known < 78:
        np.testing.assert_allclose(expected, flat)
    else:
        # The half-year before is the other half of the wave, so a forecast without the season is far off.
        assert np.abs(expected - true).mean() < 0.25 * np.abs(flat - true).mean()


def test_noise_is_not_taken_for_a_season():
    noise = np.random.default_rng(2).normal(1000, 200, 104)
    assert np.abs(history_of(noise, shares=[1.0]).seasons - 1).max() < 0.12


def test_the_mean_of_the_paths_is_what_is_expected_and_the_seed_decides():
    sales = np.random.default_rng(3).gamma(4, 250, 60)
    history = history_of(sales, shares=[0.1, 0.4, 0.3, 0.1])
    paths = history.simulate(paths=8000, seed=1)
    error = paths.std(axis=0) / np.sqrt(len(paths))
    assert (np.abs(paths.mean(axis=0) - history.expect()) < 4.5 * error).all()
    assert (paths == history.simulate(paths=8000, seed=1)).all()
    assert (paths != history.simulate(paths=8000, seed=2)).any()


def test_no_sales_bring_nothing():
    nothing = SalesHistory(np.zeros(1), np.zeros((1, 6)))
    assert not nothing.expect().any()
    assert not nothing.simulate(paths=10, seed=1).any()
