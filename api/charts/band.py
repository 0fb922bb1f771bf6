"""A forecast by week: the middle as a line, from low to high as a band, what came as dots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from markupsafe import Markup

from api.charts.lines import split_runs, write_path
from api.charts.looks import draw_line, draw_marker
from api.charts.plane import AXES, Key, Plane, lay_plane
from api.charts.scales import choose_day_ticks, choose_ticks
from api.charts.svg import Caption, frame, join, make, say_missing
from api.charts.values import UNKNOWN, Day, Number, Unit, read_day, read_number, write_value

_ACTUAL = 3
"""The diamond among the shapes."""


@dataclass(frozen=True)
class Span:
    """One week (or day, or month) of a forecast.

    Parameters
    ----------
    on : the day it stands at.
    low, middle, high : what is forecast; low and high missing = no band there.
    actual : what came; missing = not known yet.
    """

    on: Day
    low: Number
    middle: Number
    high: Number
    actual: Number = None


@dataclass(frozen=True)
class _Read:
    on: date
    low: float | None
    middle: float | None
    high: float | None
    actual: float | None

    @property
    def values(self) -> list[float]:
        return [value for value in (self.low, self.middle, self.high, self.actual) if value is not None]


def draw_band(
    spans: Sequence[Span],
    caption: Caption,
    *,
    unit: Unit = "money",
    axis: str = "",
    names: tuple[str, str, str] = ("median", "p10 to p90", "received"),
) -> Markup:
    """Draw a forecast and what came of it.

    Parameters
    ----------
    spans : one per week, in any order.
    caption : what the chart is called.
    unit : of all values.
    axis : what the values are, such as ``EUR by week``; "" = the unit's name.
    names : what the key calls the line, the band and the dots.
    """
    read = sorted((_read(span) for span in spans), key=lambda span: span.on)
    values = [value for span in read for value in span.values]
    if not values:
        return say_missing(caption, "no week has a value")
    plane = lay_plane(
        choose_day_ticks([span.on for span in read]),
        choose_ticks([0, *values], unit),
        key=_make_key(names),
        up_name=axis or AXES[unit],
    )
    marks = [_draw_area(plane, read), _draw_middle(plane, read), _draw_actual(plane, read, names[2], unit)]
    summary = _summarise(read, names, unit)
    return frame("band", plane.marks, *marks, caption=caption, summary=summary, height=plane.height)


def _read(span: Span) -> _Read:
    low, middle, high, actual = map(read_number, (span.low, span.middle, span.high, span.actual))
    return _Read(read_day(span.on), low, middle, high, actual)


def _make_key(names: tuple[str, str, str]) -> Key:
    def draw_sample(x: float, y: float) -> Markup:
        return make("rect", x=x + 1, y=y - 6, width=20, height=12, class_="c-band")

    def draw_middle(x: float, y: float) -> Markup:
        return draw_line(f"M{x:.2f} {y:.2f}h22", 0)

    def draw_actual(x: float, y: float) -> Markup:
        return draw_marker(_ACTUAL, x + 11, y)

    return list(zip((draw_middle, draw_sample, draw_actual), names, strict=True))


def _draw_area(plane: Plane, spans: Sequence[_Read]) -> Markup:
    runs = groupby(spans, key=lambda span: span.low is not None and span.high is not None)
    return join(_draw_run(plane, list(run)) for is_known, run in runs if is_known)


def _draw_run(plane: Plane, spans: Sequence[_Read]) -> Markup:
    lows = [(plane.x.place(span.on.toordinal()), plane.y.place(span.low or 0)) for span in spans]
    highs = [(plane.x.place(span.on.toordinal()), plane.y.place(span.high or 0)) for span in spans]
    if len(spans) == 1:
        # A week alone has no area: its band is a line from low to high.
        return make("path", d=write_path([*lows, *highs]), class_="c-band")
    return make("path", d=write_path([*lows, *reversed(highs)]) + "Z", class_="c-band")


def _draw_middle(plane: Plane, spans: Sequence[_Read]) -> Markup:
    placed = [
        (plane.x.place(span.on.toordinal()), None if span.middle is None else plane.y.place(span.middle))
        for span in spans
    ]
    runs = split_runs(placed)
    single = [draw_marker(0, *run[0], size=3) for run in runs if len(run) == 1]
    return join([*(draw_line(write_path(run), 0) for run in runs if len(run) > 1), *single])


def _draw_actual(plane: Plane, spans: Sequence[_Read], name: str, unit: Unit) -> Markup:
    return join(
        draw_marker(
            _ACTUAL,
            plane.x.place(span.on.toordinal()),
            plane.y.place(span.actual),
            text=f"{name}, {span.on}: {write_value(span.actual, unit)}",
        )
        for span in spans
        if span.actual is not None
    )


def _summarise(spans: Sequence[_Read], names: tuple[str, str, str], unit: Unit) -> str:
    pairs = ((names[0], [span.middle for span in spans]), (names[2], [span.actual for span in spans]))
    told = "; ".join(_tell_range(name, values, unit) for name, values in pairs)
    return f"{spans[0].on} to {spans[-1].on}: {told}."


def _tell_range(name: str, values: Sequence[float | None], unit: Unit) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return f"{name} {UNKNOWN}"
    low, high = write_value(min(known), unit), write_value(max(known), unit)
    return f"{name} from {low} to {high}, known for {len(known)} of {len(values)}"
