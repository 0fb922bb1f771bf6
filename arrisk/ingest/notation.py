"""How a file writes days and amounts: every way in which all of it can be read, so that a person chooses."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import pyarrow as pa

from arrisk.ingest.cells import ParsedCells, parse_dates, parse_decimals

ISO: Final = "%Y-%m-%d"

DATES: Final = (
    *(ISO, "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y"),
)
"""How days are commonly written."""

DECIMALS: Final = ((".", ""), (",", ""), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"))
"""How amounts are commonly written: the decimal sign, and the sign between thousands."""

_TEXT = pa.large_string()

Way = TypeVar("Way", bound=Hashable)


@dataclass(frozen=True)
class Decimals:
    """How amounts are written: the decimal sign, and the one between thousands (empty = there is none)."""

    decimal: str
    thousands: str

    @property
    def code(self) -> str:
        """Both signs, one after the other."""
        return self.decimal + self.thousands


def fit_dates(cells: Sequence[str]) -> list[str]:
    """List the formats in which the most cells are a day, more than half of them; all where there is no cell.

    Of formats that say the same of all cells only the first is listed.

    Examples
    --------
    >>> fit_dates(["03/04/2024", "13/04/2024"]), fit_dates(["03/04/2024"])
    (['%d/%m/%Y'], ['%d/%m/%Y', '%m/%d/%Y'])
    """
    text = pa.array(cells, type=_TEXT)
    return _choose(DATES, lambda pattern: parse_dates(text, [] if pattern == ISO else [pattern]))


def can_read_days(cells: Sequence[str], patterns: Sequence[str]) -> bool:
    """Say whether more than half of the cells are days in one of some formats, or in ISO form."""
    return _misses(parse_dates(pa.array(cells, type=_TEXT), patterns)) < len(cells) / 2


def fit_decimals(cells: Sequence[str]) -> list[Decimals]:
    """List the ways in which the most cells are an amount, as ``fit_dates`` does.

    Examples
    --------
    >>> fit_decimals(["1.234,50"]), fit_decimals(["7"])
    ([Decimals(decimal=',', thousands='.')], [Decimals(decimal='.', thousands='')])
    >>> len(fit_decimals(["1.234"]))
    2
    """
    text = pa.array(cells, type=_TEXT)
    found = _choose(DECIMALS, lambda signs: parse_decimals(text, decimal=signs[0], thousands=signs[1]))
    return [Decimals(*signs) for signs in found]


def _choose(ways: Sequence[Way], read: Callable[[Way], ParsedCells]) -> list[Way]:
    parsed = {way: read(way) for way in ways}
    count = len(next(iter(parsed.values())).text)
    if not count:
        return list(ways)
    fewest = min(map(_misses, parsed.values()))
    kept: dict[tuple[object, ...], Way] = {}
    for way, one in parsed.items():
        if _misses(one) == fewest < count / 2:
            kept.setdefault(tuple(_simplify(cell) for cell in one.text.to_pylist()), way)
    return list(kept.values())


def _misses(parsed: ParsedCells) -> int:
    return int(parsed.is_unreadable.sum())


def _simplify(cell: str | None) -> object:
    """Give an amount without zeros at its end, so that 7.50 and 7.5 are the same; a day as it is."""
    if cell is None or cell.count("-") > 1 or "." not in cell:
        return cell
    return cell.rstrip("0").rstrip(".")
