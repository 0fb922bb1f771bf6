"""The chain behind roll rates: step by step an amount rolls on, is written off, or goes otherwise."""

from collections.abc import Sequence

import numpy as np

from arrisk.modeling.rows import Floats


def chain_rates(rolls: Sequence[float], last: float = 1.0) -> Floats:
    """Multiply up the later roll rates to loss rates: the published net-flow form.

    Parameters
    ----------
    rolls : of what reached each step, the share that reached the next one, from the youngest step on; shape (n,).
    last : the loss rate of the last step.

    Returns
    -------
    array of shape (n + 1,)
        The loss rate of each step: the product of its own and all later roll rates.

    Notes
    -----
    OCC, Comptroller's Handbook, Allowances for Credit Losses: the roll-rate (flow) method.

    Examples
    --------
    >>> chain_rates([0.5, 0.46, 0.25], last=1.0)
    array([0.0575, 0.115 , 0.25  , 1.    ])
    """
    return np.asarray(last * np.append(np.cumprod(np.asarray(rolls, dtype="float64")[::-1])[::-1], 1.0))


def follow_chain(moves: Floats, written_off: Floats) -> tuple[Floats, Floats]:
    """Follow what is open through a chain until it is written off or gone.

    Parameters
    ----------
    moves : of what is in each state, the share that is in each state one step later, shape (..., n, n).
    written_off : the share written off within the step, shape (..., n); what neither moves nor is written off is paid.

    Returns
    -------
    two arrays of shape (..., n)
        The probability that it is written off in the end, 0..1, and after how many steps on average if it is.

    Notes
    -----
    Kemeny, Snell, Finite Markov Chains, 1960: absorbing chains, (I - Q)^-1.

    Examples
    --------
    >>> lost, steps = follow_chain(np.array([[0.0, 0.5], [0.0, 0.5]]), np.array([0.0, 0.25]))
    >>> lost, steps
    (array([0.25, 0.5 ]), array([3., 2.]))
    """
    rest = np.eye(moves.shape[-1]) - moves
    lost = np.linalg.solve(rest, written_off[..., None])
    waited = np.linalg.solve(rest, lost)
    steps = np.divide(waited, lost, out=np.zeros_like(lost), where=lost > 0)
    return np.clip(lost[..., 0], 0.0, 1.0), steps[..., 0]


def follow_life(stays: Floats) -> Floats:
    """Give for how many steps what is open stays open from each step on; what leaves does so in the middle of a step.

    Parameters
    ----------
    stays : of what is open in each step, the share that is open in the next one, shape (n,); the last is open-ended,
        and when nothing has ever left it, it lasts for one step.

    Examples
    --------
    >>> follow_life(np.array([0.5, 0.0])), follow_life(np.array([0.5]))
    (array([1. , 0.5]), array([1.5]))
    """
    life = np.zeros(len(stays))
    for place in range(len(stays) - 1, -1, -1):
        share = stays[place]
        if place < len(stays) - 1:
            life[place] = 0.5 * (1.0 - share) + share * (1.0 + life[place + 1])
        else:
            life[place] = 0.5 + share / (1.0 - share) if share < 1 else 1.0
    return life
