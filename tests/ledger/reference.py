"""A slow ledger in plain Python, written from the definitions alone: what the fast one has to equal.

Rows are dictionaries with whole days (from `START`), whole cents, and `known`: the day on which the row could first
be known. All money is USD.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]

START = date(2024, 1, 1)
NEVER = 10**9
KEYS = {
    "invoices": ("invoice_id",),
    "payments": ("payment_id",),
    "allocations": ("payment_id", "invoice_id", "applied_on"),
    "write_offs": ("invoice_id", "written_off_on"),
    "disputes": ("dispute_id",),
    "orders": ("order_id",),
}
EVENTS = {
    "invoices": "issued_on",
    "payments": "paid_on",
    "allocations": "applied_on",
    "write_offs": "written_off_on",
    "disputes": "opened_on",
    "orders": "ordered_on",
}
LATE = {"invoices": "settled_on", "disputes": "resolved_on", "orders": "invoiced_on"}
CAUSES = ("paid", "credited", "written_off")


def known_of(table: str, row: Row) -> int:
    """Say when a row can first be seen: not before the event itself."""
    event = row[EVENTS[table]]
    return event if row["known_on"] is None else max(row["known_on"], event)


def see(rows: Rows, table: str, day: int) -> list[Row]:
    """Give the newest version of each key among the rows known before a day."""
    newest: dict[tuple[object, ...], Row] = {}
    for row in sorted(rows[table], key=lambda row: known_of(table, row)):
        if known_of(table, row) < day:
            newest[tuple(row[column] for column in KEYS[table])] = row
    return list(newest.values())


def find_payer(rows: Rows, payer_id: str, day: int) -> tuple[str, Row | None, int]:
    """Say what stands behind an allocation as of a day: kind of payer, its row, and since when it is so."""
    for payment in see(rows, "payments", day):
        if payment["payment_id"] == payer_id:
            return "receipt", payment, known_of("payments", payment)
    kind, found, since = "nothing", None, -NEVER
    versions = [row for row in rows["invoices"] if row["invoice_id"] == payer_id]
    for version in sorted(versions, key=lambda row: known_of("invoices", row)):
        known = known_of("invoices", version)
        if known < day and version["kind"] == "credit_note":
            kind, found, since = "note", version, known
        elif known < day and kind == "note":
            kind, found, since = "nothing", None, known
    return kind, found, since


def was_allocated(rows: Rows, invoice_id: str, day: int) -> bool:
    """Say whether any allocation had moved an invoice by a day; from then on it ignores settled_on."""
    tables = ("invoices", "payments", "allocations")
    changes = {known_of(table, row) + 1 for table in tables for row in rows[table]}
    return any(
        invoice_id == part["invoice_id"]
        or (invoice_id == part["payment_id"] and find_payer(rows, invoice_id, change)[0] == "note")
        for change in changes
        if change <= day
        for part in see(rows, "allocations", change)
    )


def list_moves(rows: Rows, day: int) -> dict[str, list[Row]]:
    """List what changed each invoice's balance by what was known before a day."""
    moves: dict[str, list[Row]] = defaultdict(list)
    for part in see(rows, "allocations", day):
        kind, payer, since = find_payer(rows, part["payment_id"], day)
        move = {
            "amount": part["amount"],
            "applied": part["applied_on"],
            "paid": payer["paid_on"] if kind == "receipt" and payer else part["applied_on"],
            "cause": "credited" if kind == "note" else "paid",
            "known": max(known_of("allocations", part), since),
        }
        moves[part["invoice_id"]].append(move)
        if kind == "note":
            moves[part["payment_id"]].append(move)
    for invoice in see(rows, "invoices", day):
        settled = invoice["settled_on"]
        if settled is not None and settled < day and not was_allocated(rows, invoice["invoice_id"], day):
            known = max(known_of("invoices", invoice), settled)
            move = {"amount": invoice["amount"], "applied": settled, "paid": settled, "cause": "paid", "known": known}
            moves[invoice["invoice_id"]].append(move)
    for loss in see(rows, "write_offs", day):
        cause = {"bad_debt": "written_off", "commercial": "credited"}.get(loss["reason"], "paid")
        on = loss["written_off_on"]
        move = {
            "amount": loss["amount"],
            "applied": on,
            "paid": on,
            "cause": cause,
            "known": known_of("write_offs", loss),
        }
        moves[loss["invoice_id"]].append(move)
    return moves


def open_items(rows: Rows, day: int) -> dict[str, Row]:
    """Give open amount, days past due and disputed amount of what is not fully settled; notes are negative."""
    moves = list_moves(rows, day)
    items = {}
    for invoice in see(rows, "invoices", day):
        left = invoice["amount"] - sum(move["amount"] for move in moves[invoice["invoice_id"]])
        if left:
            sign = -1 if invoice["kind"] == "credit_note" else 1
            item = {"customer_id": invoice["customer_id"], "kind": invoice["kind"], "open_amount": sign * left}
            item |= {"days_past_due": day - invoice["due_on"]}
            items[invoice["invoice_id"]] = item | {"disputed_amount": 0}
    for dispute in see(rows, "disputes", day):
        item = items.get(dispute["invoice_id"])
        if item and (dispute["resolved_on"] is None or dispute["resolved_on"] >= day):
            whole = max(item["open_amount"], 0)
            stated = whole if dispute["amount"] is None else dispute["amount"]
            item["disputed_amount"] = min(item["disputed_amount"] + max(min(stated, whole), 0), whole)
    return items


def unapplied(rows: Rows, day: int) -> dict[str, int]:
    """Give what is left of each receipt."""
    left = {row["payment_id"]: row["amount"] for row in see(rows, "payments", day)}
    for part in see(rows, "allocations", day):
        if part["payment_id"] in left:
            left[part["payment_id"]] -= part["amount"]
    return {payment_id: amount for payment_id, amount in left.items() if amount}


def exposure(rows: Rows, day: int) -> dict[str, tuple[int, int, int, int, int]]:
    """Give open, overdue, unapplied, ordered and exposed amount of each customer."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for item in open_items(rows, day).values():
        sums[item["customer_id"]][0] += item["open_amount"]
        if item["kind"] == "invoice" and item["days_past_due"] > 0:
            sums[item["customer_id"]][1] += item["open_amount"]
    left = unapplied(rows, day)
    for payment in see(rows, "payments", day):
        if payment["payment_id"] in left:
            sums[payment["customer_id"]][2] += left[payment["payment_id"]]
    for order in see(rows, "orders", day):
        if order["invoiced_on"] is None or order["invoiced_on"] >= day:
            sums[order["customer_id"]][3] += order["amount"]
    return {name: (*part, part[0] - part[2] + part[3]) for name, part in sums.items()}


def outcomes(rows: Rows, day: int) -> dict[str, tuple[int, int, str]]:
    """Give open amount, day of the end and its cause of each invoice and credit note."""
    moves = list_moves(rows, day)
    return {row["invoice_id"]: _end(row, moves[row["invoice_id"]]) for row in see(rows, "invoices", day)}


def _end(invoice: Row, moves: list[Row]) -> tuple[int, int, str]:
    tolerance = max(1, abs(invoice["amount"]) // 100)
    left, ending = invoice["amount"], None
    steps: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for move in moves:
        steps[move["known"], move["applied"]].append(move)
    for _, step in sorted(steps.items(), key=lambda pair: pair[0]):
        after = left - sum(move["amount"] for move in step)
        if left > tolerance >= after:
            ending = step
        left = after
    if left > tolerance:
        return left, NEVER, ""
    if ending is None:
        return left, invoice["issued_on"], "credited"
    parts = {cause: _sum(move for move in ending if move["cause"] == cause) for cause in CAUSES}
    taken = [cause for cause in CAUSES if any(move["cause"] == cause for move in ending)]
    cause = max(taken, key=lambda name: (parts[name], -CAUSES.index(name)))
    of_cause = [move for move in ending if move["cause"] == cause]
    on = max(move["paid" if cause == "paid" else "applied"] for move in of_cause)
    return left, max(on, invoice["issued_on"]), cause


def _sum(moves: Iterable[Row]) -> int:
    return sum(move["amount"] for move in moves)


def to_tables(rows: Rows) -> dict[str, list[dict[str, object]]]:
    """Write rows as a user would: dates and decimal amounts as text."""
    return {
        table: [{key: _write(key, cell) for key, cell in row.items()} for row in part] for table, part in rows.items()
    }


def _write(column: str, cell: object) -> object:
    if isinstance(cell, int) and column == "amount":
        return f"{cell / 100:.2f}"
    if isinstance(cell, int):
        return str(START + timedelta(days=cell))
    return cell


def keep_known(rows: Rows, day: int) -> dict[str, list[Row]]:
    """Leave out every row, and blank every late-filled cell, that was not known before a day."""
    kept = {table: [dict(row) for row in part if known_of(table, row) < day] for table, part in rows.items()}
    for table, column in LATE.items():
        for row in kept[table]:
            if row[column] is not None and row[column] >= day:
                row[column] = None
    return kept


def draw_rows(random: Random) -> dict[str, list[Row]]:
    """Draw the rows of a small book, corrections and late bookings among them, no row twice."""
    rows: dict[str, list[Row]] = {}
    for table, (most, columns) in _COLUMNS.items():
        least = 1 if table == "invoices" else 0
        cells = columns | {"known_on": _MAYBE}
        count = random.randint(least, most)
        drawn = [{name: random.choice(choices) for name, choices in cells.items()} for _ in range(count)]
        unique = {(*(row[key] for key in KEYS[table]), known_of(table, row)): row for row in drawn}
        rows[table] = list(unique.values())
    return rows


def stack(books: list[dict[str, list[Row]]]) -> dict[str, list[Row]]:
    """Make one large book of many small ones, whose ids begin with the number of theirs."""
    stacked: dict[str, list[Row]] = {table: [] for table in KEYS}
    for number, rows in enumerate(books):
        for table, part in rows.items():
            stacked[table] += [
                {key: f"{number}/{cell}" if key.endswith("_id") else cell for key, cell in row.items()} for row in part
            ]
    return stacked


_DAYS = range(31)
_MAYBE = [*[None] * 20, *range(46)]
_AMOUNT = [1, 1_00, 99_00, 100_00, 100_00, 200_00]
_PART = [1, 50_00, 50_00, 99_00, 99_50, 100_00, 100_00, -50_00, -100_00]
_INVOICES = ["I1", "I2", "N1"]
# A receipt may have the id of a credit note, and an allocation may name a receipt that is nowhere.
_COLUMNS: dict[str, tuple[int, dict[str, Sequence[object]]]] = {
    "invoices": (
        5,
        {
            "invoice_id": _INVOICES,
            "customer_id": ["A", "B"],
            "issued_on": _DAYS,
            "due_on": range(51),
            "amount": _AMOUNT,
            "kind": ["invoice", "invoice", "credit_note"],
            "settled_on": [None, None, None, *_DAYS],
        },
    ),
    "payments": (
        4,
        {"payment_id": ["P1", "P2", "N1"], "customer_id": ["A", "B"], "paid_on": _DAYS, "amount": _AMOUNT},
    ),
    "allocations": (
        6,
        {
            "payment_id": ["P1", "P2", "P9", "N1", "I2"],
            "invoice_id": ["I1", "I2", "N1", "I9"],
            "amount": _PART,
            "applied_on": _DAYS,
        },
    ),
    "write_offs": (
        2,
        {
            "invoice_id": _INVOICES,
            "written_off_on": _DAYS,
            "amount": _PART,
            "reason": ["bad_debt", "commercial", "discount", "small_balance"],
        },
    ),
    "disputes": (
        3,
        {
            "dispute_id": ["D1", "D2"],
            "invoice_id": _INVOICES,
            "opened_on": _DAYS,
            "resolved_on": _MAYBE,
            "amount": [None, *_PART],
        },
    ),
    "orders": (
        2,
        {
            "order_id": ["O1", "O2"],
            "customer_id": ["A", "B"],
            "ordered_on": _DAYS,
            "amount": _AMOUNT,
            "invoiced_on": _MAYBE,
        },
    ),
}
