"""The allowance by roll rates and what is held beside it, from a ledger to a sum that ties."""

from datetime import date, timedelta

import pytest

from arrisk.policy import load_policy
from arrisk.uses.reserve import (
    METHODS,
    compare_in_frameworks,
    cross_check,
    estimate_allowance,
    gather_evidence,
    judge_presumption,
)
from tests.books import book_of, invoice, write_off

AS_OF = date(2024, 7, 1)


@pytest.fixture(scope="module")
def evidence():
    day = date(2023, 1, 1)
    invoices, losses = [], []
    for number in range(240):
        issued = day + timedelta(days=2 * number)
        due = issued + timedelta(days=30)
        is_lost = number % 12 == 0
        settled = None if is_lost else (due + timedelta(days=number % 40)).isoformat()
        dates = {"issued_on": issued.isoformat(), "due_on": due.isoformat(), "settled_on": settled}
        invoices.append(invoice(f"I{number}", f"C{number % 36}", amount="1000", **dates))
        gone = due + timedelta(days=150)
        if is_lost and gone < AS_OF:
            loss = {"amount": "1000", "reason": "bad_debt", "written_off_on": gone.isoformat()}
            losses.append(write_off(f"I{number}", **loss))
    book = book_of(invoices=invoices, write_offs=losses, extract_end_on=AS_OF)
    return gather_evidence(book, as_of=AS_OF, policy=load_policy())


def test_roll_rates_make_an_allowance_that_ties(evidence):
    allowance = estimate_allowance(evidence, method="roll-rate")
    assert allowance.rows["gross_amount"].sum() == evidence.exposures.ageing.total
    assert 0 < allowance.total < allowance.upper_total <= allowance.exposures.ageing.total
    by_age = allowance.items.loc[~allowance.items["is_in_default"]].sort_values("days_past_due")["p_lost"]
    assert by_age.is_monotonic_increasing


def test_cross_checks_stand_beside_it(evidence):
    assert [check.name for check in cross_check(evidence)] == ["remaining life", "vintages"]
    assert all(check.total > 0 for check in cross_check(evidence))


def test_what_was_never_paid_supports_the_presumption(evidence):
    found = judge_presumption(evidence)
    assert found.rates.loc[found.rates["days_past_due"] == 90, "share"].tolist() == [1.0, 1.0, 1.0]


def test_a_method_is_asked_once_however_often_it_is_looked_at(evidence, monkeypatch):
    asked = []
    monkeypatch.setitem(METHODS, "counted", lambda seen: asked.append(1) or METHODS["roll-rate"](seen))
    first = estimate_allowance(evidence, method="counted")
    assert compare_in_frameworks(evidence, method="counted").ifrs9.total == first.total
    assert asked == [1]
