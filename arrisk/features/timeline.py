"""Lays one customer's intervals out as a queue of moments: from which day each enters its sums, and leaves them.

An interval holds for the days D with ``start < D <= stop``. A moment is one int64, day first, so that sorting the
queue puts the days in order; the rest says which op it belongs to, whether it leaves, and where its values stand.
The values are what the op adds to its slots, and after them what the extremes need to know.
"""

import math

import numpy as np
from numba import int64

from arrisk.features.calendar import is_month_end
from arrisk.features.compiled import entry, inner
from arrisk.features.grouping import DAY_OFFSET, DAY_SHIFT
from arrisk.features.habits import DUE_WITHIN
from arrisk.features.layout import CHANNEL_OP, EVENTS, LOG_STEPS, LOW_BITS, OP_END, WINDOW, first_op
from arrisk.features.segments import CREDITED, OPEN, PAID, Ints, Records

HAPPENING = np.dtype([*[(name, "i4") for name in ("channel", "day", "start", "stop")], ("amount", "i8")], align=True)
"""One record per event or state other than invoices, grouped by customer; ``channel`` as in the layout."""

_ISSUED, _CREDITS, _SETTLED, _HABIT, _DUE = (
    first_op(name) for name in ("issued", "credits", "settled", "habit", "due")
)
_OVERDUE, _OVERDUE_30, _OVERDUE_90 = (first_op(name) for name in ("overdue", "overdue_30", "overdue_90"))
_OPEN, _DUE_SOON, _RESIDUE, _OPEN_CREDITS = (first_op(name) for name in ("open", "due_soon", "residue", "open_credits"))
_WAITING = first_op("waiting")
_EVENT_COUNT = len(EVENTS)

_OP_SHIFT, _LEAVE_SHIFT = 33, 32
_PLACE_MASK = (1 << 32) - 1
_LOW_MASK = (1 << LOW_BITS) - 1
_MOST_LATE = 1 << 20
_SOON_DAYS = 5
_MOST_EARLY_CLIPPED, _MOST_LATE_CLIPPED = -40, 60
"""Beyond these days late a settlement counts as if it were one of them: a mean that one dispute does not move."""

VERSION_ROOM, SEGMENT_ROOM, HAPPENING_ROOM = (6, 5), (18, 34), (6, 4)
"""At most so many moments, and values, come from one version, segment or happening."""


@inner
def day_of_moment(moment: int) -> int:
    """Give the day of a moment."""
    return (moment >> DAY_SHIFT) - DAY_OFFSET


@inner
def op_of_moment(moment: int) -> int:
    """Give the op that a moment belongs to."""
    return (moment >> _OP_SHIFT) & 127


@inner
def sign_of_moment(moment: int) -> int:
    """Give 1 where the values are added, -1 where they are taken away."""
    return 1 - 2 * ((moment >> _LEAVE_SHIFT) & 1)


@inner
def place_of_moment(moment: int) -> int:
    """Give the place of the values."""
    return moment & _PLACE_MASK


@inner
def _push(queue: Ints, size: int, op: int, place: int, start: int, stop: int, last: int) -> int:
    """Add an interval; what lies on or after the last question's day never matters."""
    if start >= stop or start >= last:
        return size
    head = (op << _OP_SHIFT) | place
    queue[size] = ((max(start, 1 - DAY_OFFSET) + DAY_OFFSET) << DAY_SHIFT) | head
    size += 1
    if stop < last:
        queue[size] = ((stop + DAY_OFFSET) << DAY_SHIFT) | (1 << _LEAVE_SHIFT) | head
        size += 1
    return size


@inner
def _push_family(queue: Ints, size: int, op: int, place: int, day: int, start: int, stop: int, last: int) -> int:
    """Add an interval to every window of a family: a window holds it until the event's own day is too old."""
    for each in range(op, OP_END[op]):
        size = _push(queue, size, each, place, start, min(stop, day + WINDOW[each]), last)
    return size


@inner
def push_version(queue: Ints, size: int, values: Ints, free: int, version: Records, last: int, scale: float) -> int:
    """Add the issue of an invoice or credit note; writes five values."""
    issued, amount = int64(version["issued"]), int64(version["book_amount"])
    values[free] = 1
    values[free + 1] = amount
    values[free + 2] = version["due"] - issued
    values[free + 3] = int64(np.rint(LOG_STEPS * math.log1p(max(amount, 0) / scale)))
    values[free + 4] = issued
    op = _CREDITS if version["is_credit"] else _ISSUED
    known, superseded = int64(version["known"]), int64(version["superseded"])
    return _push_family(queue, size, op, free, issued, known, superseded, last)


@inner
def push_happening(queue: Ints, size: int, values: Ints, free: int, happening: Records, last: int) -> int:
    """Add an event over its windows, or a state over its interval; writes four values."""
    channel, day = int64(happening["channel"]), int64(happening["day"])
    values[free] = 1
    values[free + 1] = happening["amount"]
    values[free + 2] = channel
    values[free + 3] = day
    start, stop = int64(happening["start"]), int64(happening["stop"])
    if channel >= _EVENT_COUNT:
        return _push(queue, size, CHANNEL_OP[channel], free, start, stop, last)
    return _push_family(queue, size, CHANNEL_OP[channel], free, day, start, stop, last)


@inner
def push_segment(queue: Ints, size: int, values: Ints, free: int, segment: Records, version: Records, last: int) -> int:
    """Add what one segment means: open and perhaps overdue, or settled, and whether it was late when due."""
    start, stop, due = int64(segment["start"]), int64(segment["stop"]), int64(version["due"])
    if version["is_credit"]:
        _write_open(values, free, segment, due)
        return _push(queue, size, _OPEN_CREDITS, free, start, stop, last) if segment["open_amount"] != 0 else size
    if segment["cause"] == OPEN:
        _write_open(values, free, segment, due)
        size = _push(queue, size, _OPEN, free, start, stop, last)
        size = _push(queue, size, _DUE_SOON, free, max(start, due - _SOON_DAYS - 1), stop, last)
        size = _push_family(queue, size, _WAITING, free + 7, due, max(start, due - DUE_WITHIN - 1), stop, last)
        size = _push(queue, size, _OVERDUE, free + 3, max(start, due), stop, last)
        size = _push(queue, size, _OVERDUE_30, free, max(start, due + 30), stop, last)
        size = _push(queue, size, _OVERDUE_90, free, max(start, due + 90), stop, last)
        free += 9
    elif segment["open_amount"] != 0:
        values[free] = segment["open_amount"]
        size = _push(queue, size, _RESIDUE, free, start, stop, last)
        free += 1
    if segment["cause"] == PAID:
        size = _push_settlement(queue, size, values, free, segment, version, last)
        free += 27
    if segment["cause"] == CREDITED and segment["ended"] <= due:
        return size
    _write_due(values, free, segment, version)
    return _push_family(queue, size, _DUE, free, due, max(start, due), stop, last)


@inner
def _write_open(values: Ints, free: int, segment: Records, due: int) -> None:
    """Write count, amount, in_parts; of what is overdue count, amount, due day, stop; of what waits count, due day."""
    values[free] = 1
    values[free + 1] = segment["open_amount"]
    values[free + 2] = segment["receipts"] > 0
    values[free + 3] = 1
    values[free + 4] = segment["open_amount"]
    values[free + 5] = due
    values[free + 6] = segment["stop"]
    values[free + 7] = 1
    values[free + 8] = due


@inner
def _write_due(values: Ints, free: int, segment: Records, version: Records) -> None:
    late = int64(is_late(segment, version))
    values[free] = 1
    values[free + 1] = late
    values[free + 2] = version["book_amount"]
    values[free + 3] = late * version["book_amount"]


@inner
def _push_settlement(
    queue: Ints, size: int, values: Ints, free: int, segment: Records, version: Records, last: int
) -> int:
    """Add a settlement: thirteen values and the packed settlement, then thirteen of habit."""
    ended, amount = int64(segment["ended"]), int64(version["book_amount"])
    days_late = ended - version["due"]
    values[free] = 1
    values[free + 1] = days_late > 0
    values[free + 2] = days_late > 30
    values[free + 3] = days_late > 60
    values[free + 4] = days_late > 90
    values[free + 5] = days_late
    values[free + 6] = days_late * days_late
    values[free + 7] = min(max(days_late, _MOST_EARLY_CLIPPED), _MOST_LATE_CLIPPED)
    values[free + 8] = amount
    values[free + 9] = amount if days_late > 0 else 0
    values[free + 10] = segment["receipts"] > 1
    values[free + 11] = (amount >> LOW_BITS) * days_late
    values[free + 12] = (amount & _LOW_MASK) * days_late
    values[free + 13] = pack_settlement(segment, version)
    _write_habit(values, free + 14, ended, days_late)
    start, stop = int64(segment["start"]), int64(segment["stop"])
    size = _push_family(queue, size, _SETTLED, free, ended, start, stop, last)
    return _push_family(queue, size, _HABIT, free + 14, ended, start, stop, last)


@inner
def _write_habit(values: Ints, free: int, ended: int, days_late: int) -> None:
    """Write month end, the seven weekdays and how late it was."""
    values[free] = is_month_end(ended)
    for weekday in range(7):
        values[free + 1 + weekday] = weekday == (ended + 3) % 7
    values[free + 8] = days_late > -7
    values[free + 9] = days_late > -3
    values[free + 10] = days_late > 4
    values[free + 11] = days_late > 10
    values[free + 12] = days_late > 20


@inner
def is_late(segment: Records, version: Records) -> bool:
    """Say whether an invoice was not settled by its due day; an open one past due counts, and so does bad debt."""
    is_settled = segment["cause"] == PAID or segment["cause"] == CREDITED
    return not (is_settled and segment["ended"] <= version["due"])


@entry
def pack_settlement(segment: Records, version: Records) -> int:
    """Make one number of a settlement that sorts by day, then by days late: equal numbers are interchangeable."""
    ended = int64(segment["ended"])
    days_late = ended - version["due"]
    return (ended << 22) + min(max(days_late, -_MOST_LATE), _MOST_LATE) + _MOST_LATE


@entry
def unpack_days_late(packed: int) -> int:
    """Give the days late of a packed settlement."""
    return (packed & ((1 << 22) - 1)) - _MOST_LATE
