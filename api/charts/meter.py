"""Meters: how much of a limit is used, and where a grade stands on its scale."""

from collections.abc import Sequence

from markupsafe import Markup

from api.charts.scales import Scale
from api.charts.svg import WIDTH, Caption, frame, join, make, say_missing
from api.charts.values import Number, Unit, read_number, write_value
from api.charts.words import cut, measure, write_at
from arrisk.errors import InputError

_TOP, _BAR = 24.0, 18.0
_CELL = 34.0


def draw_meter(used: Number, limit: Number, caption: Caption, *, unit: Unit = "money") -> Markup:
    """Draw the used part of a limit; beyond the limit the bar goes on, and words say so.

    Parameters
    ----------
    used : what is used of it; below zero no bar is drawn.
    limit : zero or more.
    caption : what the meter is called.
    unit : of both.
    """
    amount, most = read_number(used), read_number(limit)
    if amount is None or most is None:
        return say_missing(caption, "no limit is set" if amount is not None else "what is used of it is not known")
    is_over = amount > most
    scale = Scale(0, max(most, amount) or 1.0, 2, WIDTH - 2)
    share = f"{write_value(amount / most, 'share')} used" if most > 0 else ""
    state = ", ".join(word for word in (share, "over the limit" if is_over else "") if word)
    words = f"{write_value(amount, unit)} of {write_value(most, unit)}"
    marks = [
        write_at(words, 0, 15, kind="c-text c-value"),
        write_at(state, WIDTH, 15, anchor="end"),
        make("rect", x=2, y=_TOP, width=scale.place(most) - 2, height=_BAR, class_="c-room"),
        _draw_used(scale, amount, most),
        _draw_limit(scale.place(most)),
    ]
    summary = f"{words}{': ' if state else ''}{state}."
    return frame("meter", *marks, caption=caption, summary=summary, height=_TOP + _BAR + 24)


def draw_grades(grade: str | None, caption: Caption, *, grades: Sequence[str] = tuple("ABCDEFG")) -> Markup:
    """Draw the scale of grades with one of them marked.

    Parameters
    ----------
    grade : None = there is none.
    caption : what the scale is called.
    grades : the best first.

    Raises
    ------
    InputError
        When the grade is none of the scale.
    """
    if grade is None:
        return say_missing(caption, "there is no grade")
    if grade not in grades:
        raise InputError(f"'{grade}' is no grade", where="a chart", hint=", ".join(grades))
    width = WIDTH / len(grades)
    cells = join(_draw_cell(name, place * width, width, is_marked=name == grade) for place, name in enumerate(grades))
    ends = write_at("best", 2, _CELL + 30, kind="c-text c-muted") + write_at(
        "worst", WIDTH - 2, _CELL + 30, anchor="end", kind="c-text c-muted"
    )
    summary = f"{grade}, number {grades.index(grade) + 1} of {len(grades)} from {grades[0]} (best) to {grades[-1]}."
    return frame("grades", cells, ends, caption=caption, summary=summary, height=_CELL + 36)


def _draw_used(scale: Scale, amount: float, most: float) -> Markup:
    end = scale.place(max(0.0, amount))
    within = min(end, scale.place(most))
    used = make("rect", x=2, y=_TOP + 4, width=within - 2, height=_BAR - 8, class_="c-used")
    if end <= within:
        return used
    return used + make("rect", x=within, y=_TOP + 4, width=end - within, height=_BAR - 8, class_="c-over")


def _draw_limit(x: float) -> Markup:
    word = write_at(
        "limit", min(max(x, measure("limit") / 2), WIDTH - measure("limit") / 2), _TOP + _BAR + 19, anchor="middle"
    )
    return make("path", d=f"M{x:.2f} {_TOP - 3:.2f}V{_TOP + _BAR + 5:.2f}", class_="c-limit") + word


def _draw_cell(name: str, left: float, width: float, *, is_marked: bool) -> Markup:
    x, middle = left + width / 2, 10 + _CELL / 2
    text = write_at(
        cut(name, width), x, middle + 5, anchor="middle", kind="c-text c-here-text" if is_marked else "c-text c-muted"
    )
    look = "c-here" if is_marked else "c-cell"
    cell = make("rect", x=left + 2, y=10, width=width - 4, height=_CELL - 2, class_=look)
    pointer = make("path", d=f"M{x - 6:.2f} 0h12l-6 8Z", class_="c-here") if is_marked else Markup()
    return cell + pointer + text
