"""What the reports on a firm and its group say on the whole: means over all that were known, the newer the heavier.

One report is a noisy reading of how a firm stands, which changes slowly; and a group stands or falls together. Each
report, of whichever member, weighs half as much for every ``HALF_LIFE_DAYS`` of its age.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from arrisk.features.attributes import PREFIX, list_attributes, read_values
from arrisk.features.catalogue import Feature, parse_features
from arrisk.features.compiled import entry
from arrisk.features.facts import Floats
from arrisk.features.grouping import Dated, Ints, date_rows, find_latest
from arrisk.features.statements import FIGURES, Accounts, compute_capacity, compute_capital
from arrisk.frames import NEVER, match, take, to_arrow, to_days
from arrisk.schema import Book

HALF_LIFE_DAYS = 135.0
"""A report weighs half as much as one that is so many days younger; twice as long ranks simulated firms worse."""

MEAN = "mean_"
"""How a mean is named: this, then what it is the mean of."""

MEAN_ATTRIBUTE = MEAN + PREFIX
"""How the columns of means over attributes begin."""

_TEXT = """
mean_quick_ratio | capacity | ratio | -1 | quick ratio over the years
    over the years liquid assets cover {value:.0%} of short-term debt
mean_interest_cover | capacity | score | -1 | interest cover over the years
    over the years interest is earned {value:.1f} times
mean_ebit_margin | capacity | share | -1 | EBIT margin over the years
    an EBIT margin of {value:.1%} over the years
mean_cash_flow_to_debt | capacity | ratio | -1 | operating cash flow over total liabilities over the years
    over the years a year's cash flow is {value:.0%} of debt
mean_cash_share | capacity | share | -1 | cash over total assets over the years
    over the years cash is {value:.0%} of its assets
mean_working_capital_release | capacity | share | -1 | operating cash flow less income and depreciation, over revenue
    over the years {value:.1%} of revenue came out of working capital
mean_leverage | capital | share | +1 | total liabilities over total assets over the years
    over the years debt is {value:.0%} of its assets
mean_retained_earnings_share | capital | share | -1 | retained earnings over total assets over the years
    over the years retained earnings are {value:.0%} of its assets
mean_altman_z1 | capital | score | -1 | Altman's Z' over the years
    Altman's Z' is {value:.2f} over the years
mean_altman_z2 | capital | score | -1 | Altman's Z'' over the years
    Altman's Z'' is {value:.2f} over the years
"""

READINGS: Mapping[str, Feature] = MappingProxyType(parse_features(_TEXT, is_own=False))
"""What each mean over accounts is, in the order of the output; those over attributes need no code."""

CASH = ("cash", "depreciation")
"""Figures that only the means read."""

_GRADES = {letter: float(code) for code, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", start=1)}


def build_readings(book: Book, questions: pd.DataFrame) -> pd.DataFrame:
    """Build the means over all reports on each customer and its group that were known at each question.

    Parameters
    ----------
    book : a checked book.
    questions : one row per question, in any order: customer_id, as_of_day (int64 days, strict).

    Returns
    -------
    DataFrame
        One row per question in the given order, float64: the columns of ``READINGS``, and one per attribute, named
        ``mean_attribute_`` and its column, single letters being read as A = 1, B = 2 and so on; NaN = not known.
    """
    ids = _list_ids(book, questions)
    members = _list_memberships(book["customers"], ids)
    asked, days = match(questions["customer_id"], ids), questions["as_of_day"].to_numpy(dtype="int64")
    own = _date(members, members["member"].to_numpy(), len(ids))
    group = take(members["key"].to_numpy(), find_latest(own, asked, days, days), missing=-1)
    columns: dict[str, Floats] = {}
    for table, day, values in (
        ("financials", "period_end_on", compute_ratios(_read_figures(book["financials"]))),
        ("attributes", "", _read_attributes(book["attributes"])),
    ):
        reports = _list_reports(book[table], day, members, ids)
        matrix = np.column_stack([*values.values(), np.zeros(len(book[table]))])
        dated = _date(reports, reports["key"].to_numpy(), len(ids))
        found = average_reports(dated, reports["row"].to_numpy(), matrix, group, days, HALF_LIFE_DAYS)
        columns |= {MEAN + name: found[:, place] for place, name in enumerate(values)}
    return pd.DataFrame(columns)


def _list_ids(book: Book, questions: pd.DataFrame) -> pd.Series:
    customers = book["customers"]
    parts = [to_arrow(questions["customer_id"]), to_arrow(customers["customer_id"]), to_arrow(customers["parent_id"])]
    return pd.Series(pd.array(pa.chunked_array(parts).unique().drop_null(), dtype="str"))


def _list_memberships(customers: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    """List who belongs to which group, known from when until when; before its master data a firm is its own group."""
    member = match(customers["customer_id"], ids)
    parent = match(customers["parent_id"], ids)
    first = np.full(len(ids), NEVER, dtype="int64")
    np.minimum.at(first, member, customers["known_day"].to_numpy())
    alone = np.arange(len(ids))
    return pd.DataFrame(
        {
            "member": np.concatenate([alone, member]),
            "key": np.concatenate([alone, np.where(parent < 0, member, parent)]),
            "day": -NEVER,
            "known": np.concatenate([np.full(len(ids), -NEVER), customers["known_day"].to_numpy()]),
            "superseded": np.concatenate([first, customers["superseded_day"].to_numpy()]),
        }
    )


def _list_reports(frame: pd.DataFrame, day: str, members: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    """List each report once per membership of its firm, visible while both are.

    Without a day of its own, a report stays one when the next is known.
    """
    reports = pd.DataFrame(
        {
            "row": np.arange(len(frame)),
            "member": match(frame["customer_id"], ids),
            "day": to_days(frame[day]) if day else frame["known_day"].to_numpy(),
            "seen": frame["known_day"].to_numpy(),
            "until": frame["superseded_day"].to_numpy() if day else NEVER,
        }
    )
    # Of two reports with one key and one day of knowledge the later line alone was ever seen.
    reports = reports.loc[(frame["known_day"] < frame["superseded_day"]).to_numpy(dtype=bool)]
    both = reports.merge(members.drop(columns="day"), on="member")
    both["known"] = np.maximum(both["seen"], both["known"])
    both["superseded"] = np.minimum(both["until"], both["superseded"])
    return both.loc[both["known"] < both["superseded"]].reset_index(drop=True)


def _date(rows: pd.DataFrame, owners: Ints, count: int) -> Dated:
    days = {name: rows[name].to_numpy(dtype="int64") for name in ("day", "known", "superseded")}
    return date_rows(owners, count, **days, valid_to=np.full(len(rows), NEVER, dtype="int64"))


def _read_figures(accounts: pd.DataFrame) -> dict[str, Floats]:
    return {name: accounts[name].to_numpy(dtype="float64", na_value=np.nan) for name in (*FIGURES, *CASH)}


def compute_ratios(figures: Accounts) -> dict[str, Floats]:
    """Compute the ratios of each set of accounts by itself; ``figures`` are ``FIGURES`` and ``CASH``."""
    nothing = {name: np.full(len(figures["revenue"]), np.nan) for name in FIGURES}
    ratios = compute_capacity(figures, nothing) | compute_capital(figures, nothing, rate=nothing["revenue"])
    assets, revenue = (np.where(figures[name] > 0, figures[name], np.nan) for name in ("total_assets", "revenue"))
    ratios["cash_share"] = figures["cash"] / assets
    released = figures["operating_cash_flow"] - figures["net_income"] - figures["depreciation"]
    ratios["working_capital_release"] = released / revenue
    return {name.removeprefix(MEAN): ratios[name.removeprefix(MEAN)] for name in READINGS}


def _read_attributes(attributes: pd.DataFrame) -> dict[str, Floats]:
    return {PREFIX + name: read_grades(attributes[name]) for name in list_attributes(attributes)}


def read_grades(column: pd.Series) -> Floats:
    """Read an attribute as numbers, and a single letter as its place in the alphabet."""
    values = read_values(column)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return values
    codes = column.str.strip().str.upper().map(_GRADES).to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isnan(values), codes, values)


@entry
def average_reports(
    rows: Dated, report: Ints, values: npt.NDArray[np.float64], owners: Ints, seen_by: Ints, half_life: float
) -> npt.NDArray[np.float64]:
    """Average, for each question, what its owner's rows that were known by then say, the newer the heavier."""
    result = np.full((len(owners), values.shape[1]), np.nan)
    for q in range(len(owners)):
        if owners[q] < 0:
            continue
        total = np.zeros(values.shape[1])
        weight = np.zeros(values.shape[1])
        for at in range(rows.offsets[owners[q]], rows.offsets[owners[q] + 1]):
            if not rows.days[at, 1] < seen_by[q] <= rows.days[at, 2]:
                continue
            heavy = 0.5 ** ((seen_by[q] - rows.days[at, 0]) / half_life)
            line = report[rows.row[at]]
            for column in range(values.shape[1]):
                if not np.isnan(values[line, column]):
                    total[column] += heavy * values[line, column]
                    weight[column] += heavy
        for column in range(values.shape[1]):
            if weight[column] > 0:
                result[q, column] = total[column] / weight[column]
    return result
