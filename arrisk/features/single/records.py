"""Lays one customer's invoices and what became of them out as the records that the kernel walks."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import int64

from arrisk import money
from arrisk.features.compiled import entry
from arrisk.features.facts import Floats
from arrisk.features.segments import (
    MOVEMENT,
    PAID,
    SEGMENT,
    VERSION,
    Ints,
    Records,
    count_segments,
    fill_segments,
)
from arrisk.features.single.movements import MOVE, list_customer_movements
from arrisk.features.single.rows import COLUMNS, CustomerRows, Row, list_columns, stack_columns
from arrisk.features.single.surroundings import Surroundings
from arrisk.policy import EndPolicy

_INVOICE, _AMOUNT, _APPLIED, _PAID, _CAUSE, _IS_OWN, _KNOWN, _SUPERSEDED = range(len(MOVE))
_STEP_SHIFT = 32
_DAYS = ("invoice", "known", "superseded", "issued", "due")


class InvoiceRecords(NamedTuple):
    """A customer's invoices as records.

    Parameters
    ----------
    seen : the rows that a question can see.
    versions, segments : as the kernel reads them; there is a version of each row.
    moves : as given by ``list_customer_movements``, by the numbers in ``codes``.
    codes : the number of each invoice.
    """

    seen: list[Row]
    versions: Records
    segments: Records
    moves: Ints
    codes: dict[str, int]


def make_invoice_records(rows: CustomerRows, around: Surroundings, *, end: EndPolicy) -> InvoiceRecords:
    """Make the records of a customer's invoices.

    Parameters
    ----------
    rows : the customer's.
    around : the day, and the rates.
    end : when an invoice counts as ended.

    Raises
    ------
    CurrencyError
        When an invoice's currency has no rate that was known by then.
    """
    day = around.as_of_day
    seen = [row for row in rows.tables["invoices"] if row[-2] < day]
    ids, issued, due, amounts, currencies, kinds, _, known, until = list_columns(seen, len(COLUMNS["invoices"]) + 2)
    codes = {invoice_id: code for code, invoice_id in enumerate(dict.fromkeys(ids))}
    table = stack_columns([map(codes.__getitem__, ids), known, until, issued, due, amounts], len(seen))
    amount = table[:, -1]
    factor = _find_factors(currencies, known, around)
    versions = np.empty(len(seen), dtype=VERSION)
    for column, name in enumerate(_DAYS):
        versions[name] = table[:, column]
    versions["is_credit"] = [kind == "credit_note" for kind in kinds]
    versions["amount"] = amount
    versions["tolerance"] = np.maximum(_list_fixed(currencies, end), np.floor(np.abs(amount) * end.share + 1e-9))
    versions["book_amount"] = amount
    is_foreign = factor != 1.0
    versions["book_amount"][is_foreign] = np.rint(amount[is_foreign] * factor[is_foreign])
    versions["factor"] = factor
    moves = list_customer_movements(rows, codes)
    # At each end of what is known of a movement a segment may end.
    segments = np.empty(len(versions) + 2 * len(moves), dtype=SEGMENT)
    count = _cut(versions, moves, np.empty(len(moves), dtype=MOVEMENT), segments, int64(len(codes)), int64(day))
    return InvoiceRecords(seen, versions, segments[:count], moves, codes)


def _find_factors(currencies: Sequence[str], known: Sequence[int], around: Surroundings) -> Floats:
    """Give the factor of each row into book currency."""
    if not set(currencies) - {around.currency}:
        return np.ones(len(currencies))
    pairs = zip(currencies, known, strict=True)
    return np.array([around.find_factor(currency, day, table="invoices") for currency, day in pairs])


def _list_fixed(currencies: Sequence[str], end: EndPolicy) -> Ints:
    """Give the open amount of each row below which it has ended, whatever its own amount."""
    fixed = {currency: round(end.amount * 10.0 ** money.exponent(currency)) for currency in set(currencies)}
    return np.array([fixed[currency] for currency in currencies], dtype="int64")


@entry
def _cut(versions: Records, moves: Ints, records: Records, segments: Records, count: int, day: int) -> int:
    """Cut every version into its segments; gives how many there are."""
    offsets = np.zeros(count + 1, dtype=np.int64)
    for m in range(len(moves)):
        if moves[m, _INVOICE] >= 0 and moves[m, _KNOWN] < day:
            offsets[moves[m, _INVOICE] + 1] += 1
    for invoice in range(count):
        offsets[invoice + 1] += offsets[invoice]
    free = offsets[:count].copy()
    for m in range(len(moves)):
        if moves[m, _INVOICE] >= 0 and moves[m, _KNOWN] < day:
            record = records[free[moves[m, _INVOICE]]]
            record["known"] = moves[m, _KNOWN]
            record["superseded"] = moves[m, _SUPERSEDED]
            record["day"] = moves[m, _PAID] if moves[m, _CAUSE] == PAID else moves[m, _APPLIED]
            record["cause"] = moves[m, _CAUSE]
            record["amount"] = moves[m, _AMOUNT]
            record["step"] = (moves[m, _KNOWN] << _STEP_SHIFT) + moves[m, _APPLIED]
            free[moves[m, _INVOICE]] += 1
    places = np.zeros(len(versions) + 1, dtype=np.int64)
    places[1:] = np.cumsum(count_segments(versions, records, offsets))
    used = np.zeros(len(versions), dtype=np.int64)
    fill_segments(0, len(versions), versions, records, offsets, places, segments, used)
    size = int64(0)
    for i in range(len(versions)):
        for s in range(places[i], places[i] + used[i]):
            segments[size] = segments[s]
            size += 1
    return size
