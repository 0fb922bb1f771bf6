"""Bars that lie: one per name, as long as its value; negative ones go to the left."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from api.charts.rows import BAR, lay_rows
from api.charts.scales import Scale
from api.charts.svg import Caption, frame, hint, make, say_missing
from api.charts.values import Number, Unit, read_number, write_value

Tone = Literal["plain", "good", "warn", "bad"]


@dataclass(frozen=True)
class Bar:
    """One bar.

    Parameters
    ----------
    name : beside or above it.
    value : its length; missing = no bar, and the row says so.
    text : what stands at its end; "" = the value.
    tone : its colour, which says nothing that name and value do not.
    """

    name: str
    value: Number
    text: str = ""
    tone: Tone = "plain"


def draw_bars(bars: Sequence[Bar], caption: Caption, *, unit: Unit = "money") -> Markup:
    """Draw bars below each other, such as the buckets of an ageing.

    Parameters
    ----------
    bars : from top to bottom.
    caption : what the chart is called.
    unit : of all values.
    """
    values = [read_number(bar.value) for bar in bars]
    known = [value for value in values if value is not None]
    if not known:
        return say_missing(caption, "nothing has a value")
    texts = [bar.text or write_value(value, unit) for bar, value in zip(bars, values, strict=True)]
    rows = lay_rows([bar.name for bar in bars], texts)
    low, high = min(0.0, *known), max(0.0, *known)
    scale = Scale(low, high if high > low else low + 1, rows.left, rows.right)
    drawn = [
        _draw_bar(bar, value, scale, top, text)
        for bar, value, top, text in zip(bars, values, rows.tops, texts, strict=True)
        if value is not None
    ]
    path = "".join(f"M{scale.place(0):.2f} {top - 3:.2f}v{BAR + 6:.2f}" for top in rows.tops)
    zero = make("path", d=path, class_="c-zero")
    summary = "; ".join(f"{bar.name}: {text}" for bar, text in zip(bars, texts, strict=True)) + "."
    return frame("bars", rows.marks, *drawn, zero, caption=caption, summary=summary, height=rows.height)


def _draw_bar(bar: Bar, value: float, scale: Scale, top: float, text: str) -> Markup:
    zero, end = scale.place(0), scale.place(value)
    return make(
        "rect",
        hint(f"{bar.name}: {text}"),
        x=min(zero, end),
        y=top,
        width=abs(end - zero),
        height=BAR,
        class_=f"c-bar c-{bar.tone}",
    )
