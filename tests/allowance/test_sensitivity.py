"""Sensitivity: each assumption moves alone, and the base stays what it is."""

import pandas as pd
import pytest

from arrisk.allowance.estimates import assemble
from arrisk.allowance.sensitivity import COLUMNS, measure_sensitivity
from tests.reserves import DAYS, POLICY, book_in, expose, guess, item

RATES = dict(zip(DAYS, (0.01, 0.04, 0.1, 0.2, 0.95), strict=True))
ITEMS = [item("1-30", 1000), item(">90", 100), item("1-30", 400, kind="credit_note")]


@pytest.fixture(scope="module")
def exposures():
    return expose(book_in(ITEMS))


def measure(exposures, *, policy=POLICY, reestimate=None, **more):
    estimate = guess(exposures, RATES, **{"loss_share": 0.5, "uncovered": 0.8, "loss_days": 365.0, **more})
    return measure_sensitivity(exposures, estimate, policy=policy, reestimate=reestimate).set_index("assumption")


def test_every_assumption_moves_alone(exposures):
    table = measure(exposures)
    # 1,000 x 4 % + 100 x 95 %, of which a half is lost.
    assert set(table["base"]) == {2000 + 4750}
    assert table[["low", "high"]].astype(int).T.to_dict("list") == {
        "write-off probability": [1800 + 4275, 2200 + 5000],
        "loss given write-off": [1600 + 3800, 2400 + 5700],
        "discount rate": [6750, 1905 + 4524],
        "security and insurance": [6750, 3200 + 7600],
        # The note takes the oldest item away, and 300 of the other.
        "credit notes": [1400, 6750],
    }
    assert table.reset_index().columns.tolist() == list(COLUMNS)
    assert set(table["unit"]) == {"USD"}


def test_what_is_lost_of_an_amount_stays_a_share(exposures):
    table = measure(exposures, loss_share=0.95)
    assert table.loc["loss given write-off", "high"] == 4000 + 9500
    assert measure(exposures, loss_share=0.05).loc["loss given write-off", "low"] == 0


def test_the_booked_policy_is_the_base(exposures):
    moved = POLICY.allowance.model_copy(update={"cover": "gross", "discount_rate": 0.05})
    table = measure(exposures, policy=POLICY.model_copy(update={"allowance": moved}))
    assert set(table["base"]) == {3048 + 7238}
    assert table.loc["security and insurance", "high"] == table.loc["discount rate", "high"] == 3048 + 7238


def test_what_has_to_be_learned_again_is_asked_for(exposures):
    asked = []

    def reestimate(policy):
        asked.append((policy.allowance.history_steps, policy.default.past_due_days))
        rates = {bucket: rate * len(asked) / 10 for bucket, rate in RATES.items()}
        return assemble(exposures, guess(exposures, rates), method="x", policy=policy.allowance)

    table = measure(exposures, reestimate=reestimate)
    assert asked == [(18, 90), (72, 90), (36, 60)]
    assert table.loc["history", ["low_setting", "high_setting", "low", "high"]].tolist() == [
        "18 steps",
        "72 steps",
        1350,
        2700,
    ]
    assert table.loc["default", ["low_setting", "high_setting", "low"]].tolist() == ["60 days past due", "", 4050]
    assert table.loc["default", "high"] is pd.NA
    assert "history" not in measure(exposures).index
