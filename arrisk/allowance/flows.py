"""Where open amounts went, step by step of 30 days before a day: on to the next step, written off, or paid.

Steps are as long as the ages are wide, so that what is open at age a and stays open is of age a + 30 one step later:
rates of rolling over follow each item, and new sales do not get in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from arrisk.frames import NEVER, Days, Mask, concat, day_of, is_visible, match, to_days
from arrisk.ledger.conversion import list_unit_worths
from arrisk.ledger.movements import WRITTEN_OFF, list_movements
from arrisk.modeling.rows import Floats
from arrisk.schema import Book

STEP_DAYS = 30


@dataclass(frozen=True)
class _Balance:
    """What each invoice is over by the start of a day, what has gone of it, and how much of that was written off.

    All are int64 minor units; an invoice that is not known, or no invoice any more, is over nothing.
    """

    day: int
    amount: Days
    gone: Days
    written_off: Days


@dataclass(frozen=True)
class _Ledger:
    """Invoices of the book, each version with the place of its id, its due day and the worth of a minor unit."""

    count: int
    invoices: pd.DataFrame
    place: Days
    due_day: Days
    unit: Floats

    @classmethod
    def read(cls, book: Book, ids: pd.Series, *, as_of: date) -> "_Ledger":
        """Read the invoices that can be aged and whose currency has a rate."""
        invoices = book["invoices"]
        unit = list_unit_worths(invoices["currency"], book, as_of=as_of)
        rows = ((invoices["kind"] == "invoice") & invoices["due_on"].notna()).to_numpy() & ~np.isnan(unit)
        rows &= (invoices["known_day"] < day_of(as_of)).to_numpy()
        chosen = invoices.loc[rows].reset_index(drop=True)
        return cls(len(ids), chosen, match(chosen["invoice_id"], ids), to_days(chosen["due_on"]), unit[rows])

    def read_amounts(self, day: int) -> Days:
        """Read what each id is over at the start of a day, shape (count,)."""
        amounts = np.zeros(self.count, dtype="int64")
        seen = is_visible(self.invoices, as_of_day=day)
        amounts[self.place[seen]] = self.invoices["amount"].to_numpy()[seen]
        return amounts


def list_flows(book: Book, episodes: pd.DataFrame, *, as_of: date, steps: int) -> pd.DataFrame:
    """List what was open at the start of each step, and where it went by the end of the step.

    What was known before a step began is what was open then; what was known by its end is where it went.

    Parameters
    ----------
    book : a checked book.
    episodes : as given by ``list_defaults`` as of the day.
    as_of : the end of the newest step; only what was known before the start of this day counts.
    steps : how many of ``STEP_DAYS`` days; those before the first invoice are left out.

    Returns
    -------
    DataFrame
        One row per invoice and step at whose start it was open, the oldest step first: step (0 = the newest),
        start_day, invoice (place of its id, the same in every step), customer_id, is_in_default (at the start) and
        is_in_default_after (at the end), age_days (past due at the start; negative = not due), open_amount,
        left_amount (still open at the end), written_off_amount (bad debt, within the step); the rest was paid,
        credited or corrected away. Amounts are floats in major units of the book currency, all at the rates of
        ``as_of``; a currency without a rate is left out.
    """
    end = day_of(as_of)
    known = book["invoices"].loc[(book["invoices"]["known_day"] < end).to_numpy()]
    ids = list_ids(known)
    ledger = _Ledger.read(book, ids, as_of=as_of)
    first = int(known["known_day"].min()) if len(ids) else NEVER
    starts = [day for day in range(end - STEP_DAYS * steps, end, STEP_DAYS) if day > first]
    balances = _iterate_balances(book, ledger, ids, [*starts, end])
    before, parts = next(balances), []
    for after in balances:
        parts.append(_pair(ledger, episodes, before, after))
        before = after
    listed = concat(parts) if parts else _pair(ledger, episodes, before, before).iloc[:0]
    return listed.assign(step=(end - listed["start_day"]) // STEP_DAYS - 1)


def list_ids(known: pd.DataFrame) -> pd.Series:
    """List the ids of the invoices known by a day, in the order of the places that flows give."""
    return pd.Series(known["invoice_id"].unique(), dtype="str")


def _iterate_balances(book: Book, ledger: _Ledger, ids: pd.Series, days: list[int]) -> Iterator[_Balance]:
    """Give the balance of each invoice at the start of each day; the days rise."""
    moves = list_movements(book)
    place = match(moves["invoice_id"], ids)
    moves, place = moves.loc[place >= 0], place[place >= 0]
    amount = moves["amount"].to_numpy(dtype="int64")
    bad = np.where(moves["cause"] == WRITTEN_OFF, amount, 0)
    known, superseded = moves["known_day"].to_numpy(), moves["superseded_day"].to_numpy()
    # A version is seen at the start of the days after it was known, and last on the day on which it is superseded.
    when = np.concatenate([known, superseded])
    order = np.argsort(when, kind="stable")
    when, where = when[order], np.concatenate([place, place])[order]
    changes = [np.concatenate([part, -part])[order] for part in (amount, bad)]
    sums = [np.zeros(len(ids), dtype="int64") for _ in changes]
    begin = 0
    for day in days:
        end = int(np.searchsorted(when, day, side="left"))
        for total, change in zip(sums, changes, strict=True):
            np.add.at(total, where[begin:end], change[begin:end])
        begin = end
        yield _Balance(day, ledger.read_amounts(day), sums[0].copy(), sums[1].copy())


def _pair(ledger: _Ledger, episodes: pd.DataFrame, before: _Balance, after: _Balance) -> pd.DataFrame:
    """List what was open at one balance, and where it was at the next."""
    is_open = is_visible(ledger.invoices, as_of_day=before.day)
    is_open &= ledger.invoices["amount"].to_numpy() > before.gone[ledger.place]
    rows, place, unit = ledger.invoices.loc[is_open], ledger.place[is_open], ledger.unit[is_open]
    amount = rows["amount"].to_numpy() - before.gone[place]
    # What a correction takes off an invoice is not open any more; what it adds was not open before.
    left, written = after.amount[place] - after.gone[place], after.written_off[place] - before.written_off[place]
    return pd.DataFrame(
        {
            "start_day": before.day,
            "invoice": place,
            "customer_id": rows["customer_id"].to_numpy(),
            "is_in_default": _find_in_default(episodes, rows["customer_id"], before.day),
            "is_in_default_after": _find_in_default(episodes, rows["customer_id"], after.day),
            "age_days": before.day - ledger.due_day[is_open],
            "open_amount": amount * unit,
            "left_amount": np.clip(left, 0, amount) * unit,
            "written_off_amount": np.clip(written, 0, amount) * unit,
        }
    )


def _find_in_default(episodes: pd.DataFrame, customer_ids: pd.Series, day: int) -> Mask:
    within = (episodes["entered_day"] < day) & (day <= episodes["left_day"])
    return np.asarray(customer_ids.isin(episodes.loc[within, "customer_id"]).to_numpy())
