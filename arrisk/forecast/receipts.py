"""Receipts of the open book by week: what is expected, and how the open amounts add up to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from arrisk.frames import day_of, to_days
from arrisk.ledger import list_unapplied
from arrisk.ledger.conversion import to_book_currency
from arrisk.modeling.curves import Curves
from arrisk.modeling.rows import Floats, Ints
from arrisk.schema import Book

CurvesOf = Callable[[date], tuple[pd.DataFrame, Curves]]
"""Gives the open invoices as of a day, as ``list_open_items`` does, and their curves, row by row."""


@dataclass(frozen=True)
class Horizon:
    """The weeks of a forecast, the first beginning on the day of the question.

    Parameters
    ----------
    as_of_day : the first day of the first week, days since 1970-01-01.
    weeks : how many weeks.
    """

    as_of_day: int
    weeks: int

    @property
    def last_days(self) -> Ints:
        """The last day of each week, shape (weeks,)."""
        return self.as_of_day + 7 * np.arange(1, self.weeks + 1, dtype="int64") - 1

    def add_up(self, days: Ints, amounts: Floats | Ints) -> Floats:
        """Add up amounts by the week that their day lies in, shape (weeks,); days outside are left out.

        Examples
        --------
        >>> Horizon(100, 2).add_up(np.array([99, 100, 106, 107, 114]), np.ones(5)).tolist()
        [2.0, 1.0]
        """
        week = (days - self.as_of_day) // 7
        inside = (week >= 0) & (week < self.weeks)
        added = np.zeros(self.weeks)
        np.add.at(added, week[inside], amounts[inside])
        return added


class Waiting(NamedTuple):
    """What was paid before the first week, of what the ledger will learn to be paid by that week's end; shares, 0 to 1.

    Parameters
    ----------
    at_hand : by receipts that the ledger holds already, but has not applied.
    unbooked : of the rest, by receipts that it does not hold yet.
    """

    at_hand: float = 0.0
    unbooked: float = 0.0


NOTHING_WAITS = Waiting()


@dataclass(frozen=True)
class OpenAmounts:
    """The invoices that are open as of a day, and when each is likely to be paid.

    Parameters
    ----------
    items : one row per invoice, ordered by customer and invoice: invoice_id, customer_id, due_day, open_amount (minor
        units of the book currency, without what receipts at hand will settle), set_off_amount (those receipts).
    curves : row by row.
    horizon : the weeks asked for.
    waiting : what of it is in already.
    """

    items: pd.DataFrame
    curves: Curves
    horizon: Horizon
    waiting: Waiting = NOTHING_WAITS

    @property
    def amounts(self) -> Floats:
        """Open amounts in minor units of the book currency, shape (n,)."""
        return self.items["open_amount"].to_numpy(dtype="float64")

    @property
    def due_days(self) -> Ints:
        """Due days, shape (n,)."""
        return self.items["due_day"].to_numpy(dtype="int64")

    @property
    def customers(self) -> Ints:
        """The number of each invoice's customer, 0, 1, ..., shape (n,)."""
        return np.asarray(pd.factorize(self.items["customer_id"])[0], dtype="int64")

    @cached_property
    def weekly(self) -> Floats:
        """P(paid by the end of each week | open as of the day, and no receipt at hand), shape (n, weeks)."""
        due = self.due_days
        return self._wait(np.column_stack([self.curves.read_paid(day - due) for day in self.horizon.last_days]))

    def _wait(self, paid: Floats) -> Floats:
        """Give P(paid), by day, of an invoice that no receipt at hand pays, shape (n, days).

        The curves know of an invoice that it is open in the ledger. Some of those only wait for a receipt at hand to be
        applied; these were set off.
        """
        soon = self.curves.read_paid(self.horizon.last_days[0] - self.due_days)
        at_hand = (self.waiting.at_hand * soon)[:, None]
        return (paid - at_hand) / (1.0 - at_hand)

    def split_expected(self) -> "Expected":
        """Split the open amount into what is expected before, in each week, later, and never."""
        amounts, weekly = self.amounts, self.weekly
        by_week = amounts @ weekly
        unbooked = self.waiting.unbooked * by_week[0]
        ever = amounts @ np.maximum(
            self._wait(self.curves.read_paid(self.curves.grid.end_day)[:, None])[:, 0], weekly[:, -1]
        )
        return Expected(
            weeks=np.diff(by_week, prepend=unbooked),
            unbooked=float(unbooked),
            later=float(ever - by_week[-1]),
            never=float(amounts.sum() - ever),
        )


class Expected(NamedTuple):
    """When the open amount is expected to come in; together the parts are the open amount, minor units.

    Parameters
    ----------
    weeks : in each week, shape (weeks,).
    unbooked : before the first week, by receipts that are not booked yet.
    later, never : after the last week, and not at all.
    """

    weeks: Floats
    unbooked: float
    later: float
    never: float


def look_at_open(
    book: Book, curves_of: CurvesOf, *, as_of: date, weeks: int, waiting: Waiting = NOTHING_WAITS
) -> OpenAmounts:
    """Bring the open invoices as of a day into the shape of a forecast.

    Receipts at hand that are not applied yet are set off against those of their customer's invoices that are likeliest
    to be paid in the first week: that money has come in already, and will not come in again.

    Parameters
    ----------
    book : a checked book.
    curves_of : gives the open invoices and their curves.
    as_of : only what was known before the start of this day counts.
    weeks : how many.
    waiting : as ``OpenAmounts`` takes it.

    Raises
    ------
    CurrencyError
        When an open invoice is in a currency without a rate.
    """
    items, curves = curves_of(as_of)
    kept = items[["invoice_id", "customer_id", "currency", "open_amount"]].assign(due_day=to_days(items["due_on"]))
    soon = curves.read_paid(day_of(as_of) + 6 - to_days(items["due_on"]))
    kept = set_off_receipts(kept.reset_index(drop=True), list_unapplied(book, as_of=as_of), likely=soon)
    kept = to_book_currency(kept, book, amounts=("open_amount", "set_off_amount"), as_of=as_of)
    ordered = kept.sort_values(["customer_id", "invoice_id"], kind="stable")
    # The order of the rows decides which random numbers an invoice gets, so it must not depend on the caller.
    order = ordered.index.to_numpy()
    horizon = Horizon(day_of(as_of), weeks)
    return OpenAmounts(ordered.reset_index(drop=True), curves.take(order), horizon, waiting)


def set_off_receipts(items: pd.DataFrame, unapplied: pd.DataFrame, *, likely: Floats) -> pd.DataFrame:
    """Take receipts that are not applied yet from their customer's open invoices of the currency.

    Parameters
    ----------
    items : one row per open invoice: invoice_id, customer_id, currency, open_amount (int64 minor units).
    unapplied : as given by ``list_unapplied``.
    likely : how likely each is to be what was paid, shape (n,); the likeliest is taken first.

    Returns
    -------
    DataFrame
        The same rows with ``open_amount`` lowered by ``set_off_amount``.

    Examples
    --------
    >>> rows = pd.DataFrame({"invoice_id": ["1", "2"], "customer_id": "A", "currency": "EUR", "open_amount": 100})
    >>> receipts = pd.DataFrame({"customer_id": ["A"], "currency": ["EUR"], "unapplied_amount": [130]})
    >>> set_off_receipts(rows, receipts, likely=np.array([0.1, 0.9]))["open_amount"].tolist()
    [70, 0]
    """
    key = ["customer_id", "currency"]
    at_hand = unapplied.groupby(key)["unapplied_amount"].sum()
    wanted = pd.MultiIndex.from_frame(items[key])
    available = np.maximum(at_hand.reindex(wanted).fillna(0).to_numpy(dtype="int64"), 0)
    order = items.assign(unlikely=-likely).sort_values([*key, "unlikely", "invoice_id"], kind="stable").index
    reached = items.loc[order].groupby(key)["open_amount"].cumsum().reindex(items.index).to_numpy()
    whole = items["open_amount"].to_numpy()
    taken = np.clip(available - (reached - whole), 0, whole)
    return items.assign(open_amount=whole - taken, set_off_amount=taken)
