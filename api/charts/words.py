"""Room for text: how wide it is about, and how it is broken where there is less."""

from itertools import accumulate
from unicodedata import east_asian_width

from markupsafe import Markup

from api.charts.svg import join, make

LINE = 17.0
"""Units from one line of text to the next."""

_NARROW, _WIDE = 7.8, 14.0


def measure(text: str) -> float:
    """Give about the width of a text in units of the drawing."""
    return sum(_WIDE if east_asian_width(letter) in "WF" else _NARROW for letter in text)


def cut(text: str, room: float) -> str:
    """Shorten a text to a width; what was cut is marked by an ellipsis.

    Examples
    --------
    >>> cut("Northern Timber", 60), cut("Timber", 60)
    ('Northe…', 'Timber')
    """
    if measure(text) <= room:
        return text
    widths = accumulate(measure(letter) for letter in text)
    kept = sum(width <= room - measure("…") for width in widths)
    return text[:kept].rstrip() + "…"


def wrap(text: str, room: float, *, lines: int = 2) -> list[str]:
    """Break a text between words into lines of a width; the last is shortened if there is more.

    Examples
    --------
    >>> wrap("Paid late in the last year", 110)
    ['Paid late in', 'the last year']
    """
    broken = [""]
    for word in text.split():
        longer = f"{broken[-1]} {word}".strip()
        if measure(longer) <= room or not broken[-1] or len(broken) == lines:
            broken[-1] = longer
        else:
            broken.append(word)
    return [cut(line, room) for line in broken]


def write_at(text: str, x: float, y: float, *, anchor: str | None = None, kind: str = "c-text") -> Markup:
    """Write a line of text; `anchor` is SVG's `text-anchor`."""
    return make("text", text, x=x, y=y, text_anchor=anchor, class_=kind)


def write_lines(lines: list[str], x: float, y: float) -> Markup:
    """Write lines of text below each other, the first at `y`."""
    return join(write_at(line, x, y + place * LINE, kind="c-text c-halo") for place, line in enumerate(lines))
