"""Reasons: why an invoice is likely to be late, as parts that sum to the logit of its probability.

What is explained is p_late_30, or for an invoice that is older the next horizon. Each stage's model splits its own
margin into parts (coefficient x (value - average), or TreeSHAP). The logit of the product of stages is followed along
the straight line from nothing known to what is known of the row; a stage's parts count by the stage's mean effect on it
(Aumann, Shapley, Values of Non-Atomic Games, 1974; Sundararajan, Taly, Yan, Axiomatic Attribution, 2017), so that the
parts sum to the logit. What is left over is shown as interaction. Parts of columns that express one feature are added.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from arrisk.features.meanings import explain_value
from arrisk.modeling.candidates import Model
from arrisk.modeling.chain import AGE, Chain, Link, Stage, add_place
from arrisk.modeling.logistic import to_margin, to_probability
from arrisk.modeling.rates import LEFT
from arrisk.modeling.rows import Floats, Ints, set_columns
from arrisk.modeling.stopped import SILENCE, mix_stopped

TOP_REASONS = 4
TOLERANCE = 1e-9

HORIZONS_EXPLAINED = (30, 60, 90, 180, 365, 730)
"""The days past due of which the first that an invoice has not passed is explained."""

INTERACTION, DRIFT = "interaction", "drift"

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_LEAST_MARGIN = 1e-9
_WORDS = {
    INTERACTION: "all of it taken together",
    DRIFT: "what customers in general have lately done",
    LEFT: "how much time is left",
    "open_share": "{value:.0%} of it is open",
    "is_disputed": "disputed: {value:.0f}",
}


def contribute_exactly(model: Model, features: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """Split each row's margin into a starting value and one part per feature, and check that they tie.

    Returns
    -------
    float, DataFrame
        The starting value, and one row per row of ``features`` with one column per feature, in logits.

    Raises
    ------
    ArithmeticError
        When the parts do not sum to the margin within ``TOLERANCE``: a fault of the program.
    """
    base, parts = model.contribute(features)
    gap = base + parts.to_numpy(dtype="float64").sum(axis=1) - model.predict_margin(features)
    if len(gap) and float(np.abs(gap).max()) > TOLERANCE:
        raise ArithmeticError(f"reasons miss the margin by {np.abs(gap).max():.1e}")
    return base, parts


def contribute_link(link: Link, features: pd.DataFrame) -> tuple[Floats, Floats, pd.DataFrame]:
    """Split the logit of each row's calibrated probability into a starting value and one part per feature.

    Returns
    -------
    array of shape (n,), array of shape (n,), DataFrame
        The starting value, the same for every row; the logit; the parts, which lead from the one to the other.
    """
    base, parts = contribute_exactly(link.model, features)
    raw = _sum_rows(parts.to_numpy(dtype="float64"))
    margins = to_margin(link.calibrator.calibrate(base + raw))
    starting = to_margin(link.calibrator.calibrate(np.full(len(raw), base)))
    return starting, margins, parts * stretch_parts(raw, margins=margins, starting=starting)[:, None]


def stretch_parts(raw: Floats, *, margins: Floats, starting: Floats) -> Floats:
    """Say by what to multiply the parts of each row so that they lead from its starting value to its margin.

    Calibration bends the margin: every part is stretched alike.

    Parameters
    ----------
    raw : the sum of the parts as the model gives them, shape (n,).
    margins, starting : where they lead to and from, after calibration, shape (n,).
    """
    return np.where(np.abs(raw) > _LEAST_MARGIN, (margins - starting) / np.where(raw == 0, 1.0, raw), 0.0)


@dataclass(frozen=True)
class Contributions:
    """The parts of each row's logit; all of n rows.

    Parameters
    ----------
    horizon : which day past due is explained, shape (n,).
    starting : the logit before anything is known of the row, shape (n,).
    margins : the logit of P(not paid by the horizon), whether open or written off, shape (n,).
    parts : one column per reason; a row's parts and its starting value sum to its margin.
    facts : the features, with where the question stands.
    """

    horizon: Ints
    starting: Floats
    margins: Floats
    parts: pd.DataFrame
    facts: pd.DataFrame


def contribute_chain(chain: Chain, features: pd.DataFrame, *, age: Ints, shift: Floats | float = 0.0) -> Contributions:
    """Split the logit of each row's probability of being late into parts.

    Parameters
    ----------
    chain : the stages.
    features : one row per question.
    age : days past due on the day of the question, shape (n,).
    shift : drift in logits, for all or for each, which is a part of its own.
    """
    ends = np.array(HORIZONS_EXPLAINED)
    horizon = ends[np.minimum(np.searchsorted(ends, age), len(ends) - 1)]
    placed = set_columns(add_place(features, age=age, grid=chain.grid), **{DRIFT: shift, INTERACTION: np.nan})
    own = chain.grid.place(age)
    splits = []
    for place, stage in enumerate(chain.stages):
        counts = (own <= place) & (stage.last_day <= horizon) & (age <= stage.last_day)
        ahead = set_columns(placed, **{LEFT: np.where(own < place, 1.0, placed[LEFT])})
        splits.append(_split_stage(stage, ahead, counts))
    splits = _move_splits(chain, splits, placed, shift)
    starts, steps = (np.column_stack([getattr(split, name) for split in splits]) for name in ("start", "step"))
    counts = np.column_stack([split.counts for split in splits])
    lost = np.where(counts, [stage.lost_share for stage in chain.stages], 0.0)
    weights, starting, margins = _follow(starts, steps, counts, lost)
    parts = _add_parts([split.parts * weights[:, [place]] for place, split in enumerate(splits)], features.index)
    parts[INTERACTION] = margins - starting - _sum_rows(parts.to_numpy(dtype="float64"))
    return Contributions(horizon, starting, margins, parts, placed)


@dataclass(frozen=True)
class _Split:
    """One stage's margin: where it starts, how far it goes, and by which parts."""

    counts: np.ndarray
    start: Floats
    step: Floats
    parts: pd.DataFrame


def _split_stage(stage: Stage, features: pd.DataFrame, counts: np.ndarray) -> _Split:
    start, step = np.zeros(len(features)), np.zeros(len(features))
    if not counts.any():
        return _Split(counts, start, step, pd.DataFrame(index=features.index))
    start, calibrated, parts = contribute_link(stage.link, features)
    return _Split(counts, start, calibrated - start, parts * counts[:, None])


def _move_splits(chain: Chain, splits: Sequence[_Split], features: pd.DataFrame, shift: Floats | float) -> list[_Split]:
    """Move the stages' margins by what a silence says of a stop, which is its own part, and by the drift."""
    moved = list(splits)
    margins = np.column_stack([split.start + split.step for split in splits])
    counts = np.column_stack([split.counts for split in splits])
    by = np.zeros_like(margins)
    if chain.stop is not None:
        unpaid = np.where(counts, to_probability(margins), 1.0)
        mixed = mix_stopped(unpaid, chain.stop.read(features), places=chain.early)
        by = np.where(counts, to_margin(mixed) - margins, 0.0)
    for place in chain.early:
        split, silence = splits[place], by[:, place]
        parts = split.parts.assign(**{DRIFT: shift * counts[:, place]})
        if chain.stop is not None:
            parts[SILENCE] = silence + split.parts.get(SILENCE, 0.0)
        moved[place] = replace(split, step=split.step + silence + shift, parts=parts)
    return moved


def _follow(starts: Floats, steps: Floats, counts: np.ndarray, lost: Floats) -> tuple[Floats, Floats, Floats]:
    """Give each stage's mean effect on the logit of the whole along the line, and that logit at both its ends."""
    effect = np.zeros_like(starts)
    for point, weight in zip((_POINTS + 1) / 2, _WEIGHTS / 2, strict=True):
        p = np.where(counts, to_probability(starts + point * steps), 1.0)
        whole, slope = _join(p, lost)
        effect += weight * (1.0 - p) * slope / (whole * (1.0 - whole))[:, None]
    ends = (_join(np.where(counts, to_probability(starts + far * steps), 1.0), lost)[0] for far in (0.0, 1.0))
    first, last = map(to_margin, ends)
    return effect, first, last


def _join(p: Floats, lost: Floats) -> tuple[Floats, Floats]:
    """Join the stages to P(not paid), and give each stage's slope: how much of it goes by a stage's own p, times p.

    What is written off is not paid, whatever the later stages say.
    """
    left = np.cumprod(np.column_stack([np.ones(len(p)), p * (1.0 - lost)]), axis=1)
    paid = left[:, :-1] * (1.0 - p)
    later = np.cumsum(paid[:, ::-1], axis=1)[:, ::-1] - paid
    whole = left[:, -1] + _sum_rows(left[:, :-1] * p * lost)
    return np.clip(whole, 1e-15, 1.0 - 1e-15), left[:, :-1] * p - later


def _add_parts(parts: Sequence[pd.DataFrame], index: pd.Index) -> pd.DataFrame:
    total = pd.DataFrame(index=index)
    for frame in parts:
        total = total.add(frame.set_axis(index), fill_value=0.0)
    return total[sorted(map(str, total))]


def _sum_rows(matrix: Floats) -> Floats:
    """Sum along the rows, one column after the other, so that one row and a batch agree exactly."""
    total = np.zeros(len(matrix))
    for column in matrix.T:
        total += column
    return total


@dataclass(frozen=True)
class Explanation:
    """Why rows score as they do, in numbers that sum up.

    Parameters
    ----------
    starting_values : the logit before anything is known of a row, shape (n,).
    margins : each row's logit, shape (n,).
    horizon : the days past due that are explained, shape (n,).
    reasons : one row per reason: row (index value of the features), rank (1 = strongest), feature, value, contribution
        (logits; positive = later), text; where none was cut off, the contributions of a row and its starting value sum
        to its margin.
    """

    starting_values: Floats
    margins: Floats
    horizon: Ints
    reasons: pd.DataFrame


def explain(
    chain: Chain, features: pd.DataFrame, *, age: Ints, shift: float = 0.0, top: int | None = None
) -> Explanation:
    """Explain each row's probability of being late.

    Parameters
    ----------
    chain, features, age, shift : as for ``contribute_chain``; the index of ``features`` names the rows.
    top : how many reasons a row gets at most, the strongest first; None = all.
    """
    found = contribute_chain(chain, features, age=age, shift=shift)
    reasons = _rank_parts(found.parts, found.facts, top=top)
    return Explanation(found.starting, found.margins, found.horizon, reasons)


def _rank_parts(parts: pd.DataFrame, features: pd.DataFrame, *, top: int | None) -> pd.DataFrame:
    matrix = parts.to_numpy(dtype="float64")
    # Stable, so that ties stand in the order of the features.
    order = np.argsort(-np.abs(matrix), axis=1, kind="stable")[:, :top]
    row = np.repeat(np.arange(len(features)), order.shape[1])
    column = order.ravel()
    contribution = matrix[row, column]
    rank = np.tile(np.arange(1, order.shape[1] + 1), len(features))
    names = parts.columns.to_numpy(dtype="object")[column]
    value = _read_values(features, list(parts.columns), row, column)
    table = pd.DataFrame(
        {"row": features.index.to_numpy()[row], "rank": rank, "feature": names, "value": value}
    ).assign(contribution=contribution)
    table["text"] = [describe(name, shown) for name, shown in zip(names, value, strict=True)]
    is_reason: pd.Series = table["contribution"] != 0
    return table.loc[is_reason].reset_index(drop=True)


def describe(feature: str, value: float) -> str:
    """Say a feature's value in words; an attribute is given by the name of its column.

    Examples
    --------
    >>> describe("mean_days_late", 12.0)
    'pays on average 12 days after the due date'
    >>> describe("attribute_bureau_score", 71.0)
    'attribute "bureau_score": 71'
    """
    if feature == AGE:
        return f"{value:.0f} days past due" if value > 0 else f"due in {-value:.0f} days"
    return _WORDS[feature].format(value=value) if feature in _WORDS else explain_value(feature, value)


def _read_values(features: pd.DataFrame, names: list[str], row: np.ndarray, column: np.ndarray) -> Floats:
    if not names:
        return np.zeros(0)
    shown = np.column_stack([features[name].to_numpy(dtype="float64", na_value=np.nan) for name in names])
    return np.asarray(shown[row, column], dtype="float64")
