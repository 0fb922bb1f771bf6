"""What names a natural person can be erased for good, and every figure stays."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from arrisk.errors import StoreError
from arrisk.pipeline import age, compute_features
from arrisk.policy import load_policy
from arrisk.records import Entry
from arrisk.store import Database
from arrisk.store.batches import Upload, add_batch
from arrisk.store.book import list_problems, read_book
from arrisk.store.erasure import erase_customer
from arrisk.store.records import TableRecords
from tests.books import allocation, customer, invoice, payment, raw_of

NAME = "Wilhelmine Quitzow"
POLICY = load_policy()
ON = date(2024, 6, 1)


def make() -> dict[str, pd.DataFrame]:
    return raw_of(
        customers=[
            customer("A", name=NAME),
            customer("B", name="Ash Ltd"),
            customer("A", name=f"{NAME}-X", known_on="2024-02-01"),
        ],
        invoices=[invoice("I1"), invoice("I2", "B"), invoice("I3")],
        payments=[payment(reference=f"from {NAME}", amount="40"), payment("P2", "B", reference="order 7")],
        allocations=[allocation(amount="40")],
        attributes=[
            {"customer_id": "A", "known_on": "2024-01-01", "score": 1.5, "Street": f"{NAME} Road 7"},
            {"customer_id": "B", "known_on": "2024-01-01", "score": 2.5, "Street": "Elm 5"},
        ],
    )  # fmt: skip


def add(database: Database, raw: dict[str, pd.DataFrame]):
    return add_batch(database, "alder", Upload(raw, "a test"), fallback_currency="USD", by="ana", at="2026-01-01")


def erase(database: Database, customer_id: str = "A") -> int:
    entry = Entry(at="2026-01-02T00:00:00+00:00", by="ana", action="erase", content={"customer_id": customer_id})
    named = {"free_columns": ["street"], "key": "erasures/alder", "entry": entry}
    return erase_customer(database, "alder", customer_id, **named).count


def measure(database: Database) -> tuple[pd.DataFrame, pd.DataFrame]:
    book = read_book(database, "alder")
    features = pd.concat(list(compute_features(book, on=ON, policy=POLICY)), ignore_index=True)
    words = [name for name in features if name.lower().endswith("street")]
    return features.drop(columns=words), age(book, as_of=ON, age_on=ON, policy=POLICY).buckets


def test_the_name_goes_from_every_version_and_others_keep_theirs(database: Database):
    add(database, make())
    assert erase(database) == 4
    book = read_book(database, "alder")
    assert book["customers"].set_index("customer_id")["name"].dropna().to_dict() == {"B": "Ash Ltd"}
    assert book["payments"]["reference"].dropna().tolist() == ["order 7"]
    assert book["attributes"]["Street"].dropna().tolist() == ["Elm 5"]
    assert book["attributes"]["score"].tolist() == [1.5, 2.5]


def test_every_figure_stays(database: Database):
    add(database, make())
    features, buckets = measure(database)
    erase(database)
    after, same = measure(database)
    pd.testing.assert_frame_equal(after, features, check_exact=True)
    pd.testing.assert_frame_equal(same, buckets, check_exact=True)


def test_the_name_does_not_come_back_with_the_next_export(database: Database):
    add(database, make())
    erase(database)
    raw = make()
    raw["customers"].loc[3] = {"customer_id": "A", "name": f"{NAME} again", "known_on": "2024-09-01"}
    batch = add(database, raw)
    assert batch.counts.set_index("table").loc["customers"].to_dict() == {
        "read": 4, "accepted": 1, "known": 3, "completed": 0, "refused": 0,
    }  # fmt: skip
    assert list_problems(database, batch.batch_id).empty
    assert read_book(database, "alder")["customers"]["name"].dropna().tolist() == ["Ash Ltd"]


def test_it_is_an_entry_of_the_records(database: Database):
    add(database, make())
    erase(database)
    (entry,) = TableRecords(database).read("erasures/alder")
    assert (entry.by, entry.action, entry.content) == ("ana", "erase", {"customer_id": "A"})


def test_who_is_not_there_is_refused_and_nothing_recorded(database: Database):
    add(database, make())
    with pytest.raises(StoreError, match="no customer 'Z'"):
        erase(database, "Z")
    assert TableRecords(database).read("erasures/alder") == []


def test_no_byte_of_the_name_is_left_in_the_file(database: Database):
    add(database, make())
    erase(database)
    if database.is_sqlite:
        files = Path(str(database.engine.url.database)).parent.glob("arrisk.db*")
        assert not any(b"Quitzow" in file.read_bytes() for file in files)
    else:
        with database.read() as connection:
            for table in ("book_customers", "book_payments", "book_attributes", "problems"):
                rows = connection.execute(text(f"SELECT count(*) FROM {table} WHERE {table}::text LIKE '%Quitzow%'"))  # noqa: S608
                assert rows.scalar() == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE book_customers SET name = 'Other'",
        "UPDATE book_customers SET name = NULL, country = 'DE'",
        "UPDATE book_payments SET amount = 1",
        """UPDATE book_attributes SET cells = '{"score":9.5}'""",
        """UPDATE book_attributes SET cells = '{"score":1.5,"Street":"x"}'""",
        """UPDATE book_attributes SET cells = '{"more":1}'""",
    ],
)
def test_only_blanking_is_let_through(database: Database, change: str):
    add(database, make())
    with pytest.raises(DBAPIError, match="never changed"), database.write() as connection:
        connection.exec_driver_sql(change)
