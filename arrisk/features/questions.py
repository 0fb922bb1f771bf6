"""The questions that features answer: who, as of which day, and the own facts of the invoice asked about."""

import numpy as np
import pandas as pd

from arrisk.features.compiled import entry
from arrisk.features.grouping import DAY_OFFSET, DAY_SHIFT, Ints, group_rows, sort_packed
from arrisk.frames import NEVER, Days, match, to_days, visible
from arrisk.schema import Book

_ROW_MASK = (1 << DAY_SHIFT) - 1

_READ = [
    *("invoice_id", "customer_id", "kind", "amount", "currency", "issued_on", "due_on", "terms"),
    *("known_day", "superseded_day"),
]

OWN_COLUMNS = ("amount", "currency", "issued_day", "due_day")
"""The invoice's own facts; a question about a customer leaves them out. Its ``terms``, as written, may be added."""


def questions_at_issue(book: Book, *, due: range | None = None) -> pd.DataFrame:
    """Ask about every invoice as of the day on which it was issued.

    Parameters
    ----------
    book : a checked book.
    due : only about invoices that were due on one of these days; None = about all.

    Returns
    -------
    DataFrame
        One row per invoice (credit notes are not asked about), in the book's order: invoice_id, customer_id,
        as_of_day, amount (int64 minor units), currency, issued_day, due_day, terms (as written); of a corrected
        invoice the version that was known first, because a later one was not there to be asked about.
    """
    invoices = book["invoices"][_READ]
    if (invoices["superseded_day"].to_numpy() < NEVER).any():
        first = invoices.sort_values("known_day", kind="stable").drop_duplicates("invoice_id").index
        invoices = invoices.loc[first.sort_values()]
    # After the first version is found: a later one must not be asked about because the first was a credit note.
    chosen = (invoices["kind"] != "credit_note").to_numpy()
    if due is not None:
        due_day = to_days(invoices["due_on"])
        chosen = chosen & (due_day >= due.start) & (due_day < due.stop)
    invoices = invoices if chosen.all() else invoices.loc[chosen]
    issued = to_days(invoices["issued_on"])
    return pd.DataFrame(
        {
            "invoice_id": invoices["invoice_id"].reset_index(drop=True),
            "customer_id": invoices["customer_id"].reset_index(drop=True),
            "as_of_day": issued,
            "amount": invoices["amount"].to_numpy(),
            "currency": invoices["currency"].reset_index(drop=True),
            "issued_day": issued,
            "due_day": to_days(invoices["due_on"]),
            "terms": invoices["terms"].reset_index(drop=True),
        },
        copy=False,
    )


def questions_on(book: Book, *, as_of_day: int) -> pd.DataFrame:
    """Ask about every customer as of a day.

    Parameters
    ----------
    book : a checked book.
    as_of_day : the day; strict, nothing known on it is seen.

    Returns
    -------
    DataFrame
        One row per customer that has master data or an invoice by then: customer_id, as_of_day; sorted by customer_id.
    """
    read = ["customer_id", "known_day", "superseded_day"]
    seen = [visible(book[table][read], as_of_day=as_of_day)["customer_id"] for table in ("customers", "invoices")]
    ids = pd.concat(seen, ignore_index=True).drop_duplicates().sort_values(ignore_index=True)
    return pd.DataFrame({"customer_id": ids.astype("str"), "as_of_day": np.full(len(ids), as_of_day, dtype="int64")})


def sort_questions(questions: pd.DataFrame, customers: pd.Series) -> tuple[Ints, Ints]:
    """Put the questions together by customer, rising by day; gives where each customer's begin, and the row order."""
    grouped = group_rows(match(questions["customer_id"], customers), len(customers))
    days: Days = questions["as_of_day"].to_numpy(dtype="int64")
    return grouped.offsets, _sort_within(grouped.offsets, grouped.order, days)


@entry
def _sort_within(offsets: Ints, order: Ints, days: Ints) -> Ints:
    packed = np.empty(len(order), dtype=np.int64)
    spare = np.empty(len(order), dtype=np.int64)
    for i in range(len(order)):
        packed[i] = ((days[order[i]] + DAY_OFFSET) << DAY_SHIFT) | order[i]
    for g in range(len(offsets) - 1):
        sort_packed(packed, offsets[g], offsets[g + 1], spare)
    for i in range(len(order)):
        packed[i] &= _ROW_MASK
    return packed
