"""Whole ledgers for tests that go from rows to predictions."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd

from arrisk.frames import day_of
from arrisk.schema import Book, check
from arrisk.sim import simulate_portfolio
from tests.api.ledger import AS_OF, CURRENCY, make_tables
from tests.books import book_of, customer, invoice

START = date(2023, 1, 2)
"""The day on which the handful of invoices begins."""


def read_tables(tables) -> Book:
    raw = {name: pd.DataFrame(rows) for name, rows in tables.items() if rows}
    return check(raw, name="alder", currency=CURRENCY, extract_end_on=AS_OF).book


def make_ledger() -> Book:
    """Give two years of twelve customers, every other one a late payer."""
    return read_tables(make_tables())


def forget_receipts(since: date) -> Book:
    """Give the same ledger without any receipt booked on a day or later."""
    tables = make_tables()
    kept = [row for row in tables["allocations"] if row["applied_on"] < since.isoformat()]
    ids = {row["payment_id"] for row in kept}
    payments = [row for row in tables["payments"] if row["payment_id"] in ids]
    return read_tables({**tables, "allocations": kept, "payments": payments})


def make_handful(count=30, *, seed=4) -> Book:
    """Give so few invoices of five customers that hardly anything can be learnt from them."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        issued = START + timedelta(days=7 * number)
        due = issued + timedelta(days=30)
        paid = due + timedelta(days=int(random.normal(3, 12)))
        end = START + timedelta(days=7 * count)
        more = {"settled_on": paid.isoformat()} if paid < end else {}
        days = {"issued_on": issued.isoformat(), "due_on": due.isoformat()}
        rows.append(invoice(f"I{number:02d}", f"C{number % 5}", **days, **more))
    customers = [customer(f"C{number}") for number in range(5)]
    return book_of(invoices=rows, customers=customers, extract_end_on=START + timedelta(days=7 * count))


@cache
def simulate_book() -> Book:
    """Give forty simulated months of 150 customers, some of whom default."""
    made = simulate_portfolio(customers=150, months=40, seed=3)
    return check(made.tables, name=made.name, currency=made.currency, extract_end_on=made.extract_end_on).book


def cut_book(book: Book, *, until: date) -> Book:
    """Give the extract of a book that ends on the evening before a day: what became known later is not in it."""
    day = day_of(until)
    tables = {name: rows.loc[rows["known_day"] < day].reset_index(drop=True) for name, rows in book.tables.items()}
    return Book(book.name, book.currency, until - timedelta(days=1), tables)
