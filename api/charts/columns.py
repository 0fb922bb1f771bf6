"""Columns: series side by side or on top of each other, each with a colour and a pattern of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from api.charts.looks import define_patterns, draw_sample, fill_of
from api.charts.plane import AXES, HEIGHT, Key, Plane, lay_columns
from api.charts.scales import Ticks, choose_ticks
from api.charts.svg import Caption, frame, hint, join, make, say_missing
from api.charts.values import Number, Unit, read_number, write_value
from api.charts.words import LINE, measure, write_at
from arrisk.errors import InputError

_VALUE = "c-text c-value c-halo"
_NARROWEST = LINE - 3
"""A column this narrow has no room for its value, not even upright."""

_ROOM = 270.0
"""About the units that all columns of a plane share."""


@dataclass(frozen=True)
class Columns:
    """The columns of one series.

    Parameters
    ----------
    name : what the key calls it.
    values : one per slot; missing = no column.
    """

    name: str
    values: Sequence[Number]


@dataclass(frozen=True)
class _Drawing:
    plane: Plane
    names: Sequence[str]
    caption: Caption
    unit: Unit

    def draw_column(self, series: str, slot: int, place: int, value: float, box: tuple[float, float, float]) -> Markup:
        """Draw one column: left edge, width, and the value that it starts from."""
        left, width, base = box
        first, last = self.plane.y.place(base), self.plane.y.place(base + value)
        text = f"{self.names[slot]}, {series}: {write_value(value, self.unit)}"
        look = fill_of(self.caption, place)
        return make("rect", hint(text), x=left, y=min(first, last), width=width, height=abs(last - first), **look)


def draw_grouped(
    names: Sequence[str], series: Sequence[Columns], caption: Caption, *, unit: Unit = "money", axis: str = ""
) -> Markup:
    """Draw series side by side, such as methods for each bucket.

    Parameters
    ----------
    names : of the slots, up to eight.
    series : with a value for each slot; up to eight are told apart without colour.
    caption : what the chart is called.
    unit : of all values.
    axis : what the values are, such as ``EUR``; "" = the unit's name.

    Raises
    ------
    InputError
        When a series has not one value for each slot.

    Notes
    -----
    A value stands above its column, that of a negative one above zero: upright where the column is narrow, and
    not at all where it is narrower than a line of text.
    """
    read = _read(names, series)
    known = [value for values in read for value in values if value is not None]
    if not known:
        return say_missing(caption, "nothing has a value")
    texts = [write_value(value, unit) for value in known]
    ticks = _add_headroom(known, texts, len(names) * len(series), unit)
    drawing = _lay(names, series, caption, unit, axis, ticks)
    drawn = [_draw_slot(drawing, series, slot, [values[slot] for values in read]) for slot in range(len(names))]
    return _finish("grouped", drawing, series, read, drawn)


def draw_stacked(
    names: Sequence[str], series: Sequence[Columns], caption: Caption, *, unit: Unit = "money", axis: str = ""
) -> Markup:
    """Draw series on top of each other, negative ones below zero, with the sum of each slot.

    Parameters
    ----------
    names : of the slots, up to eight.
    series : from the bottom up; up to eight are told apart without colour.
    caption : what the chart is called.
    unit : of all values.
    axis : what the values are, such as ``EUR``; "" = the unit's name.

    Raises
    ------
    InputError
        When a series has not one value for each slot.
    """
    read = _read(names, series)
    slots = [[value for values in read if (value := values[slot]) is not None] for slot in range(len(names))]
    if not any(slots):
        return say_missing(caption, "nothing has a value")
    reach = [sum(v for v in slot if v * sign > 0) for slot in slots for sign in (1, -1)]
    texts = [write_value(sum(slot), unit) for slot in slots]
    drawing = _lay(names, series, caption, unit, axis, _add_headroom(reach, texts, len(names), unit))
    drawn = [_draw_stack(drawing, series, slot, [values[slot] for values in read]) for slot in range(len(names))]
    return _finish("stacked", drawing, series, read, drawn)


def _read(names: Sequence[str], series: Sequence[Columns]) -> list[list[float | None]]:
    for one in series:
        if len(one.values) != len(names):
            what = f"'{one.name}' has {len(one.values)} values for {len(names)} slots"
            raise InputError(what, where="a chart", hint="one for each slot, None where it is missing")
    return [[read_number(value) for value in one.values] for one in series]


def _lay(
    names: Sequence[str], series: Sequence[Columns], caption: Caption, unit: Unit, axis: str, ticks: Ticks
) -> _Drawing:
    key: Key = [(partial(draw_sample, caption, place), one.name) for place, one in enumerate(series)]
    return _Drawing(lay_columns(names, ticks, key=key, up_name=axis or AXES[unit]), names, caption, unit)


def _finish(
    kind: str, drawing: _Drawing, series: Sequence[Columns], read: list[list[float | None]], drawn: Sequence[Markup]
) -> Markup:
    summary = ". ".join(
        f"{one.name}: "
        + ", ".join(
            f"{name} {write_value(value, drawing.unit)}" for name, value in zip(drawing.names, values, strict=True)
        )
        for one, values in zip(series, read, strict=True)
    )
    patterns = define_patterns(drawing.caption, len(series))
    plane = drawing.plane
    return frame(kind, patterns, plane.marks, *drawn, caption=drawing.caption, summary=summary, height=plane.height)


def _draw_slot(drawing: _Drawing, series: Sequence[Columns], slot: int, values: Sequence[float | None]) -> Markup:
    x, y = drawing.plane.x, drawing.plane.y
    width = 0.8 * (x.place(1) - x.place(0)) / len(series)
    lefts = [x.place(slot + 0.1) + place * width for place in range(len(series))]
    return join(
        drawing.draw_column(series[place].name, slot, place, value, (lefts[place] + 1, width - 2, 0))
        + _label(write_value(value, drawing.unit), lefts[place] + width / 2, min(y.place(value), y.place(0)), width)
        for place, value in enumerate(values)
        if value is not None
    )


def _draw_stack(drawing: _Drawing, series: Sequence[Columns], slot: int, values: Sequence[float | None]) -> Markup:
    x, y = drawing.plane.x, drawing.plane.y
    left, width = x.place(slot + 0.15), 0.7 * (x.place(1) - x.place(0))
    marks, ends = [], {True: 0.0, False: 0.0}
    for place, value in enumerate(values):
        if value is not None:
            base = ends[value < 0]
            ends[value < 0] = base + value
            marks.append(drawing.draw_column(series[place].name, slot, place, value, (left, width, base)))
            marks.append(_label_part(drawing, value, left + width / 2, base, width))
    if marks:
        total = write_value(sum(ends.values()), drawing.unit)
        marks.append(_label(total, left + width / 2, y.place(ends[False]), x.place(1) - x.place(0)))
    return join(marks)


def _label_part(drawing: _Drawing, value: float, middle: float, base: float, width: float) -> Markup:
    first, last = drawing.plane.y.place(base), drawing.plane.y.place(base + value)
    text = write_value(value, drawing.unit)
    if abs(last - first) < LINE + 3 or measure(text) > width:
        return Markup()
    return write_at(text, middle, (first + last) / 2 + 5, anchor="middle", kind="c-text c-halo")


def _label(text: str, middle: float, end: float, width: float) -> Markup:
    if measure(text) <= width:
        return write_at(text, middle, end - 5, anchor="middle", kind=_VALUE)
    if width < _NARROWEST:
        return Markup()
    return make("text", text, transform=f"translate({middle + 5:.2f} {end - 5:.2f}) rotate(-90)", class_=_VALUE)


def _add_headroom(values: Sequence[float], texts: Sequence[str], count: int, unit: Unit) -> Ticks:
    """Choose ticks that leave room for the values above as many columns."""
    low, high = min(0.0, *values), max(0.0, *values)
    widest = max(map(measure, texts))
    need = 8 + (LINE if widest <= _ROOM / count else widest)
    return choose_ticks([low, high + (high - low) * need / (HEIGHT - need)], unit)
