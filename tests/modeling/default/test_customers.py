"""Scores of customers: who gets reasons, and what is said of those in default."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from arrisk.frames import NEVER, day_of
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.default.adverse import WORDS
from arrisk.modeling.default.asking import train_on_customers
from arrisk.modeling.default.customers import score_customers
from arrisk.modeling.lgd.losses import fit_losses
from arrisk.policy import load_policy
from tests.modeling.ledgers import simulate_book

POLICY = load_policy()
DAY = date(2025, 6, 30)


@pytest.fixture(scope="module")
def book():
    return simulate_book()


@pytest.fixture(scope="module")
def owed(book):
    ids = book["customers"]["customer_id"].drop_duplicates().iloc[:40]
    loss = [float(number % 7) for number in range(len(ids))]
    return pd.DataFrame({"customer_id": ids, "currency": "EUR", "open_amount": 1000, "expected_loss": loss})


@pytest.fixture(scope="module")
def trained(book):
    episodes = list_defaults(book, as_of=DAY, policy=POLICY)
    known = {"as_of": DAY, "policy": POLICY}
    return train_on_customers(book, episodes, **known).model, fit_losses(book, episodes, **known), episodes


def score(book, trained, owed, *, episodes=None, model=None, count):
    found = trained[2] if episodes is None else episodes
    return score_customers(book, model, trained[1], owed, episodes=found, as_of=DAY, policy=POLICY, count_reasons=count)


@pytest.mark.slow
def test_those_with_the_highest_expected_loss_get_reasons(book, trained, owed):
    # A ledger as small as this has the same rate for everybody, which has no reasons.
    model = replace(trained[0], behaviour=trained[0].application)
    whole, some, none = (score(book, trained, owed, model=model, count=count) for count in (None, 10, 0))
    healthy = whole["grade"] != "D"
    assert whole["reasons"].notna().all()
    given = some.loc[healthy & some["reasons"].notna()]
    assert len(given) == 10
    pd.testing.assert_frame_equal(given, whole.loc[given.index])
    loss = pd.Series(owed["expected_loss"].to_numpy())[healthy]
    assert loss[given.index].min() >= loss.drop(given.index).max()
    assert none.loc[healthy, list(WORDS)].isna().all(axis=None)
    pd.testing.assert_series_equal(none["p_default_12m"], whole["p_default_12m"])


@pytest.mark.slow
def test_of_a_customer_in_default_it_is_said_since_when_and_why(book, trained, owed):
    one, two, three = owed["customer_id"].iloc[:3]
    day = day_of(DAY)
    episodes = pd.DataFrame(
        {
            "customer_id": [one, one, two, three, three],
            "entered_day": [day - 500, day - 30, day - 9, day - 800, day],
            "trigger": ["write_off", "past_due", "credit_event", "past_due", "write_off"],
            "left_day": [day - 400, NEVER, NEVER, day - 700, NEVER],
        }
    ).sort_values(["customer_id", "entered_day"], ignore_index=True)
    scored = score(book, trained, owed, episodes=episodes, count=0)
    for column in WORDS:
        assert scored[column].tolist()[:2] == [
            "in default since 2025-05-31: more than 90 days past due",
            "in default since 2025-06-21: insolvency or another credit event",
        ]
        assert scored[column].iloc[2:].isna().all()
    assert scored["p_default_12m"].isna().all()
