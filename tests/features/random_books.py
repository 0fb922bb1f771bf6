"""Random raw books with every table, and edits of what was not known yet on a day.

The rows crowd around the day of the question, because that is where a leak shows. Days tie on purpose; some rows are
booked late, corrected, reversed; amounts come in three currencies with rates published late.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from arrisk.schema import TABLES, Book, check

Row = dict[str, object]
Tables = dict[str, list[Row]]

TODAY = date(2024, 3, 15)
"""The day of the question."""

CURRENCIES = ("USD", "EUR", "JPY")
CUSTOMERS = tuple("ABCDEFGH")
_INVOICES, _RECEIPTS, _SPAN = 110, 70, 12


class Maker:
    """Draws rows; ``earliest`` bounds the days on which they become known from below."""

    def __init__(self, rng: np.random.Generator, *, tag: str = "", earliest: date | None = None) -> None:
        self.rng = rng
        self.tag = tag
        self.earliest = earliest

    def pick(self, *choices: object) -> object:
        """Choose one."""
        return choices[int(self.rng.integers(len(choices)))]

    def day(self, low: int = -120, high: int = 40) -> date:
        """Draw a day around the question's, more often near it, on a coarse grid so that days tie."""
        near = self.rng.random() < 0.5
        offset = int(self.rng.integers(-_SPAN, _SPAN + 1)) if near else int(self.rng.integers(low, high + 1))
        return TODAY + timedelta(days=offset)

    def amount(self) -> str:
        """Draw a positive amount without cents: it is exact in every currency."""
        return str(int(self.rng.integers(1, 400)))

    def known(self, event: date) -> date | None:
        """Draw the day of booking: mostly missing, which is the event's own day."""
        late = event + timedelta(days=int(self.rng.integers(0, 25)))
        drawn = late if self.rng.random() < 0.35 else None
        if self.earliest is not None:
            drawn = max(drawn or event, self.earliest + timedelta(days=int(self.rng.integers(0, 9))))
        return drawn

    def name(self, letter: str, count: int) -> str:
        """Draw the id of a document."""
        return f"{letter}{int(self.rng.integers(count))}{self.tag}"

    def old(self, letter: str, count: int) -> str:
        """Draw the id of a document of the first book."""
        return f"{letter}{int(self.rng.integers(count))}"


def _customer(make: Maker) -> Row:
    return {
        "customer_id": make.pick(*CUSTOMERS),
        "country": make.pick("DE", "US", None),
        "industry": make.pick("10", "20", None),
        "parent_id": make.pick("A", "G", None, None),
        "employees": make.pick(5, 80, None),
        "onboarded_on": make.day(),
        "incorporated_on": make.day(-3000, -200),
        "known_on": make.known(make.day()) if make.earliest or make.rng.random() < 0.6 else None,
    }


def _invoice(make: Maker) -> Row:
    issued = make.day()
    return {
        "invoice_id": make.name("I", _INVOICES),
        "customer_id": make.pick(*CUSTOMERS),
        "issued_on": issued,
        "due_on": issued + timedelta(days=int(make.rng.integers(0, 41))),
        "amount": make.amount(),
        "currency": make.pick(*CURRENCIES),
        "kind": "credit_note" if make.rng.random() < 0.15 else "invoice",
        "terms": "2/10 NET30" if issued.day % 2 else None,
        "settled_on": make.day() if make.rng.random() < 0.3 else None,
        "known_on": make.known(issued),
    }


def _payment(make: Maker) -> Row:
    paid = make.day()
    own = {"payment_id": make.name("P", _RECEIPTS), "customer_id": make.pick(*CUSTOMERS), "paid_on": paid}
    return own | {"amount": make.amount(), "currency": make.pick(*CURRENCIES), "known_on": make.known(paid)}


def _allocation(make: Maker) -> Row:
    applied = make.day()
    payer = make.old("I", _INVOICES) if make.rng.random() < 0.15 else make.old("P", _RECEIPTS)
    amount = ("-" if make.rng.random() < 0.1 else "") + make.amount()
    own = {"payment_id": payer, "invoice_id": make.old("I", _INVOICES), "amount": amount}
    return own | {"applied_on": applied, "known_on": make.known(applied)}


def _on_invoice(day: str, **more: Callable[[Maker], object]) -> Callable[[Maker], Row]:
    def draw(make: Maker) -> Row:
        event = make.day()
        row: Row = {"invoice_id": make.old("I", _INVOICES), day: event, "known_on": make.known(event)}
        return row | {name: value(make) for name, value in more.items()}

    return draw


def _dispute(make: Maker) -> Row:
    row = _on_invoice("opened_on", amount=lambda m: m.pick(m.amount(), None))(make)
    resolved = make.day() if make.rng.random() < 0.7 else None
    outcome = make.pick("upheld", "rejected") if resolved else None
    return {"dispute_id": make.name("D", 35)} | row | {"resolved_on": resolved, "outcome": outcome}


def _on_customer(day: str, **more: Callable[[Maker], object]) -> Callable[[Maker], Row]:
    def draw(make: Maker) -> Row:
        event = make.day()
        row: Row = {"customer_id": make.pick(*CUSTOMERS), day: event, "known_on": make.known(event)}
        return row | {name: value(make) for name, value in more.items()}

    return draw


def _accounts(make: Maker) -> Row:
    figures = {name: int(make.rng.integers(1, 900)) for name in ("equity", "total_assets", "revenue", "net_income")}
    row: Row = {"customer_id": make.pick(*CUSTOMERS), "period_end_on": make.day(-500, -30)}
    return row | {"known_on": make.known(make.day()) or make.day()} | figures


def _attribute(make: Maker) -> Row:
    known = make.day()
    return {"customer_id": make.pick(*CUSTOMERS), "known_on": make.known(known) or known, "score": make.amount()}


def _order(make: Maker) -> Row:
    row = _on_customer("ordered_on", amount=Maker.amount, currency=lambda m: m.pick(*CURRENCIES))(make)
    late = {name: make.day() if make.rng.random() < 0.7 else None for name in ("shipped_on", "invoiced_on")}
    return {"order_id": make.name("O", 42)} | row | late


def _rate(make: Maker) -> Row:
    rated = make.day()
    # Published late, nearly always: else a rate is as old as its day, and no clock could be too early for it.
    known = make.known(rated) or rated + timedelta(days=int(make.rng.integers(0, 20)))
    rate = round(float(make.rng.uniform(0.5, 2.0)), 4)
    return {"currency": make.pick("EUR", "JPY"), "rate_on": rated, "rate": rate, "known_on": known}


def _condition(make: Maker) -> Row:
    period = make.day(-200, 0)
    where = {"country": make.pick("DE", "US", None), "industry": make.pick("10", None)}
    row: Row = {"series": make.pick("gdp_growth", "unemployment_rate"), "period_on": period, **where}
    return row | {"known_on": make.known(make.day()) or make.day(), "value": make.amount()}


DRAWERS: Mapping[str, tuple[int, Callable[[Maker], Row]]] = {
    "customers": (20, _customer),
    "invoices": (170, _invoice),
    "limits": (
        25,
        _on_customer(
            "valid_from_on",
            limit_amount=Maker.amount,
            limit_kind=lambda m: m.pick("amount", "amount", "zero", "none"),
            currency=lambda m: m.pick(*CURRENCIES),
        ),
    ),
    "payments": (80, _payment),
    "allocations": (200, _allocation),
    "disputes": (40, _dispute),
    "write_offs": (
        14,
        _on_invoice("written_off_on", amount=Maker.amount, reason=lambda m: m.pick("bad_debt", "discount", None)),
    ),
    "recoveries": (14, _on_invoice("recovered_on", amount=Maker.amount)),
    "credit_events": (16, _on_customer("occurred_on", kind=lambda m: m.pick("insolvency", "legal"))),
    "applications": (16, lambda m: {"application_id": m.name("R", 14)} | _on_customer("applied_on")(m)),
    "financials": (24, _accounts),
    "attributes": (24, _attribute),
    "collateral": (
        20,
        lambda m: (
            {"collateral_id": m.name("S", 17), "kind": "deposit"}
            | _on_customer("valid_from_on", amount=Maker.amount, valid_to_on=lambda k: k.pick(None, k.day()))(m)
        ),
    ),
    "orders": (50, _order),
    "rates": (40, _rate),
    "conditions": (50, _condition),
}
"""For each table how many rows a book has, and what draws one; several rows of one key are corrections."""


def draw_tables(seed: int) -> Tables:
    """Draw a raw book."""
    make = Maker(np.random.default_rng(seed))
    tables = {name: [drawer(make) for _ in range(count)] for name, (count, drawer) in DRAWERS.items()}
    # Rates of the beginning, so that every amount can be converted on every day.
    first = {"rate_on": TODAY - timedelta(days=4000), "known_on": None}
    tables["rates"] += [{"currency": "EUR", "rate": 1.1, **first}, {"currency": "JPY", "rate": 0.007, **first}]
    tables["customers"] += [{"customer_id": name, "known_on": None} for name in CUSTOMERS]
    return tables


def known_day(table: str, row: Row) -> date:
    """Give the day on which a row can first be known, by the contract."""
    kind = TABLES[table]
    event = row.get(kind.event_on) if kind.event_on else date.min
    known = row.get("known_on") or event
    return max(known, event) if kind.is_event else known  # type: ignore[type-var,return-value]


def change_future(tables: Tables, seed: int, *, today: date, master_from: date) -> Tables:
    """Add, change and delete rows known on or after a day, and fill, blank or change cells filled on or after it.

    Parameters
    ----------
    tables : the raw book.
    seed : of the changes.
    today : the day.
    master_from : the same day for the master data, of which the row of the very day is an invoice's own fact.
    """
    rng = np.random.default_rng(seed)
    days = dict.fromkeys(tables, today) | {"customers": master_from}
    return {name: _change_table(name, rows, rng, days[name]) for name, rows in tables.items()}


def _change_table(name: str, rows: list[Row], rng: np.random.Generator, today: date) -> list[Row]:
    make = Maker(rng, earliest=today)
    changed = []
    for row in rows:
        if known_day(name, row) < today:
            changed.append(_change_late_cells(name, row, make, today))
        elif rng.random() < 0.4:
            changed.append(row)
    count, drawer = DRAWERS[name]
    for _ in range(count // 2):
        # Without a tag a new row may have the key of an old one: a correction.
        make.tag = str(make.pick("x", ""))
        row = drawer(make)
        changed += [row] if known_day(name, row) >= today else []
    return changed


def _change_late_cells(name: str, row: Row, make: Maker, today: date) -> Row:
    changed = dict(row)
    for filled_on in sorted(set(TABLES[name].filled_later.values())):
        day = row.get(filled_on)
        if (day is None or day >= today) and make.rng.random() < 0.7:  # type: ignore[operator]
            later = today + timedelta(days=int(make.rng.integers(0, 15)))
            changed[filled_on] = make.pick(None, later)
            for cell, on in TABLES[name].filled_later.items():
                if on == filled_on and cell != filled_on:
                    changed[cell] = make.pick("upheld", "rejected") if changed[filled_on] else None
    return changed


def check_tables(tables: Tables) -> Book:
    """Check raw rows; refusals (repeated keys) are part of the game."""
    raw = {name: pd.DataFrame(rows, dtype="object") for name, rows in tables.items()}
    return check(raw, name="random", currency="USD").book
