"""The report of a backtest: every candidate beside the baselines, in groups, with intervals."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import scipy

from arrisk.modeling.bootstrap import DRAWS, Interval, bootstrap_mean, draw_weights
from arrisk.modeling.champion import compute_log_loss
from arrisk.modeling.metrics import ECE_BINS, compute_auc, measure, weigh_by_amount
from arrisk.modeling.rows import Floats, Ints, Mask

DEPTHS: dict[str, tuple[int, float]] = {"0": (0, 0), "1-4": (1, 4), "5+": (5, math.inf)}
"""Groups of rows by how many settled invoices of the customer were known, both ends included."""

MANY_ROWS = 100_000
MANY_ROWS_DRAWS = 200


@dataclass(frozen=True)
class Outcomes:
    """What happened to the rows of a test, and what is needed to group them; all of shape (n,).

    Parameters
    ----------
    target : 1 = it happened, 0 = it did not; only rows whose outcome is complete.
    customer : which customer the row is about, as whole numbers.
    history_count : settled invoices of that customer known at the question.
    amount : what the invoice is about, in one currency; may be empty.
    """

    target: Floats
    customer: Ints
    history_count: Floats
    amount: Floats

    def take(self, part: Mask) -> Self:
        """Keep some rows."""
        amount = self.amount[part] if len(self.amount) else self.amount
        return type(self)(self.target[part], self.customer[part], self.history_count[part], amount)


def evaluate(
    outcomes: Outcomes,
    *,
    candidates: Mapping[str, Floats],
    baselines: Mapping[str, Floats],
    champion: str,
) -> dict[str, Any]:
    """Measure all candidates and baselines on the same rows.

    Parameters
    ----------
    outcomes : what happened.
    candidates, baselines : probabilities by name, each of shape (n,).
    champion : which candidate the groups and intervals are given for.

    Returns
    -------
    dict
        Plain data, ready for JSON; what cannot be measured is None.
    """
    best = candidates[champion]
    rivals = {**{name: p for name, p in candidates.items() if name != champion}, **baselines}
    report = {
        "rows_test": len(outcomes.target),
        "base_rate": outcomes.target.mean() if len(outcomes.target) else math.nan,
        "champion": champion,
        "candidates": {name: _measure_all(outcomes, p) for name, p in candidates.items()},
        "baselines": {name: _measure_all(outcomes, p) for name, p in baselines.items()},
        "by_history_depth": _measure_parts(outcomes, best, group_depths(outcomes.history_count)),
        "by_amount_decile": _measure_parts(outcomes, best, group_deciles(outcomes.amount)),
        "intervals": _find_intervals(outcomes, best, rivals),
        "ece_bins": f"{ECE_BINS} bins of about equal count",
    }
    return dict(to_plain(report))


def to_plain(value: object) -> Any:  # noqa: ANN401 - JSON is any of six types
    """Turn nested results into plain data; NaN becomes None, because JSON has no NaN.

    Examples
    --------
    >>> to_plain({"auc": float("nan"), "rows": np.int64(3)})
    {'auc': None, 'rows': 3}
    """
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def group_depths(history_count: Floats) -> dict[str, Mask]:
    """Group rows by how many settled invoices of the customer were known; a missing count is none.

    Examples
    --------
    >>> {name: part.tolist() for name, part in group_depths(np.array([np.nan, 4, 5])).items()}
    {'0': [True, False, False], '1-4': [False, True, False], '5+': [False, False, True]}
    """
    depth = np.nan_to_num(history_count)
    return {name: (depth >= low) & (depth <= high) for name, (low, high) in DEPTHS.items()}


def group_deciles(amount: Floats) -> dict[str, Mask]:
    """Group rows by amount, from the smallest tenth "1" to the largest "10"; equal amounts stay together."""
    if not len(amount):
        return {}
    place = np.minimum(9, (10 * (scipy.stats.rankdata(amount) - 0.5) / len(amount)).astype("int64"))
    return {str(decile + 1): place == decile for decile in range(10)}


def _measure_all(outcomes: Outcomes, probability: Floats) -> dict[str, Any]:
    measures: dict[str, Any] = dict(measure(outcomes.target, probability))
    if len(outcomes.amount) != len(outcomes.target):
        return measures
    return {**measures, "amount_weighted": weigh_by_amount(outcomes.target, probability, outcomes.amount)}


def _measure_parts(outcomes: Outcomes, probability: Floats, parts: Mapping[str, Mask]) -> dict[str, Any]:
    return {name: _measure_part(outcomes.take(part), probability[part]) for name, part in parts.items()}


def _measure_part(outcomes: Outcomes, probability: Floats) -> dict[str, Any]:
    rate = outcomes.target.mean() if len(outcomes.target) else math.nan
    return {"rows": len(outcomes.target), "base_rate": rate, **_measure_all(outcomes, probability)}


def _find_intervals(outcomes: Outcomes, best: Floats, rivals: Mapping[str, Floats]) -> dict[str, Any]:
    if not len(outcomes.target):
        return {}
    target, customer = outcomes.target, outcomes.customer
    loss = compute_log_loss(target, best)
    intervals: dict[str, Any] = {
        "draws": DRAWS,
        "auc": asdict(bootstrap_auc(target, best, customer)),
        "brier": asdict(bootstrap_mean((best - target) ** 2, customer)),
        "log_loss": asdict(bootstrap_mean(loss, customer)),
    }
    for name, probability in rivals.items():
        gain = bootstrap_mean(compute_log_loss(target, probability) - loss, customer)
        intervals[f"log_loss_gain_over_{name}"] = asdict(gain)
    return intervals


def bootstrap_auc(target: Floats, probability: Floats, customer: Ints) -> Interval:
    """Bootstrap the AUC over customers; draws in which one class is missing are left out.

    Notes
    -----
    ``MANY_ROWS_DRAWS`` draws from ``MANY_ROWS`` rows on, where the interval is narrow and each draw dear.
    """
    if target.sum() in (0, len(target)):
        return Interval(math.nan, math.nan, math.nan)
    order = np.argsort(probability, kind="stable")
    ordered, rows = target[order], probability[order]
    tie = np.cumsum(np.append(False, np.diff(rows) != 0))
    draws = DRAWS if len(target) < MANY_ROWS else MANY_ROWS_DRAWS
    values = [_weigh_auc(ordered, tie, block) for block in draw_weights(customer[order], draws=draws)]
    low, high = np.nanquantile(np.concatenate(values), [0.025, 0.975])
    return Interval(compute_auc(target, probability), float(low), float(high))


def _weigh_auc(ordered: Floats, tie: Ints, weights: Floats) -> Floats:
    starts = np.flatnonzero(np.diff(tie, prepend=-1))
    events = np.add.reduceat(weights * ordered, starts, axis=1)
    others = np.add.reduceat(weights * (1 - ordered), starts, axis=1)
    below = np.cumsum(others, axis=1) - others
    pairs = events.sum(axis=1) * others.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((events * (below + others / 2)).sum(axis=1) / pairs)
