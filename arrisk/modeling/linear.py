"""Logistic regression that starts from the customer's own past rate.

Each feature becomes one bounded, standardised term; a gap in a feature becomes a term of its own. The penalty
draws all terms towards "this customer pays as it paid", so that fifty features do no harm on a thousand rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd

from arrisk.modeling.champion import choose_champion
from arrisk.modeling.logistic import fit_logistic, to_probability
from arrisk.modeling.rates import PastRate, ShrunkRate, fit_shrunk_rate
from arrisk.modeling.rows import Column, Floats, Sample, read_column
from arrisk.modeling.splits import split_latest

STRICTNESS, OTHER_STRICTNESSES = 1.0, (0.1, 10.0)
"""By what all columns' precisions are multiplied."""

MIN_ROWS, MIN_OF_EACH = 50, 5
MIN_TUNING_ROWS = 2_000
_TUNING_ROWS = 100_000
_TAIL = 0.005
_MIN_GAP_SHARE = 0.01

Kind = Literal["plain", "log", "rare", "gap", "past"]


@dataclass(frozen=True)
class Term:
    """One addend of the score: coefficient x (bounded value - centre) / scale."""

    column: str
    reason: str
    kind: Kind
    low: float
    high: float
    centre: float
    scale: float
    precision: float
    coefficient: float = 0.0


@dataclass(frozen=True)
class LinearModel:
    """A sum of terms, added one by one in a fixed order, so that one row and a batch agree exactly."""

    kind: ClassVar[str] = "logistic"
    intercept: float
    terms: tuple[Term, ...]
    past: ShrunkRate | None

    def predict_margin(self, features: pd.DataFrame) -> Floats:
        """Give the log-odds of each row, shape (n,)."""
        margin = np.full(len(features), self.intercept)
        for term, values in zip(self.terms, _compute_terms(features, self.terms, self.past), strict=True):
            margin += term.coefficient * values
        return margin

    def contribute(self, features: pd.DataFrame) -> tuple[float, pd.DataFrame]:
        """Split each margin into a starting value and one column per reason, against the average row."""
        parts: dict[str, Floats] = {}
        for term, values in zip(self.terms, _compute_terms(features, self.terms, self.past), strict=True):
            part = term.coefficient * values
            parts[term.reason] = parts[term.reason] + part if term.reason in parts else part
        return self.intercept, pd.DataFrame(parts, index=features.index)

    def to_json(self) -> dict[str, Any]:
        """Describe the model as plain data."""
        past = self.past.to_json() if self.past else None
        return {"intercept": self.intercept, "past": past, "terms": [asdict(term) for term in self.terms]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        past = ShrunkRate.from_json(data["past"]) if data["past"] else None
        return cls(float(data["intercept"]), tuple(Term(**term) for term in data["terms"]), past)


def _compute_terms(features: pd.DataFrame, terms: Iterable[Term], past: ShrunkRate | None) -> Iterator[Floats]:
    """Compute each term's standardised values, shape (n,); a missing value is the average one, 0."""
    name, value = "", np.zeros(0)
    for term in terms:
        if term.kind == "past" and past is not None:
            yield _bound(past.predict_margin(features), term)
            continue
        # The terms of one column follow each other.
        if term.column != name:
            name, value = term.column, read_column(features, term.column)
        yield _bound(_express(value, term.kind), term)


def _express(value: Floats, kind: Kind) -> Floats:
    if kind == "gap":
        return np.isnan(value).astype("float64")
    return np.sign(value) * np.log1p(np.abs(value)) if kind == "log" else value


def _bound(raw: Floats, term: Term) -> Floats:
    value = (np.clip(raw, term.low, term.high) - term.centre) / term.scale
    return np.where(np.isnan(value), 0.0, value)


def fit_linear(sample: Sample, *, past: PastRate | None) -> LinearModel:
    """Fit the regression; how strictly it is drawn to its prior is tried on the newest quarter of a large sample.

    ``STRICTNESS`` stays on fewer than ``MIN_TUNING_ROWS`` rows, and unless another one predicts that quarter better
    beyond chance: picking the best of several on few rows would mostly pick noise.
    """
    recent = sample.latest(_TUNING_ROWS)
    piece = split_latest(recent, share=0.25)
    early, late = recent.take(piece.fit), recent.take(piece.test)
    strictness = STRICTNESS
    if len(sample) >= MIN_TUNING_ROWS and early.is_learnable(rows=MIN_ROWS, of_each=MIN_OF_EACH):
        layout = _lay_out(early, past=past)
        trials = {
            str(value): to_probability(layout.fit(strictness=value).predict_margin(late.features))
            for value in (STRICTNESS, *OTHER_STRICTNESSES)
        }
        strictness = float(choose_champion(trials, late.target, late.customer)[0])
    return fit_linear_at(sample, past=past, strictness=strictness)


def fit_linear_at(sample: Sample, *, past: PastRate | None, strictness: float) -> LinearModel:
    """Fit the regression with every column's precision multiplied by ``strictness``."""
    return _lay_out(sample, past=past).fit(strictness=strictness)


@dataclass(frozen=True)
class _Layout:
    """All that is fitted on: terms with their values, a column each, and the intercept's ones; the target."""

    terms: tuple[Term, ...]
    design: Floats
    target: Floats
    past: ShrunkRate | None

    def fit(self, *, strictness: float) -> LinearModel:
        # "The customer pays as it paid": the past margin as it stands, undoing its standardisation.
        centre = np.array([term.scale if term.kind == "past" else 0.0 for term in self.terms] + [0.0])
        penalty = np.array([strictness * term.precision for term in self.terms] + [0.0])
        found = fit_logistic(self.design, self.target, penalty=penalty, centre=centre)
        fitted = [replace(term, coefficient=float(value)) for term, value in zip(self.terms, found[:-1], strict=True)]
        return LinearModel(intercept=float(found[-1]), terms=tuple(fitted), past=self.past)


def _lay_out(sample: Sample, *, past: PastRate | None) -> _Layout:
    start = fit_shrunk_rate(sample, past=past) if past else None
    terms = tuple(_list_terms(sample, start))
    design = np.ones((len(sample), len(terms) + 1))
    for position, values in enumerate(_compute_terms(sample.features, terms, start)):
        design[:, position] = values
    return _Layout(terms, design, sample.target, start)


def _list_terms(sample: Sample, start: ShrunkRate | None) -> Iterator[Term]:
    gaps: set[bytes] = set()
    if start is not None:
        past_column = next(column for column in sample.columns if column.name == start.events)
        yield from _standardise(start.predict_margin(sample.features), past_column, "past")
    for column in sample.columns:
        if column.scale == "code" or column.is_of_the_times:
            continue
        value = read_column(sample.features, column.name)
        yield from _standardise(_express(value, column.scale), column, column.scale)
        gap = np.isnan(value)
        if gap.mean() >= _MIN_GAP_SHARE and gap.tobytes() not in gaps:
            gaps.add(gap.tobytes())
            yield from _standardise(gap.astype("float64"), column, "gap")


def _standardise(raw: Floats, column: Column, kind: Kind) -> Iterator[Term]:
    known = raw[~np.isnan(raw)]
    if not len(known):
        return
    # Beyond what was seen nothing is learnt: a value outside counts as the last one seen.
    tail = 0.0 if kind in ("gap", "rare") else _TAIL
    ends = np.quantile(known, [tail, 1 - tail]).tolist()
    low, high = float(ends[0]), float(ends[1])
    bounded = np.clip(known, low, high)
    scale = float(bounded.std())
    if scale >= 1e-9:
        yield Term(column.name, column.reason, kind, low, high, float(bounded.mean()), scale, column.precision)
