"""Bootstrap over customers: how much a figure would move with other customers of the same kind.

Invoices of one customer are not independent, so whole customers are drawn with replacement (cluster
bootstrap: Cameron, Gelbach, Miller, Bootstrap-Based Improvements for Inference with Clustered Errors, 2008).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from arrisk.modeling.rows import Floats, Ints

DRAWS = 1000
SEED = 20_240_101
_CELLS = 4_000_000
_FEWEST_DRAWS = 200


@dataclass(frozen=True)
class Interval:
    """A figure with the 2.5 % and 97.5 % points of its bootstrap distribution."""

    value: float
    low: float
    high: float


def draw_weights(customer: Ints, *, draws: int = DRAWS, seed: int = SEED) -> Iterator[Floats]:
    """Draw how often each row counts, in blocks of shape (some draws, n); always the same for the same seed.

    Examples
    --------
    >>> block = next(draw_weights(np.array([0, 0, 1]), draws=2, seed=1))
    >>> block.shape, bool((block[:, 0] == block[:, 1]).all())
    ((2, 3), True)
    """
    _, cluster = np.unique(customer, return_inverse=True)
    clusters = int(cluster.max()) + 1
    random = np.random.default_rng(seed)
    size = max(1, min(draws, _CELLS // max(1, len(cluster))))
    for start in range(0, draws, size):
        rows = min(size, draws - start)
        counts = random.multinomial(clusters, np.full(clusters, 1 / clusters), size=rows)
        yield counts[:, cluster].astype("float64")


@lru_cache(maxsize=2)
def _draw_counts(clusters: int, draws: int, seed: int) -> Floats:
    """Draw how often each of so many clusters counts, shape (draws, clusters); kept, because many figures share it."""
    random = np.random.default_rng(seed)
    return random.multinomial(clusters, np.full(clusters, 1 / clusters), size=draws).astype("float64")


def bootstrap_mean(values: Floats, customer: Ints, *, draws: int = DRAWS, seed: int = SEED) -> Interval:
    """Bootstrap the mean of one value per row.

    Parameters
    ----------
    values : shape (n,), at least one.
    customer : which customer each row belongs to, shape (n,).
    draws : how many; fewer of more customers than ``_CELLS`` / draws, where the interval is narrow.

    Examples
    --------
    >>> bootstrap_mean(np.array([1.0, 1.0, 1.0]), np.array([0, 1, 2]))
    Interval(value=1.0, low=1.0, high=1.0)
    """
    _, cluster = np.unique(customer, return_inverse=True)
    totals = np.bincount(cluster, weights=values)
    counts = np.bincount(cluster).astype("float64")
    weights = _draw_counts(len(totals), max(_FEWEST_DRAWS, min(draws, _CELLS // len(totals))), seed)
    low, high = np.quantile((weights @ totals) / (weights @ counts), [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))
