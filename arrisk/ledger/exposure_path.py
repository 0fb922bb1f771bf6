"""What one customer could cost us on many days, from one look at its rows."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from arrisk.frames import Days, Mask, day_of, to_days
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
    asked = np.array([day_of(day) for day in days], dtype="int64")
    parts = (_Applied.of_invoices(own), _Applied.of_receipts(own))
    orders = own["orders"]
    names = np.unique(np.concatenate([*(part.currency for part in parts), _read_text(orders, "currency")]))
    sums = np.zeros((len(days), len(names)), dtype="int64")
    for part, sign in zip(parts, (1, -1), strict=True):
        places, rows, left = part.find_left(asked)
        np.add.at(sums, (places, np.searchsorted(names, part.currency)[rows]), sign * left)
    is_open = _see(orders, asked) & (to_days(orders["invoiced_on"]) >= asked[:, None])
    places, rows = np.nonzero(is_open)
    code = np.searchsorted(names, _read_text(orders, "currency"))
    np.add.at(sums, (places, code[rows]), orders["amount"].to_numpy(dtype="int64")[rows])
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

    def find_left(self, days: Days) -> tuple[Days, Days, Days]:
        """Find the rows that are known before each day: the day's place, the row, and what is left of it, signed."""
        places, rows = np.nonzero(_see(self.table, days))
        moved_places, moves = np.nonzero(_see(self.moves, days))
        taken = np.zeros((len(days), self.count), dtype="int64")
        np.add.at(taken, (moved_places, self.move_code[moves]), self.moved[moves])
        return places, rows, self.sign[rows] * (self.amount[rows] - taken[places, self.code[rows]])


def _see(table: pd.DataFrame, days: Days) -> Mask:
    """Say of each day which rows are known before its start, shape (days, rows)."""
    known, until = (table[name].to_numpy(dtype="int64") for name in ("known_day", "superseded_day"))
    return np.asarray((known < days[:, None]) & (days[:, None] <= until))


def _read_text(table: pd.DataFrame, column: str) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    return table[column].to_numpy(dtype=object)
