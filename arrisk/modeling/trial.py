"""One target's trial: every candidate predicts forward in time, and the champion rule decides.

Forward means: each slice of the later history is predicted by a model that saw only targets known before it,
and is calibrated on the slices before it. Afterwards the chosen form is fitted on all rows; its calibrator is
the one fitted on everything that was predicted forward.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from arrisk.modeling.calibrate import UNCHANGED, Calibrator, fit_calibrator
from arrisk.modeling.candidates import Candidate, Model
from arrisk.modeling.chain import Link
from arrisk.modeling.champion import Duel, choose_champion
from arrisk.modeling.drift import Forecasts
from arrisk.modeling.rows import Floats, Ints, Sample
from arrisk.modeling.splits import Slice, split_forward

MOST_TRIAL_ROWS = 30_000
"""A trial looks at so many of the newest rows: more of them cost time and change no choice."""

MIN_EVIDENCE_ROWS, MIN_EVIDENCE_OF_EACH = 30, 5
"""With less than this predicted forward, nothing is proven and the simplest candidate stays."""


@dataclass(frozen=True)
class Trial:
    """What came out of trying all candidates on one target.

    Parameters
    ----------
    champion : the name of the chosen candidate.
    offered : the names of those with enough rows to be fitted.
    calibrators : by candidate, fitted on all predictions out of time.
    duels : every challenge in the order fought; empty where there was too little evidence.
    rows, evidence_rows : how many rows there were, and how many were predicted out of time.
    forecasts : the champion's predictions out of time; None where there was too little evidence.
    """

    champion: str
    offered: tuple[str, ...]
    calibrators: dict[str, Calibrator]
    duels: tuple[Duel, ...]
    rows: int
    evidence_rows: int
    forecasts: Forecasts | None = None


def hold_trial(
    sample: Sample,
    candidates: Sequence[Candidate],
    *,
    most_rows: int = MOST_TRIAL_ROWS,
    yielding: Collection[str] = (),
    untried: str | None = None,
    split: Callable[[Sample], list[Slice]] = split_forward,
) -> Trial:
    """Try all candidates on rows in time order and choose one.

    Parameters
    ----------
    sample : rows in time order.
    candidates : from the simplest to the most complex; the first one must always be offered.
    most_rows : so many of the newest rows; they must reach back further than it takes to know a target.
    yielding : as for ``choose_champion``.
    untried : which one stands, if it is offered, where there is too little evidence to try any; None = the first.
    split : how the rows are cut into what is predicted and what it is predicted from.

    Returns
    -------
    Trial
    """
    offered = [candidate for candidate in candidates if candidate.is_offered(sample)]
    count, sample = len(sample), sample.latest(most_rows)
    slices = split(sample)
    tested = np.concatenate([piece.test for piece in slices]) if slices else np.zeros(0, dtype="int64")
    evidence = sample.take(tested)
    margins = _predict_forward(sample, offered, slices)
    calibrators = {name: fit_calibrator(margin, evidence.target, evidence.customer) for name, margin in margins.items()}
    names = tuple(candidate.name for candidate in offered)
    champion = untried if untried in names else names[0]
    duels, forecasts = tuple[Duel, ...](), None
    if evidence.is_learnable(rows=MIN_EVIDENCE_ROWS, of_each=MIN_EVIDENCE_OF_EACH):
        sizes = [len(piece.test) for piece in slices]
        forward = {name: _calibrate_forward(margin, evidence, sizes) for name, margin in margins.items()}
        parts = {candidate.name: candidate.parts for candidate in offered if candidate.parts}
        champion, duels = choose_champion(forward, evidence.target, evidence.customer, parts=parts, yielding=yielding)
        forecasts = Forecasts(
            evidence.asked_day, evidence.known_day, evidence.target, forward[champion], evidence.customer
        )
    return Trial(champion, names, calibrators, duels, count, len(evidence), forecasts)


def fit_link(sample: Sample, candidates: Sequence[Candidate], trial: Trial, *, name: str) -> Link:
    """Fit one candidate on all rows, with the calibrator of its trial."""
    candidate = next(candidate for candidate in candidates if candidate.name == name)
    return Link(candidate.fit(sample), trial.calibrators[name])


def fit_plain(sample: Sample, candidate: Candidate) -> Link:
    """Fit one candidate on all rows and leave its probabilities as they are: a baseline."""
    return Link(candidate.fit(sample), UNCHANGED)


def describe_trial(trial: Trial) -> dict[str, Any]:
    """Describe as plain data how the champion was chosen."""
    duels = [
        {
            "champion": duel.champion,
            "challenger": duel.challenger,
            "log_loss_gain": duel.gain.value,
            "low": duel.gain.low,
            "high": duel.gain.high,
            "is_won": duel.is_won,
        }
        for duel in trial.duels
    ]
    return {
        "champion": trial.champion,
        "offered": list(trial.offered),
        "rows": trial.rows,
        "rows_predicted_forward": trial.evidence_rows,
        "duels": duels,
    }


def _predict_forward(sample: Sample, candidates: Sequence[Candidate], slices: Sequence[Slice]) -> dict[str, Floats]:
    margins: dict[str, list[Floats]] = {candidate.name: [np.zeros(0)] for candidate in candidates}
    for piece in slices:
        fit, test = sample.take(piece.fit), sample.take(piece.test)
        simpler = np.zeros(len(test))
        fitted: dict[str, Model] = {}
        for candidate in candidates:
            # Early on a candidate may lack rows: then it stands for what would have been used instead.
            if candidate.is_offered(fit):
                model = candidate.combine(fitted, len(fit)) if candidate.combine else candidate.fit(fit)
                fitted[candidate.name] = model
                simpler = model.predict_margin(test.features)
            margins[candidate.name].append(simpler)
    return {name: np.concatenate(parts) for name, parts in margins.items()}


def _calibrate_forward(margin: Floats, evidence: Sample, sizes: Sequence[int]) -> Floats:
    ends: Ints = np.cumsum([0, *sizes])
    parts = []
    for start, end in pairwise(ends):
        before = slice(0, start)
        calibrator = fit_calibrator(margin[before], evidence.target[before], evidence.customer[before])
        parts.append(calibrator.calibrate(margin[start:end]))
    return np.concatenate(parts)
