"""Puts rows of one owner together, sorts by day, and finds the row that was valid and visible on a day."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from arrisk.features.compiled import entry, inner
from arrisk.frames import NEVER

Ints = npt.NDArray[np.int64]
Days32 = npt.NDArray[np.int32]

DAY_SHIFT = 40
"""A packed int64 has its day, plus ``DAY_OFFSET``, above this bit."""

DAY_OFFSET = 1 << 19

_DIGIT, _BUCKETS, _FEW = 11, 1 << 11, 48


class Grouped(NamedTuple):
    """Row numbers put together by owner: owner ``g`` has ``order[offsets[g]:offsets[g + 1]]``."""

    offsets: Ints
    order: Ints


class Dated(NamedTuple):
    """Rows put together by owner and sorted by their own day.

    ``days`` has the columns day, known, superseded and valid_to: from when a row holds, when it can be seen, and the
    last day on which it holds.
    """

    offsets: Ints
    row: Ints
    days: Ints


@entry
def _count_sort(owners: Ints, count: int) -> tuple[Ints, Ints]:
    offsets = np.zeros(count + 1, dtype=np.int64)
    for i in range(len(owners)):
        if owners[i] >= 0:
            offsets[owners[i] + 1] += 1
    for g in range(count):
        offsets[g + 1] += offsets[g]
    order = np.empty(offsets[count], dtype=np.int64)
    place = np.empty(count, dtype=np.int64)
    for g in range(count):
        place[g] = offsets[g]
    for i in range(len(owners)):
        if owners[i] >= 0:
            order[place[owners[i]]] = i
            place[owners[i]] += 1
    return offsets, order


def group_rows(owners: Ints, count: int) -> Grouped:
    """Put row numbers together by owner, in row order within an owner; owner -1 is left out.

    Examples
    --------
    >>> group_rows(np.array([1, 0, -1, 1]), 2)
    Grouped(offsets=array([0, 1, 3]), order=array([1, 0, 3]))
    """
    return Grouped(*_count_sort(np.ascontiguousarray(owners, dtype="int64"), count))


def as_days32(days: npt.ArrayLike) -> Days32:
    """Narrow days to int32, in which ``NEVER`` still fits; what lies further out is ``NEVER`` too."""
    return np.clip(np.asarray(days, dtype="int64"), -NEVER, NEVER).astype("int32")


def make_records(columns: Iterable[tuple[str, npt.NDArray[Any]]], kind: np.dtype[Any], order: Ints) -> npt.NDArray[Any]:
    """Put columns side by side as records, in the given order of rows; each is held only until it has its place."""
    records = np.empty(len(order), dtype=kind)
    for name, values in columns:
        records[name] = values[order]
        del values
    return records


@entry
def sort_packed(values: Ints, low: int, high: int, spare: Ints) -> None:
    """Sort ``values[low:high]`` by the day in their upper bits; the order within a day is left open.

    Parameters
    ----------
    values : packed, each with a day above ``DAY_SHIFT``.
    low, high : the part to sort.
    spare : working memory, at least ``high - low`` long.
    """
    if high - low > _FEW:
        _sort_digits(values, low, high, spare)
        return
    for i in range(low + 1, high):
        value = values[i]
        place = i
        while place > low and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value


@inner
def _sort_digits(values: Ints, low: int, high: int, spare: Ints) -> None:
    """Sort by the lower and then by the upper digit of the day (least significant digit first, stable)."""
    starts = np.empty(_BUCKETS + 1, dtype=np.int64)
    for digit in range(2):
        shift = DAY_SHIFT + digit * _DIGIT
        for b in range(_BUCKETS + 1):
            starts[b] = 0
        for i in range(low, high):
            starts[((values[i] >> shift) & (_BUCKETS - 1)) + 1] += 1
        for b in range(_BUCKETS):
            starts[b + 1] += starts[b]
        for i in range(low, high):
            bucket = (values[i] >> shift) & (_BUCKETS - 1)
            spare[starts[bucket]] = values[i]
            starts[bucket] += 1
        for i in range(low, high):
            values[i] = spare[i - low]


def date_rows(owners: Ints, count: int, *, day: Ints, known: Ints, superseded: Ints, valid_to: Ints) -> Dated:
    """Put rows together by owner, rising by their own day.

    Parameters
    ----------
    owners : each row's owner, -1 = none.
    count : the number of owners.
    day : from when the row holds, or what it is the newest by.
    known, superseded : when the row can be seen.
    valid_to : the last day on which it holds.
    """
    rows = np.flatnonzero(owners >= 0)
    order = rows[np.lexsort((known[rows], day[rows], owners[rows]))]
    offsets = np.searchsorted(owners[order], np.arange(count + 1)).astype("int64")
    return Dated(offsets, order, np.column_stack([each[order] for each in (day, known, superseded, valid_to)]))


@inner
def count_until(days: Ints, low: int, high: int, bound: int) -> int:
    """Give the place after the last of the rising ``days[low:high, 0]`` that is not above the bound."""
    while low < high:
        middle = (low + high) >> 1
        if days[middle, 0] <= bound:
            low = middle + 1
        else:
            high = middle
    return low


@entry
def find_latest(rows: Dated, owners: Ints, seen_by: Ints, holds_on: Ints) -> Ints:
    """Find, for each question, the newest row that holds on a day and was known before another.

    Parameters
    ----------
    rows : the rows, sorted.
    owners : each question's owner, -1 = none.
    seen_by : the day before whose start the row must be known.
    holds_on : the day on which the row must hold.

    Returns
    -------
    array of int64
        The row's number in its table, or -1.
    """
    found = np.empty(len(owners), dtype=np.int64)
    for q in range(len(owners)):
        found[q] = -1
        if owners[q] < 0:
            continue
        low, high = rows.offsets[owners[q]], rows.offsets[owners[q] + 1]
        at = count_until(rows.days, low, high, holds_on[q]) - 1
        while at >= low:
            is_seen = rows.days[at, 1] < seen_by[q] <= rows.days[at, 2]
            if is_seen and rows.days[at, 3] >= holds_on[q]:
                found[q] = rows.row[at]
                break
            at -= 1
    return found


@entry
def scatter(values: npt.NDArray[np.float64], rows: Ints, out: npt.NDArray[Any]) -> None:
    """Write columns that stand in one piece each into the given rows of a table, in the table's own precision."""
    for q in range(len(rows)):
        for column in range(values.shape[0]):
            out[rows[q], column] = values[column, q]
