"""Finds the items whose amounts equal a difference exactly: one item, or a pair beyond chance."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from arrisk.frames import NEVER, Days, Mask, concat, match
from arrisk.ledger.postings import CREDIT, CREDIT_NOTE, INVOICE

MISSING, TWICE, LATE, DUPLICATE = "not_in_control", "twice_in_control", "booked_late", "duplicate_in_ledger"
_LARGEST_POOL_FOR_PAIRS = 20_000
_NEIGHBOURHOOD = 100
_FIRST = -(2**62)


class Found(NamedTuple):
    """One item that explains a difference: what is wrong, what it is, its effect on the difference."""

    reason: str
    category: str
    item_id: str
    amount: int


@dataclass(frozen=True)
class Pool:
    """Everything that one currency's account holds, as arrays of one length.

    Parameters
    ----------
    items : category and item_id.
    amounts : effect on the ledger's balance, int64 minor units.
    event_days, known_days : when it happened, when the ledger knew it.
    is_duplicate : whether another invoice of the same customer, day and amount was on record before.
    """

    items: pd.DataFrame
    amounts: Days
    event_days: Days
    known_days: Days
    is_duplicate: Mask


def build_pool(postings: pd.DataFrame, duplicates: pd.Series) -> Pool:
    """Sum the newest postings of one currency to items.

    Parameters
    ----------
    postings : as given by ``list_postings``; a receipt's parts of one day are one item.
    duplicates : ids of invoices that look like a repetition of another.
    """
    newest = postings.loc[(postings["superseded_day"] == NEVER).to_numpy()]
    is_document = newest["category"].isin([INVOICE, CREDIT_NOTE]).to_numpy()
    movements = newest.loc[~is_document & (newest["category"] != CREDIT).to_numpy()]
    if movements["item_id"].duplicated().any():
        key = ["category", "item_id", "event_day", "known_day"]
        movements = movements.groupby(key, sort=False, as_index=False)[["amount"]].sum()
    documents = newest.loc[is_document]
    repeated = match(documents["item_id"], duplicates) >= 0
    items = concat([documents, movements])
    return Pool(
        items[["category", "item_id"]],
        amounts=items["amount"].to_numpy(),
        event_days=items["event_day"].to_numpy(),
        known_days=items["known_day"].to_numpy(),
        is_duplicate=np.concatenate([repeated, np.zeros(len(movements), dtype=bool)]),
    )


class Matcher:
    """Explains what is left of the difference day after day, carrying forward what was found before.

    Parameters
    ----------
    pool : the items to choose from.
    knows_late_items : whether the comparison already counts what was booked late.
    """

    def __init__(self, pool: Pool, *, knows_late_items: bool) -> None:
        self.pool = pool
        self.knows_late_items = knows_late_items
        self.carried: list[Found] = []
        self.unexplained = 0
        self.count_found = 0
        self.before = _FIRST

    def step(self, day: int, residual: int) -> list[Found]:
        """Explain the residual of the next day; what is not explained is left in ``unexplained``."""
        change = residual - sum(found.amount for found in self.carried) - self.unexplained
        if residual == 0:
            self.carried, self.unexplained = [], 0
        elif change:
            self._take_in(day, change)
        self.before = day
        return list(self.carried)

    def _take_in(self, day: int, change: int) -> None:
        gone = next((found for found in self.carried if found.amount == -change), None)
        if gone is not None:
            self.carried.remove(gone)
            return
        for amount in dict.fromkeys([change, change + self.unexplained]):
            found = self._find(day, amount) if amount else []
            if found:
                self.carried += found
                self.count_found += len(found)
                self.unexplained += change - amount
                return
        self.unexplained += change

    def _find(self, day: int, amount: int) -> list[Found]:
        pool = self.pool
        is_late = (pool.event_days <= day) & (pool.known_days > day) & (not self.knows_late_items)
        is_recent = (pool.event_days > self.before) | (pool.known_days > self.before)
        reach = (pool.event_days <= day) & (is_late | is_recent)
        # A late item is in the control account alone, any other may be in the ledger alone.
        effects = np.where(is_late, pool.amounts, -pool.amounts)
        alone = reach & (effects == amount)
        for candidates, reason in (
            (alone & is_late, LATE),
            (alone & pool.is_duplicate, DUPLICATE),
            (alone, MISSING),
            (reach & ~is_late & (pool.amounts == amount), TWICE),
        ):
            if candidates.any():
                return [self._describe(self._choose(candidates), reason, amount)]
        places = np.flatnonzero(reach)[list(find_only_pair(effects[reach], amount))]
        return [self._describe(int(at), LATE if is_late[at] else MISSING, int(effects[at])) for at in places]

    def _choose(self, candidates: Mask) -> int:
        """Take the newest one, since an older one would have shown earlier; of several the last id."""
        places = np.flatnonzero(candidates)
        places = places[self.pool.event_days[places] == self.pool.event_days[places].max()]
        return int(max(places, key=lambda at: str(self.pool.items["item_id"].iloc[at])))

    def _describe(self, at: int, reason: str, amount: int) -> Found:
        item = self.pool.items.iloc[at]
        return Found(reason, str(item["category"]), str(item["item_id"]), amount)


def find_only_pair(effects: Days, amount: int) -> tuple[int, ...]:
    """Find the two places whose values sum to an amount, when no other pair comes near it.

    Among many items some pair meets any amount by chance. Where pairs lie so dense that a chance hit is likely,
    another one lies within a hundred minor units too: asking for an empty neighbourhood keeps the probability of
    a wrong answer below 1 / (200 e), that is 0.2 %, whatever the density.

    Examples
    --------
    >>> find_only_pair(np.array([5_000, 7_000, 9_000]), 14_000)
    (0, 2)
    >>> find_only_pair(np.array([5_000, 7_000, 9_000, 7_001]), 14_000)
    ()
    """
    if not 2 <= len(effects) <= _LARGEST_POOL_FOR_PAIRS:
        return ()
    order = np.argsort(effects, kind="stable")
    ranked = effects[order]
    first = np.searchsorted(ranked, amount - _NEIGHBOURHOOD - ranked, side="left")
    last = np.searchsorted(ranked, amount + _NEIGHBOURHOOD - ranked, side="right")
    partners = last - first - (np.abs(2 * ranked - amount) <= _NEIGHBOURHOOD)
    if int(partners.sum()) != 2:
        return ()
    one, other = np.flatnonzero(partners > 0)
    if int(ranked[one] + ranked[other]) != amount:
        return ()
    return tuple(sorted((int(order[one]), int(order[other]))))
