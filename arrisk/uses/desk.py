"""Where somebody works: a book as it was known, the records, and the rules."""

from dataclasses import dataclass
from datetime import date

from arrisk.policy import Policy
from arrisk.records import Records
from arrisk.schema import Book


@dataclass(frozen=True)
class Desk:
    """What lies before somebody who works on a book.

    Parameters
    ----------
    book : a checked book.
    as_of : what was known before the start of this day counts.
    records : what was done, and where it is recorded.
    policy : the rules, and who may do what.
    """

    book: Book
    as_of: date
    records: Records
    policy: Policy
