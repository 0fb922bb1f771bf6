"""Penalised logistic regression: one small Newton solver that every logistic fit here uses.

The penalty pulls each coefficient towards a given centre, not only towards zero: a model can start from what
is believed (a customer pays as it paid, a calibrator changes nothing) and move away as far as the data
insist.
"""

import numpy as np
from scipy.special import expit, log_expit
from threadpoolctl import threadpool_limits

from arrisk.modeling.rows import Floats

MARGIN_LIMIT = 30.0
"""Margins are kept within this many logits, so that a probability is never exactly 0 or 1."""

_MAX_STEPS = 100
_ENOUGH = 1e-10


def to_probability(margin: Floats) -> Floats:
    """Turn log-odds into a probability strictly between 0 and 1.

    Examples
    --------
    >>> to_probability(np.array([-1000.0, 0.0]))
    array([9.35762297e-14, 5.00000000e-01])
    """
    return np.asarray(expit(np.clip(margin, -MARGIN_LIMIT, MARGIN_LIMIT)), dtype="float64")


def to_margin(probability: Floats) -> Floats:
    """Turn a probability into log-odds, kept within ``MARGIN_LIMIT``."""
    with np.errstate(divide="ignore"):
        margin = np.log(probability) - np.log1p(-probability)
    return np.asarray(np.clip(margin, -MARGIN_LIMIT, MARGIN_LIMIT), dtype="float64")


def estimate_rate(events: float, count: float) -> float:
    """Estimate a rate from a count: the mean of its posterior under Jeffreys' prior, never 0 or 1.

    Examples
    --------
    >>> estimate_rate(0, 9)
    0.05
    """
    return float((events + 0.5) / (count + 1.0))


def fit_logistic(
    design: Floats,
    target: Floats,
    *,
    penalty: Floats,
    centre: Floats,
    offset: Floats | float = 0.0,
) -> Floats:
    """Find the coefficients that maximise the penalised log-likelihood.

    Parameters
    ----------
    design : shape (n, p); a column of ones where an intercept is wanted.
    target : 0 or 1, shape (n,).
    penalty : precision of each coefficient's normal prior, >= 0, shape (p,).
    centre : mean of that prior, and the start of the search, shape (p,).
    offset : log-odds added to every row's score.

    Returns
    -------
    array of shape (p,)

    Notes
    -----
    Newton's method with step halving (Hastie, Tibshirani, Friedman, The Elements of Statistical Learning,
    4.4.1).

    Examples
    --------
    >>> ones = np.ones((4, 1))
    >>> target = np.array([0.0, 0.0, 0.0, 1.0])
    >>> free = fit_logistic(ones, target, penalty=np.zeros(1), centre=np.zeros(1))
    >>> float(to_probability(free)[0])
    0.25
    """
    # One thread: the last bits of a sum depend on how many share it, and few rows do not repay a second one.
    with threadpool_limits(limits=1, user_api="blas"):
        return _climb(design, target, penalty, centre, offset)


def _climb(design: Floats, target: Floats, penalty: Floats, centre: Floats, offset: Floats | float) -> Floats:
    coefficients = centre.astype("float64").copy()
    value = _score(design, target, coefficients, penalty, centre, offset)
    for _ in range(_MAX_STEPS):
        step = _find_step(design, target, coefficients, penalty, centre, offset)
        improved = False
        for halving in range(30):
            candidate = coefficients + step * 0.5**halving
            gained = _score(design, target, candidate, penalty, centre, offset)
            if gained >= value:
                improved, coefficients, value = gained > value + _ENOUGH, candidate, gained
                break
        if not improved:
            break
    return coefficients


def _score(
    design: Floats,
    target: Floats,
    coefficients: Floats,
    penalty: Floats,
    centre: Floats,
    offset: Floats | float,
) -> float:
    margin = design @ coefficients + offset
    likelihood = (target * log_expit(margin) + (1 - target) * log_expit(-margin)).sum()
    return float(likelihood - 0.5 * (penalty * (coefficients - centre) ** 2).sum())


def _find_step(
    design: Floats,
    target: Floats,
    coefficients: Floats,
    penalty: Floats,
    centre: Floats,
    offset: Floats | float,
) -> Floats:
    fitted = expit(design @ coefficients + offset)
    gradient = design.T @ (target - fitted) - penalty * (coefficients - centre)
    # A matrix times its own transpose takes half the work of any other product.
    weighted = design * np.sqrt(fitted * (1 - fitted))[:, None]
    curvature = weighted.T @ weighted + np.diag(penalty + 1e-9)
    return np.asarray(np.linalg.solve(curvature, gradient), dtype="float64")
