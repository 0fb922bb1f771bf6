"""The chain of a record: what an entry is, how it is sealed, and how the first that does not follow is found."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from arrisk.errors import BookError, InputError

START = "0" * 64
"""What the first line holds in place of the hash of the line before it."""

_LONGEST_NAME = 200


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
        return write_body(**{**vars(self), "content": write_content(self.content)})

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

    Raises
    ------
    InputError
        When a text of an entry is not Unicode, or who acts has a name that is too long.
    """
    linked: list[Entry] = []
    for seq, entry in enumerate(entries, start=after + 1):
        # As it will be read: what JSON writes otherwise, such as a tuple, is so from the start.
        content = json.loads(write_content(entry.content))
        linked.append(replace(entry, seq=seq, content=content, previous_sha256=last_sha256))
        last_sha256 = _hash(linked[-1])
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


def write_content(content: Mapping[str, Any]) -> str:
    """Write what belongs to an entry as it is hashed."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write_body(*, seq: int, at: str, by: str, action: str, content: str, previous_sha256: str) -> str:
    """Write all that an entry says as it is hashed; ``content`` as ``write_content`` gives it."""
    said = f'"seq":{seq},"at":{_quote(at)},"by":{_quote(by)},"action":{_quote(action)}'
    return f'{{{said},"content":{content},"previous_sha256":{_quote(previous_sha256)}}}'


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _hash(entry: Entry) -> str:
    if len(entry.by) > _LONGEST_NAME or "\0" in entry.by:
        raise InputError("who acts has no name that can be recorded", hint=f"at most {_LONGEST_NAME} characters")
    try:
        return entry.sha256
    except UnicodeEncodeError as error:
        raise InputError("a text holds half a character", hint="text in Unicode") from error
