"""The newest macro and sector observations that speak of a customer, as published by the day of the question."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from arrisk.features.facts import Floats
from arrisk.features.grouping import Dated, Ints, date_rows, find_latest
from arrisk.frames import NEVER, Days, match, to_days
from arrisk.schema import Book

SERIES = ("gdp_growth", "unemployment_rate", "industry_output")
"""The series that features know by name; a book may hold any others."""

SCOPES = ((True, True), (True, False), (False, True), (False, False))
"""A customer is spoken of by its country and industry together, by one of them, or by what holds for all."""

_BETWEEN = "\x1f"


@dataclass(frozen=True)
class Conditions:
    """The observations, ready to be looked up.

    Parameters
    ----------
    observations : grouped by series and scope; empty where the book has none of the known series.
    values : the observed value of each row.
    periods : the day of the period of each row.
    keys : for each series one row per scope, most particular first: the key of each row of the master data.
    """

    observations: Dated
    values: Floats
    periods: Days
    keys: Mapping[str, Ints]

    def look_up(self, master: Ints, days: Ints) -> dict[str, Floats]:
        """Give the newest value of each series, and the day of the newest period, at some questions."""
        found = {name: np.full(len(days), np.nan) for name in SERIES}
        newest = np.full(len(days), np.nan)
        for name in SERIES if len(self.values) else ():
            row = np.full(len(days), -1, dtype="int64")
            for scope in self.keys[name]:
                owner = np.where((master >= 0) & (row < 0), scope[master], -1)
                row = np.maximum(row, find_latest(self.observations, owner, days, days))
            found[name] = np.where(row >= 0, self.values[row], np.nan)
            newest = np.fmax(newest, np.where(row >= 0, self.periods[row], np.nan))
        return found | {"condition_day": newest}


def read_conditions(book: Book) -> Conditions:
    """Read the known series of a book."""
    frame = book["conditions"]
    frame = frame.loc[frame["series"].isin(SERIES).to_numpy(dtype=bool)].reset_index(drop=True)
    scopes = _join(frame["series"], frame["country"], frame["industry"])
    names = scopes.drop_duplicates()
    period = to_days(frame["period_on"])
    observations = date_rows(
        match(scopes, names),
        len(names),
        day=period,
        known=frame["known_day"].to_numpy(),
        superseded=frame["superseded_day"].to_numpy(),
        valid_to=np.full(len(frame), NEVER, dtype="int64"),
    )
    keys = {
        name: _list_keys(book["customers"], name, names) if len(frame) else np.empty((4, 0), "int64") for name in SERIES
    }
    return Conditions(observations, frame["value"].to_numpy(dtype="float64"), period, keys)


def _list_keys(customers: pd.DataFrame, series: str, names: pd.Series) -> Ints:
    name = pd.Series(series, index=customers.index, dtype="str")
    nothing = pd.Series(np.nan, index=customers.index, dtype="str")
    keys = []
    for by_country, by_industry in SCOPES:
        country = customers["country"] if by_country else nothing
        industry = customers["industry"] if by_industry else nothing
        key = match(_join(name, country, industry), names)
        wanted = np.ones(len(customers), dtype=bool)
        for is_part, column in ((by_country, customers["country"]), (by_industry, customers["industry"])):
            # A customer without a country is not spoken of by what holds for a country.
            wanted &= column.notna().to_numpy(dtype=bool) if is_part else True
        keys.append(np.where(wanted, key, -1))
    return np.vstack(keys)


def _join(series: pd.Series, country: pd.Series, industry: pd.Series) -> pd.Series:
    return series + _BETWEEN + country.fillna("").astype("str") + _BETWEEN + industry.fillna("").astype("str")
