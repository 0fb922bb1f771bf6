"""The frozen difficulty holds, and shocks make times worse."""

import pytest

from arrisk.sim import Shock, simulate_portfolio
from arrisk.sim.difficulty import measure_difficulty
from arrisk.sim.params import INDUSTRIES


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_documented_difficulty_holds(seed):
    figures = measure_difficulty(simulate_portfolio(customers=2_500, months=60, seed=seed))
    assert 0.25 <= figures["late_rate"] <= 0.40
    assert 0.76 <= figures["truth_auc"] <= 0.83
    assert 0.30 <= figures["history_share"] <= 0.60
    assert 0.02 <= figures["default_rate"] <= 0.06
    assert 0.80 <= figures["default_truth_auc"] <= 0.92


@pytest.mark.slow
def test_nobody_who_has_not_seen_the_truth_beats_it():
    portfolio = simulate_portfolio(customers=200, months=24, seed=2)
    for tolerance in (0, 30):
        figures = measure_difficulty(portfolio, tolerance_days=tolerance)
        assert figures["truth_gain"] > 0
        assert figures["history_share"] < 1


@pytest.fixture(scope="module")
def calm():
    return simulate_portfolio(customers=400, months=24, seed=6)


def _hit(industry):
    shock = Shock(start_month=6, mean_months=60, hazard_factor=6.0, extra_days=10.0, industry=industry)
    return simulate_portfolio(customers=400, months=24, seed=6, shock=shock)


@pytest.mark.slow
def test_a_shock_raises_late_payments_and_defaults(calm):
    before, after = _rates(calm, INDUSTRIES), _rates(_hit(None), INDUSTRIES)
    assert after[0] > 1.2 * before[0]
    assert after[1] > 1.5 * before[1]


@pytest.mark.slow
def test_a_shock_of_one_industry_leaves_the_others_alone(calm):
    hit, others = _hit("retail"), [industry for industry in INDUSTRIES if industry != "retail"]
    assert _rates(hit, ["retail"])[0] > 1.2 * _rates(calm, ["retail"])[0]
    assert _rates(hit, others)[0] < 1.1 * _rates(calm, others)[0]


def _rates(portfolio, industries):
    """Mean truth of late payment in the last year, and default rate, of the customers of some industries."""
    customers = portfolio.tables["customers"].drop_duplicates("customer_id")
    chosen = customers.loc[customers["industry"].isin(industries), "customer_id"]
    invoices = portfolio.tables["invoices"].merge(portfolio.truth_invoices, on="invoice_id")
    truth = portfolio.truth_customers.query("as_of >= '2024-07-01'").dropna()
    late = invoices[(invoices["issued_on"] >= "2025-01-01") & invoices["customer_id"].isin(chosen)]["p_late"]
    return late.mean(), truth[truth["customer_id"].isin(chosen)]["defaulted"].mean()
