"""Reads a source file, whatever its format, into columns of text, rows numbered as a person counts them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from arrisk.errors import InputError, nearest
from arrisk.ingest.csvfile import name_columns, read_csv

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
"""Endings that are read as a workbook."""


@dataclass(frozen=True)
class Options:
    """How a source is to be read; what is left empty is found out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_line: int = 1


@dataclass(frozen=True)
class Source:
    """A source file as text.

    Parameters
    ----------
    frame : one row per data row that is not empty; every column text, "" where the cell is empty; the index
        is the row number in the file, first data row = 1.
    notes : what was detected, for people to read.
    count_empty : data rows left out because every cell is empty.
    """

    frame: pd.DataFrame
    notes: list[str] = field(default_factory=list)
    count_empty: int = 0


def read_source(path: Path, options: Options | None = None) -> Source:
    """Read CSV, a workbook or Parquet into columns of text.

    Parameters
    ----------
    path : the file; its ending says which format it has, any other is read as delimited text.
    options : what the mapping says about the file.

    Raises
    ------
    InputError
        When the file is missing, empty, has a header only or one column only, has rows of different
        lengths, or cannot be read as what its ending says.
    """
    chosen = options or Options()
    content_size = _require_file(path)
    ending = path.suffix.lower()
    if ending in WORKBOOKS:
        table, notes = _read_workbook(path, chosen)
    elif ending in (".parquet", ".pq"):
        table, notes = _read_parquet(path), ["format Parquet"]
    else:
        table, notes = read_csv(
            path.read_bytes(),
            where=str(path),
            encoding=chosen.encoding,
            delimiter=chosen.delimiter,
            header_line=chosen.header_line,
        )
    if not table.num_rows:
        raise InputError(
            f"there is a header and no data row ({content_size} bytes)", where=str(path), hint="export again"
        )
    return _without_empty_rows(to_text_frame(table), notes)


def _require_file(path: Path) -> int:
    if path.is_dir():
        raise InputError("the source is a folder", where=str(path), hint="one file: CSV, XLSX or Parquet")
    if not path.exists():
        beside = [file.name for file in path.parent.glob("*") if file.is_file()] if path.parent.is_dir() else []
        hint = nearest(path.name, beside[:50]) if beside else "check the path"
        raise InputError("there is no such file", where=str(path), hint=hint)
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise InputError(f"the file cannot be opened: {error.strerror}", where=str(path)) from error
    if not size:
        raise InputError("the file is empty", where=str(path), hint="an export with a header line and at least one row")
    return size


def to_text_frame(table: pa.Table) -> pd.DataFrame:
    """Give a table of text columns as pandas text, rows numbered from 1."""
    filled = {
        name: pd.array(pc.fill_null(column.cast(pa.large_string()), ""), dtype="str")
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pd.DataFrame(filled, index=pd.RangeIndex(1, table.num_rows + 1))


def _without_empty_rows(frame: pd.DataFrame, notes: list[str]) -> Source:
    is_empty = np.ones(len(frame), dtype=bool)
    for name in frame.columns:
        if not is_empty.any():
            return Source(frame, notes)
        is_empty &= (frame[name].str.strip() == "").to_numpy(dtype=bool)
    count = int(is_empty.sum())
    return Source(frame.loc[~is_empty], [*notes, f"{count} rows without any content left out"], count)


def _read_parquet(path: Path) -> pa.Table:
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"this is not a Parquet file: {error}", where=str(path), hint="check the ending") from error
    return pa.table({name: _as_text(table[name], name, path) for name in table.column_names})


def _as_text(column: pa.ChunkedArray, name: str, path: Path) -> pa.ChunkedArray:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    try:
        plain = column.cast(kind)
        is_moment = pa.types.is_timestamp(kind)
        return pc.strftime(plain, format="%Y-%m-%d") if is_moment else plain.cast(pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(
            f"column '{name}' holds {column.type}, which is not one value a row",
            where=str(path),
            hint="leave it out",
        ) from error


def _read_workbook(path: Path, options: Options) -> tuple[pa.Table, list[str]]:
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = list(workbook.sheet_names)
        sheet = options.sheet or (names[0] if names else "")
        if sheet not in names:
            raise InputError(f"there is no sheet '{sheet}'", where=str(path), hint=nearest(sheet, names))
        rows = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise InputError(f"this workbook cannot be read: {error}", where=str(path), hint="save it as .xlsx") from error
    others = f" (of {len(names)}; sheet = ... in the mapping chooses another)" if len(names) > 1 else ""
    return _to_table(rows[options.header_line - 1 :], f"{path}, sheet '{sheet}'"), [f"sheet '{sheet}'{others}"]


def _to_table(rows: Sequence[Sequence[object]], where: str) -> pa.Table:
    if not rows or not any(_cell(value) for value in rows[0]):
        raise InputError(
            "the header line is empty", where=where, hint="header_line = ... under [source] in the mapping"
        )
    header = name_columns([_cell(value) for value in rows[0]])
    columns = zip(*rows[1:], strict=True) if len(rows) > 1 else [[] for _ in header]
    texts = [pa.array([_cell(value) for value in column], type=pa.large_string()) for column in columns]
    return pa.table(dict(zip(header, texts, strict=True)))


def _cell(value: object) -> str:
    """Write a workbook's cell as text: dates as ISO, whole numbers without ``.0``, decimals as they print.

    >>> _cell(1930571429.0), _cell(12.5), _cell(datetime(2024, 2, 29, 0, 0)), _cell(None)
    ('1930571429', '12.5', '2024-02-29', '')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else np.format_float_positional(value, trim="-")
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date | time | timedelta | int | str):
        return str(value)
    return ""
