"""Outcomes read from a written book with plain loops: independent of the simulator's code."""

import csv
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path


def read(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cents(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def list_reductions(book: Path) -> dict[str, list[tuple[date, int, date, str]]]:
    """Per invoice: (day on which the balance moves, cents, day of the money, cause), in order."""
    paid_on = {row["payment_id"]: date.fromisoformat(row["paid_on"]) for row in read(book, "payments")}
    steps = defaultdict(list)
    for row in read(book, "allocations"):
        applied = date.fromisoformat(row["applied_on"])
        cause = "paid" if row["payment_id"] in paid_on else "credited"
        paid = paid_on.get(row["payment_id"], applied)
        steps[row["invoice_id"]].append((applied, cents(row["amount"]), paid, cause))
    for row in read(book, "write_offs"):
        day = date.fromisoformat(row["written_off_on"])
        cause = "written off" if row["reason"] == "bad_debt" else "paid"
        steps[row["invoice_id"]].append((day, cents(row["amount"]), day, cause))
    return {invoice: sorted(rows) for invoice, rows in steps.items()}


def list_ends(book: Path) -> dict[str, tuple[date, str]]:
    """Per invoice that has ended: its day and cause; the larger part of the last step decides the cause."""
    ends = {}
    reductions = list_reductions(book)
    for row in read(book, "invoices"):
        amount = cents(row["amount"])
        open_amount, tolerance = amount, max(1, 0.01 * amount)
        rows = reductions.get(row["invoice_id"], [])
        for place, (applied, part, _, _) in enumerate(rows):
            open_amount -= part
            if open_amount <= tolerance and (place + 1 == len(rows) or rows[place + 1][0] > applied):
                step = [other for other in rows if other[0] == applied]
                _, _, day, cause = max(step, key=lambda other: other[1])
                ends[row["invoice_id"]] = (day, cause)
                break
    return ends


def is_late(row: dict[str, str], ends: dict[str, tuple[date, str]], tolerance: int, end: date) -> bool | None:
    """Late by k: paid later than due + k, or not ended by then; None when immature or credited before."""
    deadline = date.fromisoformat(row["due_on"]) + timedelta(days=tolerance)
    if deadline > end:
        return None
    day, cause = ends.get(row["invoice_id"], (date.max, ""))
    if day <= deadline and cause != "paid":
        return None
    return day > deadline


def list_trigger_days(book: Path, customers: set[str], begin: date, end: date) -> dict[str, set[date]]:
    """Per customer: the days on which a trigger of default holds or becomes known."""
    triggers = defaultdict(set)
    for row in read(book, "credit_events"):
        triggers[row["customer_id"]].add(date.fromisoformat(row["known_on"]))
    owner = {row["invoice_id"]: row["customer_id"] for row in read(book, "invoices")}
    for row in read(book, "write_offs"):
        if row["reason"] == "bad_debt":
            triggers[owner[row["invoice_id"]]].add(date.fromisoformat(row["written_off_on"]))
    for customer, rows in _group_overdue(book, customers, end).items():
        triggers[customer] |= _material_days(rows, _rates(book), begin, end)
    return triggers


def _group_overdue(book: Path, customers: set[str], end: date) -> dict[str, dict[str, list]]:
    """Per customer: its items (row, cents, reductions, disputes) and credits (day, cents, currency, uses)."""
    reductions = list_reductions(book)
    disputed = defaultdict(list)
    for row in read(book, "disputes"):
        resolved = date.fromisoformat(row["resolved_on"]) if row["resolved_on"] else end + timedelta(days=1)
        disputed[row["invoice_id"]].append((date.fromisoformat(row["opened_on"]), resolved))
    grouped = defaultdict(lambda: {"items": [], "credits": []})
    for row in read(book, "invoices"):
        if row["customer_id"] not in customers:
            continue
        steps = [(day, part) for day, part, _, _ in reductions.get(row["invoice_id"], [])]
        kind = "items" if row["kind"] == "invoice" else "credits"
        grouped[row["customer_id"]][kind].append(
            (row, cents(row["amount"]), steps, disputed.get(row["invoice_id"], []))
        )
    _add_credits(book, grouped)
    return grouped


def _add_credits(book: Path, grouped: dict[str, dict[str, list]]) -> None:
    used = defaultdict(list)
    for row in read(book, "allocations"):
        used[row["payment_id"]].append((date.fromisoformat(row["applied_on"]), cents(row["amount"])))
    for rows in grouped.values():
        rows["credits"] = [
            (date.fromisoformat(row["issued_on"]), amount, row["currency"], used[row["invoice_id"]])
            for row, amount, _, _ in rows["credits"]
        ]
    for row in read(book, "payments"):
        if row["customer_id"] in grouped:
            day = date.fromisoformat(row["known_on"])
            entry = (day, cents(row["amount"]), row["currency"], used[row["payment_id"]])
            grouped[row["customer_id"]]["credits"].append(entry)


def _rates(book: Path) -> dict[str, list[tuple[date, float]]]:
    rates = defaultdict(list)
    for row in read(book, "rates"):
        rates[row["currency"]].append((date.fromisoformat(row["rate_on"]), float(row["rate"])))
    return rates


def _rate(rates: dict[str, list[tuple[date, float]]], currency: str, day: date) -> float:
    known = [rate for rate_on, rate in rates.get(currency, []) if rate_on <= day]
    return known[-1] if known else 1.0


def _material_days(rows: dict[str, list], rates: dict, begin: date, end: date) -> set[date]:
    """Days on which undisputed items ninety days past due, net of credits, exceed 1 % and 500."""
    found = set()
    candidates = _overdue_days(rows["items"], begin, end)
    for day in candidates:
        overdue = balance = 0
        for row, amount, steps, disputes in rows["items"]:
            if date.fromisoformat(row["issued_on"]) > day:
                continue
            left = amount - sum(part for moved, part in steps if moved <= day)
            balance += left
            is_disputed = any(opened <= day < resolved for opened, resolved in disputes)
            if left > 0 and not is_disputed and (day - date.fromisoformat(row["due_on"])).days >= 90:
                overdue += left
        free = sum(
            amount - sum(part for moved, part in used if moved <= day)
            for known, amount, _, used in rows["credits"]
            if known <= day
        )
        rate = _rate(rates, rows["items"][0][0]["currency"], day)
        if (overdue - free) * rate > max(50_000, 0.01 * (balance - free) * rate):
            found.add(day)
    return found


def _overdue_days(items: list, begin: date, end: date) -> set[date]:
    """Days on which some item is at least ninety days past due: all others cannot be triggers."""
    days = set()
    for row, amount, steps, _ in items:
        day = max(date.fromisoformat(row["due_on"]) + timedelta(days=90), begin)
        while day <= end and amount - sum(part for moved, part in steps if moved <= day) > 0:
            days.add(day)
            day += timedelta(days=1)
    return days
