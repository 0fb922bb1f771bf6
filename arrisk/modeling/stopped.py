"""A curve as a mixture of two: of customers that pay, and of those that have stopped paying and pay nobody any more.

What the models of the stages learn is how customers pay. How likely one has stopped is weighed by the law of its own
silence (``arrisk.features.silence``). By Bayes' rule, who has not paid by a stage's start has the likelier stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from arrisk.modeling.logistic import to_probability
from arrisk.modeling.rows import Floats, read_column

SILENCE = "silence"
"""The feature: ln(1 + e**4 x the odds of having stopped)."""

_SCALE = 4.0
_LEAST, _MOST = 1e-9, 60.0
_ALMOST = 1 - 1e-13


@dataclass(frozen=True)
class StopRule:
    """How a silence is read as the chance of a stop.

    Parameters
    ----------
    shift : added to the log-odds by the silence: it has other causes than a stop.
    most : the chance of a stop at the longest silence: some customers pay again that nobody expected to.
    """

    shift: float = -2.0
    most: float = 0.9

    def read(self, features: pd.DataFrame) -> Floats:
        """Give each row's chance that its customer has stopped paying, shape (n,)."""
        silence = np.clip(read_column(features, SILENCE), _LEAST, _MOST)
        return self.most * to_probability(np.log(np.expm1(silence)) - _SCALE + self.shift)

    def to_json(self) -> dict[str, Any]:
        """Describe the rule as plain data."""
        return {"shift": self.shift, "most": self.most}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(float(data["shift"]), float(data["most"]))


def mix_stopped(unpaid: Floats, stopped: Floats, *, places: Sequence[int]) -> Floats:
    """Mix the chance of a stop into the first stages.

    Parameters
    ----------
    unpaid : P(not paid by a stage's end | open at its start), of customers that pay; 1 where it is over; (n, stages).
    stopped : each row's chance of having stopped by the question, shape (n,).
    places : the stages that it is mixed into, from the first on: later ones have seen who does not pay.

    Returns
    -------
    array of shape (n, stages)
        The same of all customers.

    Examples
    --------
    Who was as likely as not to pay by the first stage's end, and has not, has stopped with 2 in 3 after an even chance:

    >>> mix_stopped(np.array([[0.5, 0.5]]), np.array([0.5]), places=[0, 1]).round(4).tolist()
    [[0.75, 0.8333]]
    """
    mixed = unpaid.copy()
    pays = 1.0 - stopped
    left, before = np.ones(len(unpaid)), stopped + pays
    for place in places:
        left = left * unpaid[:, place]
        after = stopped + pays * left
        mixed[:, place] = np.where(unpaid[:, place] < 1, np.minimum(after / before, _ALMOST), 1.0)
        before = after
    return mixed
