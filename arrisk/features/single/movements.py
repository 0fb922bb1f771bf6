"""What changed the open amounts of one customer's invoices, from its rows: as ``arrisk.ledger.list_movements`` says."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from arrisk.features.segments import CREDITED, PAID, WRITTEN_OFF
from arrisk.features.single.rows import CustomerRows, Row
from arrisk.frames import NEVER

_CAUSE_OF_WRITE_OFF = {"discount": PAID, "small_balance": PAID, "commercial": CREDITED}


class Movement(NamedTuple):
    """One version of a change; days of visibility last."""

    invoice_id: str
    amount: int
    applied: int
    paid: int
    cause: int
    source_id: str
    known: int
    superseded: int


class _Payer(NamedTuple):
    """One version of a receipt or credit note; ``paid`` is NEVER where it has no day of its own."""

    known: int
    superseded: int
    paid: int
    is_note: bool


def list_customer_movements(rows: CustomerRows) -> list[Movement]:
    """List every change of an open amount of one customer's invoices, and of its credit notes."""
    payers = _list_payers(rows)
    allocated = [move for row in rows.tables["allocations"] for move in _list_allocated(row, payers.get(row[0], ()))]
    first: dict[str, int] = {}
    for move in allocated:
        first[move.invoice_id] = min(move.known, first.get(move.invoice_id, NEVER))
    written = [_write_off(row) for row in rows.tables["write_offs"]]
    return [*allocated, *_list_settled(rows.tables["invoices"], first), *written]


def _list_payers(rows: CustomerRows) -> dict[str, list[_Payer]]:
    """Give the versions of each receipt and credit note, and the times in which its id pays for nothing."""
    payers: dict[str, list[_Payer]] = {}
    for payer_id, paid, known, superseded in rows.receipts:
        payers.setdefault(payer_id, []).append(_Payer(known, superseded, paid, False))
    received = {payer_id: min(own)[0] for payer_id, own in payers.items()} if rows.notes else {}
    for payer_id, known, superseded in rows.notes:
        # A receipt that has the id of a credit note takes its place from the day on which it is known.
        until = min(superseded, received.get(payer_id, NEVER))
        if known < until:
            payers.setdefault(payer_id, []).append(_Payer(known, until, NEVER, True))
    for own in payers.values():
        if len(own) > 1 or own[0].superseded < NEVER:
            own[:] = _fill_gaps(sorted(own, key=lambda payer: payer.known))
    return payers


def _fill_gaps(payers: Sequence[_Payer]) -> list[_Payer]:
    filled = []
    following = [*(payer.known for payer in payers[1:]), NEVER]
    for payer, upcoming in zip(payers, following, strict=True):
        filled.append(payer)
        if payer.superseded < upcoming:
            filled.append(_Payer(payer.superseded, upcoming, NEVER, False))
    return filled


def _list_allocated(row: Row, payers: Sequence[_Payer]) -> Iterator[Movement]:
    payer_id, invoice_id, amount, applied, known, superseded = row
    until = min(superseded, payers[0].known) if payers else superseded
    if known < until:
        yield Movement(invoice_id, amount, applied, applied, PAID, payer_id, known, until)
    for payer in payers:
        start, stop = max(known, payer.known), min(superseded, payer.superseded)
        if start < stop and payer.is_note:
            yield Movement(invoice_id, amount, applied, applied, CREDITED, payer_id, start, stop)
            yield Movement(payer_id, amount, applied, applied, CREDITED, invoice_id, start, stop)
        elif start < stop:
            paid = payer.paid if payer.paid < NEVER else applied
            yield Movement(invoice_id, amount, applied, paid, PAID, payer_id, start, stop)


def _list_settled(invoices: Sequence[Row], first: dict[str, int]) -> Iterator[Movement]:
    """Turn settled_on into one payment of the full amount, until the invoice has an allocation."""
    for invoice_id, _, _, amount, _, _, settled, known, superseded in invoices:
        start, stop = max(known, settled), min(superseded, first.get(invoice_id, NEVER))
        if settled < NEVER and start < stop:
            yield Movement(invoice_id, amount, settled, settled, PAID, invoice_id, start, stop)


def _write_off(row: Row) -> Movement:
    invoice_id, day, amount, reason, known, superseded = row
    cause = _CAUSE_OF_WRITE_OFF.get(reason, WRITTEN_OFF)
    return Movement(invoice_id, amount, day, day, cause, invoice_id, known, superseded)
