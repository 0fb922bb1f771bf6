"""Curves keep their promises whatever their shape: shares sum to one, fall or rise, and fit together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.modeling.curves import Curves, make_grid
from tests.grids import LAST_DAYS

INTERVALS = len(LAST_DAYS)
FIRST, LAST = make_grid(ends=LAST_DAYS).first_day, LAST_DAYS[-1]
DAYS = np.unique([*range(FIRST - 3, FIRST + 3), *range(-70, 40), *range(40, LAST + 4, 13), LAST, LAST + 1])
CLOSE = 1e-9

seeds = st.integers(0, 2**32 - 1)
ages = st.integers(FIRST - 400, LAST + 30)
days = st.integers(FIRST - 10, LAST + 10)
quantiles = st.floats(0.01, 0.99)


def draw_curves(seed, *, rows=4, ages=(-30,)):
    """Give curves of any shape: flat stretches, sudden ends, none or all of what ends written off."""
    random = np.random.default_rng(seed)
    hazard = random.beta(0.3, 2.0, (rows, INTERVALS)) * (random.random((rows, INTERVALS)) < 0.7)
    hazard *= random.choice([0.0, 0.3, 1.0], (rows, 1))
    open_share = np.maximum(np.cumprod(1 - hazard, axis=1), 1e-6)
    ended = -np.diff(open_share, prepend=1.0, axis=1)
    lost = np.cumsum(ended * random.choice([0.0, 0.02, 0.5, 1.0], (rows, 1)), axis=1)
    spread = random.random(LAST - FIRST + 1) if seed % 2 else None
    return Curves(make_grid(spread, ends=LAST_DAYS), open_share, lost, np.resize(np.array(ages, dtype="int64"), rows))


def read_all(curves, read, days=DAYS):
    """Read shares of all curves on all days, shape (days, curves)."""
    each = curves.take(np.tile(np.arange(len(curves)), len(days)))
    return read(each, np.repeat(days, len(curves))).reshape(len(days), len(curves))


@given(seeds, ages)
def test_the_open_share_starts_at_one_and_never_rises(seed, age):
    share = read_all(draw_curves(seed, ages=[age]), Curves.read_open)
    assert (share[age - 1 >= DAYS] == 1).all()
    assert ((share >= 0) & (share <= 1)).all()
    assert (np.diff(share, axis=0) <= CLOSE).all()


@given(seeds, ages)
def test_what_is_paid_and_what_is_written_off_start_at_nothing_and_never_fall(seed, age):
    curves = draw_curves(seed, ages=[age])
    for read in (Curves.read_paid, Curves.read_written_off):
        share = read_all(curves, read)
        assert (share[age - 1 >= DAYS] == 0).all()
        assert (np.diff(share, axis=0) >= -CLOSE).all()


@given(seeds, ages)
def test_paid_and_written_off_and_open_are_all_there_is(seed, age):
    curves = draw_curves(seed, ages=[age])
    total = sum(read_all(curves, read) for read in (Curves.read_paid, Curves.read_written_off, Curves.read_open))
    assert total == pytest.approx(1, abs=CLOSE)


@given(seeds, ages, st.integers(0, 300), days)
def test_what_is_said_of_an_older_invoice_is_the_same_curve_divided_by_what_was_left(seed, age, older, day):
    curves = draw_curves(seed, ages=[age])
    later = age + older
    conditional = curves.given_open(np.full(len(curves), later))
    left, lost = curves.read_open(later - 1), curves.read_written_off(later - 1)
    day = max(day, later - 1)
    assert conditional.read_open(day) == pytest.approx(curves.read_open(day) / left, abs=CLOSE)
    assert conditional.read_written_off(day) == pytest.approx((curves.read_written_off(day) - lost) / left, abs=CLOSE)


@given(seeds, st.lists(st.integers(-100, 300), min_size=2, max_size=4))
def test_being_open_on_several_days_in_turn_says_the_same_as_on_the_last_of_them(seed, ages):
    curves = draw_curves(seed)
    in_turn = curves
    for age in ages:
        in_turn = in_turn.given_open(np.full(len(curves), age))
    at_once = curves.given_open(np.full(len(curves), max(ages)))
    assert in_turn.age.tolist() == at_once.age.tolist()
    assert (in_turn.read_open(200) == at_once.read_open(200)).all()


@given(seeds, ages, quantiles)
def test_the_day_found_is_the_first_by_whose_end_the_quantile_is_paid(seed, age, quantile):
    curves = draw_curves(seed, ages=[age])
    found = curves.find_paid_day(quantile)
    wanted = quantile * curves.read_paid(LAST)
    is_first = (found == age) | (curves.read_paid(found - 1) < wanted)
    can_be_paid = (wanted > 0) & (age <= LAST)
    assert (found >= age).all()
    assert (curves.read_paid(found) >= wanted)[can_be_paid].all()
    assert is_first[can_be_paid].all()


@given(seeds, ages, quantiles, quantiles)
def test_a_larger_quantile_is_never_paid_earlier(seed, age, one, other):
    curves = draw_curves(seed, ages=[age])
    assert (curves.find_paid_day(min(one, other)) <= curves.find_paid_day(max(one, other))).all()


@given(seeds, st.lists(ages, min_size=4, max_size=4), days, st.permutations(range(4)))
def test_a_curve_says_the_same_alone_and_among_others(seed, ages, day, order):
    curves = draw_curves(seed, ages=ages)
    order = np.array(order)[:3]
    some = curves.take(order)
    assert len(some) == 3
    assert (some.read_open(day) == curves.read_open(day)[order]).all()
    assert (some.read_paid(day) == curves.read_paid(day)[order]).all()
    assert (some.find_paid_day(0.5) == curves.find_paid_day(0.5)[order]).all()
    assert (curves.take(slice(1, 3)).read_written_off(day) == curves.read_written_off(day)[1:3]).all()


@given(seeds)
def test_at_the_ends_of_intervals_a_curve_is_what_it_was_given(seed):
    curves = draw_curves(seed, ages=[FIRST])
    left, lost = (read_all(curves, read, LAST_DAYS).T for read in (Curves.read_open, Curves.read_written_off))
    assert left == pytest.approx(curves.open_share, abs=CLOSE)
    assert lost == pytest.approx(curves.written_off, abs=CLOSE)


def test_an_invoice_due_in_decades_has_its_day_found_to_the_day():
    early, usual = (draw_curves(2, ages=[age]) for age in (-20_000, FIRST))
    can_be_paid = usual.read_paid(LAST) > 0
    assert can_be_paid.any()
    assert (early.find_paid_day(0.5) == usual.find_paid_day(0.5))[can_be_paid].all()


def test_an_invoice_that_outlived_its_curve_is_open_and_stays_open():
    share = np.where(np.array(LAST_DAYS) < 30, 0.5, 0.0)[None, :]
    curves = Curves(make_grid(ends=LAST_DAYS), share, np.zeros_like(share), np.array([50]))
    assert curves.read_open(49).tolist() == [1.0]
    assert curves.read_open(400).tolist() == [1.0]
    assert curves.read_paid(400).tolist() == [0.0]


def test_days_on_which_nothing_was_seen_leave_the_curve_whole():
    spread = np.zeros(LAST - FIRST + 1)
    spread[-FIRST] = 7.0
    curves = draw_curves(4)
    sparse = Curves(make_grid(spread, ends=LAST_DAYS), curves.open_share, curves.written_off, curves.age)
    assert np.isfinite(read_all(sparse, Curves.read_open)).all()
    assert read_all(sparse, Curves.read_open, LAST_DAYS) == pytest.approx(
        read_all(curves, Curves.read_open, LAST_DAYS), abs=CLOSE
    )
