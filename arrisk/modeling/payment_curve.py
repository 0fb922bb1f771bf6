"""The payment curve: one model of when an open invoice ends, from which every number about timing comes.

Two chains of stages: one answers as of an invoice's issue, one answers for an invoice that is open, by what is known of
it on the day. Both are read as curves; see ``chain``.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from arrisk.errors import ModelError
from arrisk.frames import NEVER
from arrisk.modeling.calibrate import UNCHANGED
from arrisk.modeling.candidates import list_candidates
from arrisk.modeling.chain import AGE, SEEN_AFTER, SHIFTED_UNTIL, Chain, Link, Stage, add_place, predict_chain
from arrisk.modeling.curves import Curves
from arrisk.modeling.drift import DriftRule, Evidence, Forecasts, choose_rule
from arrisk.modeling.inputs import OPEN_COLUMNS, Inputs
from arrisk.modeling.rates import LEFT, ShrunkRate
from arrisk.modeling.rows import Column, Floats, Ints, require_columns
from arrisk.modeling.stages import (
    FEW_ENDS,
    ISSUE_ENDS,
    OPEN_ENDS,
    Cases,
    choose_ends,
    estimate_lost_share,
    fit_grid,
    label_unpaid,
    list_complete,
    sample_stage,
)
from arrisk.modeling.stopped import SILENCE, StopRule
from arrisk.modeling.trial import Trial, describe_trial, fit_link, hold_trial

ISSUE, OPEN = "issue", "open"
"""The two kinds of questions, and the names of their chains."""

_THREADS = 2
_PLACE = (Column(LEFT, 0, "plain", 20.0, AGE), Column(AGE, 0, "plain", 20.0, AGE))


@dataclass(frozen=True)
class PaymentCurve:
    """All that is needed to predict when invoices end.

    Parameters
    ----------
    columns : the features that both chains read.
    issue, open : the chains for invoices as of their issue, and for open ones as of the day of scoring.
    drift : how the curve follows the times; None = it does not.
    shift : the drift as of the day of training, in logits, for whoever cannot see a whole book.
    """

    columns: tuple[Column, ...]
    issue: Chain
    open: Chain
    drift: DriftRule | None
    shift: float = 0.0

    def predict_issue(self, features: pd.DataFrame, *, age: Ints, shift: Floats | float = 0.0) -> Curves:
        """Predict curves as of issue.

        Parameters
        ----------
        features : one row per invoice, as of its issue.
        age : days past due on the day of issue (negative), shape (n,).
        shift : drift in logits, for all or for each.
        """
        require_columns(features, self.columns)
        return predict_chain(self.issue, features, age=age, shift=shift)

    def predict_open(self, features: pd.DataFrame, *, age: Ints, shift: Floats | float = 0.0) -> Curves:
        """Predict curves of open invoices as of a day; ``features`` also hold ``OPEN_COLUMNS``."""
        require_columns(features, (*self.columns, *OPEN_COLUMNS))
        return predict_chain(self.open, features, age=age, shift=shift)


@dataclass(frozen=True)
class Training:
    """A fitted curve and how it came about.

    Parameters
    ----------
    model : the curve.
    trials : by chain and last day of the stage.
    asked : what each chain learnt from.
    inputs : which features it read.
    as_of_day : the day before whose start everything was known.
    """

    model: PaymentCurve
    trials: Mapping[str, Mapping[int, Trial]]
    asked: Mapping[str, Cases]
    inputs: Inputs
    as_of_day: int


def train_curve(issued: Cases, opened: Cases, *, inputs: Inputs, as_of_day: int) -> Training:
    """Fit, choose and calibrate on what was known before the start of a day.

    Parameters
    ----------
    issued : invoices as of their issue, with outcomes as of ``as_of_day``.
    opened : invoices as of days on which they were open, with the same.
    inputs : which feature columns to read.
    as_of_day : days since 1970-01-01.

    Raises
    ------
    ModelError
        When a feature is missing, or no invoice was due before that day.
    """
    require_columns(issued.features, inputs.columns)
    if not (issued.due_day < as_of_day).any():
        raise ModelError(
            "no invoice was due before that day",
            where="invoices, due_on",
            hint="a later day, or a longer extract",
        )
    # An open question is far from independent of the others of its invoice: few invoices carry no finer stages.
    many = len(issued)
    issue, issue_trials = _fit_chain(
        issued, choose_ends(many, ISSUE_ENDS), columns=inputs.columns, inputs=inputs, as_of_day=as_of_day
    )
    opening, open_trials = _fit_chain(
        opened, choose_ends(many, OPEN_ENDS), columns=(*inputs.columns, *OPEN_COLUMNS), inputs=None, as_of_day=as_of_day
    )
    forecasts = _gather_forecasts(issue_trials)
    rule = choose_rule(forecasts)
    shift = rule.estimate(forecasts.evidence, as_of_day=as_of_day) if rule else 0.0
    model = PaymentCurve(inputs.columns, issue, opening, rule, shift)
    trials = {ISSUE: issue_trials, OPEN: open_trials}
    return Training(model, trials, {ISSUE: issued, OPEN: opened}, inputs, as_of_day)


def fit_rival(training: Training, kind: str) -> Chain:
    """Fit the curve as of issue from candidates of one kind alone, where a stage offers it, simpler ones elsewhere.

    Parameters
    ----------
    training : says what it learns from, and how each candidate is calibrated.
    kind : name of a candidate. The customer's own rate has no record by fine stages: its curve has the coarse ones.
    """
    asked, inputs = training.asked[ISSUE], training.inputs
    ends = FEW_ENDS if kind == ShrunkRate.kind else [stage.last_day for stage in training.model.issue.stages]
    grid = fit_grid(asked, ends=ends, as_of_day=training.as_of_day)
    placed = add_place(asked.features, age=asked.age, grid=grid)
    stages = []
    for after, last in zip((-NEVER, *ends[:-1]), ends, strict=True):
        sample = sample_stage(
            asked, placed, after=after, last=last, as_of_day=training.as_of_day, columns=(*inputs.columns, *_PLACE[:1])
        )
        candidates = list_candidates(past=inputs.past.get((after, last)))
        trial = training.trials[ISSUE].get(last)
        offered = [candidate for candidate in candidates if candidate.is_offered(sample)]
        chosen = next((candidate for candidate in offered if candidate.name == kind), offered[0])
        known = trial is not None and kind != ShrunkRate.kind
        calibrator = trial.calibrators.get(chosen.name, UNCHANGED) if trial and known else UNCHANGED
        lost = estimate_lost_share(asked, after=after, last=last, as_of_day=training.as_of_day)
        stages.append(Stage(last, Link(chosen.fit(sample), calibrator), lost))
    return Chain(grid, tuple(stages))


def list_evidence(chain: Chain, asked: Cases, unpaid: Floats, *, as_of_day: int) -> Evidence:
    """List what became of the stages that drift is seen in, against what was predicted for them.

    Parameters
    ----------
    chain : predicted ``unpaid``.
    asked : questions as of issue, with outcomes as known before ``as_of_day``.
    unpaid : as given by ``predict_stages`` without a shift, shape (n, stages).
    as_of_day : days since 1970-01-01.

    Returns
    -------
    Evidence
        In an order of its own, so that its sums are the same to the last bit however the rows of the book stand.
    """
    parts = []
    after = -NEVER
    for place, stage in enumerate(chain.stages):
        last = stage.last_day
        if SEEN_AFTER < last <= SHIFTED_UNTIL:
            rows = list_complete(asked, after=after, last=last, as_of_day=as_of_day)
            parts.append((asked.due_day[rows] + last, label_unpaid(asked, rows, last=last), unpaid[rows, place]))
        after = last
    columns = [np.concatenate(part) for part in zip(*parts, strict=True)]
    order = np.lexsort(columns[::-1])
    return Evidence(*(column[order] for column in columns))


def _fit_chain(
    asked: Cases, ends: Sequence[int], *, columns: tuple[Column, ...], inputs: Inputs | None, as_of_day: int
) -> tuple[Chain, dict[int, Trial]]:
    grid = fit_grid(asked, ends=ends, as_of_day=as_of_day)
    placed = add_place(asked.features, age=asked.age, grid=grid)
    read = (*columns, *(_PLACE[:1] if inputs else _PLACE))

    def fit(stage: tuple[int, int]) -> tuple[Stage, Trial]:
        after, last = stage
        sample = sample_stage(asked, placed, after=after, last=last, as_of_day=as_of_day, columns=read)
        past = inputs.past.get(stage) if inputs else None
        candidates = list_candidates(past=past, is_whole=inputs is not None)
        trial = hold_trial(sample, candidates)
        link = fit_link(sample, candidates, trial, name=trial.champion)
        lost = estimate_lost_share(asked, after=after, last=last, as_of_day=as_of_day)
        return Stage(last, link, lost), trial

    # A stage knows nothing of the others, and most of the work lets other threads run.
    with ThreadPoolExecutor(_THREADS) as pool:
        fitted = list(pool.map(fit, zip((-NEVER, *ends[:-1]), ends, strict=True)))
    stop = StopRule() if any(column.name == SILENCE for column in columns) else None
    return Chain(grid, tuple(stage for stage, _ in fitted), stop), {stage.last_day: trial for stage, trial in fitted}


def _gather_forecasts(trials: Mapping[int, Trial]) -> Forecasts:
    """Put the champions' predictions out of time of the stages that drift is seen in together."""
    found = [
        trial.forecasts for last, trial in trials.items() if SEEN_AFTER < last <= SHIFTED_UNTIL and trial.forecasts
    ]
    names = ("asked_day", "known_day", "target", "probability", "customer")
    return Forecasts(*(np.concatenate([np.zeros(0), *(getattr(part, name) for part in found)]) for name in names))


def describe_trials(training: Training) -> dict[str, Any]:
    """Describe as plain data how each stage's champion was chosen, and whether the curve follows the times."""
    return {
        chain: {str(last): describe_trial(trial) for last, trial in trials.items()}
        for chain, trials in training.trials.items()
    }
