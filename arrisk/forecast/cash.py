"""The forecast: receipts by week from the open book and from future sales, with a band from simulated paths."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from arrisk import money
from arrisk.errors import InputError
from arrisk.forecast.dependence import Dependence, estimate_dependence
from arrisk.forecast.history import Ledger
from arrisk.forecast.receipts import CurvesOf, OpenAmounts, Waiting, look_at_open
from arrisk.forecast.sales import SalesHistory
from arrisk.forecast.simulation import simulate_open
from arrisk.forecast.spread import HIGH, LOW, PAST_HORIZON, Spread, measure_spread, widen
from arrisk.frames import date_of, day_of, to_dates
from arrisk.ledger import list_outcomes
from arrisk.modeling.rows import Floats
from arrisk.policy import EndPolicy
from arrisk.schema import Book

PATHS, SEED = 1000, 20_240_229
PARTS = ("open_book", "future_sales", "total")
"""What receipts come from; never mixed except in the total, which is their sum path by path."""
PAST_WEEKS = (26, 22, 18, 14, 10, 6)
"""How many weeks before the forecast the open books lie from which the dependence is learnt."""


@dataclass(frozen=True)
class CashForecast:
    """Receipts by week.

    Parameters
    ----------
    rows : one row per week: week (1, 2, ...), from, to, currency, due_amount (open amounts due in the week), and mean,
        p10 and p90 of the receipts from open_book, future_sales and in total, such as ``open_book_mean``. Money is
        int64 minor units of the book currency.
    currency : of the book.
    open_amount : open invoices without what receipts at hand settle; it is the sum of the weeks' means of the open
        book, ``unbooked_amount``, ``later_amount`` and ``never_amount`` but for rounding.
    set_off_amount : receipts at hand that are not applied yet, set off against open invoices.
    overdue_amount : the part of ``open_amount`` that was due before the first week.
    unbooked_amount : expected to be in already, by receipts that are not booked yet.
    later_amount, never_amount : expected after the last week, and never (written off, or not seen to be paid).
    dependence : how strongly invoices are paid together.
    spread : by how much the bands were widened, since past weeks came in further off than the paths say.
    """

    rows: pd.DataFrame
    currency: str
    open_amount: int
    set_off_amount: int
    overdue_amount: int
    unbooked_amount: int
    later_amount: int
    never_amount: int
    dependence: Dependence
    spread: Spread

    def tabulate(self) -> pd.DataFrame:
        """Give the weeks with money in decimals of the book currency."""
        return money.to_decimals(self.rows, list(filter(is_amount, map(str, self.rows))))

    @property
    def totals(self) -> dict[str, float]:
        """The amounts beside the weeks by name, in decimals of the book currency."""
        names = ("open_amount", "set_off_amount", "overdue_amount", "unbooked_amount", "later_amount", "never_amount")
        return {name: getattr(self, name) / 10.0 ** money.exponent(self.currency) for name in names}

    def describe(self) -> dict[str, object]:
        """Give the forecast as plain data, money in decimals of the book currency."""
        return {
            "currency": self.currency,
            **self.totals,
            "dependence": asdict(self.dependence),
            "spread": asdict(self.spread),
            "weeks": self.tabulate(),
        }


def is_amount(name: str) -> bool:
    """Say whether a column of a forecast is money."""
    return name.endswith(("_amount", "_mean", "_p10", "_p90"))


def forecast_cash(
    book: Book,
    *,
    curves_of: CurvesOf,
    as_of: date,
    weeks: int,
    end: EndPolicy,
    paths: int = PATHS,
    seed: int = SEED,
) -> CashForecast:
    """Forecast the receipts of the coming weeks.

    Parameters
    ----------
    book : a checked book.
    curves_of : gives the open invoices as of a day and their curves; it is asked for earlier days too, to learn how
        strongly invoices are paid together.
    as_of : the first day of the first week; only what was known before its start counts.
    weeks : how many, 1 to 52.
    end : when an invoice counts as settled.
    paths : how many paths the band is taken from.
    seed : the same seed gives the same band.

    Raises
    ------
    InputError
        When the number of weeks or paths is out of range.
    CurrencyError
        When a currency has no rate.
    """
    if not 1 <= weeks <= 52:
        raise InputError(f"{weeks} weeks cannot be forecast", hint="1 to 52")
    outlook = look_ahead(Ledger.of(book), curves_of, as_of=as_of, weeks=weeks, end=end, seed=seed)
    return _assemble(outlook, outlook.draw(paths=paths, seed=seed), book.currency)


@dataclass(frozen=True)
class Outlook:
    """All that a forecast is drawn from.

    Parameters
    ----------
    open_book : the open invoices and their curves.
    outcomes : how invoices ended, by what is known on the day.
    dependence : how strongly invoices are paid together.
    spread : by how much past errors exceeded what the paths say.
    sales : past weeks of invoicing.
    """

    open_book: OpenAmounts
    outcomes: pd.DataFrame
    dependence: Dependence
    spread: Spread
    sales: SalesHistory

    def draw(self, *, paths: int, seed: int) -> dict[str, Floats]:
        """Give what is expected, and the band, of each part of the receipts by week, minor units."""
        means = [self.open_book.split_expected().weeks, self.sales.expect()]
        from_open = simulate_open(self.open_book, dependence=self.dependence, paths=paths, seed=seed)
        from_open = widen(from_open, means[0], spread=self.spread.open_book)
        from_sales = self.sales.simulate(paths=paths, seed=seed + 1)
        from_sales = widen(from_sales, means[1], spread=self.spread.future_sales)
        table: dict[str, Floats] = {}
        for name, drawn, mean in zip(
            PARTS, (from_open, from_sales, from_open + from_sales), (*means, means[0] + means[1]), strict=True
        ):
            low, high = np.quantile(drawn, [LOW, HIGH], axis=0)
            table |= {f"{name}_mean": mean, f"{name}_p10": low, f"{name}_p90": high}
        return table


def look_ahead(ledger: Ledger, curves_of: CurvesOf, *, as_of: date, weeks: int, end: EndPolicy, seed: int) -> Outlook:
    """Gather what is known before a day of what is open, of how invoices are paid together, and of sales."""
    book = ledger.book
    outcomes = list_outcomes(book, as_of=as_of, end=end)
    waiting = ledger.find_waiting(known_before=as_of)
    pasts = _look_back(book, curves_of, as_of=as_of, waiting=waiting)
    dependence = estimate_dependence(pasts, outcomes, seen_day=day_of(as_of))
    return Outlook(
        open_book=look_at_open(book, curves_of, as_of=as_of, weeks=weeks, waiting=waiting),
        outcomes=outcomes,
        dependence=dependence,
        spread=measure_spread(ledger, pasts, weeks=weeks, dependence=dependence, known_before=as_of, seed=seed),
        sales=ledger.look_at_sales(as_of=as_of, weeks=weeks),
    )


def _look_back(book: Book, curves_of: CurvesOf, *, as_of: date, waiting: Waiting) -> list[OpenAmounts]:
    """Give the open books of earlier days, those on which nothing was known yet left out."""
    first = date_of(int(book["invoices"]["known_day"].min()) + 1)
    days = [as_of - timedelta(weeks=weeks) for weeks in PAST_WEEKS]
    return [
        look_at_open(book, curves_of, as_of=day, weeks=PAST_HORIZON, waiting=waiting) for day in days if day >= first
    ]


def _assemble(outlook: Outlook, drawn: dict[str, Floats], currency: str) -> CashForecast:
    open_book = outlook.open_book
    expected = open_book.split_expected()
    horizon, amounts, due = open_book.horizon, open_book.amounts, open_book.due_days
    table = {"due_amount": horizon.add_up(due, amounts), **drawn}
    rows = pd.DataFrame(
        {
            "week": np.arange(1, horizon.weeks + 1),
            "from": to_dates(horizon.last_days - 6),
            "to": to_dates(horizon.last_days),
            "currency": pd.Series([currency] * horizon.weeks, dtype="str"),
            **{name: np.rint(values).astype("int64") for name, values in table.items()},
        }
    )
    return CashForecast(
        rows=rows,
        currency=currency,
        open_amount=round(amounts.sum()),
        set_off_amount=int(open_book.items["set_off_amount"].sum()),
        overdue_amount=round(amounts[due < horizon.as_of_day].sum()),
        unbooked_amount=round(expected.unbooked),
        later_amount=round(expected.later),
        never_amount=round(expected.never),
        dependence=outlook.dependence,
        spread=outlook.spread,
    )
