"""Curves of some invoices: how likely each is still open, paid or written off by the end of any day past due.

A curve is given at the ends of intervals around the due date. Inside an interval its logarithm falls as the portfolio's
does, and the share written off grows in step with what ended; so a curve can be read on any day, and what it says from
a later day on is the same curve divided by what was left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from arrisk.modeling.rows import Floats, Ints

_BEFORE_DAYS = 60
_ROWS = 20_000
_LEAST = 1e-12


@dataclass(frozen=True)
class Grid:
    """The days past due on which curves are given, and how an interval's ends spread over its days.

    Parameters
    ----------
    last_days : the last day of each interval, rising, shape (m,); the first interval begins ``first_day``.
    first_day : the first day past due on which anything can end.
    spent : for each day from ``first_day`` to the last, which share of its interval's hazard has been spent by its
        end, rising to 1 on each interval's last day.
    """

    last_days: Ints
    first_day: int
    spent: Floats

    @property
    def end_day(self) -> int:
        """The last day past due that curves cover."""
        return int(self.last_days[-1])

    def place(self, day: Ints) -> Ints:
        """Find the interval that each day past due lies in, 0..m-1; days outside count to the first or last."""
        return np.minimum(np.searchsorted(self.last_days, day), len(self.last_days) - 1)

    def spend(self, day: Ints) -> Floats:
        """Give the share of its interval's hazard that is spent by the end of each day; 0 before the first day."""
        at = np.clip(day - self.first_day, -1, len(self.spent) - 1)
        return np.where(at < 0, 0.0, self.spent[np.maximum(at, 0)])

    def to_json(self) -> dict[str, Any]:
        """Describe the grid as plain data."""
        return {"last_days": self.last_days.tolist(), "first_day": self.first_day, "spent": self.spent.tolist()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        last_days = np.array(data["last_days"], dtype="int64")
        return cls(last_days, int(data["first_day"]), np.array(data["spent"], dtype="float64"))


def make_grid(spread: Floats | None = None, *, ends: Sequence[int], first_day: int | None = None) -> Grid:
    """Make a grid.

    Parameters
    ----------
    spread : weight of each day from ``first_day`` to the last, such as the payments seen on it; None = all alike.
    ends : the last day past due of each interval, rising.
    first_day : the first day past due; None = two months before the first interval's end.

    Examples
    --------
    >>> grid = make_grid(ends=(-7, 0, 2, 30))
    >>> grid.place(np.array([-500, 0, 1, 9999])).tolist(), grid.spend(np.array([1, 2])).tolist()
    ([0, 1, 2, 3], [0.5, 1.0])
    """
    last_days = np.array(ends, dtype="int64")
    first = int(last_days[0]) - _BEFORE_DAYS if first_day is None else first_day
    days = np.arange(first, last_days[-1] + 1)
    weight = np.ones(len(days)) if spread is None else spread
    place = np.searchsorted(last_days, days)
    # An interval in which nothing was seen spreads evenly.
    weight = np.where(np.bincount(place, weights=weight)[place] > 0, weight, 1.0)
    total = np.bincount(place, weights=weight)[place]
    before = np.append(0.0, np.cumsum(weight))[np.searchsorted(place, place)]
    return Grid(last_days, first, np.clip((np.cumsum(weight) - before) / total, 0.0, 1.0))


@dataclass(frozen=True)
class Curves:
    """One curve per invoice, given that it is open at the start of the day on which it is ``age`` days past due.

    Parameters
    ----------
    grid : the days.
    open_share : P(open at the end of an interval), falling along a row, shape (n, m).
    written_off : P(written off by the end of an interval), rising, shape (n, m).
    age : days past due on the day from whose start on the curve holds (negative = not due yet), shape (n,).
    since : days past due on the day from whose start on the shares count, shape (n,): 1 is open then, and nothing of
        its interval's hazard is spent; None = the shares count from the grid's first day on.
    """

    grid: Grid
    open_share: Floats
    written_off: Floats
    age: Ints
    since: Ints | None = None

    def __len__(self) -> int:
        return len(self.age)

    def take(self, positions: Ints | slice) -> Self:
        """Keep some invoices."""
        parts = (self.open_share[positions], self.written_off[positions], self.age[positions])
        return type(self)(self.grid, *parts, None if self.since is None else self.since[positions])

    def given_open(self, age: Ints) -> Self:
        """Give the same curves, given that each invoice is open at the start of a later day."""
        return replace(self, age=np.maximum(self.age, age))

    def read_open(self, day: Ints | int) -> Floats:
        """Read P(open at the end of ``day`` days past due), shape (n,); 1 before the curve holds."""
        return self._read_given_open(day)[0]

    def read_written_off(self, day: Ints | int) -> Floats:
        """Read P(written off by the end of ``day`` days past due), shape (n,)."""
        return self._read_given_open(day)[1]

    def read_paid(self, day: Ints | int) -> Floats:
        """Read P(paid by the end of ``day`` days past due), shape (n,)."""
        left, lost = self._read_given_open(day)
        return np.clip(1.0 - left - lost, 0.0, 1.0)

    def _read_given_open(self, day: Ints | int) -> tuple[Floats, Floats]:
        days = np.maximum(np.broadcast_to(day, self.age.shape), self.age - 1)
        (left, lost), (left_before, lost_before) = self._read(days), self._start
        return np.clip(left / left_before, 0.0, 1.0), np.clip((lost - lost_before) / left_before, 0.0, 1.0)

    def find_paid_day(self, quantile: float) -> Ints:
        """Find the day past due by whose end an invoice is paid with a probability, given that it is paid at all.

        Returns
        -------
        array of shape (n,)
            The first such day, not before ``age``; at the latest the end of the grid.
        """
        parts = [self._find(slice(first, first + _ROWS), quantile) for first in range(0, len(self), _ROWS)]
        return np.concatenate([np.zeros(0, dtype="int64"), *parts])

    def _find(self, rows: slice, quantile: float) -> Ints:
        """Find the days of some rows: the interval first, then the day in it."""
        left, lost = self._start
        return _search_days(self.take(rows), (left[rows], lost[rows]), quantile)

    @cached_property
    def _start(self) -> tuple[Floats, Floats]:
        return self._read(self.age - 1)

    def _read(self, day: Ints) -> tuple[Floats, Floats]:
        """Read both shares at the ends of days, not conditional on anything.

        A trace stays open for ever: an invoice that outlived its curve must not be paid before it was asked about.
        """
        rows, place = np.arange(len(self)), self.grid.place(day)
        spent = self._spend(day, place)
        before = np.maximum(place - 1, 0)
        open_before = np.where(place > 0, np.maximum(self.open_share[rows, before], _LEAST), 1.0)
        lost_before = np.where(place > 0, self.written_off[rows, before], 0.0)
        open_after, lost_after = np.maximum(self.open_share[rows, place], _LEAST), self.written_off[rows, place]
        left = np.where(spent >= 1, open_after, open_before * (open_after / open_before) ** spent)
        fall = open_before - open_after
        share = np.where(fall > _LEAST, (open_before - left) / np.where(fall > _LEAST, fall, 1.0), spent)
        return left, lost_before + (lost_after - lost_before) * share

    def _spend(self, day: Ints, place: Ints) -> Floats:
        """Give the share of its interval's hazard that is spent by the end of each day, of what was left at first."""
        spent = self.grid.spend(day)
        if self.since is None:
            return spent
        own, before = self._spent_before
        is_own = place == own
        rest = np.where(is_own, np.maximum(1.0 - before, _LEAST), 1.0)
        return np.where(is_own, np.clip((spent - before) / rest, 0.0, 1.0), spent)

    @cached_property
    def _spent_before(self) -> tuple[Ints, Floats]:
        """The interval in which each curve begins, and what of its hazard was spent before."""
        since = self.age if self.since is None else self.since
        own = self.grid.place(since)
        return own, np.where(self.grid.place(since - 1) == own, self.grid.spend(since - 1), 0.0)


def _search_days(curves: Curves, start: tuple[Floats, Floats], quantile: float) -> Ints:
    wanted, last = quantile * curves.read_paid(curves.grid.end_day), curves.grid.last_days
    left, lost = start
    open_share = np.maximum(curves.open_share, _LEAST) / left[:, None]
    paid = 1.0 - open_share - (curves.written_off - lost[:, None]) / left[:, None]
    reached = (paid >= wanted[:, None]) & (last >= curves.age[:, None])
    place = np.where(reached.any(axis=1), reached.argmax(axis=1), len(last) - 1)
    high = last[place]
    low = np.where(place > 0, last[np.maximum(place - 1, 0)], curves.grid.first_day - 1)
    low = np.minimum(np.maximum(low, curves.age - 1), high - 1)
    for _ in range(int((high - low).max(initial=1)).bit_length()):
        middle = (low + high) // 2
        found = (curves.read_paid(middle) >= wanted) & (middle > low)
        high, low = np.where(found, middle, high), np.where(found, low, middle)
    return np.asarray(np.maximum(high, curves.age), dtype="int64")
