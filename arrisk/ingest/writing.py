"""Writes a book: canonical tables, settings and the lists of problems, all of it or nothing."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from arrisk import money
from arrisk.errors import OutputError
from arrisk.frames import Days, match, take, to_arrow
from arrisk.ingest.atomic import atomic_folder
from arrisk.ingest.books import REJECTED_FILE, WARNINGS_FILE, is_book
from arrisk.ingest.harmless import defuse_frame
from arrisk.ingest.settings import SETTINGS_FILE, Settings, format_settings
from arrisk.schema import SOURCE_ROW, TABLES, Book, money_columns
from arrisk.schema.problems import REFUSED, WARNING

FileFormat = Literal["csv", "parquet"]

_OWN_COLUMNS = [SOURCE_ROW, "known_day", "superseded_day"]
_PROBLEM_COLUMNS = ["table", "row", "column", "value", "rule", "hint"]
# 10 ** -n as a decimal, for n = 0 .. 4: no currency has more decimals.
_UNITS = pa.array([Decimal(1).scaleb(-places) for places in range(5)], type=pa.decimal128(5, 4))


def write_book(
    tables: Mapping[str, pd.DataFrame],
    folder: Path,
    *,
    settings: Settings | None = None,
    problems: pd.DataFrame | None = None,
    file_format: FileFormat = "csv",
    overwrite: bool = False,
) -> None:
    """Write a book's folder, whole or not at all.

    Parameters
    ----------
    tables : canonical tables by name, as text or typed, amounts as decimals (``book_tables`` gives a checked
        book's). Empty tables are left out, customers and invoices apart.
    folder : where; it must not exist or be empty, unless it is a book and ``overwrite``.
    settings : what ``book.toml`` shall state.
    problems : as in ``Checked.problems``; what refused a row goes to ``rejected.csv``, the rest to
        ``warnings.csv``.
    file_format : ``csv`` or ``parquet``, of the tables; the lists of problems are CSV.
    overwrite : whether a book that is there may be replaced. It stays until the new one is complete.

    Raises
    ------
    OutputError
        When the folder holds something else, the disk is full, or the place cannot be written.
    """
    _require_replaceable(folder, overwrite=overwrite)
    with atomic_folder(folder, may_replace=overwrite) as partial:
        for name, frame in tables.items():
            if len(frame) or name in ("customers", "invoices"):
                _write_table(to_arrow_table(frame), partial / f"{name}.{file_format}")
        (partial / SETTINGS_FILE).write_text(format_settings(settings or Settings()), encoding="utf-8")
        if problems is not None:
            _write_problems(problems, REFUSED, partial / REJECTED_FILE)
            _write_problems(problems, WARNING, partial / WARNINGS_FILE)


def book_tables(book: Book) -> dict[str, pd.DataFrame]:
    """Give a checked book's tables as they are written: amounts as decimals, no columns that say nothing.

    Examples
    --------
    >>> from arrisk.schema import check
    >>> days = {"issued_on": "2024-01-02", "due_on": "2024-02-01"}
    >>> invoices = pd.DataFrame([{"invoice_id": "1", "customer_id": "A", "amount": "9.5", **days}])
    >>> raw = {"customers": pd.DataFrame({"customer_id": ["A"]}), "invoices": invoices}
    >>> book_tables(check(raw, name="demo", currency="EUR").book)["invoices"]["amount"].tolist()
    [Decimal('9.50')]
    """
    return {name: _as_written(book, name) for name in book.tables}


def _require_replaceable(folder: Path, *, overwrite: bool) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        if not is_book(folder):
            raise OutputError("the folder is not empty and is no book", where=str(folder), hint="a new folder")
        if not overwrite:
            raise OutputError("there is a book already", where=str(folder), hint="--overwrite, or a new folder")
    elif folder.exists() and not folder.is_dir():
        raise OutputError("this is a file, not a folder", where=str(folder), hint="a new folder")


def _as_written(book: Book, name: str) -> pd.DataFrame:
    frame = book[name]
    places = _decimals(book, name)
    written = frame.assign(
        **{column: to_decimals(frame[column], places) for column in money_columns(TABLES[name]) if column in frame}
    ).drop(columns=_OWN_COLUMNS, errors="ignore")
    required = {column.name for column in TABLES[name].columns if column.is_required}
    silent = [column for column in written.columns.difference(sorted(required)) if written[column].isna().all()]
    if "entity_id" in written and (written["entity_id"] == "main").all():
        silent.append("entity_id")
    return written.drop(columns=silent)


def _decimals(book: Book, name: str) -> Days:
    """Give the decimals of each row's money: of its own currency, of its invoice's, or of the book's."""
    frame = book[name]
    if "currency" in frame:
        return money.exponents(frame["currency"])
    usual = money.exponent(book.currency)
    if "invoice_id" not in frame:
        return np.full(len(frame), usual, dtype="int64")
    invoices = book["invoices"]
    return take(money.exponents(invoices["currency"]), match(frame["invoice_id"], invoices["invoice_id"]), usual)


def to_decimals(minor: pd.Series, decimals: Days) -> pd.Series:
    """Turn minor units into exact decimals.

    Parameters
    ----------
    minor : whole minor units, int64 or Int64 with missing values.
    decimals : of each row's currency.

    Examples
    --------
    >>> to_decimals(pd.Series([1005, -7]), np.array([2, 0])).tolist()
    [Decimal('10.05'), Decimal('-7.00')]
    """
    scale = int(decimals.max(initial=0))
    whole = pa.array(minor, from_pandas=True).cast(pa.decimal128(19, 0))
    exact = pc.multiply(whole, _UNITS.take(pa.array(decimals)))
    return pd.Series(pd.array(exact.cast(pa.decimal128(22, scale)), dtype=pd.ArrowDtype(pa.decimal128(22, scale))))


def to_arrow_table(frame: pd.DataFrame) -> pa.Table:
    """Give a canonical frame as an Arrow table, its dates as dates."""
    columns = frame.drop(columns=_OWN_COLUMNS, errors="ignore")
    return pa.table({str(name): _to_column(columns[name]) for name in columns.columns})


def _to_column(values: pd.Series) -> pa.Array:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return pa.array(values.to_numpy().astype("datetime64[D]"), type=pa.date32())
    if pd.api.types.is_string_dtype(values.dtype):
        return to_arrow(values.astype("str"))
    return pa.array(values, from_pandas=True)


def _write_table(table: pa.Table, path: Path) -> None:
    if path.suffix == ".parquet":
        pq.write_table(table, path)
        return
    _write_csv(table, path)


def _write_csv(table: pa.Table, path: Path) -> None:
    # Arrow's "needed" puts quotes around every text; without quotes it refuses text that needs them.
    style = "needed" if any(_needs_quotes(column) for column in table.columns) else "none"
    with path.open("wb") as file:
        # Arrow quotes every name of the header, needed or not.
        file.write((",".join(_quote(name) for name in table.column_names) + "\n").encode())
        pacsv.write_csv(table, file, pacsv.WriteOptions(include_header=False, quoting_style=style))


def _needs_quotes(column: pa.ChunkedArray) -> bool:
    if not pa.types.is_large_string(column.type):
        return False
    return bool(pc.any(pc.match_substring_regex(column, '[,"\\r\\n]')).as_py())


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if any(letter in name for letter in ',"\n\r') else name


def _write_problems(problems: pd.DataFrame, severity: str, path: Path) -> None:
    chosen = problems.loc[problems["severity"] == severity, _PROBLEM_COLUMNS]
    # People open this list in a spreadsheet; a cell that was refused is whatever somebody sent.
    _write_csv(to_arrow_table(defuse_frame(chosen)), path)
