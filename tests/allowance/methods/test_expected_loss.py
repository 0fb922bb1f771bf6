"""The allowance by the payment curve: every open amount gets its chance, also what no curve speaks of."""

import numpy as np
import pandas as pd
import pytest

from arrisk.allowance.estimates import assemble
from arrisk.allowance.methods.expected_loss import (
    FoundCurve,
    bound_scale,
    estimate_tail,
    expect_by_curve,
    find_last_day,
    scale_odds,
)
from arrisk.features import Past
from arrisk.modeling.calibrate import UNCHANGED
from arrisk.modeling.chain import Chain, Link, Stage, join_stages
from arrisk.modeling.curves import make_grid
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.lgd.models import LossModel, SegmentLoss
from arrisk.modeling.open_scores import OpenBook
from arrisk.modeling.payment_curve import PaymentCurve
from arrisk.modeling.rates import BaseRate
from arrisk.policy import load_policy
from tests.allowance.estimates import exposures_of, item

ENDS = (0, 30, 90, 365)
UNPAID = np.array([0.5, 0.4, 0.5, 0.8])
LOST = (0.0001, 0.0001, 0.1, 0.9)
"""P(unpaid by each end), and P(written off by it | unpaid)."""

HALF = LossModel(SegmentLoss((), 0.5, (), 0.4), (), 10)
LOSSES = Losses(HALF, HALF)


def flow(customer_id, age, *, gone=0.0, written=0.0):
    return {
        "customer_id": customer_id,
        "age_days": age,
        "open_amount": 100.0,
        "left_amount": 100.0 - gone,
        "written_off_amount": written,
    }


FLOWS = pd.DataFrame([flow("A", 400, gone=100, written=50), flow("B", 400), flow("C", 10, gone=100, written=100)])


LEVELS = pd.DataFrame({"bucket": ["1-30"], "level": [0.5]})


def find_curve(exposures, *, lost=LOST):
    items = exposures.items.loc[(exposures.items["open_amount"] > 0) & (exposures.items["kind"] == "invoice")]
    items = items.loc[items["days_past_due"] > -1000].reset_index(drop=True)
    stages = [Stage(end, Link(BaseRate(0.0), UNCHANGED), share) for end, share in zip(ENDS, lost, strict=True)]
    chain = Chain(make_grid(ends=ENDS, first_day=-60), tuple(stages))
    age = items["days_past_due"].to_numpy(dtype="int64")
    unpaid = np.where(age[:, None] <= np.array(ENDS), UNPAID, 1.0)
    model = PaymentCurve((), chain, chain, None)
    opened = OpenBook(items, pd.DataFrame(index=items.index), join_stages(chain, unpaid, age=age), 0.0, Past)
    return FoundCurve(opened, model, "model payment/1", "payment/1", LEVELS)


def expect(*items, lost=LOST):
    exposures = exposures_of(*items)
    return expect_by_curve(exposures, find_curve(exposures, lost=lost), FLOWS, LOSSES, confidence=0.9)


def lose_from(place):
    """P(written off), what is left open at the curve's end counted by the tail of 0.75."""
    left, lost = 1.0, 0.0
    for unpaid, share in zip(UNPAID[place:], LOST[place:], strict=True):
        lost += left * unpaid * share
        left *= unpaid * (1 - share)
    return lost + left * 0.75


def test_the_loss_is_chance_times_share_times_amount():
    items = (item("I1", 10_000, -5), item("I2", 20_000, 40, covered_share=1.0))
    estimate = expect(*items)
    assert estimate.p_lost == pytest.approx([lose_from(0), lose_from(2)])
    assert estimate.loss_share == pytest.approx([0.5, 0.5 * 0.6])
    assert estimate.uncovered_loss_share == pytest.approx([0.5, 0.5])
    policy = load_policy().allowance
    allowance = assemble(exposures_of(*items), estimate, method="model", policy=policy)
    assert allowance.total == round(10_000 * lose_from(0) * 0.5) + round(20_000 * lose_from(2) * 0.3)


def test_what_is_still_open_later_is_rated_as_of_then():
    exposures = exposures_of(item("I1", 100, -5))
    later = find_curve(exposures).given_open_after(days=36)
    estimate = expect_by_curve(exposures, later, FLOWS, LOSSES, confidence=0.9)
    assert estimate.p_lost == pytest.approx([lose_from(2)])


def test_the_level_of_its_bucket_moves_the_chance_of_a_customer_not_in_default():
    items = [item(f"I{age}{failed}", 100, age, failed=failed) for age in (10, 40) for failed in (False, True)]
    estimate = expect(*items)
    assert estimate.p_lost == pytest.approx([lose_from(1) / 2, lose_from(1), lose_from(2), lose_from(2)])
    level = estimate.rates.set_index(["segment", "bucket"])["level"]
    assert level["all", "1-30"] == 0.5
    assert level["all", "31-60"] == 1.0
    assert level[["in default"]].isna().all()


def test_what_is_older_than_the_curve_counts_by_what_became_of_the_oldest():
    estimate = expect(item("I1", 100, -5), item("I2", 700, 366), item("I3", 700, 2000))
    assert estimate.p_lost[1:] == pytest.approx([0.75, 0.75])
    assert any("2 items of 14.00 USD, more than 365 days past due" in note for note in estimate.notes)


def test_a_stage_that_nothing_outlived_does_not_make_old_items_safe():
    estimate = expect(item("I1", 100, 100), lost=(*LOST[:3], 0.0))
    assert find_last_day(find_curve(exposures_of(item("I1", 100, 100)), lost=(*LOST[:3], 0.0)).model) == 90
    share, _ = estimate_tail(FLOWS, last_day=90)
    assert estimate.p_lost[0] == pytest.approx(share)


def test_an_item_without_a_due_date_has_the_mean_of_its_like():
    known = (item("I1", 300, -5), item("I2", 100, 40), item("I3", 500, 40, failed=True))
    estimate = expect(*known, item("I4", 700, -(2**40)), item("I5", 700, -(2**40), failed=True))
    assert estimate.p_lost[3] == pytest.approx(0.75 * lose_from(0) + 0.25 * lose_from(2))
    assert estimate.p_lost[4] == pytest.approx(lose_from(2))
    assert any("2 items of 14.00 USD, without a due date" in note for note in estimate.notes)


def test_credit_notes_expect_nothing():
    estimate = expect(item("I1", 300, -5), item("N1", -50, -5, kind="credit_note", segment="credit notes"))
    assert estimate.p_lost[1] == estimate.p_upper[1] == estimate.loss_days[1] == 0.0


def test_terms_rise_to_the_whole_and_the_mean_day_lies_among_them():
    estimate = expect(item("I1", 300, -5), item("I2", 300, 40))
    rates = estimate.rates.set_index("bucket")
    terms = rates[[f"p_within_{term}" for term in (30, 60, 90, 180, 360)]].to_numpy()
    assert (np.diff(terms, axis=1) >= 0).all()
    assert (terms[:, -1] <= rates["p_lost"]).all()
    assert rates.loc["31-60", "p_lost"] == pytest.approx(lose_from(2))
    assert rates.loc["31-60", "p_within_60"] > rates.loc["not_due", "p_within_60"]
    assert estimate.loss_days[0] > estimate.loss_days[1] > 90
    assert (rates["model"] == "payment/1").all()


def test_the_upper_bound_is_wider_the_fewer_customers_there_are():
    few, losers, customers = bound_scale(FLOWS, confidence=0.9)
    assert (losers, customers) == (2, 3)
    many = pd.DataFrame([flow(f"C{n}", 10, gone=100, written=100.0 * (n % 3 > 0)) for n in range(300)])
    assert 1 < bound_scale(many, confidence=0.9)[0] < few
    estimate = expect(item("I1", 300, -5))
    assert estimate.p_upper == pytest.approx(scale_odds(estimate.p_lost, few))
    assert (estimate.p_upper > estimate.p_lost).all()


def test_where_nothing_was_ever_lost_the_bound_is_finite_and_above():
    nothing = pd.DataFrame([flow(f"C{n}", 10, gone=100) for n in range(200)])
    scale, losers, _ = bound_scale(nothing, confidence=0.9)
    assert losers == 0
    assert 1 < scale < 10
