"""The book in the database: what goes in comes out bit for bit, once, whole or not at all."""

import threading
from datetime import date

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from arrisk.errors import BookError, StoreError
from arrisk.frames import day_of
from arrisk.schema import Book, check, fingerprint_tables
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.store.book import Batch, list_batches, list_ledgers, list_problems, read_book
from tests.books import allocation, customer, dispute, invoice, order, payment, raw_of

AT = "2026-01-01T00:00:00+00:00"


def add(database: Database, raw: dict[str, pd.DataFrame], *, ledger: str = "alder", **more) -> Batch:
    upload = Upload(raw, "a test", **more)
    return add_batch(database, ledger, upload, fallback_currency="USD", by="ana", at=AT)


def counts_of(batch: Batch, table: str) -> dict[str, int]:
    return batch.counts.set_index("table").loc[table].to_dict()


def assert_same(left: Book, right: Book) -> None:
    assert (left.name, left.currency, left.extract_end_on) == (right.name, right.currency, right.extract_end_on)
    for name in right.tables:
        pd.testing.assert_frame_equal(left[name], right[name], check_exact=True, obj=name)


def every_table() -> dict[str, pd.DataFrame]:
    attributes = [
        {"customer_id": "A", "known_on": "2024-01-01", "score": 0.1, "rating": "1.50", "street": None},
        {"customer_id": "B", "known_on": "2024-01-02", "score": 1e-320, "rating": "AA", "street": 'Elm, "5"\nrear'},
    ]
    return raw_of(
        customers=[customer("A", name="Ann, Ltd"), customer("B", name=None, employees=12.5)],
        invoices=[
            invoice("I1"),
            invoice("I2", "B", currency="JPY", terms="net 30"),
            invoice("I3", known_on="2024-03-01"),
        ],
        payments=[payment(reference="")],
        allocations=[allocation()],
        disputes=[dispute(amount="12.5"), dispute("D2", "I2")],
        orders=[order(shipped_on="2024-02-05")],
        attributes=attributes,
        rates=[{"currency": "JPY", "rate_on": "2024-01-01", "rate": 0.1 + 0.2}],
    )


def test_what_goes_in_comes_out_bit_for_bit(database: Database):
    add(database, every_table())
    expected = check(every_table(), name="alder", currency="USD").book
    assert_same(read_book(database, "alder"), expected)


def test_text_that_breaks_lines_quotes_or_sql_comes_out_as_it_went_in(database: Database):
    odd = [
        "'; DROP TABLE entries; --",
        'a "b", c',
        "line\nbreak\r\n",
        "\\N",
        "NULL",
        "ünïcödé ☃ \U0001f600",
        "%s %(x)s :x",
    ]
    raw = raw_of(customers=[customer(f"C{at} {one}", name=one) for at, one in enumerate(odd)], invoices=[invoice()])
    add(database, raw)
    assert_same(read_book(database, "alder"), check(raw, name="alder", currency="USD").book)


def test_the_same_upload_again_is_the_batch_that_is_there(database: Database):
    first, second = add(database, every_table()), add(database, every_table())
    assert (first.is_new, second.is_new) == (True, False)
    assert second.batch_id == first.batch_id
    assert len(list_batches(database, "alder")) == 1


@pytest.mark.slow
def test_rows_that_are_there_are_known_and_no_problem(database: Database):
    raw = every_table()
    add(database, raw)
    more = {**raw, "invoices": pd.concat([raw["invoices"], pd.DataFrame([invoice("I9")])], ignore_index=True)}
    batch = add(database, more)
    assert counts_of(batch, "invoices") == {"read": 4, "accepted": 1, "known": 3, "completed": 0, "refused": 0}
    assert counts_of(batch, "attributes")["known"] == 2
    assert batch.count_problems == 0
    assert_same(read_book(database, "alder"), check(more, name="alder", currency="USD").book)


def test_a_cell_that_is_filled_late_completes_its_row(database: Database):
    add(database, raw_of(invoices=[invoice("I1"), invoice("I2")], disputes=[dispute()]))
    ended = {"resolved_on": "2024-04-01", "outcome": "credited"}
    late = raw_of(invoices=[invoice("I2", settled_on="2024-02-20")], disputes=[dispute(**ended)])
    batch = add(database, late)
    assert counts_of(batch, "invoices") == {"read": 1, "accepted": 0, "known": 0, "completed": 1, "refused": 0}
    whole = raw_of(invoices=[invoice("I1"), invoice("I2", settled_on="2024-02-20")], disputes=[dispute(**ended)])
    assert_same(read_book(database, "alder"), check(whole, name="alder", currency="USD").book)


def test_a_completed_row_is_known_in_the_next_export_and_in_an_old_one(database: Database):
    old, new = raw_of(invoices=[invoice("I1")]), raw_of(invoices=[invoice("I1", settled_on="2024-02-20")])
    add(database, old)
    add(database, new)
    newer = {**new, "payments": pd.DataFrame([payment()])}
    older = {**old, "payments": pd.DataFrame([payment("P2")])}
    for raw in (newer, older):
        assert counts_of(add(database, raw), "invoices")["known"] == 1
    assert read_book(database, "alder")["invoices"]["settled_on"].tolist() == [pd.Timestamp("2024-02-20")]


def test_another_value_on_the_same_known_day_is_refused_and_said(database: Database):
    add(database, raw_of(invoices=[invoice("I1", settled_on="2024-02-20"), invoice("I2")]))
    changed = [invoice("I1", settled_on="2024-02-21"), invoice("I2", amount="101")]
    batch = add(database, raw_of(invoices=changed))
    assert counts_of(batch, "invoices")["refused"] == 2
    problems = list_problems(database, batch.batch_id)
    assert problems[["row", "column", "rule"]].to_numpy().tolist() == [
        [1, "settled_on", "changed_row"],
        [2, "amount", "changed_row"],
    ]
    assert read_book(database, "alder")["invoices"]["amount"].tolist() == [10000, 10000]


def test_a_correction_known_later_supersedes_what_is_there(database: Database):
    raw = raw_of(invoices=[invoice("I1")])
    add(database, raw)
    add(database, raw_of(invoices=[invoice("I1", amount="90", known_on="2024-03-01")]))
    invoices = read_book(database, "alder")["invoices"]
    assert invoices["superseded_day"].iloc[0] == day_of("2024-03-01")
    assert invoices["amount"].tolist() == [10000, 9000]


def test_a_free_column_becomes_text_when_text_arrives(database: Database):
    first, second = [
        raw_of(invoices=[invoice()], attributes=[{"customer_id": "A", "known_on": day, "score": score}])
        for day, score in (("2024-01-01", "1.50"), ("2024-02-01", "n/a"))
    ]
    add(database, first)
    assert read_book(database, "alder")["attributes"]["score"].tolist() == [1.5]
    add(database, second)
    assert read_book(database, "alder")["attributes"]["score"].tolist() == ["1.50", "n/a"]


def test_a_mistake_of_an_older_row_is_told_once_by_its_own_batch(database: Database):
    first = add(database, raw_of(invoices=[invoice("I0"), invoice("I1")]))
    over = add(database, raw_of(invoices=[], payments=[payment(amount="300")], allocations=[allocation(amount="150")]))
    found = list_problems(database, over.batch_id)
    assert found[["of_batch_id", "table", "row", "rule"]].to_numpy().tolist() == [
        [first.batch_id, "invoices", 2, "over_allocated_invoice"]
    ]
    after = add(database, raw_of(invoices=[], payments=[payment("P9")]))
    assert after.count_problems == 0


def test_problems_are_read_page_by_page(database: Database):
    batch = add(database, raw_of(invoices=[invoice(f"I{at}", amount="-1") for at in range(5)]))
    first = list_problems(database, batch.batch_id, limit=3)
    rest = list_problems(database, batch.batch_id, after=int(first["number"].max()), limit=3)
    assert (batch.count_problems, first["row"].tolist(), rest["row"].tolist()) == (5, [1, 2, 3], [4, 5])


def test_what_is_refused_leaves_nothing(database: Database):
    with pytest.raises(BookError, match="no invoice can be used"):
        add(database, raw_of(invoices=[invoice(amount="x")]))
    with pytest.raises(BookError, match="zero byte"):
        add(database, raw_of(invoices=[invoice("I\0")]))
    with pytest.raises(BookError, match="1,000 bytes"):
        add(database, raw_of(invoices=[invoice("I" * 1001)]))
    assert list_ledgers(database) == []


def test_another_currency_than_the_ledgers_is_refused(database: Database):
    add(database, raw_of(invoices=[invoice()]), currency="EUR")
    with pytest.raises(BookError, match="kept in EUR"):
        add(database, raw_of(invoices=[invoice("I2")]), currency="USD")


def test_a_ledger_that_is_not_there_is_named(database: Database):
    add(database, raw_of(invoices=[invoice()]))
    with pytest.raises(StoreError, match="did you mean 'alder'"):
        read_book(database, "adler")


def test_ledgers_do_not_mix(database: Database):
    add(database, raw_of(invoices=[invoice("I1")]), ledger="one")
    add(database, raw_of(invoices=[invoice("I2")]), ledger="two")
    assert list_ledgers(database) == ["one", "two"]
    assert [read_book(database, name)["invoices"]["invoice_id"].tolist() for name in ("one", "two")] == [["I1"], ["I2"]]


@pytest.mark.parametrize("table", ["book_invoices", "batches", "ledgers"])
@pytest.mark.parametrize("change", ["UPDATE {} SET ledger_id = 9", "DELETE FROM {}"])
def test_rows_are_never_changed(database: Database, table: str, change: str):
    add(database, raw_of(invoices=[invoice()]))
    with pytest.raises(DBAPIError, match="never changed"), database.write() as connection:
        connection.execute(text(change.format(table)))


@pytest.mark.slow
def test_uploads_at_the_same_time_are_all_kept_once(database: Database):
    parts = [raw_of(customers=[customer()], invoices=[invoice(f"I{at}"), invoice("SHARED")]) for at in range(6)]
    threads = [threading.Thread(target=add, args=(database, part)) for part in parts * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list_batches(database, "alder")) == 6
    assert sorted(read_book(database, "alder")["invoices"]["invoice_id"]) == [f"I{at}" for at in range(6)] + ["SHARED"]


def test_the_book_as_of_a_day_holds_what_was_known_by_then(database: Database):
    add(database, every_table())
    past = read_book(database, "alder", as_of=date(2024, 2, 1))
    assert past["invoices"]["invoice_id"].tolist() == ["I1", "I2"]
    assert past["orders"].empty
    whole = check(every_table(), name="alder", currency="USD").book
    day = day_of("2024-02-01")
    assert fingerprint_tables(past, as_of_day=day) == fingerprint_tables(whole, as_of_day=day)
