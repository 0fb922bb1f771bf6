"""Ageing: open items by days past due, summed to buckets that tie to the open balance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from arrisk import money
from arrisk.errors import ArriskError
from arrisk.ledger.conversion import to_book_currency
from arrisk.ledger.open_items import list_open_items, list_unapplied
from arrisk.policy import AgeingPolicy
from arrisk.schema import Book


@dataclass(frozen=True)
class Ageing:
    """The ageing of a ledger as of a day; all amounts are int64 minor units of the book currency.

    Parameters
    ----------
    as_of : only what was known before the start of this day counts.
    age_on : the day on which ages and rates were taken.
    currency : the book currency.
    items : one row per open item, as ``list_open_items`` gives it, with its bucket.
    buckets : one row per bucket (bucket, amount, count), in order.
    customers : one row per customer: customer_id, one column per bucket, open_amount, unapplied_amount.
    total : open invoices less open credit notes.
    unapplied : receipts not yet applied, beside the total, in no bucket.
    """

    as_of: date
    age_on: date
    currency: str
    items: pd.DataFrame
    buckets: pd.DataFrame
    customers: pd.DataFrame
    total: int
    unapplied: int

    @property
    def not_due(self) -> int:
        """What is due on the day or later."""
        return int(self.buckets["amount"].to_numpy()[0])


def name_buckets(ageing: AgeingPolicy) -> list[str]:
    """Name the buckets in order.

    Examples
    --------
    >>> name_buckets(AgeingPolicy(past_due_days=(30, 60, 90)))
    ['not_due', '1-30', '31-60', '61-90', '>90']
    """
    return ageing.name_buckets()


def age_open_items(items: pd.DataFrame, *, ageing: AgeingPolicy) -> pd.DataFrame:
    """Put each open item into exactly one bucket, by its days past due.

    Parameters
    ----------
    items : as given by ``list_open_items``; a credit note ages by its own due date.
    ageing : the upper ends of the buckets.

    Returns
    -------
    DataFrame
        The same rows with ``bucket``, an ordered category.

    Examples
    --------
    >>> rows = pd.DataFrame({"days_past_due": [-5, 0, 1, 30, 31, 91]})
    >>> age_open_items(rows, ageing=AgeingPolicy(past_due_days=(30, 60, 90)))["bucket"].tolist()
    ['not_due', 'not_due', '1-30', '1-30', '31-60', '>90']
    """
    codes = np.searchsorted([0, *ageing.past_due_days], items["days_past_due"].to_numpy(), side="left")
    names = pd.Index(name_buckets(ageing))
    return items.assign(bucket=pd.Categorical.from_codes(codes, categories=names, ordered=True))


def sum_buckets(aged: pd.DataFrame) -> pd.DataFrame:
    """Sum aged items of one currency to one row per bucket: bucket, amount (int64 minor units), count."""
    groups = aged.groupby("bucket", observed=False)["open_amount"]
    table = groups.agg(amount="sum", count="size").reset_index()
    return table.astype({"bucket": "str", "amount": "int64", "count": "int64"})


def sum_buckets_by_customer(aged: pd.DataFrame, unapplied: pd.DataFrame) -> pd.DataFrame:
    """Sum aged items of one currency to one row per customer.

    Parameters
    ----------
    aged : as given by ``age_open_items``.
    unapplied : as given by ``list_unapplied``; a customer who has nothing but a receipt is listed too.

    Returns
    -------
    DataFrame
        One row per customer: customer_id, one column per bucket, open_amount, unapplied_amount (int64 minor
        units), in order of the ids.
    """
    owners = pd.concat([aged["customer_id"], unapplied["customer_id"]])
    codes, customers = pd.factorize(owners, sort=True)
    names = list(aged["bucket"].cat.categories)
    sums = np.zeros((len(customers), len(names) + 2), dtype="int64")
    of_items, of_receipts = codes[: len(aged)], codes[len(aged) :]
    np.add.at(sums, (of_items, aged["bucket"].cat.codes.to_numpy()), aged["open_amount"].to_numpy())
    np.add.at(sums, (of_items, len(names)), aged["open_amount"].to_numpy())
    np.add.at(sums, (of_receipts, len(names) + 1), unapplied["unapplied_amount"].to_numpy())
    table = pd.DataFrame(sums, columns=[*names, "open_amount", "unapplied_amount"])
    table.insert(0, "customer_id", pd.Series(customers, dtype="str"))
    return table


def age_ledger(
    book: Book, *, as_of: date, ageing: AgeingPolicy, age_on: date | None = None, entity: str | None = None
) -> Ageing:
    """Age the ledger as of a day, in the book currency.

    Parameters
    ----------
    book : a checked book.
    as_of : only what was known before the start of this day counts.
    ageing : the upper ends of the buckets.
    age_on : the day of ages and rates; None = ``as_of``. A period end E is ``as_of`` E + 1 and ``age_on`` E.
    entity : only what this selling company is owed; None = all.

    Raises
    ------
    CurrencyError
        When something open is in a currency without a rate.
    ArriskError
        When buckets or customers do not sum to the open balance.
    """
    day = age_on or as_of
    items, receipts = list_open_items(book, as_of=as_of, age_on=day), list_unapplied(book, as_of=as_of)
    if entity is not None:
        items, receipts = (_take_entity(frame, entity) for frame in (items, receipts))
    return age_listed(book, items, receipts, as_of=as_of, age_on=day, ageing=ageing)


def age_listed(
    book: Book, items: pd.DataFrame, receipts: pd.DataFrame, *, as_of: date, age_on: date, ageing: AgeingPolicy
) -> Ageing:
    """Age as ``age_ledger`` does what was listed before.

    Parameters
    ----------
    book : gives the rates.
    items, receipts : as ``list_open_items`` and ``list_unapplied`` give them for these days.

    Raises
    ------
    CurrencyError, ArriskError
        As for ``age_ledger``.
    """
    amounts = ("amount", "open_amount", "disputed_amount")
    items = to_book_currency(items, book, amounts=amounts, as_of=as_of, on=age_on)
    receipts = to_book_currency(receipts, book, amounts=("unapplied_amount",), as_of=as_of, on=age_on)
    aged = age_open_items(items, ageing=ageing)
    buckets, customers = sum_buckets(aged), sum_buckets_by_customer(aged, receipts)
    total = int(items["open_amount"].sum())
    require_tie(buckets["amount"].to_list(), total, what="the buckets of the ageing")
    require_tie(customers["open_amount"].to_list(), total, what="the customers of the ageing")
    unapplied = int(receipts["unapplied_amount"].sum())
    return Ageing(as_of, age_on, book.currency, aged, buckets, customers, total, unapplied)


def _take_entity(frame: pd.DataFrame, entity: str) -> pd.DataFrame:
    return frame.loc[(frame["entity_id"] == entity).to_numpy()].reset_index(drop=True)


def require_tie(parts: Sequence[int], total: int, *, what: str) -> None:
    """Refuse parts that do not sum to their total.

    Raises
    ------
    ArriskError
        When they differ, by however little.
    """
    if sum(parts) != total:
        sums = f"sum to {sum(parts)}, the total is {total} (minor units)"
        raise ArriskError(f"{what} {sums}", hint="report this as a bug")


def summarise_ageing(ageing: Ageing) -> dict[str, object]:
    """Give the ageing as plain values for JSON, amounts in decimal major units.

    Returns
    -------
    dict
        as_of, age_on, currency, total, buckets (bucket, amount, count), unapplied.
    """
    scale = 10 ** money.exponent(ageing.currency)
    rows = [
        {"bucket": str(bucket), "amount": int(amount) / scale, "count": int(count)}
        for bucket, amount, count in ageing.buckets.itertuples(index=False)
    ]
    return {
        "as_of": ageing.as_of.isoformat(),
        "age_on": ageing.age_on.isoformat(),
        "currency": ageing.currency,
        "total": ageing.total / scale,
        "buckets": rows,
        "unapplied": ageing.unapplied / scale,
    }
