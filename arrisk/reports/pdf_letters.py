"""The letters of a PDF: one font with Latin, Greek and Cyrillic, put into the file, and what it cannot set."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from matplotlib import get_data_path
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont

PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
_TO_THE_LEFT = {"R", "AL"}


@cache
def load_letters() -> TTFont:
    """Make the fonts known to the library; they come with matplotlib, and their licence lets them be embedded."""
    folder = Path(get_data_path()) / "fonts" / "ttf"
    fonts = [TTFont(name, str(folder / f"{name}.ttf")) for name in (PLAIN, BOLD)]
    for font in fonts:
        registerFont(font)
    return fonts[0]


def compose(text: str) -> str:
    """Put letters and their accents together, where there is one letter for both, and spaces for what moves the pen.

    Examples
    --------
    >>> len(compose("e" + chr(0x301))), compose("one" + chr(10) + " two")
    (1, 'one two')
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def list_unset(texts: Iterable[str]) -> list[str]:
    """List the letters that the font lacks, or that would be set in the wrong direction.

    Examples
    --------
    >>> list_unset(["Ærø Łódź", "Жук", "Ωμέγα", "− – · €"])
    []
    >>> [f"U+{ord(letter):04X}" for letter in list_unset(["中国 א中"])]
    ['U+05D0', 'U+4E2D', 'U+56FD']
    """
    known = load_letters().face.charToGlyph
    letters = {letter for text in texts for letter in text}
    return sorted(one for one in letters if ord(one) not in known or unicodedata.bidirectional(one) in _TO_THE_LEFT)


def measure(text: str, *, font: str, size: float) -> float:
    """Measure a line in points."""
    load_letters()
    return float(stringWidth(text, font, size))
