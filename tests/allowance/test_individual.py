"""Customers assessed on their own leave the pool, to the cent, and nothing else moves."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.allowance.assessments import parse_assessments
from arrisk.allowance.exposures import INDIVIDUAL
from arrisk.allowance.individual import apply_assessments, list_to_assess, register_assessments
from arrisk.allowance.overlays import apply_overlays
from arrisk.errors import InputError
from tests.allowance.test_overlays import overlay
from tests.reserves import DAYS, POLICY, item, reserve_items, reserve_rows

RATES = dict(zip(DAYS, (0.01, 0.05, 0.1, 0.3, 0.6), strict=True))
ITEMS = [
    item("31-60", 100, customer_id="A"),
    item("31-60", 50, customer_id="B"),
    item(">90", 900, customer_id="B"),
    item("1-30", 40, customer_id="B", kind="credit_note"),
    item("1-30", 200, customer_id="C"),
]


def assess(allowance, *rows, policy=POLICY):
    usual = {"reason": "insolvent", "assessed_by": "Ann", "assessed_on": "2024-12-01"}
    table = pd.DataFrame([{**usual, **row} for row in rows], index=range(1, len(rows) + 1)).fillna("")
    parsed = parse_assessments(table, currency="USD")
    known = pd.Series([*"ABCDE"], dtype="str")
    return apply_assessments(allowance, parsed, customer_ids=known, policy=policy.allowance), parsed


def rows_of(allowance, segment):
    return allowance.rows.loc[allowance.rows["segment"] == segment].set_index("bucket")["allowance"].to_dict()


def test_an_amount_is_spread_over_the_items_and_the_rest_stays():
    before = reserve_items(ITEMS, RATES)
    after, _ = assess(before, {"customer_id": "B", "amount": "700.01"})
    # 700.01 x 50 / 950 = 36.8426..., 700.01 x 900 / 950 = 663.1673...; the credit note takes nothing.
    assert rows_of(after, INDIVIDUAL) == {"1-30": 0, "31-60": 3684, ">90": 66317}
    assert rows_of(after, "all") == {"1-30": 1000, "31-60": 1000}
    assert after.rows["gross_amount"].sum() == before.exposures.ageing.total
    assert (after.items["segment"] == after.exposures.items["segment"]).all()


def test_rates_and_amounts_stand_in_one_file():
    after, _ = assess(
        reserve_items(ITEMS, RATES), {"customer_id": "B", "amount": "700"}, {"customer_id": "C", "rate": "0.5"}
    )
    assert sum(rows_of(after, INDIVIDUAL).values()) == 80_000


def test_rows_without_assessed_customers_are_the_same():
    before = reserve_items(ITEMS, RATES)
    after, _ = assess(before, {"customer_id": "C", "rate": "0.5"})
    kept = before.rows.loc[~((before.rows["segment"] == "all") & (before.rows["bucket"] == "1-30"))]
    merged = kept.merge(after.rows)
    assert len(merged) == len(kept) == len(after.rows) - 1
    assert rows_of(after, INDIVIDUAL) == {"1-30": 10000}


def test_the_newest_assessment_known_before_the_day_counts():
    before = reserve_items(ITEMS, RATES)
    first = {"customer_id": "A", "rate": "0.2", "assessed_on": "2024-11-01"}
    second = {"customer_id": "A", "rate": "0.4", "assessed_on": "2024-12-31"}
    later = {"customer_id": "A", "rate": "0.9", "assessed_on": "2025-01-01"}
    after, parsed = assess(before, second, first, later)
    assert rows_of(after, INDIVIDUAL) == {"31-60": 4000}
    assert "assessments not applied, of customers assessed after the day: A" in after.notes
    register = register_assessments(after, parsed)
    assert register[["customer_id", "owed_amount", "allowance"]].to_numpy().tolist() == [["A", 10000, 4000]]
    assert register["assessed_on"].dt.date.astype(str).tolist() == ["2024-12-31"]


@pytest.mark.parametrize(("last", "held"), [("2024-12-31", {"31-60": 4000}), ("2024-12-30", {})])
def test_an_assessment_holds_through_its_last_day(last, held):
    after, _ = assess(reserve_items(ITEMS, RATES), {"customer_id": "A", "rate": "0.4", "valid_to_on": last})
    assert rows_of(after, INDIVIDUAL) == held
    assert ("assessments not applied, of customers whose assessment has expired: A" in after.notes) != bool(held)


def test_a_customer_who_owes_nothing_gets_a_note():
    after, _ = assess(reserve_items(ITEMS, RATES), {"customer_id": "D", "amount": "5"})
    assert after.notes == ("assessments not applied, of customers who owe nothing: D",)


def test_an_unknown_customer_is_refused_with_its_row():
    with pytest.raises(InputError, match=r"no customer 'Z' in the book \(row 2, column customer_id\)"):
        assess(reserve_items(ITEMS, RATES), {"customer_id": "A", "amount": "5"}, {"customer_id": "Z", "amount": "5"})


def test_more_than_what_is_owed_is_refused_with_its_row():
    assess(reserve_items(ITEMS, RATES), {"customer_id": "B", "amount": "950.00"})
    with pytest.raises(InputError, match=r"'B' is assessed at 950\.01 and owes 950\.00 \(row 1, column amount\)"):
        assess(reserve_items(ITEMS, RATES), {"customer_id": "B", "amount": "950.01"})


def test_large_customers_in_default_are_listed_until_they_are_assessed():
    policy = POLICY.model_copy(update={"allowance": POLICY.allowance.model_copy(update={"individual_above": 949.99})})
    before = reserve_items(ITEMS, RATES)
    listed = list_to_assess(before, policy=policy.allowance)
    assert listed.to_numpy().tolist() == [["B", 95000, 54500]]
    after, _ = assess(before, {"customer_id": "A", "rate": "0.4"}, policy=policy)
    said = "to be assessed: 1 customers in default with more than 949.99 owed, 950.00 USD; the method's estimate stands"
    assert said in after.notes
    done, _ = assess(before, {"customer_id": "B", "rate": "0.4"}, policy=policy)
    assert list_to_assess(done, policy=policy.allowance).empty
    assert not [note for note in done.notes if note.startswith("to be assessed")]


def test_a_customer_at_the_bound_need_not_be_assessed():
    policy = POLICY.allowance.model_copy(update={"individual_above": 950.0})
    assert list_to_assess(reserve_items(ITEMS, RATES), policy=policy).empty


def test_an_overlay_leaves_assessed_customers_alone_unless_it_names_them():
    assessed, _ = assess(reserve_items(ITEMS, RATES), {"customer_id": "B", "amount": "700.01"})
    assert apply_overlays(assessed, [overlay(factor=1.1)]).total == assessed.total + 200
    named = apply_overlays(assessed, [overlay(factor=1.1, segments=(INDIVIDUAL,))])
    assert named.total == assessed.total + 368 + 6632


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(list(DAYS)), st.integers(1, 10**8), st.booleans()),
        min_size=1,
        max_size=12,
    ),
    shares=st.dictionaries(st.sampled_from("ABC"), st.integers(0, 1000)),
)
def test_everything_ties_to_the_cent(rows, shares):
    before = reserve_rows(rows, RATES)
    owed = before.items.groupby("customer_id")["base_amount"].sum()
    given_to = {name: int(owed.get(name, 0)) * share // 1000 for name, share in shares.items()}
    listed = [{"customer_id": name, "amount": f"{cents / 100:.2f}"} for name, cents in given_to.items()]
    if not listed:
        return
    after, _ = assess(before, *listed)
    own = after.items.loc[after.items["segment"] == INDIVIDUAL]
    assert after.rows["gross_amount"].sum() == before.exposures.ageing.total
    assert sum(rows_of(after, INDIVIDUAL).values()) == sum(given_to.values())
    assert (own["expected_loss"] <= own["base_amount"]).all()
    assert own.groupby("customer_id")["expected_loss"].sum().to_dict() == {
        name: cents for name, cents in given_to.items() if owed.get(name, 0)
    }
