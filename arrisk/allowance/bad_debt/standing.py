"""Where proposed and approved write-offs stand against the book: open as proposed, booked, or changed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import pandas as pd

from arrisk import money
from arrisk.allowance.bad_debt.approvals import State, WriteOff
from arrisk.errors import InputError
from arrisk.frames import concat, day_of, visible
from arrisk.ledger.open_items import list_open_items
from arrisk.schema import Book

BOOKED, UNAPPROVED, CHANGED = "booked", "booked without approval", "changed"
"""How a write-off may stand beside its state in the record."""

BOOKING = ("invoice_id", "written_off_on", "amount", "reason", "entity_id", "known_on", "tax_amount")
"""The table ``write_offs`` as the ledger takes it, and the tax in the amount."""


class Standing(NamedTuple):
    """A write-off, where it stands, and what is open of its invoice, in minor units."""

    write_off: WriteOff
    stand: str
    open_amount: int


def find_standings(write_offs: Sequence[WriteOff], book: Book, *, as_of: date) -> list[Standing]:
    """Find where write-offs stand by what the book shows as of a day.

    A write-off is booked once the book holds one of its amount and reason that it did not hold when it was proposed;
    it has changed when neither that is so nor its amount is what is open.
    """
    items = list_open_items(book, as_of=as_of)
    left = dict(zip(items["invoice_id"], items["open_amount"].tolist(), strict=True))
    now = _sum_booked(book, as_of)
    before = {day: _sum_booked(book, date.fromisoformat(day)) for day in {one.proposal["as_of"] for one in write_offs}}
    found = []
    for one in write_offs:
        key = (one.invoice_id, one.proposal["reason"])
        booked = now.get(key, 0) - before[one.proposal["as_of"]].get(key, 0)
        stand = _stand(one, booked=booked, left=left.get(one.invoice_id, 0))
        found.append(Standing(one, stand, left.get(one.invoice_id, 0)))
    return found


def _stand(one: WriteOff, *, booked: int, left: int) -> str:
    if booked == one.amount:
        return BOOKED if one.state is State.APPROVED else UNAPPROVED
    return one.state.value if one.state is State.DECLINED or left == one.amount else CHANGED


def _sum_booked(book: Book, as_of: date) -> Mapping[tuple[str, str], int]:
    """Sum what is written off of each invoice for each reason."""
    known = visible(book["write_offs"], as_of_day=day_of(as_of))
    sums = known.groupby(["invoice_id", "reason"])["amount"].sum()
    return dict(zip(sums.index.tolist(), sums.tolist(), strict=True))


def require_unchanged(standings: Sequence[Standing]) -> None:
    """Make sure that what is open is what was proposed.

    Raises
    ------
    InputError
        When it is not.
    """
    for one, stand, left in standings:
        currency = one.proposal["currency"]
        if stand == CHANGED:
            raise InputError(
                f"{one.invoice_id}: {money.format_minor(one.amount, currency)} {currency} was proposed, "
                f"{money.format_minor(left, currency)} is open",
                hint="propose it again, or decline it",
            )
        if stand == UNAPPROVED:
            raise InputError(f"{one.invoice_id} is written off in the book already, without approval")


def list_bookings(standings: Sequence[Standing]) -> pd.DataFrame:
    """List what is approved and not booked yet, as the table ``write_offs`` takes it.

    The day is that of the approval, so that listing it again gives the same key.

    Returns
    -------
    DataFrame
        One row per invoice: ``BOOKING``, amounts as decimal text.
    """
    empty = pd.DataFrame({name: pd.Series(dtype="str") for name in BOOKING})
    ready = [one for one, stand, _ in standings if stand == State.APPROVED.value]
    rows = [
        {
            **{name: one.proposal[name] for name in ("invoice_id", "amount", "reason", "entity_id", "tax_amount")},
            "written_off_on": one.approved_on,
            "known_on": one.approved_on,
        }
        for one in ready
    ]
    return concat([pd.DataFrame(rows, columns=list(BOOKING), dtype="str"), empty])
