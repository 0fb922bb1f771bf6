"""Charts of the ageing and of the key figures' trend, as the bytes of an SVG, PNG or PDF file."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from arrisk import money
from arrisk.errors import InputError
from arrisk.ledger.ageing import Ageing
from arrisk.policy import NOT_DUE
from arrisk.reports.drawing import BLUE, GREEN, GRID, INK, ORANGE, draw_line, label_months, render_figure, tidy_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# From calm to alarming, darker with age: it stays readable in grey.
_NOT_DUE_FILL, _AGES = "#a9c3da", ("#f2b98c", "#e58a52", "#c8501e", "#8c2f0d")


def render_kpi_chart(trend: pd.DataFrame, *, suffix: str = ".svg") -> bytes:
    """Draw DSO and best possible DSO, and below them the collection effectiveness and the current share.

    Parameters
    ----------
    trend : as given by ``tabulate_kpis``; months that the ledger does not cover are left out.
    suffix : as ``render_figure`` takes it, with what that raises.

    Raises
    ------
    InputError
        When no month can be shown.
    """
    shown = trend.loc[trend["is_covered"] & trend["dso"].notna()].sort_values("period_end_on")
    if not len(shown):
        raise InputError("no month of the trend is fully covered by the ledger", hint="a later --from")

    def draw(figure: "Figure") -> None:
        days, shares = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        _draw_days(days, shown)
        _draw_shares(shares, shown)
        label_months(shares, shown["period_end_on"])
        shares.set_xlabel("month end")

    return render_figure(draw, title=describe_trend(shown), height=6.4, suffix=suffix)


def render_ageing_chart(ageing: Ageing, *, suffix: str = ".svg") -> bytes:
    """Draw the open amount of each bucket.

    Parameters
    ----------
    ageing : as given by ``age_ledger``.
    suffix : as ``render_figure`` takes it, with what that raises.
    """

    def draw(figure: "Figure") -> None:
        _draw_buckets(figure.subplots(), ageing)

    return render_figure(draw, title=describe_ageing(ageing), height=1.3 + 0.45 * len(ageing.buckets), suffix=suffix)


def describe_trend(shown: pd.DataFrame) -> str:
    """Say in one line what the trend of the DSO shows.

    Examples
    --------
    >>> months = pd.to_datetime(["2024-01-31", "2024-02-29"])
    >>> figures = {"dso": [45.0, 50.0], "average_days_delinquent": [33.0, 38.0]}
    >>> describe_trend(pd.DataFrame({"period_end_on": months, **figures}))
    'DSO rose from 45.0 to 50.0 days, January 2024 to February 2024; 38.0 of them are delay'
    """
    first, last = shown.iloc[0], shown.iloc[-1]
    delay = last["average_days_delinquent"]
    tail = "" if pd.isna(delay) else f"; {delay:.1f} of them are delay"
    if len(shown) == 1:
        return f"DSO was {last['dso']:.1f} days in {last['period_end_on']:%B %Y}{tail}"
    change = last["dso"] - first["dso"]
    verb = "stayed at" if abs(change) < 0.5 else "rose from" if change > 0 else "fell from"
    figures = f"{last['dso']:.1f}" if abs(change) < 0.5 else f"{first['dso']:.1f} to {last['dso']:.1f}"
    return f"DSO {verb} {figures} days, {first['period_end_on']:%B %Y} to {last['period_end_on']:%B %Y}{tail}"


def describe_ageing(ageing: Ageing) -> str:
    """Say in one line how much is open and what part of it is past due."""
    total = f"{money.format_minor(ageing.total, ageing.currency)} {ageing.currency}"
    if not 0 <= ageing.not_due <= ageing.total or not ageing.total:
        return f"{total} open on {ageing.age_on}"
    return f"{1 - ageing.not_due / ageing.total:.0%} of {total} open on {ageing.age_on} is past due"


def _draw_days(axes: "Axes", shown: pd.DataFrame) -> None:
    when, dso, best = (shown[name].to_numpy() for name in ("period_end_on", "dso", "best_possible_dso"))
    axes.fill_between(when, best, dso, color=ORANGE, alpha=0.12, linewidth=0)
    draw_line(axes, when, dso, ORANGE)
    draw_line(axes, when, best, BLUE)
    axes.set_ylim(0, 1.08 * float(np.nanmax(dso)) or 1.0)
    ends = [(dso[-1], f"DSO {dso[-1]:.1f}", ORANGE), (best[-1], f"Best possible {best[-1]:.1f}", BLUE)]
    _label_ends(axes, when[-1], ends)
    tidy_axes(axes, "days")


def _draw_shares(axes: "Axes", shown: pd.DataFrame) -> None:
    when = shown["period_end_on"].to_numpy()
    effective, current = 100 * shown["cei"].to_numpy(), 100 * shown["current_share"].to_numpy()
    draw_line(axes, when, effective, GREEN)
    draw_line(axes, when, current, BLUE)
    axes.set_ylim(0, 105)
    ends = [
        (effective[-1], f"Collected {effective[-1]:.0f} % (CEI)", GREEN),
        (current[-1], f"Not past due {current[-1]:.0f} %", BLUE),
    ]
    _label_ends(axes, when[-1], ends)
    tidy_axes(axes, "per cent")


def _label_ends(axes: "Axes", when: np.datetime64, ends: Sequence[tuple[float, str, str]]) -> None:
    """Write each line's name and last value beside its end; names that would touch are pushed apart."""
    known = sorted(end for end in ends if not np.isnan(end[0]))
    low, high = axes.get_ylim()
    touching = len(known) == 2 and known[1][0] - known[0][0] < 0.12 * (high - low)
    for rank, (value, text, color) in enumerate(known):
        shift = (-6, 6)[rank] if touching else 0
        axes.annotate(
            text,
            (when, value),
            (8, shift),
            textcoords="offset points",
            va="center",
            color=color,
            annotation_clip=False,
        )


def _draw_buckets(axes: "Axes", ageing: Ageing) -> None:
    amounts = ageing.buckets["amount"].to_numpy() / 10.0 ** money.exponent(ageing.currency)
    places = np.arange(len(amounts))
    ages = [_AGES[min(rank, len(_AGES) - 1)] for rank in range(len(amounts) - 1)]
    axes.barh(places, amounts, color=[_NOT_DUE_FILL, *ages], height=0.7)
    labels = [
        f"{money.format_minor(minor, ageing.currency)}  ({count:,} {'item' if count == 1 else 'items'})"
        for minor, count in zip(ageing.buckets["amount"], ageing.buckets["count"], strict=True)
    ]
    for place, label in zip(places, labels, strict=True):
        spot = (max(amounts[place], 0), place)
        axes.annotate(label, spot, (6, 0), textcoords="offset points", va="center", color=INK)
    names = ["not due" if name == NOT_DUE else f"{name} days" for name in ageing.buckets["bucket"]]
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.margins(x=0.3)
    axes.set_xlabel(f"open amount, {ageing.currency}, by days past due")
    axes.set_xlim(left=min(0.0, float(amounts.min()) * 1.1))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.tick_params(length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
