"""Reads a book's folder into raw tables, typed where Parquet has types, text where CSV has none."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from arrisk.errors import BookError
from arrisk.ingest.csvfile import read_csv
from arrisk.ingest.readers import to_text_frame
from arrisk.ingest.settings import SETTINGS_FILE, Settings, read_settings
from arrisk.schema import TABLES

REJECTED_FILE = "rejected.csv"
WARNINGS_FILE = "warnings.csv"

_FORMATS = (".csv", ".parquet")
_LARGEST_EXACT = 10**12
"""Amounts below this keep every decimal of every currency in a double."""


@dataclass(frozen=True)
class RawBook:
    """A book as it lies in its folder.

    Parameters
    ----------
    tables : raw frames by name; a file whose name is no table is there as an empty frame, for the check to
        name it.
    settings : what ``book.toml`` says.
    """

    tables: dict[str, pd.DataFrame]
    settings: Settings


def read_book(folder: Path) -> RawBook:
    """Read the tables of a book, ``NAME.csv`` or ``NAME.parquet``, and its ``book.toml``.

    Raises
    ------
    BookError
        When the folder is not there or holds no table, or a table is there twice or cannot be read.
    InputError
        When a CSV file cannot be cut into columns.
    """
    files = _find_tables(folder)
    tables = {name: _read_table(path) if name in TABLES else pd.DataFrame() for name, path in files.items()}
    return RawBook(tables, read_settings(folder))


def is_book(folder: Path) -> bool:
    """Tell whether a folder holds a book: its ``book.toml``, or the table of invoices."""
    marks = (SETTINGS_FILE, *(f"invoices{ending}" for ending in _FORMATS))
    return any((folder / mark).is_file() for mark in marks)


def _find_tables(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        what = "this is a file, not a book's folder" if folder.exists() else "there is no such folder"
        hint = "arrisk convert SOURCE --mapping NAME --out BOOK makes a book"
        raise BookError(what, where=str(folder), hint=hint)
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in _FORMATS or path.name in (REJECTED_FILE, WARNINGS_FILE) or path.name[0] == ".":
            continue
        if path.stem in found:
            raise BookError(
                f"the table {path.stem} is there twice",
                where=str(folder),
                hint=f"keep {found[path.stem].name} or {path.name}",
            )
        found[path.stem] = path
    if not set(found) & set(TABLES):
        raise BookError(
            "no table of a book is in this folder", where=str(folder), hint="customers.csv and invoices.csv"
        )
    return found


def _read_table(path: Path) -> pd.DataFrame:
    if path.suffix.lower() == ".csv":
        table, _ = read_csv(path.read_bytes(), where=str(path), fewest_columns=1)
        return to_text_frame(table).reset_index(drop=True)
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise BookError(f"this is not a Parquet file: {error}", where=str(path), hint="write it again") from error
    columns = {name: _to_series(table[name], f"{path}, column {name}") for name in table.column_names}
    return pd.DataFrame(columns, copy=False)


def _to_series(column: pa.ChunkedArray, where: str) -> pd.Series:
    """Give an Arrow column as pandas holds it fastest without losing anything."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    column = column.cast(kind)
    if pa.types.is_date(kind):
        return pd.Series(column.cast(pa.timestamp("ms")).to_numpy().astype("datetime64[s]"))
    if pa.types.is_timestamp(kind):
        local = column if kind.tz is None else pc.local_timestamp(column)
        return pd.Series(local.to_numpy())
    if pa.types.is_decimal(kind):
        return _to_series(_narrow_decimals(column), where)
    if pa.types.is_integer(kind) and column.null_count:
        return pd.Series(column.to_pandas(integer_object_nulls=True).astype("Int64"))
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return pd.Series(column.to_pandas())
    try:
        # One piece, as every look-up needs it: it would be put together again for each.
        return pd.Series(pd.array(column.cast(pa.large_string()).combine_chunks(), dtype="str"))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise BookError(
            f"the column holds {kind}, which is not one value a row", where=where, hint="leave it out"
        ) from error


def _narrow_decimals(column: pa.ChunkedArray) -> pa.ChunkedArray:
    bounds = pc.min_max(column).as_py()
    sizes = [abs(bound) for bound in bounds.values() if bound is not None]
    return column.cast(pa.float64() if max(sizes, default=0) < _LARGEST_EXACT else pa.large_string())
