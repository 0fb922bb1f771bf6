"""The parts from which the truth is made are exact."""

import numpy as np
import pytest

from arrisk.sim import DEFAULTS, Shock
from arrisk.sim.chain import _join, build_chain
from arrisk.sim.delays import Law
from arrisk.sim.params import SimulationParameters
from arrisk.sim.timeline import build_runs, build_timeline, is_business_day


@pytest.fixture
def law():
    def _full(value):
        return np.full(2_000, float(value))

    return Law(_full(3.0), _full(5.0), _full(-30.0), _full(45.0))


def test_a_law_and_its_quantile_undo_each_other(law):
    chances = np.linspace(0.001, 0.999, 2_000)
    assert np.allclose(law.chance(law.quantile(chances)), chances)


def test_a_law_is_cut_off_at_both_ends(law):
    assert (law.chance(np.full(2_000, -30.0)) == 0).all()
    assert (law.chance(np.full(2_000, 45.0)) == 1).all()


@pytest.mark.parametrize("shock", [None, Shock(start_month=1), Shock(start_month=1, industry="food")])
def test_chances_of_the_hidden_chain_add_up(shock):
    chain = build_chain(DEFAULTS, shock)
    joint = _join(chain.regime, chain.up, chain.down)
    assert np.allclose(joint.sum(axis=1), 1)
    assert (joint >= 0).all()
    assert (np.diff(chain.survival, axis=-1) <= 0).all()


def test_survival_agrees_with_many_simulated_paths():
    chain = build_chain(DEFAULTS, None)
    rng = np.random.default_rng(1)
    joint, hazard = _join(chain.regime, chain.up, chain.down), chain.hazard[0].ravel()
    edges = np.cumsum(joint, axis=1)
    state = np.full(20_000, 1 * len(chain.up) + 1)  # normal times, weak
    alive = np.ones(len(state), dtype=bool)
    for _ in range(120):
        state = (rng.random(len(state))[:, None] > edges[state]).sum(axis=1)
        alive &= rng.random(len(state)) >= hazard[state]
    expected = chain.survival[0, 1, 1, 120]
    assert abs(alive.mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / len(state))


def test_payment_runs_are_business_days_and_bracket_every_day():
    timeline = build_timeline(months=6, end_on=DEFAULTS.end_on, burn_in_months=2)
    runs = build_runs(timeline)
    days = np.arange(timeline.first_day, timeline.last_day + 300)
    for pattern in range(len(runs.following)):
        chosen = np.full(len(days), pattern)
        following, preceding = runs.next_run(chosen, days), runs.last_run(chosen, days)
        assert is_business_day(following).all()
        assert is_business_day(preceding).all()
        assert ((preceding <= days) & (days <= following)).all()
        assert (following - days).max() <= 34


def test_no_able_customer_owes_an_undisputed_item_for_ninety_days():
    slowest_run, slowest_booking = 34, 5
    assert DEFAULTS.latest_days + slowest_run + slowest_booking < DEFAULTS.default_days


def test_a_cured_customer_pays_after_every_deadline_that_the_truth_speaks_of():
    longest_terms, tolerance = 91, 30
    assert DEFAULTS.cure_days[0] > DEFAULTS.hold_days[1] + longest_terms + tolerance


def test_shares_are_shares():
    parameters = SimulationParameters()
    for shares in (
        parameters.size_shares,
        parameters.industry_shares,
        parameters.country_shares,
        parameters.discipline_weights,
        parameters.run_shares,
    ):
        assert sum(shares) == pytest.approx(1)
