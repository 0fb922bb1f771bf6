"""Reads one raw table: each column by its kind, each row accepted or refused with its reason."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import cache, partial

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from arrisk import money
from arrisk.errors import BookError
from arrisk.frames import EARLIEST, LATEST, NEVER, Mask, run_together, to_days
from arrisk.schema.cells import read_dates, read_numbers, read_text
from arrisk.schema.problems import REFUSED, WARNING, ProblemList
from arrisk.schema.tables import TABLES, Column, Kind, Table

SOURCE_ROW = "source_row"
"""Raw frames may carry this column: the row number in the user's own file, first data row = 1."""

_EARLIEST, _LATEST = np.datetime64(EARLIEST), np.datetime64(LATEST)
_RESERVED = ("known_day", "superseded_day")
"""Names that a checked table uses itself, so that no attribute can have them."""
_PIECE = 65_536
Exponents = Callable[[Mapping[str, pd.Series]], npt.NDArray[np.int64]]


class TableReader:
    """Reads one raw frame against its table; used once."""

    def __init__(self, table: Table, raw: pd.DataFrame, problems: ProblemList) -> None:
        self.table = table
        self.raw = raw.set_axis([str(name) for name in raw.columns], axis="columns").reset_index(drop=True)
        self.problems = problems
        # Text of that name is a column of the user's own, which no table knows.
        self.is_numbered = SOURCE_ROW in self.raw and pd.api.types.is_integer_dtype(self.raw[SOURCE_ROW].dtype)
        given = self.raw[SOURCE_ROW] if self.is_numbered else pd.Series(np.arange(1, len(raw) + 1))
        self.rows = given.astype("int64")
        self.refused: list[Mask] = []

    def read(self, *, book_currency: str, exponents: Exponents) -> pd.DataFrame:
        """Give the accepted rows, typed.

        Parameters
        ----------
        book_currency : what a missing currency stands for.
        exponents : gives each row's number of decimals from the columns read so far.

        Raises
        ------
        BookError
            When a required column is not there, or a column stands twice.
        """
        self._check_header()
        columns = self.table.all_columns
        others = [column for column in columns if column.kind is not Kind.AMOUNT]
        series = self._read_together(others, lambda column: self._read(column, book_currency))
        amounts = [column for column in columns if column.kind is Kind.AMOUNT]
        if amounts:
            decimals = exponents(series)
            series |= self._read_together(amounts, lambda column: self._read_amount(column, decimals))
        extra = {name: self._read_attribute(name) for name in self._attribute_names()}
        ordered = {column.name: series[column.name] for column in columns}
        frame = pd.DataFrame({SOURCE_ROW: self.rows, **ordered, **extra}, copy=False)
        return frame.loc[~np.any(self.refused, axis=0)].reset_index(drop=True) if self.refused else frame

    def _read_together(self, columns: list[Column], read: Callable[[Column], pd.Series]) -> dict[str, pd.Series]:
        series = run_together([partial(read, column) for column in columns], rows=len(self.raw))
        return {column.name: values for column, values in zip(columns, series, strict=True)}

    def _check_header(self) -> None:
        names = list(self.raw.columns)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BookError(
                f"the column {twice[0]!r} stands twice",
                where=f"table {self.table.name}",
                hint="keep one of them, or give them different names",
            )
        missing = [column.name for column in self.table.all_columns if column.is_required and column.name not in names]
        if missing:
            raise BookError(
                f"the required column {' and '.join(map(repr, missing))} is missing",
                where=f"table {self.table.name}",
                hint=f"{_guess(missing, names)}The file has: {', '.join(names) or 'no columns'}",
            )
        for name in self._extra_names():
            if name in _RESERVED:
                self._warn_about_column(name, "reserved_column")
            elif not self.table.takes_any_column:
                self._warn_about_column(name, "unknown_column")

    def _extra_names(self) -> list[str]:
        known = {column.name for column in self.table.all_columns}
        return [
            name for name in self.raw.columns if name not in known and not (self.is_numbered and name == SOURCE_ROW)
        ]

    def _attribute_names(self) -> list[str]:
        return [name for name in self._extra_names() if self.table.takes_any_column and name not in _RESERVED]

    def _warn_about_column(self, column: str, rule: str) -> None:
        self.problems.add(self.table.name, pd.Series([0]), column, pd.Series([column]), rule, WARNING)

    def _refuse(self, column: Column, wrong: Mask, rule: str) -> None:
        if np.any(wrong):
            self.refused.append(wrong)
            self._add(column, wrong, rule, REFUSED)

    def _warn(self, column: Column, wrong: Mask, rule: str) -> None:
        if np.any(wrong):
            self._add(column, wrong, rule, WARNING)

    def _add(self, column: Column, wrong: Mask, rule: str, severity: str) -> None:
        values = self.raw.loc[wrong, column.name]
        self.problems.add(self.table.name, self.rows[wrong], column.name, values, rule, severity)

    def _read(self, column: Column, book_currency: str) -> pd.Series:
        default = book_currency if column.default == "book" else column.default
        if column.name not in self.raw:
            return _repeat(column.kind, default, len(self.raw))
        values = self.raw[column.name]
        if column.kind is Kind.DATE:
            return self._read_date(column, values)
        if column.kind is Kind.NUMBER:
            return self._read_number(column, values)
        return self._read_text(column, values, default)

    def _read_text(self, column: Column, values: pd.Series, default: str) -> pd.Series:
        text = read_text(values)
        missing = text.isna().to_numpy()
        if column.is_required:
            self._refuse(column, missing, "missing_value")
        if default and missing.any():
            text = text.fillna(default)
        if column.choices:
            self._warn(column, (text.notna() & ~text.isin(column.choices)).to_numpy(), "unknown_choice")
        return text

    def _read_date(self, column: Column, values: pd.Series) -> pd.Series:
        dates, is_missing = read_dates(values)
        stamps = dates.to_numpy()
        unread = np.isnat(stamps)
        self._refuse(column, unread & ~is_missing, "unreadable_date")
        self._refuse(column, ~unread & ((stamps < _EARLIEST) | (stamps > _LATEST)), "date_out_of_range")
        if column.is_required:
            self._refuse(column, is_missing, "missing_value")
        return dates

    def _read_number(self, column: Column, values: pd.Series) -> pd.Series:
        numbers = read_numbers(values)
        empty = numbers.isna().to_numpy()
        if not empty.any():
            return numbers
        is_missing = empty.copy()
        is_missing[empty] = read_text(values[empty]).isna().to_numpy()
        (self._refuse if column.is_required else self._warn)(column, empty & ~is_missing, "unreadable_number")
        if column.is_required:
            self._refuse(column, is_missing, "missing_value")
        return numbers

    def _read_amount(self, column: Column, decimals: npt.NDArray[np.int64]) -> pd.Series:
        if column.name not in self.raw:
            return _repeat(Kind.AMOUNT, "", len(self.raw))
        parsed = money.parse_amounts(self.raw[column.name], decimals)
        self._refuse(column, ~parsed.is_readable & ~parsed.is_missing, "unreadable_amount")
        self._warn(column, parsed.is_rounded, "amount_rounded")
        self._warn(column, parsed.minor < 0, "negative_amount")
        if column.is_required:
            self._refuse(column, parsed.is_missing, "missing_value")
            return pd.Series(parsed.minor)
        return pd.Series(pd.arrays.IntegerArray(parsed.minor, parsed.is_missing))

    def _read_attribute(self, name: str) -> pd.Series:
        values = self.raw[name]
        numbers = read_numbers(values)
        text = read_text(values)
        return numbers if bool((numbers.notna() | text.isna()).all()) else text


def empty_table(table: Table) -> pd.DataFrame:
    """Give a checked table without rows, with the columns and kinds of one that has some."""
    return _empty_table(table.name).copy()


@cache
def _empty_table(name: str) -> pd.DataFrame:
    columns = {column.name: _repeat(column.kind, "", 0) for column in TABLES[name].all_columns}
    for column in TABLES[name].all_columns:
        if column.kind is Kind.AMOUNT and column.is_required:
            columns[column.name] = pd.Series(dtype="int64")
    nothing = pd.Series(dtype="int64")
    return pd.DataFrame({SOURCE_ROW: nothing, **columns, "known_day": nothing, "superseded_day": nothing})


def _guess(missing: list[str], names: list[str]) -> str:
    near = [match for name in missing for match in get_close_matches(name, names, n=1)]
    return f"is it the column {' or '.join(map(repr, near))}? " if near else ""


def _repeat(kind: Kind, default: str, size: int) -> pd.Series:
    if kind is Kind.DATE:
        return pd.Series(np.full(size, np.datetime64("NaT"), dtype="datetime64[s]"))
    if kind is Kind.NUMBER:
        return pd.Series(np.full(size, np.nan))
    if kind is Kind.AMOUNT:
        return pd.Series(pd.arrays.IntegerArray(np.zeros(size, dtype="int64"), np.ones(size, dtype=bool)))
    # One piece again and again takes no memory, and a text takes eight bytes more than its letters.
    text, length = pa.large_string(), max(1, min(size, _PIECE))
    piece = pa.repeat(pa.scalar(default, text), length) if default else pa.nulls(length, text)
    pieces = [piece] * (size // length) + [piece.slice(0, size % length)]
    return pd.Series(pd.array(pa.chunked_array(pieces, text), dtype="str"))


def clocks(table: Table, frame: pd.DataFrame) -> tuple[npt.NDArray[np.int64], Mask]:
    """Give each row's known_day, and mark rows whose known_on lies before the event itself."""
    own = to_days(frame[table.event_on]) if table.event_on else np.full(len(frame), -NEVER, dtype="int64")
    stated = to_days(frame["known_on"])
    known = np.where(stated == NEVER, own, stated)
    if not table.is_event:
        return known, np.zeros(len(frame), dtype=bool)
    return np.maximum(known, own), known < own
