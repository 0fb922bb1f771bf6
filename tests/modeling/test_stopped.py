"""A stop, mixed into a curve by Bayes' rule."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.modeling.stopped import StopRule, mix_stopped

shares = st.floats(0.001, 0.999)


def read(*silences, rule=StopRule(shift=-2.0, most=0.9)):  # noqa: B008 - it cannot change
    return rule.read(pd.DataFrame({"silence": silences}))


def test_no_silence_is_no_stop_and_the_longest_is_as_good_as_one():
    assert read(0.0)[0] < 1e-9
    assert read(500.0)[0] == pytest.approx(0.9, abs=1e-9)


def test_the_odds_of_a_silence_are_those_of_the_feature_moved():
    # ln(1 + e**4 x odds) = ln(11): the odds are 10 / e**4, and e**-2 of them are left.
    odds = 10 * np.exp(-6)
    assert read(np.log(11)) == pytest.approx(0.9 * odds / (1 + odds), rel=1e-12)


@given(st.lists(st.floats(0, 700), min_size=2, max_size=2))
def test_a_longer_silence_is_no_less_of_a_stop(two):
    low, high = read(*sorted(two))
    assert 0 <= low <= high <= 0.9


@given(st.lists(shares, min_size=4, max_size=4), st.floats(0, 0.99))
def test_who_has_stopped_pays_nothing_and_who_has_not_pays_as_ever(stages, stopped):
    unpaid = np.array([stages])
    mixed = mix_stopped(unpaid, np.array([stopped]), places=[0, 1, 2])
    for place in range(3):
        whole = stopped + (1 - stopped) * np.prod(stages[: place + 1])
        assert np.prod(mixed[0, : place + 1]) == pytest.approx(whole, rel=1e-9)
    assert mixed[0, 3] == unpaid[0, 3]
    assert (mixed[0, :3] >= unpaid[0, :3] - 1e-12).all()


def test_what_is_over_stays_over_and_nothing_else_becomes_certain():
    unpaid = np.array([[1.0, 1.0, 0.5, 1 - 1e-13], [1e-13, 1e-13, 1 - 1e-13, 0.5]])
    mixed = mix_stopped(unpaid, np.array([0.9, 0.9]), places=[0, 1, 2, 3])
    assert (mixed[0, :2] == 1).all()
    assert (mixed[unpaid < 1] < 1).all()
