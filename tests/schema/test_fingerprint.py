"""A book's fingerprint as of a day: the same for the same knowledge, another for another."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from arrisk.frames import day_of
from arrisk.schema import check, fingerprint_book, fingerprint_tables

DAY = day_of("2024-04-01")


def tables():
    return {
        "customers": pd.DataFrame({"customer_id": ["A", "B"], "name": ["Alder", "Birch"]}),
        "invoices": pd.DataFrame(
            {
                "invoice_id": ["1", "2", "3"],
                "customer_id": ["A", "B", "A"],
                "issued_on": ["2024-01-01", "2024-02-01", "2024-05-01"],
                "due_on": ["2024-02-01", "2024-03-01", "2024-06-01"],
                "amount": ["10.00", "20.00", "30.00"],
                "settled_on": ["2024-02-03", "2024-04-05", None],
            }
        ),
    }


def fingerprint(changed=None, *, day=DAY):
    book = check({**tables(), **(changed or {})}, name="book", currency="EUR").book
    return fingerprint_tables(book, as_of_day=day)


def with_invoices(**columns):
    return {"invoices": tables()["invoices"].assign(**columns)}


def test_neither_the_order_of_rows_nor_that_of_columns_counts():
    frame = tables()["invoices"]
    assert fingerprint({"invoices": frame.iloc[::-1, ::-1]}) == fingerprint()


def test_what_became_known_later_does_not_count():
    later = with_invoices(amount=["10.00", "20.00", "31.00"], settled_on=["2024-02-03", "2024-04-09", "2024-05-02"])
    assert fingerprint(later) == fingerprint()
    assert fingerprint(later, day=DAY + 100) != fingerprint(day=DAY + 100)
    assert fingerprint({"invoices": tables()["invoices"].iloc[:2]}) == fingerprint()


@pytest.mark.parametrize(
    "columns",
    [
        {"amount": ["10.01", "20.00", "30.00"]},
        {"settled_on": ["2024-02-04", None, None]},
        {"customer_id": ["B", "B", "A"]},
    ],
)
def test_whatever_was_known_counts(columns):
    changed, before = fingerprint(with_invoices(**columns)), fingerprint()
    assert changed["invoices"] != before["invoices"]
    assert changed["customers"] == before["customers"]
    assert fingerprint_book(changed) != fingerprint_book(before)


def test_cells_do_not_change_places_unnoticed():
    swapped = with_invoices(amount=["20.00", "10.00", "30.00"])
    assert fingerprint(swapped)["invoices"] != fingerprint()["invoices"]


def test_a_table_of_several_blocks_has_the_hash_of_its_whole():
    count, known = 250_001, ["invoice_id", "customer_id", "issued_on", "due_on", "amount", "settled_on"]
    columns = {name: np.resize(tables()["invoices"][name].to_numpy(dtype=object), count) for name in known}
    columns["invoice_id"] = np.arange(count).astype(str)
    # Nothing of this column is known in the first block.
    columns["terms"] = [None] * (count - 1) + ["30 days"]
    book = check({**tables(), "invoices": pd.DataFrame(columns)}, name="book", currency="EUR").book
    whole = book["invoices"].drop(columns=["known_day", "superseded_day"])
    whole = whole[sorted(whole)].dropna(axis="columns", how="all")
    rows = np.sort(pd.util.hash_pandas_object(whole, index=False).to_numpy())
    expected = hashlib.sha256(",".join(whole).encode() + rows.tobytes()).hexdigest()
    assert fingerprint_tables(book, as_of_day=day_of("2024-12-31"))["invoices"] == expected


def test_only_tables_with_rows_by_then_are_named():
    assert list(fingerprint()) == ["customers", "invoices"]
    assert list(fingerprint(day=day_of("2023-12-31"))) == ["customers"]
    assert all(len(one) == 64 for one in fingerprint().values())
    assert np.unique(list(fingerprint().values())).size == 2
