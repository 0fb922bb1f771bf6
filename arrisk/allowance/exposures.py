"""What an allowance is made for: every open item of a day, in its segment and bucket; it ties to the ageing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from arrisk.frames import day_of, match, to_text, visible
from arrisk.labels import find_in_default
from arrisk.ledger.ageing import Ageing, age_ledger
from arrisk.ledger.conversion import list_newest_rates, to_book_currency
from arrisk.modeling.lgd.cases import COVERED, compute_covered_share
from arrisk.policy import Policy
from arrisk.policy.allowance import AllowancePolicy
from arrisk.schema import Book

IN_DEFAULT, CREDIT_NOTES, UNKNOWN, ALL = "in default", "credit notes", "unknown", "all"
"""Segments beside those of the policy: customers in default, credit notes, missing master data, no segments at all."""

ROW = ["segment", "bucket"]
"""What makes a row of the allowance."""

INDIVIDUAL = "individual"
"""The segment of customers who are assessed on their own."""


@dataclass(frozen=True)
class Exposures:
    """The open items of a day; amounts are int64 minor units of the book currency.

    Parameters
    ----------
    ageing : the ageing that they tie to.
    items : one row per open item, as in ``ageing.items``, with segment, base_amount (what a rate is applied to: what is
        open of an invoice, less credit notes that are set off; 0 for a credit note), covered_share (0..1 of it, by
        valid security and insurance), is_in_default (its customer).
    """

    ageing: Ageing
    items: pd.DataFrame

    @property
    def as_of(self) -> date:
        """What was known before the start of this day counts."""
        return self.ageing.as_of

    @property
    def currency(self) -> str:
        """The book currency."""
        return self.ageing.currency

    @cached_property
    def rows(self) -> np.ndarray:
        """The place of the row, of one segment and bucket, that each item is summed to, shape (n,)."""
        return np.asarray(self.items.groupby(ROW, observed=True, sort=True).ngroup().to_numpy())


def list_exposures(
    book: Book, episodes: pd.DataFrame, *, as_of: date, policy: Policy, age_on: date | None = None
) -> Exposures:
    """List what an allowance is made for as of a day.

    Parameters
    ----------
    book : a checked book.
    episodes : as given by ``list_defaults`` as of the day.
    as_of : only what was known before the start of this day counts.
    policy : buckets, segments, and whether credit notes are set off.
    age_on : the day of ages and rates; None = ``as_of``.

    Raises
    ------
    CurrencyError
        When something open is in a currency without a rate.
    """
    ageing = age_ledger(book, as_of=as_of, ageing=policy.ageing, age_on=age_on)
    items = ageing.items
    questions = items[["customer_id"]].assign(as_of_day=day_of(as_of))
    in_default = find_in_default(episodes, questions)
    is_note = (items["kind"] == "credit_note").to_numpy()
    segment = name_segments(book, items["customer_id"], as_of=as_of, policy=policy.allowance)
    segment = np.where(is_note, CREDIT_NOTES, np.where(in_default, IN_DEFAULT, segment))
    # A credit note that was applied beyond its amount is above zero, and no claim either.
    owed = np.where(is_note, items["open_amount"].clip(upper=0), items["open_amount"])
    base = np.maximum(owed, 0)
    if policy.allowance.credit_notes == "set_off":
        currency = read_currencies(book, items, as_of=as_of)
        base = set_off_credits(items.assign(open_amount=owed, currency=currency))
    listed = items.assign(segment=pd.Series(segment, dtype="str"), base_amount=base, is_in_default=in_default)
    return Exposures(ageing, listed.assign(**{COVERED: _read_covered(book, listed, as_of=as_of)}))


def name_segments(book: Book, customer_ids: pd.Series, *, as_of: date, policy: AllowancePolicy) -> np.ndarray:
    """Name the segment of each customer by its master data as known before a day; ``all`` where there is but one.

    Returns
    -------
    array of objects, shape (n,)
    """
    if not policy.segment_by:
        return np.full(len(customer_ids), ALL, dtype=object)
    masters = visible(book["customers"], as_of_day=day_of(as_of))
    place = match(customer_ids, masters["customer_id"])
    parts = [_read_texts(masters[name], place) for name in policy.segment_by]
    names = np.array([" / ".join(part) for part in zip(*parts, strict=True)], dtype=object)
    nothing_known = " / ".join([UNKNOWN] * len(parts))
    return np.full(len(names), ALL, dtype=object) if (names == nothing_known).all() else names


def _read_texts(column: pd.Series, place: np.ndarray) -> Sequence[str]:
    texts = np.append(pd.Series(to_text(column).to_pylist(), dtype=object).fillna(UNKNOWN).to_numpy(), UNKNOWN)
    return [str(text) for text in texts[place]]


def set_off_credits(items: pd.DataFrame) -> np.ndarray:
    """Set open credit notes off against the invoices of the same customer, entity and currency, the oldest first.

    Parameters
    ----------
    items : open items: customer_id, entity_id, currency, due_on, invoice_id, open_amount (int64 minor units, negative
        for credit notes).

    Returns
    -------
    array of int64, shape (n,)
        What is left of each invoice; 0 for a credit note.

    Examples
    --------
    >>> items = pd.DataFrame({"customer_id": ["A", "A", "A"], "entity_id": "main", "currency": "USD",
    ...     "invoice_id": ["1", "2", "3"], "due_on": pd.to_datetime(["2024-02-01", "2024-01-01", "2024-03-01"]),
    ...     "open_amount": [100, 50, -70]})
    >>> set_off_credits(items).tolist()
    [80, 0, 0]
    """
    order = items.sort_values(["due_on", "invoice_id"], kind="stable")
    keys = [order[name] for name in ("customer_id", "entity_id", "currency")]
    owed = order["open_amount"].clip(lower=0)
    credit = (-order["open_amount"].clip(upper=0)).groupby(keys).transform("sum")
    before = owed.groupby(keys).cumsum() - owed
    left = owed - (credit - before).clip(lower=0).clip(upper=owed)
    return np.asarray(left.reindex(items.index).to_numpy(dtype="int64"))


def read_currencies(book: Book, items: pd.DataFrame, *, as_of: date) -> pd.Series:
    """Read the currency that each open item was in before it was converted."""
    invoices = visible(book["invoices"], as_of_day=day_of(as_of))
    return invoices["currency"].iloc[match(items["invoice_id"], invoices["invoice_id"])].reset_index(drop=True)


def _read_covered(book: Book, items: pd.DataFrame, *, as_of: date) -> np.ndarray:
    """Read which share of what a customer owes valid security covers, the same for all its items.

    Both are in the book currency, so that a security counts whatever its currency; one without a rate is left out.
    """
    held, rates = book["collateral"], list_newest_rates(book, as_of=as_of)
    held = held.loc[held["currency"].isin([book.currency, *rates]).to_numpy()].reset_index(drop=True)
    converted = book.with_tables(collateral=to_book_currency(held, book, amounts=("amount",), as_of=as_of))
    groups = items.loc[items["base_amount"] > 0].groupby(["customer_id", "currency"], as_index=False, sort=True)
    owed = groups.agg(exposure=("base_amount", "sum")).assign(start_day=day_of(as_of))
    share = np.append(compute_covered_share(owed, converted, as_of=as_of), 0.0)
    return np.asarray(share[match(items["customer_id"], owed["customer_id"])])
