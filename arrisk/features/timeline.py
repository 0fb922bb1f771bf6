"""Lays one customer's intervals out as a queue of moments: from which day each enters its sums, and leaves them.

An interval holds for the days D with ``start < D <= stop``. A moment is one int64, day first, so that sorting the
queue puts the days in order; the rest says which sum (``op``), whether it leaves, and which entry.
"""

import numpy as np
from numba import njit

from arrisk.features.grouping import DAY_OFFSET, DAY_SHIFT
from arrisk.features.segments import CREDITED, OPEN, PAID, Ints, Records
from arrisk.frames import NEVER

# Windowed families take three numbers: the whole history, 90 and 365 days. The numbers are typed, because numba would
# compile every function once for each plain constant that is passed to it.
ISSUED, SETTLED, DUE, CREDIT, EVENT = (np.int64(op) for op in (0, 3, 6, 9, 12))
OPEN_NOW, OVERDUE, OVERDUE_30, OVERDUE_90, RESIDUE, OPEN_CREDIT, STATE = (np.int64(op) for op in range(15, 22))

_OP_SHIFT, _LEAVE_SHIFT = 34, 33
_ENTRY_MASK = (1 << 33) - 1

PER_VERSION, PER_SEGMENT, PER_EVENT = 6, 14, 6
"""At most so many moments come from one version, segment or event."""


HAPPENING = np.dtype([*[(name, "i4") for name in ("channel", "day", "start", "stop")], ("amount", "i8")], align=True)
"""One record per event or state other than invoices, grouped by customer.

``channel`` is the place in ``layout.EVENTS``, or ``len(EVENTS)`` plus the place in ``layout.STATES``.
"""


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def day_of_moment(moment: int) -> int:
    """Give the day of a moment."""
    return (moment >> DAY_SHIFT) - DAY_OFFSET


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def op_of_moment(moment: int) -> int:
    """Give the sum that a moment changes."""
    return (moment >> _OP_SHIFT) & 63


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def sign_of_moment(moment: int) -> int:
    """Give 1 where the entry enters its sum, -1 where it leaves."""
    return 1 - 2 * ((moment >> _LEAVE_SHIFT) & 1)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def entry_of_moment(moment: int) -> int:
    """Give the entry that enters or leaves."""
    return moment & _ENTRY_MASK


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _push(queue: Ints, size: int, op: int, entry: int, start: int, stop: int, last: int) -> int:
    """Add an interval; what lies on or after the last question's day never matters."""
    if start >= stop or start >= last:
        return size
    head = (op << _OP_SHIFT) | entry
    queue[size] = ((max(start, 1 - DAY_OFFSET) + DAY_OFFSET) << DAY_SHIFT) | head
    size += 1
    if stop < last:
        queue[size] = ((stop + DAY_OFFSET) << DAY_SHIFT) | (1 << _LEAVE_SHIFT) | head
        size += 1
    return size


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _push_windows(
    queue: Ints, size: int, op: int, entry: int, day: int, start: int, stop: int, last: int
) -> int:
    """Add an interval to a windowed family: a window holds it until the event's own day is too old."""
    size = _push(queue, size, op, entry, start, stop, last)
    size = _push(queue, size, op + 1, entry, start, min(stop, day + 90), last)
    return _push(queue, size, op + 2, entry, start, min(stop, day + 365), last)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def push_version(queue: Ints, size: int, i: int, versions: Records, last: int) -> int:
    """Add the issue of an invoice or credit note."""
    op = CREDIT if versions[i]["is_credit"] else ISSUED
    day, start, stop = versions[i]["issued"], versions[i]["known"], versions[i]["superseded"]
    return _push_windows(queue, size, op, i, np.int64(day), np.int64(start), np.int64(stop), last)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def push_segment(queue: Ints, size: int, s: int, segments: Records, versions: Records, last: int) -> int:
    """Add what one segment means: open and perhaps overdue, or settled, and whether it was late when due."""
    segment = segments[s]
    start, stop = np.int64(segment["start"]), np.int64(segment["stop"])
    ended = np.int64(segment["ended"])
    due = np.int64(versions[segment["version"]]["due"])
    if versions[segment["version"]]["is_credit"]:
        return _push(queue, size, OPEN_CREDIT, s, start, stop, last) if segment["open_amount"] != 0 else size
    if segment["cause"] == OPEN:
        size = _push(queue, size, OPEN_NOW, s, start, stop, last)
        size = _push(queue, size, OVERDUE, s, max(start, due), stop, last)
        size = _push(queue, size, OVERDUE_30, s, max(start, due + 30), stop, last)
        size = _push(queue, size, OVERDUE_90, s, max(start, due + 90), stop, last)
    else:
        if segment["open_amount"] != 0:
            size = _push(queue, size, RESIDUE, s, start, stop, last)
        if segment["cause"] == PAID:
            size = _push_windows(queue, size, SETTLED, s, ended, start, stop, last)
        if segment["cause"] == CREDITED and ended <= due:
            return size
    return _push_windows(queue, size, DUE, s, due, max(start, due), stop, last)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def push_happening(queue: Ints, size: int, e: int, happenings: Records, events: int, last: int) -> int:
    """Add an event over its windows, or a state over its interval."""
    start, stop = np.int64(happenings[e]["start"]), np.int64(happenings[e]["stop"])
    if happenings[e]["channel"] < events:
        return _push_windows(queue, size, EVENT, e, np.int64(happenings[e]["day"]), start, stop, last)
    return _push(queue, size, STATE, e, start, stop, last)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def is_late(s: int, segments: Records, versions: Records) -> bool:
    """Say whether an invoice was not settled by its due day; an open one past due counts, and so does bad debt."""
    segment = segments[s]
    is_settled = segment["cause"] == PAID or segment["cause"] == CREDITED
    return not (is_settled and segment["ended"] <= versions[segment["version"]]["due"])
