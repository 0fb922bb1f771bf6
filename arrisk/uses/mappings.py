"""Mappings that people kept: each of a ledger, under a name, as entries of a record; the newest of a name counts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from arrisk.errors import InputError, nearest
from arrisk.ingest.mapping import list_mappings, parse_mapping
from arrisk.records import Entry
from arrisk.store import Database
from arrisk.store.moments import write_moment
from arrisk.store.records import TableRecords

RECORD: Final = "mappings/main"
"""The record of the mappings."""

_NAME = re.compile(r"\w[\w .-]{0,59}")


@dataclass(frozen=True)
class Kept:
    """A mapping that somebody kept.

    Parameters
    ----------
    ledger, name : whose it is, and what it is called.
    version : 1, and one more each time that it is kept anew.
    toml : what it says.
    by, at : who kept it, and when.
    """

    ledger: str
    name: str
    version: int
    toml: str
    by: str
    at: str

    @property
    def reference(self) -> str:
        """By which it is asked for: no shipped mapping and no ledger has a slash in its name."""
        return f"{self.ledger}/{self.name}"


def keep_mapping(database: Database, *, ledger: str, name: str, toml: str, by: str, at: datetime) -> Kept:
    """Keep a mapping; one of the same name is replaced, and stays in the record. The same again is kept once.

    Raises
    ------
    InputError
        When the name is none, or a shipped mapping's.
    MappingError
        When the text has a mistake.
    """
    if not _NAME.fullmatch(name) or name in list_mappings():
        hint = "up to 60 letters, digits, spaces, '.', '_', '-'; not the name of a shipped mapping"
        raise InputError(f"'{name}' cannot be a mapping's name", where="name", hint=hint)
    parse_mapping(toml, where=name)
    content = {"ledger": ledger, "name": name, "toml": toml}
    entry = Entry(at=write_moment(at), by=by, action="keep_mapping", content=content)

    def add(entries: Sequence[Entry]) -> list[Entry]:
        before = next((one for one in _add_up(entries) if (one.ledger, one.name) == (ledger, name)), None)
        return [] if before is not None and before.toml == toml else [entry]

    TableRecords(database).append_drafted(RECORD, add)
    return next(one for one in list_kept(database) if (one.ledger, one.name) == (ledger, name))


def list_kept(database: Database) -> list[Kept]:
    """List the mappings that people kept, the newest of each name, by ledger and name."""
    return _add_up(TableRecords(database).read(RECORD))


def _add_up(entries: Sequence[Entry]) -> list[Kept]:
    found: dict[tuple[str, str], Kept] = {}
    for entry in entries:
        ledger, name, toml = (str(entry.content[key]) for key in ("ledger", "name", "toml"))
        before = found.get((ledger, name))
        version = before.version + 1 if before else 1
        found[ledger, name] = Kept(ledger, name, version, toml, entry.by, entry.at)
    return [found[key] for key in sorted(found)]


def resolve(database: Database, name: str, toml: str) -> tuple[str, str]:
    """Give a mapping that is asked for by ``LEDGER/NAME`` as text; what is not, as it was given.

    Returns
    -------
    name, toml
        One of the two, or neither.

    Raises
    ------
    InputError
        When there is none of that name.
    """
    if "/" not in name or toml:
        return name, toml
    kept = {one.reference: one.toml for one in list_kept(database)}
    if name not in kept:
        raise InputError(f"there is no mapping '{name}'", where="mapping", hint=_name_known(list(kept), name))
    return "", kept[name]


def _name_known(kept: Sequence[str], name: str) -> str:
    return nearest(name, [*list_mappings(), *kept])
