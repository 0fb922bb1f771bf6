"""Keeps one customer's habits: on which days it paid, how late, and when what it owes falls due.

All of it stands in one row of whole numbers, so that what arrived can depart again exactly; payments count for 365
days.
"""

from numba import int64

from arrisk.features.calendar import day_of_month, is_last_business_day
from arrisk.features.compiled import inner
from arrisk.features.segments import Ints

MONTH_END = 29
"""Stands for the last business day of a month among the days of the month; those of a run are 1..28."""

LEAST_LATE, MOST_LATE = -40, 60
"""Beyond these days late a payment counts as if it were one of them."""

DUE_WITHIN = 40
"""Open invoices are kept from so many days before their due day on, until ``WAITING_DAYS`` after it."""

_BY_DAY, _BY_DUE_DAY = 512, 256

IS_NEW, RHYTHM = 0, 1
"""Whether days of payment have come or gone since the rhythms were weighed; where the four rhythms stand."""

KIND, FIRST, SECOND, WEIGHT = range(4)
"""What is kept of a rhythm: its kind, its days, and the logarithm of its weight."""

PAID_DAYS, WEEKDAYS, MONTH_DAYS = RHYTHM + 16, RHYTHM + 17, RHYTHM + 24
"""On how many days it paid; these by weekday, Monday first; and by day of the month, the first of them one place on."""

DELAYS = MONTH_DAYS + MONTH_END + 1
"""Payments by days late, from ``LEAST_LATE`` on."""

_DUES = DELAYS + MOST_LATE - LEAST_LATE + 1
_DAYS = _DUES + _BY_DUE_DAY
SIZE = _DAYS + _BY_DAY


@inner
def reset_habits(habits: Ints) -> None:
    """Forget everything, before the next customer."""
    for place in range(SIZE):
        habits[place] = 0
    habits[IS_NEW] = 1


@inner
def meet_payment(sign: int, day: int, habits: Ints) -> None:
    """Let a payment arrive on its day, or depart; several on one day count as one."""
    place = _DAYS + (day & (_BY_DAY - 1))
    habits[place] += sign
    if habits[place] != (1 if sign > 0 else 0):
        return
    weekday = (day + 3) % 7
    habits[IS_NEW] = 1
    habits[PAID_DAYS] += sign
    habits[WEEKDAYS + weekday] += sign
    if is_last_business_day(day):
        habits[MONTH_DAYS + MONTH_END] += sign
    # A day that falls on a weekend is paid on the Monday after.
    for back in range(3 if weekday == 0 else 1):
        of_month = day_of_month(day - back)
        if of_month < MONTH_END:
            habits[MONTH_DAYS + of_month] += sign


@inner
def meet_delay(sign: int, days_late: int, habits: Ints) -> None:
    """Let a settlement arrive by how late it was, or depart."""
    bounded = min(max(int64(days_late), LEAST_LATE), MOST_LATE)
    habits[DELAYS + bounded - LEAST_LATE] += sign


@inner
def meet_due(sign: int, due: int, habits: Ints) -> None:
    """Let an open invoice arrive by its due day, or depart."""
    habits[_DUES + (due & (_BY_DUE_DAY - 1))] += sign


@inner
def count_due(due: int, habits: Ints) -> int:
    """Count the open invoices of a due day."""
    return habits[_DUES + (due & (_BY_DUE_DAY - 1))]
