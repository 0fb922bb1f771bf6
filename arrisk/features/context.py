"""First pass: daily series of what group, industry, country and the whole book owe and how late they are.

A series is kept only at the days on which it changes. Its value as of day D is the sum of all changes before D, which
is the sum over the segments visible as of D of the customers that were, as far as was known then, members.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from numba import int64

from arrisk.features.compiled import entry, inner
from arrisk.features.grouping import Grouped, count_until, group_rows
from arrisk.features.segments import CREDITED, OPEN, Records
from arrisk.features.timeline import is_late

Ints = npt.NDArray[np.int64]

OPEN_AMOUNT, OVERDUE_AMOUNT, DUE_COUNT, DUE_LATE, DUE_COUNT_365, DUE_LATE_365 = (
    np.int64(column) for column in range(6)
)
"""Columns of a series: open and overdue amount now; invoices that fell due, ever and in 365 days, and the late ones."""

_WIDTH = 6
LEVELS = ("group", "industry", "country", "book")


class Members(NamedTuple):
    """One entry per row version of a customer's master data, grouped by the key (group, industry, ...) it names."""

    offsets: Ints
    customer: Ints
    start: Ints
    stop: Ints


class Series(NamedTuple):
    """Cumulative values at the days of change, grouped by key."""

    offsets: Ints
    days: Ints
    sums: Ints


@dataclass(frozen=True)
class Level:
    """The series of one level, and the label of each key."""

    labels: pd.Series
    series: Series


Context = Mapping[str, Level]
"""The series of every level; batch, single customers and parts of a book share one."""


@entry
def look_up_keys(series: Series, keys: Ints, days: Ints) -> Ints:
    """Give the sums of each key as of each day, strict; zeros where there is nothing yet or the key is -1."""
    found = np.zeros((len(keys), _WIDTH), dtype=np.int64)
    for q in range(len(keys)):
        if keys[q] >= 0:
            low = series.offsets[keys[q]]
            at = count_until(series.days, low, series.offsets[keys[q] + 1], days[q] - 1) - 1
            if at >= low:
                for column in range(_WIDTH):
                    found[q, column] = series.sums[at, column]
    return found


def build_level(
    labels: pd.Series,
    members: pd.DataFrame,
    *,
    versions: Records,
    segments: Records,
    spans: Ints,
    last_day: int,
) -> Level:
    """Build the series of one level.

    Parameters
    ----------
    labels : the label of each key.
    members : key, customer (codes), start, stop (days): who belongs where, as known when.
    versions, segments, spans : the invoices, grouped by customer.
    last_day : nothing after it is needed.
    """
    grouped: Grouped = group_rows(members["key"].to_numpy(), len(labels))
    taken = members.iloc[grouped.order]
    columns = (taken[name].to_numpy(dtype="int64") for name in ("customer", "start", "stop"))
    listed = Members(grouped.offsets, *columns)
    first = int(segments["start"].min()) if len(segments) else last_day
    return Level(labels, _build_series(listed, versions, segments, spans, first, max(last_day, first)))


@entry
def _build_series(members: Members, versions: Records, segments: Records, spans: Ints, first: int, last: int) -> Series:
    """Lay the changes of one key after another on a row of days, and keep the days that change."""
    keys = len(members.offsets) - 1
    dense = np.zeros((last - first + 1, _WIDTH), dtype=np.int64)
    touched = np.zeros(last - first + 1, dtype=np.uint8)
    offsets = np.zeros(keys + 1, dtype=np.int64)
    days = np.empty((1024, 1), dtype=np.int64)
    values = np.empty((1024, _WIDTH), dtype=np.int64)
    for key in range(keys):
        for m in range(members.offsets[key], members.offsets[key + 1]):
            customer = members.customer[m]
            for s in range(spans[customer], spans[customer + 1]):
                _lay_segment(s, members.start[m], members.stop[m], versions, segments, first, dense, touched)
        room = offsets[key]
        for d in range(len(touched)):
            room += touched[d]
        days, values = _resize(days, room), _resize(values, room)
        offsets[key + 1] = _collect(first, offsets[key], dense, touched, days, values)
    return Series(offsets, days, values)


@inner
def _resize(old: Ints, room: int) -> Ints:
    """Give an array with room for so many rows, the old rows first; doubling keeps the copies few."""
    if room <= len(old):
        return old
    new = np.empty((max(room, 2 * len(old)), old.shape[1]), dtype=np.int64)
    for row in range(len(old)):
        for column in range(old.shape[1]):
            new[row, column] = old[row, column]
    return new


@inner
def _collect(first: int, size: int, dense: Ints, touched: npt.NDArray[np.uint8], days: Ints, values: Ints) -> int:
    """Append the running sums of one key at its days of change, and clean the row of days for the next."""
    begin = size
    for d in range(len(touched)):
        if touched[d]:
            touched[d] = 0
            days[size, 0] = first + d
            for column in range(_WIDTH):
                before = values[size - 1, column] if size > begin else 0
                values[size, column] = before + dense[d, column]
                dense[d, column] = 0
            size += 1
    return size


@inner
def _lay_segment(
    s: int,
    member_from: int,
    member_to: int,
    versions: Records,
    segments: Records,
    first: int,
    dense: Ints,
    touched: npt.NDArray[np.uint8],
) -> None:
    """Lay the changes that one segment makes to the key's sums while the customer belongs to it."""
    segment = segments[s]
    start, stop = max(int64(segment["start"]), member_from), min(int64(segment["stop"]), member_to)
    if versions[segment["version"]]["is_credit"] or start >= stop:
        return
    due = int64(versions[segment["version"]]["due"])
    passed = max(start, due)
    amount = int64(segment["open_amount"])
    _lay(dense, touched, OPEN_AMOUNT, start - first, stop - first, amount)
    if segment["cause"] == OPEN:
        _lay(dense, touched, OVERDUE_AMOUNT, passed - first, stop - first, amount)
    if segment["cause"] == CREDITED and segment["ended"] <= due:
        return
    late = int64(is_late(segment, versions[segment["version"]]))
    one = int64(1)
    _lay(dense, touched, DUE_COUNT, passed - first, stop - first, one)
    _lay(dense, touched, DUE_LATE, passed - first, stop - first, late)
    _lay(dense, touched, DUE_COUNT_365, passed - first, min(stop, due + 365) - first, one)
    _lay(dense, touched, DUE_LATE_365, passed - first, min(stop, due + 365) - first, late)


@inner
def _lay(dense: Ints, touched: npt.NDArray[np.uint8], column: int, start: int, stop: int, value: int) -> None:
    if value == 0 or start >= stop or start >= len(touched):
        return
    dense[start, column] += value
    touched[start] = 1
    if stop < len(touched):
        dense[stop, column] -= value
        touched[stop] = 1
