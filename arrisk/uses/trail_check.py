"""Whether what people did stands as it was recorded: every chain, and the heads that were noted earlier.

A chain shows a line that was edited, dropped or put in. That its last lines were cut off, or that it was written anew
as a whole, only its head shows, noted where who may write the records may not.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from arrisk.errors import BookError, InputError
from arrisk.ingest.atomic import atomic_file
from arrisk.records import Records, Soundness

FOLDER: Final = "heads"
"""Below the state folder: the heads that were noted, a file a night."""


class Head(NamedTuple):
    """How far a record went: its entries, and the hash of the last.

    Parameters
    ----------
    place, record : which set of records, and the key in it.
    """

    place: str
    record: str
    entries: int
    sha256: str


class Finding(NamedTuple):
    """How far a record is sound, and what is wrong after that; empty = nothing."""

    head: Head
    fault: str


def check_records(sets: Mapping[str, Records], noted: Sequence[Head] = ()) -> list[Finding]:
    """Check every record there is, and every one that was.

    Parameters
    ----------
    sets : by the place they stand in.
    noted : the heads they had once.

    Raises
    ------
    InputError
        When heads are of a place that is not looked at.
    """
    if beyond := sorted({head.place for head in noted} - set(sets)):
        raise InputError(f"heads were noted of the {beyond[0]} too, and it is not there", hint="--database URL")
    found = []
    for place, records in sets.items():
        earlier = [head for head in noted if head.place == place]
        keys = sorted({*records.list_keys(), *(head.record for head in earlier)})
        found += [_check(place, records, key, [head for head in earlier if head.record == key]) for key in keys]
    return found


def _check(place: str, records: Records, key: str, noted: Sequence[Head]) -> Finding:
    try:
        sound = records.check(key)
    except BookError as error:
        return Finding(Head(place, key, 0, ""), error.what)
    faults = [sound.fault, *(_compare(sound, head) for head in noted)]
    head = Head(place, key, len(sound.entries), sound.last_sha256)
    return Finding(head, next((fault for fault in faults if fault), ""))


def _compare(sound: Soundness, head: Head) -> str:
    count = len(sound.entries)
    if head.entries > count:
        return f"it went on to line {head.entries} when its head was noted, and ends with line {count}"
    hashes = [*(entry.previous_sha256 for entry in sound.entries), sound.last_sha256]
    return "" if hashes[head.entries] == head.sha256 else f"line {head.entries} is not the one whose hash was noted"


def read_heads(path: Path) -> list[Head]:
    """Read heads that were noted.

    Raises
    ------
    InputError
        When the file cannot be read, or is not one of heads.
    """
    hint = "a file of `arrisk audit verify --write-heads FILE`"
    try:
        heads = [Head(**one) for one in json.loads(path.read_text("utf-8"))["heads"]]
    except OSError as error:
        raise InputError("the heads cannot be read", where=str(path), hint=hint) from error
    except (ValueError, TypeError, KeyError) as error:
        raise InputError("this is no file of heads", where=str(path), hint=hint) from error
    if not all(type(head.entries) is int and head.entries >= 0 for head in heads):
        raise InputError("this is no file of heads", where=str(path), hint=hint)
    return heads


def require_sound(found: Sequence[Finding]) -> None:
    """Make sure that every record is as it was written.

    Raises
    ------
    BookError
        When one is not.
    """
    broken = [one for one in found if one.fault]
    if broken:
        head, fault = broken[0]
        what = f"{len(broken)} of {len(found)} records are not as they were written: {fault}"
        raise BookError(what, where=f"{head.place} {head.record}", hint="the record of a backup")


def find_noted(home: Path) -> list[Head]:
    """Give the heads that were noted last below the state folder; none = no night has passed.

    Raises
    ------
    InputError
        When the file cannot be read.
    """
    newest = max((home / FOLDER).glob("*.json"), default=None)
    return [] if newest is None else read_heads(newest)


def note_heads(sets: Mapping[str, Records], home: Path, *, on: date) -> list[Finding]:
    """Check every record against the heads that were noted last, and note today's where all are sound.

    Parameters
    ----------
    on : today; a second time on a day replaces its file.

    Raises
    ------
    BookError
        When a record is not as it was written; nothing is noted then.
    OutputError
        When the file cannot be written.
    """
    found = check_records(sets, find_noted(home))
    require_sound(found)
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    with atomic_file(home / FOLDER / f"{on.isoformat()}.json") as partial:
        partial.write_text(json.dumps(describe_heads(found), indent=1), "utf-8")
    return found


def describe_heads(found: Iterable[Finding]) -> dict[str, object]:
    """Give heads as plain values, to be noted."""
    return {"heads": [finding.head._asdict() for finding in found]}
