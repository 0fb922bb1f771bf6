"""The facts of a default model's card, gathered from its training, the ledger and policy: nothing is typed in."""

from typing import Any

import numpy as np

from arrisk.frames import date_of
from arrisk.modeling.default.backtest import DefaultBacktest
from arrisk.modeling.default.model import HORIZON_DAYS, MODELS, count_customer_years
from arrisk.modeling.evaluate import to_plain
from arrisk.modeling.lgd.losses import Losses
from arrisk.modeling.scorer import list_versions
from arrisk.modeling.trial import describe_trial
from arrisk.policy import Policy
from arrisk.schema import Book


def gather_facts(backtest: DefaultBacktest, book: Book, *, losses: Losses | None, policy: Policy) -> dict[str, Any]:
    """Gather what the card of a model says beside the figures of its validation.

    Parameters
    ----------
    backtest : the model, and what it learnt from.
    book : the ledger.
    losses : fitted before the same day; None = not looked at.
    policy : defines defaults, grades and what sets off an alarm.

    Returns
    -------
    dict
        Plain data: ledger, extract_end_on, trained_before, horizon_days, models (by name: what it learnt from, read and
        was chosen from), label, grades, cycle, losses, limits (of policy, for monitoring), policy_hash, versions.
    """
    training = backtest.training
    facts = {
        "ledger": book.name,
        "currency": book.currency,
        "extract_end_on": book.extract_end_on.isoformat(),
        "trained_before": date_of(training.as_of_day).isoformat(),
        "horizon_days": HORIZON_DAYS,
        "models": {name: _describe_model(backtest, name) for name in MODELS},
        "label": policy.default.model_dump(),
        "grades": policy.grades.model_dump(mode="json"),
        "cycle": training.cycle,
        "losses": _describe_losses(losses, policy),
        "limits": policy.validation.model_dump(),
        "policy_hash": policy.hash(),
        "versions": list_versions(),
    }
    return dict(to_plain(facts))


def _describe_model(backtest: DefaultBacktest, name: str) -> dict[str, Any]:
    training = backtest.training
    sample, trial = training.samples[name], training.trials[name]
    read = [column.name for column in sample.columns if not column.is_of_the_times]
    return {
        "champion": trial.champion,
        "rows": len(sample),
        "customers": len(training.customer_ids[name]),
        "customer_years": count_customer_years(sample),
        "questions_in_default_within_a_year": sample.events,
        "customers_in_default_within_a_year": len(np.unique(sample.customer[sample.target == 1])),
        "first_on": date_of(int(sample.asked_day.min())).isoformat(),
        "last_on": date_of(int(sample.asked_day.max())).isoformat(),
        "features": read,
        "left_out": [column.name for column in sample.columns if column.is_of_the_times],
        "trial": describe_trial(trial),
    }


def _describe_losses(losses: Losses | None, policy: Policy) -> dict[str, Any]:
    found: dict[str, Any] = policy.losses.model_dump()
    if losses is None:
        return found
    own = {"given_default": losses.given_default, "given_write_off": losses.given_write_off}
    return {**found, **{name: {"kind": one.model.kind, "cases": one.cases} for name, one in own.items()}}
