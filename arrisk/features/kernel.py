"""The sweep: walks one customer's moments in order of days and takes down the running sums at every question.

It is a pure function of one customer's rows, so a nightly batch, one customer in a service and a partition of a large
book give the same bits. Nothing is allocated per moment, and nothing runs in numba's own threads.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from arrisk.features import extremes, timeline
from arrisk.features.grouping import sort_packed
from arrisk.features.layout import RECENT, SLOT
from arrisk.features.segments import Ints, Records
from arrisk.features.sums import apply_moment, pack_settlement
from arrisk.frames import NEVER

_OLDEST_DUE, _WIDTH = SLOT["oldest_due"], len(SLOT)


class Rows(NamedTuple):
    """All records, grouped by customer: ``VERSION``, ``SEGMENT`` and ``HAPPENING``."""

    versions: Records
    segments: Records
    happenings: Records


class Scratch(NamedTuple):
    """Working memory of one thread."""

    queue: Ints
    spare: Ints
    heap: Ints
    sums: Ints
    recent: Ints
    doubts: Ints


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def sweep(first: int, stop: int, spans: Ints, days: Ints, rows: Rows, out: Ints) -> None:
    """Answer the questions of a block of customers.

    Parameters
    ----------
    first, stop : the block, customers ``first <= c < stop``.
    spans : where each customer's versions, segments, happenings and questions begin, one row each; one entry more.
    days : the day of each question, rising within a customer.
    rows : the records.
    out : one row per question of the block, one column per slot.
    """
    scratch = _make_scratch(first, stop, spans)
    base = spans[3, first]
    for customer in range(first, stop):
        if spans[3, customer] < spans[3, customer + 1]:
            last = days[spans[3, customer + 1] - 1]
            size = _fill_queue(customer, spans, last, rows, scratch.queue)
            sort_packed(scratch.queue, np.int64(0), size, scratch.spare)
            _answer(customer, base, size, spans, days, rows, scratch, out)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _make_scratch(first: int, stop: int, spans: Ints) -> Scratch:
    moments, waiting = np.int64(1), np.int64(1)
    for c in range(first, stop):
        segments = spans[1, c + 1] - spans[1, c]
        size = (spans[0, c + 1] - spans[0, c]) * timeline.PER_VERSION + segments * timeline.PER_SEGMENT
        size += (spans[2, c + 1] - spans[2, c]) * timeline.PER_EVENT
        moments, waiting = max(moments, size), max(waiting, segments)
    queue, spare = np.empty(moments, dtype=np.int64), np.empty(moments, dtype=np.int64)
    heap, sums = np.empty(waiting, dtype=np.int64), np.empty(_WIDTH, dtype=np.int64)
    recent, doubts = np.empty(RECENT + 1, dtype=np.int64), np.empty(extremes.DOUBTS, dtype=np.int64)
    return Scratch(queue, spare, heap, sums, recent, doubts)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _fill_queue(customer: int, spans: Ints, last: int, rows: Rows, queue: Ints) -> int:
    size = np.int64(0)
    for i in range(spans[0, customer], spans[0, customer + 1]):
        size = timeline.push_version(queue, size, i, rows.versions, last)
    for s in range(spans[1, customer], spans[1, customer + 1]):
        size = timeline.push_segment(queue, size, s, rows.segments, rows.versions, last)
    for e in range(spans[2, customer], spans[2, customer + 1]):
        size = timeline.push_happening(queue, size, e, rows.happenings, extremes.EVENT_COUNT, last)
    return size


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _answer(
    customer: int, base: int, size: int, spans: Ints, days: Ints, rows: Rows, scratch: Scratch, out: Ints
) -> None:
    sums = scratch.sums
    for slot in range(_WIDTH):
        sums[slot] = 0
    extremes.reset_extremes(sums, scratch.recent, scratch.doubts)
    at, waiting = np.int64(0), np.int64(0)
    for q in range(spans[3, customer], spans[3, customer + 1]):
        today = days[q]
        while at < size and timeline.day_of_moment(scratch.queue[at]) < today:
            waiting = _live_through(scratch.queue[at], waiting, rows, scratch)
            at += 1
        waiting = extremes.drop_ended(scratch.heap, waiting, today, rows.segments)
        sums[_OLDEST_DUE] = (scratch.heap[0] >> 32) if waiting > 0 else NEVER
        _resolve_doubts(customer, spans, today, rows, scratch)
        extremes.summarise_recent(sums, scratch.recent)
        for slot in range(_WIDTH):
            out[q - base, slot] = sums[slot]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _live_through(moment: int, waiting: int, rows: Rows, scratch: Scratch) -> int:
    """Let one moment change the sums and the extremes; gives how many invoices wait in the heap."""
    op, sign = timeline.op_of_moment(moment), timeline.sign_of_moment(moment)
    entry = timeline.entry_of_moment(moment)
    apply_moment(op, sign, entry, scratch.sums, rows.versions, rows.segments, rows.happenings)
    if op == timeline.OVERDUE and sign > 0:
        due = np.int64(rows.versions[rows.segments[entry]["version"]]["due"])
        return extremes.push_heap(scratch.heap, waiting, due, entry)
    if op in (timeline.ISSUED, timeline.SETTLED, timeline.EVENT):
        if sign > 0:
            _arrive(op, entry, rows, scratch)
        else:
            channel = np.int64(rows.happenings[entry]["channel"] if op == timeline.EVENT else 0)
            extremes.doubt(op, channel, scratch.doubts)
    return waiting


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _arrive(op: int, entry: int, rows: Rows, scratch: Scratch) -> None:
    if op == timeline.ISSUED:
        extremes.see_issue(np.int64(rows.versions[entry]["issued"]), scratch.sums)
    elif op == timeline.SETTLED:
        extremes.see_settlement(pack_settlement(entry, rows.segments, rows.versions), scratch.recent)
    else:
        happening = rows.happenings[entry]
        extremes.see_event(np.int64(happening["channel"]), np.int64(happening["day"]), scratch.sums)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _resolve_doubts(customer: int, spans: Ints, today: int, rows: Rows, scratch: Scratch) -> None:
    doubts, sums = scratch.doubts, scratch.sums
    low, high = spans[0, customer], spans[0, customer + 1]
    extremes.resolve_issues(low, high, today, rows.versions, sums, doubts)
    low, high = spans[1, customer], spans[1, customer + 1]
    extremes.resolve_settlements(low, high, today, rows.segments, rows.versions, scratch.recent, doubts)
    low, high = spans[2, customer], spans[2, customer + 1]
    extremes.resolve_events(low, high, today, rows.happenings, sums, doubts)
