"""The master scale: the points and the grade of a probability of default, the same for every model.

Points are linear in the log-odds, so that a fixed number of them doubles the odds (Siddiqi, Intelligent Credit Scoring,
2017).
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from arrisk.modeling.logistic import to_margin, to_probability
from arrisk.modeling.rows import Floats, Mask
from arrisk.policy import GradePolicy


@dataclass(frozen=True)
class PointScale:
    """Score = offset + factor x ln(odds of good to bad): more points are better.

    Examples
    --------
    >>> PointScale.through(600, odds=50, points_to_double=20)
    PointScale(factor=28.8539, offset=487.1229)
    """

    factor: float
    offset: float

    @classmethod
    def through(cls, score: float, *, odds: float, points_to_double: float) -> Self:
        """Find the scale on which a score stands for some odds of good to bad, doubled by so many points more."""
        factor = points_to_double / math.log(2)
        return cls(factor, score - factor * math.log(odds))

    @classmethod
    def of(cls, policy: GradePolicy) -> Self:
        """Find the scale that the policy asks for."""
        return cls.through(policy.base_score, odds=policy.base_odds, points_to_double=policy.points_to_double)

    def score(self, probability: Floats) -> Floats:
        """Give the score of each probability of default, shape (n,)."""
        return self.offset - self.factor * to_margin(probability)

    def read_probability(self, score: Floats) -> Floats:
        """Give the probability of default that each score stands for, shape (n,)."""
        return to_probability((self.offset - score) / self.factor)


def list_grades(policy: GradePolicy) -> list[str]:
    """List the grades from the best to the worst; the last one is that of default."""
    return [*policy.names, policy.in_default]


def assign_grades(probability: Floats, *, policy: GradePolicy, in_default: Mask | None = None) -> "pd.Categorical[str]":
    """Give each probability of default its grade.

    Parameters
    ----------
    probability : of default, 0..1, shape (n,); NaN = none was given.
    policy : the grades and the highest probability of each, which still belongs to it.
    in_default : who is in default already, whatever the probability says, shape (n,); None = nobody.

    Returns
    -------
    pandas.Categorical
        In the order of ``list_grades``; missing where the probability is.

    Examples
    --------
    >>> from arrisk.policy import load_policy
    >>> list(assign_grades(np.array([0.001, 0.02, 0.021, 1.0]), policy=load_policy().grades))
    ['1', '4', '5', '8']
    """
    place = np.searchsorted(np.array(policy.p_up_to), probability, side="left")
    place = np.where(np.isnan(probability), -1, place)
    if in_default is not None:
        place = np.where(in_default, len(policy.names), place)
    return pd.Categorical.from_codes(place, categories=pd.Index(list_grades(policy)), ordered=True)
