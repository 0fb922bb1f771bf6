"""What happened to one customer besides invoices, from its rows: as ``arrisk.features.happenings`` lists it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from arrisk.features.happenings import NOT_BAD, UPHELD
from arrisk.features.layout import EVENTS, STATES
from arrisk.features.segments import PAID, Records
from arrisk.features.single.movements import Movement
from arrisk.features.single.records import InvoiceVersion
from arrisk.features.single.rows import CustomerRows, Row
from arrisk.features.single.surroundings import Surroundings
from arrisk.features.timeline import HAPPENING
from arrisk.frames import NEVER

_CHANNEL = {name: code for code, name in enumerate((*EVENTS, *STATES))}

Happening = tuple[int, int, int, int, int]
"""Channel, day, start and stop (visible as of D iff start < D <= stop), amount."""

Versions = Mapping[str, Sequence[InvoiceVersion]]


def list_customer_happenings(
    rows: CustomerRows, movements: Iterable[Movement], versions: Versions, around: Surroundings
) -> Records:
    """List a customer's events and states.

    Parameters
    ----------
    rows : its own.
    movements : as given by ``list_customer_movements``.
    versions : its invoices by id.
    around : the day, and the rates.
    """
    parts: list[Happening] = [
        *_list_receipts(rows.tables["payments"], around),
        *_list_settled(movements, versions),
        *_list_write_offs(rows.tables["write_offs"], versions),
        *_list_recoveries(rows.tables["recoveries"], versions),
        *_list_disputes(rows.tables["disputes"], versions),
        *_list_credit_events(rows.list_own("credit_events"), around),
        *_list_applications(rows.tables["applications"], around),
        *_list_orders(rows.tables["orders"], around),
        *_list_collateral(rows.tables["collateral"], around),
    ]
    return np.array([part for part in parts if part[2] < part[3] and part[2] < around.as_of_day], dtype=HAPPENING)


def _list_receipts(payments: Sequence[Row], around: Surroundings) -> Iterator[Happening]:
    channel = _CHANNEL["payments"]
    for paid, amount, currency, known, superseded in payments:
        if known < around.as_of_day:
            yield channel, paid, known, superseded, around.convert(amount, currency, known, table="payments")


def _list_settled(movements: Iterable[Movement], versions: Versions) -> Iterator[Happening]:
    """List the short form: an invoice's settled_on stands for one receipt of its full amount."""
    for move in movements:
        if move.cause == PAID and move.source_id == move.invoice_id:
            for version in versions.get(move.invoice_id, ()):
                # A cash discount stands on its own invoice too: what is not on the day of settlement is none.
                if version.settled == move.paid and version.settled < NEVER:
                    yield _CHANNEL["payments"], move.paid, *_join(move[-2:], version), _apply(move.amount, version)


def _list_write_offs(rows: Sequence[Row], versions: Versions) -> Iterator[Happening]:
    for invoice_id, day, amount, reason, *seen in rows:
        if reason not in NOT_BAD:
            for version in versions.get(invoice_id, ()):
                yield _CHANNEL["write_offs"], day, *_join(seen, version), _apply(amount, version)


def _list_recoveries(rows: Sequence[Row], versions: Versions) -> Iterator[Happening]:
    for invoice_id, day, amount, *seen in rows:
        for version in versions.get(invoice_id, ()):
            yield _CHANNEL["recoveries"], day, *_join(seen, version), _apply(amount, version)


def _list_disputes(rows: Sequence[Row], versions: Versions) -> Iterator[Happening]:
    """Disputes as they are opened, while they are open, and as they are resolved."""
    for invoice_id, opened, resolved, amount, outcome, *seen in rows:
        shown = max(seen[0], resolved)
        for version in versions.get(invoice_id, ()):
            start, stop = _join(seen, version)
            whole = version.book_amount
            disputed = whole if amount is None else min(_apply(amount, version), whole)
            yield _CHANNEL["disputes"], opened, start, stop, disputed
            yield _CHANNEL["open_disputes"], opened, start, min(stop, shown), disputed
            yield _CHANNEL["resolved"], resolved, max(start, shown), stop, max(resolved - opened, 0)
            if outcome is not None and outcome.lower() in UPHELD:
                yield _CHANNEL["upheld"], resolved, max(start, shown), stop, disputed


def _list_credit_events(rows: Sequence[Row], around: Surroundings) -> Iterator[Happening]:
    for _, day, known, superseded in rows:
        if known < around.as_of_day:
            yield _CHANNEL["credit_events"], day, known, superseded, 0


def _list_applications(rows: Sequence[Row], around: Surroundings) -> Iterator[Happening]:
    for day, _, known, superseded in rows:
        if known < around.as_of_day:
            yield _CHANNEL["applications"], day, known, superseded, 0


def _list_orders(rows: Sequence[Row], around: Surroundings) -> Iterator[Happening]:
    orders, shipped_orders = _CHANNEL["orders"], _CHANNEL["shipped_orders"]
    for day, stated, currency, shipped, invoiced, known, superseded in rows:
        if known < around.as_of_day:
            amount = around.convert(stated, currency, known, table="orders")
            stop = min(superseded, max(known, invoiced))
            yield orders, day, known, stop, amount
            yield shipped_orders, day, max(known, shipped), stop, amount


def _list_collateral(rows: Sequence[Row], around: Surroundings) -> Iterator[Happening]:
    for row in rows:
        day, start, stop, amount = read_security(row, around)
        yield _CHANNEL["collateral"], day, start, stop, amount


def read_security(row: Row, around: Surroundings) -> tuple[int, int, int, int]:
    """Read from when and until when security stands, and what it covers, as ``list_security`` does."""
    _, stated, currency, share, day, valid_to, known, superseded = row
    if known >= around.as_of_day:
        return day, NEVER, NEVER, 0
    amount = around.convert(stated, currency, known, table="collateral")
    share = 1.0 if np.isnan(share) else min(max(share, 0.0), 1.0)
    covered = amount if share == 1.0 else round(amount * share)
    return day, max(known, day - 1), min(superseded, valid_to), covered


def _join(seen: Sequence[int], version: InvoiceVersion) -> tuple[int, int]:
    """Give when both a row and the invoice that it names can be seen."""
    return max(seen[0], version.known), min(seen[1], version.superseded)


def _apply(amount: int, version: InvoiceVersion) -> int:
    return amount if version.factor == 1.0 else round(amount * version.factor)
