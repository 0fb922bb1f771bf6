"""The rows of one table that a query found, before and after they are put in order."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Select

from arrisk.frames import NEVER

Row = tuple[Any, ...]
"""The columns asked for, then ``known_day`` and ``superseded_day``: days are whole numbers (``NEVER`` = none), money is
minor units, None = missing."""

Found = Sequence[Row]
"""The rows of a block as they were found."""

Moved = Mapping[str, Sequence[int]]
"""Of ids whose versions do not all belong to the same: the days from which these are known."""


@dataclass(frozen=True)
class Block:
    """One query for rows of a table, and what stands behind the finished row.

    Parameters
    ----------
    query : gives the columns asked for, ``known_day`` and ``NEVER``; then what of the key is not among them,
        ``row_id``, and where there are late cells ``completes``.
    size : how many columns the finished row has.
    key : where the key stands.
    has_late : whether late cells may have come in rows of their own.
    """

    query: Select[Any]
    size: int
    key: tuple[int, ...]
    has_late: bool

    @property
    def row_id(self) -> int:
        """Where the number of the row stands."""
        return -2 if self.has_late else -1

    def finish(self, rows: Iterable[Row], moved: Moved | None = None) -> list[Row]:
        """Order rows, fill late cells, and say until when each version can be seen."""
        found = sorted(rows, key=itemgetter(self.row_id))
        if not found:
            return found
        if self.has_late:
            newest = {row[-1]: row for row in found if row[-1] is not None}
            if newest:
                found = [newest.get(row[-2], row) for row in found if row[-1] is None]
        size, read_key = self.size, itemgetter(*self.key)
        keys = list(map(read_key, found))
        ids = keys if len(self.key) == 1 else [row[self.key[0]] for row in found]
        if len(set(keys)) == len(keys) and not (moved and not moved.keys().isdisjoint(ids)):
            return [row[:size] for row in found]
        ends = _find_ends(keys, ids, [row[size - 2] for row in found], moved or {})
        return [(*row[: size - 1], until) for row, until in zip(found, ends, strict=True)]

    def list_ids(self, rows: Iterable[Row]) -> list[str]:
        """List the first columns of the keys, each once."""
        first: Callable[[Row], str] = itemgetter(self.key[0])
        return list(dict.fromkeys(map(first, rows)))


def _find_ends(keys: Sequence[object], ids: Sequence[str], known: Sequence[int], moved: Moved) -> list[int]:
    days: dict[object, set[int]] = {}
    for key, one, day in zip(keys, ids, known, strict=True):
        days.setdefault(key, set(moved.get(one, ()))).add(day)
    return [
        min((later for later in days[key] if later > day), default=NEVER) for key, day in zip(keys, known, strict=True)
    ]
