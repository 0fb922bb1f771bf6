"""The provision matrix: rates that can be recomputed by hand, never zero, drawn to the pool where there is little."""

from datetime import date, timedelta

import pytest
from scipy.stats import beta

from arrisk.policy import load_policy
from arrisk.uses.reserve import estimate_allowance, gather_evidence
from tests.books import allocation, book_of, customer, invoice, payment, write_off

FIRST, DAY = date(2022, 1, 1), date(2024, 1, 1)


def set_policy(**changes):
    policy = load_policy()
    return policy.model_copy(update={"allowance": policy.allowance.model_copy(update=changes)})


def allow(book, *, as_of=DAY, **changes):
    return estimate_allowance(gather_evidence(book, as_of=as_of, policy=set_policy(**changes)), method="matrix")


def monthly(customer_id, *, months=23, amount="100", lost=(), **more):
    """Give an invoice every 30 days, due after 30: paid ten days late, or written off 150 days after its issue."""
    tables = {"invoices": [], "payments": [], "allocations": [], "write_offs": []}
    for number in range(months):
        name, issued = f"{customer_id}{number}", FIRST + timedelta(days=30 * number)
        due = {"issued_on": issued.isoformat(), "due_on": (issued + timedelta(days=30)).isoformat()}
        tables["invoices"].append(invoice(name, customer_id, amount=amount, **due))
        if number in lost:
            gone = (issued + timedelta(days=150)).isoformat()
            tables["write_offs"].append(write_off(name, amount=amount, written_off_on=gone))
        else:
            paid = (issued + timedelta(days=40)).isoformat()
            tables["payments"].append(payment(f"P{name}", customer_id, amount=amount, paid_on=paid))
            tables["allocations"].append(allocation(f"P{name}", name, amount=amount, applied_on=paid))
    return tables


def join(*parts, **more):
    names = {name for part in parts for name in part}
    tables = {name: [row for part in parts for row in part.get(name, [])] for name in names}
    return book_of(**{name: [*rows, *more.pop(name, [])] for name, rows in tables.items()}, **more)


def rates_of(allowance):
    return allowance.rates.set_index(["segment", "bucket"])


def test_every_rate_can_be_recomputed_by_hand():
    strength = 3.0
    customers = [customer("A", industry="food"), customer("B", industry="retail"), customer("C", industry="retail")]
    book = join(monthly("A"), monthly("B", lost=(2,)), monthly("C", amount="300"), customers=customers)
    rates = rates_of(allow(book, prior_strength=strength)).loc[("retail", "not_due")]
    assert rates["lost_amount"] == 100
    assert (rates["losing_customers"], rates["customers"]) == (1, 2)
    assert rates["own_rate"] == rates["lost_amount"] / rates["open_amount"]
    assert rates["pool_open_amount"] > rates["open_amount"]
    z = rates["worth"] / (rates["worth"] + strength)
    mixed = z * rates["own_rate"] + (1 - z) * rates["pool_lost_amount"] / rates["pool_open_amount"]
    assert rates["credibility"] == pytest.approx(z)
    assert rates["rate"] == pytest.approx((mixed * rates["pool_worth"] + 0.5) / (rates["pool_worth"] + 1))
    behind = rates["worth"] + min(strength, rates["pool_worth"] - rates["worth"])
    bound = beta.ppf(0.9, mixed * behind + 0.5, (1 - mixed) * behind + 0.5)
    assert rates["upper_rate"] == pytest.approx(bound)
