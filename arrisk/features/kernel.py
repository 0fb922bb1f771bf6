"""The sweep: walks one customer's moments in order of days and takes down the running sums at every question.

It is a pure function of one customer's rows, so a nightly batch, one customer in a service and a partition of a large
book give the same bits. Nothing is allocated per moment, and nothing runs in numba's own threads.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import int64

from arrisk.features import extremes, habits, paydays, silence, timeline
from arrisk.features.compiled import entry, inner
from arrisk.features.facts import Floats
from arrisk.features.grouping import sort_packed
from arrisk.features.layout import BASE, CHANNEL_OP, EVENTS, RECENT, SLOT, WIDTH, first_op
from arrisk.features.segments import Ints, Records
from arrisk.frames import NEVER

_OLDEST_DUE, _SLOTS = SLOT["oldest_due"], len(SLOT)
_LAST_PAYMENT, _SLACK, _SLACK_30, _GAP, _SILENCE = (
    SLOT[name] for name in ("last_payments", "run_slack_days", "run_slack_30_days", "run_gap_days", "silence")
)
_ISSUED, _SETTLED, _PAYMENTS, _OVERDUE, _WAITING = (
    first_op(name) for name in ("issued", "settled", "payments", "overdue", "waiting")
)
_NOTHING, _ISSUE, _SETTLEMENT, _EVENT, _OPEN_PAST_DUE, _PAYMENT, _DELAY, _DUE = range(8)


def _list_extremes() -> npt.NDArray[np.int64]:
    kinds = np.full(len(BASE), _NOTHING, dtype="int64")
    kinds[CHANNEL_OP[: len(EVENTS)]] = _EVENT
    kinds[[_ISSUED, _SETTLED, _OVERDUE]] = (_ISSUE, _SETTLEMENT, _OPEN_PAST_DUE)
    # The windows of payments and settlements: the whole history, 90 days, 365 days.
    kinds[[_PAYMENTS + 2, _SETTLED + 2, _WAITING]] = (_PAYMENT, _DELAY, _DUE)
    return kinds


_EXTREME = _list_extremes()
"""What an op moves beside its sums: an extreme, which only the whole history does, or a habit."""


class Rows(NamedTuple):
    """All records, grouped by customer: ``VERSION``, ``SEGMENT`` and ``HAPPENING``; and minor units in one unit."""

    versions: Records
    segments: Records
    happenings: Records
    scale: float


class Asked(NamedTuple):
    """The day of each question, rising within a customer, and the due day of its invoice; NEVER = it has none."""

    days: Ints
    due_days: Ints


class Scratch(NamedTuple):
    """Working memory of one thread."""

    queue: Ints
    spare: Ints
    values: Ints
    heap: Ints
    sums: Ints
    recent: Ints
    doubts: Ints
    habits: Ints
    work: Floats


@entry
def sweep(first: int, stop: int, spans: Ints, asked: Asked, rows: Rows, out: Ints) -> None:
    """Answer the questions of a block of customers.

    Parameters
    ----------
    first, stop : the block, customers ``first <= c < stop``.
    spans : where each customer's versions, segments, happenings and questions begin, one row each; one entry more.
    asked : the questions.
    rows : the records.
    out : one row per slot, one column per question of the block: each sum of the block stands in one piece.
    """
    scratch = _make_scratch(first, stop, spans)
    base = spans[3, first]
    for customer in range(first, stop):
        if spans[3, customer] < spans[3, customer + 1]:
            last = asked.days[spans[3, customer + 1] - 1]
            size = _fill_queue(customer, spans, last, rows, scratch.queue, scratch.values)
            sort_packed(scratch.queue, int64(0), size, scratch.spare)
            _answer(customer, base, size, spans, asked, rows, scratch, out)


@inner
def _make_scratch(first: int, stop: int, spans: Ints) -> Scratch:
    moments, numbers, waiting = int64(1), int64(1), int64(1)
    for c in range(first, stop):
        versions, segments, happenings = (
            spans[0, c + 1] - spans[0, c],
            spans[1, c + 1] - spans[1, c],
            spans[2, c + 1] - spans[2, c],
        )
        rooms = (timeline.VERSION_ROOM, timeline.SEGMENT_ROOM, timeline.HAPPENING_ROOM)
        moments = max(moments, versions * rooms[0][0] + segments * rooms[1][0] + happenings * rooms[2][0])
        numbers = max(numbers, versions * rooms[0][1] + segments * rooms[1][1] + happenings * rooms[2][1])
        waiting = max(waiting, segments)
    queue, spare = np.empty(moments, dtype=np.int64), np.empty(moments, dtype=np.int64)
    values, heap = np.empty(numbers, dtype=np.int64), np.empty(waiting, dtype=np.int64)
    sums, recent = np.empty(_SLOTS, dtype=np.int64), np.empty(RECENT + 1, dtype=np.int64)
    doubts, own = np.empty(extremes.DOUBTS, dtype=np.int64), np.empty(habits.SIZE, dtype=np.int64)
    work = np.empty(silence.ROOM, dtype=np.float64)
    return Scratch(queue, spare, values, heap, sums, recent, doubts, own, work)


@inner
def _fill_queue(customer: int, spans: Ints, last: int, rows: Rows, queue: Ints, values: Ints) -> int:
    versions, segments, happenings, scale = rows
    size, free = int64(0), int64(0)
    for i in range(spans[0, customer], spans[0, customer + 1]):
        size = timeline.push_version(queue, size, values, free, versions[i], last, scale)
        free += timeline.VERSION_ROOM[1]
    for s in range(spans[1, customer], spans[1, customer + 1]):
        segment = segments[s]
        size = timeline.push_segment(queue, size, values, free, segment, versions[segment["version"]], last)
        free += timeline.SEGMENT_ROOM[1]
    for e in range(spans[2, customer], spans[2, customer + 1]):
        size = timeline.push_happening(queue, size, values, free, happenings[e], last)
        free += timeline.HAPPENING_ROOM[1]
    return size


@inner
def _answer(
    customer: int, base: int, size: int, spans: Ints, asked: Asked, rows: Rows, scratch: Scratch, out: Ints
) -> None:
    # The tuples are taken apart here, once a customer: taking an array out of a tuple counts a reference, atomically,
    # and a moment is shorter than that.
    days, due_days = asked
    versions, segments, happenings, _ = rows
    queue, _, values, heap, sums, recent, doubts, own, work = scratch
    for slot in range(_SLOTS):
        sums[slot] = 0
    extremes.reset_extremes(sums, recent, doubts)
    habits.reset_habits(own)
    at, waiting = int64(0), int64(0)
    for q in range(spans[3, customer], spans[3, customer + 1]):
        today = days[q]
        while at < size and timeline.day_of_moment(queue[at]) < today:
            op, sign = timeline.op_of_moment(queue[at]), timeline.sign_of_moment(queue[at])
            place = timeline.place_of_moment(queue[at])
            for k in range(WIDTH[op]):
                sums[BASE[op] + k] += sign * values[place + k]
            if _EXTREME[op] >= _PAYMENT:
                _move_habit(op, sign, values, place + WIDTH[op], own)
            elif _EXTREME[op] != _NOTHING:
                waiting = _move_extreme(queue[at], waiting, values, heap, sums, recent, doubts)
            at += 1
        waiting = extremes.drop_ended(heap, waiting, today, values)
        sums[_OLDEST_DUE] = (heap[0] >> 32) if waiting > 0 else NEVER
        extremes.resolve_issues(spans[0, customer], spans[0, customer + 1], today, versions, sums, doubts)
        low, high = spans[1, customer], spans[1, customer + 1]
        extremes.resolve_settlements(low, high, today, segments, versions, recent, doubts)
        extremes.resolve_events(spans[2, customer], spans[2, customer + 1], today, happenings, sums, doubts)
        extremes.summarise_recent(sums, recent)
        _tell_runs(due_days[q], sums, own)
        # What is asked again on a day is as silent as before.
        if q == spans[3, customer] or days[q - 1] < today:
            sums[_SILENCE] = silence.weigh_silence(today, sums[_LAST_PAYMENT], own, work)
        for slot in range(_SLOTS):
            out[slot, q - base] = sums[slot]


@inner
def _move_extreme(moment: int, waiting: int, values: Ints, heap: Ints, sums: Ints, recent: Ints, doubts: Ints) -> int:
    """Let an entry of the whole history move the extremes; gives how many invoices wait in the heap."""
    op, sign = timeline.op_of_moment(moment), timeline.sign_of_moment(moment)
    after = timeline.place_of_moment(moment) + WIDTH[op]
    extreme = _EXTREME[op]
    if extreme == _ISSUE:
        extremes.meet_issue(sign, values[after], sums, doubts)
    elif extreme == _SETTLEMENT:
        extremes.meet_settlement(sign, values[after], recent, doubts)
    elif extreme == _EVENT:
        extremes.meet_event(sign, values[after], values[after + 1], sums, doubts)
    elif extreme == _OPEN_PAST_DUE and sign > 0:
        # The due day is the last of the values; the day on which it ceases to be open stands behind them.
        return extremes.push_heap(heap, waiting, values[after - 1], after)
    return waiting


@inner
def _move_habit(op: int, sign: int, values: Ints, after: int, own: Ints) -> None:
    """Let an entry of a window move the habits, by what stands behind its values."""
    kind = _EXTREME[op]
    if kind == _PAYMENT:
        habits.meet_payment(sign, values[after + 1], own)
    elif kind == _DUE:
        habits.meet_due(sign, values[after], own)
    else:
        habits.meet_delay(sign, timeline.unpack_days_late(values[after]), own)


@inner
def _tell_runs(due: int, sums: Ints, own: Ints) -> None:
    """Tell where a due day, and 30 days past it, lie between two days of payment, where one is asked about."""
    paydays.find_rhythms(own)
    sums[_SLACK], sums[_SLACK_30], sums[_GAP] = 0, 0, 0
    if due != NEVER:
        before = paydays.last_payday(due, own, habits.RHYTHM)
        sums[_SLACK_30] = due + 30 - paydays.last_payday(due + 30, own, habits.RHYTHM)
        sums[_SLACK], sums[_GAP] = due - before, paydays.next_payday(due, own, habits.RHYTHM) - before
