"""The records of a state folder: a file each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from arrisk.errors import InputError
from arrisk.records import files
from arrisk.records.chain import Draft, Entry, Soundness
from arrisk.records.protocol import require_key
from arrisk.records.replays import Fold, Replayed, State, StateDraft

_NAMES = {"decisions": "cases", "write-offs": "write-offs"}
"""Kinds with a folder for each record, and the file's name in it."""

_KINDS = ("access", "closes", "contacts", "decisions", "holds", "models", "write-offs")
"""Where records stand in a state folder; what else is in it is not theirs."""

_ENDING = ".jsonl"


@dataclass(frozen=True)
class FolderRecords:
    """The records of a state folder, each a file of JSON lines.

    Parameters
    ----------
    home : the state folder; it is made when the first entry is added.
    """

    home: Path

    def read(self, key: str, *, after: int = 0) -> list[Entry]:
        """Read the entries of a record behind a number; raises as ``Records.read`` says."""
        return files.read(self.find(key))[after:]

    def append(self, key: str, entries: Sequence[Entry]) -> list[Entry]:
        """Add entries that depend on nothing; raises as ``Records.append`` says."""
        return self.append_drafted(key, lambda _: entries)

    def append_drafted(self, key: str, draft: Draft) -> list[Entry]:
        """Add entries that depend on those there are; raises as ``Records.append_drafted`` says."""
        return files.append_drafted(self.find(key), draft)

    def replay(self, key: str, fold: Fold[State]) -> State:
        """Find what the entries of a record add up to; raises as ``Records.replay`` says."""
        return fold(self.read(key))

    def append_replayed(self, key: str, fold: Fold[State], draft: StateDraft[State]) -> Replayed[State]:
        """Add entries that depend on what those there are add up to; raises as ``Records.append_replayed`` says."""
        states: list[State] = []

        def make(entries: Sequence[Entry]) -> Sequence[Entry]:
            states.append(fold(entries))
            return draft(states[0])

        added = self.append_drafted(key, make)
        return Replayed(added, fold(added, states[0]))

    def check(self, key: str) -> Soundness:
        """Check a record; raises as ``Records.check`` says."""
        return files.check(self.find(key))

    def list_keys(self, prefix: str = "") -> list[str]:
        """List the keys of the records there are below ``prefix``, sorted; empty = of all."""
        kinds = [prefix.split("/", maxsplit=1)[0]] if prefix else _KINDS
        keys = [key for kind in kinds for key in self._list_kind(kind)]
        return sorted(key for key in keys if not prefix or key == prefix or key.startswith(f"{prefix}/"))

    def where(self, key: str) -> str:
        """Give the file's path."""
        return str(self.find(key))

    def find(self, key: str) -> Path:
        """Give the file of a record."""
        kind = require_key(key).split("/")[0]
        if kind not in _KINDS:
            raise InputError(f"no record in a folder is of the kind '{kind}'", hint=", ".join(_KINDS))
        name = f"/{_NAMES[kind]}" if kind in _NAMES else ""
        return self.home / f"{key}{name}{_ENDING}"

    def _list_kind(self, kind: str) -> list[str]:
        name = _NAMES.get(kind, "*")
        # Models stand in folders beside their record.
        pattern = f"{name}{_ENDING}" if kind == "models" else f"**/{name}{_ENDING}"
        paths = [path.relative_to(self.home) for path in (self.home / kind).glob(pattern)]
        return [(path.parent if kind in _NAMES else path.parent / path.stem).as_posix() for path in paths]
