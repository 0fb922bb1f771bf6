"""The champion rule: a more complex candidate has to earn its place.

Candidates stand in order of complexity. Each challenges the champion so far and replaces it only when its mean log loss
is smaller by more than one standard error of the paired difference, drawn over customers (the one-standard-error rule:
Breiman, Friedman, Olshen, Stone, Classification and Regression Trees, 1984). All of it is measured on predictions out
of time.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from arrisk.modeling.bootstrap import Interval, bootstrap_mean
from arrisk.modeling.rows import Floats, Ints

ERRORS_OF_INTERVAL = 3.92
"""A 95 % interval is so many standard errors wide."""


@dataclass(frozen=True)
class Duel:
    """One challenge: how much smaller the challenger's log loss is, per row."""

    champion: str
    challenger: str
    gain: Interval
    is_won: bool


def compute_log_loss(target: Floats, probability: Floats) -> Floats:
    """Compute each row's log loss, in nats, shape (n,).

    Examples
    --------
    >>> compute_log_loss(np.array([1.0, 0.0]), np.array([0.5, 0.5]))
    array([0.693, 0.693])
    """
    return np.asarray(-np.where(target == 1, np.log(probability), np.log1p(-probability)), dtype="float64")


def choose_champion(
    probabilities: Mapping[str, Floats],
    target: Floats,
    customer: Ints,
    *,
    parts: Mapping[str, Sequence[str]] = MappingProxyType({}),
    yielding: Collection[str] = (),
) -> tuple[str, tuple[Duel, ...]]:
    """Choose among candidates that predicted the same rows.

    Parameters
    ----------
    probabilities : predictions by candidate, from the simplest to the most complex, each of shape (n,).
    target : outcomes, shape (n,), at least one.
    customer : which customer each row belongs to, shape (n,).
    parts : of which others a candidate is a mean. Such a one replaces its own part unless it is worse by more than a
        standard error: a mean of two models is rarely the worse choice (Clemen, Combining Forecasts, 1989).
    yielding : candidates that give way to whatever is better at all: where ranking is the purpose, one that ranks
        nobody has no right to the benefit of the doubt.

    Returns
    -------
    str, tuple of Duel
        The champion's name, and every challenge in the order fought.

    Examples
    --------
    >>> target = np.array([0.0, 1.0] * 50)
    >>> candidates = {"simple": np.full(100, 0.5), "sharp": 0.1 + 0.8 * target, "same": 0.1 + 0.8 * target}
    >>> choose_champion(candidates, target, np.arange(100))[0]
    'sharp'
    """
    names = list(probabilities)
    losses = {name: compute_log_loss(target, probabilities[name]) for name in names}
    champion, duels = names[0], []
    for challenger in names[1:]:
        gain = bootstrap_mean(losses[champion] - losses[challenger], customer)
        error = (gain.high - gain.low) / ERRORS_OF_INTERVAL
        is_own_part = champion in parts.get(challenger, ())
        is_won = gain.value > (-error if is_own_part else 0.0 if champion in yielding else error)
        duels.append(Duel(champion, challenger, gain, is_won=is_won))
        if is_won:
            champion = challenger
    return champion, tuple(duels)
