"""The two DuckDB queries of the feature benchmark: window functions over one table of events.

An invoice makes an event when it is issued, when it falls due and when it is settled, a receipt makes one, and every
feature at issue is a sum over the events of earlier days: of all, of 90 or of 365 days.
"""

from collections.abc import Mapping

_PAID = """
paid AS (
    SELECT a.invoice_id, max(p.paid_on) AS paid_on
    FROM allocations a JOIN payments p USING (payment_id) GROUP BY 1
),
ledger AS (
    SELECT i.*, paid.paid_on AS ended_on, paid.paid_on - i.due_on AS late_days
    FROM invoices i LEFT JOIN paid USING (invoice_id)
)
"""

_EIGHT = (
    *("issued", "issued_amount", "settled", "settled_amount"),
    *("late", "late_amount", "days_late", "days_late_squared"),
)

EIGHT_SUMS = f"""
WITH {_PAID},
events AS (
    SELECT customer_id, invoice_id, issued_on AS day, 1 AS issued, amount AS issued_amount, 0 AS settled,
        0.0 AS settled_amount, 0 AS late, 0.0 AS late_amount, 0 AS days_late, 0 AS days_late_squared
    FROM ledger
    UNION ALL
    SELECT customer_id, NULL, ended_on, 0, 0, 1, amount, (late_days > 0)::INT, amount * (late_days > 0)::INT, late_days,
        late_days * late_days
    FROM ledger WHERE ended_on IS NOT NULL
),
summed AS (
    SELECT invoice_id, {", ".join(f"sum({name}) OVER before AS {name}" for name in _EIGHT)}
    FROM events
    WINDOW before AS (
        PARTITION BY customer_id ORDER BY day RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 DAY PRECEDING
    )
)
SELECT * FROM summed WHERE invoice_id IS NOT NULL
"""
"""Eight running sums of each customer's invoices and settlements before each invoice."""

# The columns of the table of events: value when issued, when due, when settled, when received.
_EVENT_COLUMNS: Mapping[str, tuple[str, str, str, str]] = {
    "issued": ("1", "0", "0", "0"),
    "issued_amount": ("amount", "0", "0", "0"),
    "terms": ("due_on - issued_on", "0", "0", "0"),
    "due": ("0", "1", "0", "0"),
    "due_late": ("0", "is_late", "0", "0"),
    "due_amount": ("0", "amount", "0", "0"),
    "due_late_amount": ("0", "amount * is_late", "0", "0"),
    "settled": ("0", "0", "1", "0"),
    "late": ("0", "0", "is_late", "0"),
    "late_30": ("0", "0", "(late_days > 30)::INT", "0"),
    "days_late": ("0", "0", "late_days", "0"),
    "days_late_squared": ("0", "0", "late_days * late_days", "0"),
    "settled_amount": ("0", "0", "amount", "0"),
    "late_amount": ("0", "0", "amount * is_late", "0"),
    "weighted": ("0", "0", "amount * late_days", "0"),
    "month_end": ("0", "0", "(month(ended_on + 3) != month(ended_on))::INT", "0"),
    **{f"weekday_{day}": ("0", "0", f"(isodow(ended_on) = {day + 1})::INT", "0") for day in range(7)},
    "open": ("1", "0", "-1", "0"),
    "open_amount": ("amount", "0", "-amount", "0"),
    "overdue": ("0", "is_late", "-is_late", "0"),
    "overdue_amount": ("0", "amount * is_late", "-amount * is_late", "0"),
    "overdue_due": ("0", "is_late * (due_on - DATE '1970-01-01')", "-is_late * (due_on - DATE '1970-01-01')", "0"),
    "received": ("0", "0", "0", "1"),
    "received_amount": ("0", "0", "0", "amount"),
}

_WHOLE = ("issued", "issued_amount", "terms", "settled", "late", "late_30", "days_late", "days_late_squared")
_SUMS: Mapping[str, tuple[str, ...]] = {
    "": (
        *(*_WHOLE, "settled_amount", "late_amount", "weighted", "due", "due_late"),
        *("open", "open_amount", "overdue", "overdue_amount", "overdue_due"),
    ),
    "_90": (
        *("issued", "issued_amount", "settled", "settled_amount", "late", "days_late", "due", "due_late"),
        *("received", "received_amount"),
    ),
    "_365": (
        *(*_WHOLE, "settled_amount", "late_amount", "weighted", "due", "due_late", "due_amount", "due_late_amount"),
        *("month_end", *(f"weekday_{day}" for day in range(7)), "received_amount"),
    ),
}
_LEVELS: Mapping[str, tuple[str, ...]] = {
    "group_id": ("open_amount", "overdue_amount", "due_365", "due_late_365"),
    "industry": ("due_365", "due_late_365"),
    "country": ("due_365", "due_late_365"),
    "": ("open_amount", "overdue_amount", "due", "due_late", "due_365", "due_late_365"),
}
_MODE = "greatest(" + ", ".join(f"weekday_{day}_365" for day in range(7)) + ")"


def _spread(window: str) -> str:
    square = f"settled{window} * days_late_squared{window} - days_late{window} * days_late{window}"
    return f"CASE WHEN settled{window} >= 2 THEN sqrt(greatest({square}, 0)) / settled{window} END"


def _shrink(late: str, count: str, book_late: str, book_count: str) -> str:
    return f"({late} + 5 * {book_late} / nullif({book_count}, 0)) / ({count} + 5)"


_FEATURES: Mapping[str, str] = {
    **{f"invoices_count{w}": f"issued{w}" for w in ("", "_90", "_365")},
    **{f"invoiced_amount{w}": f"issued_amount{w}" for w in ("_90", "_365")},
    "mean_invoice_amount": "issued_amount / nullif(issued, 0)",
    "mean_terms_days": "terms / nullif(issued, 0)",
    "sales_pace_90": "issued_amount_90 * 365 / 90 / nullif(issued_amount_365, 0)",
    "days_since_first_invoice": "day - first_issued",
    "days_since_last_invoice": "day - last_issued",
    "mean_gap_days": "CASE WHEN issued >= 2 THEN (last_issued - first_issued) / (issued - 1) END",
    **{f"settled_count{w}": f"settled{w}" for w in ("", "_90", "_365")},
    **{f"settled_amount{w}": f"settled_amount{w}" for w in ("_90", "_365")},
    **{f"late_count{w}": f"late{w}" for w in ("", "_90", "_365")},
    **{f"late_share{w}": f"late{w} / nullif(settled{w}, 0)" for w in ("", "_90", "_365")},
    **{f"late_amount_share{w}": f"late_amount{w} / nullif(settled_amount{w}, 0)" for w in ("", "_365")},
    **{f"late_30_share{w}": f"late_30{w} / nullif(settled{w}, 0)" for w in ("", "_365")},
    **{f"mean_days_late{w}": f"days_late{w} / nullif(settled{w}, 0)" for w in ("", "_90", "_365")},
    **{f"weighted_days_late{w}": f"weighted{w} / nullif(settled_amount{w}, 0)" for w in ("", "_365")},
    **{f"spread_days_late{w}": _spread(w) for w in ("", "_365")},
    **{f"due_late_share{w}": f"due_late{w} / nullif(due{w}, 0)" for w in ("", "_90", "_365")},
    "due_late_amount_share_365": "due_late_amount_365 / nullif(due_amount_365, 0)",
    "modal_weekday_share": f"{_MODE} / nullif(settled_365, 0)",
    "month_end_share": "month_end_365 / nullif(settled_365, 0)",
    "payments_count_90": "received_90",
    "payments_amount_90": "received_amount_90",
    "payments_amount_365": "received_amount_365",
    "days_since_last_payment": "day - last_received",
    "open_count": "open",
    "open_amount": "open_amount",
    "overdue_count": "overdue",
    "overdue_amount": "overdue_amount",
    "overdue_share": "overdue_amount / nullif(round(open_amount, 2), 0)",
    "overdue_count_share": "overdue / nullif(open, 0)",
    "mean_overdue_days": "day - DATE '1970-01-01' - overdue_due / nullif(overdue, 0)",
    "open_to_sales": "open_amount / nullif(issued_amount_365, 0)",
    "group_open_amount": "group_id_open_amount",
    "group_overdue_share": "group_id_overdue_amount / nullif(round(group_id_open_amount, 2), 0)",
    "group_late_share_365": "group_id_due_late_365 / nullif(group_id_due_365, 0)",
    "industry_late_share_365": _shrink("industry_due_late_365", "industry_due_365", "_due_late_365", "_due_365"),
    "country_late_share_365": _shrink("country_due_late_365", "country_due_365", "_due_late_365", "_due_365"),
    "book_late_share_365": "_due_late_365 / nullif(_due_365, 0)",
    "book_overdue_share": "_overdue_amount / nullif(_open_amount, 0)",
    "late_share_shrunk": _shrink("due_late", "due", "_due_late", "_due"),
    "invoice_amount": "amount",
    "invoice_amount_log": "ln(1 + amount)",
    "invoice_amount_ratio": "amount * issued / nullif(issued_amount, 0)",
    "terms_days": "due_on - day",
    "terms_gap_days": "due_on - day - terms / nullif(issued, 0)",
    "due_weekday": "isodow(due_on) - 1",
    "due_at_month_end": "(month(due_on + 3) != month(due_on))::INT",
    "issue_month": "month(day)",
}


def list_same_features() -> list[str]:
    """Name the features that the second query computes."""
    return list(_FEATURES)


def _list_events() -> str:
    kinds = (
        ("issued_on", "invoice_id", "due_on", "amount", "ledger", ""),
        ("due_on", "NULL", "NULL", "NULL", "ledger", ""),
        ("ended_on", "NULL", "NULL", "NULL", "ledger", "WHERE ended_on IS NOT NULL"),
        ("paid_on", "NULL", "NULL", "NULL", "payments", ""),
    )
    selects = []
    for place, (day, invoice, due, amount, table, where) in enumerate(kinds):
        columns = ", ".join(f"{values[place]} AS {name}" for name, values in _EVENT_COLUMNS.items())
        seen = f"{day if place == 0 else 'NULL'} AS issue_day, {day if place == 3 else 'NULL'} AS receipt_day"
        late = ", (coalesce(late_days, 1) > 0)::INT AS is_late" if table == "ledger" else ""
        selects.append(
            f"SELECT customer_id, {day} AS day, {invoice} AS invoice_id, {due} AS due_on, {amount} AS own_amount, {seen}, "
            f"{columns} FROM (SELECT *{late} FROM {table} {where})"
        )
    return " UNION ALL ".join(selects)


def _list_windows() -> str:
    lines = []
    for name in ("c", "group_id", "industry", "country", "b"):
        key = {"c": "PARTITION BY customer_id", "b": ""}.get(name, f"PARTITION BY {name}")
        for window in ("", "_90", "_365"):
            low = f"INTERVAL {window[1:]} DAY" if window else "UNBOUNDED"
            lines.append(
                f"{name}{window} AS ({key} ORDER BY day RANGE BETWEEN {low} PRECEDING AND INTERVAL 1 DAY PRECEDING)"
            )
    return ", ".join(lines)


def _list_sums() -> str:
    lines = [
        f"coalesce(sum({name}) OVER c{window}, 0) AS {name}{window}"
        for window, names in _SUMS.items()
        for name in names
    ]
    for level, sums in _LEVELS.items():
        for name in sums:
            window = "_365" if name.endswith("_365") else ""
            value = name.removesuffix("_365")
            lines.append(f"coalesce(sum({value}) OVER {level or 'b'}{window}, 0) AS {level}_{name}")
    extremes = "min(issue_day) OVER c AS first_issued, max(issue_day) OVER c AS last_issued"
    return ", ".join([*lines, extremes, "max(receipt_day) OVER c AS last_received"])


SAME_FEATURES = f"""
WITH {_PAID},
events AS (
    SELECT e.*, c.country, c.industry, coalesce(c.parent_id, c.customer_id) AS group_id
    FROM ({_list_events()}) e JOIN customers c USING (customer_id)
),
summed AS (
    SELECT invoice_id, day, due_on, own_amount AS amount, {_list_sums()} FROM events WINDOW {_list_windows()}
)
SELECT invoice_id, {", ".join(f"({formula})::DOUBLE AS {name}" for name, formula in _FEATURES.items())}
FROM summed WHERE invoice_id IS NOT NULL
"""
"""As many of the features as window functions give."""
