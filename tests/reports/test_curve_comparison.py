"""Curves beside what happened: the observed share is right when some are written off or not followed so long."""

import numpy as np
import pytest

from arrisk.frames import NEVER
from arrisk.modeling.curves import Curves, make_grid
from arrisk.modeling.survival_metrics import FollowUp
from arrisk.reports.curve_comparison import (
    compare_curves,
    describe_curves,
    estimate_paid_share,
    group_fifths,
    render_curve_chart,
)
from tests.grids import LAST_DAYS

DAYS = np.arange(-30, 91)


def follow(ended, cause, followed):
    return FollowUp(np.array(ended), np.array(cause, dtype="object"), np.array(followed))


def make_world(*, count=4_000, seed=3):
    """Give curves and how invoices ended by them; a tenth is written off, and many are not followed for long."""
    random = np.random.default_rng(seed)
    grid = make_grid(ends=LAST_DAYS)
    age = np.full(count, -30)
    ends = np.maximum(-30, np.round(random.normal(0, 12, count))).astype("int64")
    is_lost = random.random(count) < 0.1
    shown = (ends[:, None] <= grid.last_days).mean(axis=0)
    curves = Curves(grid, np.tile(1 - shown, (count, 1)), np.tile(0.1 * shown, (count, 1)), age)
    cause = np.where(is_lost, "written_off", "paid").astype("object")
    return curves, FollowUp(ends, cause, random.integers(-5, 60, count))


def test_without_censoring_the_share_is_counted():
    follow_up = follow([1, 2, 3, 3, NEVER], ["paid", "written_off", "paid", "credited", ""], [90] * 5)
    counted = [0, 0.2, 0.2, 0.4, 0.4]
    assert estimate_paid_share(follow_up, np.array([0, 1, 2, 3, 90])) == pytest.approx(counted)


def test_an_end_that_was_not_seen_does_not_count():
    follow_up = follow([1, 50], ["paid", "paid"], [90, 20])
    assert estimate_paid_share(follow_up, DAYS)[-1] == 0.5


def test_curves_that_are_right_meet_what_happened_although_many_are_not_followed():
    curves, follow_up = make_world()
    table = compare_curves(curves, follow_up, {"all": np.ones(len(curves), dtype="bool")})
    at_ends = table[table["day"].isin(curves.grid.last_days)]
    assert (at_ends["predicted_share"] - at_ends["observed_share"]).abs().max() < 0.03
    # Counting the paid among those seen to the end, or 1 - Kaplan-Meier, would both end at 1.
    assert table["observed_share"].max() == pytest.approx(0.9, abs=0.02)


def test_groups_keep_their_order_and_empty_ones_are_left_out():
    curves, follow_up = make_world(count=100)
    first = np.arange(100) < 60
    table = compare_curves(curves, follow_up, {"z": first, "none": np.zeros(100, dtype="bool"), "a": ~first})
    assert table["group"].unique().tolist() == ["z", "a"]
    assert table.groupby("group")["count"].first().to_dict() == {"a": 40, "z": 60}


def test_what_too_few_were_followed_to_is_missing():
    curves, follow_up = make_world(count=60)
    late = compare_curves(curves, follow_up, {"all": np.ones(60, dtype="bool")}).set_index("day")
    few = late["followed"] < 20
    assert few.any()
    assert late["observed_share"].isna().equals(few)
    assert late["predicted_share"].notna().all()


def test_nothing_followed_is_said_and_can_be_drawn():
    curves, follow_up = make_world(count=10)
    table = compare_curves(curves, follow_up, {"all": np.ones(10, dtype="bool")})
    assert "too few" in describe_curves(table)
    assert render_curve_chart(table, suffix=".png").startswith(b"\x89PNG")


def test_fifths_hold_every_row_once_and_equal_ones_together():
    p_late = np.repeat(np.linspace(0.1, 0.9, 50), 3)
    groups = group_fifths(p_late)
    assert np.sum(list(groups.values()), axis=0).tolist() == [1] * 150
    assert [int(part.sum()) for part in groups.values()] == [30] * 5
    assert group_fifths(np.full(7, 0.5))["lowest fifth"].all()
