"""Which rows somebody may see: those of the selling companies that he is responsible for."""

from collections.abc import Sequence

import pandas as pd

from arrisk.errors import AccessError
from arrisk.schema import Book

_OF_ALL = ("rates", "conditions")
"""Tables that say nothing of any customer."""


def restrict_entities(book: Book, entities: Sequence[str]) -> Book:
    """Give what somebody may see of a book: the rows of some selling companies, and the customers that they have.

    A customer is seen by whoever may see one of its rows; one without any row besides its own, by whoever may see
    the company of that one.

    Parameters
    ----------
    entities : the selling companies; empty = all of them.
    """
    if not entities:
        return book
    own = {name: _keep(table, entities) for name, table in book.tables.items() if name not in _OF_ALL}
    dealt = {
        customer_id
        for name, table in own.items()
        if name != "customers" and "customer_id" in table
        for customer_id in table["customer_id"]
    }
    customers = book["customers"]
    seen = customers["entity_id"].isin(list(entities)) | customers["customer_id"].isin(dealt)
    return book.with_tables(**{**own, "customers": customers.loc[seen].reset_index(drop=True)})


def restrict_rows(rows: pd.DataFrame, entities: Sequence[str]) -> pd.DataFrame:
    """Keep the rows of some selling companies, of a frame with the column ``entity_id``; no company = all of them."""
    return _keep(rows, entities) if entities else rows


def require_entity(entity: str, entities: Sequence[str]) -> str:
    """Give the name of a selling company back that somebody may see.

    Raises
    ------
    AccessError
        When he may not.
    """
    if entities and entity not in entities:
        raise AccessError(f"the entity '{entity}' is not among yours", where="entity", hint=f"{', '.join(entities)}")
    return entity


def _keep(table: pd.DataFrame, entities: Sequence[str]) -> pd.DataFrame:
    return table.loc[table["entity_id"].isin(list(entities))].reset_index(drop=True)
