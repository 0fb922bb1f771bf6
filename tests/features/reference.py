"""A slow second implementation of the core features: plain Python, each question from scratch, by the definitions.

It shares nothing with the kernel but the checked rows. It knows one currency.
"""

import math
from collections.abc import Mapping
from datetime import date, timedelta
from statistics import fmean, pstdev

import pandas as pd

from arrisk.frames import NEVER, to_days
from arrisk.policy import EndPolicy
from arrisk.schema import Book
from tests.features.reference_habits import find_run, list_rhythms, weigh_silence

Row = Mapping[str, object]
CORE = (
    *("invoices_count", "invoices_count_365", "invoiced_amount_365", "settled_count", "settled_count_90"),
    *("late_count", "late_share_365", "late_30_share", "mean_days_late", "weighted_days_late", "last_days_late"),
    *("spread_days_late", "due_late_share", "due_late_share_365", "open_count", "open_amount", "overdue_count"),
    *("overdue_amount", "overdue_30_amount", "oldest_overdue_days", "days_since_last_invoice", "mean_gap_days"),
    *("written_off_amount", "open_disputes_count", "limit_amount", "days_since_last_payment", "month_end_share"),
    *("recent_days_late", "open_orders_amount", "credit_share_365", "in_parts_share_365", "late_30_count"),
    *("late_60_count", "late_90_count", "clipped_days_late_90", "clipped_days_late_365", "paid_after_m7_share_365"),
    *("paid_after_m3_share_365", "paid_after_4_share_365", "paid_after_10_share_365", "paid_after_20_share_365"),
    *("due_soon_count", "due_soon_amount", "invoice_size_log_ratio", "due_month", "due_day_of_month"),
    *("run_slack_days", "run_slack_30_days", "run_gap_days", "silence"),
)


def _rows(book: Book, table: str, day: int, *dates: str) -> list[dict[str, object]]:
    frame = book[table]
    frame = frame.assign(**{name: to_days(frame[name]) for name in dates})
    rows = frame.astype("object").to_dict("records")
    return [row for row in rows if row["known_day"] < day <= row["superseded_day"]]


def _by_known(frame: pd.DataFrame) -> list[dict[str, object]]:
    return frame.sort_values("known_day", kind="stable").to_dict("records")


class Reference:
    """Everything that is known of a book before a day."""

    def __init__(self, book: Book, day: int, end: EndPolicy) -> None:
        self.day = day
        self.end = end
        self.invoices = _rows(book, "invoices", day, "issued_on", "due_on", "settled_on")
        self.payments = {row["payment_id"]: row for row in _rows(book, "payments", day, "paid_on")}
        self.allocations = _rows(book, "allocations", day, "applied_on")
        self.write_offs = _rows(book, "write_offs", day, "written_off_on")
        self.disputes = _rows(book, "disputes", day, "opened_on", "resolved_on")
        self.limits = _rows(book, "limits", day, "valid_from_on", "valid_to_on")
        self.orders = _rows(book, "orders", day, "ordered_on", "invoiced_on")
        self.versions = self._list_versions(book)
        self.ever_allocated = self._list_allocated(book)

    def _list_versions(self, book: Book) -> dict[str, list[Row]]:
        """List the versions of each invoice or credit note, first ones first."""
        versions: dict[str, list[Row]] = {}
        for row in _by_known(book["invoices"]):
            if row["known_day"] < self.day:
                versions.setdefault(row["invoice_id"], []).append(row)
        return versions

    def _list_allocated(self, book: Book) -> set[str]:
        """List what an allocation ever moved: what was paid by it, and the credit note that paid."""
        paid = [row for row in book["allocations"].to_dict("records") if row["known_day"] < self.day]
        receipt_from = {row["payment_id"]: row["known_day"] for row in reversed(_by_known(book["payments"]))}
        notes = {
            row["payment_id"]
            for row in paid
            for note in self.versions.get(row["payment_id"], [])
            if note["kind"] == "credit_note"
            and max(row["known_day"], note["known_day"])
            < min(row["superseded_day"], note["superseded_day"], receipt_from.get(row["payment_id"], NEVER), self.day)
        }
        return {row["invoice_id"] for row in paid} | notes

    def payer(self, payer_id: str) -> tuple[str, int, int | None]:
        """Say what stands behind an allocation: its cause, since when it is so, and the day of a receipt's money."""
        if payer_id in self.payments:
            receipt = self.payments[payer_id]
            return "paid", receipt["known_day"], receipt["paid_on"]
        cause, since = "paid", -NEVER
        for version in self.versions.get(payer_id, []):
            if version["kind"] == "credit_note" or cause == "credited":
                cause = "credited" if version["kind"] == "credit_note" else "paid"
                since = version["known_day"]
        return cause, since, None

    def moves(self, invoice: Row) -> list[tuple[int, int, str, int, int]]:
        """List (known, applied, cause, amount, day of the money) of everything applied to an invoice."""
        found = []
        for row in self.allocations:
            cause, since, paid_on = self.payer(row["payment_id"])
            known, paid = max(row["known_day"], since), row["applied_on"] if paid_on is None else paid_on
            sides = [row["invoice_id"]] + ([row["payment_id"]] if cause == "credited" else [])
            found += [(known, row["applied_on"], cause, row["amount"], paid)] * sides.count(invoice["invoice_id"])
        if invoice["settled_on"] < self.day and invoice["invoice_id"] not in self.ever_allocated:
            settled = invoice["settled_on"]
            found.append((max(invoice["known_day"], settled), settled, "paid", invoice["amount"], settled))
        for row in self.write_offs:
            if row["invoice_id"] == invoice["invoice_id"]:
                cause = {"discount": "paid", "small_balance": "paid", "commercial": "credited"}.get(
                    row["reason"], "written_off"
                )
                found.append((row["known_day"], row["written_off_on"], cause, row["amount"], row["written_off_on"]))
        return found

    def outcome(self, invoice: Row) -> tuple[int, str, int, int]:
        """Give (open amount, cause, day of the end, receipts) of an invoice."""
        moves = self.moves(invoice)
        left = invoice["amount"]
        tolerance = max(round(self.end.amount * 100), int(abs(invoice["amount"]) * self.end.share + 1e-9))
        cause, ended = ("credited", invoice["issued_on"]) if left <= tolerance else ("", NEVER)
        for step in sorted({move[:2] for move in moves}):
            parts = [move for move in moves if move[:2] == step]
            before, left = left, left - sum(part[3] for part in parts)
            if before > tolerance >= left:
                totals = {c: sum(p[3] for p in parts if p[2] == c) for c in ("paid", "credited", "written_off")}
                cause = max(totals, key=lambda c: totals[c])
                ended = max(p[4] if cause == "paid" else p[1] for p in parts if p[2] == cause)
        if left > tolerance:
            cause, ended = "", NEVER
        receipts = sum(move[2] == "paid" for move in moves)
        return left, cause, max(ended, invoice["issued_on"]), receipts


def compute_core(book: Book, question: Row, end: EndPolicy) -> dict[str, float]:
    """Compute the core features of one question about an invoice in US dollars."""
    customer, day = question["customer_id"], question["as_of_day"]
    seen = Reference(book, day, end)
    own = [row for row in seen.invoices if row["customer_id"] == customer]
    invoices = [row for row in own if row["kind"] != "credit_note"]
    ends = [(row, *seen.outcome(row)) for row in invoices]
    paid = sorted(((e, e - row["due_on"], row["amount"], n) for row, _, c, e, n in ends if c == "paid"), reverse=True)
    return (
        _from_issue(seen, own, invoices)
        | _from_payments(day, paid)
        | _from_balance(day, ends)
        | _from_rest(seen, customer, invoices)
        | _from_question(question, invoices)
        | _from_habits(seen, question, ends)
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _from_issue(seen: Reference, own: list[Row], invoices: list[Row]) -> dict[str, float]:
    day = seen.day
    year = [row for row in invoices if row["issued_on"] >= day - 365]
    issued = [row["issued_on"] for row in invoices]
    notes = [row for row in own if row["kind"] == "credit_note" and row["issued_on"] >= day - 365]
    gaps = len(issued) - 1
    return {
        "invoices_count": len(invoices),
        "invoices_count_365": len(year),
        "invoiced_amount_365": sum(row["amount"] for row in year) / 100,
        "days_since_last_invoice": day - max(issued) if issued else float("nan"),
        "mean_gap_days": (max(issued) - min(issued)) / gaps if gaps > 0 else float("nan"),
        "credit_share_365": _ratio(sum(row["amount"] for row in notes), sum(row["amount"] for row in year)),
    }


def _date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=int(day))


def _is_month_end(day: int) -> bool:
    start = _date(day)
    return (start + timedelta(days=3)).month != start.month


def _from_payments(day: int, paid: list[tuple[int, int, int, int]]) -> dict[str, float]:
    late = [row for row in paid if row[1] > 0]
    year, quarter = ([row for row in paid if row[0] >= day - days] for days in (365, 90))
    newest = sorted(((e, min(max(d, -(2**20)), 2**20)) for e, d, _, _ in paid), reverse=True)[:10]
    weights = range(10, 10 - len(newest), -1)
    nothing = float("nan")
    return {
        "settled_count": len(paid),
        "settled_count_90": len(quarter),
        "late_count": len(late),
        **{f"late_{days}_count": sum(row[1] > days for row in paid) for days in (30, 60, 90)},
        "clipped_days_late_90": _ratio(sum(min(max(row[1], -40), 60) for row in quarter), len(quarter)),
        "clipped_days_late_365": _ratio(sum(min(max(row[1], -40), 60) for row in year), len(year)),
        **{
            f"paid_after_{name}_share_365": _ratio(sum(row[1] > days for row in year), len(year))
            for name, days in (("m7", -7), ("m3", -3), ("4", 4), ("10", 10), ("20", 20))
        },
        "late_share_365": _ratio(sum(row[1] > 0 for row in year), len(year)),
        "late_30_share": _ratio(sum(row[1] > 30 for row in paid), len(paid)),
        "mean_days_late": fmean(row[1] for row in paid) if paid else nothing,
        "weighted_days_late": _ratio(sum(row[1] * row[2] for row in paid), sum(row[2] for row in paid)),
        "last_days_late": newest[0][1] if newest else nothing,
        "spread_days_late": pstdev(row[1] for row in paid) if len(paid) > 1 else nothing,
        "month_end_share": _ratio(sum(_is_month_end(row[0]) for row in year), len(year)),
        "recent_days_late": _ratio(sum(w * d for w, (_, d) in zip(weights, newest, strict=True)), sum(weights)),
        "in_parts_share_365": _ratio(sum(row[3] > 1 for row in year), len(year)),
    }


def _from_balance(day: int, ends: list[tuple[Row, int, str, int, int]]) -> dict[str, float]:
    still = [(row["due_on"], left) for row, left, cause, _, _ in ends if not cause]
    overdue = [(due, left) for due, left in still if due < day]
    soon = [left for due, left in still if due - day <= 5]
    due = [
        (row["due_on"], 0 if cause in ("paid", "credited") and end <= row["due_on"] else 1)
        for row, _, cause, end, _ in ends
        if row["due_on"] < day and not (cause == "credited" and end <= row["due_on"])
    ]
    year = [late for when, late in due if when >= day - 365]
    return {
        "due_late_share": _ratio(sum(late for _, late in due), len(due)),
        "due_late_share_365": _ratio(sum(year), len(year)),
        "open_count": len(still),
        "open_amount": sum(left for _, left, _, _, _ in ends) / 100,
        "due_soon_count": len(soon),
        "due_soon_amount": sum(soon) / 100,
        "overdue_count": len(overdue),
        "overdue_amount": sum(left for _, left in overdue) / 100,
        "overdue_30_amount": sum(left for when, left in overdue if day - when > 30) / 100,
        "oldest_overdue_days": max((day - when for when, _ in overdue), default=0),
    }


def _from_rest(seen: Reference, customer: str, invoices: list[Row]) -> dict[str, float]:
    day = seen.day
    ids = {row["invoice_id"] for row in seen.invoices if row["customer_id"] == customer}
    bad = [
        row
        for row in seen.write_offs
        if row["invoice_id"] in ids and row["reason"] not in ("discount", "small_balance", "commercial")
    ]
    limits = [
        row
        for row in seen.limits
        if row["customer_id"] == customer and row["valid_from_on"] <= day <= row["valid_to_on"]
    ]
    limit = max(limits, key=lambda row: row["valid_from_on"], default=None)
    orders = [row for row in seen.orders if row["customer_id"] == customer and row["invoiced_on"] >= day]
    receipts = _list_receipts(seen, customer)
    return {
        "written_off_amount": sum(row["amount"] for row in bad) / 100,
        "open_disputes_count": sum(row["invoice_id"] in ids and row["resolved_on"] >= day for row in seen.disputes),
        "limit_amount": _limit_of(limit),
        "open_orders_amount": sum(row["amount"] for row in orders) / 100,
        "days_since_last_payment": day - max(receipts) if receipts else float("nan"),
    }


def _list_receipts(seen: Reference, customer: str) -> list[int]:
    """List the days of a customer's receipts; a settled invoice without one stands for one."""
    receipts = [row["paid_on"] for row in seen.payments.values() if row["customer_id"] == customer]
    return receipts + [
        row["settled_on"]
        for row in seen.invoices
        if row["customer_id"] == customer
        and row["settled_on"] < seen.day
        and row["invoice_id"] not in seen.ever_allocated
    ]


def _from_habits(seen: Reference, question: Row, ends: list[tuple[Row, int, str, int, int]]) -> dict[str, float]:
    day = seen.day
    receipts = _list_receipts(seen, question["customer_id"])
    paid_days = {each for each in receipts if each >= day - 365}
    late = [end - row["due_on"] for row, _, cause, end, _ in ends if cause == "paid" and end >= day - 365]
    dues = [row["due_on"] for row, _, cause, _, _ in ends if not cause]
    last = max(receipts, default=None)
    is_payday, nothing = list_rhythms(paid_days)[0][1], (float("nan"), float("nan"))
    slack, gap = find_run(question["due_day"], is_payday) if late else nothing
    slack_30, _ = find_run(question["due_day"] + 30, is_payday) if late else nothing
    silence = weigh_silence(day, last=last, paid_days=paid_days, late=late, dues=dues)
    return {"run_slack_days": slack, "run_slack_30_days": slack_30, "run_gap_days": gap, "silence": silence}


def _from_question(question: Row, invoices: list[Row]) -> dict[str, float]:
    due = _date(question["due_day"])
    sizes = [math.log1p(row["amount"] / 100) for row in invoices]
    usual = fmean(sizes) if sizes else float("nan")
    return {
        "invoice_size_log_ratio": math.log1p(question["amount"] / 100) - usual,
        "due_month": due.month,
        "due_day_of_month": due.day,
    }


def _limit_of(limit: Row | None) -> float:
    if limit is None or limit["limit_kind"] == "none":
        return float("nan")
    return 0.0 if limit["limit_kind"] == "zero" else limit["limit_amount"] / 100
