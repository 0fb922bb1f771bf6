"""Gradient boosting (LightGBM), monotone on few rows, kept small enough to explain and to serve.

Ke et al., LightGBM: A Highly Efficient Gradient Boosting Decision Tree, NeurIPS 2017. The model is kept as
LightGBM's own text; what was fitted is read back from that text at once, so that the model judged is the
model saved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.errors import ModelError
from arrisk.features.attributes import CATEGORY
from arrisk.modeling.rows import Column, Floats, Sample
from arrisk.modeling.splits import split_latest
from arrisk.modeling.tree_parts import Trees, add_parts, read_trees

if TYPE_CHECKING:
    import lightgbm as lgb

MIN_ROWS, MIN_OF_EACH = 200, 20
_PATIENCE = 25
_ENOUGH_ROWS = 5_000
"""From so many rows on the number of trees needs no search (small ones are not too many), and the directions of the
catalogue no enforcement: they keep trees from noise on few rows, and from what is there on many."""

_ROWS_AT_ONCE = 50_000
"""All columns of so many rows are read together: one by one takes longer, all rows at once much memory."""

_SETTINGS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.07,
    "max_bin": 63,
    "seed": 20_240_101,
    "deterministic": True,
    "force_col_wise": True,
    # One thread: on shared cores LightGBM's own threads wait for each other longer than they work.
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Step:
    """How trees are grown from so many rows on; ``settings`` stand in place of or beside those of fewer rows."""

    rows: int
    trees: int
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Growth:
    """How trees are grown.

    Parameters
    ----------
    trees : how many at most.
    settings : what of LightGBM's own settings is particular to it.
    steps : what changes with the number of rows, by rising number.
    weight : of the trees in a blend with a regression, at most.
    is_monotone : whether the directions of the catalogue hold on any number of rows, not on few alone.
    """

    trees: int
    settings: Mapping[str, Any]
    steps: tuple[Step, ...]
    weight: float = 0.5
    is_monotone: bool = False

    def on(self, rows: int) -> Self:
        """Say how trees are grown on so many rows."""
        grown = self
        for step in self.steps:
            if rows >= step.rows:
                grown = replace(grown, trees=step.trees, settings={**grown.settings, **step.settings})
        return grown


SMALL = Growth(
    150,
    MappingProxyType({"feature_fraction": 0.4, "lambda_l2": 10.0, "num_leaves": 8, "min_data_in_leaf": 30}),
    (Step(20_000, 150, MappingProxyType({"num_leaves": 16, "min_data_in_leaf": 100})),),
)
"""Few small trees, each on some of the columns: of many that say much the same none takes all the weight."""

SAYABLE = replace(SMALL, is_monotone=True)
"""The same, never against a direction of the catalogue: what raises a risk can be said to a customer as its reason."""

PLENTY = replace(SMALL, steps=(*SMALL.steps, Step(100_000, 300, MappingProxyType({"num_leaves": 31}))), weight=0.75)
"""The same, more and larger on many rows: of invoices there are a hundred where there is one failure."""

RANDOM = Growth(
    300,
    MappingProxyType(
        {
            "extra_trees": True,
            "learning_rate": 0.05,
            "lambda_l2": 5.0,
            "num_leaves": 16,
            "min_data_in_leaf": 20,
        }
    ),
    (Step(20_000, 300, MappingProxyType({"min_data_in_leaf": 100})),),
)
"""More and larger trees on all columns, each cut at random (Geurts, Ernst, Wehenkel, Extremely Randomized Trees, 2006):
what tells of a failure may stand in one column of a hundred, which a share of them would miss."""


@dataclass(frozen=True)
class BoostedModel:
    """A sum of small trees.

    Parameters
    ----------
    text : the model in LightGBM's own format.
    columns : feature columns in the order in which the trees read them.
    reasons : under which name each column's contribution is shown, same length.
    """

    kind: ClassVar[str] = "boosted_trees"
    text: str = field(repr=False)
    columns: tuple[str, ...]
    reasons: tuple[str, ...]

    @cached_property
    def _booster(self) -> "lgb.Booster":
        import lightgbm as lgb  # noqa: PLC0415 - slow to import

        try:
            return lgb.Booster(model_str=self.text)
        except lgb.basic.LightGBMError as error:
            raise ModelError("unreadable LightGBM model", where="model.txt", hint="train again") from error

    @cached_property
    def trees(self) -> Trees:
        """The trees laid out for lookup."""
        return read_trees(self.text)

    def predict_margin(self, features: pd.DataFrame) -> Floats:
        """Give the log-odds of each row, shape (n,)."""
        if features.empty:
            return np.zeros(0)
        margin = self._booster.predict(self._read(features), raw_score=True, num_threads=1)
        return np.asarray(margin, dtype="float64")

    def contribute(self, features: pd.DataFrame) -> tuple[float, pd.DataFrame]:
        """Split each margin into a starting value and one column per reason (TreeSHAP).

        Lundberg, Erion, Lee, Consistent Individualized Feature Attribution for Tree Ensembles, 2018.
        """
        matrix = self._read(features)
        parts = np.zeros((len(matrix), len(self.columns)))
        add_parts(self.trees, matrix, parts)
        names = list(dict.fromkeys(self.reasons))
        grouped = np.zeros((len(matrix), len(names)), order="F")
        for position, reason in enumerate(self.reasons):
            grouped[:, names.index(reason)] += parts[:, position]
        return self.trees.base, pd.DataFrame(grouped, columns=names, index=features.index)

    def _read(self, features: pd.DataFrame) -> npt.NDArray[np.float32]:
        return _read_single(features, [Column(name) for name in self.columns])

    def to_json(self) -> dict[str, Any]:
        """Describe the model as plain data."""
        return {"text": self.text, "columns": list(self.columns), "reasons": list(self.reasons)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(str(data["text"]), tuple(data["columns"]), tuple(data["reasons"]))


def fit_boosted(sample: Sample, *, growth: Growth = SMALL) -> BoostedModel:
    """Fit the trees; on few rows how many is chosen on the newest fifth of the sample, then all of it is used."""
    import lightgbm as lgb  # noqa: PLC0415 - slow to import

    piece = split_latest(sample, share=0.2)
    early, late = sample.take(piece.fit), sample.take(piece.test)
    trees = growth.trees // 2
    if len(sample) >= _ENOUGH_ROWS:
        trees = growth.on(len(sample)).trees
    elif early.is_learnable(rows=MIN_ROWS // 2, of_each=5) and late.is_learnable(rows=20, of_each=2):
        trees = _count_trees(early, late, growth)
    booster = lgb.train(_set_up(sample, growth), _load(sample), num_boost_round=trees)
    read = _list_columns(sample)
    return BoostedModel(
        text=booster.model_to_string(),
        columns=tuple(column.name for column in read),
        reasons=tuple(column.reason for column in read),
    )


def _count_trees(early: Sample, late: Sample, growth: Growth) -> int:
    import lightgbm as lgb  # noqa: PLC0415 - slow to import

    stop = lgb.early_stopping(_PATIENCE, verbose=False)
    sets, settings = [_load(late)], _set_up(early, growth)
    found = lgb.train(settings, _load(early), num_boost_round=growth.trees, valid_sets=sets, callbacks=[stop])
    return max(1, found.best_iteration)


def _set_up(sample: Sample, growth: Growth) -> dict[str, Any]:
    is_short = len(sample) < _ENOUGH_ROWS
    return {
        **_SETTINGS,
        **growth.on(len(sample)).settings,
        **({"monotone_constraints": _list_directions(sample)} if growth.is_monotone or is_short else {}),
    }


def _list_directions(sample: Sample) -> list[int]:
    return [column.direction for column in _list_columns(sample)]


def _list_columns(sample: Sample) -> list[Column]:
    return [column for column in sample.columns if not column.is_of_the_times]


def _load(sample: Sample) -> "lgb.Dataset":
    import lightgbm as lgb  # noqa: PLC0415 - slow to import

    columns = _list_columns(sample)
    names = [place for place, column in enumerate(columns) if column.name.startswith(CATEGORY)]
    matrix = _read_single(sample.features, columns)
    return lgb.Dataset(matrix, sample.target, categorical_feature=names, free_raw_data=False)


def _read_single(features: pd.DataFrame, columns: Sequence[Column]) -> npt.NDArray[np.float32]:
    """Read the columns in single precision: trees only compare, and bins are wider than what is lost."""
    names = [column.name for column in columns]
    matrix = np.empty((len(features), len(names)), dtype="float32")
    for start in range(0, len(features), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        matrix[part] = features.iloc[part][names].to_numpy(dtype="float32", na_value=np.nan)
    return matrix
