"""Everything that changes an invoice's open amount, with the day of its effect and the day it was known.

Receipts, credit notes, the short form ``settled_on`` and write-offs become rows of one shape, so that
balances, labels and features cannot disagree about what settled an invoice.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from arrisk.frames import NEVER, Days, Mask, concat, match, take, to_days
from arrisk.schema import Book

PAID, CREDITED, WRITTEN_OFF = "paid", "credited", "written_off"

# A cash discount and a small residue are part of being paid; goodwill is a credit without its note.
_CAUSE_OF_WRITE_OFF = {"discount": PAID, "small_balance": PAID, "commercial": CREDITED}

_MOVE = ["invoice_id", "amount", "applied_day", "paid_day", "cause", "source_id"]
COLUMNS = [*_MOVE, "known_day", "superseded_day"]


def list_movements(book: Book) -> pd.DataFrame:
    """List every change of an invoice's open amount; listed once and kept with the book.

    Parameters
    ----------
    book : a checked book.

    Returns
    -------
    DataFrame
        One row per version of a change: invoice_id; amount (int64 minor units, positive lowers the open
        amount of an invoice and of a credit note alike); applied_day (the balance moves), paid_day (the
        money came in; applied_day where the receipt is not known); cause ('paid', 'credited',
        'written_off'); source_id; known_day and superseded_day. An allocation that is known before its
        receipt has two versions: with applied_day as its day of payment until the receipt is known, and with
        the receipt's own day from then on.
    """
    return book.derive(_list_movements)


def _list_movements(book: Book) -> pd.DataFrame:
    allocated = concat(_list_allocated(book))
    return concat([allocated, _list_settled(book, allocated), _list_written_off(book)])[COLUMNS]


def _list_allocated(book: Book) -> list[pd.DataFrame]:
    allocations = book["allocations"]
    applied = to_days(allocations["applied_on"])
    base = pd.DataFrame(
        {
            "invoice_id": allocations["invoice_id"],
            "amount": allocations["amount"],
            "applied_day": applied,
            "paid_day": applied,
            "cause": PAID,
            "source_id": allocations["payment_id"],
            "known_day": allocations["known_day"],
            "superseded_day": allocations["superseded_day"],
        },
        copy=False,
    )
    pieces: list[pd.DataFrame] = []
    for rank, payers in enumerate(_list_payers(book)):
        position = match(base["source_id"], payers["payer_id"])
        if rank == 0:
            first = take(payers["known_day"].to_numpy(), position, NEVER)
            pieces.append(_between(base, known=base["known_day"].to_numpy(), until=first))
        pieces += _join_payers(_pick(base, position >= 0), payers, position[position >= 0])
    return pieces


def _pick(frame: pd.DataFrame, chosen: Mask) -> pd.DataFrame:
    return frame if chosen.all() else frame.loc[chosen].reset_index(drop=True)


def _between(frame: pd.DataFrame, *, known: Days, until: Days) -> pd.DataFrame:
    """Give the versions cut to the time in between, without those of which nothing is left."""
    until = np.minimum(frame["superseded_day"].to_numpy(), until)
    return _pick(frame.assign(known_day=known, superseded_day=until), known < until)


def _list_payers(book: Book) -> Iterator[pd.DataFrame]:
    """Give receipts and credit notes, first versions first: within one frame an id stands once."""
    payments, notes = book["payments"], book["invoices"]
    notes = _until_receipt(_pick(notes, (notes["kind"] == "credit_note").to_numpy()), payments)
    payers = concat(
        [
            _as_payers(payments, payments["payment_id"], to_days(payments["paid_on"]), is_note=False),
            _as_payers(notes, notes["invoice_id"], np.full(len(notes), NEVER), is_note=True),
        ]
    )
    if (payers["superseded_day"] == NEVER).all():
        yield payers
        return
    payers = _fill_gaps(payers.sort_values(["payer_id", "known_day"], kind="stable", ignore_index=True))
    for _, versions in payers.groupby(payers.groupby("payer_id").cumcount()):
        yield versions.reset_index(drop=True)


def _until_receipt(notes: pd.DataFrame, payments: pd.DataFrame) -> pd.DataFrame:
    """Let a receipt that has the id of a credit note take its place from the day on which it is known."""
    if not (match(notes["invoice_id"], payments["payment_id"]) >= 0).any():
        return notes
    first = payments.groupby("payment_id")["known_day"].min().reindex(notes["invoice_id"]).fillna(NEVER)
    return _between(notes, known=notes["known_day"].to_numpy(), until=first.to_numpy(dtype="int64"))


def _as_payers(frame: pd.DataFrame, ids: pd.Series, paid_day: Days, *, is_note: bool) -> pd.DataFrame:
    payers = pd.DataFrame({"payer_id": ids, "paid_day": paid_day, "is_note": is_note}, copy=False)
    return payers.assign(known_day=frame["known_day"], superseded_day=frame["superseded_day"])


def _fill_gaps(payers: pd.DataFrame) -> pd.DataFrame:
    """Add the times at which an id pays for nothing, such as a credit note corrected into an invoice."""
    following = payers.groupby("payer_id")["known_day"].shift(-1).fillna(NEVER).to_numpy(dtype="int64")
    ended = payers["superseded_day"].to_numpy()
    gaps = payers.assign(known_day=ended, superseded_day=following, paid_day=NEVER, is_note=False)
    filled = concat([payers, gaps.loc[ended < following]])
    return filled.sort_values(["payer_id", "known_day"], kind="stable", ignore_index=True)


def _join_payers(base: pd.DataFrame, payers: pd.DataFrame, position: Days) -> list[pd.DataFrame]:
    known = np.maximum(base["known_day"].to_numpy(), payers["known_day"].to_numpy()[position])
    paid = payers["paid_day"].to_numpy()[position]
    joined = base.assign(paid_day=np.where(paid < NEVER, paid, base["applied_day"].to_numpy()))
    joined = joined.assign(is_note=payers["is_note"].to_numpy()[position])
    joined = _between(joined, known=known, until=payers["superseded_day"].to_numpy()[position])
    is_note = joined.pop("is_note").to_numpy()
    if not is_note.any():
        return [joined]
    by_note = joined.loc[is_note].assign(cause=CREDITED)
    own_side = by_note.assign(invoice_id=by_note["source_id"], source_id=by_note["invoice_id"])
    return [joined.loc[~is_note], by_note, own_side]


def _list_settled(book: Book, allocated: pd.DataFrame) -> pd.DataFrame:
    """Turn settled_on into one payment of the full amount, until an allocation has moved the invoice.

    What it paid while it was a credit note counts as well.
    """
    invoices = book["invoices"]
    settled = to_days(invoices["settled_on"])
    invoices, settled = _pick(invoices, settled < NEVER), settled[settled < NEVER]
    frame = pd.DataFrame(
        {
            "invoice_id": invoices["invoice_id"],
            "amount": invoices["amount"],
            "applied_day": settled,
            "paid_day": settled,
            "cause": PAID,
            "source_id": invoices["invoice_id"],
            "superseded_day": invoices["superseded_day"],
        },
        copy=False,
    )
    known = np.maximum(invoices["known_day"].to_numpy(), settled)
    return _between(frame, known=known, until=_first_known(allocated, invoices["invoice_id"]))


def _first_known(allocated: pd.DataFrame, invoice_ids: pd.Series) -> Days:
    first = np.full(len(invoice_ids), NEVER, dtype="int64")
    if not len(allocated) or not len(invoice_ids):
        return first
    position = match(allocated["invoice_id"], invoice_ids)
    np.minimum.at(first, position[position >= 0], allocated["known_day"].to_numpy()[position >= 0])
    return first[match(invoice_ids, invoice_ids)]


def _list_written_off(book: Book) -> pd.DataFrame:
    write_offs = book["write_offs"]
    day = to_days(write_offs["written_off_on"])
    return pd.DataFrame(
        {
            "invoice_id": write_offs["invoice_id"],
            "amount": write_offs["amount"],
            "applied_day": day,
            "paid_day": day,
            "cause": write_offs["reason"].map(_CAUSE_OF_WRITE_OFF).fillna(WRITTEN_OFF).astype("str"),
            "source_id": write_offs["invoice_id"],
            "known_day": write_offs["known_day"],
            "superseded_day": write_offs["superseded_day"],
        }
    )
