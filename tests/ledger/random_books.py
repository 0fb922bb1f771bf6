"""Random books: corrections, late bookings, credit notes, receipts applied too much or not at all, write-offs.

One seed gives a book of some sixty documents: checking it costs as much as checking a book of one, so a few seeds
try what hundreds of tiny books would.
"""

from datetime import date, timedelta

import numpy as np
from hypothesis import strategies as st

from arrisk.schema import Book
from tests.books import allocation, book_of, invoice, payment, write_off

FIRST, LAST = date(2024, 1, 1), date(2024, 6, 30)
SEEDS = st.integers(0, 2**32 - 1)
_LATENESS = (0, 0, 0, 1, 9, 40)


def random_book(seed: int) -> Book:
    """Give a book of one currency that passes the check without a refusal."""
    rng = np.random.default_rng(seed)
    invoices = [row for number in range(50) for row in _document(rng, number)]
    receipts = [
        payment(f"P{number}", _pick(rng, "ABCDE"), amount=_amount(rng), **_dated(rng, "paid_on"))
        for number in range(30)
    ]
    return book_of(
        invoices=invoices,
        payments=receipts,
        allocations=_unique([_allocation(rng) for _ in range(60)], "payment_id", "invoice_id", "applied_on"),
        write_offs=_unique([_write_off(rng) for _ in range(8)], "invoice_id", "written_off_on"),
        extract_end_on=LAST,
    )


def random_days(seed: int, count: int) -> list[date]:
    """Give some days of the book's half-year, and the day after its end."""
    rng = np.random.default_rng(seed)
    return sorted({_day(rng) for _ in range(count)} | {LAST + timedelta(days=1)})


def _document(rng: np.random.Generator, number: int) -> list[dict[str, object]]:
    """Give an invoice or credit note, sometimes settled by the short form, sometimes corrected later."""
    dated = _dated(rng, "issued_on")
    due = date.fromisoformat(str(dated["issued_on"])) + timedelta(days=int(rng.integers(0, 61)))
    first = invoice(
        f"I{number}",
        _pick(rng, "ABCD"),
        due_on=due.isoformat(),
        amount=_amount(rng),
        kind="credit_note" if rng.random() < 0.25 else "invoice",
        settled_on=_day(rng).isoformat() if rng.random() < 0.3 else None,
        **dated,
    )
    if rng.random() < 0.7:
        return [first]
    later = date.fromisoformat(str(dated["known_on"])) + timedelta(days=int(rng.integers(1, 61)))
    return [first, {**first, "amount": _amount(rng), "known_on": later.isoformat()}]


def _allocation(rng: np.random.Generator) -> dict[str, object]:
    payer = f"P{rng.integers(0, 32)}" if rng.random() < 0.8 else f"I{rng.integers(0, 50)}"
    return allocation(payer, f"I{rng.integers(0, 52)}", amount=_amount(rng), **_dated(rng, "applied_on"))


def _write_off(rng: np.random.Generator) -> dict[str, object]:
    reason = ["bad_debt", "commercial", "discount", "small_balance"][rng.integers(0, 4)]
    return write_off(f"I{rng.integers(0, 52)}", amount=_amount(rng), reason=reason, **_dated(rng, "written_off_on"))


def _dated(rng: np.random.Generator, column: str) -> dict[str, object]:
    day = _day(rng)
    known = day + timedelta(days=int(rng.choice(_LATENESS)))
    return {column: day.isoformat(), "known_on": known.isoformat()}


def _day(rng: np.random.Generator) -> date:
    return FIRST + timedelta(days=int(rng.integers(0, (LAST - FIRST).days + 1)))


def _amount(rng: np.random.Generator) -> str:
    return f"{rng.integers(1, 40_001) / 100:.2f}"


def _pick(rng: np.random.Generator, letters: str) -> str:
    return letters[rng.integers(0, len(letters))]


def _unique(rows: list[dict[str, object]], *key: str) -> list[dict[str, object]]:
    return list({tuple(row[name] for name in key): row for row in rows}.values())
