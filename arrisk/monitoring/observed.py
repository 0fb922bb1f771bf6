"""What a model is shown as of a day and says of it, and what became of what it said before."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from arrisk.features import questions_at_issue
from arrisk.frames import date_of, day_of, match
from arrisk.labels import label_default, label_late
from arrisk.ledger import list_outcomes
from arrisk.ledger.defaults import list_defaults
from arrisk.modeling.asking import ask_at_issue, find_reach
from arrisk.modeling.backtest import DRIFT_DAYS, trace_drift
from arrisk.modeling.chain import join_stages, move_stages, predict_stages
from arrisk.modeling.default.asking import ask_customers
from arrisk.modeling.default.model import HORIZON_DAYS, DefaultModel, Observed
from arrisk.modeling.inputs import OPEN_COLUMNS
from arrisk.modeling.open_scores import score_open, score_open_curves
from arrisk.modeling.payment_curve import PaymentCurve
from arrisk.modeling.reference import Reference, make_reference
from arrisk.modeling.rows import Floats, Ints
from arrisk.policy import Policy
from arrisk.schema import Book

LATE_DAYS = 30
"""The payment curve is watched by its probability of being so many days late."""

MOST_INVOICES = 50_000
"""At most so many invoices are followed, taken evenly from all."""


@dataclass(frozen=True)
class Seen:
    """What was scored as of a day: the features, one row each, and the score, shape (n,)."""

    features: pd.DataFrame
    score: Floats


@dataclass(frozen=True)
class Matured:
    """Predictions whose outcome is complete by now; arrays of shape (n,).

    Parameters
    ----------
    target : 1 = it happened, 0 = it did not.
    probability : as it would have been given then.
    customer : whose, as whole numbers.
    """

    target: Floats
    probability: Floats
    customer: Ints


def observe_open_book(
    book: Book, model: PaymentCurve, *, as_of: date, policy: Policy, shift: float | None = None
) -> Seen:
    """Score what is open as of a day; ``shift`` is the drift in logits, None = read from this book."""
    opened = score_open_curves(book, model, as_of=as_of, policy=policy, shift=shift)
    scored = score_open(opened, horizon_days=LATE_DAYS)
    return Seen(opened.features, scored[f"p_late_{LATE_DAYS}"].to_numpy(dtype="float64"))


def observe_customers(book: Book, model: DefaultModel, *, as_of: date, policy: Policy) -> Seen:
    """Rate every customer who is not in default as of a day."""
    observed = _ask(book, on=as_of, known_by=as_of, policy=policy)
    return Seen(observed.features, model.predict(observed.features))


def refer_open_book(model: PaymentCurve, seen: Seen) -> Reference:
    """Keep how the scores and features of the open book are spread."""
    return make_reference(seen.score, seen.features, columns=(*model.columns, *OPEN_COLUMNS))


def refer_customers(model: DefaultModel, seen: Seen) -> Reference:
    """Keep how the scores and features of the customers are spread."""
    return make_reference(seen.score, seen.features, columns=model.columns)


def follow_invoices(book: Book, model: PaymentCurve, *, trained_day: int, as_of: date, policy: Policy) -> Matured:
    """Follow the invoices issued since a model was trained whose thirty days past due are over.

    Each is predicted as of its issue, moved with the times as known then.

    Parameters
    ----------
    trained_day : the day of training, days since 1970-01-01.
    as_of : outcomes are those known before the start of this day.
    """
    known = replace(book, extract_end_on=date_of(day_of(as_of) - 1))
    questions = questions_at_issue(book)
    due, issued = questions["due_day"], questions["issued_day"]
    is_over = (due + LATE_DAYS < day_of(as_of)) & (issued < day_of(as_of))
    oldest = trained_day - (find_reach(model.drift) if model.drift else 0)
    chosen = _thin(np.flatnonzero(is_over & ((issued >= trained_day) | (due >= oldest))))
    asked = ask_at_issue(book, policy=policy, invoice_ids=questions["invoice_id"].iloc[chosen])
    shift = trace_drift(known, model, asked, cutoff=date_of(trained_day), policy=policy)
    test = asked.take((asked.questions["issued_day"] >= trained_day).to_numpy())
    moved = shift[(test.questions["issued_day"].to_numpy() - trained_day) // DRIFT_DAYS]
    unpaid = move_stages(model.issue, predict_stages(model.issue, test.features, age=test.age), shift=moved)
    late = 1.0 - join_stages(model.issue, unpaid, age=test.age).read_paid(LATE_DAYS)
    outcomes = list_outcomes(book, as_of=as_of, end=policy.end)
    place = match(test.questions["invoice_id"], outcomes["invoice_id"])
    is_known = place >= 0
    found = outcomes.iloc[place[is_known]]
    target = label_late(found, k=LATE_DAYS, end_day=day_of(as_of) - 1)
    return _keep_complete(target, late[is_known], test.questions["customer_id"].loc[is_known])


def follow_customers(book: Book, model: DefaultModel, *, trained_day: int, as_of: date, policy: Policy) -> Matured:
    """Follow the customers as of a year before a day, where the model was trained by then: one row each."""
    asked_day = day_of(as_of) - HORIZON_DAYS
    if asked_day < trained_day:
        return Matured(np.zeros(0), np.zeros(0), np.zeros(0, dtype="int64"))
    observed = _ask(book, on=date_of(asked_day), known_by=as_of, policy=policy)
    return _keep_complete(observed.defaulted, model.predict(observed.features), observed.customer_id)


def follow_overrides(overrides: pd.DataFrame, episodes: pd.DataFrame, *, as_of: date) -> Matured:
    """Follow the customers of decisions whose year is over: one row each, of the newest such decision.

    Parameters
    ----------
    overrides : customer_id, as_of_day (days since 1970-01-01, rising) and p_default_12m.
    episodes : as given by ``list_defaults`` as of the same day.
    as_of : outcomes are those known before the start of this day.
    """
    target = label_default(episodes, overrides, end_day=day_of(as_of) - 1, horizon_days=HORIZON_DAYS)
    complete = overrides.assign(target=target).dropna(subset=["target", "p_default_12m"])
    newest = complete.drop_duplicates("customer_id", keep="last")
    probability = newest["p_default_12m"].to_numpy(dtype="float64")
    return _keep_complete(newest["target"].to_numpy(dtype="float64"), probability, newest["customer_id"])


def _ask(book: Book, *, on: date, known_by: date, policy: Policy) -> Observed:
    episodes = list_defaults(book, as_of=known_by, policy=policy)
    return ask_customers(book, episodes, days=[day_of(on)], policy=policy, known_by=known_by)


def _keep_complete(target: Floats, probability: Floats, customer_id: pd.Series) -> Matured:
    is_complete = ~np.isnan(target)
    customer = np.asarray(pd.factorize(customer_id, sort=True)[0], dtype="int64")
    return Matured(target[is_complete], probability[is_complete], customer[is_complete])


def _thin(places: Ints) -> Ints:
    if len(places) <= MOST_INVOICES:
        return places
    return np.asarray(places[np.linspace(0, len(places) - 1, MOST_INVOICES).astype("int64")], dtype="int64")
