"""What people do, one step after the other: who acts, the shape of a record's line, when two names are one person."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from arrisk.errors import ChangedError, InputError


@dataclass(frozen=True)
class Actor:
    """Who acts, and when.

    Parameters
    ----------
    by : a name.
    at : with its time zone.
    saw : the version of what is acted on that the actor has seen, the number of its steps; None = no matter which.
    """

    by: str
    at: datetime
    saw: int | None = None

    @property
    def on(self) -> date:
        """The day of the act."""
        return self.at.date()

    @property
    def stamp(self) -> str:
        """When, as a record holds it."""
        return self.at.isoformat(timespec="seconds")

    def require_name(self) -> None:
        """Refuse nobody.

        Raises
        ------
        InputError
            When the name is empty.
        """
        if not self.by.strip():
            raise InputError("who acts is not said", where="by", hint="a name")

    def require_seen(self, version: int, *, what: str) -> None:
        """Refuse to act on what the actor has not seen.

        Parameters
        ----------
        version : how many steps there are now.
        what : what is acted on, in words.

        Raises
        ------
        ChangedError
            When somebody else has acted on it meanwhile.
        """
        if self.saw not in {None, version}:
            raise ChangedError(f"somebody acted on {what} meanwhile", hint="read it again, and decide anew")


class Step(Protocol):
    """One line of a record, as the core reads it: who did what when, and what belongs to it."""

    @property
    def at(self) -> str:
        """When, ISO 8601."""

    @property
    def by(self) -> str:
        """Who did it."""

    @property
    def action(self) -> str:
        """What was done."""

    @property
    def content(self) -> Mapping[str, Any]:
        """What belongs to it."""


def is_same_person(one: str, other: str) -> bool:
    """Say whether two names are one person's, however they are written.

    Examples
    --------
    >>> is_same_person("Ana ", "ana"), is_same_person("Ana", "Ben")
    (True, False)
    """
    return fold_name(one) == fold_name(other)


def fold_name(name: str) -> str:
    """Give a person's name as names are compared; records keep it as it was typed.

    Capitals, spaces around and between, and ways of encoding the same letters (Unicode's NFKC) make no difference.

    Examples
    --------
    >>> fold_name(" Ana  Weiß "), fold_name("ana weiss")
    ('ana weiss', 'ana weiss')
    """
    # Folding case may take letters apart again.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())
