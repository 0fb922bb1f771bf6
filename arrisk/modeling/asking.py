"""Invoices as of their issue: what was asked, what was known then, and what became of them."""

from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.features import build_features, questions_at_issue
from arrisk.frames import day_of, match
from arrisk.ledger import list_outcomes
from arrisk.modeling.inputs import list_inputs
from arrisk.modeling.late_payment import Training, train_late
from arrisk.policy import EndPolicy, Policy
from arrisk.schema import Book


@dataclass(frozen=True)
class Asked:
    """Invoices as of their issue, row by row.

    Parameters
    ----------
    questions : as given by ``questions_at_issue``.
    features : as given by ``build_features``, in the same order.
    """

    questions: pd.DataFrame
    features: pd.DataFrame

    def take(self, chosen: npt.NDArray[np.bool_]) -> Self:
        """Keep some rows."""
        frames = (frame.loc[chosen].reset_index(drop=True) for frame in (self.questions, self.features))
        return type(self)(*frames)

    def with_outcomes(self, book: Book, *, as_of: date, end: EndPolicy) -> tuple[Self, pd.DataFrame]:
        """Keep the invoices that were known before a day, and give what had become of each by then."""
        outcomes = list_outcomes(book, as_of=as_of, end=end)
        position = match(self.questions["invoice_id"], outcomes["invoice_id"])
        is_known = position >= 0
        return self.take(is_known), outcomes.iloc[position[is_known]].reset_index(drop=True)


def ask_at_issue(book: Book, *, policy: Policy, invoice_ids: pd.Series | None = None) -> Asked:
    """Compute the features of invoices, each as of the day on which it was issued.

    Parameters
    ----------
    book : a checked book.
    policy : says when an invoice has ended, and how strongly a late rate is shrunk.
    invoice_ids : only these, in this order; None = all.
    """
    questions = questions_at_issue(book)
    if invoice_ids is not None:
        questions = questions.iloc[match(invoice_ids, questions["invoice_id"])].reset_index(drop=True)
    return Asked(questions, build_features(book, questions, policy=policy))


def train_asked(asked: Asked, book: Book, *, as_of: date, end: EndPolicy) -> Training:
    """Fit the late-payment models on what was known before a day.

    Raises
    ------
    ModelError
        When no invoice has a complete outcome by then.
    """
    known, outcomes = asked.with_outcomes(book, as_of=as_of, end=end)
    return train_late(known.features, outcomes, inputs=list_inputs(map(str, known.features)), as_of_day=day_of(as_of))
