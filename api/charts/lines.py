"""Lines over time: one series or several, straight or in steps; what is missing leaves a gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby

from markupsafe import Markup

from api.charts.looks import draw_line, draw_line_sample, draw_marker
from api.charts.plane import AXES, Plane, lay_plane
from api.charts.scales import choose_day_ticks, choose_ticks
from api.charts.svg import Caption, frame, join, say_missing
from api.charts.values import Day, Number, Unit, read_day, read_number, write_value

_SHAPES_UP_TO = 24
"""A line of more points shows its shape at the last and at single ones only."""


@dataclass(frozen=True)
class Series:
    """Values by day.

    Parameters
    ----------
    name : what the key calls it.
    points : day and value; a missing value breaks the line.
    is_step : whether a value holds until the next day, as a limit does.
    """

    name: str
    points: Sequence[tuple[Day, Number]]
    is_step: bool = False

    def read(self) -> list[tuple[date, float | None]]:
        """Give the points as days and numbers, earliest first."""
        return sorted(((read_day(day), read_number(value)) for day, value in self.points), key=lambda point: point[0])


def draw_lines(series: Sequence[Series], caption: Caption, *, unit: Unit = "number", axis: str = "") -> Markup:
    """Draw series over time, each with a dash and a shape of its own and its last value in the key.

    Parameters
    ----------
    series : one or more; five are told apart without colour.
    caption : what the chart is called.
    unit : of all values.
    axis : what the values are, such as ``EUR``; "" = the unit's name.
    """
    read = [(one, one.read()) for one in series]
    known = [(day, value) for _, points in read for day, value in points if value is not None]
    if not known:
        return say_missing(caption, "no day has a value")
    days = [day for _, points in read for day, _ in points]
    key = [
        (partial(draw_line_sample, place), _describe(one.name, points, unit))
        for place, (one, points) in enumerate(read)
    ]
    plane = lay_plane(
        choose_day_ticks(days), choose_ticks([value for _, value in known], unit), key=key, up_name=axis or AXES[unit]
    )
    drawn = [_draw_series(plane, one, points, place, unit) for place, (one, points) in enumerate(read)]
    summary = "; ".join(text for _, text in key) + f". From {min(days)} to {max(days)}."
    return frame("lines", plane.marks, *drawn, caption=caption, summary=summary, height=plane.height)


def split_runs(points: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    """Split points where a value is missing.

    Examples
    --------
    >>> split_runs([(0, 1.0), (1, 2.0), (2, None), (3, 4.0)])
    [[(0, 1.0), (1, 2.0)], [(3, 4.0)]]
    """
    runs = groupby(points, key=lambda point: point[1] is not None)
    return [[(x, y) for x, y in run if y is not None] for is_known, run in runs if is_known]


def write_path(points: Sequence[tuple[float, float]], *, join_by: str = "L{x:.2f} {y:.2f}") -> str:
    """Write the path through positions."""
    (x, y), *rest = points
    return f"M{x:.2f} {y:.2f}" + "".join(join_by.format(x=x, y=y) for x, y in rest)


def _describe(name: str, points: Sequence[tuple[date, float | None]], unit: Unit) -> str:
    last = next((value for _, value in reversed(points) if value is not None), None)
    return f"{name}, last {write_value(last, unit)}" if last is not None else f"{name}, no value"


def _draw_series(
    plane: Plane, series: Series, points: Sequence[tuple[date, float | None]], place: int, unit: Unit
) -> Markup:
    placed = [
        (plane.x.place(day.toordinal()), None if value is None else plane.y.place(value)) for day, value in points
    ]
    runs = split_runs(placed)
    form = "H{x:.2f}V{y:.2f}" if series.is_step else "L{x:.2f} {y:.2f}"
    lines = [draw_line(write_path(run, join_by=form), place) for run in runs if len(run) > 1]
    ends = {run[0] for run in runs if len(run) == 1} | ({runs[-1][-1]} if runs else set())
    shapes = [
        draw_marker(place, x, y, text=f"{series.name}, {day}: {write_value(value, unit)}")
        for (x, y), (day, value) in zip(placed, points, strict=True)
        if y is not None and (len(points) <= _SHAPES_UP_TO or (x, y) in ends)
    ]
    return join([*lines, *shapes])
