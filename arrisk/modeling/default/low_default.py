"""Default rates where there are few defaults or none: estimates that are never a false zero, and bounds beside them.

The posterior mean is the estimate; a bound is for limits alone, never for an allowance, which has to be unbiased.
Defaults count as independent: with a correlation between them the bounds would be higher.
"""

import numpy as np
from scipy.special import betaincinv

from arrisk.modeling.rows import Floats

UNIFORM = 2.0
"""How many customers of evidence a uniform prior counts for."""


def estimate_posterior(defaults: Floats, count: Floats) -> Floats:
    """Estimate default rates by the posterior mean under a uniform prior, (D + 1) / (N + 2).

    Parameters
    ----------
    defaults, count : how many defaulted of how many customers, shape (n,).

    Notes
    -----
    Tasche, Bayesian estimation of probabilities of default for low default portfolios, 2013. It suits a whole
    portfolio; its parts, whose sum it would overstate, are for ``shrink_to_pool``.

    Examples
    --------
    >>> estimate_posterior(np.array([0.0, 1.0]), np.array([98.0, 98.0]))
    array([0.01, 0.02])
    """
    return np.asarray((defaults + 1) / (count + 2), dtype="float64")


def shrink_to_pool(defaults: Floats, count: Floats, *, pool_rate: float, strength: float) -> Floats:
    """Estimate default rates by the posterior mean under a beta prior about the pool's rate.

    Parameters
    ----------
    defaults, count : how many defaulted of how many customers, shape (n,).
    pool_rate : the rate of the whole, above 0 and below 1.
    strength : how many customers of evidence that rate counts for, above 0; 2 at a rate of 0.5 is the uniform prior.

    Examples
    --------
    >>> shrink_to_pool(np.array([0.0, 9.0]), np.array([0.0, 100.0]), pool_rate=0.03, strength=100)
    array([0.03, 0.06])
    """
    return np.asarray((defaults + strength * pool_rate) / (count + strength), dtype="float64")


def bound_rates(defaults: Floats, count: Floats, *, confidence: float) -> Floats:
    """Bound the default rate of each grade from above, however few defaults there were ("most prudent").

    A grade may be as bad as all that are worse: each is bounded with these in one pool.

    Parameters
    ----------
    defaults, count : how many defaulted of how many customers by grade, from the best to the worst, shape (n,).
    confidence : that the rate is not higher, 0..1.

    Returns
    -------
    array of shape (n,)
        Exact binomial bounds; 1 where nobody has survived. They fall from one grade to the next only where the defaults
        contradict the order of the grades.

    Notes
    -----
    Pluto, Tasche, Estimating probabilities of default for low default portfolios, 2004: the quantile of
    Beta(D + 1, N - D); their version with correlated defaults is left out.

    Examples
    --------
    >>> bound_rates(np.zeros(3), np.array([100.0, 400.0, 300.0]), confidence=0.5)
    array([0.0009, 0.0010, 0.0023])
    """
    pooled = np.cumsum(defaults[::-1])[::-1]
    survived = np.cumsum((count - defaults)[::-1])[::-1]
    bound = betaincinv(pooled + 1, np.maximum(survived, 1), confidence)
    return np.asarray(np.where(survived > 0, bound, 1.0), dtype="float64")
