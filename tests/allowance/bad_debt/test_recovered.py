"""Recoveries against what was written off as bad debt."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.allowance.bad_debt.recovered import list_recovered, sum_by_year
from tests.books import book_of, invoice, write_off
from tests.features.random_books import TODAY, change_future, check_tables, draw_tables

DAY = date(2025, 3, 1)


def recovery(invoice_id="I1", **more):
    return {"invoice_id": invoice_id, "recovered_on": "2024-08-01", "amount": "30", **more}


def test_recoveries_stand_beside_what_was_written_off():
    book = book_of(
        invoices=[invoice(), invoice("I2"), invoice("I3")],
        write_offs=[write_off(amount="60"), write_off(amount="40", written_off_on="2024-07-01"), write_off("I2")],
        recoveries=[recovery(), recovery(amount="5", recovered_on="2024-09-01")],
    )
    found = list_recovered(book, as_of=DAY)
    assert found["invoice_id"].tolist() == ["I1", "I2"]
    assert found["amount"].tolist() == [100_00, 100_00]
    assert found["recovered_amount"].tolist() == [35_00, 0]
    assert found["recovered_share"].tolist() == [0.35, 0.0]
    assert found["written_off_on"].tolist() == [pd.Timestamp("2024-06-01")] * 2
    assert found["last_recovered_on"].tolist() == [pd.Timestamp("2024-09-01"), pd.NaT]


def test_only_bad_debt_counts_and_not_what_was_taken_back():
    book = book_of(
        invoices=[invoice(), invoice("I2")],
        write_offs=[
            write_off(reason="small_balance"),
            write_off("I2"),
            write_off("I2", amount="-100", written_off_on="2024-07-01"),
        ],
    )
    assert list_recovered(book, as_of=date(2024, 6, 15))["invoice_id"].tolist() == ["I2"]
    assert list_recovered(book, as_of=DAY).empty


def test_years_are_those_of_the_write_off_in_book_currency():
    book = book_of(
        invoices=[invoice(), invoice("I2", currency="EUR"), invoice("I3")],
        write_offs=[write_off(), write_off("I2"), write_off("I3", written_off_on="2023-05-01")],
        recoveries=[recovery("I2", recovered_on="2025-01-01", amount="40")],
        rates=[{"currency": "EUR", "rate_on": "2025-02-01", "rate": "1.25"}],
    )
    sums = sum_by_year(list_recovered(book, as_of=DAY), book, as_of=DAY)
    assert sums["year"].tolist() == [2023, 2024]
    assert sums["amount"].tolist() == [100_00, 225_00]
    assert sums["recovered_amount"].tolist() == [0, 50_00]
    assert sums["recovered_share"].tolist() == pytest.approx([0.0, 50 / 225])


def test_a_book_without_write_offs_gives_empty_tables():
    book = book_of(invoices=[invoice()])
    found = list_recovered(book, as_of=DAY)
    assert found.empty
    assert sum_by_year(found, book, as_of=DAY).empty


@pytest.mark.slow
@settings(max_examples=3)
@given(st.integers(0, 2**32 - 1))
def test_what_is_not_known_yet_changes_no_recovery(seed):
    tables = draw_tables(seed)
    other = change_future(tables, seed + 1, today=TODAY, master_from=TODAY)
    one, two = (list_recovered(check_tables(rows), as_of=TODAY) for rows in (tables, other))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
