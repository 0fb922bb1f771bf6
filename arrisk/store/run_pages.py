"""Reads what a run found: whole as a frame, or a page of it, filtered and in any of a few orders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from arrisk.errors import InputError, nearest
from arrisk.store.database import Database
from arrisk.store.run_rows import to_frame
from arrisk.store.runs import PARTS, Run

_KEYS: Mapping[str, str] = {"invoices": "row", "customers": "customer_id", "worklist": "rank"}
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "invoices": ("row",),
    "customers": ("customer_id", "open_amount", "expected_loss"),
    "worklist": ("rank", "overdue_amount", "oldest_days_past_due", "at_stake_amount"),
}
"""By what each may be ordered; none of these cells is ever empty."""


@dataclass(frozen=True)
class Page:
    """Which rows of a part of a run are wanted.

    Parameters
    ----------
    limit : how many at most.
    order : the column by which they are ordered.
    is_descending : whether the largest come first.
    after : the last row that was seen: its cell of ``order`` and its key, as ``mark`` gives them; None = begin.
    equals : by column, the value that the row must have, or one of several in a list.
    at_least, at_most : by column, a bound.
    contains : by column, letters that the text must contain, capital or small.
    """

    limit: int = 50
    order: str = ""
    is_descending: bool = False
    after: tuple[Any, Any] | None = None
    equals: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    at_least: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    at_most: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    contains: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def read_rows(database: Database, run: Run, part: str, *, customer_id: str | None = None) -> pd.DataFrame:
    """Read a part of a run as it was computed.

    Parameters
    ----------
    part : invoices, customers or worklist.
    customer_id : only of this customer; None = of all.
    """
    table = PARTS[part]
    query = select(table).where(table.c.run_id == run.run_id).order_by(table.c[_KEYS[part]])
    if customer_id is not None:
        query = query.where(table.c.customer_id == customer_id)
    with database.read() as connection:
        return to_frame(connection.execute(query).all(), table)


def list_page(database: Database, run: Run, part: str, page: Page) -> list[dict[str, Any]]:
    """Read a page of a part of a run: plain values by column, without ``run_id``.

    Raises
    ------
    InputError
        When it cannot be ordered by that column.
    """
    table, key = PARTS[part], _KEYS[part]
    order = page.order or key
    if order not in _ORDERS[part]:
        raise InputError(
            f"the {part} cannot be ordered by '{order}'", where="order", hint=nearest(order, _ORDERS[part])
        )
    columns = [column for column in table.columns if column.name != "run_id"]
    query = select(*columns).where(table.c.run_id == run.run_id, *_filter(table, page))
    if page.after is not None:
        query = query.where(_lie_after(table, order, key, page))
    keys = [table.c[order], table.c[key]] if order != key else [table.c[key]]
    turned = [keys[0].desc() if page.is_descending else keys[0], *keys[1:]]
    with database.read() as connection:
        return [dict(row._mapping) for row in connection.execute(query.order_by(*turned).limit(page.limit))]  # noqa: SLF001


def count_rows(database: Database, run: Run, part: str, page: Page) -> int:
    """Count the rows that fit the conditions of a page."""
    table = PARTS[part]
    query = select(func.count()).select_from(table).where(table.c.run_id == run.run_id, *_filter(table, page))
    with database.read() as connection:
        return connection.execute(query).scalar_one()


def mark(row: Mapping[str, Any], part: str, page: Page) -> tuple[Any, Any]:
    """Give the place of a row in the order of a page, for ``after`` of the next one."""
    return row[page.order or _KEYS[part]], row[_KEYS[part]]


def _filter(table: Table, page: Page) -> list[ColumnElement[bool]]:
    found = [
        table.c[name].in_(value) if isinstance(value, list | tuple) else table.c[name] == value
        for name, value in page.equals.items()
    ]
    found += [table.c[name] >= value for name, value in page.at_least.items()]
    found += [table.c[name] <= value for name, value in page.at_most.items()]
    return found + [table.c[name].icontains(text, autoescape=True) for name, text in page.contains.items()]


def _lie_after(table: Table, order: str, key: str, page: Page) -> ColumnElement[bool]:
    value, last = page.after or (None, None)
    column = table.c[order]
    beyond = column < value if page.is_descending else column > value
    return beyond if order == key else or_(beyond, and_(column == value, table.c[key] > last))
