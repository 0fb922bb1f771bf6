"""The five C's of one customer, the means over its reports, and its attributes: as of a day, from its rows."""

from collections.abc import Mapping, Sequence

import numpy as np

from arrisk.features.attributes import CATEGORY, PREFIX
from arrisk.features.facts import Floats
from arrisk.features.five_cs import (
    FIVE_CS,
    MOST_APART,
    YEAR_APART,
    AccountsRead,
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

_FIRST = COLUMNS["financials"].index(FIGURES[0])
_PARENT = COLUMNS["customers"].index("parent_id")
_UNKNOWN = {name: np.full(1, np.nan) for name in FIGURES}
_NO_ACCOUNTS = AccountsRead(_UNKNOWN, _UNKNOWN, *(np.full(1, np.nan) for _ in range(3)))
_NO_RATIOS = compute_capacity(_UNKNOWN, _UNKNOWN) | compute_capital(_UNKNOWN, _UNKNOWN, rate=np.full(1, np.nan))

NEEDED = ("invoiced_amount_365", "open_amount", "attributes_age_days", "due_late_share")
"""The features of the catalogue that the five C's rest on."""


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
    needed = {name: np.array([behaviour[name]]) for name in NEEDED}
    parent = find_parent(rows, around)
    read = _read_accounts(rows, around, parent)
    columns: dict[str, Floats] = dict(_NO_RATIOS)
    if read is not _NO_ACCOUNTS:
        columns = compute_capacity(read.newest, read.before) | compute_capital(read.newest, read.before, rate=read.rate)
    columns |= compare_volumes(
        np.array([_read_expected(rows.tables["applications"], around)]),
        invoiced=needed["invoiced_amount_365"],
        revenue=read.newest["revenue"] * read.rate,
    )
    covers = _sum_cover(rows.tables["collateral"], around, haircuts)
    columns |= share_cover(covers, needed["open_amount"])
    depth = grade_depth(read, attributes_age=needed["attributes_age_days"], late_share=needed["due_late_share"])
    columns |= {"statement_age_days": read.age, "accounts_of_parent": read.of_parent, "data_depth": depth}
    columns["parent_credit_events"] = np.array([_count_parent_events(rows, around, parent)])
    return {name: float(columns[name][0]) for name in FIVE_CS}


def find_parent(rows: CustomerRows, around: Surroundings) -> str | None:
    """Find the parent that the master row of the day names, other than the firm itself."""
    masters = rows.tables["customers"]
    at = find_newest(masters, seen_by=around.as_of_day)
    parent = masters[at][_PARENT] if at >= 0 else None
    return None if parent == rows.customer_id else parent


def _read_accounts(rows: CustomerRows, around: Surroundings, parent: str | None) -> AccountsRead:
    """Read the newest accounts, or the parent's where there are none, and those of about a year before."""
    day = around.as_of_day
    for owner in (rows.customer_id, parent):
        accounts = [row for row in rows.tables["financials"] if row[0] == owner]
        at = find_newest(accounts, seen_by=day, day=1)
        if at >= 0:
            break
    else:
        return _NO_ACCOUNTS
    _, end, currency, *_ = newest = accounts[at]
    earlier = find_newest(accounts, seen_by=day, holds_on=end - YEAR_APART, day=1)
    is_near = earlier >= 0 and accounts[earlier][1] >= end - MOST_APART and accounts[earlier][2] == currency
    rate = 1.0 if currency == around.currency else around.find_rate(currency, newest[-2])
    return AccountsRead(
        newest=_list_figures(newest),
        before=_list_figures(accounts[earlier]) if is_near else _UNKNOWN,
        rate=np.array([np.nan if rate is None else rate]),
        age=np.array([float(day - end)]),
        of_parent=np.array([float(owner != rows.customer_id)]),
    )


def _list_figures(row: Row) -> dict[str, Floats]:
    return {name: np.array([row[_FIRST + place]]) for place, name in enumerate(FIGURES)}


def _read_expected(applications: Sequence[Row], around: Surroundings) -> float:
    at = find_newest(applications, seen_by=around.as_of_day, day=0)
    stated = applications[at][1] if at >= 0 else None
    return np.nan if stated is None else stated / around.scale


def _sum_cover(collateral: Sequence[Row], around: Surroundings, haircuts: CollateralPolicy) -> dict[str, Floats]:
    sums: dict[str, int] = {}
    for row in collateral:
        _, start, stop, amount = read_security(row, around)
        if start < around.as_of_day <= stop:
            sums[row[0]] = sums.get(row[0], 0) + amount
    counted = haircuts.model_dump().items()
    return {kind: np.array([sums.get(kind, 0)]) / around.scale * share for kind, share in counted}


def _count_parent_events(rows: CustomerRows, around: Surroundings, parent: str | None) -> float:
    if parent is None:
        return np.nan
    own = (row for row in rows.tables["credit_events"] if row[0] == parent)
    return float(sum(row[-2] < around.as_of_day <= row[-1] for row in own))


def build_means(rows: CustomerRows, around: Surroundings) -> dict[str, float]:
    """Compute the means over all reports on the firm and its group, as ``build_readings`` does."""
    since = _list_members(rows, around)
    accounts = _keep_seen(rows.tables["financials"], since, around.as_of_day, day=1)
    figures = np.array([row[_FIRST : _FIRST + len(FIGURES) + len(CASH)] for row, _, _ in accounts], dtype="float64")
    named = dict(zip((*FIGURES, *CASH), figures.T, strict=True)) if accounts else {}
    ratios = compute_ratios({name: np.ascontiguousarray(own) for name, own in named.items()}) if named else {}
    attributes = _keep_seen(rows.tables["attributes"], since, around.as_of_day, day=-2)
    grades = {
        MEAN_ATTRIBUTE + name: np.array([read_grade(row[place]) for row, _, _ in attributes], dtype="float64")
        for place, name in enumerate(around.attributes, start=1)
    }
    means = _average(accounts, {MEAN + name: own for name, own in ratios.items()}, around.as_of_day)
    return dict.fromkeys(READINGS, np.nan) | means | _average(attributes, grades, around.as_of_day)


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


def _average(reports: Sequence[Report], values: Mapping[str, Floats], seen_by: int) -> dict[str, float]:
    if not reports or not values:
        return dict.fromkeys(values, np.nan)
    count = len(reports)
    days = np.array([(day, known, NEVER, NEVER) for _, day, known in reports], dtype="int64")
    order = np.arange(count)
    matrix = np.column_stack([*values.values(), np.zeros(count)])
    one = np.zeros(1, dtype="int64")
    # In Fortran's order, as the rows of a table: the kernel is compiled for it.
    dated = Dated(np.array([0, count]), order, np.asfortranarray(days))
    found = average_reports(dated, order, matrix, one, np.array([seen_by]), HALF_LIFE_DAYS)
    return dict(zip(values, found[0].tolist(), strict=False))


def build_attributes(rows: CustomerRows, around: Surroundings) -> dict[str, float]:
    """Read the newest attributes in numbers, and those that are text as the codes of their words."""
    own = rows.list_own("attributes")
    at = find_newest(own, seen_by=around.as_of_day)
    cells = own[at][1:-2] if at >= 0 else (None,) * len(around.attributes)
    pairs = list(zip(around.attributes.items(), cells, strict=True))
    numbers = {PREFIX + name: read_number(cell) for (name, _), cell in pairs}
    return numbers | {CATEGORY + name: read_code(cell) for (name, is_text), cell in pairs if is_text}
