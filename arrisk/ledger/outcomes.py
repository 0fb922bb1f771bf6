"""How each invoice ended, if it did: by which cause, on which day, as known on a day."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk import money
from arrisk.frames import NEVER, Days, Mask, day_of, is_visible, match, to_days, visible
from arrisk.ledger.movements import CREDITED, PAID, WRITTEN_OFF, list_movements
from arrisk.policy import EndPolicy
from arrisk.schema import Book

_CAUSES = (PAID, CREDITED, WRITTEN_OFF)
_STEP = ["position", "known_day", "applied_day"]


def end_tolerance(amounts: Days, decimals: npt.NDArray[np.int64], *, end: EndPolicy) -> Days:
    """Give the open amount at or below which an invoice counts as ended.

    Parameters
    ----------
    amounts : int64 minor units.
    decimals : the exponent of each row's currency.
    end : the policy: the larger of an amount and a share.

    Examples
    --------
    >>> end = EndPolicy(amount=0.01, share=0.01)
    >>> end_tolerance(np.array([100_00, 10]), np.array([2, 2]), end=end).tolist()
    [100, 1]
    """
    fixed = np.rint(end.amount * 10.0**decimals).astype("int64")
    part = np.floor(np.abs(amounts) * end.share + 1e-9).astype("int64")
    return np.asarray(np.maximum(fixed, part))


def list_outcomes(book: Book, *, as_of: date, end: EndPolicy, invoice_ids: pd.Series | None = None) -> pd.DataFrame:
    """Say how each invoice ended, by what was known before a day.

    An invoice ends with the last step that takes its open amount to within tolerance. A step is what was
    applied on one day and became known on one day; its cause is the one that took the larger part of it.
    The day of the end is the settling receipt's own day, not before the invoice was issued; for credits and
    write-offs the day they were applied.

    Parameters
    ----------
    book : a checked book.
    as_of : only what was known before the start of this day counts.
    end : the tolerance.
    invoice_ids : only these; None = all.

    Returns
    -------
    DataFrame
        One row per invoice or credit note, in the book's order: invoice_id, customer_id, kind, currency,
        issued_day, due_day, amount and open_amount (int64 minor units, positive for credit notes too),
        ended_day (NEVER = open), cause ("" = open).
    """
    as_of_day = day_of(as_of)
    invoices = book["invoices"]
    if invoice_ids is not None:
        invoices = invoices.loc[match(invoices["invoice_id"], invoice_ids) >= 0]
    invoices = visible(invoices, as_of_day=as_of_day)
    frame = invoices[["invoice_id", "customer_id", "kind", "currency"]].assign(
        issued_day=to_days(invoices["issued_on"]),
        due_day=to_days(invoices["due_on"]),
        amount=invoices["amount"],
    )
    steps = _list_steps(frame, list_movements(book).drop(columns="source_id"), as_of_day=as_of_day)
    return _find_ends(frame, steps, end)


def _list_steps(invoices: pd.DataFrame, movements: pd.DataFrame, *, as_of_day: int) -> pd.DataFrame:
    """Sum the visible movements to one row per invoice and step, in order, with the amount applied up to it."""
    position = match(movements["invoice_id"], invoices["invoice_id"])
    seen = (position >= 0) & is_visible(movements, as_of_day=as_of_day)
    movements, position = movements.loc[seen], position[seen]
    cause = match(movements["cause"], pd.Series(_CAUSES))
    frame = movements[["applied_day", "known_day", "amount", "paid_day"]].assign(position=position, cause=cause)
    by_cause = frame.groupby([*_STEP, "cause"], sort=True, as_index=False).agg(
        amount=("amount", "sum"), paid_day=("paid_day", "max")
    )
    amounts = by_cause["amount"].to_numpy()
    is_first = _is_first(by_cause[_STEP].to_numpy())
    starts, step = np.flatnonzero(is_first), np.cumsum(is_first) - 1
    # Of equal parts the first of paid, credited, written off is taken: rows are in that order within a step.
    largest = np.flatnonzero(amounts == np.maximum.reduceat(amounts, starts)[step]) if len(starts) else starts
    chosen = largest[_is_first(step[largest][:, None])]
    steps = by_cause.iloc[chosen].reset_index(drop=True)
    steps["amount"] = np.add.reduceat(amounts, starts) if len(starts) else amounts
    steps["applied"] = steps.groupby("position")["amount"].cumsum()
    return steps


def _is_first(keys: npt.NDArray[np.int64]) -> Mask:
    """Mark the rows whose key differs from that of the row before."""
    is_first = np.ones(len(keys), dtype=bool)
    is_first[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    return is_first


def _find_ends(invoices: pd.DataFrame, steps: pd.DataFrame, end: EndPolicy) -> pd.DataFrame:
    amounts = invoices["amount"].to_numpy()
    tolerance = end_tolerance(amounts, money.exponents(invoices["currency"]), end=end)
    position = steps["position"].to_numpy()
    after = amounts[position] - steps["applied"].to_numpy()
    before = after + steps["amount"].to_numpy()
    crosses = (after <= tolerance[position]) & (before > tolerance[position])
    last = np.full(len(invoices), -1, dtype="int64")
    np.maximum.at(last, position[crosses], np.flatnonzero(crosses))
    open_amount = amounts.copy()
    np.subtract.at(open_amount, position, steps["amount"].to_numpy())
    ended = (open_amount <= tolerance) & (last >= 0)
    # Nothing to pay from the start: neither late nor on time.
    empty = (open_amount <= tolerance) & (last < 0)
    causes = np.where(ended, steps["cause"].to_numpy()[last] if len(steps) else 0, np.where(empty, 1, -1))
    days = np.where(ended, _end_days(steps, last), np.where(empty, invoices["issued_day"], NEVER))
    return invoices.assign(
        open_amount=open_amount,
        ended_day=np.where(days < NEVER, np.maximum(days, invoices["issued_day"].to_numpy()), NEVER),
        cause=pd.Series(np.array([*_CAUSES, ""], dtype=object)[causes], index=invoices.index).astype("str"),
    )


def _end_days(steps: pd.DataFrame, last: Days) -> Days:
    if not len(steps):
        return np.full(len(last), NEVER, dtype="int64")
    is_paid = steps["cause"].to_numpy() == 0
    days = np.where(is_paid, steps["paid_day"].to_numpy(), steps["applied_day"].to_numpy())
    return np.asarray(days[last])
