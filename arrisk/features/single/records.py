"""Lays one customer's rows out as the records that the kernel walks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from arrisk import money
from arrisk.features.events import cut_segments
from arrisk.features.segments import MOVEMENT, PAID, VERSION, Records
from arrisk.features.single.movements import Movement
from arrisk.features.single.rows import Row
from arrisk.features.single.surroundings import Surroundings
from arrisk.policy import EndPolicy

_STEP_SHIFT = 32


class InvoiceVersion(NamedTuple):
    """One version of an invoice, as far as other rows ask for it."""

    known: int
    superseded: int
    settled: int
    book_amount: int
    factor: float


@dataclass(frozen=True)
class InvoiceRecords:
    """A customer's invoices as records.

    Parameters
    ----------
    versions, segments : as the kernel reads them.
    by_id : the versions of each invoice that a question can see.
    """

    versions: Records
    segments: Records
    by_id: dict[str, list[InvoiceVersion]]


def make_invoice_records(
    invoices: Sequence[Row], movements: Sequence[Movement], around: Surroundings, *, end: EndPolicy
) -> InvoiceRecords:
    """Make the records of invoices and of what became of them.

    Parameters
    ----------
    invoices : the customer's.
    movements : as given by ``list_customer_movements``.
    around : the day, and the rates.
    end : when an invoice counts as ended.

    Raises
    ------
    CurrencyError
        When an invoice's currency has no rate that was known by then.
    """
    codes: dict[str, int] = {}
    by_id: dict[str, list[InvoiceVersion]] = {}
    records = []
    for invoice_id, issued, due, amount, currency, kind, settled, known, superseded in invoices:
        if known >= around.as_of_day:
            continue
        factor = around.find_factor(currency, known, table="invoices")
        book_amount = amount if factor == 1.0 else round(amount * factor)
        fixed = round(end.amount * 10.0 ** money.exponent(currency))
        tolerance = max(fixed, math.floor(abs(amount) * end.share + 1e-9))
        code = codes.setdefault(invoice_id, len(codes))
        is_note = kind == "credit_note"
        records.append((code, known, superseded, issued, due, is_note, amount, tolerance, book_amount, factor))
        version = InvoiceVersion(known, superseded, settled, book_amount, factor)
        by_id.setdefault(invoice_id, []).append(version)
    versions = np.array(records, dtype=VERSION)
    moves, spans = _make_movements(movements, codes, around.as_of_day)
    return InvoiceRecords(versions, cut_segments(versions, moves, spans)[0], by_id)


def _make_movements(movements: Sequence[Movement], codes: dict[str, int], day: int) -> tuple[Records, np.ndarray]:
    owned = sorted(
        ((codes[move.invoice_id], move) for move in movements if move.known < day and move.invoice_id in codes),
        key=lambda pair: pair[0],
    )
    records = [
        (
            move.known,
            move.superseded,
            move.paid if move.cause == PAID else move.applied,
            move.cause,
            move.amount,
            (move.known << _STEP_SHIFT) + move.applied,
        )
        for _, move in owned
    ]
    counts = [0] * (len(codes) + 1)
    for code, _ in owned:
        counts[code + 1] += 1
    return np.array(records, dtype=MOVEMENT), np.array(list(accumulate(counts)), dtype="int64")
