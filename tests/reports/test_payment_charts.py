"""Pictures of how customers paid: the numbers in them, and their bytes."""

from datetime import date, timedelta

import pytest

from arrisk.errors import InputError
from arrisk.ledger import list_outcomes
from arrisk.policy import load_policy
from arrisk.reports.payment_charts import measure_delays, render_delay_chart
from tests.books import book_of, invoice

END = date(2024, 6, 30)


@pytest.fixture(scope="module")
def outcomes():
    """Give a hundred invoices of four customers, due on 31 January; number n was paid n - 30 days late."""
    rows = [invoice(f"I{n:03d}", f"C{n % 4}", settled_on=str(date(2024, 1, 1) + timedelta(days=n))) for n in range(100)]
    unpaid = [invoice("OPEN", "C0")]
    book = book_of(invoices=[*rows, *unpaid], extract_end_on=END)
    return list_outcomes(book, as_of=END + timedelta(days=1), end=load_policy().end)


def test_delays_are_those_of_paid_invoices_by_customer(outcomes):
    delays = measure_delays(outcomes)
    assert delays["count_paid"].tolist() == [25, 25, 25, 25]
    assert delays["customer_id"].tolist() == ["C0", "C1", "C2", "C3"]
    # Customer 0 paid on days 0, 4, ..., 96 after 1 January, which is 30 days before the due date.
    assert delays.iloc[0]["median_days"] == 48 - 30
    assert delays.iloc[0]["p10_days"] == pytest.approx(9.6 - 30)
    assert len(measure_delays(outcomes, most=2)) == 2


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_charts_are_files_of_the_kind_that_was_asked_for(outcomes, suffix, start):
    assert render_delay_chart(outcomes, suffix=suffix).startswith(start)


def test_the_same_chart_is_the_same_file(outcomes):
    assert render_delay_chart(outcomes) == render_delay_chart(outcomes)


def test_a_ledger_without_paid_invoices_has_no_chart_of_delays(outcomes):
    with pytest.raises(InputError, match="no invoice was paid"):
        render_delay_chart(outcomes.loc[outcomes["cause"] != "paid"])


def test_a_name_that_looks_like_a_formula_is_drawn_as_a_name(outcomes):
    named = outcomes.assign(customer_id="Cash $x^{$ & Sons")
    assert render_delay_chart(named).startswith(b"<?xml")
