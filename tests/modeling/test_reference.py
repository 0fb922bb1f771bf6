"""How scores and features were spread at the training is kept in a few numbers, and tells what moved."""

import json

import numpy as np
import pandas as pd
import pytest

from arrisk.modeling.default.metrics import compare_values
from arrisk.modeling.reference import Reference, Spread, make_reference
from arrisk.modeling.rows import Column

RANDOM = np.random.default_rng(5)
THEN = np.where(RANDOM.random(2_000) < 0.1, np.nan, RANDOM.normal(size=2_000))


@pytest.mark.parametrize("now", [THEN, THEN + 1, np.full(100, np.nan), np.zeros(50)])
def test_a_kept_spread_tells_the_same_as_the_values_themselves(now):
    assert Spread.of(THEN).compare(now) == compare_values(THEN, now)


def test_a_shift_is_seen_and_none_is_not():
    later = np.random.default_rng(6).normal(size=2_000)
    assert Spread.of(THEN).compare(np.append(later, np.full(220, np.nan))).psi < 0.02
    assert Spread.of(THEN).compare(later + 1).psi > 0.5


def test_a_spread_has_at_most_a_bin_for_each_tenth_and_one_for_what_is_missing():
    spread = Spread.of(THEN)
    assert len(spread.counts) == 11
    assert sum(spread.counts) == 2_000
    assert spread.counts[-1] == np.isnan(THEN).sum()


@pytest.mark.parametrize("values", [np.zeros(0), np.full(3, np.nan), np.ones(4)])
def test_a_sample_without_any_spread_is_kept_too(values):
    spread = Spread.of(values)
    assert sum(spread.counts) == len(values)
    assert not spread.compare(np.ones(5)).psi < 0


def test_what_moves_with_the_calendar_for_everybody_is_left_out_and_all_reads_back():
    features = pd.DataFrame({"x": THEN, "year": np.arange(2_000.0), "unread": THEN})
    reference = make_reference(THEN, features, columns=[Column("x"), Column("year", is_of_the_times=True)])
    assert set(reference.features) == {"x"}
    assert Reference.from_json(json.loads(json.dumps(reference.to_json()))) == reference
