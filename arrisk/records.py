"""Append-only records: one JSON line per act, added at the end and never changed.

Each line holds the SHA-256 of the line before it, so that a line edited, dropped or put in is found. Lines cut off at
the end are not: the last line's hash, noted elsewhere, shows these.
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
        return json.dumps(vars(self), ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """The hash that the next line holds."""
        return hashlib.sha256(self.line.encode()).hexdigest()


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
    entries, _, fault = _parse(_read_bytes(path))
    if fault:
        raise _explain(path, fault)
    return entries


class Soundness(NamedTuple):
    """How far a record is sound: lines, the hash of the last of them, and what is wrong after it (empty = nothing)."""

    lines: int
    last_sha256: str
    fault: str


def check(path: Path) -> Soundness:
    """Check a record up to the first line that does not follow from the one before.

    Raises
    ------
    BookError
        When the record cannot be read.
    """
    entries, last, fault = _parse(_read_bytes(path))
    return Soundness(len(entries), last, fault)


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


def _parse(content: bytes) -> tuple[list[Entry], str, str]:
    """Read the entries up to the first that does not follow; give the hash of the last line, and the fault."""
    entries: list[Entry] = []
    previous = START
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        try:
            entry = Entry(**json.loads(line))
            is_sound = entry.seq == number and entry.previous_sha256 == previous
        except (ValueError, TypeError):
            is_sound = False
        if not is_sound:
            return entries, previous, f"line {number} does not follow from the line before it"
        entries.append(entry)
        previous = hashlib.sha256(line).hexdigest()
    return entries, previous, ""
