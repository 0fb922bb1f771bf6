"""Lists what happens to a customer besides invoices: receipts, disputes, write-offs, credit events, orders, security.

Each list has one row per visible interval: owner (customer code), day (the event's own), start and stop (visible as of
D iff start < D <= stop) and amount (int64, minor units where it is money).
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrisk.features.amounts import Converter, apply_factors
from arrisk.features.events import History, before
from arrisk.features.grouping import as_days32, group_rows, make_records
from arrisk.features.layout import EVENTS, STATES
from arrisk.features.segments import Ints, Records
from arrisk.features.timeline import HAPPENING
from arrisk.frames import Days, concat, match, to_dates, to_days

UPHELD = ("upheld", "accepted", "valid", "justified", "credited")
"""Outcomes of a dispute that say the customer was right."""

_JOINED = ["row", "whole", "invoice_row"]
NOT_BAD = ("discount", "small_balance", "commercial")


def list_happenings(history: History) -> tuple[Records, Ints]:
    """List all events and states of all customers, and where each customer's begin."""
    parts = [_list_channel(history, code, channel) for code, channel in enumerate((*EVENTS, *STATES))]
    grouped = group_rows(_join(parts, "owner"), len(history.customers))
    columns = ((name, _join(parts, name)) for name in ("channel", "day", "start", "stop", "amount"))
    return make_records(columns, HAPPENING, grouped.order), grouped.offsets


def _list_channel(history: History, code: int, channel: str) -> dict[str, npt.NDArray[Any]]:
    """List what happened of one kind, in as few bytes as it can be told."""
    rows = _READERS[channel](history)
    lasts = (rows["start"] < rows["stop"]).to_numpy()
    rows = rows if lasts.all() else rows.loc[lasts]
    days = {name: as_days32(rows[name]) for name in ("day", "start", "stop")}
    owner = rows["owner"].to_numpy(dtype="int32")
    return days | {
        "owner": owner,
        "channel": np.full(len(rows), code, "int8"),
        "amount": rows["amount"].to_numpy("int64"),
    }


def _join(parts: Sequence[dict[str, npt.NDArray[Any]]], name: str) -> npt.NDArray[Any]:
    """Join a column of all parts, which do not hold it any more then."""
    return np.concatenate([part.pop(name) for part in parts])


def _make(owner: Days, day: Days, start: Days, stop: Days, amount: Days) -> pd.DataFrame:
    columns = {"owner": owner, "day": day, "start": start, "stop": stop, "amount": amount}
    return pd.DataFrame(columns, copy=False)


def _read_own(history: History, table: str, day: str, amount: str = "") -> pd.DataFrame:
    """List the rows of a table that names its customer."""
    frame = history.book[table]
    known = before(frame["known_day"].to_numpy(), history.last_day)
    amounts = np.zeros(len(frame), dtype="int64")
    if amount:
        stated = frame[amount].to_numpy()
        amounts = history.converter.convert(stated, frame["currency"], known, table=table)
    owner = match(frame["customer_id"], history.customers)
    return _make(owner, to_days(frame[day]), known, frame["superseded_day"].to_numpy(), amounts)


def _read_on_invoices(history: History, frame: pd.DataFrame, day: str, amount: str = "amount") -> pd.DataFrame:
    """List rows that name an invoice: they belong to its customer while both row versions are visible.

    The result has three more columns: ``row`` (in ``frame``), ``whole`` (the invoice's amount), ``invoice_row``.
    """
    versions = history.versions
    grouped = history.versions_of_invoice
    invoice = match(frame["invoice_id"], history.book["invoices"]["invoice_id"])
    rows = np.flatnonzero(invoice >= 0)
    counts = (grouped.offsets[1:] - grouped.offsets[:-1])[invoice[rows]]
    row = np.repeat(rows, counts)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    version = grouped.order[np.repeat(grouped.offsets[invoice[rows]], counts) + within]
    stated = frame[amount].fillna(0).to_numpy(dtype="int64")[row]
    listed = _make(
        np.searchsorted(history.version_spans, version, side="right") - 1,
        to_days(frame[day])[row],
        np.maximum(frame["known_day"].to_numpy()[row], versions["known"][version]),
        np.minimum(frame["superseded_day"].to_numpy()[row], versions["superseded"][version]),
        apply_factors(stated, versions["factor"][version]),
    )
    return listed.assign(row=row, whole=versions["book_amount"][version], invoice_row=history.invoice_rows[version])


def _read_receipts(history: History) -> pd.DataFrame:
    """Receipts, and the short form: an invoice's settled_on stands for one receipt of its full amount."""
    receipts = _read_own(history, "payments", "paid_on", "amount")
    if history.book["invoices"]["settled_on"].isna().all():
        return receipts
    movements = history.movements
    own = (movements["source_id"] == movements["invoice_id"]) & (movements["cause"] == "paid")
    frame = movements.loc[own.to_numpy()].reset_index(drop=True)
    frame = frame.assign(paid_on=to_dates(frame["paid_day"]))
    listed = _read_on_invoices(history, frame, "paid_on")
    # A cash discount stands on its own invoice too: what is not on the day of settlement is none.
    settled = to_days(history.book["invoices"]["settled_on"])[listed["invoice_row"].to_numpy()]
    listed = listed.loc[listed["day"].to_numpy() == settled].drop(columns=_JOINED)
    return concat([receipts, listed])


def _read_write_offs(history: History) -> pd.DataFrame:
    frame = history.book["write_offs"]
    bad = ~frame["reason"].isin(NOT_BAD).to_numpy(dtype=bool)
    return _read_on_invoices(history, frame.loc[bad].reset_index(drop=True), "written_off_on").drop(columns=_JOINED)


def _read_recoveries(history: History) -> pd.DataFrame:
    return _read_on_invoices(history, history.book["recoveries"], "recovered_on").drop(columns=_JOINED)


def _read_disputes(history: History) -> pd.DataFrame:
    """Disputes as they are opened; without an amount the whole invoice is disputed."""
    frame = history.book["disputes"]
    listed = _read_on_invoices(history, frame, "opened_on")
    missing = frame["amount"].isna().to_numpy(dtype=bool)[listed["row"].to_numpy()]
    disputed = np.where(missing, listed["whole"], np.minimum(listed["amount"], listed["whole"]))
    return listed.assign(amount=disputed)


def _read_opened(history: History) -> pd.DataFrame:
    return _read_disputes(history).drop(columns=_JOINED)


def _read_open_disputes(history: History) -> pd.DataFrame:
    frame = history.book["disputes"]
    listed = _read_disputes(history)
    resolved = history.clocks["disputes.resolved_on"](frame)[listed["row"].to_numpy()]
    return listed.assign(stop=np.minimum(listed["stop"], resolved)).drop(columns=_JOINED)


def _read_resolved(history: History) -> pd.DataFrame:
    """Disputes as they are resolved; the amount is the number of days it took."""
    frame = history.book["disputes"]
    listed = _read_disputes(history)
    row = listed["row"].to_numpy()
    day = to_days(frame["resolved_on"])[row]
    start = np.maximum(listed["start"], history.clocks["disputes.resolved_on"](frame)[row])
    took = np.maximum(day - to_days(frame["opened_on"])[row], 0)
    return listed.assign(day=day, start=start, amount=took).drop(columns=_JOINED)


def _read_upheld(history: History) -> pd.DataFrame:
    frame = history.book["disputes"]
    listed = _read_disputes(history)
    row = listed["row"].to_numpy()
    start = np.maximum(listed["start"], history.clocks["disputes.outcome"](frame)[row])
    listed = listed.assign(day=to_days(frame["resolved_on"])[row], start=start)
    upheld = frame["outcome"].str.lower().isin(UPHELD).to_numpy(dtype=bool)[row]
    return listed.loc[upheld].drop(columns=_JOINED)


def _read_credit_events(history: History) -> pd.DataFrame:
    return _read_own(history, "credit_events", "occurred_on")


def _read_applications(history: History) -> pd.DataFrame:
    return _read_own(history, "applications", "applied_on")


def _read_orders(history: History) -> pd.DataFrame:
    frame = history.book["orders"]
    listed = _read_own(history, "orders", "ordered_on", "amount")
    return listed.assign(stop=np.minimum(listed["stop"], history.clocks["orders.invoiced_on"](frame)))


def _read_shipped_orders(history: History) -> pd.DataFrame:
    frame = history.book["orders"]
    listed = _read_orders(history)
    return listed.assign(start=np.maximum(listed["start"], history.clocks["orders.shipped_on"](frame)))


def list_security(
    collateral: pd.DataFrame, *, customers: pd.Series, converter: Converter, last_day: int
) -> pd.DataFrame:
    """List security while it is valid: what it covers of a loss, all of its amount where no share is given.

    Parameters
    ----------
    collateral : the checked table.
    customers : ids; the owner of a row is its customer's place here, or -1.
    converter : into the currency of the amounts.
    last_day : the last day on which a question is asked.

    Returns
    -------
    DataFrame
        One row per row of the table: owner, day, start, stop, amount (minor units).
    """
    known = before(collateral["known_day"].to_numpy(), last_day)
    amount = converter.convert(collateral["amount"].to_numpy(), collateral["currency"], known, table="collateral")
    share = collateral["cover_share"].fillna(1.0).clip(0.0, 1.0).to_numpy(dtype="float64")
    day = to_days(collateral["valid_from_on"])
    return _make(
        match(collateral["customer_id"], customers),
        day,
        np.maximum(known, day - 1),
        np.minimum(collateral["superseded_day"].to_numpy(), to_days(collateral["valid_to_on"])),
        np.where(share == 1.0, amount, np.rint(amount * share).astype("int64")),
    )


def _read_collateral(history: History) -> pd.DataFrame:
    frame, customers = history.book["collateral"], history.customers
    return list_security(frame, customers=customers, converter=history.converter, last_day=history.last_day)


_READERS: dict[str, Callable[[History], pd.DataFrame]] = {
    "payments": _read_receipts,
    "write_offs": _read_write_offs,
    "recoveries": _read_recoveries,
    "disputes": _read_opened,
    "resolved": _read_resolved,
    "upheld": _read_upheld,
    "credit_events": _read_credit_events,
    "applications": _read_applications,
    "orders": _read_orders,
    "shipped_orders": _read_shipped_orders,
    "open_disputes": _read_open_disputes,
    "collateral": _read_collateral,
}
