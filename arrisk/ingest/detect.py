"""What kind of text is this: the encoding and the delimiter of a delimited file, found and said."""

import codecs
import csv
from collections.abc import Sequence
from typing import NamedTuple

from charset_normalizer import from_bytes

from arrisk.errors import InputError, nearest

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
"""The delimiters that are looked for, and what a person calls them."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_FORMATS = (
    (b"PK\x03\x04", ".xlsx"),
    (b"PAR1", ".parquet"),
    (b"\xd0\xcf\x11\xe0", ".xls"),
    (b"%PDF", ".pdf"),
)
_EIGHT_BIT = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "iso8859_15", "mac_roman", "cp850", "cp437"]
_SAMPLE_LINES = 100
_SAMPLE_BYTES = 65_536


class Decoded(NamedTuple):
    """The text of a file as UTF-8 without a byte-order mark, and how it was read."""

    utf8: bytes
    encoding: str
    is_certain: bool


def decode(content: bytes, *, encoding: str = "", where: str = "") -> Decoded:
    r"""Turn a file's bytes into UTF-8.

    Parameters
    ----------
    content : the whole file.
    encoding : what the mapping says; empty = find out: byte-order mark, else UTF-8 if every byte agrees, else
        the likeliest 8-bit encoding.
    where : the file's name, for the message.

    Raises
    ------
    InputError
        When the content is not text, or not in the encoding that the mapping states.

    Examples
    --------
    >>> decode("Müller".encode("utf-16"))
    Decoded(utf8=b'M\xc3\xbcller', encoding='utf-16', is_certain=True)
    >>> decode(b"M\xfcller GmbH & Co; Gr\xfc\xdfe").encoding
    'cp1252'
    """
    _require_text(content, where)
    if encoding:
        return _decode_as(content, _named(encoding, where), where)
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _decode_as(content, name, where)
    if b"\0" in content[:_SAMPLE_BYTES]:
        return _decode_as(content, _wide_encoding(content, where), where)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        found = _guess_eight_bit(content, error.start)
        return Decoded(content.decode(found, errors="replace").encode(), found, is_certain=False)
    return Decoded(content, "utf-8", is_certain=True)


def _require_text(content: bytes, where: str) -> None:
    for start, ending in _OTHER_FORMATS:
        if content.startswith(start):
            raise InputError(
                f"this is not a text file: it begins like a {ending} file",
                where=where,
                hint=f"name it with the ending {ending}" if ending != ".pdf" else "export it as CSV, XLSX or Parquet",
            )


def _named(encoding: str, where: str) -> str:
    try:
        found = codecs.lookup(encoding).name
    except LookupError as error:
        known = ["utf-8", "utf-16", "cp1252", "latin-1", "cp1250", "mac_roman"]
        raise InputError(f"unknown encoding '{encoding}'", where=where, hint=nearest(encoding, known)) from error
    return "utf-8-sig" if found == "utf-8" else found


def _decode_as(content: bytes, encoding: str, where: str) -> Decoded:
    if encoding == "utf-8-sig" and not content.startswith(codecs.BOM_UTF8):
        encoding = "utf-8"
    try:
        return Decoded(content.decode(encoding).encode(), encoding, is_certain=True)
    except UnicodeError as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else len(content)
        line = content.count(b"\n", 0, at) + 1
        raise InputError(
            f"the text is not {encoding}",
            where=f"{where}, line {line}".lstrip(", "),
            hint="leave encoding out of the mapping, so that it is detected, or export as UTF-8",
        ) from error


def _wide_encoding(content: bytes, where: str) -> str:
    sample = content[: _SAMPLE_BYTES // 2 * 2]
    encoding = "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
    letters = sample.decode(encoding, errors="replace")
    count_odd = sum(not (letter.isprintable() or letter in "\r\n\t") for letter in letters)
    if count_odd > len(letters) / 50:
        raise InputError("this is not a text file", where=where, hint="export it as CSV, XLSX or Parquet")
    return encoding


def _guess_eight_bit(content: bytes, first_odd: int) -> str:
    # A guess needs the lines that decide: those with a byte above 127, not a megabyte of plain digits.
    lines = [line for line in content[max(0, first_odd - 200) :].splitlines() if not line.isascii()]
    sample = b"\n".join(lines[:2000])[:_SAMPLE_BYTES]
    best = from_bytes(sample, cp_isolation=_EIGHT_BIT).best()
    found = best.encoding if best is not None else "cp1252"
    # Encodings that read these bytes alike need no finer answer than the commonest of them.
    return "cp1252" if _reads_alike(sample, found, "cp1252") else found


def _reads_alike(sample: bytes, one: str, other: str) -> bool:
    return sample.decode(one, errors="replace") == sample.decode(other, errors="replace")


def find_delimiter(text: str) -> str:
    r"""Find the delimiter that cuts the first lines into the same number of columns.

    Parameters
    ----------
    text : the beginning of the file, the header first.

    Returns
    -------
    str
        One of ``DELIMITERS``, or "" when none cuts the header into two columns or more.

    Examples
    --------
    >>> find_delimiter("id;amount\n1;2,50\n2;3,75\n")
    ';'
    >>> find_delimiter("only one column\n1\n")
    ''
    """
    lines = text.splitlines()[:_SAMPLE_LINES]
    best = max(DELIMITERS, key=lambda delimiter: _fit(lines, delimiter))
    return best if _fit(lines, best)[1] > 1 else ""


def _fit(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    if not rows or len(rows[0]) < 2:
        return 0.0, 0
    width = len(rows[0])
    return sum(len(row) == width for row in rows) / len(rows), width
