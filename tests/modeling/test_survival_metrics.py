"""Measures under censoring: golden numbers, no censoring, and what censoring does to those who forget it."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.frames import NEVER
from arrisk.labels import label_late
from arrisk.modeling.metrics import compute_brier
from arrisk.modeling.survival_metrics import (
    FollowUp,
    compute_ipcw_brier,
    count_followed_share,
    estimate_followed_share,
    follow_invoices,
    integrate_brier,
    measure_interval,
    measure_median,
    select_timed,
)
from tests.modeling.followed import END_DAY, draw_outcomes, make_curves

BOTH_SHARES = pytest.mark.parametrize("find_share", [estimate_followed_share, count_followed_share])


def follow(*rows):
    """Give a follow-up of rows (ended, cause, followed); None = open."""
    ended, cause, followed = zip(*rows, strict=True)
    return FollowUp(
        np.array([NEVER if day is None else day for day in ended]), np.array(cause, dtype=object), np.array(followed)
    )


ends = st.tuples(st.integers(-20, 60), st.sampled_from(["paid", "written_off", "credited"]), st.integers(0, 60))


def see(rows):
    """Forget ends after the last day followed."""
    return follow(*((day, cause, last) if day <= last else (None, "", last) for day, cause, last in rows))


def score_as_written(follow_up, p_late, k):
    """Follow Graf et al. (1999) and scikit-survival's `brier_score` term by term, divided by the number of rows."""
    total = 0.0
    for ended, followed, p in zip(follow_up.ended, follow_up.followed, p_late, strict=True):
        if ended <= min(k, followed):
            total += (p - _is_late(follow_up, ended)) ** 2 / _followed_share(follow_up, ended)
        elif followed >= k:
            total += (p - 1) ** 2 / _followed_share(follow_up, k)
    return total / len(p_late)


def _is_late(follow_up, ended):
    return float(follow_up.cause[follow_up.ended == ended][0] != "paid")


def _followed_share(follow_up, day):
    share, last = 1.0, np.minimum(follow_up.ended, follow_up.followed)
    for stop in np.unique(follow_up.followed[~follow_up.is_seen]):
        if stop < day:
            at_risk = ((last > stop) | ((last == stop) & ~follow_up.is_seen)).sum()
            share *= 1 - ((last == stop) & ~follow_up.is_seen).sum() / at_risk
    return share


def test_the_ipcw_brier_of_a_ledger_computed_by_hand():
    # Followed past day 10: all but one of the four at risk then, so the later two count 4/3 each.
    follow_up = follow((2, "paid", 90), (None, "", 10), (20, "paid", 90), (40, "paid", 90), (None, "", 60))
    share = estimate_followed_share(follow_up)
    assert share.read(np.array([10, 11, 60, 61])) == pytest.approx([1, 3 / 4, 3 / 4, 0])
    p_late = np.array([0.1, 0.5, 0.3, 0.8, 0.9])
    expected = (0.1**2 + (0.3**2 + 0.2**2 + 0.1**2) * 4 / 3) / 5
    assert compute_ipcw_brier(follow_up, p_late, k=30, followed_share=share) == pytest.approx(expected)
    # By the calendar four of five are followed past day 10, whether they ended before or not.
    by_calendar = (0.1**2 + (0.3**2 + 0.2**2 + 0.1**2) * 5 / 4) / (1 + 3 * 5 / 4)
    share = count_followed_share(follow_up)
    assert compute_ipcw_brier(follow_up, p_late, k=30, followed_share=share) == pytest.approx(by_calendar)


@BOTH_SHARES
def test_one_half_for_everybody_scores_a_quarter_whatever_is_censored(find_share):
    follow_up = follow_invoices(draw_outcomes(make_curves(rows=500)), end_day=END_DAY)
    for k in (0, 30, 60, 90):
        score = compute_ipcw_brier(follow_up, np.full(500, 0.5), k=k, followed_share=find_share(follow_up))
        assert score == pytest.approx(0.25)


@BOTH_SHARES
@given(rows=st.lists(ends, min_size=1, max_size=40), k=st.integers(0, 60))
def test_without_censoring_it_is_the_plain_score_exactly(find_share, rows, k):
    follow_up = follow(*((day, cause, 60) for day, cause, _ in rows))
    p_late = np.linspace(0.05, 0.95, len(rows))
    known = follow_up.is_known(k)
    plain = compute_brier(follow_up.label_late(k)[known], p_late[known])
    found = compute_ipcw_brier(follow_up, p_late, k=k, followed_share=find_share(follow_up))
    assert found == plain or (math.isnan(found) and not known.any())


@given(rows=st.lists(ends, min_size=1, max_size=40), k=st.integers(0, 60))
def test_with_censoring_it_is_the_published_formula_term_by_term(rows, k):
    follow_up = see([(day, "paid" if day % 3 else "written_off", last) for day, _, last in rows])
    share = estimate_followed_share(follow_up)
    p_late = np.linspace(0.05, 0.95, len(rows))
    found = compute_ipcw_brier(follow_up, p_late, k=k, followed_share=share)
    if share.read(k) > 0:
        assert found == pytest.approx(score_as_written(follow_up, p_late, k))
    else:
        assert math.isnan(found)


@given(rows=st.lists(ends, min_size=1, max_size=30), k=st.sampled_from([0, 30, 60]))
def test_what_is_late_is_what_the_labels_say(rows, k):
    follow_up = see(rows)
    due = 1000 - follow_up.followed
    ended = np.where(follow_up.ended < NEVER, due + follow_up.ended, NEVER)
    outcomes = pd.DataFrame({"due_day": due, "ended_day": ended, "cause": follow_up.cause, "kind": "invoice"})
    label = label_late(outcomes, k=k, end_day=1000)
    is_complete = follow_up.followed >= k
    assert (follow_up.is_known(k)[is_complete] == ~np.isnan(label[is_complete])).all()
    both = ~np.isnan(label)
    assert (follow_up.label_late(k)[both] == label[both]).all()
    assert follow_invoices(outcomes, end_day=1000).ended.tolist() == follow_up.ended.tolist()


@BOTH_SHARES
def test_weights_make_up_for_what_is_censored_and_leaving_it_out_does_not(find_share):
    curves, p_late = make_curves(rows=20_000), np.full(20_000, 0.1)
    seen = follow_invoices(draw_outcomes(curves, first_due=END_DAY - 40), end_day=END_DAY)
    whole = follow_invoices(draw_outcomes(curves, first_due=END_DAY - 40, end_day=END_DAY + 900), end_day=END_DAY + 900)
    k = 5
    truth = compute_brier(whole.label_late(k), p_late)
    found = compute_ipcw_brier(seen, p_late, k=k, followed_share=find_share(seen))
    known = seen.is_known(k)
    unweighted = compute_brier(seen.label_late(k)[known], p_late[known])
    assert found == pytest.approx(truth, abs=0.008)
    assert unweighted < truth - 0.02


@BOTH_SHARES
def test_nothing_is_said_of_a_horizon_that_no_invoice_was_followed_through(find_share):
    follow_up = follow((2, "paid", 20), (None, "", 10))
    assert math.isnan(compute_ipcw_brier(follow_up, np.full(2, 0.5), k=30, followed_share=find_share(follow_up)))
    nobody = follow_up.take(np.zeros(2, dtype=bool))
    assert math.isnan(compute_ipcw_brier(nobody, np.zeros(0), k=0, followed_share=find_share(nobody)))


def test_an_invoice_credited_in_time_does_not_count_and_one_written_off_is_late():
    follow_up = follow((2, "credited", 90), (3, "written_off", 90), (40, "credited", 90))
    share = estimate_followed_share(follow_up)
    assert compute_ipcw_brier(follow_up, np.array([0.9, 0.8, 0.6]), k=30, followed_share=share) == pytest.approx(0.1)


def test_the_integrated_score_weighs_days_by_their_distance():
    assert integrate_brier({0: 0.2, 30: 0.1, 90: 0.1}) == pytest.approx((30 * 0.15 + 60 * 0.1) / 90)
    assert integrate_brier({90: 0.3, 0: 0.3}) == pytest.approx(0.3)


def test_true_intervals_cover_what_they_say_among_the_followed_and_too_little_among_all_that_are_paid():
    curves = make_curves(rows=20_000, written_off=0.0)
    follow_up = follow_invoices(draw_outcomes(curves, first_due=END_DAY - 150), end_day=END_DAY)
    low, high = (curves.find_paid_day(quantile).astype("float64") for quantile in (0.1, 0.9))
    fair, rash = select_timed(follow_up, window=90), follow_up.is_seen & (follow_up.followed < 5)
    covered = {
        name: measure_interval(follow_up.ended[part], low=low[part], high=high[part])
        for name, part in (("fair", fair), ("rash", rash))
    }
    assert 0.80 <= covered["fair"]["coverage"] < 0.86
    assert covered["fair"]["above"] == pytest.approx(0.1, abs=0.02)
    assert covered["rash"]["above"] < 0.06
    assert covered["rash"]["below"] > covered["fair"]["below"] + 0.02


def test_days_are_judged_on_invoices_that_are_paid_and_followed_long_enough():
    follow_up = follow((2, "paid", 90), (2, "paid", 89), (None, "", 400), (5, "written_off", 95), (1, "credited", 95))
    assert select_timed(follow_up, window=90).tolist() == [True, False, False, False, False]


def test_an_interval_includes_both_of_its_ends():
    found = measure_interval(np.array([1, 5, 6]), low=np.array([1.0, 1, 1]), high=np.array([5.0, 5, 5]))
    assert found == pytest.approx({"coverage": 2 / 3, "below": 0, "above": 1 / 3, "mean_width_days": 4})
    assert measure_median(np.array([1, 5]), np.array([3.0, 5.0])) == {"mae_median_days": 1.0}


def test_without_rows_days_are_not_measured():
    none = np.zeros(0)
    assert all(math.isnan(value) for value in measure_interval(none.astype("int64"), low=none, high=none).values())
    assert math.isnan(measure_median(none.astype("int64"), none)["mae_median_days"])
