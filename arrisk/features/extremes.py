"""Keeps what cannot be added up: first and last days, the newest settlements, the oldest invoice past due.

An arrival moves an extreme at once. A departure (a correction, a reversal) makes it doubtful, and it is found anew
among the visible rows at the next question. The order of arrivals never matters: equal entries are interchangeable.
"""

import numpy as np
from numba import int64

from arrisk.features.compiled import inner
from arrisk.features.layout import EVENTS, RECENT, SLOT, TREND_NEW
from arrisk.features.segments import PAID, Ints, Records
from arrisk.features.timeline import pack_settlement, unpack_days_late
from arrisk.frames import NEVER

EVENT_COUNT = len(EVENTS)
DOUBTS = 2 + EVENT_COUNT
"""Length of the row of doubts: last and first issue, newest settlements, last event of each channel."""

_DOUBT_ISSUED, _DOUBT_RECENT, _DOUBT_EVENTS = 0, 1, 2
_LAST_EVENT = SLOT[f"last_{EVENTS[0]}"]
_LAST_ISSUED, _FIRST_ISSUED = SLOT["last_issued"], SLOT["first_issued"]
_RECENT, _TREND = SLOT["recent_count"], SLOT["trend_new_count"]
_PLACE = (1 << 32) - 1
_ARRIVAL = np.int64(1)


@inner
def reset_extremes(sums: Ints, recent: Ints, doubts: Ints) -> None:
    """Forget everything, before the next customer."""
    recent[0] = 0
    sums[_LAST_ISSUED], sums[_FIRST_ISSUED] = -NEVER, NEVER
    for channel in range(EVENT_COUNT):
        sums[_LAST_EVENT + channel] = -NEVER
    for d in range(len(doubts)):
        doubts[d] = 0


@inner
def meet_issue(sign: int, day: int, sums: Ints, doubts: Ints) -> None:
    """Let an invoice's day of issue arrive or depart."""
    if sign < 0:
        doubts[_DOUBT_ISSUED] = 1
        return
    sums[_LAST_ISSUED] = max(sums[_LAST_ISSUED], day)
    sums[_FIRST_ISSUED] = min(sums[_FIRST_ISSUED], day)


@inner
def meet_event(sign: int, channel: int, day: int, sums: Ints, doubts: Ints) -> None:
    """Let an event arrive or depart."""
    if sign < 0:
        doubts[_DOUBT_EVENTS + channel] = 1
        return
    sums[_LAST_EVENT + channel] = max(sums[_LAST_EVENT + channel], day)


@inner
def meet_settlement(sign: int, packed: int, recent: Ints, doubts: Ints) -> None:
    """Let a settlement arrive or depart; the newest are kept, newest first, behind their number."""
    if sign < 0:
        doubts[_DOUBT_RECENT] = 1
        return
    count = recent[0]
    if count == RECENT and packed <= recent[RECENT]:
        return
    place = min(count + 1, RECENT)
    recent[0] = place
    while place > 1 and recent[place - 1] < packed:
        recent[place] = recent[place - 1]
        place -= 1
    recent[place] = packed


@inner
def resolve_issues(low: int, high: int, today: int, versions: Records, sums: Ints, doubts: Ints) -> None:
    """Find the first and the last issue anew among a customer's visible versions, where they are doubtful."""
    if doubts[_DOUBT_ISSUED] == 0:
        return
    doubts[_DOUBT_ISSUED] = 0
    sums[_LAST_ISSUED], sums[_FIRST_ISSUED] = -NEVER, NEVER
    for i in range(low, high):
        if versions[i]["is_credit"] == 0 and versions[i]["known"] < today <= versions[i]["superseded"]:
            meet_issue(_ARRIVAL, int64(versions[i]["issued"]), sums, doubts)


@inner
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
        version = versions[segment["version"]]
        is_settled = segment["cause"] == PAID and version["is_credit"] == 0
        if is_settled and segment["start"] < today <= segment["stop"]:
            meet_settlement(_ARRIVAL, pack_settlement(segment, version), recent, doubts)


@inner
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
                meet_event(_ARRIVAL, int64(happening["channel"]), int64(happening["day"]), sums, doubts)


@inner
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


@inner
def push_heap(heap: Ints, size: int, due: int, place: int) -> int:
    """Add an open invoice past due to the heap, oldest due day on top; gives the new size.

    Parameters
    ----------
    heap, size : the heap, and how many wait in it.
    due : the due day.
    place : where the day on which the invoice ceases to be open stands among the values.
    """
    at = size
    item = (due << 32) | place
    while at > 0 and heap[(at - 1) >> 1] > item:
        heap[at] = heap[(at - 1) >> 1]
        at = (at - 1) >> 1
    heap[at] = item
    return size + 1


@inner
def drop_ended(heap: Ints, size: int, today: int, values: Ints) -> int:
    """Take from the top what is not open any more: a day only passes once, so it never comes back."""
    while size > 0 and values[heap[0] & _PLACE] < today:
        size -= 1
        item = heap[size]
        at, child = 0, 1
        while child < size:
            if child + 1 < size and heap[child + 1] < heap[child]:
                child += 1
            if heap[child] >= item:
                break
            heap[at] = heap[child]
            at, child = child, 2 * child + 1
        heap[at] = item
    return size
