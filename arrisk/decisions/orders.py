"""Open orders and who gave them: exposure with each, what is overdue, the limit, and what may not be blocked at all."""

from datetime import date

import numpy as np
import pandas as pd

from arrisk import money
from arrisk.features.sizes import find_groups, read_current_limits
from arrisk.frames import NEVER, Days, Mask, day_of, match, sum_matched, take, to_days, visible
from arrisk.ledger.conversion import to_book_currency
from arrisk.ledger.open_items import list_open_items, list_unapplied
from arrisk.schema import Book

SHIPPED, REFUND, PREPAID = "already shipped", "a refund or credit", "paid in advance"
"""Why an order is not checked."""

_WORD = r"[\w-]+"
_ORDER = ["order_id", "customer_id", "currency", "ordered_on", "amount", "is_shipped"]


def list_orders(book: Book, *, as_of: date) -> pd.DataFrame:
    """List the orders that were accepted and not invoiced as of a day.

    Returns
    -------
    DataFrame
        order_id, customer_id, currency, ordered_on, amount (int64 minor units), is_shipped.
    """
    as_of_day = day_of(as_of)
    orders = visible(book["orders"], as_of_day=as_of_day)
    orders = orders.assign(is_shipped=to_days(orders["shipped_on"]) < as_of_day)
    return orders.loc[to_days(orders["invoiced_on"]) >= as_of_day, _ORDER].reset_index(drop=True)


def describe_orders(book: Book, orders: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Describe orders as ``check_orders`` takes them, but for what a model says.

    The exposure of an order is what its customer owes, less credit notes and receipts not applied, with all that was
    shipped and not invoiced, the orders given before it, and itself.

    Parameters
    ----------
    book : a checked book.
    orders : as given by ``list_orders``, all of them, and any that is asked about: an exposure counts those before it.
    as_of : what was known before the start of this day counts.

    Returns
    -------
    DataFrame
        One row per order in the given order: order_id, customer_id, group, ordered_on, amount, exposure_amount,
        open_amount, overdue_days, overdue_amount, overdue_days_all, overdue_amount_all, limit_amount, limit_kind,
        limit_note, exempt; amounts as floats in book currency.

    Raises
    ------
    CurrencyError
        When an amount is in a currency without a rate.
    """
    own = to_book_currency(orders, book, amounts=["amount"], as_of=as_of).reset_index(drop=True)
    items = to_book_currency(
        list_open_items(book, as_of=as_of), book, amounts=["open_amount", "disputed_amount"], as_of=as_of
    )
    receipts = to_book_currency(list_unapplied(book, as_of=as_of), book, amounts=["unapplied_amount"], as_of=as_of)
    owed = _sum_for(own, items, "open_amount")
    exposure = owed - _sum_for(own, receipts, "unapplied_amount") + _add_up_orders(own)
    amounts = {"amount": own["amount"].to_numpy(), "exposure_amount": exposure, "open_amount": owed}
    days, overdue = _measure_overdue(own, items)
    scale = 10.0 ** money.exponent(book.currency)
    in_units = {name: values / scale for name, values in (amounts | overdue).items()}
    described = own[["order_id", "customer_id", "ordered_on"]].assign(**in_units, **days)
    asked = own[["customer_id"]].assign(as_of_day=day_of(as_of))
    limits = read_current_limits(book, asked).set_axis(["limit_amount", "limit_kind"], axis=1)
    return pd.concat([described, limits], axis=1).assign(
        group=find_groups(book["customers"], own["customer_id"], as_of_day=day_of(as_of)),
        limit_note=_note_limits(book, own["customer_id"], as_of_day=day_of(as_of)),
        exempt=_exempt(own, exposure, _is_paid_for(book, own, receipts, as_of_day=day_of(as_of))),
    )


def _sum_for(orders: pd.DataFrame, rows: pd.DataFrame, amount: str) -> Days:
    """Sum the customer's amounts for each order."""
    customers = pd.Series(orders["customer_id"].unique(), dtype="str")
    totals = sum_matched(rows["customer_id"], rows[amount], customers)
    return take(totals, match(orders["customer_id"], customers), missing=0)


def _add_up_orders(orders: pd.DataFrame) -> Days:
    """Add up the orders of a customer until each one: what was shipped first, then in the order of their days."""
    ranked = orders.assign(turn=np.where(orders["is_shipped"], 0, 1))
    ranked = ranked.sort_values(["turn", "ordered_on", "order_id"], kind="stable")
    sums = ranked.groupby("customer_id")["amount"].cumsum().reindex(orders.index)
    return np.asarray(sums.to_numpy(dtype="int64"))


def _measure_overdue(orders: pd.DataFrame, items: pd.DataFrame) -> tuple[dict[str, Days], dict[str, Days]]:
    """Measure the age of the oldest item past due, and the amount past due, without and with what is disputed."""
    due = items.loc[((items["kind"] == "invoice") & (items["days_past_due"] > 0)).to_numpy()]
    undisputed = due.assign(open_amount=due["open_amount"] - due["disputed_amount"])
    undisputed = undisputed.loc[(undisputed["open_amount"] > 0).to_numpy()]
    days, amounts = {}, {}
    for suffix, rows in (("", undisputed), ("_all", due)):
        oldest = rows.groupby("customer_id")["days_past_due"].max()
        days[f"overdue_days{suffix}"] = orders["customer_id"].map(oldest).fillna(0).to_numpy(dtype="int64")
        amounts[f"overdue_amount{suffix}"] = _sum_for(orders, rows, "open_amount")
    return days, amounts


def _note_limits(book: Book, customer_ids: pd.Series, *, as_of_day: int) -> list[str]:
    """Say why a customer has no valid limit, if so: the last one ended, or none was given."""
    limits = visible(book["limits"], as_of_day=as_of_day)
    ended = limits.assign(end=to_days(limits["valid_to_on"])).loc[lambda rows: rows["end"].to_numpy() < NEVER]
    last = ended.groupby("customer_id")["end"].max()
    return [
        "none was given" if np.isnan(end) else f"the last one ended on {np.datetime64(int(end), 'D')}"
        for end in customer_ids.map(last).astype("float64")
    ]


def _is_paid_for(book: Book, orders: pd.DataFrame, receipts: pd.DataFrame, *, as_of_day: int) -> Mask:
    """Mark the orders that receipts not applied name in their reference, and cover."""
    payments = visible(book["payments"], as_of_day=as_of_day)
    named = receipts.assign(
        reference=payments["reference"].reindex(match(receipts["payment_id"], payments["payment_id"])).to_numpy()
    )
    named = named.loc[(named["reference"].notna() & named["customer_id"].isin(orders["customer_id"])).to_numpy()]
    words = named.assign(order_id=named["reference"].str.findall(_WORD)).explode("order_id")
    words = words.drop_duplicates(["payment_id", "order_id"])
    paid = words.groupby(["customer_id", "order_id"])["unapplied_amount"].sum()
    keys = pd.MultiIndex.from_frame(orders[["customer_id", "order_id"]])
    return np.asarray(paid.reindex(keys).fillna(0).to_numpy() >= orders["amount"].to_numpy())


def _exempt(orders: pd.DataFrame, exposure: Days, is_paid_for: Mask) -> pd.Series:
    """Say why an order is not checked.

    Without a receipt that names it, it is paid in advance when nothing would be owed with it: a receipt on account may
    be meant for what is open.
    """
    conditions = [orders["is_shipped"].to_numpy(dtype=bool), (orders["amount"] <= 0).to_numpy()]
    found = np.select([*conditions, is_paid_for | (exposure <= 0)], [SHIPPED, REFUND, PREPAID], "")
    return pd.Series(found, index=orders.index, dtype="str")
