"""Waterfalls: from a first level by signed steps to a last one, for reasons of a score and for movements."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal

from markupsafe import Markup

from api.charts.rows import BAR, Rows, lay_rows
from api.charts.scales import Scale
from api.charts.svg import WIDTH, Caption, frame, hint, join, make, say_missing
from api.charts.values import Number, Unit, read_number, write_change, write_value
from arrisk.errors import InputError


@dataclass(frozen=True)
class Step:
    """A level, or a step from one to the next.

    Parameters
    ----------
    name : above or beside it.
    value : the level, or by how much the step moves it; a step without one is left out.
    text : what stands at the right; "" = the value, with its sign where it is a step.
    """

    name: str
    value: Number
    text: str = ""


@dataclass(frozen=True)
class _Fall:
    """First level, steps and last level as numbers, with all names and texts from top to bottom."""

    levels: tuple[float, ...]
    names: tuple[str, ...]
    texts: tuple[str, ...]


def draw_waterfall(
    first: Step,
    steps: Sequence[Step],
    last: Step,
    caption: Caption,
    *,
    most: int = 6,
    unit: Unit = "number",
    higher: Literal["worse", "better"] = "worse",
) -> Markup:
    """Draw the reasons of a score, the largest first; what is beyond the most is one step, the others.

    Parameters
    ----------
    first, last : the base value and the score, in the unit of the steps (log-odds or points).
    steps : the contributions.
    caption : what the chart is called.
    most : contributions with a row of their own.
    unit : of all values.
    higher : what a step upward means.

    Raises
    ------
    InputError
        When the steps do not lead from the first level to the last.
    """
    known = [step for step in steps if read_number(step.value) is not None]
    ranked = sorted(known, key=lambda step: -abs(read_number(step.value) or 0))
    fall = _read_fall(first, _gather(ranked, most), last, unit, caption)
    if fall is None:
        return say_missing(caption, "the score or its base is not known")
    low, high = min(fall.levels), max(fall.levels)
    rows = lay_rows(fall.names, fall.texts)
    scale = Scale(low, high if high > low else low + 1, rows.left + 6, rows.right - 6)
    tones = {"worse": ("c-bad", "c-good"), "better": ("c-good", "c-bad")}[higher]
    ends = [_draw_mark(scale, fall.levels[0], rows.tops[0]), _draw_mark(scale, fall.levels[-1], rows.tops[-1])]
    return _finish("waterfall", fall, rows, scale, [_draw_steps(fall, rows, scale, tones), *ends], caption)


def draw_movement(
    opening: Step, steps: Sequence[Step], closing: Step, caption: Caption, *, unit: Unit = "money"
) -> Markup:
    """Draw a roll-forward, in the order given; opening and closing are bars from zero.

    Parameters
    ----------
    opening, closing : the levels.
    steps : what came and went between them.
    caption : what the chart is called.
    unit : of all values.

    Raises
    ------
    InputError
        When the steps do not lead from the opening to the closing.
    """
    known = [step for step in steps if read_number(step.value) is not None]
    fall = _read_fall(opening, known, closing, unit, caption)
    if fall is None:
        return say_missing(caption, "its opening or its closing is not known")
    low, high = min(0.0, *fall.levels), max(0.0, *fall.levels)
    rows = lay_rows(fall.names, fall.texts)
    scale = Scale(low, high if high > low else low + 1, rows.left, rows.right)
    ends = [_draw_level(scale, fall.levels[0], rows.tops[0]), _draw_level(scale, fall.levels[-1], rows.tops[-1])]
    return _finish(
        "movement", fall, rows, scale, [_draw_steps(fall, rows, scale, ("c-more", "c-less")), *ends], caption
    )


def _gather(ranked: Sequence[Step], most: int) -> list[Step]:
    rest = ranked[most:]
    if len(rest) < 2:
        return list(ranked)
    return [*ranked[:most], Step(f"{len(rest)} others", sum(read_number(step.value) or 0 for step in rest))]


def _read_fall(first: Step, steps: Sequence[Step], last: Step, unit: Unit, caption: Caption) -> _Fall | None:
    start, end = read_number(first.value), read_number(last.value)
    if start is None or end is None:
        return None
    changes = [read_number(step.value) or 0.0 for step in steps]
    levels = tuple(accumulate(changes, initial=start))
    # What is rounded may miss by what nobody can see.
    if abs(levels[-1] - end) > max(max(levels) - min(levels), abs(end - start)) / WIDTH:
        what = f"the steps of '{caption.title}' lead to {levels[-1]:.6g}, not to {end:.6g}"
        raise InputError(what, where="a chart", hint="every step, with its sign")
    ends = [step.text or write_value(value, unit) for step, value in ((first, start), (last, end))]
    between = [step.text or write_change(change, unit) for step, change in zip(steps, changes, strict=True)]
    return _Fall((*levels, end), tuple(step.name for step in (first, *steps, last)), (ends[0], *between, ends[1]))


def _draw_steps(fall: _Fall, rows: Rows, scale: Scale, tones: tuple[str, str]) -> Markup:
    moves = list(pairwise(fall.levels[:-1]))
    return join(
        _draw_arrow(scale.place(before), scale.place(after), top, tones[after < before], f"{name}: {text}")
        for (before, after), top, name, text in zip(
            moves, rows.tops[1:-1], fall.names[1:-1], fall.texts[1:-1], strict=True
        )
    )


def _draw_arrow(start: float, end: float, top: float, tone: str, text: str) -> Markup:
    """Draw a step as a bar that points where it goes."""
    tip = max(-6.0, min(6.0, end - start))
    back, middle, bottom = end - tip, top + BAR / 2, top + BAR
    path = f"M{start:.2f} {top:.2f}H{back:.2f}L{end:.2f} {middle:.2f}L{back:.2f} {bottom:.2f}H{start:.2f}Z"
    return make("path", hint(text), d=path, class_=f"c-step {tone}")


def _draw_mark(scale: Scale, level: float, top: float) -> Markup:
    x, middle = scale.place(level), top + BAR / 2
    return make("path", d=f"M{x - 6:.2f} {middle:.2f}l6 -7l6 7l-6 7Z", class_="c-level")


def _draw_level(scale: Scale, level: float, top: float) -> Markup:
    zero, end = scale.place(0), scale.place(level)
    return make("rect", x=min(zero, end), y=top, width=abs(end - zero), height=BAR, class_="c-level")


def _finish(kind: str, fall: _Fall, rows: Rows, scale: Scale, marks: Sequence[Markup], caption: Caption) -> Markup:
    links = join(
        make("path", d=f"M{scale.place(level):.2f} {above + BAR:.2f}V{below:.2f}", class_="c-link")
        for level, (above, below) in zip(fall.levels[:-1], pairwise(rows.tops), strict=True)
    )
    summary = "; ".join(f"{name}: {text}" for name, text in zip(fall.names, fall.texts, strict=True)) + "."
    return frame(kind, links, rows.marks, *marks, caption=caption, summary=summary, height=rows.height)
