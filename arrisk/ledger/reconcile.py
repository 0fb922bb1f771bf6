"""Compares the open balance with the general ledger's control account, and explains the difference."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from arrisk.frames import NEVER, Days, to_dates
from arrisk.ledger.ageing import require_tie
from arrisk.ledger.control import read_control
from arrisk.ledger.matching import Found, Matcher, Pool, build_pool
from arrisk.ledger.postings import (
    CREDIT,
    CREDIT_NOTE,
    INVOICE,
    RECEIPT,
    WRITE_OFF,
    list_postings,
    list_receipt_postings,
    sum_events,
    sum_known,
)
from arrisk.schema import Book

LATE, UNAPPLIED, NOT_WRITTEN_OFF = "booked_late", "unapplied", "not_written_off"
_CATEGORIES = (INVOICE, CREDIT_NOTE, RECEIPT, CREDIT, WRITE_OFF)
_SHOWN_ITEMS = 5
MEANINGS = {
    LATE: "happened by that day, booked in the ledger only later: the control account has it already",
    UNAPPLIED: "receipts not yet applied: the control account takes them off",
    NOT_WRITTEN_OFF: "written off in the ledger, not in the control account",
    "not_in_control": "in the ledger, not in the control account",
    "twice_in_control": "once in the ledger, twice in the control account",
    "duplicate_in_ledger": "same customer, day and amount as another one in the ledger: perhaps booked twice",
}
"""What each reason means."""


@dataclass(frozen=True)
class Reconciliation:
    """The control account against the ledger; amounts are int64 minor units of the row's currency.

    Parameters
    ----------
    days : one row per day and currency: day (datetime64[s]), currency, control_amount, ledger_amount (what
        was known on that evening), event_amount (what had happened by then, as known today), unapplied_amount
        (beside the balance), difference_amount = control - ledger, explained_amount, unexplained_amount.
    parts : one row per part of a difference: day, currency, reason (a key of ``MEANINGS``), category, amount,
        count_items, item_ids (the largest, as text). The parts of a day sum to its explained amount.
    notes : what was not compared.
    """

    days: pd.DataFrame
    parts: pd.DataFrame
    notes: tuple[str, ...]


class _Part(NamedTuple):
    reason: str
    category: str
    amounts: Days


class _Convention(NamedTuple):
    """How the control account may be kept: by day of event, net of unapplied receipts, without write-offs."""

    by_event: bool
    nets_unapplied: bool
    ignores_write_offs: bool


class _Sums(NamedTuple):
    """Each control day's balance by category: known on that evening, and happened by then."""

    known: dict[str, Days]
    happened: dict[str, Days]


class _Outcome(NamedTuple):
    convention: _Convention
    parts: list[_Part]
    found: list[list[Found]]
    unexplained: Days
    score: tuple[int, int, int]


def reconcile_control(book: Book, control: pd.DataFrame) -> Reconciliation:
    """Compare the open balance of each day with the control account.

    A difference is explained in two steps. First the way in which the control account is kept, one for all
    days of a currency: it may count what happened by a day even if the ledger booked it later, take off
    unapplied receipts, or lack the write-offs; the simplest way that leaves the fewest unexplained days is
    taken. Then, for what is left, the single item, or a pair of items beyond chance, whose amount equals a
    change of the difference exactly.

    Parameters
    ----------
    book : a checked book.
    control : columns day, amount (decimal major units), currency (missing = the book currency).

    Returns
    -------
    Reconciliation
        difference = sum of the parts + unexplained, exactly, for every day.

    Raises
    ------
    BookError
        When the control account cannot be read.
    """
    balances = read_control(control, currency=book.currency)
    postings, receipts = list_postings(book), list_receipt_postings(book)
    duplicates = _list_duplicates(book)
    tables = [
        _reconcile_currency(str(currency), rows, postings, receipts, duplicates)
        for currency, rows in balances.groupby("currency")
    ]
    days, parts = (pd.concat(frames, ignore_index=True) for frames in zip(*tables, strict=True))
    missing = sorted(set(postings["currency"].unique()) - set(balances["currency"].unique()))
    notes = [f"the ledger has items in {name}, the control account has no balance in {name}" for name in missing]
    return Reconciliation(days, parts.reset_index(drop=True), tuple(notes))


def _list_duplicates(book: Book) -> pd.Series:
    invoices = book["invoices"]
    newest = invoices.loc[(invoices["superseded_day"] == NEVER).to_numpy()]
    # Numbers first: comparing the texts of a million rows takes seconds.
    alike = newest.loc[newest.duplicated(["issued_on", "amount"], keep=False).to_numpy()]
    alike = alike.sort_values(["known_day", "invoice_id"], kind="stable")
    again = alike.duplicated(["customer_id", "issued_on", "amount", "currency", "kind"])
    return pd.Series(alike["invoice_id"].loc[again.to_numpy()])


def _reconcile_currency(
    currency: str, rows: pd.DataFrame, postings: pd.DataFrame, receipts: pd.DataFrame, duplicates: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    own = postings.loc[(postings["currency"] == currency).to_numpy()]
    left = receipts.loc[(receipts["currency"] == currency).to_numpy()]
    days = rows["day"].to_numpy()
    groups = {category: own.loc[(own["category"] == category).to_numpy()] for category in _CATEGORIES}
    groups[UNAPPLIED] = left
    sums = _Sums(
        {name: sum_known(group, days) for name, group in groups.items()},
        {name: sum_events(group, days) for name, group in groups.items()},
    )
    ledger = _add(sums.known[category] for category in _CATEGORIES)
    difference = rows["amount"].to_numpy() - ledger
    best = _explain(days, difference, sums, build_pool(own, duplicates))
    parts = _list_parts(currency, days, best, groups)
    explained = parts.groupby("position")["amount"].sum().reindex(range(len(days)), fill_value=0).to_numpy()
    for at in range(len(days)):
        pieces = [int(explained[at]), int(best.unexplained[at])]
        require_tie(pieces, int(difference[at]), what="the parts of a difference")
    table = pd.DataFrame(
        {
            "day": to_dates(days),
            "currency": currency,
            "control_amount": rows["amount"].to_numpy(),
            "ledger_amount": ledger,
            "event_amount": _add(sums.happened[category] for category in _CATEGORIES),
            "unapplied_amount": sums.known[UNAPPLIED],
            "difference_amount": difference,
            "explained_amount": explained,
            "unexplained_amount": best.unexplained,
        }
    )
    return table, parts.drop(columns="position")


def _add(amounts: Iterable[Days]) -> Days:
    return np.asarray(np.sum(list(amounts), axis=0), dtype="int64")


def _explain(days: Days, difference: Days, sums: _Sums, pool: Pool) -> _Outcome:
    outcomes = []
    for flags in product([False, True], repeat=len(_Convention._fields)):
        convention = _Convention(*flags)
        parts = _apply(convention, sums)
        # A way of keeping the account that adds nothing is the simpler way without it.
        if not any(flags) or all(part.amounts.any() for part in parts):
            outcomes.append(_try(convention, parts, days, difference, pool))
    return min(outcomes, key=lambda outcome: outcome.score)


def _apply(convention: _Convention, sums: _Sums) -> list[_Part]:
    """Give what a way of keeping the control account adds to the ledger's balance."""
    base = sums.happened if convention.by_event else sums.known
    parts: list[_Part] = []
    if convention.by_event:
        late = {name: sums.happened[name] - sums.known[name] for name in _CATEGORIES}
        parts += [_Part(LATE, name, amounts) for name, amounts in late.items() if amounts.any()]
        parts = parts or [_Part(LATE, INVOICE, late[INVOICE])]
    if convention.nets_unapplied:
        parts.append(_Part(UNAPPLIED, RECEIPT, -base[UNAPPLIED]))
    if convention.ignores_write_offs:
        parts.append(_Part(NOT_WRITTEN_OFF, WRITE_OFF, -base[WRITE_OFF]))
    return parts


def _try(convention: _Convention, parts: list[_Part], days: Days, difference: Days, pool: Pool) -> _Outcome:
    residual = _add([difference, *(-part.amounts for part in parts)])
    matcher = Matcher(pool, knows_late_items=convention.by_event)
    found, unexplained = [], []
    for day, amount in zip(days.tolist(), residual.tolist(), strict=True):
        found.append(matcher.step(day, amount))
        unexplained.append(matcher.unexplained)
    count_open = int(np.count_nonzero(unexplained))
    score = (count_open, matcher.count_found + sum(convention), matcher.count_found)
    return _Outcome(convention, parts, found, np.array(unexplained, dtype="int64"), score)


def _list_parts(currency: str, days: Days, outcome: _Outcome, groups: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    for part in outcome.parts:
        source = groups[UNAPPLIED if part.reason == UNAPPLIED else part.category]
        members = _Members(source, part.reason, by_event=outcome.convention.by_event)
        for at in np.flatnonzero(part.amounts).tolist():
            count, names = members.describe(int(days[at]))
            rows.append(_row(at, part.reason, part.category, int(part.amounts[at]), count, names))
    for position, found in enumerate(outcome.found):
        rows += [_row(position, one.reason, one.category, one.amount, 1, one.item_id) for one in found]
    columns = ["position", "reason", "category", "amount", "count_items", "item_ids"]
    frame = pd.DataFrame(rows, columns=columns).astype({"position": "int64", "amount": "int64"})
    frame = frame.sort_values("position", kind="stable", ignore_index=True)
    frame.insert(1, "day", to_dates(days[frame["position"].to_numpy()]))
    frame.insert(2, "currency", pd.Series(currency, index=frame.index, dtype="str"))
    return frame


def _row(at: int, reason: str, category: str, amount: int, count: int, names: str) -> dict[str, object]:
    return {
        "position": at,
        "reason": reason,
        "category": category,
        "amount": amount,
        "count_items": count,
        "item_ids": names,
    }


class _Members:
    """Names the items behind one part of a difference."""

    def __init__(self, rows: pd.DataFrame, reason: str, *, by_event: bool) -> None:
        self.codes, names = pd.factorize(rows["item_id"])
        self.names: Sequence[str] = [str(name) for name in names]
        self.amounts = rows["amount"].to_numpy()
        self.event, self.known, self.superseded = (
            rows[name].to_numpy() for name in ("event_day", "known_day", "superseded_day")
        )
        self.reason = reason
        self.by_event = by_event

    def describe(self, day: int) -> tuple[int, str]:
        """Count the items that are not zero on a day, and name the largest."""
        visible = (self.known <= day) & (self.superseded > day)
        happened = (self.superseded == NEVER) & (self.event <= day)
        weight = happened.astype("int64") - visible if self.reason == LATE else happened if self.by_event else visible
        sums = np.zeros(len(self.names), dtype="int64")
        np.add.at(sums, self.codes, self.amounts * weight)
        order = np.argsort(-np.abs(sums), kind="stable")[:_SHOWN_ITEMS]
        names = [self.names[at] for at in order if sums[at]]
        return int(np.count_nonzero(sums)), ", ".join(names)
