"""Counts payments by the day of the month on which they were made, and sums those near an invoice's due day.

A company that pays once or twice a month pays on the same days of each, whatever the due day says.
"""

from numba import int64

from arrisk.features.calendar import day_of_month
from arrisk.features.compiled import inner
from arrisk.features.layout import RUN_DAYS, RUNS, SLOT
from arrisk.features.segments import Ints
from arrisk.frames import NEVER

MONTH_DAYS = 31

_RUNS = SLOT[RUNS[0]]


@inner
def reset_month_days(by_month_day: Ints) -> None:
    """Forget everything, before the next customer."""
    for place in range(MONTH_DAYS):
        by_month_day[place] = 0


@inner
def sum_runs(due: int, sums: Ints, by_month_day: Ints) -> None:
    """Sum the payments near the day of month of a due day; after the 31st comes the 1st. NEVER = none is asked for."""
    if due == NEVER:
        for run in range(len(RUN_DAYS)):
            sums[_RUNS + run] = 0
        return
    day = int64(day_of_month(due) - 1)
    for run in range(len(RUN_DAYS)):
        total = int64(0)
        for place in range(day + RUN_DAYS[run, 0], day + RUN_DAYS[run, 1] + 1):
            if place < 0:
                total += by_month_day[place + MONTH_DAYS]
            elif place >= MONTH_DAYS:
                total += by_month_day[place - MONTH_DAYS]
            else:
                total += by_month_day[place]
        sums[_RUNS + run] = total
