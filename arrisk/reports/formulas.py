"""The formulas behind the key figures: plain numbers in, one figure out, or the reason why there is none."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_NO_SALES = "there are no net credit sales in the window"
_NOT_OWED = "customers are owed more than they owe"
_OVERDUE_CREDIT = "overdue credits exceed overdue invoices"


class Figure(NamedTuple):
    """One key figure.

    Parameters
    ----------
    value : the figure; NaN where it is undefined, never 0 by default.
    reason : why it is undefined, or what to know about it; empty = nothing.
    """

    value: float
    reason: str = ""

    @property
    def is_defined(self) -> bool:
        """Whether there is a value."""
        return not math.isnan(self.value)


def undefined(reason: str) -> Figure:
    """Give a figure without a value."""
    return Figure(math.nan, reason)


def divide(numerator: float, denominator: float, *, reason: str) -> Figure:
    """Divide; a denominator that is not positive leaves the figure undefined for the given reason."""
    return Figure(numerator / denominator) if denominator > 0 else undefined(reason)


def calculate_dso(receivables: float, credit_sales: float, days: float) -> Figure:
    """Calculate days sales outstanding = receivables / credit sales x days.

    Parameters
    ----------
    receivables : open amount at the end of the window, gross of any allowance.
    credit_sales : net sales on credit within the window.
    days : length of the window; sales and days must cover the same one.

    Examples
    --------
    >>> calculate_dso(15_000, 10_000, 30).value
    45.0
    """
    if receivables < 0:
        return undefined(_NOT_OWED)
    return divide(receivables * days, credit_sales, reason=_NO_SALES)


def calculate_best_possible_dso(receivables: float, current: float, credit_sales: float, days: float) -> Figure:
    """Calculate the DSO if all paid on time = receivables not past due / credit sales x days.

    It cannot exceed the DSO; where overdue credits would make it so, it is undefined.

    Examples
    --------
    >>> calculate_best_possible_dso(15_000, 4_000, 10_000, 30).value
    12.0
    """
    if current > receivables:
        return undefined(_OVERDUE_CREDIT)
    return calculate_dso(current, credit_sales, days)


def calculate_average_days_delinquent(dso: Figure, best_possible: Figure) -> Figure:
    """Calculate average days delinquent = DSO - best possible DSO.

    Examples
    --------
    >>> calculate_average_days_delinquent(Figure(45.0), Figure(12.0)).value
    33.0
    """
    for part in (dso, best_possible):
        if not part.is_defined:
            return part
    return Figure(dso.value - best_possible.value)


def count_back(receivables: float, sales: Sequence[float], days: Sequence[int]) -> Figure:
    """Count back the DSO (exhaustion): take sales off the receivables, month after month from the newest.

    A month whose sales are used up counts with all its days, the last one in proportion. A month whose credit
    notes exceed its invoices counts its days and takes nothing off.

    Parameters
    ----------
    receivables : open amount at the end of the newest month.
    sales : net credit sales of each month, newest first.
    days : days of each month, newest first.

    Returns
    -------
    Figure
        A lower bound, and its reason says so, when the sales given do not use up the receivables.

    Examples
    --------
    >>> round(count_back(212_000, [100_000, 80_000, 70_000], [30, 30, 30]).value, 2)
    73.71
    """
    if receivables < 0:
        return undefined(_NOT_OWED)
    left, counted = float(receivables), 0.0
    for amount, length in zip(sales, days, strict=True):
        if left <= 0:
            return Figure(counted)
        peeled = min(left, max(amount, 0.0))
        counted += length * (peeled / amount if amount > 0 and peeled == left else 1.0)
        left -= peeled
    if left > 0:
        return Figure(counted, "a lower bound: the sales on record do not reach back far enough")
    return Figure(counted)


def calculate_collection_effectiveness(beginning: float, credit_sales: float, ending: float, current: float) -> Figure:
    """Calculate the collection effectiveness index (CEI), 0..1: the collected part of what was collectable.

    (beginning receivables + credit sales - ending receivables) / (the same - ending receivables not past
    due). Two conventions are in use: sales of the whole window, which arrisk reports, and their monthly
    average, which gives a lower index for windows of several months. Write-offs leave the receivables as
    collections do.

    Parameters
    ----------
    beginning, ending : receivables at both ends of the window.
    credit_sales : net credit sales within it.
    current : part of ``ending`` that is not past due.

    Examples
    --------
    >>> calculate_collection_effectiveness(100_000, 1_000_000, 120_000, 100_000).value
    0.98
    """
    if current > ending:
        return undefined(_OVERDUE_CREDIT)
    collectable = beginning + credit_sales - current
    return divide(beginning + credit_sales - ending, collectable, reason="nothing was collectable in the window")


def calculate_turnover(credit_sales: float, beginning: float, ending: float, days: float) -> Figure:
    """Calculate the receivables turnover a year = credit sales x 365 / days / average receivables.

    365 / turnover is the collection period in days.

    Examples
    --------
    >>> calculate_turnover(300_000, 90_000, 110_000, 365).value
    3.0
    """
    return divide(credit_sales * 365 / days, (beginning + ending) / 2, reason="average receivables are not above zero")


def calculate_current_share(receivables: float, current: float) -> Figure:
    """Calculate the share of the receivables that is not past due, 0..1.

    Examples
    --------
    >>> round(calculate_current_share(6_340, 3_590).value, 3)
    0.566
    """
    if current > receivables > 0:
        return undefined(_OVERDUE_CREDIT)
    if current < 0 < receivables:
        return undefined("credits not yet due exceed invoices not yet due")
    return divide(current, receivables, reason="open invoices do not exceed open credit notes")


def calculate_bad_debt_share(bad_debt: Figure, credit_sales: float) -> Figure:
    """Calculate the bad-debt ratio = (written off - recovered) / credit sales.

    Examples
    --------
    >>> calculate_bad_debt_share(Figure(500.0), 100_000).value
    0.005
    """
    return divide(bad_debt.value, credit_sales, reason=_NO_SALES) if bad_debt.is_defined else bad_debt


def average_by_amount(days: npt.ArrayLike, amounts: npt.ArrayLike) -> Figure:
    """Average days, each weighted by its amount; early payers keep their sign.

    Parameters
    ----------
    days : days to pay, or days late, of each payment.
    amounts : the amount of each payment.

    Examples
    --------
    >>> average_by_amount([20, 35, 50], [1_000, 4_000, 5_000]).value
    41.0
    """
    weights = np.asarray(amounts, dtype="float64")
    weighted = float(np.dot(np.asarray(days, dtype="float64"), weights))
    return divide(weighted, float(weights.sum()), reason="nothing was paid in the window")


def find_median_time(entered: npt.ArrayLike, left: npt.ArrayLike, is_paid: npt.ArrayLike) -> Figure:
    """Find the median age at payment (Kaplan and Meier, 1958); what is still open counts as open.

    Parameters
    ----------
    entered : age in days at which each invoice comes under observation (0 or more).
    left : age at which it was paid, or was last seen open; not before ``entered``.
    is_paid : whether it was paid at ``left``.

    Examples
    --------
    >>> find_median_time([0, 0, 0, 0], [10, 20, 30, 30], [True, True, False, False]).value
    20.0
    """
    start, end = np.asarray(entered, dtype="int64"), np.asarray(left, dtype="int64")
    if not len(end):
        return undefined("no invoice was open in the window")
    size = int(end.max()) + 2
    paid = np.bincount(end[np.asarray(is_paid, dtype=bool)], minlength=size)
    at_risk = np.cumsum(np.bincount(start, minlength=size) - np.bincount(end + 1, minlength=size)[:size])
    still_open = np.cumprod(1.0 - paid / np.maximum(at_risk, 1))
    # A share of exactly one half is reached, though its product may end a hair above.
    reached = np.flatnonzero(still_open <= 0.5 + 1e-12)
    if not len(reached):
        return undefined("fewer than half of the invoices are paid at any age seen in the window")
    return Figure(float(reached[0]))
