"""A payment curve as a chain of stages: each is the probability of being unpaid at its end, given open at its start.

The stages are intervals of days past due, so that this is a discrete-time hazard model in which every interval has a
model of its own: what decides about the days before the due date is not what decides a month after it. A product of
probabilities cannot grow, so that the curve falls by construction, whatever models the stages are.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from arrisk.frames import concat, run_together, to_dates
from arrisk.modeling.calibrate import Calibrator
from arrisk.modeling.candidates import Model
from arrisk.modeling.curves import Curves, Grid
from arrisk.modeling.logistic import to_margin, to_probability
from arrisk.modeling.rates import LEFT
from arrisk.modeling.rows import Floats, Ints, set_columns
from arrisk.modeling.stopped import StopRule, mix_stopped

HORIZONS: tuple[int, ...] = (0, 30, 60, 90)
"""Days past due for which lateness is predicted."""

QUANTILES = {"paid_on_p10": 0.1, "expected_paid_on": 0.5, "paid_on_p90": 0.9}

AGE = "days_past_due"
"""The column beside the features that says how old the invoice is at the question; ``LEFT`` is another."""

SEEN_AFTER = -7
"""Drift is seen in stages that end after this day past due: who pays a week early does so by habit."""

SHIFTED_UNTIL = 30
"""What shifts a curve moves the stages that end by then: later ones have too few outcomes to show a shift in time."""

_CHUNK, _THREADS = 25_000, 2


def name_horizon(k: int) -> str:
    """Name the column of late by k.

    Examples
    --------
    >>> name_horizon(0), name_horizon(30)
    ('p_late', 'p_late_30')
    """
    return "p_late" if k == 0 else f"p_late_{k}"


@dataclass(frozen=True)
class Link:
    """One calibrated model."""

    model: Model
    calibrator: Calibrator

    def predict(self, features: pd.DataFrame) -> Floats:
        """Give each row's calibrated probability, shape (n,)."""
        return self.calibrator.calibrate(self.model.predict_margin(features))


@dataclass(frozen=True)
class Stage:
    """One stage of a chain.

    Parameters
    ----------
    last_day : the last day past due that belongs to it; it begins after the stage before.
    link : P(not paid by its end), given open at its start or, where that is later, at the question.
    lost_share : P(written off by its end), given not paid by then.
    """

    last_day: int
    link: Link
    lost_share: float


@dataclass(frozen=True)
class Chain:
    """Stages in the order of days past due.

    Parameters
    ----------
    grid : how each stage's ends spread over its days.
    stages : of customers that pay, or of all.
    stop : how the chance that a customer has stopped paying is mixed into them; None = it is not.
    """

    grid: Grid
    stages: tuple[Stage, ...]
    stop: StopRule | None = None

    @property
    def early(self) -> list[int]:
        """The places of the stages that end by ``SHIFTED_UNTIL``."""
        return [place for place, stage in enumerate(self.stages) if stage.last_day <= SHIFTED_UNTIL]


def add_place(features: pd.DataFrame, *, age: Ints, grid: Grid) -> pd.DataFrame:
    """Add where each question stands: its days past due, and the share that lies ahead of the stage it falls into.

    Parameters
    ----------
    features : one row per question.
    age : days past due on the day of the question, shape (n,).
    grid : the stages.
    """
    own = grid.place(age)
    spent = np.where(grid.place(age - 1) == own, grid.spend(age - 1), 0.0)
    return set_columns(features, **{AGE: age.astype("float64"), LEFT: 1.0 - spent})


def predict_stages(chain: Chain, features: pd.DataFrame, *, age: Ints) -> Floats:
    """Predict P(not paid by a stage's end | open at its start, or at the question) for every stage.

    Parameters
    ----------
    chain : the stages.
    features : one row per question.
    age : days past due on the day of the question, shape (n,).

    Returns
    -------
    array of shape (n, stages)
        1 where the stage is over by then, less than 1 elsewhere.
    """
    unpaid = np.ones((len(age), len(chain.stages)))

    def predict(rows: Ints) -> None:
        unpaid[rows] = _predict_rows(chain, features.iloc[rows], age=age[rows])

    # By age, so that rows of one stage stand together.
    order = np.argsort(age, kind="stable")
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(predict, (order[first : first + _CHUNK] for first in range(0, len(order), _CHUNK))))
    return unpaid


def _predict_rows(chain: Chain, features: pd.DataFrame, *, age: Ints) -> Floats:
    placed = add_place(features, age=age, grid=chain.grid)
    # Of later stages all of it lies ahead.
    whole = set_columns(placed, **{LEFT: 1.0})
    own = chain.grid.place(age)
    unpaid = np.ones((len(features), len(chain.stages)))
    for place, stage in enumerate(chain.stages):
        for frame, rows in ((placed, own == place), (whole, own < place)):
            found = np.flatnonzero(rows & (age <= stage.last_day))
            if len(found):
                unpaid[found, place] = stage.link.predict(frame.iloc[_as_slice(found)])
    return mix_stopped(unpaid, chain.stop.read(features), places=chain.early) if chain.stop else unpaid


def _as_slice(rising: Ints) -> Ints | slice:
    """Give rising places as a slice where they follow each other: pandas takes one without copying."""
    first, last = int(rising[0]), int(rising[-1])
    return slice(first, last + 1) if last - first + 1 == len(rising) else rising


def move_stages(chain: Chain, unpaid: Floats, *, shift: Floats | float) -> Floats:
    """Move the stages until ``SHIFTED_UNTIL`` by a shift of log-odds.

    Parameters
    ----------
    unpaid : as given by ``predict_stages``, shape (n, stages).
    shift : logits, for all or for each, shape (n,).
    """
    by = np.broadcast_to(np.asarray(shift, dtype="float64"), len(unpaid))
    moved = unpaid.copy()

    def move(place: int) -> None:
        own = unpaid[:, place]
        moved[:, place] = np.where((by != 0) & (own < 1), to_probability(to_margin(own) + by), own)

    run_together([partial(move, place) for place in chain.early], rows=len(unpaid))
    return moved


def join_stages(chain: Chain, unpaid: Floats, *, age: Ints) -> Curves:
    """Join the stages' probabilities to curves.

    Parameters
    ----------
    unpaid : as given by ``predict_stages``.
    age : days past due on the day of the question, shape (n,).
    """
    open_share, lost = np.empty_like(unpaid), np.empty_like(unpaid)
    left, gone = np.ones(len(unpaid)), np.zeros(len(unpaid))
    for place, stage in enumerate(chain.stages):
        falls = left * unpaid[:, place] * np.where(age <= stage.last_day, stage.lost_share, 0.0)
        left, gone = left * unpaid[:, place] - falls, gone + falls
        open_share[:, place], lost[:, place] = left, gone
    return Curves(chain.grid, open_share, lost, age, age)


def predict_chain(chain: Chain, features: pd.DataFrame, *, age: Ints, shift: Floats | float = 0.0) -> Curves:
    """Predict the curve of each question; parameters as in ``predict_stages`` and ``move_stages``."""
    unpaid = predict_stages(chain, features, age=age)
    return join_stages(chain, move_stages(chain, unpaid, shift=shift), age=age)


def describe_curves(curves: Curves, *, due_day: Ints, index: pd.Index) -> pd.DataFrame:
    """Read off the curves what users ask for.

    Parameters
    ----------
    curves : one per invoice, given that it is open at the start of the day of the question.
    due_day : days since 1970-01-01, shape (n,).
    index : of the result.

    Returns
    -------
    DataFrame
        One row per invoice: p_late, p_late_30, p_late_60, p_late_90 (1 where it is later than that already),
        paid_on_p10, expected_paid_on, paid_on_p90 (given that it is paid) and p_written_off.
    """
    pieces = [slice(first, first + _CHUNK) for first in range(0, len(curves), _CHUNK)] or [slice(0)]
    tasks = [partial(_describe, curves.take(rows), due_day[rows]) for rows in pieces]
    return concat(run_together(tasks, rows=len(curves))).set_axis(index)


def _describe(curves: Curves, due_day: Ints) -> pd.DataFrame:
    frame = pd.DataFrame({name_horizon(k): 1.0 - curves.read_paid(k) for k in HORIZONS})
    for name, quantile in QUANTILES.items():
        frame[name] = to_dates(curves.find_paid_day(quantile) + due_day)
    return frame.assign(p_written_off=curves.read_written_off(curves.grid.end_day))
