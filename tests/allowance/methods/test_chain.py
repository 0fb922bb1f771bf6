"""Chains of roll rates, against a published example and against themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.allowance.methods.chain import chain_rates, follow_chain

SEEDS = st.integers(0, 2**32 - 1)


def test_the_published_net_flow_example_comes_out():
    reached = np.array([100_000.0, 50_000, 23_000, 8_000, 2_000])
    rates = chain_rates(list(reached[1:] / reached[:-1]))
    assert rates == pytest.approx([0.02, 0.04, 2 / 23, 0.25, 1.0], abs=1e-12)
    allowance = float(rates @ np.array([300_000.0, 140_000, 60_000, 23_000, 5_000]))
    assert round(allowance, 2) == 27_567.39


def draw_chain(seed, states=6):
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(states + 2), size=states)
    return shares[:, :states], shares[:, states], shares[:, states + 1]


@given(SEEDS)
def test_what_is_lost_and_what_is_paid_are_all_there_is(seed):
    moves, written_off, paid = draw_chain(seed)
    lost, steps = follow_chain(moves, written_off)
    assert lost + follow_chain(moves, paid)[0] == pytest.approx(1.0)
    assert (lost >= 0).all()
    assert (steps >= 1).all()


@given(SEEDS)
def test_a_chain_that_only_rolls_on_has_the_products_of_its_rolls(seed):
    rolls = np.random.default_rng(seed).uniform(0.05, 0.95, size=5)
    lost, steps = follow_chain(np.diag(rolls, k=1), np.array([0, 0, 0, 0, 0, 0.4]))
    assert lost == pytest.approx(chain_rates(list(rolls), last=0.4))
    assert steps == pytest.approx([6, 5, 4, 3, 2, 1])


@given(SEEDS)
def test_more_written_off_in_one_step_lowers_no_rate(seed):
    moves, written_off, paid = draw_chain(seed)
    more = written_off + np.append(paid[0], np.zeros(5))
    assert (follow_chain(moves, more)[0] >= follow_chain(moves, written_off)[0] - 1e-12).all()
