"""Elements of an SVG as markup: text is escaped, looks come from classes, nothing is inline."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

WIDTH = 420.0
"""Units of a chart's width; text is 14 of them high, so that a telephone still shows it at about 12 pixels."""

Attribute = str | float | None

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Caption:
    """What a chart is called.

    Parameters
    ----------
    name : its id on the page; no two charts of a page share one.
    title : what it shows, in a few words.
    description : what it says, for who cannot see it; "" = a summary of the figures.
    """

    name: str
    title: str
    description: str = ""

    @property
    def id(self) -> str:
        """The name as an id: every character that an id does not take is written as its number."""
        return re.sub(r"[^A-Za-z0-9-]", lambda found: f"_{ord(found[0]):x}_", self.name)


def make(tag: str, *children: str, **attributes: Attribute) -> Markup:
    """Make an element.

    Parameters
    ----------
    tag : its name.
    children : markup stays, other text is escaped; a character that XML does not know becomes U+FFFD.
    attributes : ``_`` stands for ``-``, one at the end is dropped; None = left out.

    Examples
    --------
    >>> make("text", "a < b", x=1.50, text_anchor="end", class_="c-text")
    Markup('<text x="1.5" text-anchor="end" class="c-text">a &lt; b</text>')
    """
    written = join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), _write(value))
        for name, value in attributes.items()
        if value is not None
    )
    inside = join(child if isinstance(child, Markup) else clean(child) for child in children)
    return Markup("<{tag}{written}>{inside}</{tag}>").format(tag=tag, written=written, inside=inside)


def join(pieces: Iterable[str]) -> Markup:
    """Join pieces of markup; plain text among them is escaped."""
    return Markup().join(pieces)


def clean(text: str) -> str:
    """Replace the characters that XML does not know."""
    return _NOT_XML.sub("\ufffd", text)


def hint(text: str) -> Markup:
    """Make the text that a browser shows over a mark; nothing for no text."""
    return make("title", text) if text else Markup()


def frame(kind: str, *marks: str, caption: Caption, summary: str, height: float) -> Markup:
    """Put marks into a chart of the page's width."""
    drawn = make_image(kind, *marks, caption=caption, summary=summary, size=(WIDTH, height))
    return make("div", drawn, class_="chart-box")


def make_image(kind: str, *marks: str, caption: Caption, summary: str, size: tuple[float, float]) -> Markup:
    """Make the image itself, with its title and description."""
    title, description = f"{caption.id}-title", f"{caption.id}-desc"
    return make(
        "svg",
        make("title", caption.title, id=title),
        make("desc", caption.description or summary, id=description),
        *marks,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        viewBox=f"0 0 {_write(size[0])} {_write(size[1])}",
        class_=f"chart chart-{kind}",
        aria_labelledby=f"{title} {description}",
    )


def say_missing(caption: Caption, what: str) -> Markup:
    """Say in words why there is no chart.

    Examples
    --------
    >>> say_missing(Caption("dso", "DSO by month"), "no month has a value")
    Markup('<p class="muted">DSO by month: nothing to draw, no month has a value.</p>')
    """
    return make("p", f"{caption.title}: nothing to draw, {what}.", class_="muted")


def _write(value: str | float) -> str:
    if isinstance(value, str):
        return clean(value)
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short
