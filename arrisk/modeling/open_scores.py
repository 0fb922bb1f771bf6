"""Scores of what is open as of a day: each invoice's probabilities, dates and reasons, and each customer's sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from arrisk.features import Past, read_past
from arrisk.features.landmarks import ask_about
from arrisk.frames import day_of, is_visible, match, to_days
from arrisk.ledger import list_open_items
from arrisk.memory import give_back
from arrisk.modeling.asking import build_open_features, find_shift
from arrisk.modeling.chain import describe_curves
from arrisk.modeling.curves import Curves
from arrisk.modeling.explain import TOP_REASONS, explain
from arrisk.modeling.payment_curve import PaymentCurve
from arrisk.money import to_decimals
from arrisk.policy import Policy
from arrisk.schema import Book

AMOUNTS = ("amount", "open_amount", "disputed_amount")
"""The money columns of scored items."""

LEAST_REASON = 0.005
"""Logits: what moves a score by less is no reason to tell anybody, such as the rounding left over in a sum."""


@dataclass(frozen=True)
class Scores:
    """Scores of what is open as of a day.

    Parameters
    ----------
    items : one row per open invoice, money as int64 minor units of its own currency.
    in_book : the same, money in the book currency.
    model_note : which model was used, and why.
    past : what was known of the book before the day, for other questions as of it.
    model : the saved model's reference; empty = one was fitted for these scores.
    """

    items: pd.DataFrame
    in_book: pd.DataFrame
    model_note: str
    past: Past
    model: str = ""

    @cached_property
    def invoices(self) -> pd.DataFrame:
        """One row per open invoice, money as decimals of its own currency."""
        return to_decimals(self.items, AMOUNTS)

    @cached_property
    def customers(self) -> pd.DataFrame:
        """One row per customer with an open invoice, money as decimals of the book currency."""
        return sum_by_customer(to_decimals(self.in_book, AMOUNTS))


@dataclass(frozen=True)
class OpenBook:
    """What is open as of a day, and when it will end; row by row.

    Parameters
    ----------
    items : as given by ``list_open_items``, invoices only.
    features : what was known of each on that day.
    curves : given that each is open at the start of that day.
    shift : the drift they were moved by, in logits.
    past : what was known of the book before that day.
    """

    items: pd.DataFrame
    features: pd.DataFrame
    curves: Curves
    shift: float
    past: Past


def score_open_curves(
    book: Book,
    model: PaymentCurve,
    *,
    as_of: date,
    policy: Policy,
    customer_ids: Sequence[str] | None = None,
    shift: float | None = None,
) -> OpenBook:
    """Predict the curves of the invoices of a book that are open as of a day.

    Parameters
    ----------
    book : a checked book.
    model : the payment curve.
    as_of : what was known before the start of this day counts.
    policy : what features depend on.
    customer_ids : only invoices of these customers, compared with the whole book; None = of all.
    shift : drift in logits; None = read from this book.
    """
    items = choose_invoices(list_open_items(book, as_of=as_of))
    if customer_ids is not None:
        items = items.loc[items["customer_id"].isin(customer_ids)].reset_index(drop=True)
    past = read_past(book, last_day=day_of(as_of), policy=policy)
    give_back()
    if shift is None:
        shift = find_shift(book, model, as_of=as_of, policy=policy, past=past)
        give_back()
    return predict_items(items, book, model, as_of=as_of, policy=policy, past=past, shift=shift)


def choose_invoices(items: pd.DataFrame) -> pd.DataFrame:
    """Choose of what ``list_open_items`` gives the invoices that can be paid: with a due day, and something open."""
    chosen = (items["kind"] != "credit_note") & (items["open_amount"] > 0) & items["due_on"].notna()
    return items.loc[chosen].reset_index(drop=True)


def predict_items(
    items: pd.DataFrame,
    book: Book,
    model: PaymentCurve,
    *,
    as_of: date,
    policy: Policy,
    past: Past,
    shift: float,
    own: Book | None = None,
) -> OpenBook:
    """Predict the curves of open invoices as of a day, with what is known of the whole book at hand.

    Parameters
    ----------
    items : as given by ``choose_invoices`` as of that day.
    past : of the book, of that day or a later one.
    shift : drift in logits.
    own : the rows of these invoices' customers, where they are at hand; None = they are looked for in the book.
    """
    questions = _ask(items, (own or book)["invoices"], as_of_day=day_of(as_of))
    features = build_open_features(book, questions, policy=policy, past=past)
    age = items["days_past_due"].to_numpy(dtype="int64")
    return OpenBook(items, features, model.predict_open(features, age=age, shift=shift), shift, past)


def _ask(items: pd.DataFrame, invoices: pd.DataFrame, *, as_of_day: int) -> pd.DataFrame:
    """Ask about open items as the model learnt to read them."""
    rows = np.flatnonzero(is_visible(invoices, as_of_day=as_of_day))
    place = match(items["invoice_id"], invoices["invoice_id"].iloc[rows])
    own = invoices.iloc[rows[place]].reset_index(drop=True)
    return ask_about(own, as_of_day=np.full(len(own), as_of_day, dtype="int64")).assign(
        open_share=items["open_amount"] / items["amount"], is_disputed=items["disputed_amount"] > 0
    )


def score_open(opened: OpenBook, *, horizon_days: int) -> pd.DataFrame:
    """Read the scores of open invoices off their curves.

    Returns
    -------
    DataFrame
        The items with p_late, p_late_30, p_late_60, p_late_90 (1 where the invoice is later than that already),
        expected_paid_on, paid_on_p10, paid_on_p90 (given that it is paid), p_written_off, and p_still_open: the
        probability of being open at the end of the day ``horizon_days`` after the day of scoring.
    """
    due, age = to_days(opened.items["due_on"]), opened.items["days_past_due"].to_numpy(dtype="int64")
    described = describe_curves(opened.curves, due_day=due, index=opened.items.index)
    still_open = opened.curves.read_open(age + horizon_days)
    return pd.concat([opened.items, described], axis=1).assign(p_still_open=still_open)


def add_reasons(model: PaymentCurve, scored: pd.DataFrame, opened: OpenBook, *, count: int | None) -> pd.DataFrame:
    """Add reasons in words, the strongest first: for p_late_30, or the next horizon that an older invoice can pass.

    Parameters
    ----------
    model : the model that scored.
    scored : as given by ``score_open``.
    opened : what it was read off.
    count : for how many invoices, those with the most at stake; None = for all.

    Returns
    -------
    DataFrame
        The same rows with ``reasons`` and ``main_reason``, the strongest of those that raise the risk; missing where
        none were asked for or there are none.
    """
    at_stake = (scored["open_amount"] - scored["disputed_amount"]) * scored["p_still_open"]
    rows = at_stake.sort_values(ascending=False, kind="stable").index[:count]
    age = scored.loc[rows, "days_past_due"].to_numpy(dtype="int64")
    listed = explain(model.open, opened.features.loc[rows], age=age, shift=opened.shift, top=TOP_REASONS).reasons
    listed = listed.loc[listed["contribution"].abs() >= LEAST_REASON].reset_index(drop=True)
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
