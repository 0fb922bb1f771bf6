"""The five C's of one customer, the means over its reports, and its attributes: as of a day, from its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from arrisk.features.attributes import CATEGORY, PREFIX
from arrisk.features.facts import Floats
from arrisk.features.five_cs import (
    MOST_APART,
    YEAR_APART,
    compare_volumes,
    grade_depth,
    share_cover,
)
from arrisk.features.grouping import Dated
from arrisk.features.readings import (
    CASH,
    HALF_LIFE_DAYS,
    MEAN,
    MEAN_ATTRIBUTE,
    READINGS,
    average_reports,
    compute_ratios,
)
from arrisk.features.single.happenings import read_security
from arrisk.features.single.rows import COLUMNS, CustomerRows, Row, find_newest
from arrisk.features.single.surroundings import Surroundings
from arrisk.features.single.words import read_code, read_grade, read_number
from arrisk.features.statements import FIGURES, compute_capacity, compute_capital
from arrisk.frames import NEVER
from arrisk.policy import CollateralPolicy

Figures = tuple[float | None, ...]
"""``FIGURES`` of one set of accounts, perhaps with ``CASH`` behind them."""

_FIRST = COLUMNS["financials"].index(FIGURES[0])
_CASH = _FIRST + len(FIGURES)
_LAST = _CASH + len(CASH)
_PARENT = COLUMNS["customers"].index("parent_id")
_KEPT = 65_536
_NAN = np.float64(np.nan)
_UNKNOWN: Figures = (None,) * len(FIGURES)
_ONE = np.zeros(1, dtype="int64")
_KINDS = tuple(CollateralPolicy.model_fields)

NEEDED = ("invoiced_amount_365", "open_amount", "attributes_age_days", "due_late_share")
"""The features of the catalogue that the five C's rest on."""


@dataclass(frozen=True)
class _Read:
    """The accounts that are read: theirs, those of about a year before, and the rate into book currency."""

    newest: Figures
    before: Figures
    rate: float
    age: float
    of_parent: float


_NONE_READ = _Read(_UNKNOWN, _UNKNOWN, np.nan, np.nan, np.nan)


def build_standing(
    rows: CustomerRows, around: Surroundings, behaviour: Mapping[str, float], *, haircuts: CollateralPolicy
) -> dict[str, float]:
    """Compute one customer's five C's, to the last bit as ``build_five_cs`` does.

    Parameters
    ----------
    rows, around : the customer's rows, and what they are compared with.
    behaviour : the features ``NEEDED``.
    haircuts : how much each kind of security counts for.
    """
    needed = {name: _give(behaviour[name]) for name in NEEDED}
    parent = find_parent(rows, around)
    read = _read_accounts(rows, around, parent)
    volumes = compare_volumes(
        _give(_read_expected(rows.tables["applications"], around)),
        invoiced=needed["invoiced_amount_365"],
        revenue=_give(read.newest[0]) * read.rate,
    )
    cover = share_cover(_sum_cover(rows.tables["collateral"], around, haircuts), needed["open_amount"])
    depth = grade_depth(
        _give(read.age),
        _give(read.of_parent),
        attributes_age=needed["attributes_age_days"],
        late_share=needed["due_late_share"],
    )
    found = {**volumes, **cover, "data_depth": depth}
    return {
        **_compute_ratios(read.newest, read.before, read.rate),
        **{name: float(value) for name, value in found.items()},
        "statement_age_days": read.age,
        "accounts_of_parent": read.of_parent,
        "parent_credit_events": _count_parent_events(rows, around, parent),
    }


def _give(number: float | None) -> Floats:
    """Give a number as an array without a dimension, as a computation with arrays gives it."""
    return _NAN if number is None else np.float64(number)  # type: ignore[return-value]


@lru_cache(_KEPT)
def _compute_ratios(newest: Figures, before: Figures, rate: float) -> dict[str, float]:
    """Compute the ratios of accounts, which are asked about far more often than they change."""
    figures, earlier = (dict(zip(FIGURES, map(_give, own), strict=True)) for own in (newest, before))
    ratios = compute_capacity(figures, earlier) | compute_capital(figures, earlier, rate=_give(rate))
    return {name: float(value) for name, value in ratios.items()}


def find_parent(rows: CustomerRows, around: Surroundings) -> str | None:
    """Find the parent that the master row of the day names, other than the firm itself."""
    masters = rows.tables["customers"]
    at = find_newest(masters, seen_by=around.as_of_day)
    parent = masters[at][_PARENT] if at >= 0 else None
    return None if parent == rows.customer_id else parent


def _read_accounts(rows: CustomerRows, around: Surroundings, parent: str | None) -> _Read:
    """Read the newest accounts, or the parent's where there are none, and those of about a year before."""
    if not rows.tables["financials"]:
        return _NONE_READ
    day = around.as_of_day
    for owner in (rows.customer_id, parent):
        accounts = [row for row in rows.tables["financials"] if row[0] == owner]
        at = find_newest(accounts, seen_by=day, day=1)
        if at >= 0:
            break
    else:
        return _NONE_READ
    _, end, currency, *_ = newest = accounts[at]
    earlier = find_newest(accounts, seen_by=day, holds_on=end - YEAR_APART, day=1)
    is_near = earlier >= 0 and accounts[earlier][1] >= end - MOST_APART and accounts[earlier][2] == currency
    rate = 1.0 if currency == around.currency else around.find_rate(currency, newest[-2])
    return _Read(
        newest=newest[_FIRST:_CASH],
        before=accounts[earlier][_FIRST:_CASH] if is_near else _UNKNOWN,
        rate=np.nan if rate is None else rate,
        age=float(day - end),
        of_parent=float(owner != rows.customer_id),
    )


def _read_expected(applications: Sequence[Row], around: Surroundings) -> float:
    at = find_newest(applications, seen_by=around.as_of_day, day=0)
    stated = applications[at][1] if at >= 0 else None
    return np.nan if stated is None else stated / around.scale


def _sum_cover(collateral: Sequence[Row], around: Surroundings, haircuts: CollateralPolicy) -> dict[str, Floats]:
    sums = dict.fromkeys(_KINDS, 0)
    for row in collateral:
        _, start, stop, amount = read_security(row, around)
        if start < around.as_of_day <= stop and row[0] in sums:
            sums[row[0]] += amount
    return {kind: _give(total) / around.scale * getattr(haircuts, kind) for kind, total in sums.items()}


def _count_parent_events(rows: CustomerRows, around: Surroundings, parent: str | None) -> float:
    if parent is None:
        return np.nan
    own = (row for row in rows.tables["credit_events"] if row[0] == parent)
    return float(sum(row[-2] < around.as_of_day <= row[-1] for row in own))


def build_means(rows: CustomerRows, around: Surroundings) -> dict[str, float]:
    """Compute the means over all reports on the firm and its group, as ``build_readings`` does."""
    since = _list_members(rows, around)
    accounts = _keep_seen(rows.tables["financials"], since, around.as_of_day, day=1)
    ratios = [_compute_reading(row[_FIRST:_LAST]) for row, _, _ in accounts]
    attributes = _keep_seen(rows.tables["attributes"], since, around.as_of_day, day=-2)
    grades = [tuple(map(read_grade, row[1:-2])) for row, _, _ in attributes]
    names = tuple(MEAN_ATTRIBUTE + name for name in around.attributes)
    means = _average(accounts, ratios, tuple(READINGS), around.as_of_day)
    return means | _average(attributes, grades, names, around.as_of_day)


@lru_cache(_KEPT)
def _compute_reading(figures: Figures) -> tuple[float, ...]:
    """Compute what the means over accounts are of, in the order of ``READINGS``."""
    named = {
        name: np.array([np.nan if own is None else own]) for name, own in zip((*FIGURES, *CASH), figures, strict=True)
    }
    ratios = compute_ratios(named)
    return tuple(float(ratios[name.removeprefix(MEAN)][0]) for name in READINGS)


def _list_members(rows: CustomerRows, around: Surroundings) -> dict[str, int]:
    """Say who belongs to the firm's group, and from when that was known."""
    masters = rows.tables["customers"]
    at = find_newest(masters, seen_by=around.as_of_day)
    head = (masters[at][_PARENT] if at >= 0 else None) or rows.customer_id
    since = dict(around.members.get(head, ()))
    return since | {rows.customer_id: masters[at][-2] if at >= 0 else -NEVER}


Report = tuple[Row, int, int]
"""A row, its own day, and from when it was known of the group."""


def _keep_seen(rows: Sequence[Row], since: Mapping[str, int], seen_by: int, *, day: int) -> list[Report]:
    """Keep the reports that could be seen, in the order of their days; a report without a day of its own stays one."""
    own = [(row, row[day], max(row[-2], since[row[0]])) for row in rows if row[0] in since]
    seen = [report for report in own if report[2] < seen_by and (day < 0 or seen_by <= report[0][-1])]
    return sorted(seen, key=lambda report: report[1:])


def _average(
    reports: Sequence[Report], values: Sequence[Sequence[float]], names: Sequence[str], seen_by: int
) -> dict[str, float]:
    if not reports or not names:
        return dict.fromkeys(names, np.nan)
    count = len(reports)
    days = np.array([(day, known, NEVER, NEVER) for _, day, known in reports], dtype="int64")
    order = np.arange(count)
    # In the order in which the columns of a table stand: the function is compiled for it.
    dated = Dated(np.array([0, count]), order, np.asfortranarray(days))
    matrix = np.asfortranarray(np.array(values, dtype="float64"))
    found = average_reports(dated, order, matrix, _ONE, np.array([seen_by]), HALF_LIFE_DAYS)
    return dict(zip(names, found[0].tolist(), strict=True))


def build_attributes(rows: CustomerRows, around: Surroundings) -> dict[str, float]:
    """Read the newest attributes in numbers, and those that are text as the codes of their words."""
    own = rows.list_own("attributes")
    at = find_newest(own, seen_by=around.as_of_day)
    cells = own[at][1:-2] if at >= 0 else (None,) * len(around.attributes)
    pairs = list(zip(around.attributes.items(), cells, strict=True))
    numbers = {PREFIX + name: read_number(cell) for (name, _), cell in pairs}
    return numbers | {CATEGORY + name: read_code(cell) for (name, is_text), cell in pairs if is_text}
