"""One customer's rows from the database: the same, in the same order, as those of the whole book."""

from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd
import pytest

from arrisk.errors import StoreError
from arrisk.features.single.from_book import BookSource
from arrisk.features.single.rows import COLUMNS, OF_RELATIVES, RowSource
from arrisk.schema import Book
from arrisk.sim import simulate_portfolio
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.store.book import read_book
from arrisk.store.customer_rows import CustomerReader
from tests.books import allocation, credit_note, customer, dispute, invoice, order, payment, raw_of, recovery, write_off


def add(database: Database, raw: Mapping[str, pd.DataFrame]) -> None:
    add_batch(database, "alder", Upload(raw, "a test"), fallback_currency="USD", by="ana", at="2026-01-01")


def read_all(source: RowSource, customer_id: str, relatives: Sequence[str]) -> dict[str, object]:
    own = [name for name in COLUMNS if name not in (*OF_RELATIVES, "allocations")]
    receipts, notes = source.read_payers(customer_id)
    return {
        **{name: source.read_own(name, customer_id) for name in own},
        "allocations": source.read_allocations(customer_id),
        "receipts": receipts,
        "notes": notes,
        **{name: source.read_of(name, list(dict.fromkeys([customer_id, *relatives]))) for name in OF_RELATIVES},
    }


def assert_same_rows(database: Database, *, relatives: Sequence[str] = ()) -> None:
    book = read_book(database, "alder")
    expected, reader = BookSource(book), CustomerReader(database, "alder", COLUMNS)
    for customer_id in list_ids(book):
        with reader.open(customer_id) as source:
            assert read_all(source, customer_id, relatives) == read_all(expected, customer_id, relatives), customer_id


def list_ids(book: Book) -> list[str]:
    return sorted({*book["customers"]["customer_id"], *book["invoices"]["customer_id"]})


@cache
def simulate() -> Mapping[str, pd.DataFrame]:
    return simulate_portfolio(customers=25, months=18, seed=3).tables


@pytest.mark.slow
def test_the_rows_of_a_simulated_customer_are_those_of_the_book(database: Database):
    add(database, simulate())
    assert_same_rows(database)
    assert_same_rows(database, relatives=["C000003", "nobody"])


def test_what_moved_to_another_customer_or_invoice_ends_where_it_was(database: Database):
    later = {"known_on": "2024-05-01"}
    raw = raw_of(
        customers=[customer("A"), customer("B"), customer("A", industry="steel", **later)],
        invoices=[invoice("I1"), invoice("I2", "B"), invoice("I1", "B", **later), credit_note("N1", "B")],
        payments=[payment("P1"), payment("P1", "B", **later), payment("P2", "B")],
        allocations=[allocation(), allocation("P2", "I2"), allocation("N1", "I1", amount="5")],
        disputes=[dispute("D1", "I1"), dispute("D1", "I2", **later)],
        orders=[order("O1"), order("O1", "B", **later)],
        write_offs=[write_off("I2")],
        recoveries=[recovery("I2")],
        attributes=[
            {"customer_id": "A", "known_on": "2024-01-01", "score": "1.50", "rating": "AA "},
            {"customer_id": "B", "known_on": "2024-01-01", "score": "7", "rating": "12"},
        ],
    )
    add(database, raw)
    assert_same_rows(database, relatives=["A"])


def test_late_cells_and_later_batches_are_seen(database: Database):
    add(database, raw_of(invoices=[invoice("I1"), invoice("I2")], orders=[order()], disputes=[dispute()]))
    ended = {"resolved_on": "2024-03-01", "outcome": "credited"}
    more = {"shipped_on": "2024-03-02"}
    add(
        database,
        raw_of(invoices=[invoice("I2", settled_on="2024-03-03")], orders=[order(**more)], disputes=[dispute(**ended)]),
    )
    add(database, raw_of(invoices=[], orders=[order(**more, invoiced_on="2024-03-09")]))
    assert_same_rows(database)


def test_a_name_that_looks_like_a_query_finds_nothing(database: Database):
    add(database, raw_of(invoices=[invoice()]))
    reader = CustomerReader(database, "alder", COLUMNS)
    for name in ("' OR 1=1 --", "A'; DROP TABLE entries; --", "\\", "%"):
        with reader.open(name) as source:
            assert source.read_own("invoices", name) == []


def test_a_reader_of_no_ledger_is_refused(database: Database):
    with pytest.raises(StoreError, match="no ledger 'none'"):
        CustomerReader(database, "none", COLUMNS)
