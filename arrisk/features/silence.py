"""Weighs a customer's silence: how much likelier what it has not paid is if it had stopped paying at some time.

A customer that pays leaves an invoice open for as long as it is used to; one that has stopped leaves all of them open,
from the day on which it stopped. By Bayes' rule, with the customer's own delays and days of payment.
"""

import math

import numpy as np
from numba import int64

from arrisk.features.compiled import inner
from arrisk.features.facts import Floats
from arrisk.features.habits import DELAYS, DUE_WITHIN, LEAST_LATE, MOST_LATE, RHYTHM, WEIGHT, count_due
from arrisk.features.layout import LOG_STEPS, WAITING_DAYS
from arrisk.features.paydays import is_payday, last_payday
from arrisk.features.segments import Ints

LONGEST = 120
"""A stop longer ago than so many days would have been noticed otherwise."""

_DELAYS = MOST_LATE - LEAST_LATE + 1
_STOP_A_DAY = 0.0036
"""The chance of stopping on a day, 2 in 1,000 a month, times e**4: below one in e**4 = 55 the odds say little."""

_PRIOR = 3.0
"""So many payments' worth of everybody's delays stand beside the customer's own."""

_UNSEEN = np.array([1.0, 0.2, 0.1, 0.06, 0.04, 0.02, 0.005])
"""The share of days of payment that leave no trace so many days later: not booked yet, and in the end just skipped."""

_UNLIKELY = -9 * LOG_STEPS
"""A rhythm that is less likely than e**-9 times the likeliest is not looked at."""

_LEAST = 1e-290


def _list_usual() -> Floats:
    """List the share of invoices that are paid later than so many days, of all customers."""
    # Nine in ten are paid near the due day, the others weeks after it.
    days = np.arange(LEAST_LATE, MOST_LATE + 1)
    return np.asarray(0.88 / (1 + np.exp((days + 4) / 7)) + 0.12 / (1 + np.exp((days - 25) / 12)))


_USUAL = _list_usual()

_UNPAID, _RUNS, _LOGS, _CHANCES = (0, *(_DELAYS + n * (LONGEST + 3) for n in range(3)))
"""Where the share unpaid by days late, the runs, the logarithms by run and the chances by day stand."""

ROOM = _DELAYS + 3 * (LONGEST + 3)
"""Length of the working memory."""


@inner
def weigh_silence(today: int, last_sign: int, habits: Ints, work: Floats) -> int:
    """Weigh the silence since the last sign of payment: ln(1 + e**4 x odds of a stop), in ``LOG_STEPS``."""
    start = max(last_sign, today - 1 - LONGEST)
    days = today - start
    if days <= 1:
        return int64(0)
    _list_unpaid(habits, work)
    for day in range(days):
        work[_CHANCES + day] = 0.0
    for rhythm in range(RHYTHM, RHYTHM + 16, 4):
        if habits[rhythm + WEIGHT] > _UNLIKELY:
            _weigh_rhythm(start, today, rhythm, habits, work)
    # Who stops on a day is silent like one that pays until the day before; the last is who has not stopped.
    total = 0.0
    for day in range(days - 1):
        total += work[_CHANCES + day]
    return int64(np.rint(LOG_STEPS * math.log1p(_STOP_A_DAY * total / max(work[_CHANCES + days - 1], _LEAST))))


@inner
def _weigh_rhythm(start: int, today: int, rhythm: int, habits: Ints, work: Floats) -> None:
    """Add how likely the silence is, by the day of a stop, for a customer that pays in a rhythm until then."""
    runs = _list_runs(start, today, habits, rhythm, work)
    for run in range(1, runs + 1):
        work[_LOGS + run] = 0.0
    for due in range(today - WAITING_DAYS, today + DUE_WITHIN + 1):
        count = count_due(due, habits)
        if count > 0:
            _weigh_invoices(due, count, runs, work)
    _sum_runs(today, runs, work)
    weight = habits[rhythm + WEIGHT] / LOG_STEPS
    run = 0
    for day in range(start + 1, today + 1):
        if run < runs and work[_RUNS + run + 1] < day:
            run += 1
        work[_CHANCES + day - start - 1] += math.exp(weight + work[_LOGS + run])


@inner
def _list_runs(start: int, today: int, habits: Ints, rhythm: int, work: Floats) -> int:
    """List the last day of payment up to the start, then those after it and before today; give how many these are."""
    runs = 0
    work[_RUNS] = last_payday(start, habits, rhythm)
    for day in range(start + 1, today):
        if is_payday(day, habits, rhythm):
            runs += 1
            work[_RUNS + runs] = day
    return runs


@inner
def _list_unpaid(habits: Ints, work: Floats) -> None:
    """List the share of invoices that the customer pays later than each number of days late."""
    later = 0
    for place in range(_DELAYS - 1, -1, -1):
        work[_UNPAID + place] = later + _PRIOR * _USUAL[place]
        later += habits[DELAYS + place]
    for place in range(_DELAYS):
        work[_UNPAID + place] /= later + _PRIOR


@inner
def _weigh_invoices(due: int, count: int, runs: int, work: Floats) -> None:
    """Add what the invoices of a due day say, by run: the chance that it pays none of those that it has not paid."""
    before = _read_unpaid(int64(work[_RUNS]) - due, work)
    for run in range(1, runs + 1):
        unpaid = _read_unpaid(int64(work[_RUNS + run]) - due, work)
        work[_LOGS + run] += count * math.log(unpaid / before)
        before = unpaid


@inner
def _sum_runs(today: int, runs: int, work: Floats) -> None:
    """Sum the logarithms over the runs; what is paid on one day is booked, or not, on one day."""
    total = 0.0
    work[_LOGS] = total
    for run in range(1, runs + 1):
        ago = min(today - int64(work[_RUNS + run]), len(_UNSEEN) - 1)
        total += math.log(_UNSEEN[ago] + (1 - _UNSEEN[ago]) * math.exp(work[_LOGS + run]))
        work[_LOGS + run] = total


@inner
def _read_unpaid(days_late: int, work: Floats) -> float:
    if days_late < LEAST_LATE:
        return 1.0
    return work[_UNPAID + min(days_late, MOST_LATE) - LEAST_LATE]
