"""A chart of a cash forecast: receipts by week from the open book and from future sales, with the total's band."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from arrisk.reports.drawing import BLUE, INK, ORANGE, render_figure, tidy_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SALES_FILL = "#a9c3da"


def render_forecast_chart(weeks: pd.DataFrame, *, suffix: str = ".svg") -> bytes:
    """Draw the receipts of each week.

    Parameters
    ----------
    weeks : one row per week, money in decimals: from, currency, due_amount, open_book_mean, future_sales_mean,
        total_mean, total_p10, total_p90.
    suffix : as ``render_figure`` takes it, with what that raises.
    """

    def draw(figure: "Figure") -> None:
        _draw_weeks(figure.subplots(), weeks)

    return render_figure(draw, title=describe_forecast(weeks), height=4.6, suffix=suffix)


def describe_forecast(weeks: pd.DataFrame) -> str:
    """Say in one line what is expected to come in.

    Examples
    --------
    >>> table = pd.DataFrame({"currency": "EUR", "open_book_mean": [60.0, 20.0], "total_mean": [60.0, 40.0]})
    >>> describe_forecast(table)
    '100 EUR expected in 2 weeks, 80% of it from invoices already open'
    """
    total, of_open = float(weeks["total_mean"].sum()), float(weeks["open_book_mean"].sum())
    text = f"{total:,.0f} {weeks['currency'].iloc[0]} expected in {len(weeks)} weeks"
    return f"{text}, {of_open / total:.0%} of it from invoices already open" if total else text


def _draw_weeks(axes: "Axes", weeks: pd.DataFrame) -> None:
    places = np.arange(len(weeks))
    of_open, of_sales, total = (weeks[f"{part}_mean"].to_numpy() for part in ("open_book", "future_sales", "total"))
    axes.bar(places, of_open, width=0.7, color=BLUE, label="open invoices")
    axes.bar(places, of_sales, width=0.7, bottom=of_open, color=_SALES_FILL, label="future sales")
    reach = [total - weeks["total_p10"].to_numpy(), weeks["total_p90"].to_numpy() - total]
    # A mean may lie outside the band where a few large invoices decide.
    axes.errorbar(places, total, np.maximum(reach, 0.0), fmt="none", ecolor=INK, capsize=3, label="p10 to p90 of both")
    axes.plot(
        places, weeks["due_amount"].to_numpy(), "o", color=ORANGE, mec="white", markersize=6, label="due in the week"
    )
    axes.set_xticks(places, [f"{day:%d %b}" for day in weeks["from"]])
    axes.set_xlabel("week beginning")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.legend(frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, 1.1))
    tidy_axes(axes, str(weeks["currency"].iloc[0]))
