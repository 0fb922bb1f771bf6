"""One record as a file: one JSON line per act, which ends with the hash of itself."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from arrisk.errors import BookError, OutputError
from arrisk.records.chain import START, Draft, Entry, Sealed, Soundness, explain_fault, follow, link

_SEAL = ',"sha256":"{}"}}'
_SEAL_LENGTH = len(_SEAL.format(START))


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
    found = check(path)
    if found.fault:
        raise explain_fault(found.fault, where=str(path))
    return found.entries


def check(path: Path) -> Soundness:
    """Check a record up to the first line that does not follow from the one before.

    Raises
    ------
    BookError
        When the record cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    except OSError as error:
        raise BookError("the record cannot be read", where=str(path)) from error
    return follow(_split(content))


def verify(path: Path) -> str:
    """Name the first line that does not follow from the one before; empty = all do. Raises as ``check`` does."""
    return check(path).fault


def write_line(entry: Entry) -> str:
    """Write an entry as it stands in the file, without the line's end."""
    return entry.body[:-1] + _SEAL.format(entry.sha256)


def _append_locked(path: Path, descriptor: int, draft: Draft) -> list[Entry]:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    entries, last, fault = follow(_split(whole))
    if fault:
        raise explain_fault(fault, where=str(path))
    added = link(draft(entries), after=len(entries), last_sha256=last)
    # What a killed writer left of its lines was never in force.
    os.ftruncate(descriptor, len(whole))
    lines = "".join(f"{write_line(entry)}\n" for entry in added).encode()
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


def _split(content: bytes) -> Iterator[Sealed]:
    """Part each whole line from the hash at its end; a line without one has none."""
    before, after = _SEAL.format("|").encode().split(b"|")
    for line in content.split(b"\n")[:-1]:
        seal = line[-_SEAL_LENGTH:]
        is_sealed = seal.startswith(before) and seal.endswith(after)
        sha256 = seal[len(before) : -len(after)].decode(errors="replace") if is_sealed else ""
        yield Sealed(line[:-_SEAL_LENGTH] + b"}", sha256)
