"""What an auditor is given of a close: tables, with the formulas that make their figures again."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import pandas as pd

Kind = Literal["words", "amount", "rate", "count", "number", "day"]
"""What a column holds: how it is written, and on which side."""


@dataclass(frozen=True)
class Table:
    """One table of the pack: a sheet of the workbook, and, where it is short, a table of the page.

    Parameters
    ----------
    name : of its sheet; at most 31 characters.
    title : what it shows, in a sentence.
    frame : plain values; amounts in major units.
    kinds : of its columns; ``words`` where it is not named.
    formulas : columns that the workbook alone has, by name: a formula for all rows, or one per row (None = none there).
        In braces stand a column of the same row (``{rate}``), a row (``{rate@0}``), a whole column (``{rate:}``, or of
        another sheet ``{items!rate:}``), and a constant (``{=strength}``).
    constants : numbers that formulas refer to, above the table.
    sums : columns that are summed below the table.
    note : how it is to be read.
    shown : the columns on the page; None = all, () = the table is not on the page.
    page : the rows on the page; None = all.
    """

    name: str
    title: str
    frame: pd.DataFrame
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    formulas: Mapping[str, str | Sequence[str | None]] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    sums: tuple[str, ...] = ()
    note: str = ""
    shown: tuple[str, ...] | None = None
    page: pd.DataFrame | None = None

    def read_kind(self, column: str) -> Kind:
        """Give the kind of a column; that of a formula is the kind of what it makes again."""
        return self.kinds.get(column.removeprefix(AGAIN), "words")


AGAIN = "again_"
"""What the name of a formula begins with when it makes a column again; the column's name follows."""


@dataclass(frozen=True)
class Pack:
    """All that an auditor is given.

    Parameters
    ----------
    title : of the page.
    answer : the close in a sentence.
    currency : of the amounts.
    decimals : of the currency.
    dated : the day of the pack: that of the close, so that the same close gives the same files.
    tables : in order.
    notes : what a reader has to know, in words.
    apart : files beside page and workbook, by name.
    """

    title: str
    answer: str
    currency: str
    decimals: int
    dated: date
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()
    apart: Mapping[str, bytes] = field(default_factory=dict)


def describe_pack(pack: Pack) -> dict[str, Any]:
    """Give a pack as plain data for JSON."""
    return {
        "title": pack.title,
        "answer": pack.answer,
        "currency": pack.currency,
        "notes": list(pack.notes),
        "tables": {
            table.name: {
                "title": table.title,
                "note": table.note,
                "constants": dict(table.constants),
                "rows": [
                    {str(name): to_plain(value) for name, value in row.items()}
                    for row in table.frame.to_dict("records")
                ],
            }
            for table in pack.tables
        },
    }


def to_plain(value: object) -> str | int | float | bool | None:
    """Give a cell as text, a number, or None where nothing stands.

    Examples
    --------
    >>> to_plain(float("nan")), to_plain(pd.Timestamp("2024-12-31")), to_plain(True)
    (None, '2024-12-31', True)
    """
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, bool | int | float | str):
        return value
    item = getattr(value, "item", None)
    return to_plain(item()) if item else str(value)
