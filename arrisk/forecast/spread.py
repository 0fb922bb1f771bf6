"""How much further from the forecast past weeks came in than their paths say they may.

The paths know chance and dependence, not that the curves may be wrong, that a holiday delays everybody, or that sales
are on the move. So past forecasts are made again, and the band is widened by the ratio of the errors seen to those
drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.special import ndtri, stdtrit

from arrisk.forecast.dependence import Dependence
from arrisk.forecast.history import Ledger
from arrisk.forecast.receipts import OpenAmounts
from arrisk.forecast.simulation import simulate_open
from arrisk.frames import Mask, date_of
from arrisk.modeling.rows import Floats

PAST_HORIZON, NEAR_WEEKS = 13, 6
"""Weeks of a past forecast of sales, and of one of the open book: by then most of it has come in."""

LOW, HIGH = 0.1, 0.9
"""The probabilities between which the band lies."""

_PATHS = 200
_MINOR_UNIT = 1.0
_PRIOR_WEEKS, _PRIOR_PASTS = 6.0, 2.0
_MOST_ERRORS, _MOST_SPREAD = 5.0, 3.0


@dataclass(frozen=True)
class Spread:
    """By which factor the band of each week is widened: 1 (as the paths say) to 3, and for doubt about that factor.

    Parameters
    ----------
    open_book, future_sales : the root of the mean squared error of that week in past forecasts, in standard deviations
        of their paths, drawn towards that of all weeks, and that towards 1, the more the fewer there are; shape
        (weeks,).
    """

    open_book: Floats
    future_sales: Floats


def measure_spread(
    ledger: Ledger, pasts: Sequence[OpenAmounts], *, weeks: int, dependence: Dependence, known_before: date, seed: int
) -> Spread:
    """Measure how far past weeks were off.

    Parameters
    ----------
    ledger : the book and its cash.
    pasts : the open book as of some earlier days, each with its weeks.
    weeks : of the forecast; those beyond the past ones are treated as all weeks together.
    dependence : what invoices have in common.
    known_before : only what was known before the start of this day counts.
    seed : the same seed gives the same figures.
    """
    of_open, of_sales = [], []
    for past in pasts:
        is_complete = ledger.find_complete(past.horizon, known_before=known_before)
        came_open, came_later = ledger.sum_received(past, known_before=known_before)
        paths = simulate_open(past, dependence=dependence, paths=_PATHS, seed=seed)
        near = is_complete & (np.arange(len(is_complete)) < NEAR_WEEKS)
        of_open.append(_scale(came_open - past.split_expected().weeks, paths, near))
        sales = ledger.look_at_sales(as_of=date_of(past.horizon.as_of_day), weeks=past.horizon.weeks)
        of_sales.append(_scale(came_later - sales.expect(), sales.simulate(paths=_PATHS, seed=seed), is_complete))
    return Spread(_shrink(of_open, weeks), _shrink(of_sales, weeks))


def _scale(error: Floats, paths: Floats, usable: Mask) -> Floats:
    """Give errors in standard deviations of the paths, the wildest cut; missing where nothing came or could come."""
    deviation = paths.std(axis=0)
    chosen = usable & (np.maximum(deviation, np.abs(error)) >= _MINOR_UNIT)
    scaled = np.clip(error / np.maximum(deviation, _MINOR_UNIT), -_MOST_ERRORS, _MOST_ERRORS)
    return np.where(chosen, scaled, np.nan)


def _shrink(errors: Sequence[Floats], weeks: int) -> Floats:
    squares = np.full((len(errors), weeks), np.nan)
    for row, past in zip(squares, errors, strict=True):
        row[: len(past)] = past[:weeks] ** 2
    count = (~np.isnan(squares)).sum(axis=0)
    total = np.nansum(squares, axis=0)
    every = (total.sum() + _PRIOR_WEEKS) / (count.sum() + _PRIOR_WEEKS)
    mean: Floats = (total + _PRIOR_PASTS * every) / (count + _PRIOR_PASTS)
    return np.clip(np.sqrt(mean), 1.0, _MOST_SPREAD) * _doubt(len(errors))


def _doubt(pasts: int) -> float:
    """Give by how much wider a band is whose width was itself estimated: Student's law beside the normal one.

    Weeks of one past forecast go wrong together, so that each past counts once.
    """
    return float(stdtrit(pasts + _PRIOR_PASTS, HIGH) / ndtri(HIGH))


def widen(paths: Floats, mean: Floats, *, spread: Floats) -> Floats:
    """Move paths away from their mean by a factor for each week; none falls below zero.

    Examples
    --------
    >>> widen(np.array([[1.0], [3.0]]), np.array([2.0]), spread=np.array([1.5])).tolist()
    [[0.5], [3.5]]
    """
    return np.maximum(mean + spread * (paths - mean), 0.0)
