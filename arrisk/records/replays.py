"""What the entries of a record add up to, carried on from where it was instead of from the start."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from arrisk.records.chain import Entry

State = TypeVar("State")
Folded = TypeVar("Folded")

_MOST = 256


class Fold(Protocol[Folded]):
    """Finds what entries add up to; what was found of those before them stays as it is."""

    def __call__(self, steps: Iterable[Entry], known: Folded | None = None, /) -> Folded:
        """Add up; ``known`` = of the entries before; None = these are the first."""


StateDraft = Callable[[State], Sequence[Entry]]
"""Makes the next entries from what those there are add up to."""


class Replayed(NamedTuple, Generic[State]):
    """What was added, and what all entries add up to now."""

    added: list[Entry]
    state: State


class Known(NamedTuple, Generic[State]):
    """What the entries up to one add up to.

    Parameters
    ----------
    seq : the number of that entry; 0 = none.
    sha256 : its hash. Since it stands for all before it, what is known holds as long as the record has this entry.
    state : what they add up to.
    """

    seq: int
    sha256: str
    state: State


@dataclass(frozen=True)
class ReplayCache:
    """What is known of the records used last; threads may share it.

    Of each the last two: the newest may be of a transaction that has not ended, or that was taken back.
    """

    _known: OrderedDict[tuple[str, Any], tuple[Known[Any], ...]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def find(self, key: str, fold: Fold[State]) -> tuple[Known[State], ...]:
        """Give what is known of a record, the newest first."""
        with self._lock:
            if (key, fold) in self._known:
                self._known.move_to_end((key, fold))
            return self._known.get((key, fold), ())

    def keep(self, key: str, fold: Fold[State], known: Known[State]) -> None:
        """Remember it; what was used longest ago is forgotten."""
        with self._lock:
            self._known[key, fold] = (known, *self._known.get((key, fold), ())[:1])
            self._known.move_to_end((key, fold))
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
