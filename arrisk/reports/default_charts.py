"""Charts of a default model's validation: what each grade came to, and the way between two expected losses."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from arrisk.reports.default_texts import LABELS
from arrisk.reports.drawing import BLUE, GREEN, GRID, INK, ORANGE, QUIET, render_figure, tidy_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def render_grade_chart(grades: Sequence[Mapping[str, Any]], *, suffix: str = ".svg") -> bytes:
    """Draw by grade the predicted and the observed default rate, the posterior mean and the bound for limits.

    Parameters
    ----------
    grades : as a validation describes them, at least one.
    suffix : as ``render_figure`` takes it, with what that raises.
    """
    table = pd.DataFrame(grades)

    def draw(figure: "Figure") -> None:
        _draw_grades(figure.subplots(), table)

    return render_figure(draw, title=describe_grades(grades), height=4.4, suffix=suffix)


def describe_grades(grades: Sequence[Mapping[str, Any]]) -> str:
    """Say in one line how many defaulted against how many were expected.

    Examples
    --------
    >>> describe_grades([{"count": 100, "defaults": 3, "p_default": 0.02}])
    '3 of 100 customers came into default within the year, 2.0 were expected'
    """
    count, defaults = (sum(int(grade[name]) for grade in grades) for name in ("count", "defaults"))
    expected = sum(grade["count"] * grade["p_default"] for grade in grades)
    return f"{defaults:,} of {count:,} customers came into default within the year, {expected:,.1f} were expected"


def render_bridge_chart(bridge: Mapping[str, Any], *, suffix: str = ".svg") -> bytes:
    """Draw the way from one expected loss to the other.

    Parameters
    ----------
    bridge : as a ``Bridge`` describes itself.
    suffix : as ``render_figure`` takes it, with what that raises.
    """
    steps = pd.DataFrame(bridge["steps"])

    def draw(figure: "Figure") -> None:
        _draw_steps(figure.subplots(), steps, str(bridge["currency"]))

    return render_figure(draw, title=describe_bridge(bridge), height=1.4 + 0.42 * len(steps), suffix=suffix)


def describe_bridge(bridge: Mapping[str, Any]) -> str:
    """Say in one line what the two models expect to lose.

    Examples
    --------
    >>> steps = [{"step": "curve", "amount": 50.0}, {"step": "default", "amount": 60.0}]
    >>> describe_bridge({"currency": "EUR", "open_amount": 1000.0, "steps": steps})
    'Of 1,000 EUR open the curve expects to lose 50, the default model 60'
    """
    amounts = {step["step"]: step["amount"] for step in bridge["steps"]}
    return (
        f"Of {bridge['open_amount']:,.0f} {bridge['currency']} open the curve expects to lose {amounts['curve']:,.0f}, "
        f"the default model {amounts['default']:,.0f}"
    )


def _draw_grades(axes: "Axes", table: pd.DataFrame) -> None:
    places = np.arange(len(table))
    marks = (
        ("upper_bound", "upper bound, for limits only", "_", QUIET, 14),
        ("posterior_mean", "posterior mean", "D", GREEN, 6),
        ("default_rate", "observed", "o", ORANGE, 8),
        ("p_default", "predicted", "s", BLUE, 7),
    )
    for name, label, marker, colour, size in marks:
        shown = 100 * table[name].to_numpy(dtype="float64")
        # A rate of none has no place on a scale of orders of magnitude; its posterior mean stands for it.
        known = shown > 0
        axes.plot(places[known], shown[known], marker, color=colour, label=label, markersize=size, mew=2)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    names = [f"{grade}\n{count:,}" for grade, count in zip(table["group"], table["count"], strict=True)]
    axes.set_xticks(places, names)
    axes.set_xlabel("grade, and how many customers")
    axes.legend(frameon=False, loc="upper left")
    axes.margins(x=0.08, y=0.12)
    tidy_axes(axes, "per cent in default within a year, log scale")


def _draw_steps(axes: "Axes", steps: pd.DataFrame, currency: str) -> None:
    amount, is_total = steps["amount"].to_numpy(dtype="float64"), steps["is_total"].to_numpy(dtype=bool)
    start, reached = np.zeros(len(steps)), 0.0
    for place in range(len(steps)):
        start[place] = 0.0 if is_total[place] else reached
        reached = start[place] + amount[place]
    colours = [BLUE if total else ORANGE if size > 0 else GREEN for total, size in zip(is_total, amount, strict=True)]
    places = np.arange(len(steps))
    axes.barh(places, amount, left=start, color=colours, height=0.62)
    for place, size in enumerate(amount):
        spot = (max(start[place], start[place] + size), place)
        axes.annotate(f"{size:,.0f}", spot, (6, 0), textcoords="offset points", va="center", color=INK)
    axes.set_yticks(places, [LABELS[name] for name in steps["step"]], color=INK)
    axes.invert_yaxis()
    axes.margins(x=0.14)
    axes.set_xlabel(f"expected loss, {currency}")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.tick_params(length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
