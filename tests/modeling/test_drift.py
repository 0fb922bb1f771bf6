"""Drift is found where there is one, left alone where there is none, and knows nothing of later days."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrisk.modeling.bootstrap import Interval
from arrisk.modeling.champion import compute_log_loss
from arrisk.modeling.drift import OLDEST_HALF_LIVES, DriftRule, Evidence, Forecasts, choose_rule, trace_shift
from arrisk.modeling.logistic import to_margin, to_probability

CHANGED_ON, LAST_DAY = 15_400, 15_700
RULE = DriftRule(60.0, 30.0, Interval(0.01, 0.005, 0.02))


def draw_forecasts(*, shift, rows=6_000, seed=1, first_day=15_000):
    """Give forecasts that are right until a day, and by so many logits too low from then on."""
    random = np.random.default_rng(seed)
    asked = np.sort(random.integers(first_day, LAST_DAY, rows))
    margin = random.normal(-1.0, 1.0, rows)
    truth = to_probability(margin + np.where(asked >= CHANGED_ON, shift, 0.0))
    return Forecasts(
        asked_day=asked,
        known_day=asked + 30,
        target=(random.random(rows) < truth).astype("float64"),
        probability=to_probability(margin),
        customer=random.integers(0, 300, rows),
    )


def gap_of(forecasts, rule, *, since):
    """Measure the mean outcome less the mean forecast of what was asked from a day on, each moved as of its own day."""
    rows = forecasts.asked_day >= since
    days = np.unique(forecasts.asked_day[rows])
    shift = trace_shift(rule, forecasts.evidence, days=days.tolist())
    moved = to_margin(forecasts.probability[rows]) + shift[np.searchsorted(days, forecasts.asked_day[rows])]
    return float((forecasts.target[rows] - to_probability(moved)).mean())


def test_a_change_of_the_times_is_found_and_at_least_halves_the_gap():
    forecasts = draw_forecasts(shift=0.6)
    rule = choose_rule(forecasts)
    assert rule is not None
    assert rule.gain.low > 0
    assert rule.estimate(forecasts.evidence, as_of_day=LAST_DAY + 40) == pytest.approx(0.6, abs=0.2)
    # From two months after the first changed outcomes were known.
    since = CHANGED_ON + 90
    before, after = (gap_of(forecasts, each, since=since) for each in (None, rule))
    assert before > 0.08
    assert abs(after) < before / 2


@pytest.mark.slow
def test_a_rule_lowers_the_log_loss_by_what_it_says():
    forecasts = draw_forecasts(shift=0.6)
    rule = choose_rule(forecasts)
    shift = trace_shift(rule, forecasts.evidence, days=forecasts.asked_day.tolist())
    moved = to_probability(to_margin(forecasts.probability) + shift)
    gain = compute_log_loss(forecasts.target, forecasts.probability) - compute_log_loss(forecasts.target, moved)
    assert gain.mean() == pytest.approx(rule.gain.value, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_without_a_change_nothing_is_followed_or_next_to_nothing(seed):
    forecasts = draw_forecasts(shift=0.0, seed=seed)
    rule = choose_rule(forecasts)
    shift = rule.estimate(forecasts.evidence, as_of_day=LAST_DAY) if rule else 0.0
    assert abs(shift) < 0.1


def test_times_that_turn_before_they_are_known_are_not_followed():
    calm = draw_forecasts(shift=0.0)
    # Every forty days the other way: what is known of one spell is wrong for the next.
    turn = np.where((calm.asked_day // 40) % 2, 1.5, -1.5)
    truth = to_probability(to_margin(calm.probability) + turn)
    target = (np.random.default_rng(3).random(len(truth)) < truth).astype("float64")
    assert choose_rule(replace(calm, target=target)) is None


def test_few_outcomes_move_little():
    forecasts = draw_forecasts(shift=0.6, rows=40)
    rule = choose_rule(forecasts)
    assert rule is None or abs(rule.estimate(forecasts.evidence, as_of_day=LAST_DAY)) < 0.2


def test_no_forecasts_give_no_rule():
    nothing = np.zeros(0)
    assert choose_rule(Forecasts(*[nothing] * 5)) is None
    assert trace_shift(None, Evidence(nothing, nothing, nothing), days=[1, 2]).tolist() == [0.0, 0.0]


@given(st.integers(0, 2**32 - 1), st.integers(15_100, 15_800))
def test_what_was_known_on_the_day_or_later_never_matters(seed, as_of_day):
    random = np.random.default_rng(seed)
    evidence = draw_forecasts(shift=0.3, rows=200, seed=seed).evidence
    later = evidence.known_day >= as_of_day
    other = replace(
        evidence,
        target=np.where(later, 1 - evidence.target, evidence.target),
        probability=np.where(later, random.random(200), evidence.probability),
    )
    assert RULE.estimate(evidence, as_of_day=as_of_day) == RULE.estimate(other, as_of_day=as_of_day)
    fewer = Evidence(evidence.known_day[~later], evidence.target[~later], evidence.probability[~later])
    assert RULE.estimate(fewer, as_of_day=as_of_day) == pytest.approx(
        RULE.estimate(evidence, as_of_day=as_of_day), abs=1e-12
    )


def test_the_day_before_counts_and_the_day_itself_does_not():
    evidence = Evidence(np.array([99]), np.array([1.0]), np.array([0.5]))
    assert RULE.estimate(evidence, as_of_day=100) > 0
    assert RULE.estimate(evidence, as_of_day=99) == 0


def test_evidence_fades_and_is_forgotten():
    evidence = Evidence(np.full(100, 1_000), np.ones(100), np.full(100, 0.5))
    fresh, older = (RULE.estimate(evidence, as_of_day=day) for day in (1_001, 1_061))
    assert 0 < older < fresh
    last = 1_001 + int(OLDEST_HALF_LIVES * RULE.half_life_days)
    assert RULE.estimate(evidence, as_of_day=last) > 0
    assert RULE.estimate(evidence, as_of_day=last + 1) == 0


def test_the_shift_solves_for_its_most_likely_value_under_the_prior():
    forecasts = draw_forecasts(shift=0.6, rows=2_000)
    evidence, as_of_day = forecasts.evidence, LAST_DAY + 31
    shift = RULE.estimate(evidence, as_of_day=as_of_day)
    age = as_of_day - 1 - evidence.known_day
    weight = np.where(age <= OLDEST_HALF_LIVES * 60, 0.5 ** (age / 60), 0.0)
    p = to_probability(to_margin(evidence.probability) + shift)
    # The slope of the log posterior (outcomes, and a normal prior of precision 30 about none) is nothing there.
    assert float((weight * (evidence.target - p)).sum()) == pytest.approx(30 * shift, abs=1e-3)


def test_a_rule_reads_back_bit_for_bit():
    rule = DriftRule(30.0, 100.0, Interval(0.1, 0.05, 1 / 3))
    assert DriftRule.from_json(json.loads(json.dumps(rule.to_json()))) == rule
