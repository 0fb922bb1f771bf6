"""How late customers paid: by customer as a table, and as a chart."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from arrisk.errors import InputError
from arrisk.frames import NEVER
from arrisk.modeling.rows import Ints
from arrisk.reports.drawing import BLUE, GRID, INK, ORANGE, render_figure, tidy_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SHOWN_DAYS = (-45, 90)
"""Days late beyond these are drawn at the edge."""


def measure_delays(outcomes: pd.DataFrame, *, most: int | None = None) -> pd.DataFrame:
    """Measure how late each customer's paid invoices were.

    Parameters
    ----------
    outcomes : as given by ``list_outcomes``.
    most : the customers with the most paid invoices; None = all.

    Returns
    -------
    DataFrame
        One row per customer, by falling ``count_paid``: customer_id, count_paid, and the deciles 1, 5 and 9 of its days
        late: p10_days, median_days, p90_days (negative = before the due date).

    Examples
    --------
    >>> ended = {"customer_id": ["A", "A", "B"], "due_day": [10, 20, 30], "ended_day": [15, 19, 2**31 - 1]}
    >>> measure_delays(pd.DataFrame({**ended, "cause": ["paid", "paid", ""]})).to_dict("records")[0]["median_days"]
    2.0
    """
    days = _list_days_late(outcomes)
    rows = days.groupby("customer_id")["days_late"].agg(
        count_paid="size",
        p10_days=lambda values: values.quantile(0.1),
        median_days="median",
        p90_days=lambda values: values.quantile(0.9),
    )
    table = pd.DataFrame(rows.reset_index())
    table = table.sort_values(["count_paid", "customer_id"], ascending=[False, True], ignore_index=True)
    return table.head(len(table) if most is None else most)


def render_delay_chart(outcomes: pd.DataFrame, *, most: int = 12, suffix: str = ".svg") -> bytes:
    """Draw the days late of all paid invoices, and beside them those of the customers with the most.

    Parameters
    ----------
    outcomes : as given by ``list_outcomes``.
    most : how many customers are shown.
    suffix : as ``render_figure`` takes it, with what that raises.

    Raises
    ------
    InputError
        When no invoice was paid.
    """
    days = _list_days_late(outcomes)["days_late"].to_numpy()
    if not len(days):
        raise InputError("no invoice was paid", hint="a ledger with settled invoices")
    delays = measure_delays(outcomes, most=most).sort_values("median_days", kind="stable", ignore_index=True)

    def draw(figure: "Figure") -> None:
        every, some = figure.subplots(1, 2, width_ratios=[1, 1])
        _draw_histogram(every, days)
        _draw_customers(some, delays)

    return render_figure(draw, title=describe_delays(days), height=4.4, suffix=suffix)


def describe_delays(days_late: Ints) -> str:
    """Say in one line how late invoices were paid.

    Examples
    --------
    >>> describe_delays(np.array([-5, -4, 12]))
    '33% of 3 paid invoices were paid late; the median is 4 days early'
    """
    middle = round(float(np.median(days_late)))
    where = f"{abs(middle)} days {'early' if middle < 0 else 'late'}" if middle else "the day they were due"
    return f"{(days_late > 0).mean():.0%} of {len(days_late):,} paid invoices were paid late; the median is {where}"


def _list_days_late(outcomes: pd.DataFrame) -> pd.DataFrame:
    paid = outcomes.loc[(outcomes["cause"] == "paid") & (outcomes["ended_day"] < NEVER)]
    return pd.DataFrame({"customer_id": paid["customer_id"], "days_late": paid["ended_day"] - paid["due_day"]})


def _draw_histogram(axes: "Axes", days: Ints) -> None:
    low, high = _SHOWN_DAYS
    edges = np.arange(low, high + 6, 5) + 0.5
    counts, _ = np.histogram(np.clip(days, low + 1, high), bins=edges)
    colours = [BLUE if right <= 1 else ORANGE for right in edges[1:]]
    axes.bar(edges[:-1], counts, width=5.0, align="edge", color=colours, edgecolor="white", linewidth=0.6)
    axes.axvline(0.5, color=INK, linewidth=1)
    axes.annotate("due", (0.5, 1.0), (4, -4), xycoords=("data", "axes fraction"), textcoords="offset points", va="top")
    axes.set_xlabel(f"days past due when paid (beyond {low} and {high}: at the edge)")
    tidy_axes(axes, "invoices")


def _draw_customers(axes: "Axes", delays: pd.DataFrame) -> None:
    places = np.arange(len(delays))
    axes.hlines(places, delays["p10_days"], delays["p90_days"], color=GRID, linewidth=7)
    colours = np.where(delays["median_days"] > 0, ORANGE, BLUE)
    axes.scatter(delays["median_days"], places, color=colours, s=36, zorder=3)
    axes.axvline(0.5, color=INK, linewidth=1)
    axes.set_yticks(places, (delays["customer_id"] + " (" + delays["count_paid"].map("{:,}".format) + ")").tolist())
    axes.invert_yaxis()
    axes.set_xlabel("days past due when paid: median, and eight of ten")
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
