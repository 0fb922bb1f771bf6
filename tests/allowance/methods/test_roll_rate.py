"""Roll rates from flows made by hand, whose rates can be computed on paper, and from random books."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.allowance.exposures import list_exposures
from arrisk.allowance.flows import list_flows
from arrisk.allowance.methods.roll_cells import collect_cells
from arrisk.allowance.methods.roll_rate import POOL, estimate_roll_rate
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.lgd.losses import fit_losses
from arrisk.policy import load_policy
from tests.books import book_of, customer, invoice
from tests.features.random_books import TODAY, change_future, check_tables, draw_tables

POLICY = load_policy()
SEEDS = st.integers(0, 2**32 - 1)
AS_OF = date(2024, 7, 1)


def policy_with(**changes):
    return POLICY.model_copy(update={"allowance": POLICY.allowance.model_copy(update=changes)})


EVERY_STEP = policy_with(roll_customers_at_least=1)
BARE = policy_with(roll_customers_at_least=1, segment_by=())


def flow(customer_id, age, *, stays=0.0, lost=0.0, amount=100.0, bad=False, after=None, step=0):
    return {
        "step": step,
        "customer_id": customer_id,
        "is_in_default": bad,
        "is_in_default_after": bad if after is None else after,
        "age_days": age,
        "open_amount": amount,
        "left_amount": stays,
        "written_off_amount": lost,
    }


def open_book(*due_on, industries=("10", "20")):
    """Give one open invoice by due day, each of a customer of its own."""
    ids = [f"C{place}" for place in range(len(due_on))]
    invoices = [
        invoice(f"I{name}", name, issued_on="2024-01-01", due_on=due, amount="600")
        for name, due in zip(ids, due_on, strict=True)
    ]
    customers = [customer(name, industry=industries[place % 2]) for place, name in enumerate(ids)]
    return book_of(invoices=invoices, customers=customers, extract_end_on=AS_OF)


def estimate(book, flows=None, *, policy=BARE, as_of=AS_OF):
    episodes = list_defaults(book, as_of=as_of, policy=policy)
    flows = list_flows(book, episodes, as_of=as_of, steps=12) if flows is None else pd.DataFrame(flows)
    exposures = list_exposures(book, episodes, as_of=as_of, policy=policy)
    losses = fit_losses(book, episodes, as_of=as_of, policy=policy)
    return exposures, estimate_roll_rate(exposures, flows, book, losses, policy=policy)


# Due in 0-29: 25 of 100 roll on. 1-30: 50 of 100 come into default. In default 31-60: 90 of 100 roll on, 61-90: of 100
# there 20 stay, 60 are written off and 20 are paid: 0.6 / 0.8 of what leaves.
FLOWS = [
    flow("C0", -5, stays=25.0),
    flow("C1", 10, stays=50.0, after=True),
    flow("C2", 40, stays=90.0, bad=True),
    flow("C3", 70, stays=20.0, lost=60.0, bad=True),
]


def test_rates_are_products_of_the_later_roll_rates_through_both_chains():
    exposures, found = estimate(open_book("2024-07-20", "2024-06-20"), FLOWS)
    assert exposures.items["days_past_due"].tolist() == [-19, 11]
    late = 0.5 * 0.9 * 0.75
    assert found.p_lost == pytest.approx([0.25 * late, late])
    assert (found.p_upper >= found.p_lost).all()


def test_days_until_a_write_off_add_up_along_the_chain():
    _, found = estimate(open_book("2024-07-20", "2024-06-20"), FLOWS)
    # Of the last step, which keeps 0.2 of what is in it, a write-off takes 1 / (1 - 0.2) steps.
    steps = 1.0 / (1.0 - 0.2)
    assert found.loss_days == pytest.approx([30 * (3 + steps - 0.5), 30 * (2 + steps - 0.5)])


def test_one_in_default_has_the_rates_of_those_in_default():
    exposures, found = estimate(open_book("2024-07-20", "2024-01-31"), FLOWS)
    assert exposures.items["is_in_default"].tolist() == [False, True]
    assert found.p_lost[1] == pytest.approx(0.75)


def test_one_who_recovers_goes_back_to_the_rates_of_good_standing():
    cured = [flow("C4", 35, stays=100.0, bad=True, after=False), flow("C5", 70, stays=50.0, lost=50.0), flow("C6", 40)]
    _, found = estimate(open_book("2024-06-20"), [*FLOWS[:2], *cured])
    # 1-30 passes 0.5 into default, which from 31-60 comes back or is lost; in 61-90 half stays and half is written off.
    assert found.p_lost == pytest.approx([0.5 * 1.0])


@pytest.mark.slow
def test_only_the_newest_steps_count():
    policy = policy_with(roll_customers_at_least=1, roll_steps=12)
    old = [flow("C9", -5, stays=100.0, step=12), flow("C9", 10, lost=100.0, step=12)]
    _, found = estimate(open_book("2024-07-20"), FLOWS + old, policy=policy)
    _, same = estimate(open_book("2024-07-20"), FLOWS, policy=policy)
    assert found.p_lost.tolist() == same.p_lost.tolist()
    _, other = estimate(open_book("2024-07-20"), FLOWS + [{**row, "step": 11} for row in old], policy=policy)
    assert other.p_lost.tolist() != same.p_lost.tolist()


def test_without_any_loss_half_a_customer_of_those_that_left_counts_as_lost():
    flows = [flow(f"C{place}", 10) for place in range(9)] + [flow(f"C{place}", -5, stays=20.0) for place in range(9)]
    _, found = estimate(open_book("2024-07-20", "2024-06-20"), flows)
    assert found.p_lost == pytest.approx([0.2 * 0.05, 0.05])
    assert (found.p_upper > found.p_lost).all()
    assert any("Jeffreys" in note for note in found.notes)


def test_a_ledger_without_any_history_gives_half_and_says_so():
    _, found = estimate(open_book("2024-07-20"), pd.DataFrame([flow("C0", 0)]).iloc[:0])
    assert found.p_lost.tolist() == [0.5]
    assert any("0 customers" in note for note in found.notes)


def test_a_segment_is_drawn_to_the_pool_by_customers():
    flows = [flow("C0", 10, lost=100.0), *(flow(name, 10) for name in ("C1", "C3", "C5"))]
    flows.append(flow("C2", 10, amount=300.0))
    policy = policy_with(roll_customers_at_least=1, prior_strength=6.0)
    # Industry 10: C0, C2, C4 with 100 of 400 lost, two customers; all: 100 of 700.
    book = open_book("2024-06-20", "2024-06-20", "2024-06-20", "2024-06-20", "2024-06-20", "2024-06-20")
    _, found = estimate(book, flows, policy=policy)
    ten, twenty = (2 * 0.25 + 6 * 100 / 700) / 8, 6 * (100 / 700) / 9
    assert found.p_lost == pytest.approx([ten, twenty] * 3)


def test_a_step_with_few_customers_counts_with_its_neighbour():
    flows = [flow(f"C{place}", 10, stays=10.0) for place in range(5)] + [flow("C9", 40, lost=50.0, stays=50.0)]
    flows = pd.DataFrame(flows).assign(segment="all")
    cells = collect_cells(flows, customers_at_least=2)
    assert (cells.performing.first, cells.performing.last) == (1, 1)
    assert cells.sum_amounts(np.ones((1, 6)))[0, 0].tolist() == [100.0, 0.0, 50.0, 450.0]
    assert cells.customers.tolist() == [6.0, 0.0]


def test_every_rate_can_be_computed_again_from_the_evidence():
    _, found = estimate(open_book("2024-07-20", "2024-06-20"), FLOWS, policy=EVERY_STEP)
    rates = found.rates
    ways = ["stayed", "crossed", "written_off", "other"]
    amounts = rates[[f"{way}_amount" for way in ways]].to_numpy()
    assert amounts.sum(axis=1) == pytest.approx(rates["open_amount"].to_numpy())
    assert rates[[f"{way}_rate" for way in ways]].sum(axis=1).to_numpy() == pytest.approx(1.0)
    own = rates.loc[(rates["segment"] != POOL) & (rates["open_amount"] > 0)]
    pool = rates.loc[(rates["segment"] == POOL) & (rates["chain"] == "performing")].set_index("age")
    raw = own["stayed_amount"] / own["open_amount"]
    expected = (1 - own["pool_weight"]) * raw + own["pool_weight"] * own["age"].map(pool["stayed_rate"])
    assert own["stayed_rate"].to_numpy() == pytest.approx(expected.to_numpy())


def test_a_customer_of_no_known_segment_has_the_rates_of_all():
    _, found = estimate(open_book("2024-06-20", industries=("99", "99")), FLOWS[1:])
    assert found.p_lost == pytest.approx([0.5 * 0.9 * 0.75])


@pytest.mark.slow
@settings(max_examples=4)
@given(SEEDS)
def test_probabilities_are_probabilities_and_bounds_above_them(seed):
    exposures, found = estimate(check_tables(draw_tables(seed)), policy=EVERY_STEP, as_of=TODAY)
    is_note = (exposures.items["kind"] == "credit_note").to_numpy()
    assert ((found.p_lost > 0) | is_note).all()
    assert (found.p_lost <= found.p_upper).all()
    assert (found.p_upper <= 1).all()
    assert (found.p_lost[is_note] == 0).all()
    assert (found.loss_days >= 0).all()


@pytest.mark.slow
@settings(max_examples=3)
@given(SEEDS)
def test_what_is_not_known_yet_changes_no_roll_rate(seed):
    tables = draw_tables(seed)
    other = change_future(tables, seed + 1, today=TODAY, master_from=TODAY)
    (_, one), (_, two) = (estimate(check_tables(each), policy=BARE, as_of=TODAY) for each in (tables, other))
    pd.testing.assert_frame_equal(one.rates, two.rates, check_exact=True)
    assert one.p_lost.tolist() == two.p_lost.tolist()
    assert one.p_upper.tolist() == two.p_upper.tolist()
