"""Which currency a book is kept in, where nobody has said."""

from collections.abc import Mapping

import pandas as pd

_WITH_TOTALS = ("invoices", "payments")


def choose_book_currency(raw: Mapping[str, pd.DataFrame], *, stated: str, fallback: str) -> str:
    """Choose the book currency of raw tables.

    Parameters
    ----------
    raw : tables by name.
    stated : what the book's settings say; empty = nothing.
    fallback : the policy's currency.

    Returns
    -------
    str
        What is stated; else the only currency of all invoices and receipts, where each names it; else the policy's.

    Examples
    --------
    >>> rows = pd.DataFrame({"currency": ["EUR", "EUR"]})
    >>> choose_book_currency({"invoices": rows}, stated="", fallback="USD")
    'EUR'
    >>> choose_book_currency({"invoices": rows.assign(currency=["EUR", None])}, stated="", fallback="USD")
    'USD'
    """
    if stated:
        return stated
    used: set[object] = set()
    for name in _WITH_TOTALS:
        frame = raw.get(name)
        if frame is None or not len(frame):
            continue
        values = frame["currency"] if "currency" in frame else pd.Series([None])
        used |= {None} if values.isna().any() else set(values.unique())
    only = next(iter(used)) if len(used) == 1 else None
    return only if isinstance(only, str) and only.strip() else fallback
