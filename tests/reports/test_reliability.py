"""Predicted beside observed late shares: every invoice counts once, and intervals are as wide as they must be."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import InputError
from arrisk.frames import day_of
from arrisk.ledger import list_outcomes
from arrisk.policy import load_policy
from arrisk.reports.reliability import MIN_BIN_ROWS, measure_reliability, render_reliability_chart
from tests.books import book_of, invoice

END = date(2024, 6, 30)


@pytest.fixture(scope="module")
def outcomes():
    """Give a hundred invoices of four customers, due on 31 January, number n paid n - 30 days late; and an open one."""
    rows = [invoice(f"I{n:03d}", f"C{n % 4}", settled_on=str(date(2024, 1, 1) + timedelta(days=n))) for n in range(100)]
    book = book_of(invoices=[*rows, invoice("OPEN", "C0")], extract_end_on=END)
    return list_outcomes(book, as_of=END + timedelta(days=1), end=load_policy().end)


@pytest.fixture(scope="module")
def predictions(outcomes):
    rising = np.linspace(0.1, 0.9, len(outcomes))
    return pd.DataFrame({"invoice_id": outcomes["invoice_id"], "p_late": rising, "p_late_30": rising / 2})


def outcomes_of(*, late, invoices, customers):
    """Give invoices due on day 0 of which the first ones were late, one customer after the other."""
    number = np.arange(invoices)
    return pd.DataFrame({"invoice_id": number.astype("str"), "customer_id": np.sort(number % customers)}).assign(
        due_day=0, ended_day=np.where(number < late, 5, 0), cause="paid", kind="invoice"
    )


def test_every_invoice_with_a_complete_outcome_is_counted_once(predictions, outcomes):
    table = measure_reliability(predictions, outcomes, end_day=day_of(END), bins=5)
    assert table["count"].sum() == len(outcomes)
    late = (table["observed_share"] * table["count"]).sum()
    # Late: all paid after 31 January (69 of them), and the one that is open.
    assert late == pytest.approx(70)
    assert (table["low_share"] <= table["observed_share"]).all()
    assert (table["observed_share"] <= table["high_share"]).all()


def test_late_by_more_days_is_compared_with_its_own_probability(predictions, outcomes):
    table = measure_reliability(predictions, outcomes, end_day=day_of(END), k=30, bins=5)
    assert (table["observed_share"] * table["count"]).sum() == pytest.approx(40)
    assert table["predicted_share"].max() < 0.5


def test_the_interval_of_invoices_of_different_customers_is_wilsons():
    # Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 1998, table I:
    # 81 of 263 gives 0.2553 to 0.3662 by Wilson's method without continuity correction.
    outcomes = outcomes_of(late=81, invoices=263, customers=263)
    table = measure_reliability(outcomes.assign(p_late=0.3), outcomes, end_day=100)
    assert table["low_share"].tolist() == pytest.approx([0.2553], abs=5e-5)
    assert table["high_share"].tolist() == pytest.approx([0.3662], abs=5e-5)


def test_invoices_of_customers_that_are_late_with_all_count_as_one_each():
    # Ten customers with thirty invoices each are no more than ten.
    alike = outcomes_of(late=90, invoices=300, customers=10)
    single = outcomes_of(late=3, invoices=10, customers=10)
    tables = [measure_reliability(each.assign(p_late=0.3), each, end_day=100) for each in (alike, single)]
    for name in ("observed_share", "low_share", "high_share"):
        assert tables[0][name].tolist() == pytest.approx(tables[1][name].tolist())


def test_few_invoices_make_few_groups(predictions, outcomes):
    table = measure_reliability(predictions.head(50), outcomes, end_day=day_of(END))
    assert len(table) == 2
    assert table["count"].min() >= MIN_BIN_ROWS


def test_an_invoice_that_was_not_due_is_left_out(predictions, outcomes):
    with pytest.raises(InputError, match="no predicted invoice has a complete outcome"):
        measure_reliability(predictions, outcomes, end_day=day_of("2024-01-15"))


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_the_chart_is_a_file_of_the_kind_that_was_asked_for(predictions, outcomes, suffix, start):
    table = measure_reliability(predictions, outcomes, end_day=day_of(END))
    assert render_reliability_chart(table, suffix=suffix).startswith(start)
