"""Trends: one row per month end, each as it was known on that evening."""

from datetime import date

import pytest

from arrisk.errors import InputError
from arrisk.policy import load_policy
from arrisk.reports.kpis import KPIS, measure_kpis
from arrisk.reports.trends import measure_kpi_trend, tabulate_kpis
from tests.books import book_of, invoice

POLICY = load_policy()
BOOK = book_of(
    invoices=[
        invoice("I1", issued_on="2024-01-01", amount=310, settled_on="2024-03-31"),
        invoice("I2", issued_on="2024-02-10", due_on="2024-03-11", amount=290, settled_on="2024-04-02"),
        invoice("I3", issued_on="2024-03-05", due_on="2024-04-04", amount=100),
        invoice("I4", issued_on="2024-02-11", due_on="2024-03-12", amount=10, known_on="2024-03-02"),
    ]
)
RANGE = {"from_on": date(2024, 1, 1), "to_on": date(2024, 3, 31), "policy": POLICY}


def test_each_month_end_has_its_calendar_month_as_window():
    table = tabulate_kpis(measure_kpi_trend(BOOK, **RANGE))
    assert table["period_end_on"].dt.strftime("%m-%d").tolist() == ["01-31", "02-29", "03-31"]
    assert table["days"].tolist() == [31, 29, 31]
    assert table["sales"].tolist() == [310, 290, 100]
    assert table["receivables"].tolist() == [310, 600, 400]
    assert table["dso"].tolist() == pytest.approx([31, 60, 124])
    assert table["is_covered"].all()


def test_a_longer_window_gives_what_the_single_day_gives():
    last = measure_kpi_trend(BOOK, **RANGE, window_days=POLICY.kpis.window_days)[-1]
    alone = measure_kpis(BOOK, as_of=date(2024, 4, 1), age_on=date(2024, 3, 31), policy=POLICY)
    assert last.to_dict() == alone.to_dict()


def test_what_became_known_later_does_not_change_an_earlier_row():
    short = measure_kpi_trend(BOOK, **{**RANGE, "to_on": date(2024, 2, 29)})
    assert [row.to_dict() for row in measure_kpi_trend(BOOK, **RANGE)[:2]] == [row.to_dict() for row in short]
    assert short[-1].figures["sales"].value == 290


def test_a_month_that_the_ledger_does_not_cover_says_so():
    table = tabulate_kpis(measure_kpi_trend(BOOK, **{**RANGE, "from_on": date(2023, 12, 1)}))
    assert table["is_covered"].tolist() == [False, True, True, True]
    assert "first invoice on record" in table["remarks"].iloc[0]
    assert table["dso"].isna().tolist() == [True, False, False, False]


def test_a_table_of_nothing_has_its_columns():
    assert set(KPIS) < set(tabulate_kpis([]).columns)


def test_a_range_without_a_month_end_is_refused():
    with pytest.raises(InputError, match="no month ends from 2024-02-01 to 2024-02-28"):
        measure_kpi_trend(BOOK, from_on=date(2024, 2, 1), to_on=date(2024, 2, 28), policy=POLICY)
