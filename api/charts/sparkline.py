"""A trend as small as a word, for a cell of a table."""

from collections.abc import Sequence

from markupsafe import Markup

from api.charts.lines import split_runs, write_path
from api.charts.scales import Scale
from api.charts.svg import Caption, make, make_image, say_missing
from api.charts.values import Number, Unit, read_number, write_value

_SIZE = (100.0, 24.0)


def draw_sparkline(values: Sequence[Number], caption: Caption, *, unit: Unit = "number") -> Markup:
    """Draw values at equal steps, the last known one with a dot.

    Parameters
    ----------
    values : earliest first; a missing one leaves a gap.
    caption : what the trend is called.
    unit : of all values, for the description.
    """
    read = [read_number(value) for value in values]
    known = [value for value in read if value is not None]
    if not known:
        return say_missing(caption, "no value is known")
    low, high = min(known), max(known)
    # Values that are all the same lie in the middle.
    y = Scale(low, high, _SIZE[1] - 4, 4) if high > low else Scale(low - 1, low + 1, _SIZE[1] - 4, 4)
    x = Scale(0, max(len(read) - 1, 1), 4, _SIZE[0] - 5)
    runs = split_runs([(x.place(place), None if value is None else y.place(value)) for place, value in enumerate(read)])
    lines = [make("path", d=write_path(run), class_="c-line c-stroke-1") for run in runs if len(run) > 1]
    single = [make("circle", cx=run[0][0], cy=run[0][1], r=1.5, class_="c-paid") for run in runs if len(run) == 1]
    dot = make("circle", cx=runs[-1][-1][0], cy=runs[-1][-1][1], r=3, class_="c-paid")
    first, last, least, most = (write_value(value, unit) for value in (known[0], known[-1], low, high))
    summary = f"From {first} to {last}; lowest {least}, highest {most}."
    return make_image("sparkline", *lines, *single, dot, caption=caption, summary=summary, size=_SIZE)
