"""What people do, one step after the other: the shape of a record's line, and when two names are one person."""

from collections.abc import Mapping
from typing import Any, Protocol


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
    return one.strip().casefold() == other.strip().casefold()
