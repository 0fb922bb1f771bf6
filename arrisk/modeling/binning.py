"""Cuts a numeric column into a few bins whose default rate rises or falls throughout, and weighs their evidence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from arrisk.modeling.rows import Floats, Ints, Mask

MOST_BINS = 6
"""Bins of known values at most; neighbours that differ least are joined."""

MIN_OF_EACH = 5.0
"""A bin says something where so many customers of either outcome came about in it, or were to be expected."""

_DIFFERENT = 6.63
"""Neighbours whose rates differ by less are joined: chi-square of one degree, one time in a hundred by chance, because
the cut was the best of many."""

# Fine steps in the tails: what tells of a default is often rare.
_STEPS = np.array([0.5, 1, 2, *range(5, 96, 5), 98, 99, 99.5]) / 100


@dataclass(frozen=True)
class Bin:
    """Values above ``low`` and up to ``high`` (None = no end), or a missing one.

    Parameters
    ----------
    goods, bads : rows of the training in it that did not, and that did default.
    woe : weight of evidence, ln(share of goods / share of bads).
    """

    low: float | None
    high: float | None
    is_missing: bool
    goods: int
    bads: int
    woe: float

    @property
    def count(self) -> int:
        """Rows of the training in it."""
        return self.goods + self.bads


def weigh_evidence(goods: Floats, bads: Floats) -> tuple[Floats, float]:
    """Weigh the evidence of bins and of all of them together.

    Parameters
    ----------
    goods, bads : rows by bin, shape (n,). An empty cell counts as half a row; a bin without any rows says nothing.

    Returns
    -------
    array of shape (n,), float
        Weight of evidence by bin, ln(share of goods / share of bads); information value, the sum of (share of goods -
        share of bads) x weight.

    Examples
    --------
    >>> woe, information = weigh_evidence(np.array([100.0, 300.0, 600.0]), np.array([50.0, 30.0, 20.0]))
    >>> woe.tolist(), information
    ([-1.6094, 0.0, 1.0986], 1.0832)
    """
    woe = np.zeros(len(goods))
    if not (goods.sum() and bads.sum()):
        return woe, 0.0
    is_used = goods + bads > 0
    good, bad = (np.maximum(side[is_used], 0.5) / side.sum() for side in (goods, bads))
    woe[is_used] = np.log(good / bad)
    return woe, float(((good - bad) * woe[is_used]).sum())


def find_edges(bins: Sequence[Bin]) -> Floats:
    """Find the upper ends of all bins of known values but the last."""
    return np.array([part.high for part in bins if part.high is not None], dtype="float64")


def place_values(values: Floats, edges: Floats) -> Ints:
    """Find each value's bin, 0 .. len(edges); a missing value's is the one after the last."""
    place = np.searchsorted(edges, values, side="left")
    return np.where(np.isnan(values), len(edges) + 1, place)


@dataclass(frozen=True)
class _Measure:
    """When a bin says something: the default rate of all rows, and how often one default stands in them."""

    rate: float
    repeats: float

    def find_speaking(self, goods: Floats, bads: Floats) -> Mask:
        """Find bins with enough of either outcome, come about or to be expected.

        In others, such as that of a missing value where few are missing, the half row in an empty cell would speak and
        not the data.
        """
        rows = goods + bads
        of_each = np.minimum(np.maximum(bads, rows * self.rate), np.maximum(goods, rows * (1 - self.rate)))
        return np.asarray(of_each >= MIN_OF_EACH * self.repeats, dtype="bool")


def cut_column(values: Floats, target: Floats, *, direction: int, repeats: float) -> tuple[tuple[Bin, ...], float]:
    """Cut a column into bins.

    Parameters
    ----------
    values : shape (n,), missing is NaN.
    target : 1 = default, shape (n,), some of each.
    direction : +1 when more means more defaults, -1 when fewer, 0 when whichever says more.
    repeats : rows for each customer that defaulted: as often one and the same default is counted, at least 1.

    Returns
    -------
    tuple of Bin, float
        From low to high, the last one for a missing value; the information value.
    """
    measure = _Measure(float(target.mean()), repeats)
    edges = _find_fine_edges(values[~np.isnan(values)])
    fine = _count_outcomes(values, target, edges)
    ways = (direction,) if direction else (1, -1)
    cuts = [edges[_find_cuts(*fine, direction=way, measure=measure)] for way in ways]
    weighed = [_weigh_bins(values, target, cut, measure=measure) for cut in cuts]
    return max(weighed, key=lambda found: found[1])


def _find_fine_edges(values: Floats) -> Floats:
    if not len(values):
        return np.zeros(0)
    edges = np.unique(np.quantile(values, _STEPS, method="inverted_cdf"))
    return np.asarray(edges[np.isfinite(edges) & (edges < values.max())], dtype="float64")


def _count_outcomes(values: Floats, target: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Count those that did not and those that did default in each bin, missing values last."""
    place, bins = place_values(values, edges), len(edges) + 2
    bads, goods = (np.bincount(place, weights=side, minlength=bins).astype("float64") for side in (target, 1 - target))
    return goods, bads


def _find_cuts(goods: Floats, bads: Floats, *, direction: int, measure: _Measure) -> Ints:
    """Find the fine edges to keep so that the default rate only rises (direction 1) or falls (-1).

    Adjacent violators are pooled (Ayer and others, 1955); then neighbours too small or too much alike are joined, the
    most alike first (Kerber, ChiMerge, 1992).
    """
    from sklearn.isotonic import isotonic_regression  # noqa: PLC0415 - slow to import

    good, bad = goods[:-1], bads[:-1]
    if len(good) == 1:
        return np.zeros(0, dtype="int64")
    level = isotonic_regression(bad / (good + bad), sample_weight=good + bad, increasing=direction > 0)
    starts = np.flatnonzero(np.append(True, np.diff(level) != 0))
    while len(starts) > 1:
        apart = _compare_neighbours(np.add.reduceat(good, starts), np.add.reduceat(bad, starts), measure)
        nearest = int(apart.argmin())
        if apart[nearest] >= _DIFFERENT and len(starts) <= MOST_BINS:
            break
        starts = np.delete(starts, nearest + 1)
    return np.asarray(starts[1:] - 1, dtype="int64")


def _compare_neighbours(goods: Floats, bads: Floats, measure: _Measure) -> Floats:
    """Find how many chi-square units neighbours are apart; below 0 where one of the two is too small."""
    count = goods + bads
    pooled = (bads[1:] + bads[:-1]) / (count[1:] + count[:-1])
    spread = pooled * (1 - pooled) * (1 / count[1:] + 1 / count[:-1])
    apart = np.diff(bads / count) ** 2 / np.maximum(spread, 1e-12) / measure.repeats
    speaks = measure.find_speaking(goods, bads)
    # A small one joins the nearer of its two neighbours.
    return np.where(speaks[1:] & speaks[:-1], apart, -1 / (1 + apart))


def _weigh_bins(values: Floats, target: Floats, edges: Floats, *, measure: _Measure) -> tuple[tuple[Bin, ...], float]:
    goods, bads = _count_outcomes(values, target, edges)
    speaks = measure.find_speaking(goods, bads)
    # A bin that says nothing counts as the average row.
    woe, information = weigh_evidence(np.where(speaks, goods, 0.0), np.where(speaks, bads, 0.0))
    low, high = [None, *map(float, edges), None], [*map(float, edges), None, None]
    bins = (
        Bin(low[number], high[number], number > len(edges), int(goods[number]), int(bads[number]), float(woe[number]))
        for number in range(len(woe))
    )
    return tuple(bins), information
