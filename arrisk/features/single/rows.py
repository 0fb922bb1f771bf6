"""The rows of a ledger that speak of one customer, as plain tuples: what its features are computed from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

import numpy as np

from arrisk.features.facts import Ints
from arrisk.features.readings import CASH
from arrisk.features.statements import FIGURES

Row = tuple[Any, ...]
"""One row: text, minor units as whole numbers, numbers as floats, None where there is none; days as whole numbers
(``NEVER`` = there is none). The last two entries are the days from which and until which it can be seen."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "customers": ("country", "industry", "parent_id", "incorporated_on", "onboarded_on", "employees"),
    "invoices": ("invoice_id", "issued_on", "due_on", "amount", "currency", "kind", "settled_on"),
    "payments": ("paid_on", "amount", "currency"),
    "allocations": ("payment_id", "invoice_id", "amount", "applied_on"),
    "write_offs": ("invoice_id", "written_off_on", "amount", "reason"),
    "recoveries": ("invoice_id", "recovered_on", "amount"),
    "disputes": ("invoice_id", "opened_on", "resolved_on", "amount", "outcome"),
    "credit_events": ("customer_id", "occurred_on"),
    "applications": ("applied_on", "expected_monthly_sales"),
    "orders": ("ordered_on", "amount", "currency", "shipped_on", "invoiced_on"),
    "limits": ("limit_amount", "limit_kind", "valid_from_on", "valid_to_on", "currency"),
    "collateral": ("kind", "amount", "currency", "cover_share", "valid_from_on", "valid_to_on"),
    "financials": ("customer_id", "period_end_on", "currency", *FIGURES, *CASH),
    "attributes": ("customer_id",),
}
"""By table the columns that are read, in order; before the two days, ``attributes`` has all of its own columns too."""

OF_INVOICES = ("write_offs", "recoveries", "disputes")
"""Tables whose rows name an invoice and thereby its customer."""

OF_RELATIVES = ("credit_events", "financials", "attributes")
"""Tables of which the rows of the parent, and of the firms of the same group, are read too."""


class RowSource(Protocol):
    """Where rows are read; what it gives stands in the order of the ledger."""

    def read_own(self, table: str, customer_id: str) -> Sequence[Row]:
        """Read the rows of a customer; of ``OF_INVOICES``, those of its invoices."""

    def read_allocations(self, customer_id: str) -> Sequence[Row]:
        """Read what was applied to a customer's invoices, and of its credit notes to any."""

    def read_payers(self, customer_id: str) -> tuple[Sequence[Row], Sequence[Row]]:
        """Read every version of the receipts, and of the credit notes, that such allocations name.

        Each row is an id, for a receipt its day, and the two days of visibility.
        """

    def read_of(self, table: str, customer_ids: Sequence[str]) -> Sequence[Row]:
        """Read the rows of several customers."""


@dataclass(frozen=True)
class CustomerRows:
    """All rows that the features of one customer rest on.

    Parameters
    ----------
    customer_id : who it is.
    tables : the rows by table; of ``OF_RELATIVES``, those of its relatives too.
    receipts, notes : as ``RowSource.read_payers`` gives them.
    """

    customer_id: str
    tables: Mapping[str, Sequence[Row]]
    receipts: Sequence[Row]
    notes: Sequence[Row]

    def list_own(self, table: str) -> list[Row]:
        """List the customer's own rows of a table of ``OF_RELATIVES``."""
        return [row for row in self.tables[table] if row[0] == self.customer_id]


def list_columns(rows: Sequence[Row], width: int) -> Sequence[tuple[Any, ...]]:
    """Turn rows into columns.

    Examples
    --------
    >>> list_columns([(1, "a"), (2, "b")], 2), list_columns([], 2)
    ([(1, 2), ('a', 'b')], [(), ()])
    """
    return list(zip(*rows, strict=True)) if rows else [()] * width


def stack_columns(columns: Sequence[Iterable[int]], count: int) -> Ints:
    """Put columns of whole numbers beside each other, row by row; much faster than numpy reads nested rows.

    Examples
    --------
    >>> stack_columns([(1, 2), (3, 4)], 2)
    array([[1, 3],
           [2, 4]])
    """
    flat = np.fromiter(chain.from_iterable(columns), dtype="int64", count=len(columns) * count)
    return np.ascontiguousarray(flat.reshape(len(columns), count).T)


def find_newest(
    rows: Sequence[Row], *, seen_by: int, holds_on: int | None = None, day: int | None = None, to: int | None = None
) -> int:
    """Find the newest row that holds on a day and was known before another; -1 = none.

    Parameters
    ----------
    rows : each ends with the days of visibility.
    seen_by : the day before whose start the row must be known.
    holds_on : the day on which the row must hold; None = that very day.
    day : the place of the day by which a row is the newest; None = rows hold as long as they are visible.
    to : the place of the last day on which a row holds; None = it has none.

    Examples
    --------
    >>> find_newest([("a", 3, 1, 9), ("b", 5, 2, 9), ("c", 8, 2, 9)], seen_by=6, day=1)
    1
    """
    holds = seen_by if holds_on is None else holds_on
    found, newest = -1, (0, 0)
    for place, row in enumerate(rows):
        known, superseded = row[-2], row[-1]
        if not known < seen_by <= superseded or (to is not None and row[to] < holds):
            continue
        own = row[day] if day is not None else 0
        # Of two rows of one day and one day of knowledge the later line is the newer.
        if (day is None or own <= holds) and (found < 0 or (own, known) >= newest):
            found, newest = place, (own, known)
    return found
