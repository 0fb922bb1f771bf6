"""Delimited text, in any encoding and with any usual delimiter, into columns of text."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

import pyarrow as pa
import pyarrow.csv as pacsv

from arrisk.errors import InputError
from arrisk.ingest.detect import DELIMITERS, Decoded, decode, find_delimiter

_SAMPLE = 262_144
_EMPTY = "an export with a header line and at least one row"
_QUOTES = "look for a double quote that is opened and not closed"
_BLOCK = 8 * 2**20


def read_csv(
    content: bytes,
    *,
    where: str,
    encoding: str = "",
    delimiter: str = "",
    header_line: int = 1,
    fewest_columns: int = 2,
) -> tuple[pa.Table, list[str]]:
    """Read delimited text into columns of text.

    Parameters
    ----------
    content : the whole file.
    where : the file's name, for messages.
    encoding, delimiter : what the mapping says; empty = detect.
    header_line : the line with the column names, counted from 1.
    fewest_columns : fewer than this are taken for a wrong delimiter.

    Returns
    -------
    tuple
        The table, every column text with empty cells as "", and notes on what was detected.

    Raises
    ------
    InputError
        When the file is empty or not text, has one column only, or has rows of another length than the
        header; these are named by their lines.
    """
    text = decode(content, encoding=encoding, where=where)
    body = _from_line(text.utf8, header_line)
    stripped = body.lstrip(b"\r\n")
    if not stripped.strip():
        raise InputError("the file is empty", where=where, hint=_EMPTY)
    first_line = header_line + body[: len(body) - len(stripped)].count(b"\n")
    try:
        used, header = _read_header(stripped, delimiter, fewest_columns, where)
        table = _parse(stripped, used, len(header), where=where, first_line=first_line)
    except csv.Error as error:
        raise InputError(f"the file cannot be cut into rows: {error}", where=where, hint=_QUOTES) from error
    _require_closed_quotes(stripped, table, where)
    notes = [_say_encoding(text, encoding), _say_delimiter(used, delimiter)]
    return table.rename_columns(name_columns(header)), notes


def _read_header(body: bytes, given: str, fewest_columns: int, where: str) -> tuple[str, list[str]]:
    beginning = body[:_SAMPLE].decode("utf-8", errors="ignore")
    found = find_delimiter(beginning)
    used = given or found or ","
    header = next(iter(csv.reader(io.StringIO(beginning), delimiter=used)), [])
    if len(header) < fewest_columns:
        raise _one_column(given=given, found=found, where=where)
    return used, header


def _say_encoding(text: Decoded, given: str) -> str:
    if given:
        return f"encoding {given}, as the mapping says"
    certainty = "" if text.is_certain else " (likely; state it in the mapping if letters look wrong)"
    return f"encoding {text.encoding}{certainty}"


def _say_delimiter(used: str, given: str) -> str:
    return f"delimiter {DELIMITERS.get(used, repr(used))}" + (", as the mapping says" if given else "")


def _require_closed_quotes(body: bytes, table: pa.Table, where: str) -> None:
    # A quote that is never closed swallows all later rows into one cell: that must not pass for a short file.
    if body.count(b'"') % 2 and table.num_rows:
        last = table.slice(table.num_rows - 1).to_pylist()[0]
        if any("\n" in cell for cell in last.values()):
            raise InputError(
                "a double quote is opened and not closed",
                where=f"{where}, data row {table.num_rows}",
                hint=_QUOTES,
            )


def name_columns(header: list[str]) -> list[str]:
    """Give every column a name of its own: empty ones by position, repeated ones numbered.

    Examples
    --------
    >>> name_columns(["id", " Currency ", "", "Currency"])
    ['id', 'Currency', 'column 3', 'Currency.1']
    """
    seen: dict[str, int] = {}
    names = []
    for position, raw in enumerate(header, start=1):
        name = " ".join(raw.split()) or f"column {position}"
        seen[name] = seen.get(name, -1) + 1
        names.append(f"{name}.{seen[name]}" if seen[name] else name)
    return names


def _from_line(utf8: bytes, line: int) -> bytes:
    start = 0
    for _ in range(line - 1):
        start = utf8.find(b"\n", start) + 1
        if start == 0:
            return b""
    return utf8[start:] if start else utf8


def _one_column(*, given: str, found: str, where: str) -> InputError:
    hint = f"delimiter = {found!r} in the mapping" if found else f"one of: {', '.join(DELIMITERS.values())}"
    cause = f"with {DELIMITERS.get(given, repr(given))} as delimiter" if given else "no delimiter was found"
    return InputError(f"there is only one column: {cause}", where=where, hint=hint)


def _parse(body: bytes, delimiter: str, width: int, *, where: str, first_line: int) -> pa.Table:
    names = [f"{position}" for position in range(width)]
    try:
        return pacsv.read_csv(
            pa.BufferReader(body),
            read_options=pacsv.ReadOptions(column_names=names, skip_rows_after_names=1, block_size=_BLOCK),
            parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=b'"' in body),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid as error:
        ragged = list(islice(_find_ragged(body, delimiter, width), 4))
        if not ragged:
            raise InputError(f"the file cannot be cut into rows: {error}", where=where, hint=_QUOTES) from error
        places = ", ".join(f"line {line + first_line - 1} has {count}" for line, count in ragged[:3])
        more = " and more" if len(ragged) > 3 else ""
        raise InputError(
            f"the header has {width} columns, but {places}{more}",
            where=where,
            hint=f"put text that contains a {DELIMITERS.get(delimiter, repr(delimiter))} in double quotes",
        ) from error


def _find_ragged(body: bytes, delimiter: str, width: int) -> Iterator[tuple[int, int]]:
    """Find the line and length of each row that is longer or shorter than the header."""
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline=""), delimiter=delimiter)
    start = 1
    for row in rows:
        if row and len(row) != width:
            yield start, len(row)
        start = rows.line_num + 1
