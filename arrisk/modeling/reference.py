"""How scores and features were spread when a model was trained: saved with it, to see later what has moved."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from arrisk.modeling.default.metrics import Stability, compare_counts, count_bins, find_tenths
from arrisk.modeling.rows import Column, Floats, read_column


@dataclass(frozen=True)
class Spread:
    """How one quantity is spread.

    Parameters
    ----------
    edges : the values that part it into tenths, each once.
    counts : rows up to each edge, beyond the last, and last those where it is missing.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, values: Floats) -> Self:
        """Measure a sample, shape (n,).

        Examples
        --------
        >>> Spread.of(np.array([1.0, 1.0, 2.0, np.nan]))
        Spread(edges=(1.0, 2.0), counts=(2, 1, 0, 1))
        """
        edges = find_tenths(values)
        return cls(tuple(edges.tolist()), tuple(count_bins(values, edges).astype("int64").tolist()))

    def compare(self, values: Floats) -> Stability:
        """Compare a later sample with it."""
        then = np.array(self.counts, dtype="float64")
        return compare_counts(then, count_bins(values, np.array(self.edges, dtype="float64")))


@dataclass(frozen=True)
class Reference:
    """Scores and features as of the day of training.

    Parameters
    ----------
    rows : how many invoices or customers.
    score : of the probability that is served.
    features : of each feature that the model reads, but those that move with the calendar for everybody.
    """

    rows: int
    score: Spread
    features: Mapping[str, Spread]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` gave."""
        return cls(data["rows"], _parse(data["score"]), {name: _parse(one) for name, one in data["features"].items()})

    def to_json(self) -> dict[str, Any]:
        """Give it as plain data."""
        return asdict(self)


def make_reference(score: Floats, features: pd.DataFrame, *, columns: Sequence[Column]) -> Reference:
    """Measure how scores, shape (n,), and the features of the same rows are spread."""
    names = sorted({column.name for column in columns if not column.is_of_the_times})
    return Reference(len(score), Spread.of(score), {name: Spread.of(read_column(features, name)) for name in names})


def _parse(data: dict[str, Any]) -> Spread:
    return Spread(tuple(data["edges"]), tuple(data["counts"]))
