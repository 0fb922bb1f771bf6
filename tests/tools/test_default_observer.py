"""The observer of defaults: its filter agrees with adding up all paths, and what it tells agrees with the truth."""

from datetime import date
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from arrisk.sim import DEFAULTS
from arrisk.sim.answers import tell_customers
from arrisk.sim.world import draw_world
from tools.default_filter import PASS, READ, REPORT, TRADE, Laws, Seen, Silence, run_filter
from tools.default_observer import tell_defaults

UP, DOWN = np.array([0.2, 0.1, 0.0]), np.array([[0.0, 0.3, 0.1], [0.0, 0.2, 0.4]])
REGIME = np.array([0, 1, 1, 0, 0, 1])
HAZARD = np.array([0.3, 0.1, 0.02])
START = np.array([0.5, 0.3, 0.2])
LEVELS = np.linspace(1.0, 0.2, 71)[None, :] ** 2
REPORTED, TRADED = np.array([0.2, 0.5, 0.9]), np.array([[0.6, 0.3, 0.1], [0.9, 0.8, 0.7]])
ACCOUNTED = {0: 1, 1: 2, 2: 3, 3: 4}
UNSEEN = np.array([0.0, 0.0, 0.0, 0.0, 0.5, 0.8])


def test_the_filter_agrees_with_adding_up_all_paths():
    found = _run()
    expected = np.zeros((3, 3))
    for path in product(range(3), repeat=len(REGIME) + 1):
        _add_path(expected, path)
    assert found / found.sum() == pytest.approx(expected / expected.sum(), abs=1e-12)


def _run():
    days = len(REGIME)
    chances = np.empty((2, 3, 1, 3))
    chances[0], chances[1] = REPORTED, np.stack([TRADED[0], TRADED[1], np.zeros(3)])[:, None]
    laws = Laws(
        start=START[None, :],
        up=UP,
        down=DOWN,
        regime=REGIME,
        turn=np.ones((1, 1)),
        turns_from=days,
        spared=np.tile(1 - HAZARD, (days, 1)),
        hazard=np.tile(HAZARD, (days, 1)),
    )
    events = [(0, PASS, 1), (1, PASS, 2), (2, PASS, 3), (3, READ, 0), (4, TRADE, 1), (5, REPORT, 0)]
    day, kind, row = np.array(events).T.copy()
    silence = Silence(np.where(UNSEEN > 0, 1, -1), UNSEEN)
    return run_filter(laws, silence, Seen(day, kind, row, LEVELS, chances, 4))


def _add_path(expected, path):
    """Add the chance of one path of strength, with each day on which the customer may have stopped."""
    level = sum(weight * path[day + 1] for day, weight in ACCOUNTED.items())
    chance = START[path[0]] * LEVELS[0, level] * REPORTED[path[6]]
    for day, (before, after) in enumerate(pairwise(path)):
        move = np.diag(UP[:-1], 1) + np.diag(DOWN[REGIME[day], 1:], -1)
        chance *= (move + np.diag(1 - move.sum(axis=1)))[before, after]
    alive = np.cumprod([1.0, *(1 - HAZARD[list(path[1:])])])
    for slot in (0, 1):
        expected[slot, path[-1]] += chance * alive[-1] * TRADED[slot, path[5]]
    # The invoice is issued on the fifth day: one that had stopped by then could not pay it.
    for day in np.flatnonzero(UNSEEN):
        trade = TRADED[1, path[5]] if day > 4 else 1.0
        expected[2, path[-1]] += chance * alive[day] * HAZARD[path[day + 1]] * UNSEEN[day] * trade


@pytest.fixture(scope="module")
def told():
    world = draw_world(1_000, 30, 3, None, DEFAULTS)
    truth = tell_customers(world)
    truth = truth.loc[pd.to_datetime(truth["as_of"]) == "2025-01-01"].set_index("customer_id")
    found = tell_defaults(customers=1_000, months=30, seed=3, as_of=date(2025, 1, 1), chosen=truth.index.to_series())
    return found.join(truth, how="inner", validate="one_to_one")


@pytest.mark.slow
def test_the_observer_tells_of_everybody_and_is_right_on_average(told):
    assert len(told) > 800
    for name in ("behaviour", "application"):
        error = told[name] - told["p_default_12m"]
        assert abs(error.mean()) < 3 * error.std() / np.sqrt(len(error))


@pytest.mark.slow
def test_the_observer_knows_more_of_those_with_whom_we_trade_and_less_than_the_truth(told):
    truth, outcome = told["p_default_12m"], np.random.default_rng(1).random((50, len(told)))
    drawn = (outcome < truth.to_numpy()).ravel()
    auc = {name: roc_auc_score(drawn, np.tile(told[name], 50)) for name in ("behaviour", "application")}
    assert 0.7 < auc["application"] < auc["behaviour"] < roc_auc_score(drawn, np.tile(truth, 50))


@pytest.mark.slow
def test_nobody_who_paid_in_its_last_run_is_thought_to_have_stopped(told):
    # What waited through that run was not paid in it: the observer must not take this for silence after it.
    assert told.loc[told["p_default_12m"] < 0.05, "behaviour"].max() < 0.5
