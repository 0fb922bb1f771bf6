"""A book as it was known on an earlier day: what came later is not in it."""

from datetime import date, timedelta

import pandas as pd

from arrisk.frames import day_of, to_days
from arrisk.schema.book import Book
from arrisk.schema.tables import TABLES


def cut_book(book: Book, *, as_of: date) -> Book:
    """Give the book as an extract of the evening before a day would have it.

    Rows known on that day or later are left out, and cells filled by then alone are blank; a correction that came later
    is of no effect before its day, and stays as it is.

    Parameters
    ----------
    book : a checked book.
    as_of : only what was known before the start of this day is kept.
    """
    day = day_of(as_of)
    tables = {name: _cut(frame, name, day) for name, frame in book.tables.items()}
    end = min(book.extract_end_on, as_of - timedelta(days=1))
    return Book(name=book.name, currency=book.currency, extract_end_on=end, tables=tables)


def _cut(frame: pd.DataFrame, name: str, day: int) -> pd.DataFrame:
    rows = frame.loc[(frame["known_day"] < day).to_numpy()].reset_index(drop=True)
    for column, filled_on in TABLES[name].filled_later.items():
        rows = rows.assign(**{column: rows[column].where(to_days(rows[filled_on]) < day)})
    return rows
