"""Questions about invoices with their features: as of issue, and while they are open; and what became of each."""

from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.features import Past, build_features, questions_at_issue
from arrisk.features.landmarks import questions_while_open
from arrisk.frames import NEVER, day_of, match
from arrisk.ledger import list_outcomes
from arrisk.modeling.chain import SHIFTED_UNTIL, predict_stages
from arrisk.modeling.drift import OLDEST_HALF_LIVES, DriftRule
from arrisk.modeling.inputs import list_inputs
from arrisk.modeling.payment_curve import PaymentCurve, Training, list_evidence, train_curve
from arrisk.modeling.rows import set_columns
from arrisk.modeling.stages import Cases, make_cases
from arrisk.policy import EndPolicy, Policy
from arrisk.schema import Book

LANDMARK_DAYS = 28
"""What is open is asked about as of every day so many days apart."""

MOST_LANDMARKS = 200_000
"""At most so many questions about open invoices, taken evenly from all."""

MOST_RECENT = 50_000
"""Drift is read from at most so many recent invoices, taken evenly: it is one number."""

_EARLY_DAYS = 8
"""The first stage of an invoice is over up to so many days before it is due."""


@dataclass(frozen=True)
class Asked:
    """Questions about invoices, row by row.

    Parameters
    ----------
    questions : as given by ``questions_at_issue`` or ``questions_while_open``.
    features : as given by ``build_features``, in the same order.
    """

    questions: pd.DataFrame
    features: pd.DataFrame

    def take(self, chosen: npt.NDArray[np.bool_]) -> Self:
        """Keep some rows."""
        if chosen.all():
            return self
        frames = (frame.loc[chosen].reset_index(drop=True) for frame in (self.questions, self.features))
        return type(self)(*frames)

    @property
    def age(self) -> npt.NDArray[np.int64]:
        """Days past due on the day of each question."""
        days = self.questions["as_of_day"].to_numpy() - self.questions["due_day"].to_numpy()
        return np.asarray(days, dtype="int64")

    def with_outcomes(self, book: Book, *, as_of: date, end: EndPolicy) -> tuple[Self, pd.DataFrame]:
        """Keep what was asked before a day about invoices known and due on a day, with what had become of them."""
        outcomes = list_outcomes(book, as_of=as_of, end=end, invoice_ids=self.questions["invoice_id"])
        position = match(self.questions["invoice_id"], outcomes["invoice_id"])
        is_known = (position >= 0) & (self.questions["due_day"].to_numpy() < NEVER)
        is_known &= self.questions["as_of_day"].to_numpy() < day_of(as_of)
        return self.take(is_known), outcomes.iloc[position[is_known]].reset_index(drop=True)

    def follow(self, book: Book, *, as_of: date, end: EndPolicy) -> Cases:
        """Follow what was asked before a day until that day."""
        known, outcomes = self.with_outcomes(book, as_of=as_of, end=end)
        return make_cases(known.questions, known.features, outcomes)


def ask_at_issue(
    book: Book, *, policy: Policy, invoice_ids: pd.Series | None = None, past: Past | None = None
) -> Asked:
    """Compute the features of invoices, each as of the day on which it was issued.

    Parameters
    ----------
    book : a checked book.
    policy : says when an invoice has ended, and how strongly a late rate is shrunk.
    invoice_ids : only these, in this order; None = all.
    past : as for ``build_features``.
    """
    questions = questions_at_issue(book)
    if invoice_ids is not None:
        questions = questions.iloc[match(invoice_ids, questions["invoice_id"])].reset_index(drop=True)
    return Asked(questions, build_features(book, questions, policy=policy, past=past))


def ask_while_open(book: Book, *, before: date, policy: Policy) -> Asked:
    """Compute the features of open invoices, as of every ``LANDMARK_DAYS`` th day back from a day."""
    first = book["invoices"]["issued_on"].min()
    start = day_of(first) if pd.notna(first) else day_of(before)
    days = range(day_of(before) - LANDMARK_DAYS, start, -LANDMARK_DAYS)
    questions = questions_while_open(book, days=list(days), end=policy.end, most=MOST_LANDMARKS)
    return Asked(questions, build_open_features(book, questions, policy=policy))


def build_open_features(
    book: Book, questions: pd.DataFrame, *, policy: Policy, past: Past | None = None
) -> pd.DataFrame:
    """Build the features of questions about open invoices, with what is known of the invoices themselves."""
    features = build_features(book, questions, policy=policy, past=past)
    own = {name: questions[name].to_numpy(dtype="float64") for name in ("open_share", "is_disputed")}
    return set_columns(features, **own)


def train_asked(asked: Asked, book: Book, *, as_of: date, policy: Policy) -> Training:
    """Fit the payment curve on what was known before a day.

    Raises
    ------
    ModelError
        When no invoice was due by then.
    """
    issued = asked.follow(book, as_of=as_of, end=policy.end)
    opened = ask_while_open(book, before=as_of, policy=policy).follow(book, as_of=as_of, end=policy.end)
    return train_curve(issued, opened, inputs=list_inputs(map(str, asked.features)), as_of_day=day_of(as_of))


def find_reach(rule: DriftRule) -> int:
    """Give how many days back from a day an invoice may have been due for its outcome to count as drift."""
    return int(OLDEST_HALF_LIVES * rule.half_life_days) + SHIFTED_UNTIL + 1


def find_shift(book: Book, model: PaymentCurve, *, as_of: date, policy: Policy, past: Past | None = None) -> float:
    """Find how far the whole book has lately drifted from a model, in logits, as known before a day.

    Parameters
    ----------
    past : as for ``build_features``, of that day or a later one.
    """
    if model.drift is None:
        return 0.0
    day = day_of(as_of)
    recent = _ask_recent(book, day=day, reach=find_reach(model.drift))
    asked = Asked(recent, build_features(book, recent, policy=policy, past=past))
    cases = asked.follow(book, as_of=as_of, end=policy.end)
    unpaid = predict_stages(model.issue, cases.features, age=cases.age)
    return model.drift.estimate(list_evidence(model.issue, cases, unpaid, as_of_day=day), as_of_day=day)


def _ask_recent(book: Book, *, day: int, reach: int) -> pd.DataFrame:
    """Ask about the invoices that say how the book has lately paid."""
    questions = questions_at_issue(book, due=range(day - reach, day + _EARLY_DAYS))
    chosen = np.flatnonzero(questions["issued_day"] < day)
    if len(chosen) > MOST_RECENT:
        chosen = chosen[np.linspace(0, len(chosen) - 1, MOST_RECENT).astype("int64")]
    return questions.iloc[chosen].reset_index(drop=True)
