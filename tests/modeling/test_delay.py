import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.modeling.chain import HORIZONS
from arrisk.modeling.delay import DelayCurve, bend_curves, fit_delay_curve


def test_without_open_invoices_the_curve_is_the_share_not_yet_paid():
    random = np.random.default_rng(1)
    delay = np.round(random.normal(0, 15, 2000))
    curve = fit_delay_curve(delay, np.ones(2000, dtype=bool))
    for day in (-20, -5, 0, 10, 25):
        assert curve.open_share[day - curve.first_day] == pytest.approx((delay > day).mean(), abs=1e-12)


def test_open_invoices_count_as_open_and_not_as_never_seen():
    delay = np.array([0.0] * 50 + [20.0] * 50)
    is_paid = np.array([True] * 50 + [False] * 50)
    curve = fit_delay_curve(delay, is_paid)
    # Dropping the open half would say that everybody pays by the due date.
    assert curve.open_share[0 - curve.first_day] == pytest.approx(0.5)


def test_the_curve_falls_and_reaches_far_past_due():
    curve = fit_delay_curve(np.array([-3.0, 5.0]), np.array([True, True]))
    assert (np.diff(curve.open_share) <= 0).all()
    assert curve.days[-1] > 90
    assert curve.days[0] <= -1


probabilities = st.lists(st.floats(1e-6, 1 - 1e-6), min_size=4, max_size=4).map(lambda p: sorted(p, reverse=True))


@given(st.lists(probabilities, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_bent_curves_fall_and_pass_through_what_was_predicted(rows):
    curve = fit_delay_curve(np.round(np.random.default_rng(2).normal(2, 25, 800)), np.ones(800, dtype=bool))
    late = np.array(rows)
    for chunk, curves in bend_curves(curve, late, horizons=HORIZONS):
        assert (np.diff(curves.open_share, axis=1) <= 0).all()
        for place, k in enumerate(HORIZONS):
            assert curves.read(np.full(len(late), k)) == pytest.approx(late[chunk, place], rel=1e-6)


def test_a_curve_written_as_json_reads_back_bit_for_bit():
    curve = fit_delay_curve(np.random.default_rng(3).normal(0, 9, 100).round(), np.ones(100, dtype=bool))
    again = DelayCurve.from_json(json.loads(json.dumps(curve.to_json())))
    assert again.first_day == curve.first_day
    assert np.array_equal(again.open_share, curve.open_share)
