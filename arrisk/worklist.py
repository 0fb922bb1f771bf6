"""Whom to contact today, in what order, about what: one row per customer, by the amount at stake."""

import numpy as np
import pandas as pd

from arrisk.policy import WorklistPolicy

COLUMNS = [
    "rank",
    "customer_id",
    "name",
    "currency",
    "at_stake_amount",
    "overdue_amount",
    "due_soon_amount",
    "disputed_amount",
    "count_items",
    "oldest_days_past_due",
    "p_open",
    "why",
    "next_step",
]

_STEPS = (
    # oldest days past due from, what to do
    (61, "escalate: a payment plan in writing, further deliveries in question"),
    (31, "call who decides: a dated promise"),
    (1, "call: when will it be paid, is the invoice right?"),
    (-10_000, "remind before it is due"),
)


def build_worklist(items: pd.DataFrame, customers: pd.DataFrame, *, policy: WorklistPolicy) -> pd.DataFrame:
    """Rank customers by what is at stake in contacting them today.

    The amount at stake is the sum, over undisputed invoices that are overdue or due within the policy's days, of the
    open amount times the probability of being still open at the policy's horizon. It is an exposure at risk, not the
    benefit of a call, which only a randomised trial can show.

    Parameters
    ----------
    items : one row per open invoice: customer_id, currency, open_amount and disputed_amount (major units of one
        currency), days_past_due, p_open (probability of being open at the horizon, given that it is open now), why
        (the strongest reason in words; may be missing).
    customers : one row per customer: customer_id, name.
    policy : who is worth a contact.

    Returns
    -------
    DataFrame
        One row per customer with something at stake, ranked; columns as in ``COLUMNS``. ``p_open`` is the
        amount-weighted mean over the items that count.
    """
    counted = items.loc[items["days_past_due"] >= -policy.due_within_days].copy()
    counted["free_amount"] = counted["open_amount"] - counted["disputed_amount"]
    counted["at_stake_amount"] = counted["free_amount"] * counted["p_open"]
    overdue = counted["days_past_due"] > 0
    counted["overdue_amount"] = counted["open_amount"].where(overdue, 0.0)
    counted["due_soon_amount"] = counted["open_amount"].where(~overdue, 0.0)
    rows = counted.groupby(["customer_id", "currency"], as_index=False).agg(
        at_stake_amount=("at_stake_amount", "sum"),
        free_amount=("free_amount", "sum"),
        overdue_amount=("overdue_amount", "sum"),
        due_soon_amount=("due_soon_amount", "sum"),
        disputed_amount=("disputed_amount", "sum"),
        count_items=("open_amount", "size"),
        oldest_days_past_due=("days_past_due", "max"),
    )
    rows["p_open"] = (rows["at_stake_amount"] / rows["free_amount"]).where(rows["free_amount"] > 0)
    rows = _with_words(rows, counted).merge(customers[["customer_id", "name"]], on="customer_id", how="left")
    return _rank(rows, policy)[COLUMNS]


def _with_words(rows: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    largest = counted.sort_values("at_stake_amount", ascending=False, kind="stable").drop_duplicates("customer_id")
    reasons = rows["customer_id"].map(largest.set_index("customer_id")["why"])
    facts = [
        _facts(*row)
        for row in zip(rows["count_items"], rows["overdue_amount"], rows["oldest_days_past_due"], reasons, strict=True)
    ]
    only_disputed = rows["free_amount"] <= 0
    steps = np.where(only_disputed, "settle the dispute first", _next_steps(rows["oldest_days_past_due"]))
    return rows.assign(why=facts, next_step=steps)


def _facts(count: int, overdue: float, oldest: int, reason: object) -> str:
    items = f"{count} item{'s' if count > 1 else ''}"
    state = f"{overdue:,.2f} overdue, oldest {oldest} days" if oldest > 0 else "due within days"
    return f"{items}; {state}" + (f"; {reason}" if isinstance(reason, str) and reason else "")


def _next_steps(oldest: pd.Series) -> np.ndarray:
    conditions = [(oldest >= days).to_numpy() for days, _ in _STEPS]
    return np.select(conditions, [step for _, step in _STEPS], default="")


def _rank(rows: pd.DataFrame, policy: WorklistPolicy) -> pd.DataFrame:
    is_small = rows["free_amount"] < policy.minimum_amount
    order = rows.assign(is_small=is_small).sort_values(
        ["is_small", "at_stake_amount", "customer_id"], ascending=[True, False, True], kind="stable"
    )
    # A disputed customer is not called for money, but somebody has to settle the dispute.
    order.loc[order["is_small"] & (order["free_amount"] > 0), "next_step"] = "no call: below the minimum amount"
    return order.assign(rank=np.arange(1, len(order) + 1)).reset_index(drop=True)
