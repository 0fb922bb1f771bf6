"""What is open on a day: invoices, credit notes, receipts not yet applied, and each customer's exposure."""

from datetime import date

import numpy as np
import pandas as pd

from arrisk.frames import Days, concat, day_of, match, sum_matched, to_days, visible
from arrisk.ledger.movements import list_movements
from arrisk.schema import Book

_ITEM = ["invoice_id", "customer_id", "entity_id", "kind", "currency", "issued_on", "due_on"]
_CUSTOMER = ["customer_id", "currency"]
_SUMMED = ("open_amount", "overdue_amount", "unapplied_amount", "order_amount")
_CLOCKS = ["known_day", "superseded_day"]


def list_open_items(book: Book, *, as_of: date, age_on: date | None = None) -> pd.DataFrame:
    """List what is open as of a day.

    Parameters
    ----------
    book : a checked book.
    as_of : only what was known before the start of this day counts.
    age_on : the day on which ages are taken; None = ``as_of``. A period end E is ``as_of`` E + 1 and
        ``age_on`` E.

    Returns
    -------
    DataFrame
        One row per open invoice or credit note: invoice_id, customer_id, entity_id, kind, currency,
        issued_on, due_on, amount and open_amount (int64 minor units, negative for credit notes),
        days_past_due (calendar days, negative = not yet due), disputed_amount (int64 minor units, at most
        the open amount).
    """
    as_of_day = day_of(as_of)
    invoices = visible(book["invoices"][[*_ITEM, "amount", *_CLOCKS]], as_of_day=as_of_day)
    moves = visible(list_movements(book)[["invoice_id", "amount", *_CLOCKS]], as_of_day=as_of_day)
    reduced = sum_matched(moves["invoice_id"], moves["amount"], invoices["invoice_id"])
    sign = np.where(invoices["kind"] == "credit_note", -1, 1)
    items = invoices[_ITEM].assign(
        amount=sign * invoices["amount"].to_numpy(),
        open_amount=sign * (invoices["amount"].to_numpy() - reduced),
        days_past_due=day_of(age_on or as_of) - to_days(invoices["due_on"]),
    )
    items = items.loc[items["open_amount"] != 0].reset_index(drop=True)
    return items.assign(disputed_amount=_disputed(book, items, as_of_day))


def _disputed(book: Book, items: pd.DataFrame, as_of_day: int) -> Days:
    disputes = visible(book["disputes"], as_of_day=as_of_day)
    disputes = disputes.loc[to_days(disputes["resolved_on"]) >= as_of_day]
    position = match(disputes["invoice_id"], items["invoice_id"])
    disputes, position = disputes.loc[position >= 0], position[position >= 0]
    whole = items["open_amount"].to_numpy()
    stated = disputes["amount"].fillna(2**62).to_numpy(dtype="int64")
    disputed = np.zeros(len(items), dtype="int64")
    np.add.at(disputed, position, np.clip(stated, 0, np.maximum(whole[position], 0)))
    return np.asarray(np.minimum(disputed, np.maximum(whole, 0)))


def list_unapplied(book: Book, *, as_of: date) -> pd.DataFrame:
    """List receipts, or parts of them, that are not applied to any invoice as of a day.

    Returns
    -------
    DataFrame
        One row per receipt with something left: payment_id, customer_id, entity_id, currency, paid_on,
        unapplied_amount (int64 minor units; negative where more was applied than received).
    """
    as_of_day = day_of(as_of)
    columns = ["payment_id", "customer_id", "entity_id", "currency", "paid_on"]
    payments = visible(book["payments"][[*columns, "amount", *_CLOCKS]], as_of_day=as_of_day)
    allocations = visible(book["allocations"][["payment_id", "amount", *_CLOCKS]], as_of_day=as_of_day)
    applied = sum_matched(allocations["payment_id"], allocations["amount"], payments["payment_id"])
    listed = payments[columns].assign(unapplied_amount=payments["amount"] - applied)
    return listed.loc[listed["unapplied_amount"] != 0].reset_index(drop=True)


def list_open_orders(book: Book, *, as_of: date) -> pd.DataFrame:
    """List orders accepted and not invoiced as of a day.

    Returns
    -------
    DataFrame
        One row per open order: order_id, customer_id, currency, ordered_on, amount (int64 minor units).
    """
    as_of_day = day_of(as_of)
    orders = visible(book["orders"], as_of_day=as_of_day)
    still_open = to_days(orders["invoiced_on"]) >= as_of_day
    columns = ["order_id", "customer_id", "currency", "ordered_on", "amount"]
    return orders.loc[still_open, columns].reset_index(drop=True)


def sum_exposure(book: Book, *, as_of: date) -> pd.DataFrame:
    """Sum what each customer could cost us as of a day.

    Returns
    -------
    DataFrame
        One row per customer and currency: customer_id, currency, open_amount (invoices less credit notes),
        overdue_amount (invoices past due), unapplied_amount, order_amount, and exposure_amount = open -
        unapplied + orders. All int64 minor units.
    """
    items, receipts = list_open_items(book, as_of=as_of), list_unapplied(book, as_of=as_of)
    return sum_listed(items, receipts, list_open_orders(book, as_of=as_of))


def sum_listed(items: pd.DataFrame, receipts: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Sum as ``sum_exposure`` does what was listed before: open items, unapplied receipts, open orders of one day."""
    open_amount = items["open_amount"]
    is_overdue = ((items["days_past_due"] > 0) & (items["kind"] == "invoice")).to_numpy(dtype=bool)
    rows = concat(
        [
            _state(items, open_amount=open_amount, overdue_amount=open_amount.where(is_overdue, 0)),
            _state(receipts, unapplied_amount=receipts["unapplied_amount"]),
            _state(orders, order_amount=orders["amount"]),
        ]
    )
    table = rows.groupby(_CUSTOMER, as_index=False).sum()
    exposure = table["open_amount"] - table["unapplied_amount"] + table["order_amount"]
    return table.assign(exposure_amount=exposure)


def _state(listed: pd.DataFrame, **amounts: pd.Series) -> pd.DataFrame:
    """Give some amounts of whose rows are listed, and zeros for the others, so that whole numbers stay whole."""
    return listed[_CUSTOMER].assign(**{name: amounts.get(name, 0) for name in _SUMMED})
