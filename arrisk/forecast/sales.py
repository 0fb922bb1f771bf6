"""Receipts of sales to come: what a week's invoices brought in by week since, times the season.

The last half-year's weeks of invoicing are the sample. A week's row holds the cash that its invoices brought in the
same week, the week after, and so on; what is too recent to be seen is filled in with the share of sales that older
weeks brought in at that age (the chain-ladder idea). A coming week brings the average row, times what the season made
of the same weeks a year ago: believed as far as it stands out from the noise of single weeks.
"""

from dataclasses import dataclass

import numpy as np

from arrisk.modeling.rows import Floats, Ints

_YEAR, _HALF_YEAR = 52, 26
_AROUND = 2


@dataclass(frozen=True)
class SalesHistory:
    """Past weeks of invoicing, the newest first; week 0 ended on the day before the forecast.

    Parameters
    ----------
    sales : invoiced in each week, minor units, shape (k,).
    rows : cash that a week's invoices brought in, by weeks since, completed, shape (at most half a year, weeks).
    """

    sales: Floats
    rows: Floats

    @property
    def seasons(self) -> Floats:
        """Give the factor from an average week of the last half-year to each coming one, shape (weeks,).

        It is 1 where the ledger does not reach back a year and a half.
        """
        weeks = self.rows.shape[1]
        last_year = self.sales[: _YEAR + _HALF_YEAR]
        before = last_year[_YEAR:].mean() if len(last_year) == _YEAR + _HALF_YEAR else 0.0
        if before <= 0:
            return np.ones(weeks)
        smooth = _smooth(last_year)
        a_year_ago = smooth[_YEAR - 1 - np.arange(weeks) % _YEAR]
        seasons: Floats = 1.0 + _trust(last_year[:_YEAR], smooth[:_YEAR]) * (a_year_ago / before - 1.0)
        return seasons

    def expect(self) -> Floats:
        """Expect the receipts of each week, shape (weeks,)."""
        weeks = self.rows.shape[1]
        average, seasons = self.rows.mean(axis=0), self.seasons
        return np.array([float(seasons[: week + 1] @ average[week::-1]) for week in range(weeks)])

    def simulate(self, *, paths: int, seed: int) -> Floats:
        """Draw paths: each coming week is a past week at a level that is uncertain itself.

        Returns
        -------
        array of shape (paths, weeks)
            Receipts of each week, minor units.
        """
        rng = np.random.default_rng(seed)
        count, weeks = self.rows.shape
        recent = self.sales[:count]
        wobble = rng.choice(recent, (paths, count)).mean(axis=1) / max(recent.mean(), 1.0)
        which, seasons = rng.integers(0, count, (paths, weeks)), self.seasons
        received = np.zeros((paths, weeks))
        for week in range(weeks):
            received[:, week:] += seasons[week] * self.rows[which[:, week], : weeks - week]
        drawn: Floats = received * wobble[:, None]
        return drawn


def tabulate_sales(
    *,
    issued_day: Ints,
    amount: Floats,
    paid_day: Ints,
    paid_issued_day: Ints,
    paid_amount: Floats,
    as_of_day: int,
    weeks: int,
) -> SalesHistory:
    """Count past sales and what they brought in by weeks.

    Parameters
    ----------
    issued_day, amount : of each invoice known before the day.
    paid_day, paid_issued_day, paid_amount : of each receipt known before the day, with its invoice's day of issue.
    as_of_day : the first day that is not known.
    weeks : how many weeks since are looked at.
    """
    count = max(int((as_of_day - issued_day.min()) // 7), 1) if len(issued_day) else 1
    issued_week = (as_of_day - 1 - issued_day) // 7
    sales = _add_up(issued_week, amount, count)
    kept = min(count, _HALF_YEAR)
    week, paid_week = (as_of_day - 1 - paid_issued_day) // 7, (as_of_day - 1 - paid_day) // 7
    since = np.maximum(week - paid_week, 0)
    inside = (week < kept) & (since < weeks) & (paid_week >= 0)
    rows = np.zeros((kept, weeks))
    np.add.at(rows, (week[inside], since[inside]), paid_amount[inside])
    return SalesHistory(sales, _complete(rows, sales[:kept]))


def _smooth(sales: Floats) -> Floats:
    """Average each week with those around it."""
    window = np.ones(2 * _AROUND + 1)
    added: Floats = np.convolve(sales, window, "same") / np.convolve(np.ones(len(sales)), window, "same")
    return added


def _trust(sales: Floats, smooth: Floats) -> float:
    """Give the share of the smoothed weeks' variance that is not the noise of single weeks, 0..1."""
    noise = np.diff(sales).var() / 2 / (2 * _AROUND + 1)
    return float(np.clip(1.0 - noise / smooth.var(), 0.0, 1.0)) if smooth.var() > 0 else 0.0


def _add_up(week: Ints, amount: Floats, count: int) -> Floats:
    inside = (week >= 0) & (week < count)
    added = np.zeros(count)
    np.add.at(added, week[inside], amount[inside])
    return added


def _complete(rows: Floats, sales: Floats) -> Floats:
    """Fill in what is too recent to be seen; an age that no week has reached yet brings nothing."""
    count, weeks = rows.shape
    is_seen = np.arange(weeks) <= np.arange(count)[:, None]
    of_seen = (sales[:, None] * is_seen).sum(axis=0)
    share = np.divide((rows * is_seen).sum(axis=0), of_seen, out=np.zeros(weeks), where=of_seen > 0)
    return np.where(is_seen, rows, sales[:, None] * share)
