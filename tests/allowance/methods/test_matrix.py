"""The provision matrix: rates that can be recomputed by hand, never zero, drawn to the pool where there is little."""

from datetime import date, timedelta

import pytest
from scipy.stats import beta

from arrisk.allowance.exposures import CREDIT_NOTES, IN_DEFAULT
from arrisk.policy import load_policy
from arrisk.uses.reserve import estimate_allowance, gather_evidence
from tests.books import allocation, book_of, credit_note, customer, invoice, payment, write_off

FIRST, DAY = date(2022, 1, 1), date(2024, 1, 1)


def set_policy(**changes):
    policy = load_policy()
    return policy.model_copy(update={"allowance": policy.allowance.model_copy(update=changes)})


def allow(book, *, as_of=DAY, **changes):
    return estimate_allowance(gather_evidence(book, as_of=as_of, policy=set_policy(**changes)), method="matrix")


def monthly(customer_id, *, months=25, amount="100", lost=(), **more):
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
    customers = [customer(f"L{n}", industry="retail") for n in range(5)] + [customer("A", industry="food")]
    losing = [monthly(f"L{n}", lost=(3 + n,), amount=str(100 + n)) for n in range(5)]
    book = join(monthly("A"), *losing, customers=customers)
    rates = rates_of(allow(book, prior_strength=strength)).loc[("retail", "not_due")]
    assert rates["lost_amount"] == 510
    assert (rates["losing_customers"], rates["customers"]) == (5, 5)
    assert rates["own_rate"] == rates["lost_amount"] / rates["open_amount"]
    assert rates["pool_open_amount"] > rates["open_amount"]
    z = rates["worth"] / (rates["worth"] + strength)
    mixed = z * rates["own_rate"] + (1 - z) * rates["pool_lost_amount"] / rates["pool_open_amount"]
    assert rates["credibility"] == pytest.approx(z)
    assert rates["rate"] == pytest.approx(mixed)
    behind = rates["worth"] + min(strength, rates["pool_worth"] - rates["worth"])
    bound = beta.ppf(0.9, mixed * behind + 0.5, (1 - mixed) * behind + 0.5)
    assert rates["upper_rate"] == pytest.approx(bound)


def test_performing_items_and_those_of_customers_in_default_are_rated_apart():
    owed = [invoice("D1", "D", issued_on="2023-07-01", due_on="2023-08-01", amount="5000")]
    book = join(monthly("A"), *[monthly(f"L{n}", lost=(3 + n,), amount="600") for n in range(5)], {"invoices": owed})
    allowance = allow(book, segment_by=())
    items = allowance.items.set_index("invoice_id")
    assert items.loc["D1", "segment"] == IN_DEFAULT
    assert items.loc["D1", "p_lost"] > items.loc[items["segment"] != IN_DEFAULT, "p_lost"].max()
    rates = rates_of(allowance)
    assert rates.loc[(IN_DEFAULT, ">90"), "lost_amount"] == 3_000
    assert rates.loc[("all", "not_due"), "lost_amount"] == 3_000
    assert (rates["then_lost"] == 1).all()


def test_with_losses_enough_nothing_is_added_to_what_performing_customers_lost():
    book = join(*[monthly(f"L{n}", lost=(3 + n,)) for n in range(5)])
    rates = rates_of(allow(book, segment_by=())).loc[("all", "not_due")]
    assert rates["prior"] == 0
    assert rates["rate"] == pytest.approx(rates["lost_amount"] / rates["open_amount"])
    assert rates["upper_rate"] > rates["rate"]


@pytest.mark.slow
def test_a_segment_that_lost_nothing_takes_from_the_pool_what_its_size_does_not_tell():
    customers = [customer(f"L{n}", industry="retail") for n in range(5)] + [customer("A", industry="food")]
    book = join(*[monthly(f"L{n}", lost=(3 + n,)) for n in range(5)], monthly("A"), customers=customers)
    weak, strong = (rates_of(allow(book, prior_strength=k)).loc[("food", "not_due"), "rate"] for k in (1.0, 100.0))
    assert 0 < weak < strong


def test_a_ledger_without_any_write_off_has_a_number_a_bound_and_an_explanation():
    allowance = allow(join(monthly("A"), monthly("B")), segment_by=())
    assert 0 < allowance.total < allowance.upper_total
    assert "0 performing customers were lost" in allowance.notes[0]
    rates = rates_of(allowance).loc[("all", "not_due")]
    # Half a customer comes into default, and half of that is written off.
    assert (rates["prior"], rates["then_lost"]) == (0.5, 0.5)
    assert rates["rate"] == pytest.approx(0.5 / (rates["pool_worth"] + 1) * 0.5)


@pytest.mark.slow
def test_more_history_without_a_loss_is_a_lower_number():
    short, long = (allow(join(monthly("A"), monthly("B")), as_of=day) for day in (date(2022, 12, 1), DAY))
    assert rates_of(long).loc[("all", "not_due"), "rate"] < rates_of(short).loc[("all", "not_due"), "rate"]


def test_a_ledger_of_one_month_has_a_number_and_a_bound():
    allowance = allow(book_of(invoices=[invoice()]), as_of=date(2024, 1, 20))
    assert 0 < allowance.total < allowance.upper_total <= 10_000


def test_nothing_of_a_credit_note_is_lost():
    book = join(monthly("A"), {"invoices": [credit_note(issued_on="2023-11-01", due_on="2023-11-01")]})
    items = allow(book).items.set_index("invoice_id")
    assert items.loc["N1", ["p_lost", "expected_loss", "upper_loss"]].tolist() == [0, 0, 0]
    assert items.loc["N1", "segment"] == CREDIT_NOTES


def test_an_empty_day_has_no_allowance():
    assert allow(book_of(invoices=[invoice()]), as_of=date(2023, 1, 1)).total == 0


@pytest.mark.slow
def test_twice_the_invoices_of_the_same_customer_are_no_more_evidence():
    one, two = monthly("A"), monthly("B")
    twice = {
        "invoices": [{**row, "customer_id": "A"} for row in (*one["invoices"], *two["invoices"])],
        "payments": [{**row, "customer_id": "A"} for row in (*one["payments"], *two["payments"])],
        "allocations": [*one["allocations"], *two["allocations"]],
    }
    single, more = (rates_of(allow(join(part), segment_by=()))["worth"] for part in (one, twice))
    assert more.to_dict() == pytest.approx(single.to_dict())
