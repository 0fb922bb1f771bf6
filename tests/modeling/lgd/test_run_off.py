"""Losses of cases: run-off, completion of unfinished cases, time value, cures."""

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import InputError
from arrisk.frames import NEVER
from arrisk.modeling.lgd.cases import Workouts
from arrisk.modeling.lgd.run_off import estimate_losses, fit_run_off

FLOWS = ["case", "offset_days", "amount"]


def workouts_of(*cases, closed=()):
    """Give cases of 100 as (followed_days, {offset_days: amount})."""
    rows = [(place, day, amount) for place, (_, flows) in enumerate(cases) for day, amount in flows.items()]
    followed = [days for days, _ in cases]
    frame = pd.DataFrame({"exposure": 100, "followed_days": followed, "closed_days": [*closed] or NEVER})
    return Workouts(frame, pd.DataFrame(rows, columns=FLOWS).astype("int64"))


def draw_workouts(count, *, cured=0.3, full_days=400, seed=5, followed=None):
    """Draw cases of which some are repaid in full between day 100 and 299, some in part, some never."""
    random = np.random.default_rng(seed)
    way = random.choice(3, count, p=[cured, 0.3, 0.7 - cured])
    day = random.integers(100, full_days - 100, count)
    amount = np.select([way == 0, way == 1], [1_000, random.integers(100, 500, count)], 0)
    watched = random.integers(0, full_days * 2, count) if followed is None else np.full(count, followed)
    cases = pd.DataFrame({"exposure": 1_000, "followed_days": watched, "closed_days": NEVER})
    is_seen = (amount > 0) & (day <= watched)
    flows = pd.DataFrame({"case": np.arange(count), "offset_days": day, "amount": amount})
    return Workouts(cases, flows.loc[is_seen]), 1 - amount.mean() / 1_000


def test_finished_cases_lose_what_did_not_come_back():
    losses = estimate_losses(workouts_of((400, {10: 30, 90: 20}), (400, {})), horizon_days=365, discount_rate=0.0)
    assert losses["loss_share"].tolist() == pytest.approx([0.5, 1.0])
    assert losses["expected_share"].tolist() == [0, 0]
    assert losses["developed_share"].tolist() == [1, 1]


def test_money_that_comes_later_is_worth_less():
    losses = estimate_losses(workouts_of((800, {0: 40, 365: 55, 730: 0})), horizon_days=730, discount_rate=0.1)
    assert losses["loss_share"].tolist() == pytest.approx([1 - 0.40 - 0.55 / 1.1])


def test_money_after_the_horizon_is_not_counted():
    losses = estimate_losses(workouts_of((800, {100: 40, 366: 50})), horizon_days=365, discount_rate=0.0)
    assert losses["loss_share"].tolist() == pytest.approx([0.6])


def test_a_case_gives_back_at_most_all_of_it():
    losses = estimate_losses(workouts_of((400, {10: 80, 20: 80})), horizon_days=365, discount_rate=0.0)
    assert losses["loss_share"].tolist() == [0]


def test_a_young_case_still_gets_what_older_ones_got():
    young = estimate_losses(workouts_of((400, {50: 60}), (20, {10: 50})), horizon_days=365, discount_rate=0.0)
    # Of what was left on day 50 the old case gave 60 %; of what the young one has left, 0.5, it will give as much.
    assert young["expected_share"].tolist() == pytest.approx([0, 0.3])
    assert young["loss_share"].tolist() == pytest.approx([0.4, 0.2])


def test_what_should_still_come_is_discounted_from_its_own_day():
    young = estimate_losses(workouts_of((800, {365: 60}), (20, {})), horizon_days=730, discount_rate=0.25)
    assert young["expected_share"].tolist() == pytest.approx([0, 0.6 / 1.25])


def test_nothing_is_expected_of_a_case_that_is_closed():
    cases = workouts_of((400, {50: 60}), (20, {10: 50}), closed=(NEVER, 15))
    assert estimate_losses(cases, horizon_days=365, discount_rate=0.0)["loss_share"].tolist() == pytest.approx(
        [0.4, 0.5]
    )


def test_closed_cases_do_not_slow_those_still_open():
    cases = workouts_of((400, {50: 60}), (20, {}), *[(400, {})] * 8, closed=(NEVER, NEVER, *[30] * 8))
    losses = estimate_losses(cases, horizon_days=365, discount_rate=0.0)
    # On day 20 eight of the nine others are closed without a payment on day 30, and the one that is left pays 60 %.
    assert losses["expected_share"].iloc[1] == pytest.approx(0.6 / 9)


def test_the_mean_of_unfinished_cases_is_that_of_finished_ones():
    cases, truth = draw_workouts(20_000)
    losses = estimate_losses(cases, horizon_days=400, discount_rate=0.0)
    naive = 1 - losses["returned_share"].mean()
    assert losses["loss_share"].mean() == pytest.approx(truth, abs=0.01)
    assert np.average(losses["loss_share"], weights=losses["developed_share"]) == pytest.approx(truth, abs=0.01)
    assert naive > truth + 0.05


def test_the_run_off_says_how_far_it_was_seen():
    run_off = fit_run_off(workouts_of((60, {50: 60}), (20, {})), horizon_days=365)
    assert run_off.seen_days == 60
    assert run_off.left[[49, 50, 365]].tolist() == pytest.approx([1, 0.4, 0.4])


def test_how_developed_a_case_is_depends_on_its_age_alone():
    losses = estimate_losses(
        workouts_of((400, {50: 20, 100: 20}), (60, {5: 100}), (60, {})), horizon_days=365, discount_rate=0
    )
    assert losses["developed_share"].iloc[1] == losses["developed_share"].iloc[2]
    assert 0 < losses["developed_share"].iloc[1] < losses["developed_share"].iloc[0] == 1


def test_without_a_case_there_is_no_loss_and_no_error():
    nothing = workouts_of()
    assert estimate_losses(nothing, horizon_days=365, discount_rate=0.05).empty


@pytest.mark.parametrize(("horizon", "rate"), [(0, 0.05), (365, -1.0), (365, float("nan"))])
def test_a_horizon_or_rate_without_sense_is_refused(horizon, rate):
    with pytest.raises(InputError, match="no loss over"):
        estimate_losses(workouts_of((400, {})), horizon_days=horizon, discount_rate=rate)
