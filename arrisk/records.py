"""Append-only records: one JSON line per act, added at the end and never changed.

Each line ends with the SHA-256 of itself, which the next line holds too, so that a line edited, dropped or put in is
found, the last one included. Lines cut off at the end are not, nor a record that was written anew as a whole: the last
line's hash, noted elsewhere, shows these.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from arrisk.errors import BookError, OutputError

START = "0" * 64
"""What the first line holds in place of the hash of the line before it."""

_SEAL = ',"sha256":"{}"}}'
_SEAL_LENGTH = len(_SEAL.format(START))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a record.

    Parameters
    ----------
    seq : 1, 2, ...; given when it is added.
    at : when, ISO 8601 in UTC; whoever adds it reads the clock.
    by : who did it.
    action : what was done, one word.
    content : what belongs to it, as JSON can hold it.
    previous_sha256 : of the line before; given when it is added.
    """

    seq: int = 0
    at: str
    by: str
    action: str
    content: Mapping[str, Any]
    previous_sha256: str = ""

    @property
    def line(self) -> str:
        """The entry as it stands in the record, without the line's end."""
        return self._body[:-1] + _SEAL.format(self.sha256)

    @property
    def sha256(self) -> str:
        """The hash of all that the entry says, which the next line holds."""
        return hashlib.sha256(self._body.encode()).hexdigest()

    @property
    def _body(self) -> str:
        return json.dumps(vars(self), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


Draft = Callable[[Sequence[Entry]], Sequence[Entry]]
"""Makes the next entries from those there are."""


def append(path: Path, entry: Entry) -> Entry:
    """Add one entry; raises as ``append_drafted`` does."""
    return append_drafted(path, lambda _: [entry])[0]


def append_drafted(path: Path, draft: Draft) -> list[Entry]:
    """Add entries that depend on those there are; nobody else can add any meanwhile.

    Parameters
    ----------
    path : the record; it and its folder are made where they are missing.
    draft : is given the entries so far. What it raises leaves the record as it was; its entries are added all or none.

    Returns
    -------
    list of Entry
        The entries as they were added.

    Raises
    ------
    BookError
        When a line of the record was changed.
    OutputError
        When it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            return _append_locked(path, descriptor, draft)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OutputError(f"the record cannot be written: {error.strerror}", where=str(path)) from error


def read(path: Path) -> list[Entry]:
    """Read a whole record; one that does not exist is empty.

    Raises
    ------
    BookError
        When it cannot be read, or a line was changed.
    """
    found = _parse(_read_bytes(path))
    if found.fault:
        raise _explain(path, found.fault)
    return found.entries


class Soundness(NamedTuple):
    """How far a record is sound: its entries, the hash of the last, and what is wrong after it (empty = nothing)."""

    entries: list[Entry]
    last_sha256: str
    fault: str


def check(path: Path) -> Soundness:
    """Check a record up to the first line that does not follow from the one before.

    Raises
    ------
    BookError
        When the record cannot be read.
    """
    return _parse(_read_bytes(path))


def verify(path: Path) -> str:
    """Name the first line that does not follow from the one before; empty = all do. Raises as ``check`` does."""
    return check(path).fault


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise BookError("the record cannot be read", where=str(path)) from error


def _explain(path: Path, fault: str) -> BookError:
    return BookError(f"the record was changed: {fault}", where=str(path), hint="the record of a backup")


def _append_locked(path: Path, descriptor: int, draft: Draft) -> list[Entry]:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    entries, previous, fault = _parse(whole)
    if fault:
        raise _explain(path, fault)
    added: list[Entry] = []
    for entry in draft(entries):
        added.append(replace(entry, seq=len(entries) + len(added) + 1, previous_sha256=previous))
        previous = added[-1].sha256
    # What a killed writer left of its lines was never in force.
    os.ftruncate(descriptor, len(whole))
    lines = "".join(f"{entry.line}\n" for entry in added).encode()
    if os.write(descriptor, lines) < len(lines):
        os.ftruncate(descriptor, len(whole))
        raise OSError(None, "no space left")
    os.fsync(descriptor)
    if not whole:
        _sync_folder(path.parent)
    return added


def _sync_folder(folder: Path) -> None:
    """Make sure that a new record's name is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parse(content: bytes) -> Soundness:
    """Read the entries up to the first that is not as it was written, or does not follow from the one before."""
    entries: list[Entry] = []
    previous = START
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        body = line[:-_SEAL_LENGTH] + b"}"
        # The bytes themselves are hashed: what was written otherwise says something else, and is read faster.
        own = hashlib.sha256(body).hexdigest()
        try:
            entry = Entry(**json.loads(body))
            follows = entry.seq == number and entry.previous_sha256 == previous
        except (ValueError, TypeError):
            follows = False
        if not follows or line[-_SEAL_LENGTH:] != _SEAL.format(own).encode():
            what = f"line {number} is not as it was written, or does not follow from the line before it"
            return Soundness(entries, previous, what)
        entries.append(entry)
        previous = own
    return Soundness(entries, previous, "")
