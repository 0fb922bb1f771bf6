"""The chain of a record: what an entry is, how it is sealed, and how the first that does not follow is found."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from arrisk.errors import BookError

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
    def body(self) -> str:
        """All that the entry says, as it is hashed."""
        return _write(vars(self))

    @property
    def sha256(self) -> str:
        """The hash of all that the entry says, which the next line holds."""
        return hashlib.sha256(self.body.encode()).hexdigest()


Draft = Callable[[Sequence[Entry]], Sequence[Entry]]
"""Makes the next entries from those there are."""


class Soundness(NamedTuple):
    """How far a record is sound: its entries, the hash of the last, and what is wrong after it (empty = nothing)."""

    entries: list[Entry]
    last_sha256: str
    fault: str


class Sealed(NamedTuple):
    """A line as it is stored: what the entry says as JSON text, and the hash that was written with it."""

    body: bytes
    sha256: str


def link(entries: Iterable[Entry], *, after: int, last_sha256: str) -> list[Entry]:
    """Give entries their numbers and the hash of the one before each.

    Parameters
    ----------
    after : the number of the entry they follow; 0 = none.
    last_sha256 : its hash; ``START`` where there is none.
    """
    linked: list[Entry] = []
    for seq, entry in enumerate(entries, start=after + 1):
        linked.append(replace(entry, seq=seq, previous_sha256=last_sha256))
        last_sha256 = linked[-1].sha256
    return linked


def follow(lines: Iterable[Sealed], *, after: int = 0, last_sha256: str = START) -> Soundness:
    """Read entries up to the first that is not as it was written, or does not follow from the one before.

    Parameters
    ----------
    lines : as they are stored, in their order.
    after : the number of the entry they follow; 0 = none.
    last_sha256 : its hash; ``START`` where there is none.
    """
    entries: list[Entry] = []
    for number, (body, sha256) in enumerate(lines, start=after + 1):
        # The bytes themselves are hashed: what was written otherwise says something else, and is read faster.
        own = hashlib.sha256(body).hexdigest()
        try:
            entry = Entry(**json.loads(body))
            follows = entry.seq == number and entry.previous_sha256 == last_sha256
        except (ValueError, TypeError):
            follows = False
        if not follows or sha256 != own:
            what = f"line {number} is not as it was written, or does not follow from the line before it"
            return Soundness(entries, last_sha256, what)
        entries.append(entry)
        last_sha256 = own
    return Soundness(entries, last_sha256, "")


def explain_fault(fault: str, *, where: str) -> BookError:
    """Give the error of a record that is not as it was written."""
    return BookError(f"the record was changed: {fault}", where=where, hint="the record of a backup")


def _write(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
