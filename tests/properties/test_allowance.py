"""Whatever the book, an allowance ties to its open balance, and what is not known yet changes nothing of it."""

from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given, settings

from arrisk.allowance.exposures import list_exposures
from arrisk.frames import day_of
from arrisk.ledger import list_open_items
from arrisk.ledger.defaults import list_defaults
from arrisk.policy import load_policy
from arrisk.uses.reserve import METHODS, estimate_allowance, gather_evidence
from tests.features.random_books import TODAY, change_future, check_tables, draw_tables
from tests.ledger.random_books import SEEDS, random_book, random_days

RULES = [(notes, cover) for notes in ("kept", "set_off") for cover in ("net", "gross")]


def choose_policy(seed):
    policy = load_policy()
    notes, cover = RULES[seed % len(RULES)]
    changes = {"credit_notes": notes, "cover": cover, "history_steps": 4, "outcome_days": 60}
    return policy.model_copy(update={"allowance": policy.allowance.model_copy(update=changes)})


@pytest.mark.slow
@settings(max_examples=4)
@given(SEEDS)
def test_the_rows_sum_to_the_open_balance_and_the_total_is_their_sum(seed):
    book, policy = random_book(seed), choose_policy(seed)
    for place, day in enumerate(random_days(seed, 3)):
        evidence = gather_evidence(book, as_of=day, age_on=day - timedelta(days=seed % 2), policy=policy)
        owed = int(list_open_items(book, as_of=day)["open_amount"].sum())
        # The curve is fitted anew for each day: one is enough.
        for method in METHODS if place == 0 else ("matrix", "roll-rate"):
            allowance = estimate_allowance(evidence, method=method)
            rows = allowance.rows
            assert rows["gross_amount"].sum() == owed == allowance.exposures.ageing.total
            assert rows["count"].sum() == len(allowance.items)
            assert rows["allowance"].sum() == allowance.total
            assert (rows["allowance"].between(0, rows["base_amount"])).all()
            assert (rows["upper_allowance"] >= rows["allowance"]).all()
            assert allowance.items["p_lost"].between(0, 1).all()


@pytest.mark.slow
@settings(max_examples=3)
@given(SEEDS)
def test_what_is_set_off_lowers_the_base_by_no_more_than_the_credit_notes(seed):
    book, policy = random_book(seed), choose_policy(seed)
    day = random_days(seed, 1)[0]
    bases = {}
    for rule in ("kept", "set_off"):
        changed = policy.model_copy(update={"allowance": policy.allowance.model_copy(update={"credit_notes": rule})})
        episodes = list_defaults(book, as_of=day, policy=changed)
        bases[rule] = list_exposures(book, episodes, as_of=day, policy=changed).items
    kept, less = (bases[rule].groupby("customer_id")["base_amount"].sum() for rule in ("kept", "set_off"))
    items = bases["kept"]
    credit = -items.loc[items["open_amount"] < 0].groupby("customer_id")["open_amount"].sum()
    credit = credit.reindex(kept.index, fill_value=0)
    assert (less >= (kept - credit).clip(lower=0)).all()
    assert (less <= kept).all()
    assert (less + credit >= kept).all()


@pytest.mark.slow
@settings(max_examples=6)
@given(SEEDS)
def test_what_is_not_known_yet_changes_no_allowance(seed):
    policy = choose_policy(seed)
    tables = draw_tables(seed)
    other = change_future(tables, seed + 1, today=TODAY, master_from=TODAY)
    one, two = (gather_evidence(check_tables(each), as_of=TODAY, policy=policy) for each in (tables, other))
    assert len(one.flows) > 0
    assert one.flows["start_day"].max() < day_of(TODAY)
    pd.testing.assert_frame_equal(one.flows, two.flows, check_exact=True)
    for method in METHODS:
        first, second = (estimate_allowance(evidence, method=method) for evidence in (one, two))
        for name in ("items", "rows", "rates"):
            pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name), check_exact=True)
        assert first.notes == second.notes
