"""The use cases of looking a customer up: find it, and see all that is known of it on a day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from arrisk.decisions.snapshot import list_due, make_plain, trace_exposure
from arrisk.errors import MissingError, nearest
from arrisk.features.sizes import find_groups
from arrisk.frames import day_of, to_arrow, to_days, visible
from arrisk.ledger import list_open_items, list_open_orders, list_unapplied, sum_listed
from arrisk.ledger.ageing import Ageing, age_listed
from arrisk.policy import Policy
from arrisk.schema import TABLES, Book

_FOUND = ["customer_id", "name", "country", "industry", "parent_id"]
_EXACT, _BY_ID, _BY_NAME, _WITHIN = range(4)


def search_customers(book: Book, text: str, *, as_of: date) -> pd.DataFrame:
    """Find customers by the beginning of their id or a part of their name, in capital or small letters alike.

    Parameters
    ----------
    book : a checked book.
    text : what is looked for; empty = every customer.
    as_of : what was known before the start of this day counts.

    Returns
    -------
    DataFrame
        One row per customer found, the best first: customer_id, name, country, industry, parent_id, and match (0 = the
        id itself, 1 = the id begins so, 2 = the name begins so, 3 = the name holds it).
    """
    known = visible(book["customers"], as_of_day=day_of(as_of))
    wanted = text.strip().lower()
    ids, names = (pc.fill_null(pc.utf8_lower(to_arrow(known[column])), "") for column in ("customer_id", "name"))
    place = np.select(
        [
            pc.equal(ids, wanted).to_numpy(zero_copy_only=False),
            pc.starts_with(ids, wanted).to_numpy(zero_copy_only=False),
            pc.starts_with(names, wanted).to_numpy(zero_copy_only=False),
            pc.match_substring(names, wanted).to_numpy(zero_copy_only=False),
        ],
        [_EXACT, _BY_ID, _BY_NAME, _WITHIN],
        -1,
    )
    found = known.loc[place >= 0, _FOUND].assign(match=place[place >= 0])
    return found.sort_values(["match", "customer_id"], kind="stable").reset_index(drop=True)


@dataclass(frozen=True)
class CustomerView:
    """What is known of a customer on a day.

    Parameters
    ----------
    master : its row of the table customers.
    group : the customers of its group, itself included: customer_id, name; empty = it stands alone.
    items : its open invoices and credit notes, the oldest first, as ``list_open_items`` gives them.
    ageing : of these.
    exposure : by currency, as ``sum_exposure`` gives it.
    limits, disputes, applications, credit_events, financials : its rows, the newest first.
    attributes : the newest of its attributes by name; None = not known.
    """

    master: pd.Series
    group: pd.DataFrame
    items: pd.DataFrame
    ageing: Ageing
    exposure: pd.DataFrame
    limits: pd.DataFrame
    disputes: pd.DataFrame
    applications: pd.DataFrame
    credit_events: pd.DataFrame
    financials: pd.DataFrame
    attributes: dict[str, Any]


def view_customer(book: Book, own: Book, customer_id: str, *, as_of: date, policy: Policy) -> CustomerView:
    """See all that the ledger says of a customer.

    Parameters
    ----------
    book : a checked book, for the group.
    own : this customer's rows of it.
    as_of : what was known before the start of this day counts.

    Raises
    ------
    MissingError
        When there is no such customer.
    CurrencyError
        When an amount is in a currency without a rate.
    """
    day = day_of(as_of)
    master = require_customer(book, customer_id, as_of=as_of)
    items, receipts = list_customer_items(own, customer_id, as_of=as_of), list_unapplied(own, as_of=as_of)
    newest_first = {
        "limits": "valid_from_on",
        "disputes": "opened_on",
        "applications": "applied_on",
        "credit_events": "occurred_on",
        "financials": "period_end_on",
    }
    tables = {name: _sort(visible(own[name], as_of_day=day), [on], [False]) for name, on in newest_first.items()}
    # What was resolved later was open then.
    tables["disputes"] = _hide_later(tables["disputes"], "resolved_on", day)
    return CustomerView(
        master=master,
        group=_list_group(book["customers"], customer_id, as_of=as_of),
        items=items,
        ageing=age_listed(own, items, receipts, as_of=as_of, age_on=as_of, ageing=policy.ageing),
        exposure=sum_listed(items, receipts, list_open_orders(own, as_of=as_of)),
        attributes=_read_attributes(own, day),
        **tables,
    )


def list_customer_items(own: Book, customer_id: str, *, as_of: date) -> pd.DataFrame:
    """List a customer's open invoices and credit notes, the longest due first, as ``list_open_items`` gives them.

    Parameters
    ----------
    own : this customer's rows of a book.

    Raises
    ------
    MissingError
        When there is no such customer.
    """
    require_customer(own, customer_id, as_of=as_of)
    items = list_open_items(own, as_of=as_of)
    return _sort(items, ["days_past_due", "invoice_id"], [False, True])


def _sort(rows: pd.DataFrame, by: list[str], ascending: list[bool]) -> pd.DataFrame:
    # Of one customer there is often nothing to sort, which pandas takes a millisecond to find out.
    return rows.sort_values(by, ascending=ascending, kind="stable", ignore_index=True) if len(rows) > 1 else rows


@dataclass(frozen=True)
class History:
    """How a customer paid, and what it owed over time.

    Parameters
    ----------
    due : its invoices that are due and how they ended, as ``list_due`` gives them.
    exposure : day, exposure and limit, as ``trace_exposure`` gives them.
    """

    due: pd.DataFrame
    exposure: list[list[Any]]


def read_history(own: Book, customer_id: str, *, as_of: date, policy: Policy) -> History:
    """Read how a customer paid, and its exposure against its limit.

    Parameters
    ----------
    own : this customer's rows of a book.

    Raises
    ------
    MissingError
        When there is no such customer.
    """
    require_customer(own, customer_id, as_of=as_of)
    return History(list_due(own, as_of=as_of, policy=policy), trace_exposure(own, as_of=as_of))


def _hide_later(table: pd.DataFrame, column: str, day: int) -> pd.DataFrame:
    return table.assign(**{column: table[column].where(to_days(table[column]) < day)})


def list_attributes(book: Book) -> list[str]:
    """List the columns that a ledger's table of attributes has of its own, such as a bureau's score."""
    own = {column.name for column in TABLES["attributes"].all_columns} | {"known_day", "superseded_day"}
    return [str(column) for column in book["attributes"] if column not in own]


def _read_attributes(own: Book, day: int) -> dict[str, Any]:
    known = visible(own["attributes"], as_of_day=day)
    return {name: make_plain(known[name].iloc[-1]) if len(known) else None for name in list_attributes(own)}


def require_customer(book: Book, customer_id: str, *, as_of: date) -> pd.Series:
    """Give the row of a customer, who has to be known before a day.

    Raises
    ------
    MissingError
        When it is not.
    """
    every, day = book["customers"], day_of(as_of)
    own = visible(every.loc[(every["customer_id"] == customer_id).to_numpy(dtype=bool)], as_of_day=day)
    if own.empty:
        hint = nearest(customer_id, visible(every, as_of_day=day)["customer_id"].tolist())
        raise MissingError(f"no customer '{customer_id}'", where="customer_id", hint=hint)
    return own.iloc[0]


def _list_group(customers: pd.DataFrame, customer_id: str, *, as_of: date) -> pd.DataFrame:
    """List the group of a customer; who was ever related is found first, since few of very many are."""
    day = day_of(as_of)
    related = visible(_find_related(customers, customer_id), as_of_day=day)
    if len(related) == 1 and related["parent_id"].isna().all():
        return related.loc[[], ["customer_id", "name"]]
    groups = find_groups(related, related["customer_id"], as_of_day=day)
    mine = groups.loc[(related["customer_id"] == customer_id).to_numpy()].iloc[0]
    is_member = (groups == mine).to_numpy(dtype=bool, na_value=False)
    members: pd.DataFrame = related.loc[is_member, ["customer_id", "name"]]
    return members.sort_values("customer_id", ignore_index=True)


def _find_related(customers: pd.DataFrame, customer_id: str) -> pd.DataFrame:
    """Find who is a parent or a subsidiary of a customer, of one of these, and so on, in any version of their rows."""
    ids, found = {customer_id}, 0
    ids_of, parents = (to_arrow(customers[name]) for name in ("customer_id", "parent_id"))
    rows = customers.iloc[:0]
    while len(ids) > found:
        found, wanted = len(ids), pa.array(sorted(ids), pa.large_string())
        is_near = pc.or_(pc.is_in(ids_of, value_set=wanted), pc.is_in(parents, value_set=wanted))
        rows = customers.loc[is_near.to_numpy(zero_copy_only=False)]
        ids |= {*rows["customer_id"], *rows["parent_id"].dropna()}
    return rows.reset_index(drop=True)
