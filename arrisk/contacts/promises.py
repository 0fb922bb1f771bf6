"""Whether promises to pay are kept, read off the ledger as of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import pandas as pd

from arrisk.contacts.accounts import Promise
from arrisk.frames import concat, day_of, match, to_dates, to_days, visible
from arrisk.ledger.movements import PAID
from arrisk.ledger.postings import list_applied
from arrisk.policy.contacts import ContactPolicy
from arrisk.schema import Book

_RECEIPT = ["customer_id", "currency", "paid_on", "amount"]


class Standing(StrEnum):
    """What became of a promise."""

    OPEN = "open"
    KEPT = "kept"
    PARTLY = "partly"
    BROKEN = "broken"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Judged:
    """A promise and what became of it as of a day.

    Parameters
    ----------
    received : what came in for it, minor units of its currency.
    last_on : the last day on which a receipt counts.
    """

    promise: Promise
    standing: Standing
    received: int
    last_on: date


class Receipt(NamedTuple):
    """What a customer paid: on which day (days since 1970-01-01), in which currency, minor units."""

    day: int
    currency: str
    amount: int


def list_receipts(book: Book, *, as_of: date) -> pd.DataFrame:
    """List what customers paid, as it was known before a day.

    Returns
    -------
    DataFrame
        One row per receipt, and per settlement of an invoice whose receipt is not in the ledger: customer_id, currency,
        paid_on, amount (int64 minor units).
    """
    as_of_day = day_of(as_of)
    payments = visible(book["payments"], as_of_day=as_of_day)
    invoices = visible(book["invoices"], as_of_day=as_of_day)
    invoices = invoices.loc[(invoices["kind"] != "credit_note").to_numpy()].reset_index(drop=True)
    moves = visible(list_applied(book), as_of_day=as_of_day)
    place = match(moves["invoice_id"], invoices["invoice_id"])
    is_own = (moves["cause"] == PAID).to_numpy() & (match(moves["source_id"], payments["payment_id"]) < 0)
    moves, place = moves.loc[is_own & (place >= 0)], place[is_own & (place >= 0)]
    owner = invoices[["customer_id", "currency"]].iloc[place].reset_index(drop=True)
    settled = owner.assign(paid_on=to_dates(moves["paid_day"].to_numpy()), amount=moves["amount"].to_numpy())
    return concat([payments[_RECEIPT], settled[_RECEIPT]])


class Receipts:
    """What customers paid, found by customer.

    Parameters
    ----------
    listed : as ``list_receipts`` lists them.
    """

    def __init__(self, listed: pd.DataFrame) -> None:
        codes, names = pd.factorize(listed["customer_id"])
        days = to_days(listed["paid_on"])
        order = np.lexsort((days, codes))
        self._place = {name: place for place, name in enumerate(names.tolist())}
        self._codes, self._days = codes[order], days[order]
        self._currencies, self._amounts = listed["currency"].take(order), listed["amount"].to_numpy()[order]

    def of(self, customer_id: str) -> list[Receipt]:
        """List what a customer paid, by day."""
        place = self._place.get(customer_id, -1)
        first, last = np.searchsorted(self._codes, [place, place + 1])
        columns = (part[first:last].tolist() for part in (self._days, self._currencies, self._amounts))
        return [Receipt(*row) for row in zip(*columns, strict=True)]


def judge_promises(
    promises: Sequence[Promise], receipts: Sequence[Receipt], *, as_of: date, policy: ContactPolicy
) -> list[Judged]:
    """Judge the promises of one customer as of a day.

    What came in from the day of a promise to its last day counts, in the promise's currency, each receipt for the
    promise that is due first. A promise of which no more is missing than the policy lets go is kept.

    Parameters
    ----------
    promises : of one customer.
    receipts : of this customer, as they were known before the same day, by day.
    as_of : what was known before the start of this day counts.

    Returns
    -------
    list of Judged
        In the order of ``promises``.
    """
    left = list(receipts)
    found: dict[str, Judged] = {}
    for promise in sorted(promises, key=lambda one: (one.due_on, one.promise_id)):
        last_on = promise.due_on + timedelta(days=policy.promise_grace_days)
        received = 0
        if promise.cancelled_on is None:
            received, left = _take_for(promise, last_on, left)
        standing = _judge(promise, received, is_over=last_on < as_of, policy=policy)
        found[promise.promise_id] = Judged(promise, standing, received, last_on)
    return [found[promise.promise_id] for promise in promises]


def _take_for(promise: Promise, last_on: date, receipts: Sequence[Receipt]) -> tuple[int, list[Receipt]]:
    """Take from the receipts what counts for a promise; give what was taken, and what is left of them."""
    received, left, first, last = 0, [], day_of(promise.made_on), day_of(last_on)
    for receipt in receipts:
        counts = receipt.currency == promise.currency and first <= receipt.day <= last
        taken = min(receipt.amount, promise.amount - received) if counts else 0
        received += taken
        if receipt.amount > taken:
            left.append(receipt._replace(amount=receipt.amount - taken))
    return received, left


def _judge(promise: Promise, received: int, *, is_over: bool, policy: ContactPolicy) -> Standing:
    if promise.cancelled_on is not None:
        return Standing.CANCELLED
    if promise.amount - received <= policy.promise_short_share * promise.amount:
        return Standing.KEPT
    if not is_over:
        return Standing.OPEN
    return Standing.PARTLY if received else Standing.BROKEN
