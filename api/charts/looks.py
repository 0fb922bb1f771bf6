"""Looks that tell series apart without colour: dashes and shapes of lines, patterns of areas."""

from markupsafe import Markup

from api.charts.svg import Caption, hint, join, make

_COLOURS = 6
_DASHES = (None, "7 4", "2 3", "10 3 2 3", "12 5")
_PATTERNS = (
    "M0 6L6 0",
    "M1 3H4M2.5 1.5V4.5",
    "M0 0L6 6",
    "M0 3H6",
    "M0 0L6 6M0 6L6 0",
    "M3 0V6",
    "",
)


def name_colour(place: int) -> str:
    """Give the class that colours the lines of a series."""
    return f"c-stroke-{place % _COLOURS + 1}"


def draw_line(path: str, place: int) -> Markup:
    """Draw a line as its series' colour and dash have it."""
    return make("path", d=path, class_=f"c-line {name_colour(place)}", stroke_dasharray=_DASHES[place % len(_DASHES)])


def draw_marker(place: int, x: float, y: float, *, size: float = 4, text: str = "") -> Markup:
    """Draw a series' shape: circle, square, triangle, diamond, cross."""
    colour = place % _COLOURS + 1
    look = f"c-mark c-fill-{colour} c-stroke-{colour}"
    if place % 5 == 0:
        return make("circle", hint(text), cx=x, cy=y, r=size, class_=look)
    outlines = (
        [(-1, -1), (1, -1), (1, 1), (-1, 1)],
        [(0, -1.2), (1.1, 0.9), (-1.1, 0.9)],
        [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)],
        [(-1, -1), (1, 1), (0, 0), (1, -1), (-1, 1), (0, 0)],
    )
    points = " ".join(f"{x + size * a:.2f},{y + size * b:.2f}" for a, b in outlines[place % 5 - 1])
    return make("polygon", hint(text), points=points, class_=look)


def define_patterns(caption: Caption, count: int) -> Markup:
    """Define the patterns of as many series; the first is plain."""
    return make("defs", *(_define(caption, place) for place in range(count) if place % 8))


def fill_of(caption: Caption, place: int) -> dict[str, str]:
    """Give the attributes of an area of a series; the eight first differ without colour."""
    colour = place % _COLOURS + 1
    if place % 8 == 0:
        return {"class_": f"c-area c-fill-{colour} c-stroke-{colour}"}
    return {"class_": f"c-area c-stroke-{colour}", "fill": f"url(#{_name(caption, place)})"}


def draw_sample(caption: Caption, place: int, x: float, y: float) -> Markup:
    """Draw the piece of an area that a key shows, centred on a height."""
    return make("rect", x=x + 3, y=y - 6, width=16, height=12, **fill_of(caption, place))


def draw_line_sample(place: int, x: float, y: float) -> Markup:
    """Draw the piece of a line that a key shows, with its shape."""
    return join([draw_line(f"M{x:.2f} {y:.2f}h22", place), draw_marker(place, x + 11, y)])


def _name(caption: Caption, place: int) -> str:
    return f"{caption.id}-fill-{place}"


def _define(caption: Caption, place: int) -> Markup:
    drawn = make("path", d=_PATTERNS[place % 8 - 1], class_=f"c-hatch {name_colour(place)}")
    ground = make("rect", width=6, height=6, class_="c-ground")
    return make("pattern", ground, drawn, id=_name(caption, place), patternUnits="userSpaceOnUse", width=6, height=6)
