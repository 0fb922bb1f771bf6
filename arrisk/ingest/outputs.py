"""Writes result frames for other programs: Parquet, CSV or a workbook, by the name's ending, whole or not at all."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from arrisk.errors import OutputError
from arrisk.ingest.atomic import atomic_file, atomic_folder
from arrisk.ingest.harmless import defuse_frame

_LARGE = 1e7
"""From here on ten digits may cut off a thousandth."""

Writer = Callable[[pd.DataFrame, Path], None]


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    # Dictionaries do not pay for numbers that hardly repeat; lz4 costs a third of the default's time.
    frame.to_parquet(path, index=False, compression="lz4", use_dictionary=False)


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    defuse_frame(frame).to_csv(
        path, index=False, date_format="%Y-%m-%d", lineterminator="\n", float_format=_write_number
    )


def _write_number(value: object) -> str:
    """Write a number with ten digits, or with as many more as an amount needs for its cents."""
    number = float(str(value))
    return f"{number:.{10 if abs(number) < _LARGE else 15}g}"


def _write_workbook(frame: pd.DataFrame, path: Path) -> None:
    # The file has a temporary name by now, from which no engine could be guessed.
    with path.open("wb") as file, pd.ExcelWriter(file, engine="openpyxl") as writer:
        frame.to_excel(writer, index=False, freeze_panes=(1, 0))
        for row in next(iter(writer.sheets.values())).iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    # A name that begins with "=" is a name, and never runs.
                    cell.data_type, cell.quotePrefix = "s", True


_WRITERS: Mapping[str, Writer] = {".parquet": _write_parquet, ".csv": _write_csv, ".xlsx": _write_workbook}


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write one frame.

    Parameters
    ----------
    frame : any frame; its index is left out.
    path : ends in .parquet, .csv or .xlsx.

    Raises
    ------
    OutputError
        When the ending is another, the disk is full, or the place cannot be written.
    """
    writer = find_writer(path)
    with atomic_file(path) as partial:
        writer(frame, partial)


def write_pieces(pieces: Iterable[pd.DataFrame], path: Path) -> int:
    """Write one frame that comes in pieces of the same columns; as Parquet it never stands in memory as a whole.

    Returns
    -------
    int
        The number of rows.

    Raises
    ------
    OutputError
        As ``write_frame`` does.
    """
    writer = find_writer(path)
    with atomic_file(path) as partial:
        if path.suffix.lower() == ".parquet":
            return _write_row_groups(pieces, partial)
        frame = pd.concat(list(pieces), ignore_index=True)
        writer(frame, partial)
    return len(frame)


def _write_row_groups(pieces: Iterable[pd.DataFrame], path: Path) -> int:
    tables = (pa.table({str(name): _to_array(piece[name]) for name in piece}) for piece in pieces)
    first = next(tables)
    with pq.ParquetWriter(path, first.schema, compression="lz4", use_dictionary=False) as writer:
        count = 0
        for table in chain([first], tables):
            writer.write_table(table)
            count += table.num_rows
    return count


def _to_array(column: pd.Series) -> pa.Array:
    """Give a column to Arrow, missing numbers as nulls; one without any is not copied."""
    if not pd.api.types.is_float_dtype(column.dtype):
        return pa.array(column, from_pandas=True)
    values = column.to_numpy()
    missing = np.isnan(values)
    return pa.array(values, mask=missing) if missing.any() else pa.array(values)


def write_frames(
    frames: Mapping[str, pd.DataFrame], folder: Path, *, texts: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write several frames, and texts, by file name, as one folder; that of an earlier run is replaced as a whole."""
    writers = {name: find_writer(Path(name)) for name in frames}
    _require_own(folder, {*frames, *texts})
    with atomic_folder(folder, may_replace=True) as partial:
        for name, frame in frames.items():
            writers[name](frame, partial / name)
        for name, text in texts.items():
            (partial / name).write_text(text, "utf-8", newline="\n")


def find_writer(path: Path) -> Writer:
    """Find the writer for a file's ending.

    Raises
    ------
    OutputError
        When there is none.
    """
    if path.suffix.lower() not in _WRITERS:
        raise OutputError(f"cannot write '{path.suffix}' files", where=str(path), hint=", ".join(sorted(_WRITERS)))
    return _WRITERS[path.suffix.lower()]


def _require_own(folder: Path, names: set[str]) -> None:
    if folder.is_dir():
        strangers = sorted(path.name for path in folder.iterdir() if path.name not in names)
        if strangers:
            raise OutputError(
                f"the folder holds other files, such as {strangers[0]}",
                where=str(folder),
                hint="a new folder",
            )
