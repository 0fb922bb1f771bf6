"""Finds, for a block of questions, the rows that were valid and visible that day, and the series of the first pass."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.features import context as series
from arrisk.features.amounts import Converter
from arrisk.features.conditions import Conditions, read_conditions
from arrisk.features.context import LEVELS, Context
from arrisk.features.events import History, before
from arrisk.features.facts import Facts, Floats, pick
from arrisk.features.grouping import Dated, Ints, date_rows, find_latest
from arrisk.features.layout import SLOT
from arrisk.features.members import label_rows
from arrisk.features.questions import OWN_COLUMNS
from arrisk.features.terms import offers_discount
from arrisk.frames import NEVER, Days, Mask, match, to_days

SUMS = {
    "open_amount": series.OPEN_AMOUNT,
    "overdue_amount": series.OVERDUE_AMOUNT,
    "due_count": series.DUE_COUNT,
    "due_late": series.DUE_LATE,
    "due_count_365": series.DUE_COUNT_365,
    "due_late_365": series.DUE_LATE_365,
}
_OWN_SLOTS = ("overdue_amount", "due_count", "due_late", "due_365_count", "due_365_late")
_ACCOUNTS = ("equity", "total_assets", "current_assets", "current_liabilities", "net_income", "revenue")


@dataclass(frozen=True)
class Sorted:
    """The questions, put together by customer and rising by day.

    Parameters
    ----------
    order : the row of each question in the frame that was given.
    customer : code of the customer.
    days : as of when.
    due_days : the due day of the invoice asked about; NEVER where there is none.
    seen_master : the day before whose start the master row must be known.
    own : amount (units of the features' currency), issued_day, due_day, discount (1 = its terms offer one); NaN where
        not given.
    """

    order: Ints
    customer: Ints
    days: Ints
    due_days: Ints
    seen_master: Ints
    own: Mapping[str, Floats]


def arrange(questions: pd.DataFrame, offsets: Ints, order: Ints, converter: Converter) -> Sorted:
    """Read the questions' own facts, and put them in order.

    Raises
    ------
    CurrencyError
        When an invoice's own amount has a currency without a rate known by then.
    """
    days = questions["as_of_day"].to_numpy(dtype="int64")
    own = {name: np.full(len(days), np.nan) for name in ("amount", "issued_day", "due_day", "discount")}
    if set(OWN_COLUMNS) <= set(questions.columns):
        given = questions["amount"].notna().to_numpy()
        amounts = questions["amount"].fillna(0).to_numpy(dtype="int64")
        seen_by = np.where(given, days, NEVER)
        minor = converter.convert(amounts, questions["currency"], seen_by, table="invoices")
        own["amount"] = np.where(given, minor / converter.scale, np.nan)
        for name in ("issued_day", "due_day"):
            own[name] = questions[name].to_numpy(dtype="float64")
        own["discount"] = offers_discount(questions["terms"]) if "terms" in questions else own["discount"]
    # At issue the invoice brings its own facts, and its customer's master row of that very day is one of them.
    seen_master = days + (own["issued_day"] == days)
    customer = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    taken = {name: values[order] for name, values in own.items()}
    due_days = np.nan_to_num(taken["due_day"], nan=NEVER).astype("int64")
    return Sorted(order, customer, days[order], due_days, seen_master[order], taken)


@dataclass(frozen=True)
class Lookups:
    """Everything beside the sums that the features of a block need."""

    asked: Sorted
    tables: Mapping[str, Dated]
    figures: Mapping[str, Mapping[str, Floats]]
    conditions: Conditions
    context: Context
    keys: Mapping[str, Days]
    has_key: Mapping[str, Mask]
    scale: float
    prior_strength: float

    def complete(self, block: slice, sums: Ints) -> Facts:
        """Put the facts of one block of questions together."""
        owner, days = self.asked.customer[block], self.asked.days[block]
        master = find_latest(self.tables["customers"], owner, self.asked.seen_master[block], days)
        rows: dict[str, Floats] = {}
        for table, figures in self.figures.items():
            found = master if table == "customers" else find_latest(self.tables[table], owner, days, days)
            rows |= {name: pick(values, found) for name, values in figures.items()}
        rows |= self.conditions.look_up(master, days)
        own = {name: values[block] for name, values in self.asked.own.items()}
        strict = find_latest(self.tables["customers"], owner, days, days)
        levels = self._read_levels(master, strict, days, sums)
        return Facts(sums, self.scale, days, own, rows, levels, self.prior_strength)

    def _read_levels(self, master: Ints, strict: Ints, days: Ints, sums: Ints) -> dict[str, Floats]:
        levels = {}
        for level in LEVELS:
            keys = self._key_of(level, master)
            values = series.look_up_keys(self.context[level].series, keys, days)
            if level == "group":
                is_in = (keys >= 0) & (self._key_of(level, strict) == keys)
                # The series holds the firm itself only while it was known to belong to it.
                values = values + np.where(is_in, 0, 1)[:, None] * sum_own(sums)
            known = self._has_key(level, master)
            for name, column in SUMS.items():
                levels[f"{level}_{name}"] = np.where(known, values[:, column], np.nan)
        return levels

    def _key_of(self, level: str, master: Ints) -> Ints:
        if level == "book":
            return np.zeros(len(master), dtype="int64")
        keys = self.keys[level]
        return np.where(master >= 0, keys[master], -1) if len(keys) else np.full(len(master), -1)

    def _has_key(self, level: str, master: Ints) -> Mask:
        if level == "book":
            return np.ones(len(master), dtype=bool)
        has = self.has_key[level]
        return (master >= 0) & has[master] if len(has) else np.zeros(len(master), dtype=bool)


def make_lookups(history: History, context: Context, asked: Sorted, *, prior_strength: float) -> Lookups:
    """Prepare the tables that are looked up by day."""
    customers = history.book["customers"]
    labels = {level: label_rows(customers, level) for level in LEVELS if level != "book"}
    return Lookups(
        asked=asked,
        tables={name: date_table(history.book[name], history.customers, day) for name, day in _DAY_OF_ROW.items()},
        figures=_read_figures(history),
        conditions=read_conditions(history.book),
        context=context,
        keys={level: match(values, context[level].labels) for level, values in labels.items()},
        has_key={level: values.notna().to_numpy(dtype=bool) for level, values in labels.items()},
        scale=history.converter.scale,
        prior_strength=prior_strength,
    )


_DAY_OF_ROW = {"customers": "", "limits": "valid_from_on", "financials": "period_end_on", "attributes": ""}


def date_table(frame: pd.DataFrame, customers: pd.Series, day: str) -> Dated:
    """Put the rows of a table together by customer, rising by a day, to be looked up as of any day.

    Parameters
    ----------
    frame : a checked table with a customer_id.
    customers : ids; a customer's code is its place here.
    day : the column by which a row is the newest; empty = rows hold as long as they are visible.
    """
    valid_to = to_days(frame["valid_to_on"]) if "valid_to_on" in frame else np.full(len(frame), NEVER, dtype="int64")
    return date_rows(
        match(frame["customer_id"], customers),
        len(customers),
        day=to_days(frame[day]) if day else np.full(len(frame), -NEVER, dtype="int64"),
        known=frame["known_day"].to_numpy(),
        superseded=frame["superseded_day"].to_numpy(),
        valid_to=valid_to,
    )


def _read_figures(history: History) -> dict[str, dict[str, Floats]]:
    book = history.book
    customers, limits, accounts = book["customers"], book["limits"], book["financials"]
    return {
        "customers": {
            "employees": customers["employees"].to_numpy(dtype="float64"),
            "onboarded_day": _days(customers["onboarded_on"]),
            "incorporated_day": _days(customers["incorporated_on"]),
        },
        "limits": {"limit_amount": _read_limits(limits, history), "limit_day": _days(limits["valid_from_on"])},
        "financials": {
            "period_end_day": _days(accounts["period_end_on"]),
            **{name: accounts[name].to_numpy(dtype="float64") for name in _ACCOUNTS},
        },
        "attributes": {"attributes_day": book["attributes"]["known_day"].to_numpy(dtype="float64")},
    }


def _read_limits(limits: pd.DataFrame, history: History) -> Floats:
    """Give each limit in units of the features' currency: 0 for 'zero', missing for 'none' or no amount."""
    stated = limits["limit_amount"]
    counts = (stated.notna() & (limits["limit_kind"] == "amount")).to_numpy(dtype=bool)
    amounts = np.full(len(limits), np.nan)
    chosen = limits.loc[counts]
    minor = stated[counts].to_numpy(dtype="int64")
    known = before(chosen["known_day"].to_numpy(), history.last_day)
    amounts[counts] = (
        history.converter.convert(minor, chosen["currency"], known, table="limits") / history.converter.scale
    )
    return np.where((limits["limit_kind"] == "zero").to_numpy(dtype=bool), 0.0, amounts)


def _days(dates: pd.Series) -> Floats:
    days = to_days(dates)
    return np.where(days < NEVER, days, np.nan)


def sum_own(sums: Ints) -> npt.NDArray[np.int64]:
    """Give a customer's own sums, one row per question, in the order of a level's."""
    open_amount = sums[SLOT["open_amount"]] + sums[SLOT["residue_amount"]]
    return np.column_stack([open_amount, *(sums[SLOT[name]] for name in _OWN_SLOTS)])
