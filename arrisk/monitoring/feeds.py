"""Whether every table that ever had a row still gets new ones."""

from collections.abc import Iterator
from datetime import date

from arrisk.frames import NEVER, day_of
from arrisk.monitoring.checks import Check, State
from arrisk.policy import StalePolicy
from arrisk.schema import Book

FEED = "table "
"""How a check of a table begins."""


def check_feeds(book: Book, *, as_of: date, policy: StalePolicy) -> Iterator[Check]:
    """Count the days since the newest row of each table, by what was known before a day.

    Parameters
    ----------
    book : a checked book; tables whose rows are known from the start tell nothing and are left out.
    as_of : the day.
    policy : from how many days on each table is stale.
    """
    limits = policy.model_dump()
    for name, frame in book.tables.items():
        known = frame["known_day"].to_numpy()
        known = known[(known > -NEVER) & (known < day_of(as_of))]
        if len(known):
            days, most = day_of(as_of) - 1 - int(known.max()), limits[name]
            state = State.LOOK if days > most else State.QUIET
            yield Check(f"{FEED}{name}", "days since the newest row", float(days), f"at most {most}", state)
