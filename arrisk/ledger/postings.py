"""The ledger as postings to the receivables account: what each did to the balance, and when it was known.

Summed up by day they give the balance of any day in one pass, where ``list_open_items`` answers for one day.
"""

import numpy as np
import pandas as pd

from arrisk.frames import NEVER, concat, to_days
from arrisk.ledger.movements import PAID, list_movements
from arrisk.schema import Book

INVOICE, CREDIT_NOTE, RECEIPT, CREDIT, WRITE_OFF = "invoice", "credit_note", "receipt", "credit", "write_off"
COLUMNS = [
    "category",
    "item_id",
    "invoice_id",
    "entity_id",
    "currency",
    "amount",
    "cause",
    "event_day",
    "known_day",
    "superseded_day",
]
_VERSION = ["known_day", "superseded_day"]


def list_applied(book: Book) -> pd.DataFrame:
    """List the movements from receipts, credit notes and ``settled_on``; columns of ``list_movements``."""
    return book.derive(_list_applied)


def _list_applied(book: Book) -> pd.DataFrame:
    return list_movements(book.with_tables(write_offs=book["write_offs"].iloc[:0]))


def list_written_off(book: Book) -> pd.DataFrame:
    """List the movements from write-offs; columns of ``list_movements``."""
    return book.derive(_list_written_off)


def _list_written_off(book: Book) -> pd.DataFrame:
    invoices = book["invoices"]
    settled_nowhere = invoices.assign(settled_on=pd.Series(pd.NaT, index=invoices.index, dtype="datetime64[s]"))
    return list_movements(book.with_tables(allocations=book["allocations"].iloc[:0], invoices=settled_nowhere))


def list_postings(book: Book) -> pd.DataFrame:
    """List everything that moves the balance of the receivables.

    Parameters
    ----------
    book : a checked book.

    Returns
    -------
    DataFrame
        One row per version of a posting: category ('invoice', 'credit_note', 'receipt', 'credit' for a credit
        note applied, 'write_off'), item_id (the invoice, the receipt), invoice_id, entity_id (of the invoice),
        currency, amount (int64 minor units, signed by its effect on the balance), cause (of a movement, as in
        ``list_movements``; else ''), event_day, known_day, superseded_day. On the evening of a day the sum of what is
        known by then and not yet superseded is the open balance.
    """
    invoices = book["invoices"]
    is_note = (invoices["kind"] == "credit_note").to_numpy()
    sign = np.where(is_note, -1, 1)
    issued = invoices[["invoice_id", "entity_id", "currency", *_VERSION]].assign(
        category=np.where(is_note, CREDIT_NOTE, INVOICE),
        item_id=invoices["invoice_id"],
        amount=sign * invoices["amount"].to_numpy(),
        cause=pd.Series("", index=invoices.index, dtype="str"),
        event_day=to_days(invoices["issued_on"]),
        sign=sign,
    )
    applied, written_off = list_applied(book), list_written_off(book)
    applied = applied.assign(category=np.where(applied["cause"] == PAID, RECEIPT, CREDIT))
    moved = concat([applied, written_off.assign(category=WRITE_OFF)])
    return concat([issued[COLUMNS], _join_invoices(moved, issued)])


def _join_invoices(moved: pd.DataFrame, issued: pd.DataFrame) -> pd.DataFrame:
    """Let each movement count while both it and its invoice are known, with the sign of that invoice."""
    facts = issued[["invoice_id", "entity_id", "currency", "sign", "event_day", *_VERSION]]
    joined = moved.merge(facts, on="invoice_id", suffixes=("", "_of_invoice"))
    known = np.maximum(joined["known_day"], joined["known_day_of_invoice"])
    superseded = np.minimum(joined["superseded_day"], joined["superseded_day_of_invoice"])
    joined = joined.assign(
        item_id=joined["source_id"],
        amount=-joined["sign"] * joined["amount"],
        event_day=np.maximum(joined["applied_day"], joined["event_day"]),
        known_day=known,
        superseded_day=superseded,
    )
    return joined.loc[known < superseded, COLUMNS].reset_index(drop=True)


def list_receipt_postings(book: Book) -> pd.DataFrame:
    """List what makes up the receipts not yet applied: each receipt, and each part of it that was applied.

    Returns
    -------
    DataFrame
        One row per version: item_id (the receipt), currency, amount (int64 minor units, receipts positive,
        parts applied negative), event_day, known_day, superseded_day.
    """
    payments, allocations = book["payments"], book["allocations"]
    received = payments[["payment_id", "currency", "amount", *_VERSION]].assign(event_day=to_days(payments["paid_on"]))
    applied = allocations[["payment_id", "amount", *_VERSION]].assign(event_day=to_days(allocations["applied_on"]))
    facts = received.drop(columns="amount")
    joined = applied.merge(facts, on="payment_id", suffixes=("", "_of_receipt"))
    known = np.maximum(joined["known_day"], joined["known_day_of_receipt"])
    superseded = np.minimum(joined["superseded_day"], joined["superseded_day_of_receipt"])
    joined = joined.assign(
        amount=-joined["amount"],
        event_day=np.maximum(joined["event_day"], joined["event_day_of_receipt"]),
        known_day=known,
        superseded_day=superseded,
    )
    both = concat([received, joined.loc[known < superseded, list(received.columns)]])
    return both.rename(columns={"payment_id": "item_id"})


def sum_known(postings: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    """Sum, for each day, what is known by its evening and not superseded by then.

    Parameters
    ----------
    postings : with amount, known_day and superseded_day.
    days : day numbers, in any order.

    Returns
    -------
    array of int64
        One sum per day.
    """
    amounts = postings["amount"].to_numpy()
    gone = (postings["superseded_day"] < NEVER).to_numpy()
    came = sum_until(amounts, postings["known_day"].to_numpy(), days)
    return np.asarray(came - sum_until(amounts[gone], postings["superseded_day"].to_numpy()[gone], days))


def sum_events(postings: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    """Sum, for each day, what happened until its evening, by the newest version of everything."""
    latest = postings.loc[(postings["superseded_day"] == NEVER).to_numpy()]
    return sum_until(latest["amount"].to_numpy(), latest["event_day"].to_numpy(), days)


def sum_until(amounts: np.ndarray, when: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Sum the amounts of each day and all days before it.

    Examples
    --------
    >>> sum_until(np.array([5, 7]), np.array([10, 12]), np.array([12, 9, 11])).tolist()
    [12, 0, 5]
    """
    order = np.argsort(when, kind="stable")
    running = np.concatenate([[0], np.cumsum(amounts[order])])
    return np.asarray(running[np.searchsorted(when[order], days, side="right")])
