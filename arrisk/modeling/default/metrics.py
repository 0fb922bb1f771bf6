"""What a model of default is validated by, beside the measures that every probability forecast has.

The tests take rows as independent. Several questions about one customer are not: give them one row per customer, or
read a small p-value as an overstatement.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import scipy

from arrisk.modeling.bootstrap import Interval
from arrisk.modeling.evaluate import bootstrap_auc, group_deciles
from arrisk.modeling.metrics import fit_calibration_shift, measure
from arrisk.modeling.rows import Floats, Ints

MOVED, MOVED_FAR = 0.1, 0.25
"""A stability index below the first is usual, beyond the second a reason to look (Siddiqi 2017)."""

LEFT = "left"
"""Where a customer went that has no grade any more."""


def bootstrap_gini(target: Floats, probability: Floats, customer: Ints) -> Interval:
    """Bootstrap the Gini coefficient, 2 AUC - 1, over customers; NaN where one class is missing."""
    auc = bootstrap_auc(target, probability, customer)
    return Interval(2 * auc.value - 1, 2 * auc.low - 1, 2 * auc.high - 1)


def compute_ks(target: Floats, probability: Floats) -> float:
    """Compute how far the distributions of good and bad are apart at most (Kolmogorov, Smirnov), 0..1.

    Examples
    --------
    >>> compute_ks(np.array([0.0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.5
    """
    bads = target.sum()
    if bads in (0, len(target)):
        return math.nan
    order = np.argsort(probability, kind="stable")
    is_last = np.append(np.diff(probability[order]) != 0, True)
    bad, good = np.cumsum(target[order]) / bads, np.cumsum(1 - target[order]) / (len(target) - bads)
    return float(np.abs(bad - good)[is_last].max())


def check_jeffreys(defaults: Floats, count: Floats, *, p: Floats) -> Floats:
    """Test whether default rates are above those predicted: P(true rate <= p) under Jeffreys' prior; small = too low.

    Parameters
    ----------
    defaults, count : how many defaulted of how many, by grade, shape (n,).
    p : the probability of default that was predicted, shape (n,).

    Notes
    -----
    European Central Bank, Instructions for reporting the validation results of internal models, 2019.

    Examples
    --------
    >>> check_jeffreys(np.array([2.0]), np.array([6.0]), p=np.array([0.0367]))
    array([0.00438])
    """
    return np.asarray(scipy.stats.beta.cdf(p, defaults + 0.5, count - defaults + 0.5), dtype="float64")


def check_binomial(defaults: Floats, count: Floats, *, p: Floats) -> Floats:
    """Compute the exact chance of at least so many defaults if the predicted probability were right; shape (n,).

    Examples
    --------
    >>> check_binomial(np.array([2.0]), np.array([2.0]), p=np.array([0.1]))
    array([0.01])
    """
    return np.asarray(scipy.stats.binom.sf(defaults - 1, count, p), dtype="float64")


def count_groups(target: Floats, probability: Floats, *, group: "pd.Categorical[str] | Ints") -> pd.DataFrame:
    """Count what was predicted and what happened.

    Parameters
    ----------
    target, probability : shape (n,).
    group : the grade or bin of each row, shape (n,); rows without one are left out.

    Returns
    -------
    DataFrame
        One row per group with any rows: group, count, defaults, default_rate, p_default (the mean predicted).
    """
    rows = pd.DataFrame({"group": group, "defaults": target, "p_default": probability})
    grouped = rows.groupby("group", observed=True)
    found = grouped.agg(
        count=("defaults", "size"),
        defaults=("defaults", "sum"),
        default_rate=("defaults", "mean"),
        p_default=("p_default", "mean"),
    )
    return found.reset_index()


def check_grades(target: Floats, probability: Floats, *, grade: "pd.Categorical[str]") -> pd.DataFrame:
    """Test each grade: one row per grade as in ``count_groups``, with the p-values ``jeffreys`` and ``binomial``.

    Both are small where more defaulted than predicted.
    """
    groups = count_groups(target, probability, group=grade)
    defaults, count, p = (groups[name].to_numpy(dtype="float64") for name in ("defaults", "count", "p_default"))
    return groups.assign(jeffreys=check_jeffreys(defaults, count, p=p), binomial=check_binomial(defaults, count, p=p))


@dataclass(frozen=True)
class HosmerLemeshow:
    """A test of calibration by groups: ``statistic`` is chi-square of so many ``degrees`` when they are right."""

    statistic: float
    degrees: int
    p_value: float


def check_hosmer_lemeshow(groups: pd.DataFrame, *, degrees_lost: Literal[0, 2]) -> HosmerLemeshow:
    """Test whether the default rates of all groups together are those predicted.

    Parameters
    ----------
    groups : as ``count_groups`` gives them.
    degrees_lost : 0 on rows that the model was not fitted on, 2 on those that it was.

    Notes
    -----
    Hosmer, Lemeshow, Sturdivant, Applied Logistic Regression, 2013.
    """
    count, p = groups["count"].to_numpy(dtype="float64"), groups["p_default"].to_numpy(dtype="float64")
    gap = groups["defaults"].to_numpy(dtype="float64") - count * p
    degrees = len(groups) - degrees_lost
    if degrees < 1:
        return HosmerLemeshow(math.nan, degrees, math.nan)
    statistic = float((gap**2 / (count * p * (1 - p))).sum())
    return HosmerLemeshow(statistic, degrees, float(scipy.stats.chi2.sf(statistic, degrees)))


def number_deciles(probability: Floats) -> Ints:
    """Give each row the number of its tenth by probability, 1 (lowest) to 10; equal ones stay together."""
    number = np.zeros(len(probability), dtype="int64")
    for name, part in group_deciles(probability).items():
        number[part] = int(name)
    return number


@dataclass(frozen=True)
class Stability:
    """How far a distribution has moved.

    Parameters
    ----------
    psi : population stability index.
    critical : what it would exceed by chance alone in one of twenty samples of this size.
    """

    psi: float
    critical: float

    @property
    def has_moved(self) -> bool:
        """Whether the shift is more than chance and more than usual."""
        return self.psi > max(self.critical, MOVED)


def compare_counts(then: Floats, now: Floats) -> Stability:
    """Compare two counts over the same bins by the population stability index, sum (a - e) ln(a / e).

    Parameters
    ----------
    then, now : rows in each bin, shape (n,); an empty one counts as half a row. NaN without rows on either side.

    Notes
    -----
    Without a shift it is (1 / N + 1 / M) times a chi-square of n - 1 degrees (Yurdakul, Naranjo, Statistical properties
    of the population stability index, Journal of Risk Model Validation, 2020).

    Examples
    --------
    >>> compare_counts(np.full(4, 250.0), np.array([400.0, 300.0, 200.0, 100.0]))
    Stability(psi=0.22822, critical=0.01563)
    """
    if not (then.sum() and now.sum()):
        return Stability(math.nan, math.nan)
    is_used = (then > 0) | (now > 0)
    before, after = (np.maximum(side[is_used], 0.5) for side in (then, now))
    expected, actual = before / before.sum(), after / after.sum()
    spread = 1 / then.sum() + 1 / now.sum()
    critical = float(scipy.stats.chi2.ppf(0.95, is_used.sum() - 1) * spread) if is_used.sum() > 1 else 0.0
    return Stability(float(((actual - expected) * np.log(actual / expected)).sum()), critical)


def compare_values(then: Floats, now: Floats) -> Stability:
    """Compare two samples of a score or a feature over the tenths of the first; missing is a bin of its own."""
    edges = find_tenths(then)
    return compare_counts(count_bins(then, edges), count_bins(now, edges))


def find_tenths(values: Floats) -> Floats:
    """Give the values that part a sample into tenths, each once; what is missing is left out."""
    known = values[~np.isnan(values)]
    tenths = np.linspace(0, 1, 11)[1:-1]
    return np.unique(np.quantile(known, tenths, method="inverted_cdf")) if len(known) else np.zeros(0)


def count_bins(values: Floats, edges: Floats) -> Floats:
    """Count the values up to each edge, those beyond the last, and last those that are missing."""
    place = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="left"))
    return np.bincount(place, minlength=len(edges) + 2).astype("float64")


def migrate_grades(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """Count who went from which grade to which.

    Parameters
    ----------
    before, after : grades (one categorical for both) by customer_id, as of a day and a year later.

    Returns
    -------
    DataFrame
        One row per grade before, one column per grade after, and ``LEFT`` for those without one.
    """
    grades = list(before.cat.categories)
    later = after.reindex(before.index).astype("object")
    went = later.where(later.notna(), LEFT)
    counts = pd.crosstab(before.astype("object"), went)
    return counts.reindex(index=grades, columns=[*grades, LEFT], fill_value=0)


def measure_default(target: Floats, probability: Floats, customer: Ints) -> dict[str, float | Interval]:
    """Measure a forecast of default.

    Returns
    -------
    dict
        All of ``measure``, and ``gini`` with its interval, ``ks``, ``default_rate`` and mean ``p_default``, and
        ``calibration_shift``, the logits to add so that the mean is right (0 is perfect, below 0 too high).
    """
    is_any = len(target) > 0
    return {
        **measure(target, probability),
        "gini": bootstrap_gini(target, probability, customer),
        "ks": compute_ks(target, probability),
        "default_rate": float(target.mean()) if is_any else math.nan,
        "p_default": float(probability.mean()) if is_any else math.nan,
        "calibration_shift": fit_calibration_shift(target, probability),
    }
