"""Lists as files to download: CSV, or a workbook; harmless for a spreadsheet program."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import pandas as pd
from fastapi import Query
from fastapi.responses import Response

from arrisk.ingest.outputs import write_frame
from arrisk.money import to_major, write_minor

FileFormat = Literal["csv", "xlsx"]
Format = Annotated[FileFormat, Query(alias="format", description="csv, or xlsx for a workbook.")]

_TYPES: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}


def describe_files(*formats: str) -> dict[int | str, dict[str, Any]]:
    """Describe the answer of an endpoint that gives files."""
    return {200: {"description": "The file.", "content": {_TYPES[name]: _BINARY for name in formats}}}


def send_frame(frame: pd.DataFrame, *, name: str, file_format: FileFormat) -> Response:
    """Send a frame as a file.

    Parameters
    ----------
    name : of the file, without its ending.
    """
    with tempfile.TemporaryDirectory(prefix="arrisk-export-") as folder:
        path = Path(folder) / f"export.{file_format}"
        write_frame(frame, path)
        return send_bytes(path.read_bytes(), name=name, file_format=file_format)


def send_bytes(content: bytes, *, name: str, file_format: str) -> Response:
    """Send a file; its name keeps letters, digits, dots, dashes and underscores."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "-" for letter in name)
    headers = {
        "Content-Disposition": f'attachment; filename="{plain}.{file_format}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=_TYPES[file_format], headers=headers)


def write_money(
    frame: pd.DataFrame, amounts: Sequence[str], *, file_format: FileFormat, currency: str | None = None
) -> pd.DataFrame:
    """Give a frame with its amounts as a file holds them: exact text in CSV, numbers in a workbook.

    Parameters
    ----------
    amounts : columns of int64 minor units.
    currency : of all of them; None = as the column ``currency`` says.
    """
    currencies = frame["currency"] if currency is None else pd.Series([currency] * len(frame), index=frame.index)
    if file_format == "xlsx":
        return frame.assign(**{name: to_major(frame[name], currencies.astype("str")) for name in amounts})
    return frame.assign(
        **{
            name: [write_minor(int(minor), code) for minor, code in zip(frame[name], currencies, strict=True)]
            for name in amounts
        }
    )
