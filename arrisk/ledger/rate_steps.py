"""Exchange rates as they were known, day by day."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk import money
from arrisk.errors import CurrencyError
from arrisk.frames import Days, concat, date_of, match, to_days
from arrisk.schema import Book

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RateSteps:
    """The newest rate of each currency on the evening of each day, by what was known then.

    Parameters
    ----------
    currencies : ids, each once; the first is the book currency. A currency's code is its place here.
    steps : by code of each foreign currency: the days on which its newest rate changes, rising, and the rate
        from each on (book currency for one unit).
    """

    currencies: pd.Series
    steps: Mapping[int, tuple[Days, Floats]]

    def encode(self, currencies: pd.Series) -> Days:
        """Give each currency's code."""
        return match(currencies, self.currencies)

    def list_days(self) -> pd.DataFrame:
        """List the days on which a rate changes: currency (its code) and day."""
        days = [pd.DataFrame({"currency": code, "day": begins}) for code, (begins, _) in self.steps.items()]
        return concat([pd.DataFrame({"currency": [0], "day": [0]}).iloc[:0], *days])

    def convert(self, amounts: Days, codes: Days, days: Days) -> Days:
        """Convert minor units into the book currency's, each at the newest rate of the evening of its day.

        Raises
        ------
        CurrencyError
            When an amount other than 0 has no rate on its day; it names the pair.
        """
        converted = amounts.copy()
        for code, (begins, rates) in self.steps.items():
            rows = np.flatnonzero((codes == code) & (amounts != 0))
            place = np.searchsorted(begins, days[rows], side="right") - 1
            if (place < 0).any():
                raise self._explain(code, int(days[rows][place < 0].min()))
            shift = money.exponent(self.currencies[0]) - money.exponent(self.currencies[code])
            converted[rows] = np.rint(amounts[rows] * rates[place] * 10.0**shift).astype("int64")
        return converted

    def _explain(self, code: int, day: int) -> CurrencyError:
        name = self.currencies[code]
        return CurrencyError(
            f"amounts of several currencies cannot be added without a rate: {name} -> {self.currencies[0]}",
            where=f"table rates, on or before {date_of(day)}",
            hint=f"add the rate to the table 'rates', or see the currency {name} alone",
        )


def trace_rates(book: Book) -> RateSteps:
    """Trace the newest known rate of every currency of the book's invoices and receipts.

    The rate of a day is the one of the latest ``rate_on`` not after it, of those known by its evening, as
    ``to_book_currency`` takes it for a period end.
    """
    used = pd.concat(
        [pd.Series([book.currency], dtype="str"), book["invoices"]["currency"], book["payments"]["currency"]]
    )
    currencies = pd.Series(used.unique(), dtype="str")
    rates = book["rates"].loc[(book["rates"]["rate"] > 0).to_numpy()]
    codes = match(rates["currency"], currencies)
    return RateSteps(currencies, {code: _trace(rates.loc[codes == code]) for code in range(1, len(currencies))})


def _trace(rates: pd.DataFrame) -> tuple[Days, Floats]:
    rate_on, known = to_days(rates["rate_on"]), rates["known_day"].to_numpy()
    newest_last = np.lexsort((known, rate_on))
    rank = np.empty(len(rates), dtype="int64")
    rank[newest_last] = np.arange(len(rates))
    begins = np.maximum(rate_on, known)
    order = np.lexsort((rank, begins))
    # A correction has a later known_day than what it replaces, so that the newest of those known is the valid one.
    newest = newest_last[np.maximum.accumulate(rank[order])]
    return begins[order], rates["rate"].to_numpy(dtype="float64")[newest]
