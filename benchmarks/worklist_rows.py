"""A made-up ledger, a run with its worklist, and what collectors did: what pages of a worklist are measured on."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd

from arrisk.records import Entry
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.store.records import TableRecords
from arrisk.store.runs import NewRun, complete_run, open_run, write_part
from arrisk.uses.collecting import name_record

CUSTOMERS, ACTED_ON = 100_000, 2_000
LEDGER, AS_OF = "many", date(2024, 5, 2)
_AT = datetime(2024, 5, 2, 9, tzinfo=UTC)
_PAID = 0.7
"""The share of invoices that is paid."""


def name_customer(number: int) -> str:
    """Give the id of a customer."""
    return f"C{number:06d}"


def fill(database: Database, tables: Mapping[str, pd.DataFrame], scored: pd.DataFrame | None = None) -> None:
    """Add a ledger, a run of all customers, and what was done about the first of them.

    Parameters
    ----------
    tables : of the ledger.
    scored : of its open invoices, as a run has them; None = the run has none.
    """
    upload = Upload(tables, source="made up", currency="EUR", extract_end_on=AS_OF)
    add_batch(database, LEDGER, upload, fallback_currency="EUR", by="bench", at=_AT.isoformat())
    new = NewRun(
        ledger=LEDGER,
        kind="nightly",
        as_of=AS_OF,
        currency="EUR",
        fingerprint="1" * 64,
        data_sha256="0" * 64,
        policy_hash="0" * 16,
        payment_model="",
        default_model="",
        arrisk="0",
        made_by="bench",
    )
    run = open_run(database, new, at=_AT)
    rows = {"worklist": _make_worklist()} | ({} if scored is None else {"invoices": scored})
    write_part(database, run, "customers", {}, rows=rows, still=lambda _: None, end=lambda _: None)
    complete_run(database, run, at=_AT, end=lambda _: None)
    TableRecords(database).append_drafted(name_record(LEDGER, _AT.date()), lambda _: _make_acts())


def make_few() -> dict[str, pd.DataFrame]:
    """Make up a ledger of those whom collectors acted on, with an open invoice each."""
    names = [name_customer(number) for number in range(ACTED_ON)]
    owed = {"issued_on": "2024-03-01", "due_on": "2024-03-31", "amount": "1000"}
    return {
        "customers": pd.DataFrame({"customer_id": names}),
        "invoices": pd.DataFrame({"invoice_id": names, "customer_id": names}).assign(**owed),
    }


def make_many(invoices: int) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Make up a ledger of all customers, most of it paid; and what a run says of its open invoices."""
    draw = np.random.default_rng(8)
    names = np.array([name_customer(number) for number in range(CUSTOMERS)])
    due = np.datetime64(AS_OF) - draw.integers(1, 300, invoices).astype("timedelta64[D]")
    documents = pd.DataFrame(
        {
            "invoice_id": [f"I{number:07d}" for number in range(invoices)],
            "customer_id": names[draw.integers(0, CUSTOMERS, invoices)],
            "issued_on": due - np.timedelta64(30, "D"),
            "due_on": due,
            "amount": draw.lognormal(6, 1, invoices).round(2),
        }
    )
    is_paid = draw.uniform(size=invoices) < _PAID
    paid = documents.loc[is_paid].reset_index(drop=True)
    ids = "P" + paid["invoice_id"]
    payments = paid[["customer_id", "amount"]].assign(payment_id=ids, paid_on=paid["due_on"])
    allocations = paid[["invoice_id", "amount"]].assign(payment_id=ids, applied_on=paid["due_on"])
    tables = {
        "customers": pd.DataFrame({"customer_id": names, "name": [f"Firm {number}" for number in range(CUSTOMERS)]}),
        "invoices": documents,
        "payments": payments,
        "allocations": allocations,
    }
    return tables, _score(documents.loc[~is_paid].reset_index(drop=True))


def _score(items: pd.DataFrame) -> pd.DataFrame:
    days = {
        name: items["due_on"] + np.timedelta64(late, "D")
        for name, late in (("paid_on_p10", 310), ("expected_paid_on", 330), ("paid_on_p90", 390))
    }
    facts = {"currency": "EUR", "p_still_open": 0.4, "main_reason": "paid 20 days late so far"}
    named = items[["invoice_id", "customer_id", "due_on"]]
    return named.assign(row=np.arange(1, len(items) + 1), open_amount=items["amount"], **days, **facts)


def _make_worklist() -> pd.DataFrame:
    draw = np.random.default_rng(7)
    amounts = np.sort(draw.lognormal(7, 1.5, CUSTOMERS))[::-1].round(2)
    texts = {"currency": "EUR", "why": "3 items; overdue, oldest 40 days; paid 20 days late", "next_step": "call"}
    return pd.DataFrame(
        {
            "rank": np.arange(1, CUSTOMERS + 1),
            "customer_id": [name_customer(number) for number in draw.permutation(CUSTOMERS)],
            "name": [f"Firm {number}" for number in range(CUSTOMERS)],
            "country": draw.choice(["DE", "FR", "IE"], CUSTOMERS),
            "industry": draw.choice(["steel", "wood", "food"], CUSTOMERS),
            "grade": draw.choice(list("12345678"), CUSTOMERS),
            "at_stake_amount": amounts,
            "overdue_amount": (amounts * draw.uniform(1, 2, CUSTOMERS)).round(2),
            "due_soon_amount": 0.0,
            "disputed_amount": 0.0,
            "p_open": draw.uniform(0, 1, CUSTOMERS),
            "count_items": 3,
            "oldest_days_past_due": draw.integers(1, 200, CUSTOMERS),
        }
    ).assign(**texts)


def _make_acts() -> list[Entry]:
    until = (datetime.now(UTC).date() + timedelta(days=9)).isoformat()
    kinds = (
        ("assign", {"collector": "cleo"}),
        ("contact", {"channel": "call", "outcome": "reached", "note": ""}),
        ("snooze", {"until_on": until, "reason": "waits", "overdue_amount": 10**9, "disputed_amount": 0}),
        (
            "promise",
            {"promise_id": "P1", "amount": 10**8, "currency": "EUR", "book_amount": 10**8, "due_on": until, "note": ""},
        ),
    )
    acts = [(name_customer(number), *kinds[number % len(kinds)]) for number in range(ACTED_ON)]
    return [
        Entry(at=_AT.isoformat(timespec="seconds"), by="cleo", action=action, content={"customer_id": name, **content})
        for name, action, content in acts
    ]
