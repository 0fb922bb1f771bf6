"""Days, business days and payment runs as integer lookups (days since 1970-01-01)."""

import zlib
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from arrisk.frames import NEVER, day_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Levels = NDArray[np.int8]

_RUN_TAIL = 700  # days after the extract for which runs are tabulated: due dates and cures reach beyond its end
_MONTH_RUNS = (5, 10, 15, 25, 31)
_TWICE_RUNS = ((1, 15), (10, 25))
RUN_KINDS: Ints = np.repeat(np.arange(4), (1, 5, len(_TWICE_RUNS), len(_MONTH_RUNS)))


@dataclass(frozen=True)
class Timeline:
    """Days of a simulation: hidden states start on `first_day`, the book covers `start_day` to `end_day`."""

    first_day: int
    start_day: int
    end_day: int
    last_day: int  # a month after the end, for orders that are open at the end


@dataclass(frozen=True)
class Runs:
    """The next and the last payment run of each pattern, by day counted from `first_day`."""

    first_day: int
    following: Ints
    preceding: Ints

    def next_run(self, patterns: Ints, days: Ints) -> Ints:
        """First run on or after each day."""
        found: Ints = self.following[patterns, days - self.first_day]
        return found

    def last_run(self, patterns: Ints, days: Ints) -> Ints:
        """Last run on or before each day."""
        found: Ints = self.preceding[patterns, days - self.first_day]
        return found


def make_generator(seed: int, subject: str) -> np.random.Generator:
    """Random numbers of one subject, so that a change in one subject moves no other.

    >>> int(make_generator(1, "a").integers(100)) == int(make_generator(1, "a").integers(100))
    True
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(subject.encode())])))


def shift_month(value: date, months: int) -> date:
    """First day of the month that lies some months away.

    >>> shift_month(date(2025, 12, 31), -12)
    datetime.date(2024, 12, 1)
    """
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    return date(year, month + 1, 1)


def build_timeline(*, months: int, end_on: date, burn_in_months: int) -> Timeline:
    """Days of a portfolio of some months that ends on `end_on` (a month end)."""
    start = shift_month(end_on, 1 - months)
    return Timeline(
        first_day=day_of(shift_month(start, -burn_in_months)),
        start_day=day_of(start),
        end_day=day_of(end_on),
        last_day=day_of(end_on) + 31,
    )


def list_month_starts(first_day: int, last_day: int) -> Ints:
    """First days of the months that touch the range, in order."""
    first = np.datetime64(first_day, "D").astype("datetime64[M]")
    last = np.datetime64(last_day, "D").astype("datetime64[M]")
    months = np.arange(first, last + 1)
    return months.astype("datetime64[D]").astype(np.int64)


def month_of(days: Ints) -> Ints:
    """Calendar month, 0 = January.

    >>> month_of(np.array([0, 31]))
    array([0, 1])
    """
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12


def month_end(days: Ints) -> Ints:
    """Last day of the month of each day.

    >>> month_end(np.array([0]))
    array([30])
    """
    following = days.astype("datetime64[D]").astype("datetime64[M]") + 1
    return following.astype("datetime64[D]").astype(np.int64) - 1


def is_business_day(days: Ints) -> Bools:
    """Monday to Friday.

    >>> is_business_day(np.array([0, 2]))  # a Thursday, a Saturday
    array([ True, False])
    """
    return (days + 3) % 7 < 5


def roll_forward(days: Ints) -> Ints:
    """Give the day itself, or the Monday after a weekend.

    >>> roll_forward(np.array([0, 2, 3]))
    array([0, 4, 4])
    """
    weekday = (days + 3) % 7
    return days + np.where(weekday < 5, 0, 7 - weekday)


def build_runs(timeline: Timeline) -> Runs:
    """Tabulate the payment runs: any business day, weekly, twice a month, monthly."""
    days = np.arange(timeline.first_day - 100, timeline.last_day + _RUN_TAIL)
    marks = [is_business_day(days), *((days + 3) % 7 == weekday for weekday in range(5))]
    marks += [_mark_month_days(days, chosen) for chosen in _TWICE_RUNS]
    marks += [_mark_month_days(days, (chosen,)) for chosen in _MONTH_RUNS]
    is_run = np.stack(marks)
    preceding = np.maximum.accumulate(np.where(is_run, days, -NEVER), axis=1)
    following = np.minimum.accumulate(np.where(is_run, days, NEVER)[:, ::-1], axis=1)[:, ::-1]
    return Runs(first_day=int(days[0]), following=following, preceding=preceding)


def _mark_month_days(days: Ints, chosen: tuple[int, ...]) -> Bools:
    starts = list_month_starts(int(days[0]), int(days[-1]))
    marked = np.concatenate([_run_days(starts, day) for day in chosen])
    return np.isin(days, marked)


def _run_days(starts: Ints, day: int) -> Ints:
    if day < 31:
        return roll_forward(starts + day - 1)
    ends = month_end(starts)
    weekday = (ends + 3) % 7
    return ends - np.maximum(weekday - 4, 0)
