"""The payment curve of an invoice: the probability of being paid by each day since it was due."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.charts.lines import split_runs, write_path
from api.charts.looks import draw_line, draw_marker
from api.charts.plane import Plane, lay_plane
from api.charts.scales import choose_ticks
from api.charts.svg import WIDTH, Caption, frame, join, make, say_missing
from api.charts.values import Number, read_number, write_value
from api.charts.words import LINE, cut, measure, write_at


@dataclass(frozen=True)
class Point:
    """A point of the curve that is named.

    Parameters
    ----------
    days : since the due day.
    p_paid : the probability of being paid by then, 0 to 1.
    label : what stands beside it, such as ``30 days late: 12 %``.
    """

    days: Number
    p_paid: Number
    label: str


def draw_curve(
    curve: Sequence[tuple[Number, Number]],
    caption: Caption,
    *,
    points: Sequence[Point] = (),
    axis: str = "probability of being paid by then",
    day_axis: str = "days since due",
) -> Markup:
    """Draw a payment curve with the points that matter.

    Parameters
    ----------
    curve : days since due and the probability of being paid by then; a missing one breaks the line.
    caption : what the chart is called.
    points : named beside the curve; one without a value is left out.
    axis, day_axis : what height and width are.
    """
    read = sorted((days, read_number(p)) for at, p in curve if (days := read_number(at)) is not None)
    known = [(days, p) for days, p in read if p is not None]
    if not known:
        return say_missing(caption, "no day has a probability")
    across = choose_ticks([days for days, _ in read], "days")
    plane = lay_plane(across, choose_ticks([0, 1], "share"), up_name=axis, across_name=day_axis)
    placed = [(plane.x.place(days), None if p is None else plane.y.place(p)) for days, p in read]
    runs = split_runs(placed)
    lines = [draw_line(write_path(run), 0) for run in runs if len(run) > 1]
    single = [draw_marker(0, *run[0], size=3) for run in runs if len(run) == 1]
    marks = _draw_points(plane, points, [place for run in runs for place in run])
    summary = f"{write_value(known[-1][1], 'share')} by {write_value(known[-1][0], 'days')} after due. " + _tell(points)
    return frame("curve", plane.marks, *lines, *single, marks, caption=caption, summary=summary, height=plane.height)


@dataclass(frozen=True)
class _Box:
    """Where a label would stand: its ends, and the line that it stands on."""

    left: float
    right: float
    row: float

    def covers(self, other: "_Box") -> bool:
        return self.left < other.right + 6 and other.left < self.right + 6 and abs(self.row - other.row) < LINE

    def holds(self, x: float, y: float) -> bool:
        return self.left - 4 < x < self.right + 4 and self.row - 14 < y < self.row + 6


def _tell(points: Sequence[Point]) -> str:
    return "; ".join(point.label for point in points)


def _draw_points(plane: Plane, points: Sequence[Point], path: Sequence[tuple[float, float]]) -> Markup:
    """Draw points with their labels, each where it covers neither another nor the curve, if there is such a place."""
    marks, taken = list[Markup](), list[_Box]()
    for point in points:
        days, p = read_number(point.days), read_number(point.p_paid)
        if days is None or p is None:
            continue
        x, y = plane.x.place(days), plane.y.place(p)
        label = cut(point.label, WIDTH - plane.x.start)
        box = _find_place(plane, (x, y), measure(label), taken, path)
        taken.append(box)
        leader = make("path", d=f"M{x:.2f} {y:.2f}L{max(x, box.left):.2f} {box.row - 5:.2f}", class_="c-leader")
        marks += [leader, draw_marker(1, x, y), write_at(label, box.left, box.row, kind="c-text c-halo")]
    return join(marks)


def _find_place(
    plane: Plane, at: tuple[float, float], width: float, taken: Sequence[_Box], path: Sequence[tuple[float, float]]
) -> _Box:
    """Look for a place below the point, then beside it, then above."""
    left, y = min(at[0] + 9, WIDTH - width - 4), at[1]
    rows = [*_list_rows(y + 20, plane.y.start - 6), y + 5, *_list_rows(plane.y.end + 12, y - 10)[::-1]]
    boxes = [_Box(left, left + width, row) for row in rows]
    free = [box for box in boxes if not any(box.covers(other) for other in taken)]
    return next((box for box in free if not any(box.holds(*place) for place in path)), (free or boxes)[0])


def _list_rows(first: float, last: float) -> list[float]:
    return [first + 3 * step for step in range(int((last - first) // 3) + 1)]
