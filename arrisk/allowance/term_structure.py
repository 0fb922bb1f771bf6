"""Losses over time from probabilities by period: marginal ones and conditional ones, which are never mixed up."""

import numpy as np

from arrisk.modeling.rows import Floats


def sum_marginal_losses(marginal: Floats, *, loss_share: Floats | float, exposure: Floats, yearly_rate: float) -> float:
    """Sum the expected losses of years, each discounted from its end.

    Parameters
    ----------
    marginal : P(lost in year t), seen from today, shape (years,); their sum is at most 1.
    loss_share : what is then lost of the exposure, 0..1.
    exposure : at the time, shape (years,).
    yearly_rate : the effective interest rate.

    Notes
    -----
    ECL = sum of (S[t-1] - S[t]) x LGD[t] x EAD[t] / (1 + rate) ** t, with S the share not lost.

    Examples
    --------
    >>> sum_marginal_losses(np.array([0.1, 0.1]), loss_share=0.5, exposure=np.array([100.0, 100.0]), yearly_rate=0.0)
    10.0
    """
    discount = (1.0 + yearly_rate) ** -np.arange(1.0, len(marginal) + 1.0)
    return float((marginal * loss_share * exposure * discount).sum())


def sum_conditional_losses(
    hazard: Floats, *, loss_share: Floats | float, exposure: Floats, yearly_rate: float
) -> float:
    """Sum the expected losses of years from conditional probabilities: what was lost before cannot be lost again.

    Parameters
    ----------
    hazard : P(lost in year t | not lost before), shape (years,).
    loss_share, exposure, yearly_rate : as for ``sum_marginal_losses``.

    Examples
    --------
    >>> sum_conditional_losses(np.array([0.1, 0.1]), loss_share=0.5, exposure=np.array([100.0, 100.0]), yearly_rate=0.0)
    9.5
    """
    marginal = to_marginal(hazard)
    return sum_marginal_losses(marginal, loss_share=loss_share, exposure=exposure, yearly_rate=yearly_rate)


def to_marginal(hazard: Floats) -> Floats:
    """Turn conditional probabilities of periods into marginal ones, shape (periods,).

    Examples
    --------
    >>> to_marginal(np.array([0.5, 0.5, 1.0])).tolist()
    [0.5, 0.25, 0.25]
    """
    before = np.cumprod(np.append(1.0, 1.0 - hazard[:-1]))
    return np.asarray(hazard * before)
