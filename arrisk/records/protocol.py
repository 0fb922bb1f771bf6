"""What the use cases know of where the records stand: a set of records, each under its key."""

import re
from collections.abc import Sequence
from typing import Protocol

from arrisk.errors import InputError
from arrisk.records.chain import Draft, Entry, Soundness
from arrisk.records.replays import Fold, Replayed, State, StateDraft

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")


class Records(Protocol):
    """A set of append-only, hash-chained records.

    A key is a kind and names that can stand in a path: ``decisions/LEDGER``, ``closes/LEDGER/ENTITY``.
    """

    def read(self, key: str, *, after: int = 0) -> list[Entry]:
        """Read the entries of a record; one that does not exist is empty.

        Parameters
        ----------
        after : only those behind this number, where the entries up to it are known.

        Raises
        ------
        BookError
            When it cannot be read, or one of these entries was changed.
        """

    def append(self, key: str, entries: Sequence[Entry]) -> list[Entry]:
        """Add entries that depend on nothing; raises as ``append_drafted`` does.

        Only the newest entry is read, where that can be: what was changed before it is found by ``read`` and ``check``.
        """

    def append_drafted(self, key: str, draft: Draft) -> list[Entry]:
        """Add entries that depend on those there are; nobody else can add any meanwhile.

        Parameters
        ----------
        draft : is given the entries so far. What it raises leaves the record as it was; its entries are added all or
            none.

        Returns
        -------
        list of Entry
            The entries as they were added.

        Raises
        ------
        BookError
            When the record was changed.
        OutputError
            When it cannot be written.
        """

    def replay(self, key: str, fold: Fold[State]) -> State:
        """Find what the entries of a record add up to; raises as ``read`` does.

        Parameters
        ----------
        fold : a function of a module, so that what it gave before can be carried on.
        """

    def append_replayed(self, key: str, fold: Fold[State], draft: StateDraft[State]) -> Replayed[State]:
        """Add entries that depend on what those there are add up to; otherwise as ``append_drafted``."""

    def check(self, key: str) -> Soundness:
        """Check a record up to the first line that does not follow from the one before.

        Raises
        ------
        BookError
            When the record cannot be read.
        """

    def list_keys(self, prefix: str = "") -> list[str]:
        """List the keys of the records there are below ``prefix``, sorted; empty = of all."""

    def where(self, key: str) -> str:
        """Say where a record stands, for a person."""


def require_key(key: str) -> str:
    """Give the key back when it can be one.

    Raises
    ------
    InputError
        When it cannot stand in a path.

    Examples
    --------
    >>> require_key("decisions/main")
    'decisions/main'
    """
    if not _KEY.fullmatch(key):
        raise InputError(f"'{key}' cannot be the key of a record", hint="KIND/NAME, of letters, digits, '-', '_', '.'")
    return key
