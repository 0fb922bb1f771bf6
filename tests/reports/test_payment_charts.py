"""Pictures of how customers paid and of how far predictions can be trusted: the numbers in them, and their bytes."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import InputError
from arrisk.frames import day_of
from arrisk.ledger import list_outcomes
from arrisk.policy import load_policy
from arrisk.reports.payment_charts import (
    measure_delays,
    measure_reliability,
    render_delay_chart,
    render_reliability_chart,
)
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


def test_reliability_counts_every_invoice_with_a_complete_outcome_once(outcomes):
    predictions = pd.DataFrame({"invoice_id": outcomes["invoice_id"], "p_late": np.linspace(0.1, 0.9, len(outcomes))})
    table = measure_reliability(predictions, outcomes, end_day=day_of(END), bins=5)
    assert table["count"].sum() == len(outcomes)
    late = (table["observed_share"] * table["count"]).sum()
    # Late: all paid after 31 January (69 of them), and the one that is open.
    assert late == pytest.approx(70)
    assert (table["low_share"] <= table["observed_share"]).all()
    assert (table["observed_share"] <= table["high_share"]).all()


def test_the_interval_is_wilsons():
    # Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 1998, table I:
    # 81 of 263 gives 0.2553 to 0.3662 by Wilson's method without continuity correction.
    outcomes = pd.DataFrame({"invoice_id": [str(n) for n in range(263)]}).assign(
        due_day=0, ended_day=np.where(np.arange(263) < 81, 5, 0), cause="paid", known_day=0, kind="invoice"
    )
    predictions = pd.DataFrame({"invoice_id": outcomes["invoice_id"], "p_late": 0.3})
    table = measure_reliability(predictions, outcomes, end_day=100)
    assert table["low_share"].tolist() == pytest.approx([0.2553], abs=5e-5)
    assert table["high_share"].tolist() == pytest.approx([0.3662], abs=5e-5)


def test_an_invoice_that_was_not_due_is_left_out(outcomes):
    predictions = pd.DataFrame({"invoice_id": outcomes["invoice_id"], "p_late": 0.5})
    with pytest.raises(InputError, match="no predicted invoice has a complete outcome"):
        measure_reliability(predictions, outcomes, end_day=day_of("2024-01-15"))


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_charts_are_files_of_the_kind_that_was_asked_for(outcomes, suffix, start):
    predictions = pd.DataFrame({"invoice_id": outcomes["invoice_id"], "p_late": np.linspace(0.1, 0.9, len(outcomes))})
    reliability = measure_reliability(predictions, outcomes, end_day=day_of(END))
    assert render_delay_chart(outcomes, suffix=suffix).startswith(start)
    assert render_reliability_chart(reliability, suffix=suffix).startswith(start)


def test_the_same_chart_is_the_same_file(outcomes):
    assert render_delay_chart(outcomes) == render_delay_chart(outcomes)


def test_a_ledger_without_paid_invoices_has_no_chart_of_delays(outcomes):
    with pytest.raises(InputError, match="no invoice was paid"):
        render_delay_chart(outcomes.loc[outcomes["cause"] != "paid"])
