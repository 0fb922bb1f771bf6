"""The stages of a payment curve, and what each of them learns from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from arrisk.frames import NEVER
from arrisk.ledger.movements import CREDITED, PAID, WRITTEN_OFF
from arrisk.modeling.curves import Grid, make_grid
from arrisk.modeling.rates import LEFT
from arrisk.modeling.rows import Column, Floats, Ints, Sample, order_sample, set_columns

LATER_ENDS = (60, 90, 180, 365, 730)
FEW_ENDS = (0, 30, *LATER_ENDS)
ISSUE_ENDS = (-7, -3, 0, 30, *LATER_ENDS)
OPEN_ENDS = (-7, -3, 0, 7, 14, 30, *LATER_ENDS)
"""The last day past due of each stage: for few invoices, as of issue, and for invoices that are open."""

MANY_ROWS = 5_000
"""From so many questions on the weeks around the due date are cut finer."""

MOST_ROWS = 200_000
"""A stage learns from at most so many questions, taken evenly from all: more of them change no third digit."""

_FIRST_DAY = -180
_EVEN_SHARE = 0.05
_LOST_PRIOR = 0.05


@dataclass(frozen=True)
class Cases:
    """Questions about invoices as of days, and what became of them by the day of training; arrays of shape (n,).

    Parameters
    ----------
    features : what was known at each question.
    invoice_id, customer_id : which invoice, and of which customer.
    age : days past due on the day of the question.
    due_day, asked_day : days since 1970-01-01.
    ended : days past due of the end, not before the question; ``NEVER`` = open.
    cause : by what it ended.
    """

    features: pd.DataFrame
    invoice_id: pd.Series
    customer_id: pd.Series
    age: Ints
    due_day: Ints
    asked_day: Ints
    ended: Ints
    cause: pd.Series

    def __len__(self) -> int:
        return len(self.age)

    @cached_property
    def customer(self) -> Ints:
        """The customers as whole numbers."""
        return np.asarray(pd.factorize(self.customer_id, sort=True)[0], dtype="int64")


def make_cases(questions: pd.DataFrame, features: pd.DataFrame, outcomes: pd.DataFrame) -> Cases:
    """Join questions, their features and the outcomes of the same invoices, row by row."""
    due, asked = (questions[name].to_numpy(dtype="int64") for name in ("due_day", "as_of_day"))
    ended = outcomes["ended_day"].to_numpy(dtype="int64")
    # A receipt that was not booked yet at the question counts as paid on the day of the question.
    ended = np.where(ended < NEVER, np.maximum(ended, asked) - due, NEVER)
    return Cases(
        features=features,
        invoice_id=questions["invoice_id"],
        customer_id=questions["customer_id"],
        age=asked - due,
        due_day=due,
        asked_day=asked,
        ended=ended,
        cause=outcomes["cause"],
    )


def choose_ends(count: int, ends: Sequence[int]) -> Sequence[int]:
    """Choose how finely time is cut, by how many questions there are to learn from."""
    return ends if count >= MANY_ROWS else FEW_ENDS


def fit_grid(asked: Cases, *, ends: Sequence[int], as_of_day: int) -> Grid:
    """Estimate how payments spread over the days of each stage: the hazard of each day past due, of all invoices.

    Parameters
    ----------
    asked : at risk from their day on, and until they ended or the day of training; those entered late count from then.
    ends : the last day of each stage.
    as_of_day : the day of training.
    """
    last = int(ends[-1])
    until = np.minimum(np.where(asked.ended < NEVER, asked.ended, as_of_day - 1 - asked.due_day), last)
    from_ = np.clip(asked.age, _FIRST_DAY, last + 1)
    is_paid = (asked.cause == PAID).to_numpy() & (asked.ended <= last)
    days = last - _FIRST_DAY + 1
    entered = np.bincount(from_ - _FIRST_DAY, minlength=days + 2)
    left = np.bincount(np.maximum(until, from_ - 1) - _FIRST_DAY + 1, minlength=days + 2)
    at_risk = np.cumsum(entered - left)[:days]
    paid = np.bincount(np.clip(asked.ended[is_paid], _FIRST_DAY, last) - _FIRST_DAY, minlength=days)
    hazard = -np.log1p(-np.minimum(paid / np.maximum(at_risk, 1), 0.99))
    return make_grid(_mix_even(hazard, ends), first_day=_FIRST_DAY, ends=ends)


def _mix_even(hazard: Floats, ends: Sequence[int]) -> Floats:
    """Mix a small even share into each stage: no day is one on which nothing can happen."""
    place = np.searchsorted(np.array(ends), np.arange(_FIRST_DAY, ends[-1] + 1))
    mean = np.bincount(place, weights=hazard) / np.bincount(place)
    return np.asarray(hazard + _EVEN_SHARE * mean[place], dtype="float64")


def sample_stage(
    asked: Cases, placed: pd.DataFrame, *, after: int, last: int, as_of_day: int, columns: tuple[Column, ...]
) -> Sample:
    """Take what one stage learns from: questions open in it whose stage was over by the day of training.

    Parameters
    ----------
    asked : questions with their outcomes.
    placed : their features, with where each question stands (``add_place``).
    after, last : the stage is the days past due after the one and until the other.
    as_of_day : the day of training.
    columns : what the models read.

    Returns
    -------
    Sample
        Target 1 = not paid by the end of the stage. What was credited in it is left out. In time order.
    """
    rows = _thin(list_complete(asked, after=after, last=last, as_of_day=as_of_day))
    features = placed.iloc[rows]
    # Of a stage that a question lies before, all of it lies ahead.
    features = set_columns(features, **{LEFT: np.where(asked.age[rows] > after, features[LEFT], 1.0)})
    sample = Sample(
        features=features,
        target=label_unpaid(asked, rows, last=last),
        customer=asked.customer[rows],
        asked_day=asked.asked_day[rows],
        known_day=asked.due_day[rows] + last,
        columns=columns,
    )
    return order_sample(sample, ids=asked.invoice_id.iloc[rows])


def list_complete(asked: Cases, *, after: int, last: int, as_of_day: int) -> Ints:
    """List the questions open in a stage that was over by a day; what was credited in it is left out."""
    at_risk = (asked.ended > after) & (asked.age <= last) & (asked.due_day + last < as_of_day)
    credited = (asked.cause == CREDITED).to_numpy() & (asked.ended <= last)
    return np.flatnonzero(at_risk & ~credited)


def label_unpaid(asked: Cases, rows: Ints, *, last: int) -> Floats:
    """Label questions: 0 = paid by ``last`` days past due, 1 = open then or written off."""
    paid = (asked.cause == PAID).to_numpy()[rows] & (asked.ended[rows] <= last)
    return np.where(paid, 0.0, 1.0)


def estimate_lost_share(asked: Cases, *, after: int, last: int, as_of_day: int) -> float:
    """Estimate P(written off by a stage's end | not paid by then), with a twentieth of a write-off as doubt."""
    seen = (asked.ended > after) & (asked.age <= last) & (asked.due_day + last < as_of_day)
    ended = asked.ended <= last
    lost = int((seen & ended & (asked.cause == WRITTEN_OFF).to_numpy()).sum())
    unpaid = int((seen & ~ended).sum()) + lost
    return (lost + _LOST_PRIOR) / (unpaid + 1.0) if unpaid else 0.0


def _thin(rows: Ints) -> Ints:
    if len(rows) <= MOST_ROWS:
        return rows
    return np.asarray(rows[np.linspace(0, len(rows) - 1, MOST_ROWS).astype("int64")])
