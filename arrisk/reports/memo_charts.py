"""The drawings of a credit memo: how late each invoice was paid, and exposure against the limit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from arrisk.reports.drawing import BLUE, GREEN, INK, ORANGE, QUIET, render_figure, tidy_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MONTHS = 5
_WAYS = {
    "paid": (BLUE, "paid"),
    "credited": (GREEN, "credited"),
    "written_off": (INK, "written off"),
    "open": (ORANGE, "open"),
}
# Above the axes, where it hides no point.
_LEGEND: dict[str, Any] = {
    "frameon": False,
    "fontsize": 8,
    "loc": "lower left",
    "bbox_to_anchor": (0, 0.98),
    "borderpad": 0,
}


def render_history_chart(
    payments: Sequence[Sequence[Any]], exposure: Sequence[Sequence[Any]], suffix: str = ".svg", *, currency: str
) -> bytes:
    """Draw each invoice's days late over its due day, and beside it the exposure and the limit over the months.

    Parameters
    ----------
    payments : due_on, days late, amount, how it ended.
    exposure : day, exposure, limit (None = without).
    suffix : as ``render_figure`` takes it, with what that raises.
    currency : of the exposure.
    """

    def draw(figure: "Figure") -> None:
        left, right = figure.subplots(1, 2)
        _draw_payments(left, payments)
        _draw_exposure(right, exposure, currency)

    return render_figure(draw, title="", height=2.6, suffix=suffix)


def describe_payments(payments: Sequence[Sequence[Any]]) -> str:
    """Say in one line how a customer pays.

    Examples
    --------
    >>> rows = [["2024-01-31", 4, 10.0, "paid"], ["2024-02-29", -1, 10.0, "paid"], ["2024-03-31", 9, 1.0, "open"]]
    >>> describe_payments(rows)
    '2 of 3 invoices late; the median is 4 days after the due date; 1 still open'
    """
    if not payments:
        return "No invoice has fallen due yet"
    days = np.array([row[1] for row in payments])
    middle = round(float(np.median(days)))
    where = f"{abs(middle)} days {'after' if middle > 0 else 'before'} the due date" if middle else "the due date"
    left = sum(row[3] == "open" for row in payments)
    return f"{(days > 0).sum()} of {len(days)} invoices late; the median is {where}" + (
        f"; {left} still open" if left else ""
    )


def _draw_payments(axes: "Axes", payments: Sequence[Sequence[Any]]) -> None:
    for way, (color, label) in _WAYS.items():
        rows = [row for row in payments if row[3] == way]
        if rows:
            when = np.array([row[0] for row in rows], dtype="datetime64[D]")
            axes.scatter(when, [row[1] for row in rows], s=11, color=color, label=label, linewidths=0)
    axes.axhline(0, color=QUIET, linewidth=1)
    if payments:
        axes.legend(ncols=len(_WAYS), handletextpad=0.1, **_LEGEND)
    _name_days(axes, [row[0] for row in payments])
    tidy_axes(axes, "days after the due date")


def _draw_exposure(axes: "Axes", exposure: Sequence[Sequence[Any]], currency: str) -> None:
    when = np.array([row[0] for row in exposure], dtype="datetime64[D]")
    owed = np.array([row[1] for row in exposure], dtype="float64")
    limit = np.array([np.nan if row[2] is None else row[2] for row in exposure], dtype="float64")
    axes.fill_between(when, 0, owed, color=BLUE, alpha=0.25, linewidth=0, step="post")
    axes.step(when, owed, color=BLUE, where="post", linewidth=1.5, label="exposure")
    if not np.isnan(limit).all():
        axes.step(when, limit, color=ORANGE, where="post", linewidth=1.5, label="limit")
    axes.legend(ncols=2, **_LEGEND)
    axes.set_ylim(bottom=min(0.0, float(owed.min(initial=0.0))))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    _name_days(axes, [row[0] for row in exposure])
    tidy_axes(axes, currency)


def _name_days(axes: "Axes", days: Sequence[str]) -> None:
    """Name at most five month starts below the level axis, or the days themselves where they are of one month."""
    first, last = min(days, default=""), max(days, default="")
    months = np.arange(first[:7], last[:7], dtype="datetime64[M]") + 1 if days else np.array([], dtype="datetime64[M]")
    if not len(months):
        axes.set_xticks(np.array(sorted({first, last} - {""}), dtype="datetime64[D]"), sorted({first, last} - {""}))
        return
    chosen = months[:: -(-len(months) // _MONTHS)]
    axes.set_xticks(chosen.astype("datetime64[D]"), [f"{month.item():%b %Y}" for month in chosen], fontsize=8)
