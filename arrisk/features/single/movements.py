"""What changed the open amounts of one customer's invoices, from its rows: as ``arrisk.ledger.list_movements`` says."""

from collections.abc import Sequence
from itertools import chain, repeat
from operator import eq
from typing import NamedTuple

import numpy as np
from numba import int64

from arrisk.features.compiled import entry, inner
from arrisk.features.segments import CREDITED, PAID, WRITTEN_OFF, Ints
from arrisk.features.single.rows import CustomerRows, Row, list_columns, stack_columns
from arrisk.frames import NEVER

_CAUSE_OF_WRITE_OFF = {"discount": PAID, "small_balance": PAID, "commercial": CREDITED}

MOVE = ("invoice", "amount", "applied", "paid", "cause", "is_own", "known", "superseded")
"""What stands in the columns of a movement; ``is_own`` = no other document stands behind it."""

_INVOICE, _AMOUNT, _APPLIED, _PAID, _CAUSE, _IS_OWN, _KNOWN, _SUPERSEDED = range(len(MOVE))


class _Payer(NamedTuple):
    """One version of a receipt or credit note; ``paid`` is NEVER where it has no day of its own."""

    known: int
    superseded: int
    paid: int
    is_note: bool


def list_customer_movements(rows: CustomerRows, codes: dict[str, int]) -> Ints:
    """List every change of an open amount of one customer's invoices, and of its credit notes.

    Parameters
    ----------
    rows : the customer's.
    codes : the number of each of its invoices.

    Returns
    -------
    array of shape (n, 8)
        One row per version of a change, with the columns of ``MOVE``.
    """
    numbers, payers, offsets = _list_payers(rows)
    paying, paid, amount, applied, known, until = list_columns(rows.tables["allocations"], 6)
    unknown = repeat(-1)
    found = map(codes.get, paid, unknown), map(numbers.get, paying, unknown), map(codes.get, paying, unknown)
    allocated = stack_columns([*found, map(eq, paying, paid), amount, applied, known, until], len(paid))
    settled = [
        (codes[row[0]], row[3], *row[-3:]) for row in rows.tables["invoices"] if row[6] < NEVER and row[0] in codes
    ]
    written = [_write_off(row, codes) for row in rows.tables["write_offs"]]
    parts = allocated, payers, offsets, stack(settled, 5), stack(written, len(MOVE))
    moves: Ints = _list_moves(*parts, len(codes))
    return moves


def stack(rows: Sequence[Sequence[int]], width: int) -> Ints:
    """Put rows of whole numbers under each other; much faster than numpy reads nested rows.

    Examples
    --------
    >>> stack([(1, 2), (3, 4)], 2)
    array([[1, 2],
           [3, 4]])
    """
    return np.fromiter(chain.from_iterable(rows), dtype="int64", count=len(rows) * width).reshape(len(rows), width)


def _write_off(row: Row, codes: dict[str, int]) -> tuple[int, ...]:
    invoice_id, day, amount, reason, known, superseded = row
    cause = _CAUSE_OF_WRITE_OFF.get(reason, WRITTEN_OFF)
    return codes.get(invoice_id, -1), amount, day, day, cause, 1, known, superseded


def _list_payers(rows: CustomerRows) -> tuple[dict[str, int], Ints, Ints]:
    """Give the number of each receipt and credit note, their versions, and where those of each begin."""
    received, paid, known, until = list_columns(rows.receipts, 4)
    credited, issued, replaced = list_columns(rows.notes, 3)
    names, ends = (*received, *credited), (*until, *replaced)
    numbers = dict(zip(names, range(len(names)), strict=True))
    # An id that stands once, and was never corrected, is one version.
    if len(numbers) == len(names) and ends.count(NEVER) == len(ends):
        columns = (
            (*known, *issued),
            ends,
            (*paid, *repeat(NEVER, len(credited))),
            (*repeat(0, len(paid)), *repeat(1, len(credited))),
        )
        return numbers, stack_columns(columns, len(names)), np.arange(len(names) + 1)
    payers = _order_versions(rows)
    offsets = np.cumsum([0, *map(len, payers.values())])
    versions = [version for own in payers.values() for version in own]
    return {name: place for place, name in enumerate(payers)}, stack(versions, 4), offsets


def _order_versions(rows: CustomerRows) -> dict[str, list[_Payer]]:
    """Give the versions of each receipt and credit note, and the times in which its id pays for nothing."""
    payers: dict[str, list[_Payer]] = {}
    for payer_id, paid, known, superseded in rows.receipts:
        payers.setdefault(payer_id, []).append(_Payer(known, superseded, paid, False))
    received = {payer_id: min(own)[0] for payer_id, own in payers.items()}
    for payer_id, known, superseded in rows.notes:
        # A receipt that has the id of a credit note takes its place from the day on which it is known.
        until = min(superseded, received.get(payer_id, NEVER))
        if known < until:
            payers.setdefault(payer_id, []).append(_Payer(known, until, NEVER, True))
    return {payer_id: _fill_gaps(sorted(own, key=lambda payer: payer.known)) for payer_id, own in payers.items()}


def _fill_gaps(payers: Sequence[_Payer]) -> list[_Payer]:
    filled = []
    following = [*(payer.known for payer in payers[1:]), NEVER]
    for payer, upcoming in zip(payers, following, strict=True):
        filled.append(payer)
        if payer.superseded < upcoming:
            filled.append(_Payer(payer.superseded, upcoming, NEVER, False))
    return filled


@entry
def _list_moves(allocated: Ints, payers: Ints, offsets: Ints, settled: Ints, written: Ints, count: int) -> Ints:
    """List the movements from allocations, then those of the short form, then write-offs."""
    room = len(settled) + len(written)
    for a in range(len(allocated)):
        payer = allocated[a, 1]
        room += 1 if payer < 0 else 1 + 2 * (offsets[payer + 1] - offsets[payer])
    moves = np.empty((room, 8), dtype=np.int64)
    size = int64(0)
    for a in range(len(allocated)):
        size = _push_allocated(moves, size, allocated[a], payers, offsets)
    # The short form stands until the invoice has an allocation.
    first = np.full(count, NEVER, dtype=np.int64)
    for m in range(size):
        if moves[m, _INVOICE] >= 0:
            first[moves[m, _INVOICE]] = min(first[moves[m, _INVOICE]], moves[m, _KNOWN])
    for s in range(len(settled)):
        invoice, amount, day, known, superseded = settled[s]
        until = min(superseded, first[invoice])
        size = _push(moves, size, (invoice, amount, day, day, PAID, 1, max(known, day), until))
    for w in range(len(written)):
        for column in range(moves.shape[1]):
            moves[size, column] = written[w, column]
        size += 1
    return moves[:size]


@inner
def _push_allocated(moves: Ints, size: int, row: Ints, payers: Ints, offsets: Ints) -> int:
    """Add the versions of one allocation: until its payer is known, and by each version of the payer."""
    invoice, payer, note, is_own, amount, applied, known, superseded = row
    low, high = (offsets[payer], offsets[payer + 1]) if payer >= 0 else (0, 0)
    until = min(superseded, payers[low, 0]) if low < high else superseded
    size = _push(moves, size, (invoice, amount, applied, applied, PAID, is_own, known, until))
    for p in range(low, high):
        start, stop = max(known, payers[p, 0]), min(superseded, payers[p, 1])
        if payers[p, 3]:
            size = _push(moves, size, (invoice, amount, applied, applied, CREDITED, is_own, start, stop))
            size = _push(moves, size, (note, amount, applied, applied, CREDITED, is_own, start, stop))
        else:
            paid = payers[p, 2] if payers[p, 2] < NEVER else applied
            size = _push(moves, size, (invoice, amount, applied, paid, PAID, is_own, start, stop))
    return size


@inner
def _push(moves: Ints, size: int, move: tuple[int, ...]) -> int:
    if move[_KNOWN] >= move[_SUPERSEDED]:
        return size
    for column in range(8):
        moves[size, column] = move[column]
    return size + 1
