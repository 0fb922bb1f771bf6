"""Makes one canonical column from the text of the source: its origin, what is done to it, how it is read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arrisk.errors import MappingError, nearest
from arrisk.frames import Mask, to_arrow
from arrisk.ingest.cells import parse_dates, parse_decimals
from arrisk.ingest.mapping import SourceMapping
from arrisk.ingest.rules import ColumnRules, SourceRules
from arrisk.ingest.toml_lines import Path as TomlPath
from arrisk.schema import Kind

_TEXT = pa.large_string()


@dataclass(frozen=True)
class Staged:
    """One canonical column.

    Parameters
    ----------
    text : missing where there is none.
    is_unreadable : marks the rows whose cell could not be read; ``text`` has the cell as it was found.
    """

    text: pa.Array
    is_unreadable: Mask


@dataclass(frozen=True)
class ColumnMaker:
    """Makes the columns of one table from some rows of the source."""

    mapping: SourceMapping
    table: str
    frame: pd.DataFrame

    def make(self, name: str, kind: Kind) -> Staged:
        """Make one column, its dates ISO and its decimals plain.

        Raises
        ------
        MappingError
            When the mapping names a column that the source does not have.
        """
        rules = self.mapping.tables[self.table].columns[name]
        text = self.make_text(name)
        if kind is Kind.DATE:
            parsed = parse_dates(text, rules.dates or self.mapping.source.dates)
        elif kind in (Kind.AMOUNT, Kind.NUMBER):
            source = self.mapping.source
            parsed = parse_decimals(text, decimal=source.decimal, thousands=source.thousands)
        else:
            return Staged(text, np.zeros(len(text), dtype=bool))
        return Staged(pc.if_else(pa.array(parsed.is_unreadable), text, parsed.text), parsed.is_unreadable)

    def make_text(self, name: str) -> pa.Array:
        """Make one column's text, before it is read as a date or a number."""
        rules = self.mapping.tables[self.table].columns[name]
        text = _clean(self._origin(name, rules), rules, self.mapping.source)
        return _tell_apart(text, self._present(rules.within), self.frame) if rules.within else text

    def find(self, names: Sequence[str]) -> pa.Array | None:
        """Give the first of several columns that the source has, or None."""
        for name in self._present(names)[:1]:
            return pc.utf8_trim_whitespace(to_arrow(self.frame[name]))
        return None

    def require(self, names: Sequence[str], path: TomlPath) -> pa.Array:
        """Give the first of several columns that the source has.

        Raises
        ------
        MappingError
            When it has none of them.
        """
        found = self.find(names)
        if found is None:
            raise missing_column(self.mapping, names, path, [str(name) for name in self.frame.columns])
        return found

    def _present(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name in self.frame.columns]

    def _origin(self, name: str, rules: ColumnRules) -> pa.Array:
        path: TomlPath = ("tables", self.table, "columns", name)
        if rules.constant:
            return pa.array(np.full(len(self.frame), rules.constant), type=_TEXT)
        if rules.join:
            parts = [self.require([part], path) for part in rules.join]
            return pc.binary_join_element_wise(*parts, pa.scalar(rules.separator, _TEXT))
        found = self.find(rules.from_) if rules.optional or rules.baseline else self.require(rules.from_, path)
        return pa.nulls(len(self.frame), _TEXT) if found is None else found


def missing_column(
    mapping: SourceMapping, names: Sequence[str], path: TomlPath, available: Sequence[str]
) -> MappingError:
    """Make the error for a column that the source does not have."""
    wanted = " nor ".join(f"'{name}'" for name in names)
    return mapping.error(path, f"the source has no column {wanted}", hint=nearest(names[0], available))


def _clean(text: pa.Array, rules: ColumnRules, source: SourceRules) -> pa.Array:
    text = pc.utf8_trim_whitespace(text)
    if rules.remove:
        text = pc.replace_substring_regex(text, rules.remove, "")
    if rules.upper:
        text = pc.utf8_upper(text)
    if rules.map:
        text = _replace_values(text, rules.map)
    missing = pa.array(["", *source.missing], type=_TEXT)
    text = pc.if_else(pc.is_in(text, value_set=missing), pa.scalar(None, _TEXT), text)
    if rules.pad:
        text = pc.utf8_lpad(text, rules.pad, padding="0")
    return pc.fill_null(text, rules.default) if rules.default else text


def _replace_values(text: pa.Array, replacements: dict[str, str]) -> pa.Array:
    found = pc.index_in(text, value_set=pa.array(list(replacements), type=_TEXT))
    new = pa.array(list(replacements.values()), type=_TEXT).take(found)
    return pc.coalesce(new, text)


def _tell_apart(text: pa.Array, names: Sequence[str], frame: pd.DataFrame) -> pa.Array:
    """Put the values of some columns in front of an id wherever the id alone stands for several things."""
    if not names or pc.count_distinct(text).as_py() == len(text) - text.null_count:
        return text
    parts = [pc.replace_substring_regex(pc.utf8_trim_whitespace(to_arrow(frame[name])), r"\.0+$", "") for name in names]
    full = pc.binary_join_element_wise(*parts, text, pa.scalar("-", _TEXT))
    ambiguous = _is_ambiguous(text, full)
    return pc.if_else(pa.array(ambiguous), full, text)


def _is_ambiguous(short: pa.Array, full: pa.Array) -> npt.NDArray[np.bool_]:
    codes = np.asarray(pc.dictionary_encode(short).indices.fill_null(-1).to_numpy(zero_copy_only=False))
    fulls = np.asarray(pc.dictionary_encode(full).indices.fill_null(-1).to_numpy(zero_copy_only=False))
    pairs = pd.DataFrame({"short": codes, "full": fulls}).drop_duplicates()
    several = pairs["short"].value_counts()
    return np.isin(codes, several.index[several > 1].to_numpy()) & (codes >= 0)
