"""The use case of trying other facts: what limit a customer would get if something about it were otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from arrisk.decisions.authority import propose
from arrisk.errors import InputError, nearest
from arrisk.frames import day_of, is_visible, to_days
from arrisk.pipeline import Tell, silent
from arrisk.policy import Policy
from arrisk.schema import TABLES, Book, Kind, check
from arrisk.uses.credit import LimitReview, review_limits
from arrisk.uses.customers import list_attributes, require_customer

Cells = Mapping[str, object]
_MASTER = ("country", "industry", "legal_form", "incorporated_on", "employees")
FIGURES = tuple(column.name for column in TABLES["financials"].columns if column.kind is Kind.NUMBER)
"""The figures of annual accounts."""


@dataclass(frozen=True)
class Changes:
    """What is supposed to be otherwise; values as a file would hold them, None = not known.

    Parameters
    ----------
    master : columns of the table customers.
    attributes : columns of the table attributes.
    financials : figures of the newest annual accounts, in their currency, or in the book currency where there are none.
    requested_limit : asked for, in book currency; None = no amount.
    terms_days : days from the invoice to its due day that its purchases are sold on; None = as they are.
    """

    master: Cells = field(default_factory=dict)
    attributes: Cells = field(default_factory=dict)
    financials: Cells = field(default_factory=dict)
    requested_limit: float | None = None
    terms_days: float | None = None


@dataclass(frozen=True)
class Tried:
    """A customer's row of the limit review as things are, and as they would be.

    Parameters
    ----------
    as_is, as_if : rows of ``LimitReview.limits``.
    proposed : the limit to decide on then: what was asked for, as far as it is recommended.
    model_note : which default model was used.
    """

    as_is: pd.Series
    as_if: pd.Series
    proposed: float
    model_note: str


def try_changes(
    book: Book,
    customer_id: str,
    changes: Changes,
    *,
    as_of: date,
    home: Path,
    policy: Policy,
    review: LimitReview | None = None,
    tell: Tell = silent,
) -> Tried:
    """Review a customer's limit as if something about it were known to be otherwise.

    The whole book is reviewed again with the changed rows, by the same model.

    Parameters
    ----------
    review : of the book as it is, where it is known already.

    Raises
    ------
    InputError
        When there is no such customer or column, or a value cannot be read.
    """
    changed = change_book(book, customer_id, changes, as_of=as_of)
    if review is None:
        review = review_limits(book, as_of=as_of, home=home, policy=policy, tell=tell)
    terms = {} if changes.terms_days is None else {customer_id: changes.terms_days}
    tried = review_limits(changed, as_of=as_of, home=home, policy=policy, terms_days=terms, tell=tell)
    as_is, as_if = (
        each.limits.loc[(each.limits["customer_id"] == customer_id).to_numpy()].iloc[0] for each in (review, tried)
    )
    proposed = propose(changes.requested_limit, float(as_if["recommended_limit"]))
    return Tried(as_is, as_if, proposed, review.model_note)


def change_book(book: Book, customer_id: str, changes: Changes, *, as_of: date) -> Book:
    """Give the book with other facts in the newest rows of a customer; nothing else differs.

    Raises
    ------
    InputError
        When there is no such customer or column, or a value cannot be read.
    """
    require_customer(book, customer_id, as_of=as_of)
    given = (
        ("customers", changes.master, _MASTER),
        ("attributes", changes.attributes, list_attributes(book)),
        ("financials", changes.financials, FIGURES),
    )
    tables = {}
    for name, cells, allowed in given:
        for column in cells:
            if column not in allowed:
                raise InputError(f"'{column}' cannot be tried", where=f"{name}.{column}", hint=nearest(column, allowed))
        if cells:
            tables[name] = _change_table(
                book, name, _read_row(book, name, customer_id, cells, as_of=as_of), as_of=as_of
            )
    return book.with_tables(**tables)


@dataclass(frozen=True)
class _Row:
    """A row as the check reads it, and which of its cells are supposed to be so."""

    frame: pd.DataFrame
    columns: tuple[str, ...]


def _read_row(book: Book, name: str, customer_id: str, cells: Cells, *, as_of: date) -> _Row:
    """Read cells as the check does, in a row that was known the day before."""
    yesterday = (as_of - timedelta(days=1)).isoformat()
    texts = {column: None if value is None else str(value) for column, value in cells.items()}
    row = {"customer_id": customer_id, "known_on": yesterday, **texts}
    if name == "financials":
        row = {"period_end_on": date(as_of.year - 1, 12, 31).isoformat(), **row}
    invoice = {
        "invoice_id": "1",
        "customer_id": customer_id,
        "amount": "1",
        "issued_on": yesterday,
        "due_on": yesterday,
    }
    raw = {"customers": [{"customer_id": customer_id}], "invoices": [invoice]} | {name: [row]}
    checked = check(
        {table: pd.DataFrame(rows, dtype="str") for table, rows in raw.items()}, name=book.name, currency=book.currency
    )
    for problem in checked.problems.to_dict("records"):
        if problem["table"] == name and problem["column"] in cells:
            where = f"{name}.{problem['column']}"
            raise InputError(f"'{problem['value']}' cannot be read", where=where, hint=str(problem["hint"]))
    return _Row(checked.book[name], tuple(cells))


def _change_table(book: Book, name: str, row: _Row, *, as_of: date) -> pd.DataFrame:
    """Put cells into the newest row of a customer, or add a row where it has none."""
    table, own = book[name].reset_index(drop=True), row.frame["customer_id"].iloc[0]
    read = {column: _fit(row.frame[column], table[column], f"{name}.{column}") for column in row.columns}
    mine = is_visible(table, as_of_day=day_of(as_of)) & (table["customer_id"] == own).to_numpy(dtype=bool)
    if not mine.any():
        fresh = row.frame.reindex(columns=table.columns).assign(**read)
        return pd.concat([table, fresh.astype(table.dtypes.to_dict())], ignore_index=True)
    rows = np.flatnonzero(mine)
    newest = rows[np.argmax(to_days(table["period_end_on"].iloc[rows]))] if name == "financials" else rows[-1]
    changed = table.copy()
    for column, cell in read.items():
        changed[column] = changed[column].where(np.arange(len(table)) != newest, cell.iloc[0])
    return changed


def _fit(cell: pd.Series, column: pd.Series, where: str) -> pd.Series:
    """Give a cell as its column holds it."""
    try:
        return cell.astype(column.dtype)
    except (TypeError, ValueError) as error:
        raise InputError(f"'{cell.iloc[0]}' is not of the kind of its column", where=where, hint="a number") from error
