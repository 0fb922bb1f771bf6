"""Dots over time: one per invoice, how late it was, as large as its amount."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Literal, get_args

from markupsafe import Markup

from api.charts.plane import Key, Plane, lay_plane
from api.charts.scales import Ticks, choose_day_ticks, choose_ticks
from api.charts.svg import Caption, frame, hint, make, say_missing
from api.charts.values import Day, Number, read_day, read_number, write_value

State = Literal["paid", "open", "written off"]

_RADII = (2.5, 4.5, 7.0)


@dataclass(frozen=True)
class Invoice:
    """One invoice as a dot.

    Parameters
    ----------
    name : shown over the dot.
    on : the day it stands at, of its due day or of its payment.
    days_late : negative = early; missing = the invoice is left out.
    amount : decides the size; missing = the smallest.
    state : paid dots are full, open ones hollow, written off ones crosses.
    """

    name: str
    on: Day
    days_late: Number
    amount: Number = None
    state: State = "paid"


@dataclass(frozen=True)
class _Dot:
    name: str
    on: date
    late: float
    amount: float
    state: State


def draw_dots(invoices: Sequence[Invoice], caption: Caption, *, axis: str = "days late", day_axis: str = "") -> Markup:
    """Draw how late invoices were; the line at zero is on time.

    Parameters
    ----------
    invoices : in any order.
    caption : what the chart is called.
    axis : what the height is.
    day_axis : what the day is, such as ``due day``.
    """
    dots = [_read(invoice, late) for invoice in invoices if (late := read_number(invoice.days_late)) is not None]
    if not dots:
        return say_missing(caption, "no invoice has a delay")
    edges = _choose_edges([dot.amount for dot in dots])
    plane = lay_plane(
        choose_day_ticks([dot.on for dot in dots]),
        _name_zero(choose_ticks([0, *(dot.late for dot in dots)], "days")),
        key=_make_key(dots, edges),
        up_name=axis,
        across_name=day_axis,
    )
    # The large ones first, so that they hide no small one.
    marks = [_place(plane, dot, edges) for dot in sorted(dots, key=lambda dot: -dot.amount)]
    return frame("dots", plane.marks, *marks, caption=caption, summary=_summarise(dots), height=plane.height)


def _name_zero(ticks: Ticks) -> Ticks:
    words = zip(ticks.places, ticks.words, strict=True)
    return replace(ticks, words=tuple(word if place else "on time" for place, word in words))


def _read(invoice: Invoice, late: float) -> _Dot:
    amount = abs(read_number(invoice.amount) or 0.0)
    return _Dot(invoice.name, read_day(invoice.on), late, amount, invoice.state)


def _choose_edges(amounts: Sequence[float]) -> tuple[float, float]:
    """Give the amounts at which the second and the third size start: powers of ten."""
    largest = max(amounts)
    top = 10.0 ** math.floor(math.log10(largest)) if largest > 0 else 1.0
    return top / 10, top


def _make_key(dots: Sequence[_Dot], edges: tuple[float, float]) -> Key:
    states = [state for state in get_args(State) if any(dot.state == state for dot in dots)]
    sizes = {_size(dot.amount, edges) for dot in dots}
    low, high = (write_value(edge, "money") for edge in edges)
    names = (f"below {low}", f"{low} to {high}", f"{high} and more")
    return [
        *((partial(_draw_sample, state, _RADII[1]), state) for state in states),
        *((partial(_draw_sample, "open", _RADII[size]), names[size]) for size in sorted(sizes) if len(sizes) > 1),
    ]


def _size(amount: float, edges: tuple[float, float]) -> int:
    return sum(amount >= edge for edge in edges)


def _draw_sample(state: State, radius: float, x: float, y: float) -> Markup:
    return _draw(state, x + 11, y, radius, "")


def _place(plane: Plane, dot: _Dot, edges: tuple[float, float]) -> Markup:
    amount = f", {write_value(dot.amount, 'money')}" if dot.amount else ""
    text = f"{dot.name}, {dot.on}{amount}, {dot.state}: {write_value(dot.late, 'days')} late"
    x, y = plane.x.place(dot.on.toordinal()), plane.y.place(dot.late)
    return _draw(dot.state, x, y, _RADII[_size(dot.amount, edges)], text)


def _draw(state: State, x: float, y: float, radius: float, text: str) -> Markup:
    if state == "written off":
        arm = radius * 0.9
        path = f"M{x - arm:.2f} {y - arm:.2f}l{2 * arm:.2f} {2 * arm:.2f}m{-2 * arm:.2f} 0l{2 * arm:.2f} {-2 * arm:.2f}"
        return make("path", hint(text), d=path, class_="c-lost")
    return make("circle", hint(text), cx=x, cy=y, r=radius, class_="c-open" if state == "open" else "c-paid")


def _summarise(dots: Sequence[_Dot]) -> str:
    late, still = sum(dot.late > 0 for dot in dots), sum(dot.state == "open" for dot in dots)
    worst = max(dots, key=lambda dot: dot.late)
    count = f"Invoices: {len(dots)}, late: {late}, open: {still}"
    return f"{count}. The latest is {worst.name}: {write_value(worst.late, 'days')}."
