"""Thin ledgers: over many of them the number is what performing customers really lose, as far as chance lets us see."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from arrisk.allowance.exposures import Exposures
from arrisk.allowance.methods.matrix import estimate_matrix
from arrisk.frames import NEVER, day_of
from arrisk.policy import load_policy
from arrisk.schema import check
from arrisk.sim.portfolio import simulate_portfolio
from arrisk.uses.reserve import gather_evidence

DAY, MONTHS, SIZE, STANDARD_ERRORS = date(2024, 12, 1), 15, 40, 2
SEEDS = (1, 2, 3)


def set_policy():
    policy = load_policy()
    return policy.model_copy(update={"allowance": policy.allowance.model_copy(update={"segment_by": ()})})


def simulate(seed):
    """Simulate many customers, followed for a year after the day: cut into small ledgers, they have the same times."""
    portfolio = simulate_portfolio(customers=1200, months=MONTHS + 13, seed=seed)
    return check(
        portfolio.tables, name="thin", currency=portfolio.currency, extract_end_on=portfolio.extract_end_on
    ).book


def cut_ledgers(seed, policy):
    """Give what is expected and what is lost of performing items in each small ledger without a write-off so far."""
    book = simulate(seed)
    evidence = gather_evidence(book, as_of=DAY, policy=policy)
    items, flows, ageing = evidence.exposures.items, evidence.flows, evidence.exposures.ageing
    bad = book["write_offs"].loc[(book["write_offs"]["reason"] == "bad_debt").to_numpy()]
    later = bad.loc[(bad["known_day"] >= day_of(DAY)) & (bad["superseded_day"] == NEVER)]
    items = items.assign(is_lost=items["invoice_id"].isin(later["invoice_id"]))
    names = book["customers"]["customer_id"].unique()
    place = pd.Series(np.arange(len(names)) // SIZE, index=names)
    of_item, of_flow = items["customer_id"].map(place), flows["customer_id"].map(place)
    failed = set(of_flow.loc[flows["written_off_amount"] > 0])
    for group in sorted(set(of_flow.dropna()) - failed):
        own = Exposures(ageing, items.loc[of_item == group].reset_index(drop=True))
        seen = flows.loc[of_flow == group].reset_index(drop=True)
        estimate = estimate_matrix(own, seen, book, evidence.losses, policy=policy)
        base = own.items["base_amount"].where(~own.items["is_in_default"], 0).to_numpy()
        yield (base * estimate.p_lost).sum(), (base * own.items["is_lost"]).sum(), (base * estimate.p_upper).sum()


@pytest.mark.slow
def test_what_performing_customers_lose_is_expected_where_no_write_off_was_ever_seen():
    policy = set_policy()
    ledgers = np.array([row for seed in SEEDS for row in cut_ledgers(seed, policy)])
    expected, lost, upper = ledgers.T
    assert len(ledgers) > 40
    assert (expected > 0).all()
    assert (upper > expected).all()
    error = (expected - lost).std(ddof=1) / np.sqrt(len(ledgers))
    assert abs(expected.mean() - lost.mean()) < STANDARD_ERRORS * error
    # The bound is one of the rate; what is lost of a single ledger is all of a customer or nothing.
    assert (lost <= upper).mean() > policy.allowance.confidence - 0.1
