"""Cover gross and net: the two tie to each other, and to what is booked."""

import numpy as np
import pytest

from arrisk.allowance.cover import show_cover
from arrisk.allowance.estimates import assemble
from arrisk.allowance.overlays import apply_overlays
from tests.allowance.test_overlays import overlay
from tests.books import book_of, customer
from tests.reserves import DAYS, POLICY, expose, expose_rows, guess, item

RATES = dict(zip(DAYS, (0.01, 0.04, 0.1, 0.2, 0.5), strict=True))
ROWS = [("A", "not_due", 100_001, False), ("B", "1-30", 50_003, False), ("C", ">90", 20_007, True)]


def same(allowance):
    return allowance


def policy_of(**more):
    return POLICY.allowance.model_copy(update=more)


@pytest.mark.parametrize("booked", ["net", "gross"])
def test_the_table_ties_whichever_is_booked(booked):
    exposures, policy = expose_rows(ROWS), policy_of(cover=booked, discount_rate=0.1)
    estimate = guess(exposures, RATES, loss_share=0.31, uncovered=0.77, loss_days=100.0)
    table = show_cover(exposures, estimate, policy=policy, finish=same)
    rows = assemble(exposures, estimate, method="x", policy=policy).rows
    assert (table["gross_allowance"] + table["cover_effect"] == table["net_allowance"]).all()
    assert table[f"{booked}_allowance"].tolist() == rows["allowance"].tolist()
    assert table["gross_allowance"].tolist() == rows["uncovered_allowance"].tolist()
    assert table["base_amount"].tolist() == rows["base_amount"].tolist()
    assert table["cover_effect"].sum() < 0


def test_overlays_are_gross_and_net_as_well():
    exposures = expose_rows(ROWS)
    estimate = guess(exposures, RATES, loss_share=0.0, uncovered=0.5)
    table = show_cover(
        exposures, estimate, policy=POLICY.allowance, finish=lambda one: apply_overlays(one, [overlay(factor=2.0)])
    )
    own = table.loc[table["segment"] == "overlay: jobs"].set_index("bucket")
    assert own["gross_allowance"].to_dict() == {"not_due": 500, "1-30": 1000}
    assert own["net_allowance"].to_dict() == {"not_due": 0, "1-30": 0}
    assert not own["base_amount"].any()


def test_a_deposit_in_the_book_covers_its_customer_alone():
    security = {"kind": "deposit", "amount": "50", "currency": "USD", "valid_from_on": "2024-01-01"}
    items = [item("1-30", 100, customer_id=name) | {"invoice_id": name} for name in "AB"]
    book = book_of(
        customers=[customer("A"), customer("B")],
        invoices=items,
        collateral=[{"collateral_id": "S1", "customer_id": "A", **security}],
    )
    exposures = expose(book)
    share = dict(zip(exposures.items["customer_id"], exposures.items["covered_share"], strict=True))
    assert share == {"A": pytest.approx(0.5 * POLICY.collateral.deposit), "B": 0}
    estimate = guess(exposures, RATES, uncovered=1.0, loss_share=1.0)
    covered = exposures.items["covered_share"].to_numpy()
    estimate = type(estimate)(**{**vars(estimate), "loss_share": np.asarray(1 - covered)})
    table = show_cover(exposures, estimate, policy=POLICY.allowance, finish=same)
    assert table["cover_effect"].sum() == -round(400 * share["A"])
