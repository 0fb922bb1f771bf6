"""Lists a page at a time: the cursor says which row was the last, so that rows that come meanwhile shift nothing."""

import base64
import json
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

import numpy as np
import pandas as pd
from fastapi import Query
from pydantic import BaseModel, Field

from arrisk.errors import InputError

MOST: int = 500
"""Rows of a page."""

Item = TypeVar("Item")
After = Annotated[
    str | None, Query(max_length=500, description="The `next` of the page before; missing = the first page.")
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Rows of a page at most.")]


class Page(BaseModel, Generic[Item]):
    """Some rows of a list."""

    items: list[Item]
    next: str | None = Field(description="Send it as `after` to get the next page; null = this is the last.")


@dataclass(frozen=True)
class Order:
    """How a list is ordered.

    Parameters
    ----------
    column : by what, never missing.
    key : what is unique, and orders rows that are alike in ``column``.
    is_descending : whether the largest comes first; the key ascends in any case.
    """

    column: str
    key: str
    is_descending: bool = False


def cut_page(rows: pd.DataFrame, *, order: Order, after: str | None, limit: int) -> tuple[pd.DataFrame, str | None]:
    """Take one page out of a frame.

    Parameters
    ----------
    rows : all of them, in any order.
    after : the cursor of the page before; None = the first page.
    limit : rows of a page at most.

    Returns
    -------
    rows, next
        ``next`` is None on the last page.

    Raises
    ------
    InputError
        When the cursor is none of this list's.

    Examples
    --------
    >>> rows = pd.DataFrame({"name": ["a", "b", "c"], "amount": [5, 7, 7]})
    >>> order = Order("amount", "name", is_descending=True)
    >>> page, cursor = cut_page(rows, order=order, after=None, limit=2)
    >>> page["name"].tolist(), cut_page(rows, order=order, after=cursor, limit=2)[0].values.tolist()
    (['b', 'c'], [['a', 5]])
    """
    left = rows if after is None else rows.loc[_is_behind(rows, order, _read_cursor(after, rows, order))]
    by = list(dict.fromkeys([order.column, order.key]))
    ascending = [not order.is_descending, True][: len(by)]
    page = left.sort_values(by, ascending=ascending, kind="stable").head(limit).reset_index(drop=True)
    if len(left) <= limit:
        return page, None
    last = page.iloc[-1]
    return page, write_cursor(_to_plain(last[order.column]), _to_plain(last[order.key]))


def write_cursor(*values: str | int) -> str:
    """Write a place in a list as text that means nothing to a client."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_cursor(text: str, *kinds: type) -> list[str | int]:
    """Read a place in a list.

    Raises
    ------
    InputError
        When it is none.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if [type(value) for value in values] == list(kinds):
            return list(values)
    except (ValueError, TypeError, RecursionError):
        pass
    raise InputError("this is no cursor of this list", where="after", hint="the `next` of the page before")


def _read_cursor(text: str, rows: pd.DataFrame, order: Order) -> list[str | int]:
    kinds = [int if pd.api.types.is_integer_dtype(rows[name].dtype) else str for name in (order.column, order.key)]
    values = read_cursor(text, *kinds)
    if any(isinstance(value, int) and abs(value) >= 2**63 for value in values):
        raise InputError("this is no cursor of this list", where="after", hint="the `next` of the page before")
    return values


def _is_behind(rows: pd.DataFrame, order: Order, place: list[str | int]) -> np.ndarray:
    column, key = rows[order.column].to_numpy(), rows[order.key].to_numpy()
    first, second = place
    further = column < first if order.is_descending else column > first
    return np.asarray(further | ((column == first) & (key > second)))


def _to_plain(value: object) -> str | int:
    return int(value) if isinstance(value, int | np.integer) else str(value)
