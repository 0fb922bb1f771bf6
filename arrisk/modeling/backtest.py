"""The backtest of the payment curve: invoices issued from a day on, predicted by what was known on their own day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from arrisk.errors import InputError
from arrisk.frames import NEVER, date_of, day_of, match
from arrisk.labels import label_late
from arrisk.ledger.movements import PAID
from arrisk.modeling.asking import Asked, find_reach, train_asked
from arrisk.modeling.calibration_ageing import report_ageing
from arrisk.modeling.candidates import list_candidates
from arrisk.modeling.chain import HORIZONS, join_stages, move_stages, predict_chain, predict_stages
from arrisk.modeling.curve_report import Forecast, forecast_curves, report_curve
from arrisk.modeling.curves import Curves
from arrisk.modeling.explain import contribute_chain
from arrisk.modeling.inputs import Inputs
from arrisk.modeling.payment_curve import ISSUE, PaymentCurve, Training, describe_trials, fit_rival, list_evidence
from arrisk.modeling.rates import BaseRate, ShrunkRate
from arrisk.modeling.rows import Floats, Sample
from arrisk.modeling.shap_summary import choose_rows, describe_reasons
from arrisk.modeling.stages import Cases, label_unpaid, list_complete
from arrisk.modeling.trial import fit_plain
from arrisk.policy import Policy
from arrisk.schema import Book

CHAMPION = "payment_curve"
"""The name of the curve itself among the candidates: the champion of every stage, moved with the times."""

DRIFT_DAYS = 14
"""Drift is read anew so often: an invoice is moved by what was known on the last such day."""


@dataclass(frozen=True)
class Backtest:
    """A backtest with what its report is drawn from.

    Parameters
    ----------
    training : fitted on what was known before the cutoff.
    asked : the invoices issued from the cutoff on.
    shift : the drift that each was moved by, in logits, shape (n,).
    curves, curves_as_fitted : of each as of its issue, with and without that.
    """

    training: Training
    asked: Asked
    shift: Floats
    curves: Curves
    curves_as_fitted: Curves


def run_backtest(book: Book, asked: Asked, *, cutoff: date, policy: Policy) -> Backtest:
    """Fit on what was known before a day and predict every invoice issued from then on, as of its own issue.

    Parameters
    ----------
    book : a checked book.
    asked : all invoices as of their issue.
    cutoff : the day.
    policy : says when an invoice has ended.

    Raises
    ------
    InputError
        When no invoice was issued on or after the day.
    ModelError
        When none was due before it.
    """
    later = (asked.questions["issued_day"] >= day_of(cutoff)) & (asked.questions["due_day"] < NEVER)
    if not later.any():
        last = book["invoices"]["issued_on"].max().date()
        raise InputError(f"no invoice was issued on or after {cutoff}", hint=f"a day before {last}")
    training = train_asked(asked, book, as_of=cutoff, policy=policy)
    test = asked.take(later.to_numpy())
    model = training.model
    unpaid = predict_stages(model.issue, test.features, age=test.age)
    shift = trace_drift(book, model, asked, cutoff=cutoff, policy=policy)
    # What is dated after the extract's end is moved by what was known at its end.
    days = (test.questions["issued_day"].to_numpy() - day_of(cutoff)) // DRIFT_DAYS
    shift = shift[np.minimum(days, len(shift) - 1)]
    moved = move_stages(model.issue, unpaid, shift=shift)
    curves = (join_stages(model.issue, each, age=test.age) for each in (moved, unpaid))
    return Backtest(training, test, shift, *curves)


def trace_drift(book: Book, model: PaymentCurve, asked: Asked, *, cutoff: date, policy: Policy) -> Floats:
    """Read the drift as of every ``DRIFT_DAYS`` th day from a day on until the end of the extract, in logits."""
    days = range(day_of(cutoff), day_of(book.extract_end_on) + 2, DRIFT_DAYS)
    if model.drift is None:
        return np.zeros(len(days))
    oldest = day_of(cutoff) - find_reach(model.drift)
    recent = asked.take(((asked.questions["due_day"] >= oldest) & (asked.questions["due_day"] < NEVER)).to_numpy())
    unpaid = predict_stages(model.issue, recent.features, age=recent.age)
    shifts = []
    for day in days:
        cases = recent.follow(book, as_of=date_of(day), end=policy.end)
        known = unpaid[match(cases.invoice_id, recent.questions["invoice_id"])]
        shifts.append(model.drift.estimate(list_evidence(model.issue, cases, known, as_of_day=day), as_of_day=day))
    return np.array(shifts)


def report_backtest(backtest: Backtest, outcomes: pd.DataFrame, *, end_day: int) -> dict[str, Any]:
    """Report how the curve did, beside its rivals and baselines.

    Parameters
    ----------
    backtest : what was predicted.
    outcomes : the same invoices in the same order, as known at the end of the extract.
    end_day : the last day of the extract.
    """
    training, features = backtest.training, backtest.asked.features
    history = features[training.inputs.history_count].to_numpy(dtype="float64", na_value=np.nan)
    amounts = features["invoice_amount"].to_numpy(dtype="float64")
    report = report_curve(
        outcomes.assign(amount=amounts),
        end_day=end_day,
        history_count=history,
        candidates={CHAMPION: forecast_curves(backtest.curves), **_forecast_rivals(backtest)},
        baselines={**_forecast_rates(backtest), **_forecast_days(backtest)},
        champion=CHAMPION,
    )
    late = {
        name: 1.0 - curves.read_paid(0)
        for name, curves in (("as fitted", backtest.curves_as_fitted), ("moved with the times", backtest.curves))
    }
    target = label_late(outcomes, k=0, end_day=end_day)
    customer = np.asarray(pd.factorize(outcomes["customer_id"], sort=True)[0], dtype="int64")
    asked_day = outcomes["issued_day"].to_numpy(dtype="int64")
    rule = training.model.drift
    return {
        "rows_train": int((training.asked[ISSUE].due_day < training.as_of_day).sum()),
        **report,
        "calibration_ageing": report_ageing(late, target, asked_day=asked_day, customer=customer),
        "drift": {"rule": rule.to_json() if rule else None, "largest_shift": float(np.abs(backtest.shift).max())},
        "trials": describe_trials(training),
    }


def describe_parts(backtest: Backtest) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Sum up what moves the scores: the report's part, and the parts and values of at most a thousand invoices."""
    rows = choose_rows(len(backtest.asked.features))
    features = backtest.asked.features.iloc[rows].reset_index(drop=True)
    age, shift = backtest.asked.age[rows], backtest.shift[rows]
    found = contribute_chain(backtest.training.model.issue, features, age=age, shift=shift)
    summary = describe_reasons(found.parts, found.facts, base=found.starting, margin=found.margins, target="p_late_30")
    return summary, found.parts, found.facts


def _forecast_rivals(backtest: Backtest) -> dict[str, Forecast]:
    """Predict with curves made of one kind of candidate each, as fitted."""
    training, asked = backtest.training, backtest.asked
    kinds = {name for trial in training.trials[ISSUE].values() for name in trial.offered} - {BaseRate.kind}
    if training.inputs.horizons:
        kinds.add(ShrunkRate.kind)
    return {
        kind: forecast_curves(predict_chain(fit_rival(training, kind), asked.features, age=asked.age))
        for kind in sorted(kinds)
    }


def _forecast_rates(backtest: Backtest) -> dict[str, Forecast]:
    """Predict each horizon by its base rate, and by the customer's own past rate drawn to it."""
    inputs, cases = backtest.training.inputs, backtest.training.asked[ISSUE]
    late: dict[str, dict[int, Floats]] = {}
    for k in HORIZONS:
        sample = _sample_horizon(cases, k, inputs, as_of_day=backtest.training.as_of_day)
        for candidate in list_candidates(past=inputs.horizons.get(k)):
            if candidate.name in (BaseRate.kind, ShrunkRate.kind) and candidate.is_offered(sample):
                predicted = fit_plain(sample, candidate).predict(backtest.asked.features)
                late.setdefault(candidate.name, {})[k] = predicted
    return {name: Forecast(found) for name, found in late.items() if len(found) == len(HORIZONS)}


def _sample_horizon(cases: Cases, k: int, inputs: Inputs, *, as_of_day: int) -> Sample:
    rows = list_complete(cases, after=-NEVER, last=k, as_of_day=as_of_day)
    return Sample(
        features=cases.features.iloc[rows],
        target=label_unpaid(cases, rows, last=k),
        customer=cases.customer[rows],
        asked_day=cases.asked_day[rows],
        known_day=cases.due_day[rows] + k,
        columns=inputs.columns,
    )


def _forecast_days(backtest: Backtest) -> dict[str, Forecast]:
    """Say that an invoice is paid on its due date, or as late as the customer's median by the cutoff."""
    cases, asked = backtest.training.asked[ISSUE], backtest.asked
    paid = (cases.cause == PAID).to_numpy() & (cases.ended < NEVER)
    delays = pd.Series(cases.ended[paid].astype("float64"))
    own = delays.groupby(cases.customer_id[paid].to_numpy()).median()
    usual = float(delays.median()) if len(delays) else 0.0
    median = asked.questions["customer_id"].map(own).fillna(usual).to_numpy(dtype="float64")
    return {"due_date": Forecast({}, np.zeros(len(median))), "customer_median": Forecast({}, median)}
