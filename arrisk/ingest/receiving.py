"""Files that strangers send: taken in piece by piece, named by their content, and looked at before they are read."""

import hashlib
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from arrisk.errors import InputError
from arrisk.ingest.atomic import atomic_file
from arrisk.ingest.settings import SETTINGS_FILE
from arrisk.schema import TABLES

FORMATS = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xlsb": "workbook",
    ".ods": "workbook",
    ".zip": "book",
}
"""What an ending stands for; ``book`` = canonical tables in one file."""

FOLDER = "uploads"
"""Below the state folder; a file's name in it is the SHA-256 of its content and its ending."""

_LONGEST_NAME = 200
_PIECE = 1 << 20
_MOST_MEMBERS = 1000
_MOST_ROWS = 20_000_000
_LARGEST_RATIO = 200
_HARMLESS_BYTES = 16 << 20
"""What unpacks to less is never looked upon as a bomb."""

_LETTERS = re.compile(r"[^\w .,()\[\]+@=-]")
_STARTS = {"parquet": b"PAR1", "workbook": b"PK\x03\x04", "book": b"PK\x03\x04"}


class RefusedFileError(InputError):
    """A file that was sent cannot be taken."""


class TooLargeFileError(RefusedFileError):
    """A file that was sent is larger than is taken, as it is or unpacked."""


@dataclass(frozen=True)
class Bounds:
    """How large a file may be, in bytes: as it is, and unpacked."""

    max_bytes: int
    max_unpacked_bytes: int


@dataclass(frozen=True)
class Received:
    """A file that was taken in.

    Parameters
    ----------
    name : without folders.
    format : one of the values of ``FORMATS``.
    sha256, size_bytes : of the content.
    """

    name: str
    format: str
    sha256: str
    size_bytes: int


class Receiver:
    """Takes a file in, piece by piece; nothing of a refused one stays.

    Parameters
    ----------
    name : as the sender says; folders in it are refused.
    bounds : how large it may be.

    Raises
    ------
    RefusedFileError
        When the name is none, or has an ending that is not taken.
    """

    def __init__(self, name: str, bounds: Bounds) -> None:
        self.name, self.format = read_name(name)
        self._bounds = bounds
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - it lives as long as the request
        self._hash, self._size = hashlib.sha256(), 0

    def take(self, piece: bytes) -> None:
        """Take the next piece.

        Raises
        ------
        TooLargeFileError
            When the file grows too large.
        """
        self._size += len(piece)
        if self._size > self._bounds.max_bytes:
            self.close()
            hint = f"at most {self._bounds.max_bytes:,} bytes; cut it by years, or send Parquet"
            raise TooLargeFileError("the file is too large", where=self.name, hint=hint)
        self._hash.update(piece)
        self._file.write(piece)

    def keep(self, home: Path) -> Received:
        """Look at the whole file, and keep it in the state folder, where the same content may lie already.

        Raises
        ------
        RefusedFileError
            When it is empty, is not what its ending says, or unpacks to too much.
        """
        if not self._size:
            self.close()
            raise RefusedFileError("the file is empty", where=self.name, hint="send the content as the body")
        received = Received(self.name, self.format, self._hash.hexdigest(), self._size)
        try:
            inspect(self._file, received, self._bounds)
            path = locate_upload(home, received.sha256, self.name)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                with atomic_file(path) as partial:
                    self._copy(partial)
        finally:
            self.close()
        return received

    def close(self) -> None:
        """Forget what was taken."""
        self._file.close()

    def _copy(self, path: Path) -> None:
        self._file.seek(0)
        with path.open("wb") as target:
            while piece := self._file.read(_PIECE):
                target.write(piece)


def read_name(name: str) -> tuple[str, str]:
    r"""Read the name of a file that was sent, and what its ending stands for.

    Raises
    ------
    RefusedFileError
        When it names a folder, or has an ending that is not taken.

    Examples
    --------
    >>> read_name("open items 2026.CSV")
    ('open items 2026.CSV', 'csv')
    """
    if not name.strip(" .") or "/" in name or "\\" in name or len(name) > _LONGEST_NAME:
        hint = "?name=export.csv: the file's own name, without folders"
        raise RefusedFileError("this is no file's name", where="name", hint=hint)
    if found := _LETTERS.search(name):
        raise RefusedFileError(f"a file's name cannot hold {found.group()!a}", where="name", hint="letters and digits")
    ending = PurePosixPath(name).suffix.lower()
    if ending not in FORMATS:
        what = f"'{ending or name}' files are not taken"
        raise RefusedFileError(what, where="name", hint="one of: " + ", ".join(FORMATS))
    return name, FORMATS[ending]


def locate_upload(home: Path, sha256: str, name: str) -> Path:
    """Give the place of a file that was sent: by its content, with its ending."""
    return home / FOLDER / sha256[:2] / f"{sha256}{PurePosixPath(name).suffix.lower()}"


def inspect(file: IO[bytes], received: Received, bounds: Bounds) -> None:
    """Refuse a file that is not what its ending says, or that unpacks to too much.

    Raises
    ------
    RefusedFileError
        When it is refused.
    """
    file.seek(0)
    start = file.read(4)
    wanted = _STARTS.get(received.format)
    is_other = any(start.startswith(other) for other in _STARTS.values())
    if (wanted and start != wanted) or (wanted is None and is_other):
        ending = PurePosixPath(received.name).suffix
        raise RefusedFileError(f"this is not a {ending} file", where=received.name, hint="its own ending")
    if received.format == "parquet":
        _inspect_parquet(file, received.name, bounds)
    elif received.format in ("workbook", "book"):
        _inspect_zip(file, received, bounds)


def _inspect_parquet(file: IO[bytes], name: str, bounds: Bounds) -> None:
    try:
        file.seek(0)
        metadata = pq.ParquetFile(file).metadata
    except (pa.ArrowException, OSError) as error:
        raise RefusedFileError("this is not a whole Parquet file", where=name, hint="write it again") from error
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    size = sum(group.total_byte_size for group in groups)
    if metadata.num_rows > _MOST_ROWS or size > bounds.max_unpacked_bytes:
        raise _say_bomb(name, bounds)


def _inspect_zip(file: IO[bytes], received: Received, bounds: Bounds) -> None:
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > _MOST_MEMBERS:
                raise _say_bomb(received.name, bounds)
            for member in members:
                _inspect_member(member, received)
            _unpack_all(archive, members, received.name, bounds)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise RefusedFileError("this file is damaged", where=received.name, hint="save and send it again") from error


def _inspect_member(member: zipfile.ZipInfo, received: Received) -> None:
    path = PurePosixPath(member.filename)
    if member.flag_bits & 0x1:
        raise RefusedFileError("this file is encrypted", where=received.name, hint="save it without a password")
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in member.filename:
        what = f"this file holds a name that leads elsewhere: {member.filename[:80]!a}"
        raise RefusedFileError(what, where=received.name, hint="pack the tables themselves")
    if received.format == "book" and not _is_table(path):
        what = f"this file holds {member.filename[:80]!a}, which is no canonical table"
        raise RefusedFileError(what, where=received.name, hint=f"NAME.csv, NAME.parquet and {SETTINGS_FILE}")


def _is_table(path: PurePosixPath) -> bool:
    is_table = path.stem in TABLES and path.suffix.lower() in (".csv", ".parquet")
    return len(path.parts) <= 2 and (is_table or path.name == SETTINGS_FILE)


def _unpack_all(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], name: str, bounds: Bounds) -> None:
    """Unpack everything once, keeping nothing: what a file says of its size need not be true."""
    total = 0
    for member in members:
        size = 0
        with archive.open(member) as unpacked:
            while piece := unpacked.read(_PIECE):
                size += len(piece)
                is_dense = size > _HARMLESS_BYTES and size > _LARGEST_RATIO * max(member.compress_size, 1)
                if is_dense or total + size > bounds.max_unpacked_bytes:
                    raise _say_bomb(name, bounds)
        total += size


def _say_bomb(name: str, bounds: Bounds) -> TooLargeFileError:
    hint = f"at most {bounds.max_unpacked_bytes:,} bytes unpacked; send CSV"
    return TooLargeFileError("this file unpacks to more than is taken", where=name, hint=hint)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Unpack a book that was taken in, for as long as it is read.

    Parameters
    ----------
    path : a zip whose names were looked at when it came.

    Yields
    ------
    Path
        A folder with the tables in it, whatever folder they were packed in.
    """
    with TemporaryDirectory(prefix="arrisk-book-") as scratch, zipfile.ZipFile(path) as archive:
        folder = Path(scratch)
        for member in archive.infolist():
            name = PurePosixPath(member.filename).name
            if not member.is_dir():
                with archive.open(member) as source, (folder / name).open("xb") as target:
                    while piece := source.read(_PIECE):
                        target.write(piece)
        yield folder
