"""What a sheet of paper says, as plain data: described once, then written as HTML or as PDF."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """Plain text.

    Parameters
    ----------
    text : what it says.
    role : ``answer`` stands out, ``quiet`` steps back.
    """

    text: str
    role: str = ""


@dataclass(frozen=True)
class Listing:
    """Plain texts, one below the other."""

    items: Sequence[str]


@dataclass(frozen=True)
class Table:
    """A table of plain text; nothing where it has no rows.

    Parameters
    ----------
    head : the columns' names.
    rows : one text per column.
    caption : what the table shows.
    marked : positions of the rows that stand out.
    words : positions of the columns that hold words, set left and broken into lines; the others are set right.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    marked: frozenset[int] = frozenset()
    words: frozenset[int] = frozenset({0})


@dataclass(frozen=True)
class Picture:
    """A drawing.

    Parameters
    ----------
    draw : gives the bytes of its file by the ending, .svg or .png.
    name : sets it apart from the sheet's other drawings; letters, digits and underscores.
    alt : what it shows, for those who do not see it.
    caption : is put below it.
    """

    draw: Callable[[str], bytes]
    name: str
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """A heading over parts; nothing where all parts are empty."""

    title: str
    parts: Sequence["Part"]


@dataclass(frozen=True)
class Columns:
    """Parts beside other parts: two fifths of the width, and three."""

    left: Sequence["Part"]
    right: Sequence["Part"]


Part = Paragraph | Listing | Table | Picture | Section | Columns


@dataclass(frozen=True)
class Sheet:
    """A title over parts."""

    title: str
    parts: Sequence[Part]
