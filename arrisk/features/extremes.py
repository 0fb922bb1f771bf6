"""Keeps what cannot be added up: first and last days, the newest settlements, the oldest invoice past due.

An arrival moves an extreme at once. A departure (a correction, a reversal) makes it doubtful, and it is found anew
among the visible rows at the next question. The order of arrivals never matters: equal entries are interchangeable.
"""

import numpy as np
from numba import njit

from arrisk.features import timeline
from arrisk.features.layout import EVENTS, RECENT, SLOT, TREND_NEW
from arrisk.features.segments import PAID, Ints, Records
from arrisk.features.sums import pack_settlement, unpack_days_late
from arrisk.frames import NEVER

EVENT_COUNT = len(EVENTS)
DOUBTS = 2 + EVENT_COUNT
"""Length of the row of doubts: last and first issue, newest settlements, last event of each channel."""

_DOUBT_ISSUED, _DOUBT_RECENT, _DOUBT_EVENTS = 0, 1, 2
_LAST_EVENT = SLOT[f"last_{EVENTS[0]}"]
_LAST_ISSUED, _FIRST_ISSUED = SLOT["last_issued"], SLOT["first_issued"]
_RECENT, _TREND = SLOT["recent_count"], SLOT["trend_new_count"]
_ENTRY = (1 << 32) - 1


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def reset_extremes(sums: Ints, recent: Ints, doubts: Ints) -> None:
    """Forget everything, before the next customer."""
    recent[0] = 0
    sums[_LAST_ISSUED], sums[_FIRST_ISSUED] = -NEVER, NEVER
    for channel in range(EVENT_COUNT):
        sums[_LAST_EVENT + channel] = -NEVER
    for d in range(len(doubts)):
        doubts[d] = 0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def see_issue(day: int, sums: Ints) -> None:
    """Let an invoice's day of issue arrive."""
    sums[_LAST_ISSUED] = max(sums[_LAST_ISSUED], day)
    sums[_FIRST_ISSUED] = min(sums[_FIRST_ISSUED], day)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def see_event(channel: int, day: int, sums: Ints) -> None:
    """Let an event arrive."""
    sums[_LAST_EVENT + channel] = max(sums[_LAST_EVENT + channel], day)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def see_settlement(packed: int, recent: Ints) -> None:
    """Let a settlement arrive: the newest are kept, newest first; the first number says how many there are."""
    count = recent[0]
    if count == RECENT and packed <= recent[RECENT]:
        return
    place = min(count + 1, RECENT)
    recent[0] = place
    while place > 1 and recent[place - 1] < packed:
        recent[place] = recent[place - 1]
        place -= 1
    recent[place] = packed


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def doubt(op: int, channel: int, doubts: Ints) -> None:
    """Mark the extremes that a departure may have taken away."""
    if op == timeline.ISSUED:
        doubts[_DOUBT_ISSUED] = 1
    elif op == timeline.SETTLED:
        doubts[_DOUBT_RECENT] = 1
    elif op == timeline.EVENT:
        doubts[_DOUBT_EVENTS + channel] = 1


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def resolve_issues(low: int, high: int, today: int, versions: Records, sums: Ints, doubts: Ints) -> None:
    """Find the first and the last issue anew among a customer's visible versions, where they are doubtful."""
    if doubts[_DOUBT_ISSUED] == 0:
        return
    doubts[_DOUBT_ISSUED] = 0
    sums[_LAST_ISSUED], sums[_FIRST_ISSUED] = -NEVER, NEVER
    for i in range(low, high):
        if versions[i]["is_credit"] == 0 and versions[i]["known"] < today <= versions[i]["superseded"]:
            see_issue(np.int64(versions[i]["issued"]), sums)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def resolve_settlements(
    low: int, high: int, today: int, segments: Records, versions: Records, recent: Ints, doubts: Ints
) -> None:
    """Find the newest settlements anew among a customer's visible segments, where they are doubtful."""
    if doubts[_DOUBT_RECENT] == 0:
        return
    doubts[_DOUBT_RECENT] = 0
    recent[0] = 0
    for s in range(low, high):
        segment = segments[s]
        if segment["cause"] == PAID and segment["start"] < today <= segment["stop"]:
            if versions[segment["version"]]["is_credit"] == 0:
                see_settlement(pack_settlement(s, segments, versions), recent)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def resolve_events(low: int, high: int, today: int, happenings: Records, sums: Ints, doubts: Ints) -> None:
    """Find the last event of each doubtful channel anew among a customer's visible events."""
    any_doubt = False
    for channel in range(EVENT_COUNT):
        if doubts[_DOUBT_EVENTS + channel]:
            any_doubt = True
            doubts[_DOUBT_EVENTS + channel] = 0
            sums[_LAST_EVENT + channel] = -NEVER
    if any_doubt:
        for e in range(low, high):
            happening = happenings[e]
            if happening["channel"] < EVENT_COUNT and happening["start"] < today <= happening["stop"]:
                see_event(np.int64(happening["channel"]), np.int64(happening["day"]), sums)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def summarise_recent(sums: Ints, recent: Ints) -> None:
    """Sum the newest settlements with weights that fall by one from the newest on, and split them for the trend."""
    for slot in range(4):
        sums[_RECENT + slot] = 0
        sums[_TREND + slot] = 0
    sums[_RECENT] = recent[0]
    for place in range(1, recent[0] + 1):
        days_late = unpack_days_late(recent[place])
        weight = RECENT + 1 - place
        sums[_RECENT + 1] = days_late if place == 1 else sums[_RECENT + 1]
        sums[_RECENT + 2] += weight
        sums[_RECENT + 3] += weight * days_late
        half = _TREND if place <= TREND_NEW else _TREND + 2
        sums[half] += 1
        sums[half + 1] += days_late


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def push_heap(heap: Ints, size: int, due: int, entry: int) -> int:
    """Add an open invoice past due to the heap, oldest due day on top; gives the new size."""
    place = size
    item = (due << 32) | entry
    while place > 0 and heap[(place - 1) >> 1] > item:
        heap[place] = heap[(place - 1) >> 1]
        place = (place - 1) >> 1
    heap[place] = item
    return size + 1


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def drop_ended(heap: Ints, size: int, today: int, segments: Records) -> int:
    """Take from the top what is not open any more: a day only passes once, so it never comes back."""
    while size > 0 and segments[heap[0] & _ENTRY]["stop"] < today:
        size -= 1
        item = heap[size]
        place, child = 0, 1
        while child < size:
            if child + 1 < size and heap[child + 1] < heap[child]:
                child += 1
            if heap[child] >= item:
                break
            heap[place] = heap[child]
            place, child = child, 2 * child + 1
        heap[place] = item
    return size
