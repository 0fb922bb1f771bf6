"""The back-test that goes into an auditor pack: the allowance of a year of past closes whose losses have had time."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from arrisk import pipeline
from arrisk.frames import date_of
from arrisk.pipeline import Tell
from arrisk.policy import Policy
from arrisk.reports.trends import list_month_ends
from arrisk.schema import Book
from arrisk.schema.known import cut_book
from arrisk.uses.allowance_proof import LATER, AllowanceTrial, try_allowance

_CLOSES = 12
_HISTORY = 180
"""Days of ledger before the first close: with less there is no past to learn from."""


def prove_allowance(
    book: Book, methods: Sequence[str], *, as_of: date, home: Path, policy: Policy, tell: Tell
) -> AllowanceTrial | None:
    """Try the methods on the newest month ends whose losses have had a year, by what was known before a day.

    The payment curve is among them where it is booked, or where one was saved that was trained before the first of
    them: to fit one takes long.

    Parameters
    ----------
    methods : names; the first is booked.

    Returns
    -------
    AllowanceTrial or None
        None where the ledger is too short.
    """
    known = cut_book(book, as_of=as_of)
    days = list_closes(known)
    if not days:
        return None
    saved = pipeline.find_model(home, ledger=book.name, as_of=days[0] + timedelta(days=1), name=None)
    names = [name for name in methods if name != "model" or saved is not None or name == methods[0]]
    return try_allowance(known, from_on=days[0], to_on=days[-1], policy=policy, methods=names, home=home, tell=tell)


def list_closes(book: Book) -> list[date]:
    """List the newest twelve month ends that have half a year of ledger before them and a year after them."""
    known = book["invoices"]["known_day"]
    if not len(known):
        return []
    first = date_of(int(known.min())) + timedelta(days=_HISTORY)
    return list_month_ends(first, book.extract_end_on - timedelta(days=LATER))[-_CLOSES:]
