"""Whether promises to pay are kept, read off the ledger as of a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import pandas as pd

from arrisk.contacts.accounts import Promise
from arrisk.frames import concat, date_of, day_of, match, to_dates, to_days, visible
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


def judge_promises(
    promises: Iterable[Promise], receipts: pd.DataFrame, *, as_of: date, policy: ContactPolicy
) -> list[Judged]:
    """Judge the promises of one customer as of a day.

    What came in from the day of a promise to its last day counts, in the promise's currency, each receipt for the
    promise that is due first. A promise of which no more is missing than the policy lets go is kept.

    Parameters
    ----------
    promises : of one customer.
    receipts : of this customer, as ``list_receipts`` gives them for the same day.
    as_of : what was known before the start of this day counts.

    Returns
    -------
    list of Judged
        In the order of ``promises``.
    """
    promises = list(promises)
    left = list(zip(to_days(receipts["paid_on"]), receipts["currency"], map(int, receipts["amount"]), strict=True))
    left.sort(key=lambda receipt: int(receipt[0]))
    found: dict[str, Judged] = {}
    for promise in sorted(promises, key=lambda one: (one.due_on, one.promise_id)):
        last_on = promise.due_on + timedelta(days=policy.promise_grace_days)
        received = 0
        if promise.cancelled_on is None:
            received, left = _take_for(promise, last_on, left)
        standing = _judge(promise, received, is_over=last_on < as_of, policy=policy)
        found[promise.promise_id] = Judged(promise, standing, received, last_on)
    return [found[promise.promise_id] for promise in promises]


_Receipt = tuple[int, str, int]


def _take_for(promise: Promise, last_on: date, receipts: list[_Receipt]) -> tuple[int, list[_Receipt]]:
    """Take from the receipts what counts for a promise; give what was taken, and what is left of them."""
    received, left = 0, []
    for day, currency, amount in receipts:
        counts = currency == promise.currency and promise.made_on <= date_of(int(day)) <= last_on
        taken = min(amount, promise.amount - received) if counts else 0
        received += taken
        if amount > taken:
            left.append((day, currency, amount - taken))
    return received, left


def _judge(promise: Promise, received: int, *, is_over: bool, policy: ContactPolicy) -> Standing:
    if promise.cancelled_on is not None:
        return Standing.CANCELLED
    if promise.amount - received <= policy.promise_short_share * promise.amount:
        return Standing.KEPT
    if not is_over:
        return Standing.OPEN
    return Standing.PARTLY if received else Standing.BROKEN
