import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.modeling.calibrate import CALIBRATORS, UNCHANGED, fit_calibrator, fit_isotonic, fit_platt
from arrisk.modeling.logistic import to_probability

rows = st.lists(st.tuples(st.floats(-40, 40), st.booleans()), max_size=60)


@given(rows, st.sampled_from([fit_platt, fit_isotonic]))
@settings(max_examples=80, deadline=None)
def test_a_calibrator_is_monotone_and_stays_strictly_inside_0_and_1(pairs, fit):
    margin, target = np.array([m for m, _ in pairs]), np.array([float(y) for _, y in pairs])
    if fit is fit_isotonic and not len(pairs):
        return
    fitted = fit(margin, target)
    calibrated = fitted.calibrate(np.linspace(-60, 60, 241))
    assert (np.diff(calibrated) >= 0).all()
    assert (calibrated > 0).all()
    assert (calibrated < 1).all()
    again = CALIBRATORS[fitted.kind].from_json(json.loads(json.dumps(fitted.to_json())))
    assert np.array_equal(again.calibrate(margin), fitted.calibrate(margin))


def draw(n, *, slope=1.0, shift=0.0, seed=1):
    random = np.random.default_rng(seed)
    margin = random.normal(0, 1.5, n)
    return margin, (random.random(n) < to_probability(slope * margin + shift)).astype(float)


def test_nothing_known_changes_nothing():
    assert fit_platt(np.zeros(0), np.zeros(0)) == UNCHANGED


def test_few_rows_move_the_line_a_little_and_many_rows_all_the_way():
    few, many = (fit_platt(*draw(n, slope=0.5, shift=-0.7)) for n in (100, 60_000))
    assert 0.7 < few.slope < 1
    assert many.slope == pytest.approx(0.5, abs=0.03)
    assert many.shift == pytest.approx(-0.7, abs=0.03)


def test_a_model_that_ranks_backwards_keeps_its_order():
    margin, target = draw(60_000, slope=-1.0)
    assert fit_platt(margin, target).slope > 0


def test_a_straight_distortion_needs_no_steps():
    margin, target = draw(12_000, slope=0.7)
    assert fit_calibrator(margin, target, np.arange(12_000)).kind == "platt"


@pytest.mark.parametrize("seed", range(4))
def test_probabilities_that_are_right_already_are_left_as_they_are(seed):
    margin, target = draw(3_000, seed=seed)
    assert fit_calibrator(margin, target, np.arange(3_000)) == UNCHANGED


def test_with_few_events_nothing_is_changed():
    margin, target = draw(120, slope=0.3, shift=-1.0)
    assert fit_calibrator(margin, target, np.arange(120)) == UNCHANGED


def test_a_distortion_that_is_gone_in_the_later_half_is_not_learnt():
    early, late = draw(6_000, slope=0.5), draw(6_000, slope=1.5, seed=2)
    margin, target = (np.concatenate(pair) for pair in zip(early, late, strict=True))
    assert fit_calibrator(margin, target, np.arange(12_000)) == UNCHANGED


def test_a_bent_distortion_with_many_events_gets_steps_that_predict_better():
    random = np.random.default_rng(3)
    margin = random.normal(0, 2, 20_000)
    bent = np.where(margin < 0, 0.15, 0.85)
    target = (random.random(20_000) < bent).astype(float)
    found = fit_calibrator(margin, target, np.arange(20_000))
    assert found.kind == "isotonic"
    assert np.abs(found.calibrate(margin) - bent).mean() < 0.03


def test_a_bent_distortion_with_few_events_stays_a_line():
    random = np.random.default_rng(3)
    margin = random.normal(0, 2, 800)
    target = (random.random(800) < np.where(margin < 0, 0.15, 0.85)).astype(float)
    assert fit_calibrator(margin, target, np.arange(800)).kind == "platt"
