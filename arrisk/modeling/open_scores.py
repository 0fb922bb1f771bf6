"""Scores of what is open as of a day: each invoice's probabilities, dates and reasons, and each customer's sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from arrisk.frames import day_of, to_days
from arrisk.ledger import list_open_items
from arrisk.modeling.asking import ask_at_issue
from arrisk.modeling.chain import LateModel, predict_open, predict_still_open
from arrisk.modeling.explain import list_reasons
from arrisk.money import to_decimals
from arrisk.policy import Policy
from arrisk.schema import Book

AMOUNTS = ("amount", "open_amount", "disputed_amount")
"""The money columns of scored items."""


@dataclass(frozen=True)
class Scores:
    """Scores of what is open as of a day.

    Parameters
    ----------
    items : one row per open invoice, money as int64 minor units of its own currency.
    in_book : the same, money in the book currency.
    model_note : which model was used, and why.
    """

    items: pd.DataFrame
    in_book: pd.DataFrame
    model_note: str

    @property
    def invoices(self) -> pd.DataFrame:
        """One row per open invoice, money as decimals of its own currency."""
        return to_decimals(self.items, AMOUNTS)

    @property
    def customers(self) -> pd.DataFrame:
        """One row per customer with an open invoice, money as decimals of the book currency."""
        return sum_by_customer(to_decimals(self.in_book, AMOUNTS))


def score_open(
    book: Book, model: LateModel, *, as_of: date, policy: Policy, customer_ids: Sequence[str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score the invoices of a book that are open as of a day.

    Parameters
    ----------
    book : a checked book.
    model : predicts lateness as of issue.
    as_of : what was known before the start of this day counts.
    policy : gives the worklist's horizon, and what features depend on.
    customer_ids : only invoices of these customers, compared with the whole book; None = of all.

    Returns
    -------
    (DataFrame, DataFrame)
        The scored items, as given by ``score_open_items``; and their features as of issue, in the same order.
    """
    items = list_open_items(book, as_of=as_of)
    chosen = (items["kind"] != "credit_note") & (items["open_amount"] > 0)
    if customer_ids is not None:
        chosen &= items["customer_id"].isin(customer_ids)
    items = items.loc[chosen].reset_index(drop=True)
    features = ask_at_issue(book, policy=policy, invoice_ids=items["invoice_id"]).features
    horizon = policy.worklist.horizon_days
    return score_open_items(model, items, features, as_of_day=day_of(as_of), horizon_days=horizon), features


def score_open_items(
    model: LateModel, items: pd.DataFrame, features: pd.DataFrame, *, as_of_day: int, horizon_days: int
) -> pd.DataFrame:
    """Score open invoices, given that they are open.

    Parameters
    ----------
    model : predicts lateness as of issue.
    items : one row per open invoice, as given by ``list_open_items``.
    features : the same invoices in the same order, as of their issue.
    as_of_day : days since 1970-01-01.
    horizon_days : for ``p_still_open``.

    Returns
    -------
    DataFrame
        The items with p_late, p_late_30, p_late_60, p_late_90 (1 where the invoice is later than that already),
        expected_paid_on, paid_on_p10, paid_on_p90 (given that it is paid), and p_still_open: the probability of being
        open ``horizon_days`` after the day.
    """
    days = {"issued_day": to_days(items["issued_on"]), "due_day": to_days(items["due_on"])}
    predicted = predict_open(model, features, as_of_day=as_of_day, **days)
    still = predict_still_open(model, features, as_of_day=as_of_day, horizon_days=horizon_days, **days)
    return pd.concat([items, predicted], axis=1).assign(p_still_open=still)


def add_reasons(model: LateModel, scored: pd.DataFrame, features: pd.DataFrame, *, count: int | None) -> pd.DataFrame:
    """Add the reasons for p_late as of issue, in words, the strongest first.

    Parameters
    ----------
    model : the model that scored.
    scored : as given by ``score_open_items``.
    features : the same invoices in the same order.
    count : for how many invoices, those with the most at stake; None = for all.

    Returns
    -------
    DataFrame
        The same rows with ``reasons`` and ``main_reason``, the strongest of those that raise the risk; missing where
        none were asked for or there are none.
    """
    at_stake = (scored["open_amount"] - scored["disputed_amount"]) * scored["p_still_open"]
    rows = at_stake.sort_values(ascending=False, kind="stable").index[:count]
    listed = list_reasons(model.links[0].model, features.loc[rows])
    raises = (listed["contribution"] > 0).to_numpy()
    text = listed["text"].astype("str")
    words = text.where(raises, "less risk: " + text).groupby(listed["row"]).agg("; ".join)
    main = text[raises].groupby(listed.loc[raises, "row"]).first()
    return scored.assign(
        **{
            name: found.reindex(scored.index).astype("str")
            for name, found in (("reasons", words), ("main_reason", main))
        }
    )


def sum_by_customer(scored: pd.DataFrame) -> pd.DataFrame:
    """Sum scored items of one currency to their customers.

    Parameters
    ----------
    scored : one row per open invoice, amounts decimal, of one currency.

    Returns
    -------
    DataFrame
        One row per customer: customer_id, currency, count_open, open_amount, overdue_amount, disputed_amount,
        expected_late_amount (sum of open amount x p_late_30), p_late (mean over its open invoices, by amount),
        oldest_days_past_due, and the reasons of its invoice with the most at stake.
    """
    late = scored["days_past_due"] > 0
    parts = scored.assign(
        overdue_amount=scored["open_amount"].where(late, 0.0),
        expected_late_amount=scored["open_amount"] * scored["p_late_30"],
        weighted=scored["open_amount"] * scored["p_late"],
        at_stake=scored["open_amount"] * scored["p_still_open"],
    )
    rows = parts.groupby(["customer_id", "currency"], as_index=False).agg(
        count_open=("open_amount", "size"),
        open_amount=("open_amount", "sum"),
        overdue_amount=("overdue_amount", "sum"),
        disputed_amount=("disputed_amount", "sum"),
        expected_late_amount=("expected_late_amount", "sum"),
        weighted=("weighted", "sum"),
        oldest_days_past_due=("days_past_due", "max"),
    )
    largest = parts.sort_values("at_stake", ascending=False, kind="stable").drop_duplicates("customer_id")
    reasons = rows["customer_id"].map(largest.set_index("customer_id")["reasons"])
    p_late = np.divide(rows["weighted"], rows["open_amount"])
    return rows.assign(p_late=p_late, reasons=reasons).drop(columns="weighted")
