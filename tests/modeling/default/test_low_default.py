"""Estimates and bounds where few default: the published tables, and that none is ever a false zero."""

import numpy as np
import pytest
from scipy.stats import binom

from arrisk.modeling.default.low_default import bound_rates, estimate_posterior, shrink_to_pool

COUNT = np.array([100.0, 400.0, 300.0])

# Pluto, Tasche, Estimating probabilities of default for low default portfolios, 2004 (arXiv cond-mat/0411699), grades
# A, B, C of 100, 400, 300 customers; in per cent.
NO_DEFAULTS = {
    0.5: (0.09, 0.10, 0.23),
    0.75: (0.17, 0.20, 0.46),
    0.9: (0.29, 0.33, 0.76),
    0.95: (0.37, 0.43, 0.99),
    0.99: (0.57, 0.66, 1.52),
    0.999: (0.86, 0.98, 2.28),
}
FEW_DEFAULTS = {0.5: (0.46, 0.52, 0.56), 0.9: (0.83, 0.95, 1.29), 0.95: (0.97, 1.10, 1.57), 0.999: (1.62, 1.85, 3.04)}


@pytest.mark.parametrize("confidence", NO_DEFAULTS)
def test_pluto_tasche_bounds_without_a_default(confidence):
    found = bound_rates(np.zeros(3), COUNT, confidence=confidence)
    assert np.round(100 * found, 2) == pytest.approx(NO_DEFAULTS[confidence], abs=1e-9)


@pytest.mark.parametrize("confidence", FEW_DEFAULTS)
def test_pluto_tasche_bounds_with_defaults_0_2_1(confidence):
    found = bound_rates(np.array([0.0, 2.0, 1.0]), COUNT, confidence=confidence)
    assert np.round(100 * found, 2) == pytest.approx(FEW_DEFAULTS[confidence], abs=1e-9)


def test_at_the_bound_so_few_defaults_would_be_rare():
    found = bound_rates(np.array([2.0, 1.0]), np.array([500.0, 300.0]), confidence=0.9)
    assert binom.cdf([3, 1], [800, 300], found) == pytest.approx([0.1, 0.1])


def test_a_grade_in_which_all_defaulted_or_nobody_is_has_no_bound_below_one():
    assert bound_rates(np.array([0.0, 5.0]), np.array([10.0, 5.0]), confidence=0.5)[1] == 1
    assert bound_rates(np.zeros(2), np.array([10.0, 0.0]), confidence=0.5)[1] == 1


def test_the_posterior_mean_under_a_uniform_prior_is_d_plus_1_of_n_plus_2():
    assert estimate_posterior(np.array([0.0, 3.0]), np.array([0.0, 8.0])) == pytest.approx([0.5, 0.4])


def test_the_uniform_prior_is_two_customers_at_one_half():
    defaults, count = np.array([0.0, 4.0]), np.array([30.0, 50.0])
    assert shrink_to_pool(defaults, count, pool_rate=0.5, strength=2) == pytest.approx(
        estimate_posterior(defaults, count)
    )


def test_a_part_without_evidence_has_the_pools_rate_and_one_with_much_its_own():
    found = shrink_to_pool(np.array([0.0, 2e5]), np.array([0.0, 1e6]), pool_rate=0.02, strength=50)
    assert found == pytest.approx([0.02, 0.2], abs=1e-4)
