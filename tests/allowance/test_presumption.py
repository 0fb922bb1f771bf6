"""What became of what was past due: shares counted by hand, and what they say of the presumption of 90 days."""

from datetime import date, timedelta

import pytest

from arrisk.allowance.presumption import OPEN, REBUTTED, SUPPORTED, weigh_presumption
from arrisk.policy import load_policy
from tests.books import book_of, invoice, write_off

POLICY = load_policy().allowance
AS_OF = date(2025, 7, 1)
DUE = date(2024, 1, 31)


def late_invoice(number, *, days_late, amount="100", customer=None):
    settled = None if days_late is None else (DUE + timedelta(days=days_late)).isoformat()
    due = {"issued_on": "2024-01-01", "due_on": DUE.isoformat()}
    return invoice(f"I{number}", customer or f"C{number}", amount=amount, settled_on=settled, **due)


def lose(number, *, days_late=200, amount="100"):
    return write_off(
        f"I{number}", amount=amount, reason="bad_debt", written_off_on=(DUE + timedelta(days=days_late)).isoformat()
    )


def weigh(invoices, write_offs=(), *, as_of=AS_OF):
    book = book_of(invoices=invoices, write_offs=list(write_offs), extract_end_on=AS_OF)
    return weigh_presumption(book, as_of=as_of, policy=POLICY)


def read(found, days, measure):
    rates = found.rates.set_index(["days_past_due", "measure"])
    return rates.loc[(days, measure)]


def test_shares_are_counted_by_amount_by_invoices_and_by_customers():
    invoices = [
        late_invoice(0, days_late=30),  # not more than 30
        late_invoice(1, days_late=31),
        late_invoice(2, days_late=61, customer="A"),
        late_invoice(3, days_late=None, amount="300", customer="A"),
        late_invoice(4, days_late=None),
    ]
    found = weigh(invoices, [lose(3, amount="200")])
    assert read(found, 30, "amount")[["past_due", "written_off", "still_open"]].tolist() == [600.0, 200.0, 200.0]
    assert read(found, 60, "amount")["past_due"] == 500.0
    assert read(found, 90, "amount")["share"] == pytest.approx(200 / 400)
    assert read(found, 60, "invoices")[["past_due", "written_off"]].tolist() == [3.0, 1.0]
    assert read(found, 60, "customers")[["past_due", "written_off"]].tolist() == [2.0, 1.0]
    assert read(found, 60, "amount")["customers"] == pytest.approx(500**2 / (400**2 + 100**2))


def test_what_had_no_time_to_end_is_left_out():
    crossed = DUE + timedelta(days=90 + POLICY.presumption_days)
    invoices = [late_invoice(0, days_late=None)]
    assert read(weigh(invoices, as_of=crossed), 90, "amount")["past_due"] == 0.0
    assert read(weigh(invoices, as_of=crossed + timedelta(days=1)), 90, "amount")["past_due"] == 100.0


def test_data_support_the_presumption_rebut_it_or_leave_it_open():
    invoices = [late_invoice(number, days_late=None if number < 20 else 100) for number in range(40)]
    assert weigh(invoices[:20], [lose(number) for number in range(20)]).verdict == SUPPORTED
    rebutted = weigh(invoices[20:])
    assert rebutted.verdict == REBUTTED
    assert "0.0% was written off" in rebutted.text
    assert weigh(invoices, [lose(number) for number in range(20)]).verdict == OPEN


def test_one_large_customer_is_not_evidence_enough():
    invoices = [late_invoice(number, days_late=None, customer="A") for number in range(40)]
    found = weigh(invoices[:3], [lose(number) for number in range(3)])
    assert read(found, 90, "amount")["customers"] == pytest.approx(1.0)
    assert found.verdict == OPEN


def test_without_anything_past_due_the_presumption_stands():
    found = weigh([late_invoice(0, days_late=0)])
    assert found.verdict == OPEN
    assert "stands" in found.text


def test_what_becomes_known_later_changes_nothing():
    invoices = [late_invoice(0, days_late=None), late_invoice(1, days_late=None)]
    later = (AS_OF - DUE).days
    one, two = weigh(invoices), weigh(invoices, [lose(0, days_late=later)])
    assert one.rates.equals(two.rates)
    assert not one.rates.equals(weigh(invoices, [lose(0, days_late=later - 1)]).rates)
