"""What one customer could cost us on many days, from one look at its rows."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from arrisk.frames import Days, Mask, day_of, is_visible, to_days
from arrisk.ledger.movements import list_movements
from arrisk.schema import Book


def trace_exposures(own: Book, days: Sequence[date]) -> pd.DataFrame:
    """Sum the exposure of one customer as of each of some days, as ``sum_exposure`` does day by day.

    Parameters
    ----------
    own : one customer's own rows; of several the sums are of all together.
    days : what was known before the start of each counts.

    Returns
    -------
    DataFrame
        One row per day and currency with an exposure: place (of the day), currency, exposure_amount (int64 minor
        units: open - unapplied + orders).
    """
    parts = (_Applied.of_invoices(own), _Applied.of_receipts(own))
    names = np.unique(np.concatenate([*(part.currency for part in parts), _read_text(own["orders"], "currency")]))
    sums = np.zeros((len(days), len(names)), dtype="int64")
    for place, as_of in enumerate(days):
        day = day_of(as_of)
        for part, sign in zip(parts, (1, -1), strict=True):
            rows, left = part.find_left(day)
            np.add.at(sums[place], np.searchsorted(names, part.currency[rows]), sign * left)
        orders = own["orders"].loc[is_visible(own["orders"], as_of_day=day)]
        orders = orders.loc[to_days(orders["invoiced_on"]) >= day]
        own_names = np.searchsorted(names, _read_text(orders, "currency"))
        np.add.at(sums[place], own_names, orders["amount"].to_numpy(dtype="int64"))
    places = np.repeat(np.arange(len(days)), len(names))
    currency = pd.Series(np.tile(names, len(days)), dtype="str")
    table = pd.DataFrame({"place": places, "currency": currency, "exposure_amount": sums.ravel()})
    return table.loc[table["exposure_amount"] != 0].reset_index(drop=True)


class _Applied:
    """Rows of a table, and what is applied to each: invoices and what reduces them, receipts and what they settle.

    Parameters
    ----------
    table, key : the rows and their id.
    moves : what is applied, with the same id.
    sign : of each row's amount, 1 or -1.
    """

    def __init__(self, table: pd.DataFrame, moves: pd.DataFrame, key: str, sign: Days) -> None:
        codes, _ = pd.factorize(pd.concat([table[key], moves[key]], ignore_index=True))
        self.table, self.moves, self.sign = table, moves, sign
        self.code, self.move_code = codes[: len(table)], codes[len(table) :]
        self.count = int(codes.max(initial=-1)) + 1
        self.amount = table["amount"].to_numpy(dtype="int64")
        self.moved = moves["amount"].to_numpy(dtype="int64")
        self.currency = _read_text(table, "currency")

    @classmethod
    def of_invoices(cls, own: Book) -> "_Applied":
        invoices = own["invoices"]
        sign = np.where(invoices["kind"] == "credit_note", -1, 1)
        return cls(invoices, list_movements(own), "invoice_id", sign)

    @classmethod
    def of_receipts(cls, own: Book) -> "_Applied":
        payments = own["payments"]
        return cls(payments, own["allocations"], "payment_id", np.ones(len(payments), dtype="int64"))

    def find_left(self, day: int) -> tuple[Mask, Days]:
        """Find the rows that are known before a day, and what is left of each, with its sign."""
        rows = is_visible(self.table, as_of_day=day)
        moved = is_visible(self.moves, as_of_day=day)
        taken = np.zeros(self.count, dtype="int64")
        np.add.at(taken, self.move_code[moved], self.moved[moved])
        return rows, self.sign[rows] * (self.amount[rows] - taken[self.code[rows]])


def _read_text(table: pd.DataFrame, column: str) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    return table[column].to_numpy(dtype=object)
