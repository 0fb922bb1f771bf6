"""Measures of a probability forecast against what happened.

All take ``target`` (0 or 1) and ``probability`` (strictly between 0 and 1) of shape (n,). A measure that the
data cannot carry, such as the AUC of one class, is NaN: missing is not zero.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy

from arrisk.modeling.champion import compute_log_loss
from arrisk.modeling.logistic import fit_logistic, to_margin
from arrisk.modeling.rows import Floats

ECE_BINS = 10
"""Bins of about equal count; rows with the same probability stay in one bin."""


def compute_auc(target: Floats, probability: Floats) -> float:
    """Compute the area under the ROC curve: P(a late one is ranked above one in time), ties half.

    Examples
    --------
    >>> compute_auc(np.array([0.0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    events = target.sum()
    others = len(target) - events
    if events == 0 or others == 0:
        return math.nan
    ranks = scipy.stats.rankdata(probability)
    return float((ranks[target == 1].sum() - events * (events + 1) / 2) / (events * others))


def compute_pr_auc(target: Floats, probability: Floats) -> float:
    """Compute average precision: precision at each threshold, weighted by the recall it adds.

    Examples
    --------
    >>> compute_pr_auc(np.array([0.0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.8333333333333333
    """
    if target.sum() == 0:
        return math.nan
    order = np.argsort(-probability, kind="stable")
    is_last = np.append(np.diff(probability[order]) != 0, True)
    found = np.cumsum(target[order])[is_last]
    shown = np.arange(1, len(target) + 1)[is_last]
    return float((np.diff(found, prepend=0.0) * found / shown).sum() / target.sum())


def compute_brier(target: Floats, probability: Floats) -> float:
    """Compute the mean squared error of the probabilities (Brier 1950)."""
    return float(((probability - target) ** 2).mean()) if len(target) else math.nan


def compute_scaled_brier(target: Floats, probability: Floats) -> float:
    """Compute 1 - Brier / (p(1-p)) with p the observed rate: 0 = no better than that rate, 1 = perfect."""
    rate = target.mean() if len(target) else math.nan
    worst = rate * (1 - rate)
    return 1 - compute_brier(target, probability) / worst if worst > 0 else math.nan


def compute_ece(target: Floats, probability: Floats) -> float:
    """Compute the expected calibration error over ``ECE_BINS`` bins of about equal count.

    Examples
    --------
    >>> compute_ece(np.array([0.0, 1, 0, 1]), np.full(4, 0.4))
    0.1
    """
    if not len(target):
        return math.nan
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, ECE_BINS + 1)[1:-1]))
    place = np.searchsorted(edges, probability, side="left")
    gaps = np.bincount(place, weights=probability - target)
    return float(np.abs(gaps).sum() / len(target))


def fit_calibration_line(target: Floats, probability: Floats) -> tuple[float, float]:
    """Fit logit P(y) = intercept + slope x logit(p) and give (slope, intercept); 1 and 0 are perfect.

    A prior of precision 0.01 about (1, 0) keeps the line finite where a small sample is separated. Constant
    probabilities carry no slope (NaN); their intercept is the shift that meets the observed rate.

    Source: Cox, Two Further Applications of a Model for Binary Regression, 1958.
    """
    if target.sum() in (0, len(target)):
        return math.nan, math.nan
    margin = to_margin(probability)
    if np.ptp(margin) < 1e-9:
        return math.nan, float(to_margin(np.array([target.mean()]))[0] - margin[0])
    design = np.column_stack([margin, np.ones(len(margin))])
    slope, intercept = fit_logistic(design, target, penalty=np.full(2, 0.01), centre=np.array([1.0, 0.0]))
    return float(slope), float(intercept)


def fit_calibration_shift(target: Floats, probability: Floats) -> float:
    """Find the logits to add to all probabilities so that they meet the observed rate: 0 is perfect, below 0 too high.

    A prior of precision 0.01 about 0 keeps it finite where all or none of a small sample came true; NaN without rows.

    Examples
    --------
    >>> fit_calibration_shift(np.array([1.0, 0, 0, 0] * 500), np.full(2000, 0.5))
    -1.098
    """
    if not len(target):
        return math.nan
    ones, prior = np.ones((len(target), 1)), np.full(1, 0.01)
    return float(fit_logistic(ones, target, penalty=prior, centre=np.zeros(1), offset=to_margin(probability))[0])


def weigh_by_amount(target: Floats, probability: Floats, amount: Floats) -> dict[str, float]:
    """Measure a forecast with each row counting by its amount.

    Parameters
    ----------
    amount : what each invoice is about, in one currency, shape (n,).

    Returns
    -------
    dict
        ``amount`` in total, ``observed`` of it that came true, ``expected`` of it by the forecast, in the unit given;
        ``brier`` and ``log_loss`` weighted by amount, NaN where there is no amount.

    Examples
    --------
    >>> found = weigh_by_amount(np.array([1.0, 0.0]), np.array([0.5, 0.1]), np.array([100.0, 300.0]))
    >>> found["observed"], found["expected"], found["brier"]
    (100.0, 80.0, 0.07)
    """
    total = float(amount.sum())
    loss = compute_log_loss(target, probability)
    return {
        "amount": total,
        "observed": float((amount * target).sum()),
        "expected": float((amount * probability).sum()),
        "brier": float((amount * (probability - target) ** 2).sum() / total) if total > 0 else math.nan,
        "log_loss": float((amount * loss).sum() / total) if total > 0 else math.nan,
    }


@dataclass(frozen=True)
class Spiegelhalter:
    """A test of calibration: ``z`` is standard normal when the probabilities are right."""

    z: float
    p_value: float


def check_calibration(target: Floats, probability: Floats) -> Spiegelhalter:
    """Test whether the Brier score is what these probabilities would give if they were right.

    Source: Spiegelhalter, Probabilistic Prediction in Patient Management and Clinical Trials, 1986. It
    assumes independent rows; invoices of one customer are not, so a small p-value overstates.
    """
    spread = ((1 - 2 * probability) ** 2 * probability * (1 - probability)).sum()
    if spread <= 0:
        return Spiegelhalter(math.nan, math.nan)
    z = float(((target - probability) * (1 - 2 * probability)).sum() / math.sqrt(spread))
    return Spiegelhalter(z, float(2 * scipy.stats.norm.sf(abs(z))))


def measure(target: Floats, probability: Floats) -> dict[str, float]:
    """Compute all measures of one forecast, by name."""
    slope, intercept = fit_calibration_line(target, probability) if len(target) else (math.nan, math.nan)
    return {
        "auc": compute_auc(target, probability),
        "pr_auc": compute_pr_auc(target, probability),
        "brier": compute_brier(target, probability),
        "scaled_brier": compute_scaled_brier(target, probability),
        "log_loss": float(compute_log_loss(target, probability).mean()) if len(target) else math.nan,
        "ece": compute_ece(target, probability),
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "spiegelhalter_z": check_calibration(target, probability).z,
    }
