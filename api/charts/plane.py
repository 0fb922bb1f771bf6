"""A plane with two axes: key, gridlines and their words; what is drawn on it is its chart's business."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.charts.scales import Scale, Ticks
from api.charts.svg import WIDTH, join, make
from api.charts.values import Unit
from api.charts.words import LINE, cut, measure, wrap, write_at

Key = Sequence[tuple[Callable[[float, float], Markup], str]]
"""For each series what draws its sample (left end, middle height), and its name."""

AXES: dict[Unit, str] = {"money": "amount", "days": "days", "share": "share", "number": "number"}
"""What stands above the axis of values where the page says nothing more exact."""

HEIGHT = 170.0
"""Units of the plane's height."""

_SAMPLE = 28.0
_INSET = 8.0
_RIGHT = WIDTH - 14


@dataclass(frozen=True)
class Plane:
    """Where values lie, what is drawn behind them, and how high the chart is."""

    x: Scale
    y: Scale
    marks: Markup
    height: float


def lay_plane(across: Ticks, up: Ticks, *, key: Key = (), up_name: str = "", across_name: str = "") -> Plane:
    """Lay a plane.

    Parameters
    ----------
    across, up : the axes.
    key : samples of the series, above the plane.
    up_name, across_name : what the axes show.
    """
    key_marks, top = draw_key(key)
    name = write_at(cut(up_name, WIDTH), 0, top + 13, kind="c-text c-muted") if up_name else ""
    top += LINE + 10 if up_name else 10
    x, y = _lay_scales(across, up, top)
    bottom = y.start
    marks = join([key_marks, name, _draw_up(up, y), _draw_across(across, x, y)])
    if across_name:
        bottom += LINE
        marks += write_at(cut(across_name, _RIGHT), _RIGHT, bottom + 18, anchor="end", kind="c-text c-muted")
    return Plane(x, y, marks, bottom + 26)


def lay_columns(names: Sequence[str], up: Ticks, *, key: Key, up_name: str) -> Plane:
    """Lay a plane whose axis across has a slot for each name: the first spans 0 to 1, the next 1 to 2.

    Parameters
    ----------
    names : of the slots; each is broken into two lines where its slot is narrow.
    up : the axis of values.
    key : samples of the series, above the plane.
    up_name : what the axis of values shows.
    """
    plane = lay_plane(Ticks(0, len(names), (), ()), up, key=key, up_name=up_name)
    room = (plane.x.end - plane.x.start) / len(names)
    broken = [wrap(name, room - 4) for name in names]
    words = join(
        write_at(line, plane.x.place(slot + 0.5), plane.y.start + 18 + row * LINE, anchor="middle")
        for slot, lines in enumerate(broken)
        for row, line in enumerate(lines)
    )
    return Plane(plane.x, plane.y, plane.marks + words, plane.height + LINE * (max(map(len, broken)) - 1))


def draw_key(key: Key) -> tuple[Markup, float]:
    """Draw the samples and names of series, as many in a row as fit; the height they take comes second."""
    marks: list[Markup] = []
    x, row = 0.0, 0
    for draw, name in key:
        text = cut(name, WIDTH - _SAMPLE)
        if x and x + _SAMPLE + measure(text) > WIDTH:
            x, row = 0.0, row + 1
        middle = 9 + row * (LINE + 3)
        marks += [draw(x, middle), write_at(text, x + _SAMPLE, middle + 5)]
        x += _SAMPLE + measure(text) + 14
    return join(marks), (row + 1) * (LINE + 3) if marks else 0.0


def _lay_scales(across: Ticks, up: Ticks, top: float) -> tuple[Scale, Scale]:
    left = max(map(measure, up.words)) + 8
    return across.scale(left + _INSET, _RIGHT - _INSET), up.scale(top + HEIGHT, top)


def _draw_up(up: Ticks, y: Scale) -> Markup:
    left = max(map(measure, up.words)) + 8
    return join(
        make("path", d=f"M{left:.2f} {y.place(value):.2f}H{_RIGHT:.2f}", class_="c-zero" if value == 0 else "c-grid")
        + write_at(word, left - 6, y.place(value) + 5, anchor="end", kind="c-text c-muted")
        for value, word in zip(up.places, up.words, strict=True)
    )


def _draw_across(across: Ticks, x: Scale, y: Scale) -> Markup:
    return join(
        make("path", d=f"M{x.place(value):.2f} {y.start:.2f}v5", class_="c-tick")
        + write_at(
            word, _keep_inside(x.place(value), measure(word)), y.start + 18, anchor="middle", kind="c-text c-muted"
        )
        for value, word in zip(across.places, across.words, strict=True)
    )


def _keep_inside(middle: float, width: float) -> float:
    return max(width / 2, min(middle, WIDTH - width / 2))
