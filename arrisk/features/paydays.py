"""Finds the days on which a customer pays: any day, business days, one weekday, or one or two days of the month.

A company that pays in runs pays on the same days whatever the due day says: an invoice that falls due between two runs
is paid before or after, and nothing can be read off its silence until the next run.
"""

import math

import numpy as np
from numba import int64

from arrisk.features.calendar import day_of_month, is_last_business_day
from arrisk.features.compiled import inner
from arrisk.features.habits import (
    FIRST,
    IS_NEW,
    KIND,
    MONTH_DAYS,
    MONTH_END,
    PAID_DAYS,
    RHYTHM,
    SECOND,
    WEEKDAYS,
    WEIGHT,
)
from arrisk.features.layout import LOG_STEPS
from arrisk.features.segments import Ints

EVERY_DAY, BUSINESS_DAYS, WEEKLY, MONTHLY = range(4)

_WEEKEND_SHARE = 0.1
_APART = 4
"""Two runs of a month lie so many days apart: after a weekend one payment may belong to three days of the month."""

_MISS = math.log(0.03 * 1.25)
"""A payment beside the run, against one on any business day."""

_WEEKLY_HIT, _WEEKLY_START = math.log(0.97 * 5), math.log(0.5 / 5)
_MONTHLY_HIT, _MONTHLY_START = math.log(0.97 * 21), math.log(0.15 / 29)
_TWICE_HIT, _TWICE_START = math.log(0.97 * 10.5), math.log(0.15 / (29 * 14))
"""A payment on the run against one on any business day, and each rhythm against business days before any payment: half
as many customers pay weekly as on any day, and every seventh so many monthly or twice a month, on any of these days."""

_MONTHLY_UNKNOWN = math.log(0.15)
_NEVER_SO = -1e3


@inner
def find_rhythms(habits: Ints) -> None:
    """Weigh the rhythms that may stand behind the days of payment, the likeliest first."""
    if habits[IS_NEW] == 0:
        return
    habits[IS_NEW] = 0
    count = habits[PAID_DAYS]
    if habits[WEEKDAYS + 5] + habits[WEEKDAYS + 6] > _WEEKEND_SHARE * count:
        for place in range(1, 4):
            _keep(habits, place, EVERY_DAY, 0, 0, _NEVER_SO)
        _keep(habits, 0, EVERY_DAY, 0, 0, 0.0)
        return
    weekday = _find_most(habits, WEEKDAYS, 0, 7, -_APART)
    first = _find_most(habits, MONTH_DAYS, 1, 30, -_APART)
    second = _find_most(habits, MONTH_DAYS, 1, 30, first)
    weekly, once = habits[WEEKDAYS + weekday], habits[MONTH_DAYS + first]
    _keep(habits, 0, BUSINESS_DAYS, 0, 0, 0.0)
    _keep(habits, 1, WEEKLY, weekday, 0, _weigh(weekly, count, _WEEKLY_HIT, _WEEKLY_START))
    # Before any payment, and beside days that are in no month, its end stands for all of its days.
    weight = _weigh(once, count, _MONTHLY_HIT, _MONTHLY_START if count > 0 else _MONTHLY_UNKNOWN)
    _keep(habits, 2, MONTHLY, first if first > 0 else MONTH_END, 0, weight)
    twice = once + habits[MONTH_DAYS + second]
    weight = _weigh(twice, count, _TWICE_HIT, _TWICE_START) if second > 0 else _NEVER_SO
    _keep(habits, 3, MONTHLY, first, second, weight)
    _put_first(habits)


@inner
def _weigh(hits: int, count: int, hit: float, start: float) -> float:
    return start + hits * hit + (count - hits) * _MISS


@inner
def _keep(habits: Ints, place: int, kind: int, first: int, second: int, weight: float) -> None:
    at = RHYTHM + 4 * place
    habits[at + KIND], habits[at + FIRST], habits[at + SECOND] = kind, first, second
    habits[at + WEIGHT] = int64(np.rint(LOG_STEPS * weight))


@inner
def _put_first(habits: Ints) -> None:
    """Put the likeliest rhythm first, and make the others' weights relative to it."""
    best = RHYTHM
    for at in range(RHYTHM + 4, RHYTHM + 16, 4):
        best = at if habits[at + WEIGHT] > habits[best + WEIGHT] else best
    for part in range(4):
        habits[RHYTHM + part], habits[best + part] = habits[best + part], habits[RHYTHM + part]
    for at in range(RHYTHM + 4, RHYTHM + 16, 4):
        habits[at + WEIGHT] -= habits[RHYTHM + WEIGHT]
    habits[RHYTHM + WEIGHT] = 0


@inner
def _find_most(habits: Ints, base: int, low: int, high: int, other: int) -> int:
    """Find the first of the days with most payments that is apart from another; 0 where there is none."""
    found, most = 0, 0
    for day in range(low, high):
        if abs(day - other) >= _APART and habits[base + day] > most:
            found, most = day, habits[base + day]
    return found


@inner
def is_payday(day: int, habits: Ints, rhythm: int) -> bool:
    """Say whether a customer pays on a day, by one of the rhythms."""
    kind, weekday = habits[rhythm + KIND], (day + 3) % 7
    if kind == EVERY_DAY:
        return True
    if kind == WEEKLY:
        return weekday == habits[rhythm + FIRST]
    if weekday > 4 or kind == BUSINESS_DAYS:
        return weekday <= 4
    return _falls_on(day, weekday, habits[rhythm + FIRST]) or _falls_on(day, weekday, habits[rhythm + SECOND])


@inner
def _falls_on(day: int, weekday: int, of_month: int) -> bool:
    """Say whether a business day is that day of the month, or the Monday after it; 0 is none."""
    if of_month == MONTH_END:
        return is_last_business_day(day)
    # Only a Monday stands for the two days before.
    found = False
    for back in range(3 if weekday == 0 else 1):
        found = found or day_of_month(day - back) == of_month
    return found


@inner
def last_payday(day: int, habits: Ints, rhythm: int) -> int:
    """Give the last day of payment up to a day."""
    while not is_payday(day, habits, rhythm):
        day -= 1
    return day


@inner
def next_payday(day: int, habits: Ints, rhythm: int) -> int:
    """Give the first day of payment after a day."""
    day += 1
    while not is_payday(day, habits, rhythm):
        day += 1
    return day
