"""What came in: cash by invoice and day as the ledger tells it, for the past of a forecast and for its backtest."""

from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import pandas as pd

from arrisk.forecast.receipts import NOTHING_WAITS, Horizon, OpenAmounts, Waiting
from arrisk.forecast.sales import SalesHistory, tabulate_sales
from arrisk.frames import NEVER, Mask, date_of, day_of, is_visible, match, to_days, visible
from arrisk.ledger.conversion import to_book_currency
from arrisk.ledger.postings import list_applied
from arrisk.modeling.rows import Floats
from arrisk.schema import Book

_BOOKED_SHARE = 0.99
_PART = ["invoice_id", "source_id", "applied_day"]


@dataclass(frozen=True)
class Ledger:
    """A book and the cash in it, looked at from several days.

    Parameters
    ----------
    book : a checked book.
    cash : every version of a receipt applied to an invoice: invoice_id, amount (int64 minor units), paid_day,
        known_day, superseded_day, first_day (the first day on which it was known in any version), receipt_day (the
        first day on which its receipt was known, applied or not).
    """

    book: Book
    cash: pd.DataFrame

    @classmethod
    def of(cls, book: Book) -> Self:
        """List the cash of a book; discounts and small balances settle invoices, but are none."""
        applied = list_applied(book)
        cash = applied.loc[applied["cause"] == "paid"].reset_index(drop=True)
        first = cash.groupby(_PART)["known_day"].transform("min").to_numpy()
        receipts = book["payments"].groupby("payment_id")["known_day"].min()
        known = cash["source_id"].map(receipts).fillna(NEVER).to_numpy(dtype="int64")
        return cls(book, cash.assign(first_day=first, receipt_day=np.minimum(known, first)))

    def look_at_sales(self, *, as_of: date, weeks: int) -> SalesHistory:
        """Give past weeks of invoicing and the cash they brought in, by what was known before a day."""
        day = day_of(as_of)
        invoices = visible(self.book["invoices"], as_of_day=day)
        invoices = invoices.loc[invoices["kind"] == "invoice"].reset_index(drop=True)
        cash = visible(self.cash, as_of_day=day)
        place = match(cash["invoice_id"], invoices["invoice_id"])
        cash, place = cash.loc[place >= 0], place[place >= 0]
        issued = to_days(invoices["issued_on"])
        priced = self._price(cash.assign(currency=invoices["currency"].to_numpy()[place]), as_of)
        return tabulate_sales(
            issued_day=issued,
            amount=self._price(invoices, as_of)["amount"].to_numpy(dtype="float64"),
            paid_day=cash["paid_day"].to_numpy(),
            paid_issued_day=issued[place],
            paid_amount=priced["amount"].to_numpy(dtype="float64"),
            as_of_day=day,
            weeks=weeks,
        )

    def sum_received(self, open_book: OpenAmounts, *, known_before: date) -> tuple[Floats, Floats]:
        """Add up what came in during the weeks of an open book.

        Parameters
        ----------
        open_book : the invoices that were open as of the first day; amounts are converted at the rates known then.
        known_before : what was known before the start of this day counts.

        Returns
        -------
        (array, array), each of shape (weeks,)
            Receipts of the open book, and of invoices that were not known on its first day; minor units.
        """
        horizon = open_book.horizon
        priced = self._list_new(horizon, day_of(known_before))
        known = visible(self.book["invoices"], as_of_day=horizon.as_of_day)["invoice_id"]
        was_open = match(priced["invoice_id"], open_book.items["invoice_id"]) >= 0
        is_later = match(priced["invoice_id"], known) < 0
        return _add_up(priced, was_open, horizon), _add_up(priced, is_later, horizon)

    def sum_weeks(self, horizon: Horizon, *, known_before: date) -> Floats:
        """Add up all that came in during some weeks and was not known on their first day.

        Parameters
        ----------
        known_before : what was known before the start of this day counts.

        Returns
        -------
        array of shape (weeks,)
            In minor units of the book currency, at the rates known on the first day.
        """
        priced = self._list_new(horizon, day_of(known_before))
        return _add_up(priced, np.ones(len(priced), dtype=bool), horizon)

    def find_waiting(self, *, known_before: date) -> Waiting:
        """Find which part of what becomes known to be paid by the end of a week was paid before it.

        Receipts come in evenly, are booked b days later on average, and applied a days after that: at any time those of
        a days are at hand and not applied, and those of b days not booked, beside the week's seven.
        """
        cash = self.cash.loc[self.cash["first_day"] < day_of(known_before)]
        amount = cash["amount"].to_numpy(dtype="float64")
        if amount.sum() <= 0:
            return NOTHING_WAITS
        paid, received, applied = (cash[name].to_numpy() for name in ("paid_day", "receipt_day", "first_day"))
        waits = (np.maximum(received - paid, 0), np.maximum(applied - np.maximum(received, paid), 0))
        unbooked_days, at_hand_days = (float(days @ amount / amount.sum()) for days in waits)
        to_come = 7.0 + unbooked_days
        return Waiting(at_hand_days / (to_come + at_hand_days), unbooked_days / to_come)

    def find_complete(self, horizon: Horizon, *, known_before: date) -> Mask:
        """Mark the weeks whose receipts are booked before a day, shape (weeks,)."""
        seen = day_of(known_before)
        cash = self.cash.loc[self.cash["first_day"] < seen]
        lag = (cash["first_day"] - cash["paid_day"]).clip(lower=0)
        booking_days = int(np.ceil(lag.quantile(_BOOKED_SHARE))) if len(lag) else 0
        return np.asarray(horizon.last_days + booking_days < seen)

    def _list_new(self, horizon: Horizon, seen_day: int) -> pd.DataFrame:
        """List the cash that came in during some weeks and was not known on their first day, priced."""
        day = horizon.as_of_day
        new = self.cash.loc[is_visible(self.cash, as_of_day=seen_day) & (self.cash["first_day"] >= day)]
        invoices = visible(self.book["invoices"], as_of_day=seen_day)
        place = match(new["invoice_id"], invoices["invoice_id"])
        new = new.loc[place >= 0].assign(currency=invoices["currency"].to_numpy()[place[place >= 0]])
        new = new.loc[(new["paid_day"] >= day) & (new["paid_day"] <= horizon.last_days[-1])]
        return self._price(new, date_of(day))

    def _price(self, frame: pd.DataFrame, as_of: date) -> pd.DataFrame:
        return to_book_currency(frame, self.book, amounts=["amount"], as_of=as_of)


def _add_up(cash: pd.DataFrame, chosen: Mask, horizon: Horizon) -> Floats:
    return horizon.add_up(cash["paid_day"].to_numpy()[chosen], cash["amount"].to_numpy()[chosen])
