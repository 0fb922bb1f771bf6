"""Rules over checked rows: warnings that lose nothing. What refuses a row stands in reading and checking."""

from collections.abc import Mapping
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from arrisk import money
from arrisk.frames import NEVER, Days, Mask, day_of, match, run_together, take, to_arrow, to_days
from arrisk.schema.problems import WARNING, ProblemList
from arrisk.schema.tables import TABLES

_FAR = 5 * 366
Tables = Mapping[str, pd.DataFrame]


def warn_about_rows(tables: Tables, problems: ProblemList) -> None:
    """Warn about rows that look wrong by themselves."""
    invoices = tables["invoices"]
    issued, due = to_days(invoices["issued_on"]), to_days(invoices["due_on"])
    problems.mark("invoices", invoices, "due_on", due < issued, "due_before_issued")
    problems.mark("invoices", invoices, "due_on", due > issued + _FAR, "due_far_away")
    problems.mark("invoices", invoices, "amount", (invoices["amount"] == 0).to_numpy(), "zero_amount")
    _warn_about_intervals(tables, problems)
    limits = tables["limits"]
    nameless = limits["limit_amount"].isna() & (limits["limit_kind"] == "amount")
    problems.mark("limits", limits, "limit_amount", nameless.to_numpy(), "missing_limit_amount")


def _warn_about_intervals(tables: Tables, problems: ProblemList) -> None:
    pairs = {
        "invoices": [("issued_on", "settled_on")],
        "limits": [("valid_from_on", "valid_to_on")],
        "disputes": [("opened_on", "resolved_on")],
        "collateral": [("valid_from_on", "valid_to_on")],
        "orders": [("ordered_on", "shipped_on"), ("ordered_on", "invoiced_on")],
    }
    for table, intervals in pairs.items():
        frame = tables[table]
        for start, end in intervals if len(frame) else []:
            wrong = (frame[end] < frame[start]).to_numpy()
            problems.mark(table, frame, end, wrong, "ended_before_start")


def warn_about_links(tables: Tables, problems: ProblemList) -> None:
    """Warn about rows that speak of a customer or an invoice which is not there."""
    known = tables["customers"]["customer_id"]
    for name, table in TABLES.items():
        frame = tables[name]
        if "customer_id" in table.column_names and name != "customers" and len(frame):
            problems.mark(name, frame, "customer_id", match(frame["customer_id"], known) < 0, "unknown_customer")
    invoice_ids = tables["invoices"]["invoice_id"]
    for name in ("disputes", "write_offs", "recoveries"):
        frame = tables[name]
        if not len(frame):
            continue
        problems.mark(name, frame, "invoice_id", match(frame["invoice_id"], invoice_ids) < 0, "unknown_invoice")


def warn_about_allocations(tables: Tables, problems: ProblemList) -> None:
    """Warn about allocations of unknown ends, over their receipt or their invoice, and of two currencies."""
    allocations, payments, invoices = tables["allocations"], tables["payments"], tables["invoices"]
    if not len(allocations):
        return
    of_payment, of_invoice = run_together(
        [
            partial(match, allocations["payment_id"], payments["payment_id"]),
            partial(match, allocations["invoice_id"], invoices["invoice_id"]),
        ],
        rows=len(allocations),
    )
    of_note = _match_notes(allocations["payment_id"], invoices, of_payment)
    problems.mark("allocations", allocations, "invoice_id", of_invoice < 0, "unknown_invoice")
    problems.mark("allocations", allocations, "payment_id", (of_payment < 0) & (of_note < 0), "unknown_payment")
    differs = _differs_in_currency(payments, invoices, of_payment, of_invoice)
    problems.mark("allocations", allocations, "payment_id", differs, "currency_differs")
    amounts = np.where(_is_latest(allocations), allocations["amount"].to_numpy(), 0)
    # Amounts are in the invoice's currency; against a receipt in another one they cannot be compared.
    comparable = np.where(differs, 0, amounts)
    _warn_over(
        payments,
        "payments",
        _totals(of_payment, comparable, len(payments)),
        "over_allocated_payment",
        problems,
    )
    _warn_over(invoices, "invoices", _totals(of_invoice, amounts, len(invoices)), "over_allocated_invoice", problems)
    _warn_over(invoices, "invoices", _totals(of_note, amounts, len(invoices)), "over_allocated_credit_note", problems)


def _match_notes(payment_ids: pd.Series, invoices: pd.DataFrame, of_payment: Days) -> Days:
    """Find the credit note behind each allocation that has no receipt; -1 where there is none."""
    found = np.full(len(payment_ids), -1, dtype="int64")
    open_rows = np.flatnonzero(of_payment < 0)
    is_note = (invoices["kind"] == "credit_note").to_numpy()
    if not len(open_rows) or not is_note.any():
        return found
    rows = np.flatnonzero(is_note)
    position = match(payment_ids.iloc[open_rows], invoices["invoice_id"].iloc[rows])
    found[open_rows] = take(rows, position, -1)
    return found


def _differs_in_currency(payments: pd.DataFrame, invoices: pd.DataFrame, of_payment: Days, of_invoice: Days) -> Mask:
    used = {name for frame in (payments, invoices) for name in to_arrow(frame["currency"]).unique().to_pylist()}
    if len(used) == 1:
        return np.zeros(len(of_payment), dtype=bool)
    codes, _ = pd.factorize(pd.concat([payments["currency"], invoices["currency"]]))
    paid, invoiced = codes[: len(payments)].astype("int64"), codes[len(payments) :].astype("int64")
    both = (of_payment >= 0) & (of_invoice >= 0)
    return np.asarray(both & (take(paid, of_payment, -1) != take(invoiced, of_invoice, -1)))


def _is_latest(frame: pd.DataFrame) -> Mask:
    return np.asarray(frame["superseded_day"].to_numpy() == NEVER)


def _totals(positions: Days, amounts: Days, size: int) -> Days:
    totals = np.zeros(size, dtype="int64")
    np.add.at(totals, positions[positions >= 0], amounts[positions >= 0])
    return totals


def _warn_over(frame: pd.DataFrame, table: str, applied: Days, rule: str, problems: ProblemList) -> None:
    # match() finds the first row of a corrected key, so the totals stand there; its newest amount counts.
    amounts = frame["amount"].to_numpy()
    newest = _is_latest(frame)
    if not newest.all():
        key = frame[TABLES[table].key[0]]
        amounts = take(amounts[newest], match(key, key[newest].reset_index(drop=True)), 0)
    wrong = applied > np.maximum(amounts, 0)
    if wrong.any():
        bad = frame.loc[wrong]
        written = [money.write_minor(*pair) for pair in zip(bad["amount"], bad["currency"], strict=True)]
        problems.add(table, bad["source_row"], "amount", pd.Series(written), rule, WARNING)


def warn_about_rates(tables: Tables, book_currency: str, problems: ProblemList) -> None:
    """Warn once for each foreign currency that has no rate."""
    rated = set(tables["rates"]["currency"].dropna())
    for name in ("invoices", "payments", "orders", "limits", "collateral"):
        used = set(tables[name]["currency"].dropna().unique()) - rated - {book_currency}
        for currency in sorted(used):
            first = tables[name]["currency"].eq(currency).to_numpy().nonzero()[0][:1]
            wrong = np.zeros(len(tables[name]), dtype=bool)
            wrong[first] = True
            problems.mark(name, tables[name], "currency", wrong, "no_rate")


def warn_after_end(tables: Tables, end: date, problems: ProblemList) -> None:
    """Warn about events after the last day that the extract says it covers."""
    for name in ("invoices", "payments", "allocations", "write_offs"):
        column = TABLES[name].event_on
        days = to_days(tables[name][column])
        problems.mark(name, tables[name], column, days > day_of(end), "after_extract_end")
