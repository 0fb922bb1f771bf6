"""The report of a backtest: every candidate beside the baselines, in groups, with intervals."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata

from arrisk.modeling.bootstrap import DRAWS, Interval, bootstrap_mean, draw_weights
from arrisk.modeling.champion import compute_log_loss
from arrisk.modeling.metrics import ECE_BINS, compute_auc, measure
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
    report = {
        "rows_test": len(outcomes.target),
        "base_rate": outcomes.target.mean() if len(outcomes.target) else math.nan,
        "champion": champion,
        "candidates": {name: measure(outcomes.target, p) for name, p in candidates.items()},
        "baselines": {name: measure(outcomes.target, p) for name, p in baselines.items()},
        "by_history_depth": _measure_depths(outcomes, best),
        "by_amount_decile": _measure_deciles(outcomes, best),
        "intervals": _find_intervals(outcomes, best, baselines),
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


def _measure_part(outcomes: Outcomes, probability: Floats, part: Mask) -> dict[str, Any]:
    target = outcomes.target[part]
    rate = target.mean() if len(target) else math.nan
    return {"rows": int(part.sum()), "base_rate": rate, **measure(target, probability[part])}


def _measure_depths(outcomes: Outcomes, probability: Floats) -> dict[str, Any]:
    depth = np.nan_to_num(outcomes.history_count)
    return {
        name: _measure_part(outcomes, probability, (depth >= low) & (depth <= high))
        for name, (low, high) in DEPTHS.items()
    }


def _measure_deciles(outcomes: Outcomes, probability: Floats) -> dict[str, Any]:
    if len(outcomes.amount) != len(outcomes.target) or not len(outcomes.target):
        return {}
    place = np.minimum(9, (10 * (rankdata(outcomes.amount) - 0.5) / len(outcomes.amount)).astype("int64"))
    return {str(decile + 1): _measure_part(outcomes, probability, place == decile) for decile in range(10)}


def _find_intervals(outcomes: Outcomes, best: Floats, baselines: Mapping[str, Floats]) -> dict[str, Any]:
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
    for name, probability in baselines.items():
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
