"""What happened to one customer besides invoices, from its rows: as ``arrisk.features.happenings`` lists it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from arrisk.features.happenings import NOT_BAD, UPHELD
from arrisk.features.layout import EVENTS, STATES
from arrisk.features.segments import PAID, Records
from arrisk.features.single.movements import stack
from arrisk.features.single.records import InvoiceRecords
from arrisk.features.single.rows import OF_INVOICES, CustomerRows, Row
from arrisk.features.single.surroundings import Surroundings
from arrisk.features.timeline import HAPPENING
from arrisk.frames import NEVER

_CHANNEL = {name: code for code, name in enumerate((*EVENTS, *STATES))}
_FIELDS = ("channel", "day", "start", "stop", "amount")

Happening = tuple[int, int, int, int, int]
"""Channel, day, start and stop (visible as of D iff start < D <= stop), amount."""


class _Version(NamedTuple):
    """One version of an invoice that a row names."""

    known: int
    superseded: int
    settled: int
    book_amount: int
    factor: float


_Versions = Mapping[str, Sequence[_Version]]


def list_customer_happenings(rows: CustomerRows, records: InvoiceRecords, around: Surroundings) -> Records:
    """List a customer's events and states.

    Parameters
    ----------
    rows : its own.
    records : its invoices.
    around : the day, and the rates.
    """
    tables, day = rows.tables, around.as_of_day
    named = {row[0] for table in OF_INVOICES for row in tables[table]}
    versions = _find_versions(records, named)
    parts: list[Happening] = [
        *_list_receipts(tables["payments"], around),
        *_list_settled(records),
        *_list_write_offs(tables["write_offs"], versions),
        *_list_recoveries(tables["recoveries"], versions),
        *_list_disputes(tables["disputes"], versions),
        *((_CHANNEL["credit_events"], on, known, until, 0) for _, on, known, until in rows.list_own("credit_events")),
        *((_CHANNEL["applications"], on, known, until, 0) for on, _, known, until in tables["applications"]),
        *_list_orders(tables["orders"], around),
        *((_CHANNEL["collateral"], *read_security(row, around)) for row in tables["collateral"]),
    ]
    seen = [part for part in parts if part[2] < day and part[2] < part[3]]
    table = stack(seen, len(_FIELDS))
    found = np.empty(len(seen), dtype=HAPPENING)
    for column, name in enumerate(_FIELDS):
        found[name] = table[:, column]
    return found


def _find_versions(records: InvoiceRecords, named: set[str]) -> dict[str, list[_Version]]:
    """Find the versions of some invoices."""
    found: dict[str, list[_Version]] = {}
    places = [place for place, row in enumerate(records.seen) if row[0] in named] if named else []
    if places:
        taken = records.versions[places]
        pairs = zip(taken["book_amount"].tolist(), taken["factor"].tolist(), strict=True)
        for place, own in zip(places, pairs, strict=True):
            row = records.seen[place]
            found.setdefault(row[0], []).append(_Version(row[-2], row[-1], row[6], *own))
    return found


def _list_receipts(payments: Sequence[Row], around: Surroundings) -> list[Happening]:
    channel, home, convert, day = _CHANNEL["payments"], around.currency, around.convert, around.as_of_day
    return [
        (
            channel,
            paid,
            known,
            until,
            amount if currency == home else convert(amount, currency, known, table="payments"),
        )
        for paid, amount, currency, known, until in payments
        if known < day
    ]


def _list_settled(records: InvoiceRecords) -> Iterator[Happening]:
    """List the short form: an invoice's settled_on stands for one receipt of its full amount."""
    settled = {row[0] for row in records.seen if row[6] < NEVER}
    if not settled:
        return
    versions = _find_versions(records, settled)
    ids = {code: invoice_id for invoice_id, code in records.codes.items()}
    for invoice, amount, _, paid, cause, is_own, known, superseded in records.moves.tolist():
        if cause == PAID and is_own and invoice >= 0:
            for version in versions.get(ids[invoice], ()):
                # A cash discount stands on its own invoice too: what is not on the day of settlement is none.
                if version.settled == paid:
                    seen = _join((known, superseded), version)
                    yield _CHANNEL["payments"], paid, *seen, _apply(amount, version)


def _list_write_offs(rows: Sequence[Row], versions: _Versions) -> Iterator[Happening]:
    for invoice_id, day, amount, reason, *seen in rows:
        if reason not in NOT_BAD:
            for version in versions.get(invoice_id, ()):
                yield _CHANNEL["write_offs"], day, *_join(seen, version), _apply(amount, version)


def _list_recoveries(rows: Sequence[Row], versions: _Versions) -> Iterator[Happening]:
    for invoice_id, day, amount, *seen in rows:
        for version in versions.get(invoice_id, ()):
            yield _CHANNEL["recoveries"], day, *_join(seen, version), _apply(amount, version)


def _list_disputes(rows: Sequence[Row], versions: _Versions) -> Iterator[Happening]:
    """List disputes as they are opened, while they are open, and as they are resolved."""
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


def _list_orders(rows: Sequence[Row], around: Surroundings) -> Iterator[Happening]:
    orders, shipped_orders, day = _CHANNEL["orders"], _CHANNEL["shipped_orders"], around.as_of_day
    for ordered, stated, currency, shipped, invoiced, known, superseded in rows:
        stop = min(superseded, max(known, invoiced))
        # Nothing is left to see of an order that was invoiced and of which no correction came.
        if known < day <= stop:
            amount = around.convert(stated, currency, known, table="orders")
            yield orders, ordered, known, stop, amount
            yield shipped_orders, ordered, max(known, shipped), stop, amount


def read_security(row: Row, around: Surroundings) -> tuple[int, int, int, int]:
    """Read since when, and from when until when, security stands, and what it covers, as ``list_security`` does."""
    _, stated, currency, share, day, valid_to, known, superseded = row
    if known >= around.as_of_day:
        return day, NEVER, NEVER, 0
    amount = around.convert(stated, currency, known, table="collateral")
    share = 1.0 if share is None else min(max(share, 0.0), 1.0)
    covered = amount if share == 1.0 else round(amount * share)
    return day, max(known, day - 1), min(superseded, valid_to), covered


def _join(seen: Sequence[int], version: _Version) -> tuple[int, int]:
    """Give when both a row and the invoice that it names can be seen."""
    return max(seen[0], version.known), min(seen[1], version.superseded)


def _apply(amount: int, version: _Version) -> int:
    return amount if version.factor == 1.0 else round(amount * version.factor)
