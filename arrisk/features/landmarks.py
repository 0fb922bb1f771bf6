"""Questions about invoices while they are open: what a model for open invoices learns from."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from arrisk.features.events import History, read_history
from arrisk.features.segments import OPEN
from arrisk.frames import Days, match, to_days, visible
from arrisk.policy import EndPolicy
from arrisk.schema import Book


def questions_while_open(book: Book, *, days: Sequence[int], end: EndPolicy, most: int | None = None) -> pd.DataFrame:
    """Ask about every invoice that was open as of each of some days, as far as was known then.

    Parameters
    ----------
    book : a checked book.
    days : days since 1970-01-01.
    end : when an invoice counts as ended.
    most : at most so many questions, taken evenly from all; None = all.

    Returns
    -------
    DataFrame
        One row per day and open invoice, in that order: invoice_id, customer_id, as_of_day, amount (int64 minor units),
        currency, issued_day, due_day, terms, open_share (what was open of the amount) and is_disputed (0 or 1).
    """
    customers = book["invoices"]["customer_id"].drop_duplicates(ignore_index=True)
    history = read_history(book, customers=customers, last_day=max(days, default=0), end=end)
    found = [_ask_on(history, day) for day in days]
    rows = np.concatenate([np.zeros(0, dtype="int64"), *(rows for rows, _ in found)])
    share = np.concatenate([np.zeros(0), *(share for _, share in found)])
    as_of = np.repeat(np.array(days, dtype="int64"), [len(rows) for rows, _ in found])
    if most is not None and len(rows) > most:
        kept = np.linspace(0, len(rows) - 1, most).astype("int64")
        rows, share, as_of = rows[kept], share[kept], as_of[kept]
    invoices = history.book["invoices"].iloc[rows].reset_index(drop=True)
    questions = ask_about(invoices, as_of_day=as_of).assign(open_share=share)
    return questions.assign(is_disputed=find_disputed(book, questions["invoice_id"], as_of_day=as_of))


def ask_about(invoices: pd.DataFrame, *, as_of_day: Days) -> pd.DataFrame:
    """Ask about invoices as of days, one question per row: their own facts, as ``build_features`` reads them."""
    return pd.DataFrame(
        {
            "invoice_id": invoices["invoice_id"],
            "customer_id": invoices["customer_id"],
            "as_of_day": as_of_day,
            "amount": invoices["amount"].to_numpy(),
            "currency": invoices["currency"],
            "issued_day": to_days(invoices["issued_on"]),
            "due_day": to_days(invoices["due_on"]),
            "terms": invoices["terms"],
        }
    )


def find_disputed(book: Book, invoice_ids: pd.Series, *, as_of_day: Days) -> Days:
    """Say whether a dispute about each invoice was known and not resolved as of its day: 0 or 1."""
    disputed = np.zeros(len(invoice_ids), dtype="int64")
    for day in np.unique(as_of_day):
        seen = visible(book["disputes"], as_of_day=int(day))
        unresolved = seen.loc[to_days(seen["resolved_on"]) >= day, "invoice_id"].drop_duplicates()
        rows = np.flatnonzero(as_of_day == day)
        disputed[rows] = match(invoice_ids.iloc[rows], unresolved) >= 0
    return disputed


def _ask_on(history: History, day: int) -> tuple[Days, np.ndarray]:
    """Give the rows of the invoices open as of a day, in the book's order, and what is open of each."""
    segments, versions = history.segments, history.versions
    is_open = (segments["start"] < day) & (day <= segments["stop"]) & (segments["cause"] == OPEN)
    chosen = np.flatnonzero(is_open)
    version = segments["version"][chosen]
    kept = ~versions["is_credit"][version].astype(bool) & (versions["book_amount"][version] > 0)
    chosen, version = chosen[kept], version[kept]
    rows = history.invoice_rows[version]
    order = np.argsort(rows, kind="stable")
    share = segments["open_amount"][chosen] / versions["book_amount"][version]
    return rows[order], share[order]
