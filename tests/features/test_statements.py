"""Ratios and scores of accounts are those of their published formulas, and missing where a figure is."""

import numpy as np
import pytest

from arrisk.features.statements import (
    ALTMAN_GENERAL,
    ALTMAN_PRIVATE,
    ALTMAN_PUBLIC,
    FIGURES,
    Accounts,
    compute_capacity,
    compute_capital,
    cover_interest,
    score_ohlson,
)
from arrisk.modeling.logistic import to_probability

RATIOS = [np.array([x]) for x in (0.25, 0.13, 0.08, 0.55, 1.2)]
NOTHING = {name: np.array([np.nan]) for name in FIGURES}
ONE = np.array([1.0])
FIRM = {
    "revenue": 200.0,
    "ebit": 10.0,
    "interest_expense": 4.0,
    "net_income": 5.0,
    "operating_cash_flow": 8.0,
    "total_assets": 100.0,
    "current_assets": 45.0,
    "inventory": 15.0,
    "intangible_assets": 10.0,
    "total_liabilities": 60.0,
    "current_liabilities": 25.0,
    "equity": 40.0,
    "retained_earnings": 12.0,
    "market_equity": 90.0,
}


def state(**changes: float) -> Accounts:
    """Give the accounts of one firm."""
    return {name: np.array([value]) for name, value in {**FIRM, **changes}.items()}


def compute(now: Accounts, before: Accounts = NOTHING) -> dict[str, float]:
    columns = compute_capacity(now, before) | compute_capital(now, before, rate=ONE)
    return {name: float(values[0]) for name, values in columns.items()}


@pytest.mark.parametrize(
    ("variant", "score", "zone"),
    [(ALTMAN_PUBLIC, 2.276, "grey"), (ALTMAN_PRIVATE, 1.96652, "grey"), (ALTMAN_GENERAL, 3.1789, "safe")],
)
def test_one_firm_has_three_scores_of_altman_in_different_zones(variant, score, zone):
    scored = variant.score(RATIOS)
    assert scored[0] == pytest.approx(score, abs=1e-9)
    assert variant.find_zone(scored).tolist() == [zone]


@pytest.mark.parametrize(
    ("variant", "distress", "safe"),
    [(ALTMAN_PUBLIC, 1.81, 2.99), (ALTMAN_PRIVATE, 1.23, 2.9), (ALTMAN_GENERAL, 1.1, 2.6)],
)
def test_the_bounds_of_the_zones_are_grey(variant, distress, safe):
    scores = np.array([distress - 0.01, distress, safe, safe + 0.01])
    assert variant.find_zone(scores).tolist() == ["distress", "grey", "grey", "safe"]


def test_ohlson_gives_the_score_worked_by_hand():
    score = score_ohlson(state(), income_before=np.array([4.0]), size=np.array([100.0]))
    assert score[0] == pytest.approx(-0.240638, abs=1e-6)
    assert to_probability(score)[0] == pytest.approx(0.440129, abs=1e-6)


def test_ohlson_adds_for_two_losses_and_takes_off_for_more_debt_than_assets():
    size = np.array([100.0])
    losses = score_ohlson(state(net_income=-5.0), income_before=np.array([-5.0]), size=size)
    one_loss = score_ohlson(state(net_income=-5.0), income_before=np.array([5.0]), size=size)
    assert losses[0] - one_loss[0] == pytest.approx(0.285 - 0.521)
    at_par = score_ohlson(state(total_liabilities=100.0), income_before=ONE, size=size)
    above = score_ohlson(state(total_liabilities=100.001), income_before=ONE, size=size)
    assert above[0] - at_par[0] == pytest.approx(-1.72, abs=1e-3)


def test_the_unit_of_size_moves_every_score_of_ohlson_alike():
    scores = [score_ohlson(state(), income_before=ONE, size=np.array([size]))[0] for size in (100.0, 100_000.0)]
    assert scores[1] - scores[0] == pytest.approx(-0.407 * np.log(1000))


def test_nothing_earned_in_both_years_is_no_change():
    score = score_ohlson(state(net_income=0.0), income_before=np.array([0.0]), size=ONE)
    assert np.isfinite(score[0])


def test_ratios_are_those_of_the_textbook():
    found = compute(state(), {**NOTHING, "revenue": np.array([160.0]), "net_income": np.array([4.0])})
    expected = {
        "quick_ratio": 30 / 25,
        "interest_cover": 2.5,
        "ebit_margin": 0.05,
        "cash_flow_to_debt": 8 / 60,
        "revenue_growth": 0.25,
        "net_worth_log": np.log(31),
        "leverage": 0.6,
        "retained_earnings_share": 0.12,
        "altman_z": 1.2 * 0.2 + 1.4 * 0.12 + 3.3 * 0.1 + 0.6 * 90 / 60 + 2.0,
        "altman_z1": 0.717 * 0.2 + 0.847 * 0.12 + 3.107 * 0.1 + 0.420 * 40 / 60 + 0.998 * 2.0,
        "altman_z2": 6.56 * 0.2 + 3.26 * 0.12 + 6.72 * 0.1 + 1.05 * 40 / 60,
        "ohlson_o": -0.240638 - 0.407 * (np.log(1.0) - np.log(100.0)),
    }
    assert found == pytest.approx(expected, abs=1e-6)


def test_a_firm_with_more_debt_than_assets_keeps_its_figures():
    found = compute(state(equity=-20.0, total_liabilities=120.0, retained_earnings=-60.0))
    assert found["net_worth_log"] == pytest.approx(-np.log(31))
    assert found["leverage"] == pytest.approx(1.2)
    assert found["altman_z1"] < 2.9


def test_interest_is_covered_within_bounds():
    cover = cover_interest(np.array([900.0, -900.0, 0.0, -1.0, np.nan]), np.array([1.0, 1.0, 0.0, 0.0, 0.0]))
    np.testing.assert_array_equal(cover, [20.0, -10.0, 20.0, -10.0, np.nan])


@pytest.mark.parametrize("figure", FIGURES)
def test_a_missing_figure_leaves_what_rests_on_it_missing(figure):
    before = {**NOTHING, "revenue": np.array([160.0]), "net_income": np.array([4.0])}
    whole, partial = compute(state(), before), compute(state(**{figure: np.nan}), before)
    changed = {name for name in whole if whole[name] != partial[name]}
    assert changed
    # Goodwill that nobody states is no reason to hide a net worth.
    missing = {name for name in changed if np.isnan(partial[name])}
    assert missing == (set() if figure == "intangible_assets" else changed)


def test_without_a_market_value_only_the_score_of_listed_firms_is_missing():
    found = compute(state(market_equity=np.nan), state())
    assert [name for name, value in found.items() if np.isnan(value)] == ["altman_z"]


def test_without_a_year_before_only_what_compares_years_is_missing():
    found = compute(state())
    assert [name for name, value in found.items() if np.isnan(value)] == ["revenue_growth", "ohlson_o"]


@pytest.mark.parametrize("figure", ["revenue", "total_assets", "total_liabilities", "current_liabilities"])
def test_nothing_is_divided_by_nothing(figure):
    found = compute(state(**{figure: 0.0}), state())
    assert not any(np.isinf(value) for value in found.values())
    assert any(np.isnan(value) for value in found.values())


def test_without_a_rate_only_what_depends_on_size_is_missing():
    found = compute_capital(state(), state(), rate=np.array([np.nan]))
    assert [name for name, values in found.items() if np.isnan(values[0])] == ["net_worth_log", "ohlson_o"]
