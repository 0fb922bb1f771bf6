"""The use case of one customer's payments to come: by which day how much of what it owes is likely to be paid."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from arrisk.features import Past
from arrisk.ledger.conversion import to_book_currency
from arrisk.modeling.open_scores import choose_invoices, predict_items, score_open
from arrisk.modeling.payment_curve import PaymentCurve
from arrisk.modeling.rows import Floats
from arrisk.policy import Policy
from arrisk.schema import Book
from arrisk.uses.customers import list_customer_items

DAYS: Final = tuple(range(0, 183, 7))
"""The days from the day of the question on by whose end an invoice may be paid."""


@dataclass(frozen=True)
class Paying:
    """When one customer's open invoices are paid.

    Parameters
    ----------
    invoices : as ``score_open`` gives them, the longest due first.
    p_paid : the probability that each is paid by the end of each of ``DAYS``, shape (n, days).
    open_amount : of all of them, in minor units of the book currency.
    share_paid : which share of that is expected to be paid by then, shape (days,); empty = nothing is open.
    """

    invoices: pd.DataFrame
    p_paid: Floats
    open_amount: int
    share_paid: Floats


def expect_payments(
    book: Book,
    own: Book,
    customer_id: str,
    model: PaymentCurve,
    *,
    as_of: date,
    policy: Policy,
    past: Past,
    shift: float,
) -> Paying:
    """Say by when a customer's open invoices are likely to be paid, as ``score`` does for the whole book.

    Parameters
    ----------
    book : a checked book, with whose customers this one is compared.
    own : this customer's rows of it.
    as_of : what was known before the start of this day counts.
    past : of the book, of that day or a later one.
    shift : how far the book has drifted from the model by that day, in logits.

    Raises
    ------
    MissingError
        When there is no such customer.
    CurrencyError
        When an amount is in a currency without a rate.
    """
    items = choose_invoices(list_customer_items(own, customer_id, as_of=as_of))
    if not len(items):
        return Paying(items, np.zeros((0, len(DAYS))), 0, np.zeros(0))
    opened = predict_items(items, book, model, as_of=as_of, policy=policy, past=past, shift=shift, own=own)
    age = items["days_past_due"].to_numpy(dtype="int64")
    p_paid = np.column_stack([opened.curves.read_paid(age + day) for day in DAYS])
    owed = to_book_currency(items, book, amounts=["open_amount"], as_of=as_of)["open_amount"].to_numpy(dtype="int64")
    scored = score_open(opened, horizon_days=policy.worklist.horizon_days)
    return Paying(scored, p_paid, int(owed.sum()), owed @ p_paid / owed.sum())
