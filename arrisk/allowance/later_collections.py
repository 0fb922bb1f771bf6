"""Cash that came in after the balance-sheet date: the one place that looks beyond it, and only when it is asked to.

For entities that are not public and elect it: ASU 2025-05, on Topic 326.
"""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from arrisk.allowance.estimates import Allowance, sum_rows
from arrisk.allowance.exposures import INDIVIDUAL, Exposures, read_currencies
from arrisk.errors import InputError
from arrisk.frames import Days, day_of, sum_matched, visible
from arrisk.ledger.ageing import age_open_items
from arrisk.ledger.conversion import to_book_currency
from arrisk.ledger.movements import PAID, list_movements
from arrisk.policy import AgeingPolicy
from arrisk.schema import Book

_EXPECTED = ["expected_loss", "expected_uncovered_loss", "upper_loss"]


def list_later_collections(book: Book, exposures: Exposures, *, collections_until: date) -> Days:
    """List what was paid of each open item after what the exposures know, until the evening of a day.

    Parameters
    ----------
    book : a checked book; of what was known after ``collections_until`` nothing counts.
    exposures : the open items of the balance-sheet date.
    collections_until : the day on which what is still open is looked at.

    Returns
    -------
    array of int64, shape (n,)
        Minor units of the book currency at the rates of the exposures, at most ``base_amount``.

    Raises
    ------
    InputError
        When the day is before the exposures' own, or after the last day of the ledger.
    """
    as_of, on = exposures.as_of, exposures.ageing.age_on
    if not as_of <= collections_until + timedelta(days=1) <= book.extract_end_on + timedelta(days=1):
        what = f"collections until {collections_until} cannot be looked at"
        hint = f"a day from {on} to {book.extract_end_on}, the last day of the ledger"
        raise InputError(what, hint=hint)
    items = exposures.items
    paid = list_movements(book)
    paid = paid.loc[paid["cause"] == PAID]
    later = day_of(collections_until) + 1
    known = [visible(paid, as_of_day=day) for day in (day_of(as_of), later)]
    sums = [sum_matched(rows["invoice_id"], rows["amount"], items["invoice_id"]) for rows in known]
    currency = read_currencies(book, items, as_of=as_of)
    frame = pd.DataFrame({"collected": np.maximum(sums[1] - sums[0], 0), "currency": currency})
    converted = to_book_currency(frame, book, amounts=("collected",), as_of=as_of, on=on)["collected"].to_numpy()
    return np.asarray(np.clip(converted, 0, items["base_amount"].to_numpy()))


def age_later(exposures: Exposures, *, on: date, ageing: AgeingPolicy) -> Exposures:
    """Give the same open items at the age that they have on a later day, for a method to rate what is left then.

    Parameters
    ----------
    exposures : the open items of the balance-sheet date.
    on : the later day.
    ageing : the upper ends of the buckets.
    """
    more = (on - exposures.ageing.age_on).days
    items = exposures.items.assign(days_past_due=exposures.items["days_past_due"] + more)
    return replace(exposures, items=age_open_items(items, ageing=ageing))


def take_out_collected(allowance: Allowance, collected: Days) -> Allowance:
    """Take what came in out of what a rate is applied to; what was owed on the day stays what it was.

    Of customers assessed on their own the assessment stands, up to what is left.

    Parameters
    ----------
    allowance : before overlays.
    collected : as given by ``list_later_collections``.
    """
    items = allowance.items
    owed = items["base_amount"].to_numpy(dtype="float64")
    left = owed - collected
    share = np.divide(left, owed, out=np.zeros(len(owed)), where=owed > 0)
    is_own = (items["segment"] == INDIVIDUAL).to_numpy()
    values = {name: items[name].to_numpy() for name in _EXPECTED}
    lowered = {name: np.where(is_own, np.minimum(held, left), held * share) for name, held in values.items()}
    base = items["base_amount"] - collected
    exposures = replace(allowance.exposures, items=allowance.exposures.items.assign(base_amount=base))
    valued = items.assign(base_amount=base, **lowered)
    return replace(allowance, exposures=exposures, items=valued, rows=sum_rows(exposures, valued))
