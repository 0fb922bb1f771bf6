"""Whole or not at all: every output is written beside its target and renamed into place.

A partial output is named ``.arrisk-partial-TARGET-...`` and locked while its writer lives. The lock goes with
the process, however it ends, so that the next run can tell a killed run's leftovers from a neighbour's work.
"""

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from arrisk.errors import OutputError

PARTIAL = ".arrisk-partial-"
"""How the name of an unfinished output begins."""

REPLACED = ".arrisk-replaced-"
"""How the name of a folder begins that is being replaced."""

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_FOLDER = {errno.ENOENT, errno.ENOTDIR}


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Give a path to write to; it takes the place of ``path`` when the block ends well.

    Parameters
    ----------
    path : the output. A device such as ``/dev/stdout`` is written directly.

    Yields
    ------
    Path
        An empty file in the same folder, for the caller to fill.

    Raises
    ------
    OutputError
        When the disk is full, or the place cannot be written. Nothing is left behind, and an older file at
        ``path`` is as it was.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic_file(Path(folder) / "result.json") as partial:
    ...         _ = partial.write_text("{}")
    ...     sorted(os.listdir(folder))
    ['result.json']
    """
    with _explained(path):
        if path.is_dir():
            raise OutputError("the output is a folder", where=str(path), hint="the name of a file in it")
        if path.exists() and not path.is_file():
            yield path
            return
        target = Path(os.path.realpath(path))
        partial, lock = _start(target, is_folder=False)
        try:
            yield partial
            _sync(partial)
            partial.replace(target)
            _sync(target.parent)
        finally:
            _discard(partial, lock)


@contextlib.contextmanager
def atomic_folder(path: Path, *, may_replace: bool = False) -> Iterator[Path]:
    """Give a folder to fill; it takes the place of ``path`` when the block ends well.

    Parameters
    ----------
    path : the output folder; it must not exist, or be empty, unless ``may_replace``.
    may_replace : whether a folder with content may be replaced; it is moved aside until the new one
        stands.

    Raises
    ------
    OutputError
        When there is a file or a folder with content at ``path``, the disk is full, or the place cannot be
        written.
    """
    with _explained(path):
        target = Path(os.path.realpath(path))
        partial, lock = _start(target, is_folder=True)
        try:
            if not may_replace:
                _require_free(target)
            yield partial
            for file in sorted(partial.rglob("*")):
                _sync(file)
            _sync(partial)
            with _locked(target.parent):
                _put_in_place(partial, target)
            _sync(target.parent)
        finally:
            _discard(partial, lock)


def _require_free(target: Path) -> None:
    if target.is_dir() and any(target.iterdir()):
        raise OutputError("the output folder is not empty", where=str(target), hint="a new folder")
    if target.exists() and not target.is_dir():
        raise OutputError("the output is a file, not a folder", where=str(target), hint="a new folder")


def _put_in_place(partial: Path, target: Path) -> None:
    if not target.is_dir() or not any(target.iterdir()):
        partial.rename(target)
        return
    aside = target.with_name(f"{REPLACED}{target.name}-{secrets.token_hex(4)}")
    target.rename(aside)
    try:
        partial.rename(target)
    except OSError:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _start(target: Path, *, is_folder: bool) -> tuple[Path, int]:
    partial = target.with_name(f"{PARTIAL}{target.name}-{secrets.token_hex(4)}")
    # Under the parent's lock nobody cleans up between the making of a partial output and its lock.
    with _locked(target.parent):
        _restore(target)
        _clean(target)
        if is_folder:
            partial.mkdir()
            lock = os.open(partial, os.O_RDONLY)
        else:
            lock = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        _try_lock(lock)
    return partial, lock


def _restore(target: Path) -> None:
    """Put back a folder whose writer was killed between moving the old one aside and the new one in."""
    for aside in target.parent.glob(f"{REPLACED}{_escaped(target.name)}-????????"):
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(target)


def _clean(target: Path) -> None:
    for leftover in target.parent.glob(f"{PARTIAL}{_escaped(target.name)}-????????"):
        lock = os.open(leftover, os.O_RDONLY)
        if _try_lock(lock):
            _discard(leftover, lock)
        else:
            os.close(lock)


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # A file system without locks is no reason to refuse the work.
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _discard(partial: Path, lock: int) -> None:
    os.close(lock)
    if partial.is_dir():
        shutil.rmtree(partial, ignore_errors=True)
    else:
        partial.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        explained = _explain(error, path)
        if explained is None:
            raise
        raise explained from error


def _explain(error: OSError, path: Path) -> OutputError | None:
    where = str(path)
    if not _is_ours(error, path):
        return None
    if error.errno in _NO_SPACE:
        return OutputError("no space left to write the output", where=where, hint="another disk, or free some space")
    if error.errno in _NOT_ALLOWED:
        return OutputError(
            "the output may not be written there", where=where, hint="another folder, or its permissions"
        )
    if error.errno in _NO_FOLDER and not path.parent.is_dir():
        hint = f"mkdir -p '{path.parent}'" if not _lies_under_a_file(path) else "a path whose parts are all folders"
        return OutputError("there is no such folder to write to", where=str(path.parent), hint=hint)
    return OutputError(f"the output cannot be written: {error.strerror or error}", where=where, hint="another folder")


def _is_ours(error: OSError, path: Path) -> bool:
    """Tell an error about the output from one about a file that the block reads."""
    names = [str(Path(os.fsdecode(name)).absolute()) for name in (error.filename, error.filename2) if name is not None]
    folder = os.path.realpath(path.parent)
    return error.errno in _NO_SPACE or not names or any(PARTIAL in name or name == folder for name in names)


def _lies_under_a_file(path: Path) -> bool:
    return any(part.exists() and not part.is_dir() for part in path.parents)
