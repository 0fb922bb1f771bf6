"""The candidates for one target, from the simplest to the most complex, behind one interface."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Protocol

import pandas as pd

from arrisk.modeling import boosted, linear
from arrisk.modeling.blend import BlendModel, blend
from arrisk.modeling.boosted import PLENTY, BoostedModel, Growth, fit_boosted
from arrisk.modeling.linear import LinearModel, fit_linear
from arrisk.modeling.rates import (
    BaseRate,
    PastRate,
    SegmentRate,
    ShrunkRate,
    fit_base_rate,
    fit_segment_rate,
    fit_shrunk_rate,
)
from arrisk.modeling.rows import Floats, Sample
from arrisk.modeling.scorecard import ScorecardModel


class Model(Protocol):
    """What every fitted candidate can do."""

    kind: ClassVar[str]

    def predict_margin(self, features: pd.DataFrame) -> Floats:
        """Give the log-odds of each row, shape (n,)."""

    def contribute(self, features: pd.DataFrame) -> tuple[float, pd.DataFrame]:
        """Split each margin into a starting value and one column per reason; they sum to the margin."""

    def to_json(self) -> dict[str, Any]:
        """Describe the model as plain data."""


@dataclass(frozen=True)
class Candidate:
    """One way to fit a model.

    Parameters
    ----------
    name : how it is called in reports.
    fit : fits it on rows in time order.
    min_rows, min_of_each : fewer rows, or fewer of either outcome, and it is not offered.
    combine : makes it of other candidates' fitted models, by name, and the number of rows they were fitted on.
    parts : the candidates that it is made of.
    """

    name: str
    fit: Callable[[Sample], Model]
    min_rows: int = 0
    min_of_each: int = 0
    combine: Callable[[Mapping[str, Model], int], Model] | None = None
    parts: tuple[str, ...] = ()

    def is_offered(self, sample: Sample) -> bool:
        """Say whether there is enough to fit it on."""
        return sample.is_learnable(rows=self.min_rows, of_each=self.min_of_each)


MODELS: dict[
    str, type[BaseRate | SegmentRate | ShrunkRate | LinearModel | BoostedModel | BlendModel | ScorecardModel]
] = {
    model.kind: model
    for model in (BaseRate, SegmentRate, ShrunkRate, LinearModel, BoostedModel, BlendModel, ScorecardModel)
}
"""The fitted forms by the name under which they are saved."""


MIN_SEGMENT_ROWS = 100
"""With fewer rows segments hold next to nothing."""


def list_candidates(*, past: PastRate | None, is_whole: bool = True, growth: Growth = PLENTY) -> Sequence[Candidate]:
    """List the candidates by rising complexity.

    Parameters
    ----------
    past : columns of the customer's own past rate of this target; without them that candidate is left out.
    is_whole : whether every question stands at the start of what is predicted, so that rates of groups compare.
    growth : how trees are grown.

    Examples
    --------
    >>> [candidate.name for candidate in list_candidates(past=None)]
    ['base_rate', 'kaplan_meier', 'logistic', 'boosted_trees', 'blend']
    """
    candidates = [Candidate(BaseRate.kind, fit_base_rate)]
    if is_whole:
        candidates.append(Candidate(SegmentRate.kind, fit_segment_rate, MIN_SEGMENT_ROWS, 1))
    if past is not None:
        # Kept in its own name: a lambda would see the wider type of the argument.
        known: PastRate = past
        candidates.append(Candidate(ShrunkRate.kind, lambda sample: fit_shrunk_rate(sample, past=known), 1))
    candidates.append(
        Candidate(
            LinearModel.kind,
            lambda sample: fit_linear(sample, past=past),
            linear.MIN_ROWS,
            linear.MIN_OF_EACH,
        )
    )
    fit_trees, mix = partial(fit_boosted, growth=growth), partial(_blend, most=growth.weight)
    candidates.append(Candidate(BoostedModel.kind, fit_trees, boosted.MIN_ROWS, boosted.MIN_OF_EACH))
    candidates.append(
        Candidate(
            BlendModel.kind,
            lambda sample: mix(
                {LinearModel.kind: fit_linear(sample, past=past), BoostedModel.kind: fit_trees(sample)}, len(sample)
            ),
            boosted.MIN_ROWS,
            boosted.MIN_OF_EACH,
            combine=mix,
            parts=(LinearModel.kind, BoostedModel.kind),
        )
    )
    return candidates


def _blend(fitted: Mapping[str, Model], rows: int, *, most: float) -> Model:
    linear_part, boosted_part = fitted[LinearModel.kind], fitted[BoostedModel.kind]
    if not (isinstance(linear_part, LinearModel) and isinstance(boosted_part, BoostedModel)):
        raise TypeError("a blend is made of a regression and of trees")
    return blend(linear_part, boosted_part, rows=rows, most=most)
