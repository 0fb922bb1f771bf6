"""Adds one moment to a customer's running sums, or takes it away again: whole numbers only, so that both are exact."""

import numpy as np
from numba import njit

from arrisk.features import timeline
from arrisk.features.layout import DUE_VALUES, EVENTS, ISSUED_VALUES, LOW_BITS, SETTLED_VALUES, SLOT, STATES
from arrisk.features.segments import Ints, Records

_LOW_MASK = (1 << LOW_BITS) - 1
_ISSUED_WIDTH, _SETTLED_WIDTH, _DUE_WIDTH = len(ISSUED_VALUES), len(SETTLED_VALUES), len(DUE_VALUES)
_WEEKDAY, _MONTH_END = SETTLED_VALUES.index("weekday_0"), SETTLED_VALUES.index("month_end")
_EVENT_COUNT = len(EVENTS)
_ISSUED, _SETTLED, _DUE, _CREDITS, _OPEN, _OVERDUE, _OVERDUE_30, _OVERDUE_90, _OPEN_CREDITS, _EVENTS, _STATES = (
    # Typed, because numba would compile a function once for each plain constant that is passed to it.
    np.int64(SLOT[f"{family}_count"])
    for family in ("issued", "settled", "due", "credits", "open", "overdue", "overdue_30", "overdue_90")
    + ("open_credits", EVENTS[0], STATES[0])
)
_RESIDUE = SLOT["residue_amount"]
_MOST_LATE = 1 << 20


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def apply_moment(
    op: int, sign: int, entry: int, sums: Ints, versions: Records, segments: Records, happenings: Records
) -> None:
    """Let one entry enter or leave the sum it belongs to."""
    if op < timeline.SETTLED:
        _apply_issue(sums, _ISSUED + op * _ISSUED_WIDTH, sign, entry, versions)
    elif op < timeline.DUE:
        base = _SETTLED + (op - timeline.SETTLED) * _SETTLED_WIDTH
        _apply_settlement(sums, base, sign, entry, segments, versions)
    elif op < timeline.CREDIT:
        _apply_due(sums, _DUE + (op - timeline.DUE) * _DUE_WIDTH, sign, entry, segments, versions)
    elif op < timeline.EVENT:
        _apply_pair(sums, _CREDITS + (op - timeline.CREDIT) * 2, sign, np.int64(versions[entry]["book_amount"]))
    elif op < timeline.OPEN_NOW:
        base = _EVENTS + happenings[entry]["channel"] * 6 + (op - timeline.EVENT) * 2
        _apply_pair(sums, base, sign, np.int64(happenings[entry]["amount"]))
    elif op == timeline.STATE:
        base = _STATES + (happenings[entry]["channel"] - _EVENT_COUNT) * 2
        _apply_pair(sums, base, sign, np.int64(happenings[entry]["amount"]))
    else:
        _apply_open(op, sums, sign, entry, segments, versions)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _apply_pair(sums: Ints, base: int, sign: int, amount: int) -> None:
    sums[base] += sign
    sums[base + 1] += sign * amount


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _apply_issue(sums: Ints, base: int, sign: int, i: int, versions: Records) -> None:
    _apply_pair(sums, base, sign, np.int64(versions[i]["book_amount"]))
    sums[base + 2] += sign * (np.int64(versions[i]["due"]) - versions[i]["issued"])


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _apply_settlement(sums: Ints, base: int, sign: int, s: int, segments: Records, versions: Records) -> None:
    i = segments[s]["version"]
    ended = np.int64(segments[s]["ended"])
    days_late = ended - versions[i]["due"]
    amount = np.int64(versions[i]["book_amount"])
    late = sign * (days_late > 0)
    sums[base] += sign
    sums[base + 1] += late
    sums[base + 2] += sign * (days_late > 30)
    sums[base + 3] += sign * days_late
    sums[base + 4] += sign * days_late * days_late
    sums[base + 5] += sign * amount
    sums[base + 6] += late * amount
    sums[base + 7] += sign * (amount >> LOW_BITS) * days_late
    sums[base + 8] += sign * (amount & _LOW_MASK) * days_late
    sums[base + 9] += sign * (segments[s]["receipts"] > 1)
    sums[base + _MONTH_END] += sign * is_month_end(ended)
    sums[base + _WEEKDAY + (ended + 3) % 7] += sign


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _apply_due(sums: Ints, base: int, sign: int, s: int, segments: Records, versions: Records) -> None:
    amount = np.int64(versions[segments[s]["version"]]["book_amount"])
    late = sign * timeline.is_late(s, segments, versions)
    sums[base] += sign
    sums[base + 1] += late
    sums[base + 2] += sign * amount
    sums[base + 3] += late * amount


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _apply_open(op: int, sums: Ints, sign: int, s: int, segments: Records, versions: Records) -> None:
    amount = np.int64(segments[s]["open_amount"])
    if op == timeline.OPEN_NOW:
        _apply_pair(sums, _OPEN, sign, amount)
        sums[_OPEN + 2] += sign * (segments[s]["receipts"] > 0)
    elif op == timeline.OVERDUE:
        _apply_pair(sums, _OVERDUE, sign, amount)
        sums[_OVERDUE + 2] += sign * np.int64(versions[segments[s]["version"]]["due"])
    elif op == timeline.OVERDUE_30:
        _apply_pair(sums, _OVERDUE_30, sign, amount)
    elif op == timeline.OVERDUE_90:
        _apply_pair(sums, _OVERDUE_90, sign, amount)
    elif op == timeline.RESIDUE:
        sums[_RESIDUE] += sign * amount
    else:
        _apply_pair(sums, _OPEN_CREDITS, sign, amount)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def is_month_end(day: int) -> bool:
    """Say whether a day is one of the last three of its month (civil calendar, days since 1970-01-01).

    The day of the month follows Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    """
    return _day_of_month(day + 3) <= 3


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _day_of_month(day: int) -> int:
    shifted = day + 719468
    of_era = shifted - (shifted // 146097) * 146097
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    return of_year - (153 * month + 2) // 5 + 1


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def pack_settlement(s: int, segments: Records, versions: Records) -> int:
    """Make one number of a settlement that sorts by day, then by days late: equal numbers are interchangeable."""
    ended = np.int64(segments[s]["ended"])
    days_late = ended - versions[segments[s]["version"]]["due"]
    return (ended << 22) + min(max(days_late, -_MOST_LATE), _MOST_LATE) + _MOST_LATE


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def unpack_days_late(packed: int) -> int:
    """Give the days late of a packed settlement."""
    return (packed & ((1 << 22) - 1)) - _MOST_LATE
