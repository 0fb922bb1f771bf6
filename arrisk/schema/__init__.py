"""The canonical tables, their rules, and the check that turns raw tables into a book."""

from arrisk.schema.book import Book, Checked
from arrisk.schema.checking import check, money_columns
from arrisk.schema.currency import choose_book_currency
from arrisk.schema.fingerprint import fingerprint_book, fingerprint_tables
from arrisk.schema.reading import SOURCE_ROW
from arrisk.schema.tables import TABLES, Column, Kind, Table

__all__ = [
    "SOURCE_ROW",
    "TABLES",
    "Book",
    "Checked",
    "Column",
    "Kind",
    "Table",
    "check",
    "choose_book_currency",
    "fingerprint_book",
    "fingerprint_tables",
    "money_columns",
]
