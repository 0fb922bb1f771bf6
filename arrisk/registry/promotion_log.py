"""The promotion log: who let which version score, and who took it back: a record, ``HOME/models/promotions.jsonl``.

It stands beside the models in every case, since it says which of these folders may score and holds their hashes.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from arrisk import records
from arrisk.errors import BookError, ModelError
from arrisk.records import FolderRecords

KEY = "models/promotions"
"""The log's key among the records."""

_OF_RECORD = ("seq", "at", "by", "action", "previous_sha256")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the log.

    Parameters
    ----------
    seq : 1, 2, ...; given when it is added.
    at : when, in UTC, ISO 8601.
    action : ``promote`` or ``roll_back``.
    model, ledger, version : which version was promoted, or taken back.
    as_of_day : it learnt only from what was known before the start of this day.
    by, reason : who did it, and why.
    report_sha256 : of the backtest report that it rests on; empty = none.
    model_sha256 : of the version's manifest.
    champion_before, champion : the version that scored before and after; 0 = none.
    previous_sha256 : of the line before; given when it is added.
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


Draft = Callable[[Sequence[Entry]], Entry | None]
"""Makes the next entry from those there are; None = there is nothing to log."""


@dataclass(frozen=True)
class Log:
    """The log up to the first line that is not sound.

    Parameters
    ----------
    entries : those that are sound.
    last_sha256 : the hash of the last of them.
    fault : what is wrong with the next line; empty = nothing.
    """

    entries: list[Entry]
    last_sha256: str
    fault: str


def find_log(home: Path) -> Path:
    """Give the log's place."""
    return FolderRecords(home).find(KEY)


def check_log(home: Path) -> Log:
    """Read the log up to the first line that does not follow from the one before.

    Raises
    ------
    ModelError
        When the file cannot be read.
    """
    try:
        found = FolderRecords(home).check(KEY)
    except BookError as error:
        raise ModelError("the promotion log cannot be read", where=str(find_log(home))) from error
    return Log([_read(one) for one in found.entries], found.last_sha256, found.fault)


def read_log(home: Path) -> list[Entry]:
    """Read the whole log.

    Raises
    ------
    ModelError
        When it cannot be read, or a line was edited, dropped or put in.
    """
    log = check_log(home)
    if log.fault:
        raise explain_fault(home, log.fault)
    return log.entries


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

    def make(found: Sequence[records.Entry]) -> list[records.Entry]:
        entry = draft([_read(one) for one in found])
        return [] if entry is None else [_write(entry)]

    try:
        added = FolderRecords(home).append_drafted(KEY, make)
    except BookError as error:
        raise explain_fault(home, check_log(home).fault) from error
    return _read(added[0]) if added else None


def _write(entry: Entry) -> records.Entry:
    content = {name: value for name, value in asdict(entry).items() if name not in _OF_RECORD}
    return records.Entry(at=entry.at, by=entry.by, action=entry.action, content=content)


def _read(found: records.Entry) -> Entry:
    return Entry(**found.content, **{name: getattr(found, name) for name in _OF_RECORD})
