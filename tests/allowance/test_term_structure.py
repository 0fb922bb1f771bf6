"""Marginal and conditional probabilities by year: the same figures mean two different losses."""

import numpy as np
import pytest

from arrisk.allowance.term_structure import sum_conditional_losses, sum_marginal_losses, to_marginal

YEARS = {"loss_share": 0.45, "exposure": np.array([1e6, 8e5, 6e5, 4e5, 2e5]), "yearly_rate": 0.055}
P = np.array([0.015, 0.02, 0.025, 0.03, 0.035])


def test_marginal_probabilities_give_the_known_loss():
    assert sum_marginal_losses(P, **YEARS) == pytest.approx(25_384.50, abs=0.005)


def test_the_same_figures_as_conditional_probabilities_give_less():
    assert sum_conditional_losses(P, **YEARS) == pytest.approx(24_621.70, abs=0.005)


def test_what_is_lost_over_time_and_what_is_left_make_up_the_whole():
    hazard = np.array([0.3, 0.2, 0.9])
    assert to_marginal(hazard).sum() + np.prod(1 - hazard) == pytest.approx(1.0)
