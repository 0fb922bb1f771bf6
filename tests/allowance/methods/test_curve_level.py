"""The curve's level: amounts lost against amounts expected, drawn to what the curve says where little was lost."""

import numpy as np
import pandas as pd
import pytest

from arrisk.allowance.methods.curve_level import TRUST, follow_losses, sample_by_amount, weigh_levels
from arrisk.policy import load_policy


def row(invoice, step, age, *, amount=100.0, written=0.0, failed=False, customer=None):
    return {
        "invoice": invoice,
        "step": step,
        "start_day": 1000 - 30 * (step + 1),
        "customer_id": customer or f"C{invoice}",
        "is_in_default": failed,
        "age_days": age,
        "open_amount": amount,
        "left_amount": 0.0,
        "written_off_amount": written,
    }


def follow(*rows):
    return follow_losses(pd.DataFrame(rows), policy=load_policy())


def weigh(past, *, p):
    return weigh_levels(past, sample_by_amount(past, most=10**6).assign(p=p)).set_index("bucket")


def test_a_loss_counts_for_every_step_before_it_in_which_the_customer_was_not_in_default():
    past = follow(
        row(0, 2, -20), row(0, 1, 10), row(0, 0, 40, failed=True, written=80), row(1, 0, 5), row(2, 0, 5, written=30)
    )
    assert past["lost_amount"].tolist() == [80, 80, 0, 30]
    assert past["bucket"].tolist() == ["not_due", "1-30", "1-30", "1-30"]


def test_a_loss_is_never_more_than_what_was_open():
    past = follow(row(0, 1, 10, amount=100), row(0, 0, 40, amount=60, written=60), row(1, 0, 5, amount=5, written=50))
    assert past["lost_amount"].tolist() == [60, 60, 5]


def test_the_sample_stands_for_all_amounts_and_a_mean_over_it_is_one_by_amount():
    rng = np.random.default_rng(1)
    amounts = rng.lognormal(5, 1, 4000)
    past = follow(*(row(n, 0, 5, amount=amount) for n, amount in enumerate(amounts)))
    asked = sample_by_amount(past, most=400)
    assert len(asked) == 400
    assert asked["worth"].sum() == pytest.approx(amounts.sum())
    chance = 1 / (1 + past["open_amount"] / 100)
    found = (asked["worth"] / (1 + asked["open_amount"] / 100)).sum()
    assert found == pytest.approx((chance * past["open_amount"]).sum(), rel=0.03)


def lose(count, losers, *, amount=100.0):
    rows = (row(n, 0, 5, amount=amount, written=amount * (n < losers)) for n in range(count))
    return follow(*rows)


def test_many_losses_decide_and_few_hardly_move_the_level():
    many, few = weigh(lose(4000, 400), p=0.2).loc["1-30"], weigh(lose(40, 4), p=0.2).loc["1-30"]
    assert many["level"] == pytest.approx(0.5, abs=0.02)
    assert 0.6 < few["level"] < 0.9
    assert (many["losing_customers"], many["evidence"]) == (400, pytest.approx(400))
    assert (many["past_lost_amount"], many["past_expected_amount"]) == (40_000, pytest.approx(80_000))


def test_one_large_loss_is_the_evidence_of_one_customer():
    rows = [row(0, 0, 5, amount=1e6, written=1e6), *(row(n, 0, 5, written=100.0 * (n < 50)) for n in range(1, 1000))]
    found = weigh(follow(*rows), p=0.1).loc["1-30"]
    assert found["evidence"] < 1.1
    assert found["level"] < 1 + 10 / TRUST


def test_a_bucket_without_losses_follows_the_others_and_the_level_never_falls_to_zero():
    past = pd.concat([lose(4000, 200), follow(row(9999, 0, 50))], ignore_index=True)
    levels = weigh(past, p=0.1)["level"]
    assert levels["31-60"] == pytest.approx(levels["1-30"], abs=0.06)
    nothing = weigh(lose(400, 0), p=0.01).loc["1-30"]
    assert nothing["level"] == pytest.approx(TRUST / (4 + TRUST / (TRUST / (4 + TRUST))))
    assert 0 < nothing["level"] < 1


def test_without_a_past_there_is_no_level():
    nothing = follow(row(0, 0, 5)).iloc[:0]
    assert weigh_levels(nothing, sample_by_amount(nothing, most=10).assign(p=0.0)).empty
