"""Lists that a user filtered and wants to see so again, by page and name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from arrisk.errors import InputError
from arrisk.store.locks import lock
from arrisk.store.moments import write_moment
from arrisk.store.tables import SAVED_VIEWS

MOST: Final = 50
"""So many views a user has of a page."""


@dataclass(frozen=True)
class SavedView:
    """A list as a user filtered it.

    Parameters
    ----------
    page : the list, such as ``worklist``.
    name : what the user calls it.
    filters : what stands behind the question mark of its address, by name.
    """

    page: str
    name: str
    filters: Mapping[str, str]


def list_views(connection: Connection, user_id: str, *, page: str = "") -> list[SavedView]:
    """List a user's views, of one page or of all, by page and name."""
    query = select(SAVED_VIEWS).where(SAVED_VIEWS.c.user_id == user_id)
    if page:
        query = query.where(SAVED_VIEWS.c.page == page)
    rows = connection.execute(query).mappings()
    found = [SavedView(row["page"], row["name"], json.loads(row["filters"])) for row in rows]
    return sorted(found, key=lambda view: (view.page, view.name))


def keep_view(connection: Connection, user_id: str, view: SavedView, *, now: datetime) -> None:
    """Keep a view, in the place of the one of the same name.

    Raises
    ------
    InputError
        When the user has as many of that page as there may be.
    """
    lock(connection, f"saved_views/{user_id}")
    connection.execute(delete(SAVED_VIEWS).where(_name(user_id, view.page, view.name)))
    own = (SAVED_VIEWS.c.user_id == user_id) & (SAVED_VIEWS.c.page == view.page)
    count = connection.execute(select(func.count()).select_from(SAVED_VIEWS).where(own)).scalar_one()
    if count >= MOST:
        raise InputError(f"there are {count} views of this page already", where="name", hint="drop one of them first")
    row = {**vars(view), "user_id": user_id, "filters": json.dumps(dict(view.filters)), "changed_at": write_moment(now)}
    connection.execute(insert(SAVED_VIEWS), [row])


def drop_view(connection: Connection, user_id: str, page: str, name: str) -> bool:
    """Drop a view; False = there is none of that name."""
    return connection.execute(delete(SAVED_VIEWS).where(_name(user_id, page, name))).rowcount == 1


def _name(user_id: str, page: str, name: str) -> ColumnElement[bool]:
    return (SAVED_VIEWS.c.user_id == user_id) & (SAVED_VIEWS.c.page == page) & (SAVED_VIEWS.c.name == name)
