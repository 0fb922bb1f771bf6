"""Cuts the life of each invoice version into segments in which nothing that is known of it changes.

A segment holds for the days D with ``start < D <= stop``: exactly the days on which its row versions are visible.
Every feature is then a sum over segments, and a sum does not depend on the order in which things became known.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import int64

from arrisk.features.compiled import entry, inner
from arrisk.frames import NEVER

Ints = npt.NDArray[np.int64]
Records = npt.NDArray[Any]

OPEN, PAID, CREDITED, WRITTEN_OFF = 0, 1, 2, 3
"""How an invoice stands: open, or ended by this cause."""

VERSION = np.dtype(
    [
        *[(name, "i4") for name in ("invoice", "known", "superseded", "issued", "due", "is_credit")],
        *[(name, "i8") for name in ("amount", "tolerance", "book_amount")],
        ("factor", "f8"),
    ],
    align=True,
)
"""One record per version of an invoice or credit note, grouped by customer.

``amount`` and ``tolerance`` are minor units of its own currency, ``factor`` leads to ``book_amount``.
"""

MOVEMENT = np.dtype(
    [
        *[(name, "i4") for name in ("known", "superseded", "day", "cause")],
        *[(name, "i8") for name in ("amount", "step")],
    ],
    align=True,
)
"""One record per version of a change of an open amount, grouped by invoice.

``step`` orders the changes: what was applied on one day and became known on one day is one step. ``day`` is the day of
the money for a receipt and the day of the booking for all else.
"""

SEGMENT = np.dtype(
    [*[(name, "i4") for name in ("version", "start", "stop", "ended", "receipts", "cause")], ("open_amount", "i8")],
    align=True,
)
"""One record per segment, grouped by customer; ``version`` is a place among the versions."""

_NO_STEP = np.iinfo(np.int64).max


@entry
def count_segments(versions: Records, movements: Records, offsets: Ints) -> Ints:
    """Give an upper bound of the segments of each version; ``offsets`` says where an invoice's movements begin."""
    counts = np.ones(len(versions), dtype=np.int64)
    for i in range(len(counts)):
        version = versions[i]
        for j in range(offsets[version["invoice"]], offsets[version["invoice"] + 1]):
            counts[i] += version["known"] < movements[j]["known"] < version["superseded"]
            counts[i] += version["known"] < movements[j]["superseded"] < version["superseded"]
    return counts


@entry
def fill_segments(
    first: int,
    end: int,
    versions: Records,
    movements: Records,
    offsets: Ints,
    places: Ints,
    segments: Records,
    used: Ints,
) -> None:
    """Write the segments of some versions from their places on, and how many each has.

    Parameters
    ----------
    first, end : the versions, ``first <= i < end``.
    versions, movements, offsets : the records, and where an invoice's movements begin.
    places : where there is room for each version's segments.
    segments, used : written.
    """
    largest = int64(2)
    for i in range(first, end):
        largest = max(largest, places[i + 1] - places[i] + 1)
    cuts = np.empty(largest, dtype=np.int64)
    for i in range(first, end):
        low, high = offsets[versions[i]["invoice"]], offsets[versions[i]["invoice"] + 1]
        count = _list_cuts(versions[i], movements, low, high, cuts)
        cuts[count] = versions[i]["superseded"]
        for c in range(count):
            segment = segments[places[i] + c]
            segment["version"] = i
            segment["stop"] = cuts[c + 1]
            _write_segment(versions[i], movements, low, high, cuts[c], segment)
        used[i] = count


@entry
def close_gaps(segments: Records, places: Ints, used: Ints) -> None:
    """Move the segments that each version has used, of its room from ``places`` on, up to those before."""
    end = 0
    for i in range(len(used)):
        for j in range(places[i], places[i] + used[i]):
            if j > end:
                segments[end] = segments[j]
            end += 1


@inner
def _list_cuts(version: Any, movements: Records, low: int, high: int, cuts: Ints) -> int:
    """List the days on which what is visible of the version changes, rising, each once."""
    cuts[0] = version["known"]
    count = int64(1)
    for j in range(low, high):
        if version["known"] < movements[j]["known"] < version["superseded"]:
            count = _insert_cut(cuts, count, int64(movements[j]["known"]))
        if version["known"] < movements[j]["superseded"] < version["superseded"]:
            count = _insert_cut(cuts, count, int64(movements[j]["superseded"]))
    return count


@inner
def _insert_cut(cuts: Ints, count: int, day: int) -> int:
    place = count
    while cuts[place - 1] > day:
        place -= 1
    if cuts[place - 1] == day:
        return count
    for c in range(count, place, -1):
        cuts[c] = cuts[c - 1]
    cuts[place] = day
    return count + 1


@inner
def _is_seen(movement: Any, start: int) -> bool:
    return movement["known"] <= start < movement["superseded"]


@inner
def _write_segment(version: Any, movements: Records, low: int, high: int, start: int, segment: Any) -> None:
    remaining = int64(version["amount"])
    receipts = int64(0)
    for j in range(low, high):
        if _is_seen(movements[j], start):
            remaining -= movements[j]["amount"]
            receipts += movements[j]["cause"] == PAID
    segment["start"] = start
    segment["receipts"] = receipts
    segment["ended"] = NEVER
    segment["cause"] = OPEN
    segment["open_amount"] = remaining
    if version["factor"] != 1.0:
        # Amounts in the features' own currency never pass through a float: they stay exact beyond 2**53.
        segment["open_amount"] = int64(np.rint(remaining * version["factor"]))
    if remaining <= version["tolerance"]:
        _write_end(version, movements, low, high, start, remaining, segment)


@inner
def _write_end(version: Any, movements: Records, low: int, high: int, start: int, remaining: int, segment: Any) -> None:
    """Find the last step that took the open amount to within tolerance, and what took the larger part of it."""
    # Nothing to pay from the start is neither late nor on time.
    segment["cause"] = CREDITED
    segment["ended"] = version["issued"]
    before, bound = remaining, int64(_NO_STEP)
    while before <= version["tolerance"]:
        step = int64(-_NO_STEP)
        for j in range(low, high):
            if _is_seen(movements[j], start) and step < movements[j]["step"] < bound:
                step = int64(movements[j]["step"])
        if step == -_NO_STEP:
            segment["cause"] = CREDITED
            segment["ended"] = version["issued"]
            return
        before += _read_step(movements, low, high, start, step, segment)
        bound = step
    segment["ended"] = max(segment["ended"], version["issued"])


@inner
def _read_step(movements: Records, low: int, high: int, start: int, step: int, segment: Any) -> int:
    """Write the cause of the larger part of a step (of equal ones the first by number) and its last day; sum it."""
    paid, credited, written_off = int64(0), int64(0), int64(0)
    for j in range(low, high):
        if _is_seen(movements[j], start) and movements[j]["step"] == step:
            paid += movements[j]["amount"] if movements[j]["cause"] == PAID else 0
            credited += movements[j]["amount"] if movements[j]["cause"] == CREDITED else 0
            written_off += movements[j]["amount"] if movements[j]["cause"] == WRITTEN_OFF else 0
    cause = PAID
    if credited > paid or written_off > paid:
        cause = CREDITED if credited >= written_off else WRITTEN_OFF
    day = int64(-NEVER)
    for j in range(low, high):
        if _is_seen(movements[j], start) and movements[j]["step"] == step and movements[j]["cause"] == cause:
            day = max(day, int64(movements[j]["day"]))
    segment["cause"] = cause
    segment["ended"] = day
    return paid + credited + written_off
