"""Reads dates and decimals as foreign systems write them into the one form that tables use."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Mask = npt.NDArray[np.bool_]

_ISO_TIME = r"^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*$"
# SAP and others write zeros for "no date".
_NO_DATE = r"^[0./\- :]+$"
_PLAIN = r"^-?\d+(\.\d+)?$"
_SPACES = "[ \u00a0\u202f]"
_APOSTROPHES = "['\u2019]"


class ParsedCells(NamedTuple):
    """Cells in the form that tables use.

    Parameters
    ----------
    text : the value; missing where the cell is empty or cannot be read.
    is_unreadable : marks the cells that hold something which cannot be read.
    """

    text: pa.Array
    is_unreadable: Mask


def parse_dates(text: pa.Array, formats: Sequence[str]) -> ParsedCells:
    """Read dates in the given formats, tried in their order, and in ISO form.

    Parameters
    ----------
    text : one cell a row; missing or empty means no date, and so do zeros.
    formats : as for ``datetime.strptime``. Without any, only ``YYYY-MM-DD`` is understood: a format is never
        guessed, because 3/4/2024 is two different days.

    Examples
    --------
    >>> cells = pa.array(["31.12.2023", "2024-02-29", "30.02.2024", "00.00.0000"])
    >>> parse_dates(cells, ["%d.%m.%Y"]).text.to_pylist()
    ['2023-12-31', '2024-02-29', None, None]
    """
    trimmed = pc.utf8_trim_whitespace(text)
    trimmed = pc.replace_substring_regex(trimmed, _ISO_TIME, r"\1")
    # A ledger has few different days: each is read once.
    coded = pc.dictionary_encode(trimmed)
    days = [_read_day(value, formats) for value in coded.dictionary.to_pylist()]
    read = pa.array(days, type=pa.large_string()).take(coded.indices)
    blank = pc.or_kleene(pc.equal(trimmed, ""), pc.match_substring_regex(trimmed, _NO_DATE))
    is_blank = np.asarray(pc.fill_null(blank, True).to_numpy(zero_copy_only=False))
    return ParsedCells(read, _is_missing(read) & ~is_blank)


def _is_missing(read: pa.Array) -> Mask:
    """Mark the missing values of an array."""
    return np.asarray(pc.is_null(read).to_numpy(zero_copy_only=False))


def _read_day(text: str | None, formats: Sequence[str]) -> str | None:
    for pattern in (*formats, "%Y-%m-%d"):
        try:
            # strptime takes 2024111 for 1 November: without separators every digit has to be there.
            if text and (pattern != "%Y%m%d" or len(text) == 8):
                return datetime.strptime(text, pattern).date().isoformat()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None


def parse_decimals(text: pa.Array, *, decimal: str = ".", thousands: str = "") -> ParsedCells:
    """Read decimals, with a minus sign before or after them, or in parentheses.

    Parameters
    ----------
    text : one cell a row.
    decimal : the decimal sign, ``.`` or ``,``.
    thousands : the sign between groups of digits; empty = there is none, and a cell with one is unreadable.

    Examples
    --------
    >>> cells = pa.array(["1.234,50-", "(7,00)", "-3", "1,2,3"])
    >>> parse_decimals(cells, decimal=",", thousands=".").text.to_pylist()
    ['-1234.50', '-7.00', '-3', None]
    """
    trimmed = pc.replace_substring(pc.utf8_trim_whitespace(text), "\u2212", "-")
    if decimal == "." and pc.all(pc.match_substring_regex(trimmed, _PLAIN)).as_py():
        return ParsedCells(trimmed, np.zeros(len(trimmed), dtype=bool))
    signless = pc.replace_substring_regex(trimmed, r"^\(\s*([^()+-]*?)\s*\)$|^([^()+-]*?)\s*-$", r"-\1\2")
    grouping = _grouping(thousands)
    sign = re.escape(decimal)
    whole = rf"(\d+|\d{{1,3}}({grouping}\d{{2,3}})*{grouping}\d{{3}})" if grouping else r"\d+"
    fits = pc.match_substring_regex(signless, rf"^[+-]?({whole}({sign}\d*)?|{sign}\d+)$")
    plain = pc.replace_substring_regex(signless, grouping, "") if grouping else signless
    plain = pc.utf8_ltrim(pc.replace_substring(plain, decimal, "."), characters="+")
    read = pc.if_else(pc.fill_null(fits, False), plain, pa.scalar(None, plain.type))
    is_blank = np.asarray(pc.fill_null(pc.equal(trimmed, ""), True).to_numpy(zero_copy_only=False))
    return _with_exponents(ParsedCells(read, _is_missing(read) & ~is_blank), signless, decimal)


def _grouping(thousands: str) -> str:
    if thousands.isspace():
        return _SPACES
    return _APOSTROPHES if thousands in ("'", "\u2019") and thousands else re.escape(thousands)


def _with_exponents(parsed: ParsedCells, text: pa.Array, decimal: str) -> ParsedCells:
    """Read the rare cell that a spreadsheet wrote as 1.2E+05."""
    at = np.flatnonzero(parsed.is_unreadable)
    cells = text.take(pa.array(at)).to_pylist()
    found = {int(row): value for row, cell in zip(at, cells, strict=True) if (value := _from_exponent(cell, decimal))}
    if not found:
        return parsed
    mask = np.zeros(len(text), dtype=bool)
    mask[list(found)] = True
    replaced = pc.replace_with_mask(parsed.text, pa.array(mask), pa.array(list(found.values()), type=parsed.text.type))
    return ParsedCells(replaced, parsed.is_unreadable & ~mask)


def _from_exponent(cell: str, decimal: str) -> str:
    if not re.fullmatch(rf"[+-]?\d+({re.escape(decimal)}\d+)?[eE][+-]?\d{{1,2}}", cell):
        return ""
    try:
        return f"{Decimal(cell.replace(decimal, '.')):f}"
    except InvalidOperation:
        return ""
