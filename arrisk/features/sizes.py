"""Sizes in book currency that limits are decided on: accounts, security, what an application expects, the group."""

import numpy as np
import pandas as pd

from arrisk.features.amounts import Converter, make_converter
from arrisk.features.facts import Floats, pick
from arrisk.features.five_cs import Asked, ask_masters, read_accounts, sum_cover
from arrisk.features.grouping import find_latest
from arrisk.features.lookups import date_table
from arrisk.frames import match, take, visible
from arrisk.policy import Policy
from arrisk.schema import Book

_MOST_LEVELS = 10


def read_sizes(book: Book, questions: pd.DataFrame, *, policy: Policy) -> pd.DataFrame:
    """Read how large each customer is, as it was known at each question.

    Parameters
    ----------
    book : a checked book.
    questions : one row per question: customer_id, as_of_day (int64 days, strict).
    policy : how much each kind of security counts for.

    Returns
    -------
    DataFrame
        One row per question in the given order, float64 in book currency, NaN = not known: net_worth_amount (equity
        less intangible assets), working_capital_amount, turnover_amount (of the newest accounts, or the parent's where
        the firm has none), cover_amount (valid security after haircuts; 0 = none), expected_monthly_amount and
        requested_terms_days (of the newest application).
    """
    asked, converter = ask_masters(book, questions), make_converter(book, None)
    read = read_accounts(book["financials"], asked, converter)
    newest = read.newest
    intangible = np.nan_to_num(newest["intangible_assets"], nan=0.0)
    covers = sum_cover(book["collateral"], asked, converter, policy.collateral)
    return pd.DataFrame(
        {
            "net_worth_amount": (newest["equity"] - intangible) * read.rate,
            "working_capital_amount": (newest["current_assets"] - newest["current_liabilities"]) * read.rate,
            "turnover_amount": newest["revenue"] * read.rate,
            "cover_amount": np.add.reduce(list(covers.values())),
            **_read_applications(book["applications"], asked, converter),
        },
        index=questions.index,
    )


def find_groups(customers: pd.DataFrame, customer_ids: pd.Series, *, as_of_day: int) -> pd.Series:
    """Find the head of each customer's group: the parent's parent, and so on; missing where it stands alone.

    Parameters
    ----------
    customers : the checked table.
    customer_ids : who is asked about.
    """
    known = visible(customers, as_of_day=as_of_day)
    # A head need not be a customer itself.
    ids = pd.concat([known["customer_id"], known["parent_id"].dropna()], ignore_index=True).drop_duplicates()
    ids = ids.reset_index(drop=True)
    above = take(match(known["parent_id"], ids), match(ids, known["customer_id"]), missing=-1)
    own = match(customer_ids, ids)
    head = own
    for _ in range(_MOST_LEVELS):
        parent = take(above, head, missing=-1)
        head = np.where(parent >= 0, parent, head)
    is_in_group = (head != own) | np.isin(own, above[above >= 0])
    return ids.reindex(np.where(is_in_group, head, -1)).set_axis(customer_ids.index)


def read_current_limits(book: Book, questions: pd.DataFrame) -> pd.DataFrame:
    """Read the limit that held at each question.

    Returns
    -------
    DataFrame
        One row per question in the given order: current_limit (book currency; NaN where there is no amount),
        current_limit_kind (``amount``, ``none``, ``zero``; missing = none was ever given, or it has ended).
    """
    limits, converter = book["limits"], make_converter(book, None)
    asked = ask_masters(book, questions)
    row = find_latest(date_table(limits, asked.ids, "valid_from_on"), asked.customer, asked.days, asked.days)
    held = limits.iloc[np.maximum(row, 0)] if len(limits) else limits.reindex(range(len(row)))
    amount = np.full(len(row), np.nan)
    stated = np.flatnonzero((row >= 0) & held["limit_amount"].notna().to_numpy(dtype=bool))
    if len(stated):
        chosen = held.iloc[stated]
        minor = chosen["limit_amount"].to_numpy(dtype="int64")
        amount[stated] = converter.convert(minor, chosen["currency"], asked.days[stated], table="limits")
    kind = pd.Series(held["limit_kind"].to_numpy(), index=questions.index, dtype="str").where(row >= 0)
    is_amount = (kind == "amount").to_numpy(dtype=bool)
    return pd.DataFrame(
        {"current_limit": np.where(is_amount, amount / converter.scale, np.nan), "current_limit_kind": kind},
        index=questions.index,
    )


def _read_applications(applications: pd.DataFrame, asked: Asked, converter: Converter) -> dict[str, Floats]:
    row = find_latest(date_table(applications, asked.ids, "applied_on"), asked.customer, asked.days, asked.days)
    names = ("expected_monthly_sales", "requested_terms_days")
    stated = {name: applications[name].to_numpy(dtype="float64", na_value=np.nan) for name in names}
    return {
        "expected_monthly_amount": pick(stated["expected_monthly_sales"], row) / converter.scale,
        "requested_terms_days": pick(stated["requested_terms_days"], row),
    }
