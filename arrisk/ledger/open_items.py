"""What is open on a day: invoices, credit notes, receipts not yet applied, and each customer's exposure."""

from datetime import date

import numpy as np
import pandas as pd

from arrisk.frames import Days, day_of, match, sum_matched, to_days, visible
from arrisk.ledger.movements import list_movements
from arrisk.schema import Book

_ITEM = ["invoice_id", "customer_id", "entity_id", "kind", "currency", "issued_on", "due_on"]
_CUSTOMER = ["customer_id", "currency"]


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
    invoices = visible(book["invoices"], as_of_day=as_of_day)
    moves = visible(list_movements(book), as_of_day=as_of_day)
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
    payments = visible(book["payments"], as_of_day=as_of_day)
    allocations = visible(book["allocations"], as_of_day=as_of_day)
    applied = sum_matched(allocations["payment_id"], allocations["amount"], payments["payment_id"])
    columns = ["payment_id", "customer_id", "entity_id", "currency", "paid_on"]
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
    overdue = items.loc[(items["days_past_due"] > 0) & (items["kind"] == "invoice")]
    sums = {
        "open_amount": _sum_by_customer(items, "open_amount"),
        "overdue_amount": _sum_by_customer(overdue, "open_amount"),
        "unapplied_amount": _sum_by_customer(receipts, "unapplied_amount"),
        "order_amount": _sum_by_customer(orders, "amount"),
    }
    # Aligning the sums themselves would pass through floats, which lose the cents of very large amounts.
    keys = (
        pd.concat([part.index.to_frame(index=False) for part in sums.values()]).drop_duplicates().sort_values(_CUSTOMER)
    )
    index = pd.MultiIndex.from_frame(keys)
    table = pd.DataFrame({name: part.reindex(index, fill_value=0) for name, part in sums.items()}).reset_index()
    exposure = table["open_amount"] - table["unapplied_amount"] + table["order_amount"]
    return table.assign(exposure_amount=exposure)


def _sum_by_customer(frame: pd.DataFrame, amount: str) -> pd.Series:
    return frame.groupby(_CUSTOMER)[amount].sum()
