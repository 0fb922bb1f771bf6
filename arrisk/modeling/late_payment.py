"""Late payment: from invoices with their features and outcomes to a model, and from a test to a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from arrisk.errors import ModelError
from arrisk.frames import NEVER
from arrisk.labels import label_late
from arrisk.modeling.candidates import Candidate, list_candidates
from arrisk.modeling.chain import HORIZONS, LateModel, Link, name_horizon, predict_late
from arrisk.modeling.delay import DelayCurve, fit_delay_curve
from arrisk.modeling.evaluate import Outcomes, evaluate, to_plain
from arrisk.modeling.inputs import Inputs
from arrisk.modeling.metrics import measure
from arrisk.modeling.rows import Ints, Sample, order_sample, require_columns
from arrisk.modeling.trial import Trial, fit_link, fit_plain, hold_trial


@dataclass(frozen=True)
class Training:
    """A fitted model and how it came about.

    Parameters
    ----------
    model : scores invoices.
    trials : one per horizon.
    candidates, baselines : all that was tried for p_late, calibrated, and the two baselines as they are.
    inputs : what they read.
    rows, customers : how many invoices with a complete outcome they learnt from, of how many customers.
    base_rate : the share of them that was late.
    first_day, last_day : when the first and the last of those were issued.
    as_of_day : the day before whose start everything was known.
    """

    model: LateModel
    trials: Mapping[int, Trial]
    candidates: Mapping[str, Link]
    baselines: Mapping[str, Link]
    inputs: Inputs
    rows: int
    customers: int
    base_rate: float
    first_day: int
    last_day: int
    as_of_day: int


def train_late(features: pd.DataFrame, outcomes: pd.DataFrame, *, inputs: Inputs, as_of_day: int) -> Training:
    """Fit, choose and calibrate on what was known before the start of a day.

    Parameters
    ----------
    features : one row per invoice, as of its own issue.
    outcomes : the same invoices in the same order, as of ``as_of_day``: invoice_id, customer_id, kind,
        issued_day, due_day, ended_day, cause.
    inputs : which feature columns to read.
    as_of_day : days since 1970-01-01.

    Returns
    -------
    Training

    Raises
    ------
    ModelError
        When a feature is missing, or no invoice has a complete outcome.
    """
    require_columns(features, inputs.columns)
    samples = [_sample(features, outcomes, place, inputs, as_of_day) for place in range(len(HORIZONS))]
    if not len(samples[0]):
        raise ModelError(
            "no invoice was due before that day",
            where="invoices, due_on",
            hint="a later day, or a longer extract",
        )
    trials, links = {}, []
    for k, sample in zip(HORIZONS, samples, strict=True):
        candidates = list_candidates(past=inputs.past.get(k))
        trials[k] = hold_trial(sample, candidates)
        links.append(fit_link(sample, candidates, trials[k], name=trials[k].champion))
    first = list_candidates(past=inputs.past.get(HORIZONS[0]))
    return Training(
        model=LateModel(inputs.columns, tuple(links), _fit_curve(outcomes, as_of_day)),
        trials=trials,
        candidates=_fit_all(samples[0], first, trials[HORIZONS[0]]),
        baselines={c.name: fit_plain(samples[0], c) for c in first[: 1 + bool(inputs.past.get(0))]},
        inputs=inputs,
        rows=len(samples[0]),
        customers=len(np.unique(samples[0].customer)),
        base_rate=samples[0].events / len(samples[0]),
        first_day=int(samples[0].asked_day[0]),
        last_day=int(samples[0].asked_day[-1]),
        as_of_day=as_of_day,
    )


def report_late(training: Training, features: pd.DataFrame, outcomes: pd.DataFrame, *, end_day: int) -> dict[str, Any]:
    """Report how a model did on later invoices whose outcome is complete.

    Parameters
    ----------
    training : the model and its rivals.
    features : one row per invoice issued on or after the training's day, as of its own issue.
    outcomes : the same invoices in the same order, as known at the end of the extract; also ``amount``.
    end_day : the last day of the extract.

    Returns
    -------
    dict
        Plain data: the measures of p_late for each candidate and baseline, groups and intervals of the
        champion, and under ``horizons`` the champion's measures of p_late_30, p_late_60 and p_late_90.
    """
    target = label_late(outcomes, k=HORIZONS[0], end_day=end_day)
    is_mature = ~np.isnan(target)
    tested = features.loc[is_mature]
    report = evaluate(
        Outcomes(
            target=target[is_mature],
            customer=_number(outcomes["customer_id"])[is_mature],
            history_count=tested[training.inputs.history_count].to_numpy(dtype="float64", na_value=np.nan),
            amount=outcomes["amount"].to_numpy(dtype="float64")[is_mature],
        ),
        candidates={name: link.predict(tested) for name, link in training.candidates.items()},
        baselines={name: link.predict(tested) for name, link in training.baselines.items()},
        champion=training.trials[HORIZONS[0]].champion,
    )
    horizons = _report_horizons(training.model, features, outcomes, end_day=end_day)
    return {"rows_train": training.rows, **report, "horizons": horizons, "trials": describe_trials(training)}


def describe_trials(training: Training) -> dict[str, Any]:
    """Describe as plain data how each horizon's champion was chosen."""
    return {
        name_horizon(k): {
            "champion": trial.champion,
            "offered": list(trial.offered),
            "rows": trial.rows,
            "rows_predicted_forward": trial.evidence_rows,
            "duels": [
                {
                    "champion": duel.champion,
                    "challenger": duel.challenger,
                    "log_loss_gain": duel.gain.value,
                    "low": duel.gain.low,
                    "high": duel.gain.high,
                    "is_won": duel.is_won,
                }
                for duel in trial.duels
            ],
        }
        for k, trial in training.trials.items()
    }


def _report_horizons(
    model: LateModel, features: pd.DataFrame, outcomes: pd.DataFrame, *, end_day: int
) -> dict[str, Any]:
    predicted, report = predict_late(model, features), {}
    for place, k in enumerate(HORIZONS[1:], start=1):
        target = label_late(outcomes, k=k, end_day=end_day)
        part = ~np.isnan(target)
        rate = target[part].mean() if part.any() else np.nan
        measures = measure(target[part], predicted[part, place])
        report[name_horizon(k)] = {"rows_test": int(part.sum()), "base_rate": rate, **measures}
    return dict(to_plain(report))


def _sample(features: pd.DataFrame, outcomes: pd.DataFrame, place: int, inputs: Inputs, as_of_day: int) -> Sample:
    k = HORIZONS[place]
    target = label_late(outcomes, k=k, end_day=as_of_day - 1)
    part = ~np.isnan(target)
    if place:
        part &= label_late(outcomes, k=HORIZONS[place - 1], end_day=as_of_day - 1) == 1
    sample = Sample(
        features=features.loc[part],
        target=target[part],
        customer=_number(outcomes["customer_id"])[part],
        asked_day=outcomes["issued_day"].to_numpy(dtype="int64")[part],
        known_day=outcomes["due_day"].to_numpy(dtype="int64")[part] + k,
        columns=inputs.columns,
    )
    return order_sample(sample, ids=outcomes["invoice_id"][part])


def _fit_all(sample: Sample, candidates: Sequence[Candidate], trial: Trial) -> dict[str, Link]:
    return {name: fit_link(sample, candidates, trial, name=name) for name in trial.offered}


def _fit_curve(outcomes: pd.DataFrame, as_of_day: int) -> DelayCurve:
    ended, due = outcomes["ended_day"].to_numpy(), outcomes["due_day"].to_numpy()
    is_invoice = (outcomes["kind"] == "invoice").to_numpy() & (due < NEVER)
    last = np.where(ended < NEVER, ended, as_of_day - 1)
    is_paid = (outcomes["cause"] == "paid").to_numpy() & (ended < NEVER)
    return fit_delay_curve((last - due)[is_invoice].astype("float64"), is_paid[is_invoice])


def _number(ids: pd.Series) -> Ints:
    return np.asarray(pd.factorize(ids, sort=True)[0], dtype="int64")
