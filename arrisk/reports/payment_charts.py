"""Charts of how customers paid, and of how far predictions of it can be trusted."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.errors import InputError
from arrisk.frames import NEVER, match
from arrisk.labels import label_late
from arrisk.reports.drawing import BLUE, GRID, INK, ORANGE, QUIET, render_figure, tidy_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_Z95 = 1.959964
"""The standard normal's quantile of 97.5 %."""

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


def measure_reliability(
    predictions: pd.DataFrame, outcomes: pd.DataFrame, *, end_day: int, bins: int = 10
) -> pd.DataFrame:
    """Compare predicted with observed late shares, in bins of about equal count.

    Parameters
    ----------
    predictions : one row per invoice: invoice_id, p_late.
    outcomes : as given by ``list_outcomes``, as known at the end of the extract.
    end_day : the last day of the extract; what was not due by then is left out.
    bins : how many.

    Returns
    -------
    DataFrame
        One row per bin: count, predicted_share, observed_share, and the 95 % interval of the observed share, low_share
        and high_share (Wilson, Probable Inference, JASA 1927; invoices taken as independent, which flatters).

    Raises
    ------
    InputError
        When no predicted invoice has a complete outcome.
    """
    position = match(predictions["invoice_id"], outcomes["invoice_id"])
    target = np.where(position >= 0, label_late(outcomes, k=0, end_day=end_day)[position], np.nan)
    known = ~np.isnan(target)
    if not known.any():
        raise InputError("no predicted invoice has a complete outcome", hint="an earlier cutoff")
    late, predicted = target[known], predictions["p_late"].to_numpy(dtype="float64")[known]
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, bins + 1)[1:-1]))
    place = np.searchsorted(edges, predicted, side="left")
    rows = pd.DataFrame({"place": place, "predicted_share": predicted, "observed_share": late})
    table = rows.groupby("place").agg(
        count=("place", "size"), predicted_share=("predicted_share", "mean"), observed_share=("observed_share", "mean")
    )
    low, high = _find_interval(table["observed_share"].to_numpy(), table["count"].to_numpy())
    return table.assign(low_share=low, high_share=high).reset_index(drop=True)


def render_delay_chart(outcomes: pd.DataFrame, *, most: int = 12, suffix: str = ".svg") -> bytes:
    """Draw the days late of all paid invoices, and beside them those of the customers with the most.

    Parameters
    ----------
    outcomes : as given by ``list_outcomes``.
    most : how many customers are shown.
    suffix : the ending of the file: .svg, .png or .pdf.

    Raises
    ------
    InputError
        When no invoice was paid, or matplotlib is not installed.
    OutputError
        When the ending is another.
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


def describe_delays(days_late: npt.NDArray[np.int64]) -> str:
    """Say in one line how late invoices were paid.

    Examples
    --------
    >>> describe_delays(np.array([-5, -4, 12]))
    '33% of 3 paid invoices were paid late; the median is 4 days early'
    """
    middle = round(float(np.median(days_late)))
    where = f"{abs(middle)} days {'early' if middle < 0 else 'late'}" if middle else "the day they were due"
    return f"{(days_late > 0).mean():.0%} of {len(days_late):,} paid invoices were paid late; the median is {where}"


def render_reliability_chart(reliability: pd.DataFrame, *, suffix: str = ".svg") -> bytes:
    """Draw predicted against observed late shares.

    Parameters
    ----------
    reliability : as given by ``measure_reliability``.
    suffix : the ending of the file: .svg, .png or .pdf.

    Raises
    ------
    InputError
        When matplotlib is not installed.
    OutputError
        When the ending is another.
    """
    predicted = reliability["predicted_share"].to_numpy()
    inside = (predicted >= reliability["low_share"]) & (predicted <= reliability["high_share"])
    count = int(reliability["count"].sum())

    def draw(figure: "Figure") -> None:
        _draw_reliability(figure.subplots(), reliability)

    title = f"{inside.sum()} of {len(inside)} groups of {count:,} invoices were late as often as predicted"
    return render_figure(draw, title=title, height=5.0, suffix=suffix)


def _list_days_late(outcomes: pd.DataFrame) -> pd.DataFrame:
    paid = outcomes.loc[(outcomes["cause"] == "paid") & (outcomes["ended_day"] < NEVER)]
    return pd.DataFrame({"customer_id": paid["customer_id"], "days_late": paid["ended_day"] - paid["due_day"]})


def _find_interval(
    share: npt.NDArray[np.float64], count: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    spread = _Z95 * np.sqrt(share * (1 - share) / count + _Z95**2 / (4 * count**2))
    centre, scale = share + _Z95**2 / (2 * count), 1 + _Z95**2 / count
    return (centre - spread) / scale, (centre + spread) / scale


def _draw_histogram(axes: "Axes", days: npt.NDArray[np.int64]) -> None:
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


def _draw_reliability(axes: "Axes", reliability: pd.DataFrame) -> None:
    columns = ("predicted_share", "observed_share", "low_share", "high_share")
    predicted, observed, low, high = (100 * reliability[name].to_numpy() for name in columns)
    axes.plot([0, 100], [0, 100], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate("as predicted", (86, 86), (10, -2), textcoords="offset points", va="top", color=QUIET)
    axes.vlines(predicted, low, high, color=BLUE, alpha=0.35, linewidth=5)
    axes.scatter(predicted, observed, color=BLUE, s=36, zorder=3)
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.set_xlabel("predicted: per cent late, mean of the group")
    tidy_axes(axes, "observed: per cent late, with 95 % interval")
