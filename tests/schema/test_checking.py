"""What a book needs, and when each version of a row can be seen."""

from datetime import date

import pandas as pd
import pytest

from arrisk.errors import BookError
from arrisk.frames import NEVER, day_of
from arrisk.schema import TABLES, check, money_columns
from arrisk.schema.repeats import has_repeats
from tests.books import (
    allocation,
    book_of,
    check_of,
    customer,
    dispute,
    frame_of,
    invoice,
    order,
    payment,
    raw_of,
    write_off,
)


def clock_of(book, table):
    """Give known_day and superseded_day of each row as ISO text."""
    frame = book[table][["known_day", "superseded_day"]]
    dates = frame.map(lambda day: "never" if day == NEVER else str(pd.Timestamp(day, unit="D").date()))
    return dates.to_numpy().tolist()


@pytest.mark.parametrize("missing", ["customers", "invoices"])
def test_a_book_needs_customers_and_invoices(missing):
    raw = raw_of(invoices=[invoice()])
    del raw[missing]
    with pytest.raises(BookError, match=f"the table '{missing}' is missing"):
        check(raw, name="x", currency="USD")


@pytest.mark.parametrize("table", TABLES)
def test_a_missing_required_column_is_named_with_the_nearest_one(table):
    required = next(column.name for column in TABLES[table].columns if column.is_required)
    slip = f"{required}s"
    raw = raw_of(invoices=[invoice()])
    raw[table] = frame_of(table, []).rename(columns={required: slip})
    with pytest.raises(BookError, match=f"required column '{required}' is missing") as caught:
        check(raw, name="x", currency="USD")
    assert caught.value.where == f"table {table}"
    assert f"is it the column '{slip}'?" in caught.value.hint


def test_several_missing_columns_are_named_together():
    with pytest.raises(BookError, match="'issued_on' and 'due_on' is missing"):
        check_of(invoices=[{"invoice_id": "1", "customer_id": "A", "amount": "1"}])


def test_a_file_without_columns_says_so():
    raw = raw_of(invoices=[invoice()]) | {"payments": pd.DataFrame()}
    with pytest.raises(BookError, match="'payment_id'") as caught:
        check(raw, name="x", currency="USD")
    assert "no columns" in caught.value.hint


def test_a_book_of_which_no_invoice_is_left_says_why():
    with pytest.raises(BookError, match="no invoice can be used") as caught:
        check_of(invoices=[invoice(due_on="soon")])
    assert "row 1, due_on 'soon': unreadable_date" in caught.value.hint
    with pytest.raises(BookError, match="no invoice can be used") as caught:
        check_of(invoices=[])
    assert "no rows" in caught.value.hint


def test_customers_may_all_be_missing_and_the_invoices_stay():
    checked = check_of(customers=[], invoices=[invoice(), invoice("I2", "B")])
    assert len(checked.book["invoices"]) == 2
    assert checked.problems["rule"].tolist() == ["unknown_customer"] * 2


def test_missing_cells_stand_for_their_defaults():
    book = book_of(
        currency="EUR",
        invoices=[invoice(currency="", kind=None)],
        write_offs=[write_off(reason="")],
        limits=[{"customer_id": "A", "valid_from_on": "2024-01-01", "limit_amount": "5"}],
    )
    assert book["invoices"][["currency", "kind", "entity_id"]].to_numpy().tolist() == [["EUR", "invoice", "main"]]
    assert book["write_offs"]["reason"].tolist() == ["bad_debt"]
    assert book["limits"]["limit_kind"].tolist() == ["amount"]


def test_every_table_has_clocks_and_money_in_minor_units():
    book = book_of(invoices=[invoice()])
    for name, table in TABLES.items():
        assert {"known_day", "superseded_day", "entity_id", "known_on"} <= set(book[name].columns)
        assert all(str(book[name][column].dtype).lower() == "int64" for column in money_columns(table))


def test_money_without_a_currency_of_its_own_has_that_of_its_invoice():
    rows = [invoice("I1", currency="JPY", amount="500"), invoice("I2", currency="KWD", amount="1.234"), invoice("I3")]
    book = book_of(
        invoices=rows,
        allocations=[allocation("P1", "I1", amount="500"), allocation("P1", "I2", amount="1.234")],
        write_offs=[write_off("I3", amount="7"), write_off("I9", amount="7")],
        disputes=[dispute(invoice_id="I2", amount="1.5")],
        recoveries=[{"invoice_id": "I1", "recovered_on": "2024-09-01", "amount": "3"}],
    )
    assert book["allocations"]["amount"].tolist() == [500, 1234]
    assert book["write_offs"]["amount"].tolist() == [700, 700]
    assert book["disputes"]["amount"].tolist() == [1500]
    assert book["recoveries"]["amount"].tolist() == [3]


@pytest.mark.parametrize("order_of_rows", [slice(None), slice(None, None, -1)])
def test_a_later_correction_of_the_currency_does_not_change_how_older_money_was_read(order_of_rows):
    rows = [invoice("I1", amount="100"), invoice("I1", amount="100", currency="JPY", known_on="2024-05-01")]
    book = book_of(invoices=rows[order_of_rows], allocations=[allocation(amount="100")])
    assert book["allocations"]["amount"].tolist() == [10000]


def test_a_row_is_known_on_its_own_day_unless_it_was_booked_later():
    book = book_of(
        invoices=[invoice("I1"), invoice("I2", known_on="2024-01-09")],
        payments=[payment(), payment("P2", known_on="2024-02-20")],
        allocations=[allocation(), allocation("P2", known_on="2024-03-01")],
    )
    assert clock_of(book, "invoices") == [["2024-01-01", "never"], ["2024-01-09", "never"]]
    assert clock_of(book, "payments") == [["2024-02-10", "never"], ["2024-02-20", "never"]]
    assert clock_of(book, "allocations") == [["2024-02-10", "never"], ["2024-03-01", "never"]]


def test_an_event_is_never_known_before_its_day_and_a_plan_may_be():
    book = check_of(
        invoices=[invoice(known_on="2023-12-20")],
        limits=[{"customer_id": "A", "valid_from_on": "2024-03-01", "limit_amount": "1", "known_on": "2024-02-01"}],
    ).book
    assert clock_of(book, "invoices") == [["2024-01-01", "never"]]
    assert clock_of(book, "limits") == [["2024-02-01", "never"]]


def test_a_customer_is_known_from_the_start_unless_the_row_says_otherwise():
    book = book_of(invoices=[invoice()], customers=[customer("A"), customer("A", known_on="2024-05-01")])
    assert book["customers"]["known_day"].tolist() == [-NEVER, day_of("2024-05-01")]
    assert book["customers"]["superseded_day"].tolist() == [day_of("2024-05-01"), NEVER]


def test_each_version_is_replaced_by_the_next_in_the_order_of_knowledge_not_of_the_file():
    rows = [
        invoice(amount="3", known_on="2024-03-01"),
        invoice(amount="1"),
        invoice("I2"),
        invoice(amount="2", known_on="2024-02-01"),
    ]
    assert clock_of(book_of(invoices=rows), "invoices") == [
        ["2024-03-01", "never"],
        ["2024-01-01", "2024-02-01"],
        ["2024-01-01", "never"],
        ["2024-02-01", "2024-03-01"],
    ]


def test_a_correction_may_move_the_event_itself():
    rows = [invoice(issued_on="2024-01-10"), invoice(issued_on="2024-01-05", known_on="2024-01-20")]
    assert clock_of(book_of(invoices=rows), "invoices") == [["2024-01-10", "2024-01-20"], ["2024-01-20", "never"]]


def test_missing_parts_of_a_key_are_equal_to_each_other():
    row = {"series": "gdp", "period_on": "2024-01-01", "known_on": "2024-02-01", "value": "1", "country": None}
    other = row | {"country": "DE"}
    later = row | {"known_on": "2024-03-01", "value": "2"}
    checked = check_of(invoices=[invoice()], conditions=[row, other, later, row])
    assert checked.problems[["row", "rule"]].to_numpy().tolist() == [[4, "duplicate_key"]]
    assert clock_of(checked.book, "conditions") == [
        ["2024-02-01", "2024-03-01"],
        ["2024-02-01", "never"],
        ["2024-03-01", "never"],
    ]


def test_the_end_is_the_latest_event_and_never_a_due_date():
    tables = {
        "invoices": [invoice(due_on="2030-01-01")],
        "conditions": [{"series": "x", "period_on": "2029-01-01", "known_on": "2029-02-01", "value": "1"}],
        "disputes": [dispute(resolved_on="2029-01-01")],
    }
    assert book_of(**tables).extract_end_on == date(2024, 1, 1)
    assert book_of(**tables, payments=[payment()]).extract_end_on == date(2024, 2, 10)
    assert book_of(**tables, allocations=[allocation(applied_on="2024-02-12")]).extract_end_on == date(2024, 2, 12)
    assert book_of(**tables, write_offs=[write_off()]).extract_end_on == date(2024, 6, 1)
    settled = {"invoices": [invoice(settled_on="2024-04-04")]}
    assert book_of(**settled).extract_end_on == date(2024, 4, 4)
    assert book_of(**settled, extract_end_on=date(2024, 12, 31)).extract_end_on == date(2024, 12, 31)


def test_a_book_without_a_name_has_one_made_of_its_earliest_rows():
    invoices = [invoice("I1"), invoice("I2", amount="7")]
    names = {book_of(name="", invoices=rows).name for rows in (invoices, invoices[::-1])}
    assert len(names) == 1
    assert book_of(name="", invoices=[invoice("I1", amount="8")]).name not in names


def test_a_book_with_other_tables_leaves_the_first_as_it_was():
    book = book_of(invoices=[invoice()], orders=[order()])
    emptied = book.with_tables(orders=book["orders"].iloc[:0])
    assert (len(book["orders"]), len(emptied["orders"])) == (1, 0)
    assert emptied["invoices"] is book["invoices"]


def test_a_book_with_the_same_tables_is_itself_and_keeps_what_it_has_derived():
    book = book_of(invoices=[invoice()], orders=[order()])
    assert book.with_tables(orders=book["orders"]) is book
    assert book.with_tables() is book


def test_checking_changes_nothing_in_the_rows_that_were_given():
    raw = {
        "customers": pd.DataFrame({"customer_id": ["A"]}),
        "invoices": pd.DataFrame(
            {
                "invoice_id": [" I1", "I2"],
                "customer_id": ["A", "A"],
                "amount": [1.5, 2.5],
                "issued_on": pd.Series(pd.to_datetime(["2024-01-02", "2024-01-03"]).astype("datetime64[s]")),
                "due_on": pd.Series(pd.to_datetime(["2024-02-02", "2024-02-03"]).astype("datetime64[s]")),
            }
        ),
    }
    before = {name: frame.copy() for name, frame in raw.items()}
    book = check(raw, name="demo", currency="EUR").book
    book["invoices"].loc[0, "issued_on"] = pd.Timestamp("2000-01-01")
    book["invoices"].loc[0, "customer_id"] = "B"
    for name, frame in raw.items():
        pd.testing.assert_frame_equal(frame, before[name])


@pytest.mark.parametrize(
    ("ids", "repeats"),
    [
        (["a", "b"], False),
        (["a", "a"], True),
        (["a", None], False),
        ([None, None], True),
        (["", None], False),
        (["a", "a\0"], False),
        (["x" * 70, "x" * 71], False),
        (["x" * 70, "x" * 70], True),
        (["ä" * 5, "ö" * 5], False),
        ([], False),
    ],
)
def test_repeated_ids_are_found(ids, repeats):
    assert has_repeats(pd.Series(ids, dtype="str")) is repeats
