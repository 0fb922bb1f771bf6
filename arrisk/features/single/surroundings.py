"""What one customer's features need of the rest of the ledger as of a day: the first pass, held fixed.

A service makes it once for a ledger and a day, and computes any number of customers with it. What it holds are the
figures of whole groups, industries and countries, rates of exchange and observations: sums over many, which one new row
of one customer hardly moves; all else is read from the customer's own rows.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
import pandas as pd

from arrisk import money
from arrisk.errors import CurrencyError
from arrisk.features.attributes import list_attributes
from arrisk.features.conditions import SCOPES, SERIES
from arrisk.features.context import LEVELS, Context, look_up_keys
from arrisk.features.grouping import date_rows, find_latest
from arrisk.features.history import build_context
from arrisk.features.segments import Ints
from arrisk.frames import NEVER, to_days, visible
from arrisk.policy import Policy
from arrisk.schema import Book

Rate = tuple[int, int, int, float]
"""A rate of exchange: its day, from when and until when it can be seen, book currency for one unit."""

Observed = tuple[float, float]
"""The newest value of a series, and the day of its period."""

Scope = tuple[str, str, str]
"""A series, a country and an industry; empty = it speaks of all."""


@dataclass(frozen=True)
class Surroundings:
    """Figures of everybody as of a day.

    Parameters
    ----------
    as_of_day : the day.
    currency : the book currency, which all amounts are in.
    levels : by level and label, the sums of its series, as ``look_up_keys`` gives them.
    rates : by currency, its rates, rising by day.
    conditions : the newest observation by scope.
    members : by the head of each group of several, its members and from when each was known to belong to it.
    attributes : the names of the ledger's own attributes, and whether each is text.
    """

    as_of_day: int
    currency: str
    levels: Mapping[str, Mapping[str, Ints]]
    rates: Mapping[str, tuple[Rate, ...]]
    conditions: Mapping[Scope, Observed]
    members: Mapping[str, tuple[tuple[str, int], ...]]
    attributes: Mapping[str, bool]
    _factors: dict[tuple[str, int], float] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def scale(self) -> float:
        """Minor units in one unit of the book currency."""
        return 10.0 ** money.exponent(self.currency)

    def list_members(self, head: str) -> list[str]:
        """List who was known to belong to a group of several."""
        return [member for member, _ in self.members.get(head, ())]

    def find_rate(self, currency: str, seen_by: int) -> float | None:
        """Find the newest rate of a currency that was known before a day; None = there is none."""
        rates = self.rates.get(currency, ())
        for place in range(bisect_right(rates, seen_by, key=itemgetter(0)) - 1, -1, -1):
            _, known, superseded, rate = rates[place]
            if known < seen_by <= superseded:
                return rate
        return None

    def find_factor(self, currency: str, seen_by: int, *, table: str) -> float:
        """Give the minor units of the book currency in one minor unit of another, by the rate known before a day.

        Raises
        ------
        CurrencyError
            When none was known by then.
        """
        if currency == self.currency:
            return 1.0
        key = (currency, seen_by)
        if key not in self._factors:
            self._factors[key] = self._compute_factor(currency, seen_by, table)
        return self._factors[key]

    def _compute_factor(self, currency: str, seen_by: int, table: str) -> float:
        rate = self.find_rate(currency, seen_by)
        if rate is None:
            raise CurrencyError(
                f"no rate for {currency}/{self.currency} is known before {np.datetime64(seen_by, 'D')}",
                where=f"table {table}",
                hint="add rows to 'rates' with an earlier rate_on",
            )
        return float(rate / 10.0 ** (money.exponent(currency) - money.exponent(self.currency)))

    def convert(self, amount: int, currency: str, seen_by: int, *, table: str) -> int:
        """Convert minor units, rounded to the minor unit; amounts in book currency stay exact."""
        factor = self.find_factor(currency, seen_by, table=table)
        return amount if factor == 1.0 else round(amount * factor)

    def find_conditions(self, country: str | None, industry: str | None) -> dict[str, float]:
        """Find the newest value of each series that speaks of a customer, and the day of the newest period."""
        found = dict.fromkeys(SERIES, np.nan)
        newest = np.nan
        for series in SERIES:
            for by_country, by_industry in SCOPES:
                if (by_country and country is None) or (by_industry and industry is None):
                    continue
                scope = (series, country or "" if by_country else "", industry or "" if by_industry else "")
                if scope in self.conditions:
                    found[series], period = self.conditions[scope]
                    newest = period if not newest >= period else newest
                    break
        return found | {"condition_day": newest}


def read_surroundings(book: Book, *, as_of_day: int, policy: Policy) -> Surroundings:
    """Read the figures of everybody as of a day.

    Parameters
    ----------
    book : the whole checked book.
    as_of_day : days since 1970-01-01; what is known on it is not seen.
    policy : says when an invoice has ended.

    Raises
    ------
    CurrencyError
        When a row that counts has a foreign currency without a rate.
    """
    context = build_context(book, last_day=as_of_day, policy=policy)
    attributes = book["attributes"]
    return Surroundings(
        as_of_day=as_of_day,
        currency=book.currency,
        levels=_read_levels(context, as_of_day),
        rates=_list_rates(book["rates"]),
        conditions=_read_conditions(book, as_of_day),
        members=_list_members(book["customers"], as_of_day),
        attributes={
            name: not pd.api.types.is_numeric_dtype(attributes[name].dtype) for name in list_attributes(attributes)
        },
    )


def _read_levels(context: Context, day: int) -> dict[str, dict[str, Ints]]:
    levels = {}
    for level in LEVELS:
        labels = context[level].labels
        keys = np.arange(len(labels))
        sums = look_up_keys(context[level].series, keys, np.full(len(labels), day, dtype="int64"))
        levels[level] = dict(zip(labels.tolist(), sums, strict=True))
    return levels


def _list_rates(rates: pd.DataFrame) -> dict[str, tuple[Rate, ...]]:
    columns = [to_days(rates["rate_on"]), rates["known_day"].to_numpy(), rates["superseded_day"].to_numpy()]
    rows = zip(*(column.tolist() for column in columns), rates["rate"].tolist(), strict=True)
    found: dict[str, list[Rate]] = {}
    for currency, row in zip(rates["currency"].tolist(), rows, strict=True):
        found.setdefault(currency, []).append(row)
    # Stable, so that of two rates of one day and one day of knowledge the later line is the newer.
    return {currency: tuple(sorted(own, key=lambda row: row[:2])) for currency, own in found.items()}


def _read_conditions(book: Book, day: int) -> dict[Scope, Observed]:
    frame = book["conditions"]
    frame = frame.loc[frame["series"].isin(SERIES).to_numpy(dtype=bool)].reset_index(drop=True)
    keys = [frame[name].fillna("").astype("str") for name in ("series", "country", "industry")]
    scopes = list(zip(*(key.tolist() for key in keys), strict=True))
    places = {scope: place for place, scope in enumerate(dict.fromkeys(scopes))}
    period = to_days(frame["period_on"])
    dated = date_rows(
        np.array([places[scope] for scope in scopes], dtype="int64"),
        len(places),
        day=period,
        known=frame["known_day"].to_numpy(),
        superseded=frame["superseded_day"].to_numpy(),
        valid_to=np.full(len(frame), NEVER, dtype="int64"),
    )
    days = np.full(len(places), day, dtype="int64")
    rows = find_latest(dated, np.arange(len(places)), days, days).tolist()
    value = frame["value"].to_numpy(dtype="float64")
    return {scope: (float(value[row]), float(period[row])) for scope, row in zip(places, rows, strict=True) if row >= 0}


def _list_members(customers: pd.DataFrame, day: int) -> dict[str, tuple[tuple[str, int], ...]]:
    """List the groups of several; before its master data a firm is its own group."""
    known = visible(customers, as_of_day=day)
    heads = known["parent_id"].fillna(known["customer_id"])
    groups: dict[str, list[tuple[str, int]]] = {}
    for head, member, since in zip(
        heads.tolist(), known["customer_id"].tolist(), known["known_day"].tolist(), strict=True
    ):
        groups.setdefault(head, []).append((member, since))
    # Who is known as a head alone, before any master data of its own, belongs to its group too.
    first = customers.groupby("customer_id")["known_day"].min()
    for head, own in groups.items():
        if head not in first.index or first[head] >= day:
            own.append((head, -NEVER))
    return {head: tuple(own) for head, own in groups.items() if len(own) > 1}
