"""Models asked about one row: margin and parts as plain arrays, to the last bit those of a frame, in microseconds.

A frame of one row costs as much as one of a thousand. Each form of model here is laid out once; then one row is a few
operations on short arrays, in the order in which the model itself adds up.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from arrisk.errors import ModelError
from arrisk.modeling.binning import find_edges
from arrisk.modeling.blend import BlendModel
from arrisk.modeling.boosted import BoostedModel
from arrisk.modeling.candidates import Model
from arrisk.modeling.linear import LinearModel
from arrisk.modeling.plain_files import TRAIN_AGAIN
from arrisk.modeling.rates import BaseRate
from arrisk.modeling.rows import Floats
from arrisk.modeling.scorecard import ScorecardModel
from arrisk.modeling.tree_parts import add_parts, sum_leaves

Values = Mapping[str, float]
"""The features of one row by name; missing is NaN."""


@dataclass(frozen=True)
class Split:
    """One row's margin and what it is made of.

    Parameters
    ----------
    margin : log-odds, as ``predict_margin`` gives them.
    base : the starting value.
    parts : one per column of the model's ``columns``, as ``contribute`` gives them.
    """

    margin: float
    base: float
    parts: Floats


class RowModel(Protocol):
    """A model laid out for one row."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Under which name each part is shown, in order."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The features that are read."""

    def split(self, row: Values, /) -> Split:
        """Give the margin of a row and its parts."""


def lay_out(model: Model) -> RowModel:
    """Lay a model out for one row.

    Raises
    ------
    ModelError
        When it is of a form that is not asked about one customer.
    """
    match model:
        case BaseRate():
            return _Rate(model.margin)
        case LinearModel(past=None):
            return _lay_out_line(model)
        case ScorecardModel():
            return _lay_out_card(model)
        case BoostedModel():
            return _Trees(model, tuple(dict.fromkeys(model.reasons)))
        case BlendModel():
            return _lay_out_blend(model)
    raise ModelError(f"a '{model.kind}' cannot be asked about one row", hint=TRAIN_AGAIN)


@dataclass(frozen=True)
class _Rate:
    margin: float
    columns: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    def split(self, _row: Values, /) -> Split:
        """Give the rate of all, which has no parts."""
        return Split(self.margin, self.margin, np.zeros(0))


@dataclass(frozen=True)
class _Line:
    """A regression; one entry per term, and where its part is shown."""

    columns: tuple[str, ...]
    reads: tuple[str, ...]
    intercept: float
    is_log: np.ndarray
    is_gap: np.ndarray
    low: Floats
    high: Floats
    centre: Floats
    scale: Floats
    coefficient: Floats
    first: np.ndarray
    later: tuple[tuple[int, int], ...]

    def split(self, row: Values) -> Split:
        """Give the terms, in their order."""
        raw = np.array([row[name] for name in self.reads])
        values = np.where(self.is_log, np.sign(raw) * np.log1p(np.abs(raw)), raw)
        values = np.where(self.is_gap, np.isnan(raw), values)
        values = (np.clip(values, self.low, self.high) - self.centre) / self.scale
        terms = self.coefficient * np.where(np.isnan(values), 0.0, values)
        margin = self.intercept
        for term in terms.tolist():
            margin += term
        parts = terms[self.first]
        for place, term in self.later:
            parts[place] += terms[term]
        return Split(margin, self.intercept, parts)


def _lay_out_line(model: LinearModel) -> _Line:
    places: dict[str, int] = {}
    first, later = [], []
    for number, term in enumerate(model.terms):
        if term.reason in places:
            later.append((places[term.reason], number))
        else:
            places[term.reason] = len(places)
            first.append(number)
    numbers = {
        name: np.array([getattr(term, name) for term in model.terms], dtype="float64")
        for name in ("low", "high", "centre", "scale", "coefficient")
    }
    return _Line(
        columns=tuple(places),
        reads=tuple(term.column for term in model.terms),
        intercept=model.intercept,
        is_log=np.array([term.kind == "log" for term in model.terms], dtype=bool),
        is_gap=np.array([term.kind == "gap" for term in model.terms], dtype=bool),
        **numbers,
        first=np.array(first, dtype="int64"),
        later=tuple(later),
    )


@dataclass(frozen=True)
class _Card:
    """A scorecard: per column where its bins end, and what each of them adds, a missing value's last."""

    columns: tuple[str, ...]
    reads: tuple[str, ...]
    intercept: float
    edges: tuple[tuple[float, ...], ...]
    points: tuple[tuple[float, ...], ...]
    places: tuple[int, ...]

    def split(self, row: Values) -> Split:
        """Give the bins' points, in the order of the columns."""
        margin, parts = self.intercept, np.zeros(len(self.columns))
        for name, edges, points, place in zip(self.reads, self.edges, self.points, self.places, strict=True):
            value = row[name]
            part = points[len(edges) + 1 if np.isnan(value) else bisect_left(edges, value)]
            margin += part
            parts[place] += part
        return Split(margin, self.intercept, parts)


def _lay_out_card(model: ScorecardModel) -> _Card:
    names = list(dict.fromkeys(column.reason for column in model.columns))
    return _Card(
        columns=tuple(names),
        reads=tuple(column.name for column in model.columns),
        intercept=model.intercept,
        edges=tuple(tuple(find_edges(column.bins).tolist()) for column in model.columns),
        points=tuple(tuple(column.coefficient * part.woe for part in column.bins) for column in model.columns),
        places=tuple(names.index(column.reason) for column in model.columns),
    )


@dataclass(frozen=True)
class _Trees:
    model: BoostedModel
    columns: tuple[str, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the trees."""
        return self.model.columns

    def split(self, row: Values) -> Split:
        """Give the sum of the leaves, and TreeSHAP's parts."""
        trees = self.model.trees
        matrix = np.array([[row[name] for name in self.model.columns]], dtype="float32")
        parts = np.zeros((1, len(self.model.columns)))
        add_parts(trees, matrix, parts)
        own = parts[0]
        if len(self.columns) < len(self.model.reasons):
            own = np.zeros(len(self.columns))
            for part, reason in zip(parts[0], self.model.reasons, strict=True):
                own[self.columns.index(reason)] += part
        return Split(float(sum_leaves(trees, matrix)[0]), trees.base, own)


@dataclass(frozen=True)
class _Blend:
    """A mean of two models, and where the parts of each stand among those of both."""

    columns: tuple[str, ...]
    line: RowModel
    trees: RowModel
    weight: float
    own: np.ndarray
    other: np.ndarray

    @property
    def reads(self) -> tuple[str, ...]:
        """What either reads."""
        return (*self.line.reads, *self.trees.reads)

    def split(self, row: Values) -> Split:
        """Give the mean of both margins and of both models' parts."""
        line, trees = self.line.split(row), self.trees.split(row)
        first, second = np.zeros(len(self.columns)), np.zeros(len(self.columns))
        first[self.own] = (1 - self.weight) * line.parts
        second[self.other] = self.weight * trees.parts
        margin = (1 - self.weight) * line.margin + self.weight * trees.margin
        base = (1 - self.weight) * line.base + self.weight * trees.base
        return Split(margin, base, first + second)


def _lay_out_blend(model: BlendModel) -> _Blend:
    line, trees = lay_out(model.linear), lay_out(model.boosted)
    # In whatever order frames are added.
    empty = [pd.DataFrame(columns=list(part.columns), dtype="float64") for part in (line, trees)]
    both = empty[0].add(empty[1], fill_value=0.0).columns
    own, other = (both.get_indexer(pd.Index(part.columns)) for part in (line, trees))
    return _Blend(tuple(map(str, both)), line, trees, model.weight, own, other)
