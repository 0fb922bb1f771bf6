"""What one set of annual accounts says: liquidity, cover, margin, leverage, Altman's Z in three variants, Ohlson's O.

Every function takes figures as float64 arrays, one entry per set of accounts, and gives NaN where a figure it needs is
missing or there is nothing to divide by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from arrisk.features.facts import Floats, divide

Accounts = Mapping[str, Floats]
"""Figures by the name of their column in the table financials."""

FIGURES = (
    *("revenue", "ebit", "interest_expense", "net_income", "operating_cash_flow"),
    *("total_assets", "current_assets", "inventory", "intangible_assets"),
    *("total_liabilities", "current_liabilities", "equity", "retained_earnings", "market_equity"),
)
"""The figures that are read."""

MOST_COVER = 20.0
"""Interest earned more often than this, or missed by more, is as good, or as bad, as this."""

_MISSED_COVER = -10.0
_BASE_INDEX = 100.0


@dataclass(frozen=True)
class Altman:
    """One variant of Altman's Z: a weighted sum of ratios, the higher the safer.

    Parameters
    ----------
    weights : of working capital, retained earnings and EBIT over total assets, equity over total liabilities, and,
        where there is a fifth, revenue over total assets.
    distress, safe : below the first is the zone of distress, above the second the safe one, between them the grey one.
    """

    weights: tuple[float, ...]
    distress: float
    safe: float

    def score(self, ratios: Sequence[Floats]) -> Floats:
        """Give the score of the ratios X1..X5, or X1..X4 where the variant has no fifth.

        Examples
        --------
        >>> float(ALTMAN_PUBLIC.score([np.array([x]) for x in (0.25, 0.13, 0.08, 0.55, 1.2)])[0].round(6))
        2.276
        """
        total = np.zeros_like(ratios[0])
        for weight, ratio in zip(self.weights, ratios, strict=False):
            total = total + weight * ratio
        return total

    def find_zone(self, score: Floats) -> npt.NDArray[np.str_]:
        """Name the zone of each score; empty where there is none.

        Examples
        --------
        >>> ALTMAN_PUBLIC.find_zone(np.array([1.8, 1.81, 2.99, 3.0, np.nan])).tolist()
        ['distress', 'grey', 'grey', 'safe', '']
        """
        names = [np.isnan(score), score < self.distress, score > self.safe]
        return np.select(names, ["", "distress", "safe"], "grey")


ALTMAN_PUBLIC = Altman((1.2, 1.4, 3.3, 0.6, 1.0), distress=1.81, safe=2.99)
"""Z, of listed manufacturers, with equity at market value (Altman 1968, Journal of Finance 23)."""

ALTMAN_PRIVATE = Altman((0.717, 0.847, 3.107, 0.420, 0.998), distress=1.23, safe=2.9)
"""Z', of private firms, with equity at book value (Altman 1983, Corporate Financial Distress)."""

ALTMAN_GENERAL = Altman((6.56, 3.26, 6.72, 1.05), distress=1.1, safe=2.6)
"""Z'', of firms that are no manufacturers, with equity at book value (Altman, Hartzell and Peck 1995)."""


def compute_capacity(now: Accounts, before: Accounts) -> dict[str, Floats]:
    """Compute whether a firm earns what it has to pay.

    Parameters
    ----------
    now, before : the accounts, and those of about a year earlier in the same currency (NaN where there are none).

    Returns
    -------
    dict of arrays
        quick_ratio = (current assets - inventory) / current liabilities; interest_cover = EBIT / interest expense;
        ebit_margin = EBIT / revenue; cash_flow_to_debt = operating cash flow / total liabilities;
        revenue_growth = revenue / revenue before - 1.
    """
    return {
        "quick_ratio": _ratio(now["current_assets"] - now["inventory"], now["current_liabilities"]),
        "interest_cover": cover_interest(now["ebit"], now["interest_expense"]),
        "ebit_margin": _ratio(now["ebit"], now["revenue"]),
        "cash_flow_to_debt": _ratio(now["operating_cash_flow"], now["total_liabilities"]),
        "revenue_growth": _ratio(now["revenue"], before["revenue"]) - 1.0,
    }


def compute_capital(now: Accounts, before: Accounts, *, rate: Floats) -> dict[str, Floats]:
    """Compute what a firm owns and owes.

    Parameters
    ----------
    now, before : as in ``compute_capacity``.
    rate : book currency for one unit of the accounts' currency; NaN where it is not known, and then what depends on
        the size of the firm is missing.

    Returns
    -------
    dict of arrays
        net_worth_log = log of 1 + tangible net worth (equity less intangible assets where they are stated), with its
        sign; leverage = total liabilities / total assets, which also ranks firms without equity;
        retained_earnings_share = retained earnings / total assets; altman_z (only with the market value of equity),
        altman_z1, altman_z2, ohlson_o.
    """
    assets, debt = now["total_assets"], now["total_liabilities"]
    ratios = [
        _ratio(now["current_assets"] - now["current_liabilities"], assets),
        _ratio(now["retained_earnings"], assets),
        _ratio(now["ebit"], assets),
    ]
    book_equity, turnover = _ratio(now["equity"], debt), _ratio(now["revenue"], assets)
    worth = (now["equity"] - np.nan_to_num(now["intangible_assets"], nan=0.0)) * rate
    size = assets * rate / _BASE_INDEX
    return {
        "net_worth_log": np.sign(worth) * np.log1p(np.abs(worth)),
        "leverage": _ratio(debt, assets),
        "retained_earnings_share": ratios[1],
        "altman_z": ALTMAN_PUBLIC.score([*ratios, _ratio(now["market_equity"], debt), turnover]),
        "altman_z1": ALTMAN_PRIVATE.score([*ratios, book_equity, turnover]),
        "altman_z2": ALTMAN_GENERAL.score([*ratios, book_equity]),
        "ohlson_o": score_ohlson(now, income_before=before["net_income"], size=size),
    }


def cover_interest(ebit: Floats, interest: Floats) -> Floats:
    """Give how often EBIT earns the interest, from -10 to 20; who pays none earns it as often as can be said.

    Parameters
    ----------
    ebit, interest : of the same year, interest as a positive expense.

    Examples
    --------
    >>> cover_interest(np.array([6.0, 5.0, -1.0, 1.0]), np.array([2.0, 0.0, 0.0, np.nan]))
    array([  3.,  20., -10.,  nan])
    """
    without = np.where(ebit >= 0, MOST_COVER, _MISSED_COVER)
    cover = np.where(interest <= 0, without, _ratio(ebit, interest))
    known = ~(np.isnan(ebit) | np.isnan(interest))
    return np.where(known, np.clip(cover, _MISSED_COVER, MOST_COVER), np.nan)


def score_ohlson(now: Accounts, *, income_before: Floats, size: Floats) -> Floats:
    """Give Ohlson's O, the higher the nearer to bankruptcy (Ohlson 1980, Journal of Accounting Research 18, model 1).

    Parameters
    ----------
    now : the accounts. Funds from operations are read as the operating cash flow.
    income_before : net income of the year before; without it there is no score.
    size : total assets over the price level of the gross national product (1968 = 100). Its unit moves every score by
        the same amount, so that the score ranks firms but is no probability by itself. Features take book currency at
        an index of 100.
    """
    assets, debt = now["total_assets"], now["total_liabilities"]
    income, short = now["net_income"], now["current_liabilities"]
    change, both = income - income_before, np.abs(income) + np.abs(income_before)
    log_size = np.log(np.where(size > 0, size, np.nan))
    score = -1.32 - 0.407 * log_size + 6.03 * _ratio(debt, assets)
    score = score - 1.43 * _ratio(now["current_assets"] - short, assets) + 0.0757 * _ratio(short, now["current_assets"])
    score = score - 1.72 * (debt > assets) - 2.37 * _ratio(income, assets)
    score = score - 1.83 * _ratio(now["operating_cash_flow"], debt) + 0.285 * ((income < 0) & (income_before < 0))
    # Nothing earned in either year is no change; an unknown year stays unknown.
    return score - 0.521 * np.where(both == 0, 0.0, divide(change, both))


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Divide by what is above 0; a negative balance-sheet total or revenue says nothing."""
    return divide(part, np.where(whole > 0, whole, 0.0))
