"""Charts: readable files that are the same for the same figures."""

import sys
from datetime import date

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import InputError, OutputError
from arrisk.ledger.ageing import age_ledger
from arrisk.policy import load_policy
from arrisk.reports.charts import describe_ageing, describe_trend, render_ageing_chart, render_kpi_chart
from tests.books import book_of, credit_note, invoice

AGEING = load_policy().ageing
STARTS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}


def trend_of(months=14):
    rng = np.random.default_rng(5)
    dso = 40 + rng.normal(0, 2, months)
    return pd.DataFrame(
        {
            "period_end_on": pd.date_range("2023-01-31", periods=months, freq="ME").astype("datetime64[s]"),
            "is_covered": [False] + [True] * (months - 1),
            "dso": dso,
            "best_possible_dso": dso - 6,
            "average_days_delinquent": 6.0,
            "cei": 0.9,
            "current_share": 0.85,
        }
    )


def ageing_of(*invoices, on=date(2024, 3, 1)):
    return age_ledger(book_of(invoices=list(invoices)), as_of=on, ageing=AGEING)


@pytest.mark.parametrize("suffix", STARTS)
def test_the_ending_decides_the_kind_of_file(suffix):
    assert render_ageing_chart(ageing_of(invoice()), suffix=suffix).startswith(STARTS[suffix])


def test_the_same_figures_give_the_same_file():
    assert render_kpi_chart(trend_of()) == render_kpi_chart(trend_of())
    assert b"<dc:date>" not in render_kpi_chart(trend_of())


def test_a_negative_bucket_and_equal_lines_can_be_drawn():
    drawn = render_ageing_chart(ageing_of(invoice(), credit_note(amount="250", due_on="2024-05-01")))
    assert drawn.startswith(STARTS[".svg"])
    level = trend_of(3).assign(best_possible_dso=lambda table: table["dso"], cei=np.nan)
    assert render_kpi_chart(level).startswith(STARTS[".svg"])


@pytest.mark.parametrize(
    ("dso", "title"),
    [
        ([45.0, 50.0], "DSO rose from 45.0 to 50.0 days, January 2024 to February 2024; 6.0 of them are delay"),
        ([50.0, 45.0], "DSO fell from 50.0 to 45.0 days, January 2024 to February 2024; 6.0 of them are delay"),
        ([50.0, 50.4], "DSO stayed at 50.4 days, January 2024 to February 2024; 6.0 of them are delay"),
        ([50.0], "DSO was 50.0 days in January 2024; 6.0 of them are delay"),
    ],
)
def test_the_title_says_what_the_trend_shows(dso, title):
    months = pd.to_datetime(["2024-01-31", "2024-02-29"])[: len(dso)]
    table = pd.DataFrame({"period_end_on": months, "dso": dso, "average_days_delinquent": 6.0})
    assert describe_trend(table) == title


def test_the_title_says_how_much_is_past_due():
    late, later = invoice(amount="25"), invoice("I2", amount="75", due_on="2024-03-31")
    assert describe_ageing(ageing_of(late, later)) == "25% of 100.00 USD open on 2024-03-01 is past due"
    credit = credit_note(amount="80", due_on="2024-05-01")
    assert describe_ageing(ageing_of(late, credit)) == "-55.00 USD open on 2024-03-01"


def test_a_trend_without_a_covered_month_is_refused():
    with pytest.raises(InputError, match="no month of the trend is fully covered"):
        render_kpi_chart(trend_of().assign(is_covered=False))


def test_another_ending_is_refused_with_the_nearest():
    with pytest.raises(OutputError, match=r"'\.pgn'.*did you mean '\.png'"):
        render_kpi_chart(trend_of(), suffix=".pgn")


def test_without_matplotlib_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match=r"pip install 'arrisk\[plots\]'"):
        render_kpi_chart(trend_of())
