"""Stages joined to a curve: whatever the stages say, the curve falls, and a stage half over counts what is left."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.frames import to_days
from arrisk.modeling.calibrate import UNCHANGED
from arrisk.modeling.chain import (
    HORIZONS,
    Chain,
    Link,
    Stage,
    add_place,
    describe_curves,
    join_stages,
    move_stages,
    name_horizon,
    predict_chain,
    predict_stages,
)
from arrisk.modeling.curves import make_grid
from arrisk.modeling.logistic import to_margin, to_probability
from arrisk.modeling.rates import BaseRate
from arrisk.modeling.stopped import StopRule

ENDS = (-7, 0, 30, 60, 90, 730)
FIRST_DAY = -60
seeds = st.integers(0, 2**32 - 1)
ages = st.integers(FIRST_DAY - 40, ENDS[-1] + 10)
days = st.integers(FIRST_DAY - 10, ENDS[-1] + 10)


@dataclass(frozen=True)
class Remembered:
    """A model that gives everybody a margin of its own, written down as a feature."""

    name: str
    kind = "remembered"

    def predict_margin(self, features):
        return features[self.name].to_numpy(dtype="float64")


def draw_chain(seed, *, rows=4):
    """Give a chain whose stages say anything, every other one with silences, and the features that they read."""
    random = np.random.default_rng(seed)
    names = [f"margin_{last}" for last in ENDS]
    features = pd.DataFrame(random.normal(0, 3, (rows, len(ENDS))), columns=names)
    lost = random.choice([0.0, 0.02, 0.5], len(ENDS))
    grid = make_grid(random.random(ENDS[-1] - FIRST_DAY + 1), first_day=FIRST_DAY, ends=ENDS)
    stages = tuple(
        Stage(last, Link(Remembered(name), UNCHANGED), share)
        for last, name, share in zip(ENDS, names, lost, strict=True)
    )
    return Chain(grid, stages, StopRule() if seed % 2 else None), features.assign(silence=random.exponential(4, rows))


def same_for_all(*rates, lost=0.0, spread=None):
    """Give a chain of base rates: P(unpaid at a stage's end | open at its start)."""
    margins = to_margin(np.array(rates))
    stages = (
        Stage(last, Link(BaseRate(margin), UNCHANGED), lost)
        for last, margin in zip(ENDS, margins.tolist(), strict=True)
    )
    return Chain(make_grid(spread, first_day=FIRST_DAY, ends=ENDS), tuple(stages))


@pytest.mark.slow
@given(seeds, ages, days, st.integers(0, 60), st.floats(-2, 2))
def test_whatever_the_stages_say_the_curve_falls_and_all_adds_up(seed, age, day, later, shift):
    chain, features = draw_chain(seed)
    curves = predict_chain(chain, features, age=np.full(len(features), age), shift=shift)
    assert (curves.read_open(day + later) <= curves.read_open(day) + 1e-12).all()
    assert (curves.read_paid(day + later) >= curves.read_paid(day) - 1e-12).all()
    total = curves.read_open(day) + curves.read_paid(day) + curves.read_written_off(day)
    assert total == pytest.approx(1, abs=1e-9)


@pytest.mark.slow
@given(seeds, st.lists(ages, min_size=4, max_size=4))
def test_lateness_falls_with_the_days_and_is_certain_where_it_has_come(seed, four):
    chain, features = draw_chain(seed)
    age = np.array(four)
    described = describe_curves(
        predict_chain(chain, features, age=age), due_day=np.full(4, 15_000), index=features.index
    )
    late = described[[name_horizon(k) for k in HORIZONS]].to_numpy()
    assert (np.diff(late, axis=1) <= 1e-12).all()
    assert ((late > 0) & (late <= 1)).all()
    for place, k in enumerate(HORIZONS):
        assert (late[age > k, place] == 1).all()
    early, middle, last = (to_days(described[f"{name}"]) for name in ("paid_on_p10", "expected_paid_on", "paid_on_p90"))
    assert (early >= 15_000 + age).all()
    assert (early <= middle).all()
    assert (middle <= last).all()


@pytest.mark.slow
@given(seeds, ages, days)
def test_late_and_paid_are_all_there_is(seed, age, day):
    chain, features = draw_chain(seed)
    curves = predict_chain(chain, features, age=np.full(len(features), age))
    late = curves.read_open(day) + curves.read_written_off(day)
    assert late + curves.read_paid(day) == pytest.approx(1, abs=1e-9)


@pytest.mark.slow
@given(seeds, st.lists(ages, min_size=4, max_size=4), st.permutations(range(4)))
def test_a_row_says_the_same_alone_and_in_any_order(seed, four, order):
    chain, features = draw_chain(seed)
    age, order = np.array(four), np.array(order)[:3]
    whole = predict_chain(chain, features, age=age)
    some = predict_chain(chain, features.iloc[order], age=age[order])
    assert np.array_equal(some.open_share, whole.open_share[order])
    assert np.array_equal(some.written_off, whole.written_off[order])


@given(seeds, ages)
def test_stages_that_are_over_say_nothing(seed, age):
    chain, features = draw_chain(seed)
    unpaid = predict_stages(chain, features, age=np.full(len(features), age))
    over = np.array(ENDS) < age
    assert (unpaid[:, over] == 1).all()
    assert ((unpaid[:, ~over] > 0) & (unpaid[:, ~over] < 1)).all()


def test_the_curve_is_the_product_of_its_stages():
    chain = same_for_all(0.9, 0.5, 0.4, 0.5, 0.5, 0.1)
    curves = predict_chain(chain, pd.DataFrame(index=[0]), age=np.array([FIRST_DAY]))
    assert [curves.read_open(last)[0] for last in ENDS[:4]] == pytest.approx([0.9, 0.45, 0.18, 0.09])


def test_what_is_not_paid_may_be_written_off_and_leaves_the_curve():
    chain = same_for_all(0.9, 0.5, 0.5, 0.5, 0.5, 0.5, lost=0.2)
    curves = join_stages(chain, np.array([[0.5, 1, 1, 1, 1, 0.5]]), age=np.array([FIRST_DAY]))
    assert curves.read_paid(-7)[0] == pytest.approx(0.5)
    assert curves.read_written_off(-7)[0] == pytest.approx(0.1)
    assert curves.read_open(-7)[0] == pytest.approx(0.4)


def test_of_a_stage_half_over_only_what_is_left_counts():
    spread = np.ones(ENDS[-1] - FIRST_DAY + 1)
    chain = same_for_all(0.9, 0.5, 0.36, 0.5, 0.5, 0.1, spread=spread)
    features = pd.DataFrame(index=range(3))
    # Of the thirty days after the due date none, half and all but one are over.
    age = np.array([1, 16, 30])
    assert add_place(features, age=age, grid=chain.grid)["stage_left_share"].tolist() == pytest.approx([1, 0.5, 1 / 30])
    curves = predict_chain(chain, features, age=age)
    assert curves.read_open(30) == pytest.approx([0.36, 0.6, 0.36 ** (1 / 30)])
    assert curves.read_open(60) == pytest.approx(curves.read_open(30) * 0.5)


def test_inside_the_stage_of_the_question_the_curve_begins_at_one_on_that_day():
    spread = np.ones(ENDS[-1] - FIRST_DAY + 1)
    chain = same_for_all(0.9, 0.5, 0.36, 0.5, 0.5, 0.1, spread=spread)
    curves = predict_chain(chain, pd.DataFrame(index=[0]), age=np.array([16]))
    assert curves.read_open(15)[0] == 1
    # The hazard of the second half, spread evenly over fifteen days.
    assert curves.read_open(20)[0] == pytest.approx(0.6 ** (5 / 15))
    later = curves.given_open(np.array([21]))
    assert later.read_open(30)[0] == pytest.approx(0.6 ** (10 / 15))


def test_a_shift_moves_the_weeks_around_the_due_date_and_no_later_stage():
    chain = same_for_all(0.9, 0.5, 0.36, 0.5, 0.5, 0.1)
    features, age = pd.DataFrame(index=range(2)), np.full(2, FIRST_DAY)
    calm = predict_stages(chain, features, age=age)
    moved = move_stages(chain, calm, shift=np.array([0.0, 0.6]))
    assert np.array_equal(moved[0], calm[0])
    assert moved[1, :3] == pytest.approx(to_probability(to_margin(calm[1, :3]) + 0.6))
    assert np.array_equal(moved[1, 3:], calm[1, 3:])


def test_many_rows_are_predicted_in_pieces_and_say_the_same(monkeypatch):
    chain, features = draw_chain(3, rows=25)
    age, shift = np.arange(25) - 20, np.linspace(-1, 1, 25)
    whole = predict_chain(chain, features, age=age, shift=shift)
    monkeypatch.setattr("arrisk.modeling.chain._CHUNK", 7)
    assert np.array_equal(predict_chain(chain, features, age=age, shift=shift).open_share, whole.open_share)
