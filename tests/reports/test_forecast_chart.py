"""The chart of a cash forecast: a readable file that is the same for the same figures."""

import pandas as pd
import pytest

from arrisk.errors import OutputError
from arrisk.reports.forecast_chart import describe_forecast, render_forecast_chart

STARTS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF"}


def weeks_of(total=(60.0, 80.0, 100.0)):
    table = {f"{name}": list(total) for name in ("total_mean", "total_p10", "total_p90", "due_amount")}
    table |= {"open_book_mean": [value / 4 for value in total], "future_sales_mean": [value * 0.75 for value in total]}
    begins = pd.date_range("2024-01-01", periods=len(total), freq="7D").astype("datetime64[s]")
    return pd.DataFrame({"from": begins, "currency": "EUR", **table})


@pytest.mark.parametrize("suffix", STARTS)
def test_the_ending_decides_the_kind_of_file(suffix):
    assert render_forecast_chart(weeks_of(), suffix=suffix).startswith(STARTS[suffix])


def test_the_same_figures_give_the_same_file():
    assert render_forecast_chart(weeks_of()) == render_forecast_chart(weeks_of())
    assert render_forecast_chart(weeks_of()) != render_forecast_chart(weeks_of((60.0, 80.0, 90.0)))


def test_a_mean_outside_its_band_and_weeks_without_money_can_be_drawn():
    outside = weeks_of().assign(total_p10=90.0, total_p90=95.0)
    assert render_forecast_chart(outside).startswith(STARTS[".svg"])
    assert render_forecast_chart(weeks_of((0.0, 0.0))).startswith(STARTS[".svg"])


def test_the_title_says_how_much_and_from_what():
    assert describe_forecast(weeks_of()) == "240 EUR expected in 3 weeks, 25% of it from invoices already open"
    assert describe_forecast(weeks_of((0.0,))) == "0 EUR expected in 1 weeks"


def test_an_unknown_ending_is_refused():
    with pytest.raises(OutputError, match="gif"):
        render_forecast_chart(weeks_of(), suffix=".gif")
