"""The promotion log: one JSON line per act, added at the end and never changed, ``HOME/models/promotions.jsonl``.

Each line ends with the SHA-256 of itself, which the next line holds too, so that a line edited, dropped or put in is
noticed by every reader. Lines cut off at the end are not, nor a log that was written anew as a whole: the last line's
hash, noted elsewhere, shows these.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from arrisk.errors import ModelError, OutputError
from arrisk.registry.folders import MODELS

FILE = "promotions.jsonl"
"""The log's name among the models."""

_HASH = "sha256"

START = "0" * 64
"""What the first line holds in place of the hash of the line before it."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the log.

    Parameters
    ----------
    seq : 1, 2, ...
    at : when, in UTC, ISO 8601.
    action : ``promote`` or ``roll_back``.
    model, ledger, version : which version was promoted, or taken back.
    as_of_day : it learnt only from what was known before the start of this day.
    by, reason : who did it, and why.
    report_sha256 : of the backtest report that it rests on; empty = none.
    model_sha256 : of the version's manifest.
    champion_before, champion : the version that scored before and after; 0 = none.
    previous_sha256 : of the line before.
    """

    seq: int = 0
    at: str = ""
    action: str
    model: str
    ledger: str
    version: int
    as_of_day: int
    by: str = ""
    reason: str = ""
    report_sha256: str = ""
    model_sha256: str
    champion_before: int = 0
    champion: int = 0
    previous_sha256: str = ""

    @property
    def reference(self) -> str:
        """How a user names the version: NAME/LEDGER/VERSION."""
        return f"{self.model}/{self.ledger}/{self.version}"

    @property
    def line(self) -> str:
        """The entry as it stands in the log, without the line's end."""
        return _write({**asdict(self), _HASH: self.sha256})

    @property
    def sha256(self) -> str:
        """The hash of all that the entry says, which the next line holds."""
        return hashlib.sha256(_write(asdict(self)).encode()).hexdigest()


Draft = Callable[[Sequence[Entry]], Entry | None]
"""Makes the next entry from those there are; None = there is nothing to log."""


def find_log(home: Path) -> Path:
    """Give the log's place."""
    return home / MODELS / FILE


def check_log(home: Path) -> tuple[list[Entry], str]:
    """Read the log up to the first line that does not follow from the one before.

    Returns
    -------
    (list of Entry, str)
        The entries that are sound, and what is wrong with the next line; empty = nothing.

    Raises
    ------
    ModelError
        When the file cannot be read.
    """
    try:
        return _parse(find_log(home).read_bytes())
    except FileNotFoundError:
        return [], ""
    except OSError as error:
        raise ModelError("the promotion log cannot be read", where=str(find_log(home))) from error


def read_log(home: Path) -> list[Entry]:
    """Read the whole log.

    Raises
    ------
    ModelError
        When it cannot be read, or a line was edited, dropped or put in.
    """
    entries, fault = check_log(home)
    if fault:
        raise explain_fault(home, fault)
    return entries


def explain_fault(home: Path, fault: str) -> ModelError:
    """Give the error of a log that is not as it was written."""
    hint = "the log of a backup; `arrisk promotions` shows the lines before it"
    return ModelError(f"the promotion log was changed: {fault}", where=str(find_log(home)), hint=hint)


def append(home: Path, draft: Draft) -> Entry | None:
    """Add an entry, made while nobody else can add one.

    Parameters
    ----------
    draft : is given the entries so far; what it raises leaves the log as it was.

    Raises
    ------
    ModelError
        When the log was changed.
    OutputError
        When it cannot be written.
    """
    path = find_log(home)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            return _append_locked(home, descriptor, draft)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OutputError(f"the promotion log cannot be written: {error.strerror}", where=str(path)) from error


def _append_locked(home: Path, descriptor: int, draft: Draft) -> Entry | None:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    entries, fault = _parse(whole)
    if fault:
        raise explain_fault(home, fault)
    entry = draft(entries)
    if entry is None:
        return None
    # What a killed writer left of a line was never in force.
    os.ftruncate(descriptor, len(whole))
    line = f"{entry.line}\n".encode()
    if os.write(descriptor, line) < len(line):
        os.ftruncate(descriptor, len(whole))
        raise OSError(None, "no space left")
    os.fsync(descriptor)
    return entry


def _write(said: Mapping[str, object]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _parse(content: bytes) -> tuple[list[Entry], str]:
    entries: list[Entry] = []
    previous = START
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        try:
            said = json.loads(line)
            said.pop(_HASH)
            entry = Entry(**said)
            is_sound = entry.line.encode() == line and entry.seq == number and entry.previous_sha256 == previous
        except (AttributeError, KeyError, TypeError, ValueError):
            is_sound = False
        if not is_sound:
            return entries, f"line {number} is not as it was written, or does not follow from the line before it"
        entries.append(entry)
        previous = entry.sha256
    return entries, ""
