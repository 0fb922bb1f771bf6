"""Rows of a chart that reads from top to bottom: a name, room for a bar, a value."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.charts.svg import WIDTH, join
from api.charts.words import LINE, cut, measure, wrap, write_at, write_lines

BAR = 14.0
"""Units of a bar's height."""

_WIDEST_BESIDE = 120.0
_WIDEST_VALUE = 150.0
_GAP = 10.0


@dataclass(frozen=True)
class Rows:
    """Where bars lie.

    Parameters
    ----------
    left, right : the room for them.
    tops : the upper edge of each row's bar.
    height : of all rows.
    marks : names and values.
    """

    left: float
    right: float
    tops: tuple[float, ...]
    height: float
    marks: Markup


def lay_rows(names: Sequence[str], values: Sequence[str]) -> Rows:
    """Lay rows: short names stand beside their bars, otherwise all stand above them; values stand at the right."""
    values = [cut(value, _WIDEST_VALUE) for value in values]
    widest, room = max(map(measure, names)), max(map(measure, values)) + 14
    if widest <= _WIDEST_BESIDE:
        return _lay_beside(names, values, left=widest + 10, right=WIDTH - room)
    return _lay_above(names, values, room=WIDTH - room)


def _lay_beside(names: Sequence[str], values: Sequence[str], *, left: float, right: float) -> Rows:
    tops = tuple(4 + place * (BAR + _GAP) for place in range(len(names)))
    marks = join(
        write_at(name, 0, top + 12, kind="c-text c-halo")
        + write_at(value, WIDTH, top + 12, anchor="end", kind="c-text c-value c-halo")
        for name, value, top in zip(names, values, tops, strict=True)
    )
    return Rows(left, right, tops, tops[-1] + BAR + 4, marks)


def _lay_above(names: Sequence[str], values: Sequence[str], *, room: float) -> Rows:
    tops, marks, top = [], [], 0.0
    for name, value in zip(names, values, strict=True):
        lines = wrap(name, room)
        marks += [
            write_lines(lines, 0, top + 14),
            write_at(value, WIDTH, top + 14, anchor="end", kind="c-text c-value c-halo"),
        ]
        tops.append(top + 3 + len(lines) * LINE)
        top = tops[-1] + BAR + _GAP
    return Rows(2, WIDTH - 2, tuple(tops), top, join(marks))
