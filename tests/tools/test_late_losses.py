"""Which part of the curve misses how much of `p_late_30` is told rightly, on figures whose answer is known."""

import numpy as np
import pytest

from arrisk.modeling.logistic import to_margin, to_probability
from tools.late_losses import compare_parts

DUE = np.repeat([0.8, 0.5, 0.4, 0.2], 500)
AFTER = np.tile(np.repeat([0.1, 0.3, 0.5, 0.7], 125), 4)
TRUTH = np.column_stack([DUE, DUE * AFTER])


@pytest.fixture(scope="module")
def late():
    return (np.random.default_rng(1).random(len(TRUTH)) < TRUTH[:, 1]).astype("float64")


def compare(late, due, after):
    return compare_parts(late, np.column_stack([due, due * after]), TRUTH, TRUTH)


def test_a_curve_wrong_until_the_due_day_is_put_right_by_that_factor_alone(late):
    as_it_is, _, until_due, after_due, _ = compare(late, np.full(len(DUE), DUE.mean()), AFTER)
    assert until_due == pytest.approx(1)
    assert after_due == pytest.approx(as_it_is)
    assert as_it_is < 0.9


def test_a_curve_wrong_after_the_due_day_is_put_right_by_that_factor_alone(late):
    as_it_is, _, until_due, after_due, _ = compare(late, DUE, np.full(len(DUE), AFTER.mean()))
    assert after_due == pytest.approx(1)
    assert until_due == pytest.approx(as_it_is)
    assert as_it_is < 0.9


def test_a_curve_whose_odds_are_too_extreme_is_put_right_by_a_line(late):
    said = to_probability(2 * to_margin(TRUTH[:, 1]) + 1)
    as_it_is, refitted, *_ = compare(late, np.ones(len(DUE)), said)
    assert as_it_is < 0.9
    assert refitted == pytest.approx(1, abs=0.02)


def test_customers_who_have_stopped_count_in_all_shares_but_the_last(late):
    has_stopped = np.ones((300, 2))
    told = np.concatenate([TRUTH, has_stopped / 2])
    truth = np.concatenate([TRUTH, has_stopped])
    as_it_is, *_, who_pay = compare_parts(np.append(late, np.ones(300)), told, truth, truth)
    assert who_pay == pytest.approx(1)
    assert as_it_is < 0.9
