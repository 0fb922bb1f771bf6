"""What is known at a block of questions: the kernel's sums, the question's own facts, and the rows valid that day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arrisk.features.layout import SLOT
from arrisk.frames import NEVER

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Facts:
    """One entry per question of a block; of a single question, numbers in place of arrays.

    Parameters
    ----------
    sums : the kernel's output, one row per slot.
    scale : minor units in one unit of the features' currency.
    days : the day of each question.
    own : the invoice's own facts as floats (amount, issued_day, due_day, discount); NaN where there is no invoice.
    rows : figures of the row that was valid that day (limit, accounts, master data, ...), NaN where there is none.
    levels : open_amount, overdue_amount, due_count, ... of group, industry, country and book, by ``level_sum``.
    prior_strength : invoices' worth of the book's late rate mixed into a late rate of few invoices.
    """

    sums: Ints
    scale: float
    days: Ints
    own: Mapping[str, Floats]
    rows: Mapping[str, Floats]
    levels: Mapping[str, Floats]
    prior_strength: float

    def count(self, slot: str) -> Floats:
        """Give a sum of whole numbers."""
        return self.sums[SLOT[slot]].astype("float64")

    def money(self, slot: str) -> Floats:
        """Give a sum of money in units of the features' currency."""
        return self.count(slot) / self.scale

    def since(self, slot: str) -> Floats:
        """Give the days since a remembered day; NaN where there was none."""
        day = self.sums[SLOT[slot]]
        if not day.ndim:
            return np.float64(self.days - day) if abs(day) < NEVER else _NOTHING  # type: ignore[return-value]
        return np.where(np.abs(day) < NEVER, (self.days - day).astype("float64"), np.nan)


Formula = Callable[[Facts], Floats]
"""Computes one feature."""


def pick(values: Floats, rows: Ints) -> Floats:
    """Give the value of each row; missing where the row is -1.

    Examples
    --------
    >>> pick(np.array([5.0, 7.0]), np.array([1, -1]))
    array([ 7., nan])
    """
    return np.where(rows >= 0, values[rows], np.nan) if len(values) else np.full(len(rows), np.nan)


_NOTHING = np.array(np.nan)


def divide(part: Floats, whole: Floats) -> Floats:
    """Divide; missing where there is nothing to divide by. Single numbers are arrays without a dimension.

    Examples
    --------
    >>> divide(np.array([1.0, 0.0]), np.array([4.0, 0.0]))
    array([0.25,  nan])
    """
    if not whole.ndim:
        return part / whole if whole != 0 else _NOTHING
    result = np.full(len(whole), np.nan)
    np.divide(part, whole, out=result, where=whole != 0)
    return result


@dataclass(frozen=True)
class Count:
    """A sum of whole numbers, as it stands."""

    slot: str

    def __call__(self, facts: Facts) -> Floats:
        """Compute it."""
        return facts.count(self.slot)


@dataclass(frozen=True)
class Money:
    """A sum of money in units of the features' currency."""

    slot: str

    def __call__(self, facts: Facts) -> Floats:
        """Compute it."""
        return facts.money(self.slot)


@dataclass(frozen=True)
class Share:
    """One sum over another; missing where the other is nothing."""

    part: str
    whole: str

    def __call__(self, facts: Facts) -> Floats:
        """Compute it."""
        return divide(facts.count(self.part), facts.count(self.whole))
