"""The use cases of looking a customer up: find it, and see all that is known of it on a day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from arrisk.decisions.snapshot import list_due, restrict_customer, trace_exposure
from arrisk.errors import MissingError, nearest
from arrisk.features.sizes import find_groups
from arrisk.frames import day_of, to_arrow, visible
from arrisk.ledger import list_open_items, sum_exposure
from arrisk.ledger.ageing import Ageing, age_ledger
from arrisk.policy import Policy
from arrisk.schema import Book

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
    limits, disputes, applications, credit_events : its rows, the newest first.
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


def view_customer(book: Book, customer_id: str, *, as_of: date, policy: Policy) -> CustomerView:
    """See all that the ledger says of a customer.

    Parameters
    ----------
    book : a checked book.
    as_of : what was known before the start of this day counts.

    Raises
    ------
    MissingError
        When there is no such customer.
    CurrencyError
        When an amount is in a currency without a rate.
    """
    day = day_of(as_of)
    known = require_customer(book, customer_id, as_of=as_of)
    own = restrict_customer(book, customer_id)
    newest_first = {
        "limits": "valid_from_on",
        "disputes": "opened_on",
        "applications": "applied_on",
        "credit_events": "occurred_on",
    }
    tables = {
        name: visible(own[name], as_of_day=day).sort_values(on, ascending=False, kind="stable", ignore_index=True)
        for name, on in newest_first.items()
    }
    return CustomerView(
        master=known.loc[(known["customer_id"] == customer_id).to_numpy()].iloc[0],
        group=_list_group(book, known, customer_id, as_of=as_of),
        items=list_customer_items(book, customer_id, as_of=as_of),
        ageing=age_ledger(own, as_of=as_of, age_on=as_of, ageing=policy.ageing),
        exposure=sum_exposure(own, as_of=as_of),
        **tables,
    )


def list_customer_items(book: Book, customer_id: str, *, as_of: date) -> pd.DataFrame:
    """List a customer's open invoices and credit notes, the longest due first, as ``list_open_items`` gives them.

    Raises
    ------
    MissingError
        When there is no such customer.
    """
    require_customer(book, customer_id, as_of=as_of)
    items = list_open_items(restrict_customer(book, customer_id), as_of=as_of)
    by, ascending = ["days_past_due", "invoice_id"], [False, True]
    own = items.loc[(items["customer_id"] == customer_id).to_numpy()]
    return own.sort_values(by, ascending=ascending, kind="stable", ignore_index=True)


def list_payments(book: Book, customer_id: str, *, as_of: date, policy: Policy) -> pd.DataFrame:
    """List how a customer's invoices that are due were paid.

    Returns
    -------
    DataFrame
        One row per invoice, the one due first comes first: invoice_id, currency, amount (int64 minor units), due_day,
        days_late (of an open one so far), ending (``open`` = not ended).

    Raises
    ------
    MissingError
        When there is no such customer.
    """
    require_customer(book, customer_id, as_of=as_of)
    return list_due(restrict_customer(book, customer_id), as_of=as_of, policy=policy)


def trace_customer(book: Book, customer_id: str, *, as_of: date) -> list[list[Any]]:
    """Trace a customer's exposure and limit as ``trace_exposure`` does; the customer is known."""
    return trace_exposure(restrict_customer(book, customer_id), as_of=as_of)


def require_customer(book: Book, customer_id: str, *, as_of: date) -> pd.DataFrame:
    """Give the customers known before a day, among whom this one has to be.

    Raises
    ------
    MissingError
        When it is not.
    """
    known = visible(book["customers"], as_of_day=day_of(as_of))
    if not (known["customer_id"] == customer_id).any():
        hint = nearest(customer_id, known["customer_id"].tolist())
        raise MissingError(f"no customer '{customer_id}'", where="customer_id", hint=hint)
    return known


def _list_group(book: Book, known: pd.DataFrame, customer_id: str, *, as_of: date) -> pd.DataFrame:
    groups = find_groups(book["customers"], known["customer_id"], as_of_day=day_of(as_of))
    mine = groups.loc[(known["customer_id"] == customer_id).to_numpy()].iloc[0]
    is_member = (groups == mine).to_numpy(dtype=bool, na_value=False)
    members: pd.DataFrame = known.loc[is_member, ["customer_id", "name"]]
    return members.sort_values("customer_id", ignore_index=True)
