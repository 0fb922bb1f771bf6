"""From values to positions: scales, and the round numbers and days that an axis shows."""

import math
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from api.charts.values import Unit, write_ticks

_STEPS = (1, 2, 2.5, 5, 10)
_DAY_STEPS = (1, 2, 5, 10, 15, 30, 60, 90, 180, 360)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
_DAYS_APART = (1, 2, 7, 14, 21, 28)
_MOST_MONTHS, _MOST_DAYS = 6, 5
_NOTHING = 1e-12
"""A size below this is zero to an axis."""

_SHORT_SPAN = 120
"""Up to as many days an axis shows days, beyond that months."""


@dataclass(frozen=True)
class Scale:
    """A straight line from values (low to high) to units of the drawing (start to end)."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Give the position of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True)
class Ticks:
    """What an axis shows: the values it spans, and those that it names."""

    low: float
    high: float
    places: tuple[float, ...]
    words: tuple[str, ...]

    def scale(self, start: float, end: float) -> Scale:
        """Lay the axis between two positions."""
        return Scale(self.low, self.high, start, end)


def choose_ticks(values: Iterable[float], unit: Unit, *, most: int = 6) -> Ticks:
    """Choose round numbers that enclose values.

    Parameters
    ----------
    values : one or more. The axis starts at zero unless they all lie close together far from it.
    most : steps at most.

    Examples
    --------
    >>> choose_ticks([3, 97], "number").words
    ('0', '20', '40', '60', '80', '100')
    >>> choose_ticks([-10, 75], "days").words
    ('−15', '0', '15', '30', '45', '60', '75')
    """
    low, high = _enclose(list(values))
    step = _choose_step((high - low) / most, unit)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    places = tuple(float(f"{number * step:.12g}") for number in range(first, last + 1))
    return Ticks(places[0], places[-1], places, tuple(write_ticks(places, unit)))


def choose_day_ticks(days: Sequence[date]) -> Ticks:
    """Choose days to name on an axis that spans days; positions are ordinals.

    Month ends (or month starts) are named as months where they stand; other days by the calendar.

    Examples
    --------
    >>> choose_day_ticks([date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28)]).words
    ('Dec 2025', 'Jan 2026', 'Feb')
    """
    first, last = min(days), max(days)
    if _are_months(days):
        named = _name_months(sorted(set(days)))
    elif (last - first).days > _SHORT_SPAN:
        named = _name_months(_list_month_starts(first, last))
    else:
        named = _name_days(first, last)
    spare = first == last
    return Ticks(
        first.toordinal() - spare, last.toordinal() + spare, tuple(day.toordinal() for day, _ in named),
        tuple(word for _, word in named),
    )  # fmt: skip


def _enclose(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    size = max(abs(low), abs(high))
    if size < _NOTHING:
        return 0.0, 1.0
    # Values that differ by less than any axis shows are one value; those that differ much are seen against zero.
    if high - low < 1e-6 * size or high - low > 0.25 * size:
        return min(low, 0.0), max(high, 0.0)
    return low, high


def _choose_step(least: float, unit: Unit) -> float:
    if unit == "days" and least <= _DAY_STEPS[-1]:
        return next(step for step in _DAY_STEPS if step >= least)
    size = 10.0 ** math.floor(math.log10(least))
    return next(step * size for step in _STEPS if step * size >= least * (1 - 1e-9))


def _are_months(days: Sequence[date]) -> bool:
    starts = all(day.day == 1 for day in days)
    return starts or all(day.day == monthrange(day.year, day.month)[1] for day in days)


def _list_month_starts(first: date, last: date) -> list[date]:
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    starts = (date(month // 12, month % 12 + 1, 1) for month in months)
    return [day for day in starts if day >= first]


def _name_months(days: list[date]) -> list[tuple[date, str]]:
    def choose(step: int) -> list[date]:
        return [day for day in days if (day.year * 12 + day.month - 1) % step == 0]

    step = next((step for step in _MONTH_STEPS if len(choose(step)) <= _MOST_MONTHS), _MONTH_STEPS[-1])
    shown = choose(step) or days[:1]
    if step % 12 == 0:
        return [(day, f"{day:%Y}") for day in shown]
    return [(day, f"{day:%b}{year}") for day, year in zip(shown, _tell_years(shown), strict=True)]


def _name_days(first: date, last: date) -> list[tuple[date, str]]:
    span = (last - first).days
    step = next(step for step in _DAYS_APART if span / step < _MOST_DAYS)
    shown = [first + timedelta(days=days) for days in range(0, span + 1, step)]
    return [(day, f"{day.day} {day:%b}{year}") for day, year in zip(shown, _tell_years(shown), strict=True)]


def _tell_years(days: list[date]) -> list[str]:
    """Give the year that stands behind each day: only where it is not that of the day before."""
    is_new = [True, *(before.year != day.year for before, day in pairwise(days))]
    return [f" {day.year}" if new else "" for day, new in zip(days, is_new, strict=True)]
