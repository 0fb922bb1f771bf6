"""Amounts in the currency of the features: the book's, at the rate that was known, or one chosen currency."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk import money
from arrisk.errors import CurrencyError
from arrisk.features.grouping import date_rows, find_latest
from arrisk.frames import NEVER, Days, match, to_days
from arrisk.schema import Book

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Converter:
    """Turns amounts of any currency into one.

    Parameters
    ----------
    currency : the currency of the results.
    rates : the book's rates; empty where only one currency is wanted.
    """

    currency: str
    rates: pd.DataFrame

    @property
    def scale(self) -> float:
        """Minor units in one unit of the currency."""
        return 10.0 ** money.exponent(self.currency)

    def find_factors(self, currencies: pd.Series, seen_by: Days, *, table: str) -> Floats:
        """Give the number of target minor units in one own minor unit, at the newest rate known before a day.

        Parameters
        ----------
        currencies : the currency of each row.
        seen_by : the day each, before whose start the rate must be known; NEVER = the row does not count.
        table : where the rows stand, for the message.

        Raises
        ------
        CurrencyError
            When a currency has no rate that was known by then.
        """
        factors = np.ones(len(currencies))
        foreign = np.flatnonzero((currencies != self.currency).to_numpy() & (seen_by < NEVER))
        if not len(foreign):
            return factors
        names, own = currencies.iloc[foreign], seen_by[foreign]
        found = self.find_rates(names, own)
        if (found < 0).any():
            raise _explain(names[found < 0], own[found < 0], self.currency, table)
        decimals = money.exponents(names) - money.exponent(self.currency)
        factors[foreign] = self.rates["rate"].to_numpy()[found] / 10.0**decimals
        return factors

    def convert(self, amounts: npt.NDArray[np.int64], currencies: pd.Series, seen_by: Days, *, table: str) -> Days:
        """Convert minor units, rounded to the minor unit; amounts in the target currency stay exact."""
        factors = self.find_factors(currencies, seen_by, table=table)
        return apply_factors(amounts, factors)

    def find_rates(self, currencies: pd.Series, seen_by: Days) -> Days:
        """Find the row of the newest rate of each currency that was known before a day, or -1."""
        keys = pd.Series(self.rates["currency"].unique(), dtype="str")
        if not len(keys):
            return np.full(len(currencies), -1, dtype="int64")
        days = to_days(self.rates["rate_on"])
        known, superseded = (self.rates[name].to_numpy() for name in ("known_day", "superseded_day"))
        forever = np.full(len(days), NEVER)
        owners = match(self.rates["currency"], keys)
        dated = date_rows(owners, len(keys), day=days, known=known, superseded=superseded, valid_to=forever)
        return np.asarray(find_latest(dated, match(currencies, keys), seen_by, seen_by))


def apply_factors(amounts: npt.NDArray[np.int64], factors: Floats) -> Days:
    """Multiply minor units by factors, rounded to whole ones; a factor of 1 leaves the amount exact."""
    if (factors == 1.0).all():
        return amounts
    return np.where(factors == 1.0, amounts, np.rint(amounts * factors).astype("int64"))


def make_converter(book: Book, currency: str | None) -> Converter:
    """Give the converter into the book currency, or, for one chosen currency, one that needs no rate."""
    return Converter(book.currency, book["rates"]) if currency is None else Converter(currency, book["rates"].iloc[:0])


def keep_currency(frame: pd.DataFrame, currency: str | None) -> pd.DataFrame:
    """Give the rows of the chosen currency; all rows where none is chosen."""
    if currency is None or "currency" not in frame:
        return frame
    return frame.loc[(frame["currency"] == currency).to_numpy()].reset_index(drop=True)


def _explain(currencies: pd.Series, days: Days, target: str, table: str) -> CurrencyError:
    pairs = ", ".join(f"{name}/{target}" for name in sorted(set(currencies)))
    first = np.datetime64(int(days.min()), "D")
    return CurrencyError(
        f"no rate for {pairs} is known before {first}",
        where=f"table {table}",
        hint="add rows to 'rates' with an earlier rate_on, or restrict to one currency with --currency",
    )
