"""Compares rows that came with rows that are there: the same, the same with late cells filled, or changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.frames import Mask, match
from arrisk.schema.reading import SOURCE_ROW
from arrisk.schema.tables import Table

_CLOCKS = ("known_on", "known_day", SOURCE_ROW)


@dataclass(frozen=True)
class Likeness:
    """How each new row stands to those that are there.

    Parameters
    ----------
    stored_at : the position of the row with its key and known day; -1 where there is none.
    is_filling : whether it fills late cells of that row, and changes nothing.
    changed : by column, the rows that are refused because they say something else there; each row stands once.
    late : the columns whose cells are filled late.
    """

    stored_at: npt.NDArray[np.int64]
    is_filling: Mask
    changed: Mapping[str, Mask]
    late: Sequence[str]

    @property
    def is_fresh(self) -> Mask:
        """Mark the rows that are not there yet."""
        return np.asarray(self.stored_at < 0)

    @property
    def is_refused(self) -> Mask:
        """Mark the rows that say something else than those that are there."""
        return np.asarray(np.any([np.zeros(len(self.stored_at), dtype=bool), *self.changed.values()], axis=0))

    @property
    def is_there(self) -> Mask:
        """Mark the rows that are there already, with late cells or without."""
        return np.asarray(~self.is_fresh & ~self.is_refused)

    def fill(self, stored: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
        """Give what is there with the late cells that the new rows fill."""
        if not self.is_filling.any():
            return stored
        at = self.stored_at[self.is_filling]
        filled = {}
        for column in self.late:
            cells, came = stored[column].copy(), new[column][self.is_filling]
            has = came.notna().to_numpy()
            cells.iloc[at[has]] = came[has].array
            filled[column] = cells
        return stored.assign(**filled)


def compare(table: Table, new: pd.DataFrame, stored: pd.DataFrame, *, columns: Sequence[str]) -> Likeness:
    """Compare new rows with those that are there.

    Parameters
    ----------
    table : their table.
    new : typed rows with ``known_day``, no two with the same key and known day.
    stored : the same of what is there.
    columns : the columns that were given; of others the new rows say nothing.
    """
    at = _find(new, stored, [*table.key, "known_day"])
    pairs = np.flatnonzero(at >= 0)
    late = [name for name in table.filled_later if name in columns]
    compared = [name for name in columns if name not in (*table.key, *_CLOCKS)] if len(pairs) else []
    is_filling = np.zeros(len(new), dtype=bool)
    is_changed = np.zeros(len(new), dtype=bool)
    changed: dict[str, Mask] = {}
    for name in compared:
        came, there = new[name].iloc[pairs], stored[name].iloc[at[pairs]]
        differs = _differ(came, there)
        if name in late:
            is_filling[pairs[differs & there.isna().to_numpy()]] = True
            differs &= (came.notna().to_numpy()) & (there.notna().to_numpy())
        first = pairs[differs & ~is_changed[pairs]]
        if len(first):
            changed[name] = np.isin(np.arange(len(new)), first)
            is_changed[first] = True
    return Likeness(at, is_filling & ~is_changed, changed, late)


def _differ(left: pd.Series, right: pd.Series) -> Mask:
    equal = (left.reset_index(drop=True) == right.reset_index(drop=True)).fillna(False).to_numpy(dtype=bool)
    return np.asarray(~equal & ~(left.isna().to_numpy() & right.isna().to_numpy()))


def _find(new: pd.DataFrame, stored: pd.DataFrame, keys: list[str]) -> npt.NDArray[np.int64]:
    """Find each row's position among those that are there, by its key and known day; -1 where it is not."""
    found = np.full(len(new), -1, dtype="int64")
    hits = np.flatnonzero(match(new[keys[0]], stored[keys[0]]) >= 0)
    if not len(hits):
        return found
    near = np.flatnonzero(match(stored[keys[0]], new[keys[0]].iloc[hits]) >= 0)
    both = pd.concat([stored[keys].iloc[near], new[keys].iloc[hits]], ignore_index=True)
    codes = both.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()
    place = np.full(codes.max() + 1, -1, dtype="int64")
    place[codes[: len(near)]] = near
    found[hits] = place[codes[len(near) :]]
    return found
