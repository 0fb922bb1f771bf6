"""Reads every figure that a page shows, and says which of them nobody has compared yet."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from httpx2 import Response

NOTHING = "–"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_VOID = {"input", "br", "meta", "link", "img", "hr"}


@dataclass
class Table:
    """A table of a page.

    Parameters
    ----------
    caption : what it is called.
    rows : of its body, the text of each cell.
    has_figures : whether a cell is a number.
    """

    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)
    has_figures: bool = False


class _Reader(HTMLParser):
    """Takes a page apart: tables, tiles and facts, without what a term means and without drawings."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self.tiles: list[list[str]] = []
        self.facts: list[list[str]] = []
        self._open: list[tuple[str, str]] = []
        self._target: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        words = given.get("class", "")
        mark = "hidden" if tag in ("button", "svg", "summary") or "popover" in given else ""
        if tag == "table":
            self.tables.append(Table())
        elif tag == "caption":
            self._begin([])
            mark = "caption"
        elif tag == "tr" and self._is_within("tbody"):
            self.tables[-1].rows.append([])
        elif tag in ("td", "th") and self._is_within("tbody"):
            self._begin(self.tables[-1].rows[-1])
            self.tables[-1].has_figures |= "number" in words
        elif tag == "div" and words == "tile":
            self.tiles.append([])
        elif tag == "span" and self._open and self._open[-1] == ("div", "tile"):
            self._begin(self.tiles[-1])
        elif tag == "dt":
            self.facts.append([])
            self._begin(self.facts[-1])
        elif tag == "dd":
            self._begin(self.facts[-1])
        if tag not in _VOID:
            self._open.append((tag, mark or words))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            name, mark = self._open.pop()
            if mark == "caption" and self._target is not None:
                self.tables[-1].caption = self._target[0]
            if name in ("td", "th", "dt", "dd", "caption") or mark == "tile" or self._open[-1:] == [("div", "tile")]:
                self._target = None
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._target is not None and not any(mark == "hidden" for _, mark in self._open):
            self._target[-1] = " ".join(f"{self._target[-1]} {data}".split())

    def _begin(self, target: list[str]) -> None:
        target.append("")
        self._target = target

    def _is_within(self, tag: str) -> bool:
        return any(name == tag for name, _ in self._open)


class Figures:
    """The figures of a page.

    Parameters
    ----------
    page : as it was sent.
    """

    def __init__(self, page: Response) -> None:
        assert page.status_code == 200, page.text
        reader = _Reader()
        reader.feed(page.text)
        self._tables = [table for table in reader.tables if table.rows]
        self._tiles = {label: rest for label, *rest in reader.tiles}
        self.facts = {name: value for name, value, *_ in reader.facts if value}

    def match(self, caption: str, rows: Iterable[Iterable[Any]]) -> None:
        """Compare all cells of a table; ``...`` stands for a text that is no figure."""
        table = next((one for one in self._tables if one.caption.startswith(caption)), None)
        assert table is not None, (caption, [one.caption for one in self._tables])
        self._tables.remove(table)
        wanted = [list(row) for row in rows]
        shown = [
            [want if want is ... else cell for cell, want in zip(cells, row, strict=True)]
            for cells, row in zip(table.rows, wanted, strict=True)
        ]
        assert shown == wanted, caption

    def tile(self, label: str, value: str, note: Any = ...) -> None:
        """Compare a tile, and what stands below its value."""
        shown, *below = self._tiles.pop(label)
        assert shown == value, label
        if note is not ...:
            assert below == [note], label

    def end(self) -> None:
        """Make sure that every table with figures and every tile was compared."""
        left = [one.caption for one in self._tables if one.has_figures]
        assert (left, self._tiles) == ([], {})


def money(amount: str | None, currency: str = "") -> str:
    """Write an amount as a page has to: each digit that the API gave."""
    if amount is None:
        return NOTHING
    sign, digits = ("−", amount[1:]) if amount.startswith("-") else ("", amount)
    whole, point, rest = digits.partition(".")
    grouped = f"{int(whole):,}"
    return f"{sign}{grouped}{point}{rest} {currency}".rstrip()


def share(value: float | str | None, digits: int = 1) -> str:
    """Write a share in percent."""
    return NOTHING if value is None else f"{float(value) * 100:,.{digits}f} %".replace("-", "−")


def number(value: float | None, digits: int = 0) -> str:
    """Write a number."""
    return NOTHING if value is None else f"{value:,.{digits}f}".replace("-", "−")


def day(value: str | None) -> str:
    """Write a day."""
    if value is None:
        return NOTHING
    year, month, of_month = value[:10].split("-")
    return f"{int(of_month)} {_MONTHS[int(month) - 1]} {year}"


def total(amounts: Iterable[str]) -> str:
    """Add amounts up exactly."""
    return str(sum(map(Decimal, amounts), Decimal("0.00")))


def coverage(part: str, whole: str) -> str:
    """Write which share of an amount another one is."""
    return share(str(Decimal(part) / Decimal(whole)) if Decimal(whole) else None, 2)


def words(code: str) -> str:
    """Write a code as words."""
    return code.replace("_", " ")
