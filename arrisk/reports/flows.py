"""What happened within a window: sales, receipts, write-offs, payments by age, in the book currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from arrisk.frames import NEVER, Days, Mask, date_of, day_of, match, to_days, visible
from arrisk.ledger import list_open_items, list_outcomes
from arrisk.ledger.conversion import to_book_currency
from arrisk.ledger.movements import PAID, WRITTEN_OFF
from arrisk.ledger.postings import list_applied, list_written_off
from arrisk.policy import EndPolicy
from arrisk.reports.formulas import Figure, undefined
from arrisk.schema import Book


@dataclass(frozen=True)
class Flows:
    """The flows of one window; amounts are int64 minor units of the book currency.

    Parameters
    ----------
    beginning : receivables as they were known before the window.
    sales : invoices less credit notes issued in the window.
    monthly_sales, monthly_days : sales and days of each calendar month up to the window's last day, newest
        first, as far back as there are invoices.
    receipts : money that came in during the window, applied or not.
    bad_debt : written off less recovered in the window; undefined where no write-off was ever known.
    payments : one row per payment of an invoice in the window: amount, days_to_pay, days_late.
    spells : one row per invoice open in the window: entered, left (ages in days), is_paid.
    first_issued_on : the day of the first invoice on record.
    """

    beginning: int
    sales: int
    monthly_sales: Sequence[int]
    monthly_days: Sequence[int]
    receipts: int
    bad_debt: Figure
    payments: pd.DataFrame
    spells: pd.DataFrame
    first_issued_on: date | None


@dataclass(frozen=True)
class _Window:
    """The book seen through one window."""

    book: Book
    as_of: date
    on: date
    start_day: int

    @property
    def end_day(self) -> int:
        """The day after the window's last day."""
        return day_of(self.as_of)

    def see(self, frame: pd.DataFrame) -> pd.DataFrame:
        return visible(frame, as_of_day=self.end_day)

    def holds(self, days: Days) -> Mask:
        return (days >= self.start_day) & (days < self.end_day)

    def convert(self, frame: pd.DataFrame) -> pd.DataFrame:
        return to_book_currency(frame, self.book, amounts=("amount",), as_of=self.as_of, on=self.on)

    def total(self, frame: pd.DataFrame) -> int:
        return int(self.convert(frame)["amount"].sum())


def list_flows(book: Book, *, as_of: date, on: date, from_on: date, end: EndPolicy) -> Flows:
    """Gather the flows of a window.

    Parameters
    ----------
    book : a checked book.
    as_of : only what was known before the start of this day counts; the window ends on the day before.
    on : the day of the rates.
    from_on : the first day of the window.
    end : when an invoice counts as settled.
    """
    window = _Window(book, as_of, on, day_of(from_on))
    invoices = window.see(book["invoices"])
    signed = invoices[["currency"]].assign(
        amount=_sign(invoices) * invoices["amount"], day=to_days(invoices["issued_on"])
    )
    signed = window.convert(signed)
    in_window = window.holds(signed["day"].to_numpy())
    monthly_sales, monthly_days = _sum_by_month(signed, window.end_day - 1)
    applied = _of_known_invoices(window.see(list_applied(book)), invoices)
    before = list_open_items(book, as_of=from_on)[["currency", "open_amount"]].rename(columns={"open_amount": "amount"})
    return Flows(
        beginning=window.total(before),
        sales=int(signed["amount"].to_numpy()[in_window].sum()),
        monthly_sales=monthly_sales,
        monthly_days=monthly_days,
        receipts=_sum_receipts(window, applied),
        bad_debt=_sum_bad_debt(window, invoices),
        payments=_list_payments(window, applied),
        spells=_list_spells(window, end),
        first_issued_on=date_of(int(signed["day"].min())) if len(signed) else None,
    )


def _sign(invoices: pd.DataFrame) -> Days:
    return np.where(invoices["kind"] == "credit_note", -1, 1)


def _of_known_invoices(movements: pd.DataFrame, invoices: pd.DataFrame) -> pd.DataFrame:
    """Add its invoice's facts to each movement; a movement of an unknown invoice moves nothing."""
    position = match(movements["invoice_id"], invoices["invoice_id"])
    movements, position = movements.loc[position >= 0].reset_index(drop=True), position[position >= 0]
    facts = invoices.iloc[position].reset_index(drop=True)
    return movements.assign(
        currency=facts["currency"],
        is_invoice=facts["kind"] != "credit_note",
        issued_day=to_days(facts["issued_on"]),
        due_day=to_days(facts["due_on"]),
    )


def _sum_by_month(signed: pd.DataFrame, last_day: int) -> tuple[list[int], list[int]]:
    months = signed["day"].to_numpy().astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    newest = np.datetime64(last_day, "D").astype("datetime64[M]")
    count = int(newest.astype("int64") - months.min()) + 1 if len(months) else 0
    totals = np.zeros(count, dtype="int64")
    np.add.at(totals, newest.astype("int64") - months, signed["amount"].to_numpy())
    starts = (newest - np.arange(count)).astype("datetime64[D]").astype("int64")
    ends = np.concatenate([[last_day + 1], starts[:-1]])[:count]
    return totals.tolist(), (ends - starts).tolist()


def _sum_receipts(window: _Window, applied: pd.DataFrame) -> int:
    payments = window.see(window.book["payments"])
    received = payments.loc[window.holds(to_days(payments["paid_on"])), ["currency", "amount"]]
    # Cash known only by its effect: settled_on, or an allocation whose receipt is not on record.
    is_cash = (applied["cause"] == PAID) & (match(applied["source_id"], payments["payment_id"]) < 0)
    alone = applied.loc[is_cash & window.holds(applied["paid_day"].to_numpy())]
    sign = np.where(alone["is_invoice"], 1, -1)
    return window.total(received) + window.total(alone[["currency"]].assign(amount=sign * alone["amount"]))


def _sum_bad_debt(window: _Window, invoices: pd.DataFrame) -> Figure:
    movements = _of_known_invoices(window.see(list_written_off(window.book)), invoices)
    if not len(movements):
        return undefined("no write-off was ever recorded")
    is_lost = (movements["cause"] == WRITTEN_OFF) & window.holds(movements["applied_day"].to_numpy())
    lost = movements.loc[is_lost]
    sign = np.where(lost["is_invoice"], 1, -1)
    recoveries = window.see(window.book["recoveries"])
    recoveries = _of_known_invoices(recoveries.loc[window.holds(to_days(recoveries["recovered_on"]))], invoices)
    net = window.total(lost[["currency"]].assign(amount=sign * lost["amount"])) - window.total(recoveries)
    return Figure(float(net))


def _list_payments(window: _Window, applied: pd.DataFrame) -> pd.DataFrame:
    paid = applied.loc[(applied["cause"] == PAID) & applied["is_invoice"]]
    day = np.maximum(paid["paid_day"].to_numpy(), paid["issued_day"].to_numpy())
    paid = paid.assign(days_to_pay=day - paid["issued_day"], days_late=day - paid["due_day"])
    inside = window.convert(paid.loc[window.holds(day)])
    return inside[["amount", "days_to_pay", "days_late"]].reset_index(drop=True)


def _list_spells(window: _Window, end: EndPolicy) -> pd.DataFrame:
    """List how long each invoice stood open by the window's first and last day.

    An invoice issued before the window enters at the age that it has then, so that the median speaks of this
    window.
    """
    outcomes = list_outcomes(window.book, as_of=window.as_of, end=end)
    was_open = (outcomes["kind"] == "invoice") & (outcomes["ended_day"] >= window.start_day)
    outcomes = outcomes.loc[was_open]
    issued = outcomes["issued_day"].to_numpy()
    ended = outcomes["ended_day"].to_numpy()
    last = np.where(ended < NEVER, ended, window.end_day - 1)
    return pd.DataFrame(
        {
            "entered": np.maximum(window.start_day - issued, 0),
            "left": last - issued,
            "is_paid": (outcomes["cause"] == PAID).to_numpy(),
        }
    )
