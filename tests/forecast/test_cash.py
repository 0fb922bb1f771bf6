"""The forecast as a whole: its table, what it rests on, and that nothing later is looked at."""

from datetime import date

import pandas as pd
import pytest

from arrisk.errors import InputError
from arrisk.forecast import forecast_cash
from arrisk.policy import load_policy
from tests.books import book_of, invoice
from tests.forecast.samples import curves_paid_by, steady_book

END = load_policy().end
AS_OF = date(2024, 1, 1)


def forecast(book, *, days_late=3, as_of=AS_OF, weeks=6, **more):
    curves = curves_paid_by(days_late)
    return forecast_cash(book, curves_of=lambda day: curves(book, day), as_of=as_of, weeks=weeks, end=END, **more)


@pytest.fixture(scope="module")
def book():
    return steady_book()


def test_the_table_ties_to_the_open_amount(book):
    found = forecast(book)
    weeks = found.tabulate()
    totals = found.totals
    ahead = weeks["open_book_mean"].sum() + sum(totals[f"{name}_amount"] for name in ("unbooked", "later", "never"))
    assert ahead == pytest.approx(totals["open_amount"], abs=0.05)
    assert weeks["due_amount"].sum() + totals["overdue_amount"] == pytest.approx(totals["open_amount"])
    parts = weeks["open_book_mean"] + weeks["future_sales_mean"]
    assert weeks["total_mean"].tolist() == pytest.approx(parts.tolist(), abs=0.02)
    assert weeks["week"].tolist() == [1, 2, 3, 4, 5, 6]
    assert weeks["from"].iloc[0] == pd.Timestamp(AS_OF)
    assert ((weeks["to"] - weeks["from"]).dt.days == 6).all()


def test_a_steady_ledger_brings_in_the_same_every_week(book):
    # Paid between two and three days past due: that is in the week after the due date's.
    weeks = forecast(book).tabulate()
    assert weeks["open_book_mean"].tolist() == pytest.approx([300, 300, 0, 0, 0, 0], abs=0.05)
    assert weeks["future_sales_mean"].tolist() == pytest.approx([0, 0, 300, 300, 300, 300], abs=0.05)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_table(book):
    first, second, other = (forecast(book, seed=seed, days_late=0).rows for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, second)
    assert first.columns.equals(other.columns)


@pytest.mark.slow
def test_what_happens_later_changes_nothing():
    short, long = steady_book(weeks=60), steady_book(weeks=80)
    as_of = date(2024, 2, 19)
    first, second = forecast(short, as_of=as_of), forecast(long, as_of=as_of)
    pd.testing.assert_frame_equal(first.rows, second.rows)
    assert first.dependence == second.dependence


def test_a_ledger_of_one_invoice_can_be_forecast():
    weeks = forecast(book_of(invoices=[invoice(issued_on="2023-12-20", due_on="2024-01-10")])).tabulate()
    assert weeks["open_book_mean"].sum() == pytest.approx(100)
    assert weeks["future_sales_mean"].sum() == 0


@pytest.mark.parametrize("weeks", [0, 53])
def test_too_many_weeks_are_refused(book, weeks):
    with pytest.raises(InputError, match="weeks"):
        forecast(book, weeks=weeks)
