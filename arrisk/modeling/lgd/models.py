"""Models of the share of an exposure that is lost: by segment and cover, or by regression where there is more to go by.

All of them predict the mean, which is what an expected loss needs, not the median.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.errors import InputError, ModelError
from arrisk.frames import to_text
from arrisk.modeling.boosted import BoostedModel
from arrisk.modeling.bootstrap import bootstrap_mean
from arrisk.modeling.champion import ERRORS_OF_INTERVAL, Duel
from arrisk.modeling.lgd.cases import COVERED
from arrisk.modeling.linear import LinearModel, fit_linear_at
from arrisk.modeling.logistic import to_probability
from arrisk.modeling.rows import Column, Floats, Ints, Sample, order_sample, read_column, require_columns
from arrisk.modeling.splits import split_latest

MIN_ROWS = 100
"""With fewer cases a regression is not offered."""

_PRIOR = np.array([0.5, 0.0])
"""Before any covered case is seen, half of the cover comes in, and that there is some says nothing more."""

_PRIOR_VARIANCE = 1 / 12
"""Of each of the two: that of a share that is anything from 0 to 1."""

_ROUNDS = 20
_NOTHING = 1e-9
_STRICTNESS = 0.1
_TREES = 120
_SETTINGS: dict[str, Any] = {
    "objective": "cross_entropy",
    "learning_rate": 0.05,
    "num_leaves": 6,
    "min_data_in_leaf": 10,
    "lambda_l2": 5.0,
    "seed": 20_240_101,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Level:
    """One segment: its values, how many cases' worth of evidence it has, and its loss share without cover."""

    key: tuple[str, ...]
    cases: float
    loss: float


@dataclass(frozen=True)
class SegmentLoss:
    """Loss share = the segment's x (1 - effect x covered share - standing, where there is any cover).

    Standing is for cover that is worth more than its amount: who holds a guarantee is paid first, or sooner.

    Parameters
    ----------
    segments : columns that a segment is made of; none means all cases are one.
    pool : loss share without cover of a segment never seen.
    levels : the segments seen, drawn to the pool.
    effect : how much of the cover really comes in, 0..1.
    standing : how much less is lost where there is cover at all, whatever its amount, 0..1.
    """

    kind: ClassVar[str] = "segment_mean"
    segments: tuple[str, ...]
    pool: float
    levels: tuple[Level, ...]
    effect: float
    standing: float = 0.0

    def predict(self, frame: pd.DataFrame) -> Floats:
        """Give each row's loss share, 0..1, shape (n,)."""
        known = {level.key: level.loss for level in self.levels}
        loss = np.array([known.get(key, self.pool) for key in _list_keys(frame, self.segments)], dtype="float64")
        kept = _list_levers(_read_covered(frame)) @ np.array([self.effect, self.standing])
        return np.asarray(np.clip(loss * (1.0 - kept), 0.0, 1.0))

    def to_json(self) -> dict[str, Any]:
        """Describe the model as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        levels = tuple(Level(tuple(one["key"]), float(one["cases"]), float(one["loss"])) for one in data["levels"])
        return cls(tuple(data["segments"]), float(data["pool"]), levels, float(data["effect"]), float(data["standing"]))


_MODELS: dict[str, type[SegmentLoss | LinearModel | BoostedModel]] = {
    model.kind: model for model in (SegmentLoss, LinearModel, BoostedModel)
}


@dataclass(frozen=True)
class LossModel:
    """The share of an exposure that is lost, once the customer is in default or the amount is written off.

    Parameters
    ----------
    model : a segment mean, or a regression on log-odds.
    columns : feature columns that a regression reads; empty for a segment mean.
    cases : how many cases it was fitted on.
    """

    model: SegmentLoss | LinearModel | BoostedModel
    columns: tuple[Column, ...]
    cases: int

    def predict(self, frame: pd.DataFrame) -> Floats:
        """Give each row's loss share, 0..1, shape (n,).

        Raises
        ------
        ModelError
            When a column that the model reads is not there.
        """
        if isinstance(self.model, SegmentLoss):
            return self.model.predict(frame)
        require_columns(frame, self.columns)
        return to_probability(self.model.predict_margin(frame))

    def to_json(self) -> dict[str, Any]:
        """Describe the model as plain data."""
        columns = [asdict(column) for column in self.columns]
        return {"kind": self.model.kind, "cases": self.cases, "columns": columns, "model": self.model.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises
        ------
        ModelError
            When it cannot be understood.
        """
        try:
            model = _MODELS[data["kind"]].from_json(data["model"])
            return cls(model, tuple(Column(**column) for column in data["columns"]), int(data["cases"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"the saved loss model cannot be understood: {error}", hint="train again") from error


def fit_segment_loss(losses: pd.DataFrame, *, segments: Sequence[str] = ()) -> SegmentLoss:
    """Estimate the loss share of each segment, drawn to that of all, and how much of the cover comes in.

    A case counts as much as it has developed, and as much as it is not covered. How strongly a segment is drawn to the
    pool follows from the data: the variance within segments over that between them, in cases (Buehlmann, Straub,
    Glaubwuerdigkeit fuer Schadensaetze, 1970); without variance between segments they are all the pool.

    Parameters
    ----------
    losses : one row per case: loss_share (0..1), optionally developed_share (0..1; missing column = all of it) and
        covered_share (0..1; missing = none), and the segments' columns.
    segments : columns that a segment is made of.

    Raises
    ------
    InputError
        When there is no case.

    Examples
    --------
    >>> losses = pd.DataFrame({"kind": ["a"] * 50 + ["b"] * 50, "loss_share": [0.8, 0.6] * 25 + [0.3, 0.1] * 25})
    >>> model = fit_segment_loss(losses, segments=["kind"])
    >>> model.predict(pd.DataFrame({"kind": ["a", "b", "c"]})).round(3)
    array([0.7 , 0.2 , 0.45])
    """
    if losses.empty:
        raise InputError("no case of a loss to learn from", hint="take a longer ledger")
    levers, loss = _list_levers(_read_covered(losses)), read_column(losses, "loss_share")
    weight = read_column(losses, "developed_share") if "developed_share" in losses else np.ones(len(losses))
    # When no case has developed at all, what is expected of them is all there is.
    weight = weight if weight.sum() > _NOTHING else np.ones(len(losses))
    keys = _list_keys(losses, segments)
    names = sorted(set(keys))
    order = {key: position for position, key in enumerate(names)}
    place = np.array([order[key] for key in keys], dtype="int64")
    effects = _PRIOR
    for _ in range(_ROUNDS):
        pool, rates, evidence = _shrink_rates(loss, weight, np.clip(1.0 - levers @ effects, 0.0, 1.0), place)
        effects = _fit_effects(loss, weight, rates[place], levers)
    levels = tuple(Level(key, float(n), float(x)) for key, n, x in zip(names, evidence, rates, strict=True))
    return SegmentLoss(tuple(segments), pool, levels, float(effects[0]), float(effects[1]))


def fit_loss_model(
    losses: pd.DataFrame, *, segments: Sequence[str] = (), columns: Sequence[Column] = ()
) -> tuple[LossModel, tuple[Duel, ...]]:
    """Choose between the segments' means, a fractional regression and small trees, and fit the winner on all cases.

    The candidates predict the newest quarter from the older cases. A more complex one has to have a smaller mean
    absolute error by more than one standard error of the paired difference, drawn over customers.

    Parameters
    ----------
    losses : as for ``fit_segment_loss``, and customer_id, start_day, and the columns.
    segments : columns that a segment is made of.
    columns : features that regressions may read; without any, or on few cases, only the segments' means are offered.

    Returns
    -------
    LossModel, tuple of Duel
        The model, and every challenge in the order fought; a gain is a share of the exposure.
    """
    fits: dict[str, Callable[[pd.DataFrame], LossModel]] = {
        SegmentLoss.kind: lambda rows: LossModel(fit_segment_loss(rows, segments=segments), (), len(rows))
    }
    if columns and len(losses) >= MIN_ROWS:
        fits[LinearModel.kind] = lambda rows: LossModel(_fit_fractional(rows, columns), tuple(columns), len(rows))
        fits[BoostedModel.kind] = lambda rows: LossModel(_fit_trees(rows, columns), tuple(columns), len(rows))
    champion, duels = _hold_duels(fits, losses)
    return fits[champion](losses), duels


def _hold_duels(
    fits: Mapping[str, Callable[[pd.DataFrame], LossModel]], losses: pd.DataFrame
) -> tuple[str, tuple[Duel, ...]]:
    names, duels = list(fits), []
    champion = names[0]
    if len(names) == 1:
        return champion, ()
    ordered = losses.sort_values("start_day", kind="stable")
    piece = split_latest(_to_sample(ordered, ()), share=0.25)
    early, late = ordered.iloc[piece.fit], ordered.iloc[piece.test]
    customer = pd.factorize(late["customer_id"])[0].astype("int64")
    errors = {name: _miss(fit(early), late) for name, fit in fits.items()} if len(early) else {}
    for challenger in names[1:] if errors else ():
        gain = bootstrap_mean(errors[champion] - errors[challenger], customer)
        is_won = gain.value > (gain.high - gain.low) / ERRORS_OF_INTERVAL
        duels.append(Duel(champion, challenger, gain, is_won=is_won))
        champion = challenger if is_won else champion
    return champion, tuple(duels)


def _miss(model: LossModel, losses: pd.DataFrame) -> Floats:
    return np.asarray(np.abs(read_column(losses, "loss_share") - model.predict(losses)))


def _shrink_rates(loss: Floats, weight: Floats, exposed: Floats, place: Ints) -> tuple[float, Floats, Floats]:
    """Give the pool's rate, each segment's drawn to it, and each segment's evidence in cases.

    A rate is lost over exposed, so that a fully covered case neither helps nor hurts.
    """
    evidence = np.bincount(place, weights=weight * exposed).astype("float64")
    total, count = evidence.sum(), len(evidence)
    pool = float((weight * loss).sum() / max(total, _NOTHING))
    raw = np.bincount(place, weights=weight * loss) / np.maximum(evidence, _NOTHING)
    own = np.where(evidence > _NOTHING, raw, pool)
    within = float((weight * (loss - exposed * own[place]) ** 2).sum() / max(weight.sum() - count, 1.0))
    spread = float((evidence * (own - pool) ** 2).sum()) - (count - 1) * within
    scale = total - float((evidence**2).sum()) / max(total, _NOTHING)
    between = spread / scale if scale > _NOTHING else 0.0
    trust = evidence * between / (evidence * between + within) if between > 0 else np.zeros(count)
    return min(pool, 1.0), np.clip(pool + np.nan_to_num(trust) * (own - pool), 0.0, 1.0), evidence


def _fit_effects(loss: Floats, weight: Floats, rate: Floats, levers: Floats) -> Floats:
    """Estimate how much the cover brings in: least squares of what was not lost on the levers, with the prior."""
    pull = rate[:, None] * levers
    noise = float((weight * (loss - rate + pull @ _PRIOR) ** 2).sum() / max(weight.sum(), _NOTHING))
    prior = max(noise, _NOTHING) / _PRIOR_VARIANCE
    evidence = (pull * weight[:, None]).T @ pull
    found = np.linalg.solve(prior * np.eye(2) + evidence, prior * _PRIOR + pull.T @ (weight * (rate - loss)))
    return np.asarray(np.clip(found, 0.0, 1.0))


def _fit_fractional(losses: pd.DataFrame, columns: Sequence[Column]) -> LinearModel:
    """Fit log-odds of a mean share (Papke, Wooldridge, Econometric Methods for Fractional Response Variables, 1996)."""
    return fit_linear_at(_to_sample(losses, columns), past=None, strictness=_STRICTNESS)


def _fit_trees(losses: pd.DataFrame, columns: Sequence[Column]) -> BoostedModel:
    import lightgbm as lgb  # noqa: PLC0415 - slow to import

    sample = _to_sample(losses, columns)
    names = tuple(column.name for column in columns)
    matrix = sample.features[list(names)].to_numpy(dtype="float32", na_value=np.nan)
    booster = lgb.train(_SETTINGS, lgb.Dataset(matrix, sample.target), num_boost_round=_TREES)
    return BoostedModel(booster.model_to_string(), names, tuple(column.reason for column in columns))


def _to_sample(losses: pd.DataFrame, columns: Sequence[Column]) -> Sample:
    days = losses["start_day"].to_numpy(dtype="int64")
    customer = pd.factorize(losses["customer_id"], sort=True)[0].astype("int64")
    sample = Sample(losses, read_column(losses, "loss_share"), customer, days, days, tuple(columns))
    return order_sample(sample, ids=losses["customer_id"])


def _list_keys(frame: pd.DataFrame, segments: Sequence[str]) -> list[tuple[str, ...]]:
    if not segments:
        return [()] * len(frame)
    texts = [pd.Series(to_text(frame[name]).to_pylist(), dtype=object).fillna("") for name in segments]
    return list(zip(*texts, strict=True))


def _read_covered(frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    if COVERED not in frame:
        return np.zeros(len(frame))
    return np.asarray(np.clip(np.nan_to_num(read_column(frame, COVERED)), 0.0, 1.0))


def _list_levers(covered: Floats) -> Floats:
    """Give what the effects of cover are multiplied by, shape (n, 2): the covered share, and whether there is any."""
    return np.stack([covered, (covered > 0.0).astype("float64")], axis=1)
