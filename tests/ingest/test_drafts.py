"""A mapping that is written from what a person chose reads a file as the one that it began with."""

from datetime import date

import pandas as pd
import pytest

from arrisk.errors import InputError
from arrisk.ingest.drafts import Choice, write_mapping
from arrisk.ingest.fitting import list_fields
from arrisk.ingest.mapping import list_mappings, load_mapping, parse_mapping
from arrisk.ingest.notation import Decimals
from arrisk.ingest.staging import convert

ROWS = """\
invoice_no,customer,invoice_date,due_date,amount
1,A,2024-01-02,2024-02-01,100.50
2,A,2024-01-03,2024-02-02,-7
"""
CHOSEN = {
    "invoices.invoice_id": "invoice_no",
    "invoices.customer_id": "customer",
    "invoices.issued_on": "invoice_date",
    "invoices.due_on": "due_date",
    "invoices.amount": "amount",
}


def test_it_reads_the_same_rows(tmp_path):
    file, base = tmp_path / "rows.csv", load_mapping("generic")
    file.write_text(ROWS)
    written = parse_mapping(write_mapping(base, Choice(CHOSEN), name="mine"))
    before, after = convert(file, base), convert(file, written)
    assert sorted(after.tables["invoices"]["kind"]) == ["credit_note", "invoice"], "by its sign, as the base says"
    for name, frame in after.tables.items():
        pd.testing.assert_frame_equal(frame, before.tables[name][frame.columns])


@pytest.mark.parametrize("name", list_mappings())
def test_with_nothing_chosen_otherwise_a_shipped_mapping_stays_as_it_is(name):
    base = load_mapping(name)
    columns = {field.key: field.names[0] for field in list_fields(base)}
    written = parse_mapping(write_mapping(base, Choice(columns), name=name))
    same = ("source", "book", "terms", "documents", "not_imported")
    assert {part: getattr(written, part) for part in same} == {part: getattr(base, part) for part in same}
    assert {key: set(table.columns) for key, table in written.tables.items()} == {
        key: set(table.columns) for key, table in base.tables.items()
    }


def test_what_is_said_of_the_file_is_in_it():
    choice = Choice(CHOSEN, ("%d.%m.%Y",), Decimals(",", "."), "EUR", date(2024, 12, 31))
    written = parse_mapping(write_mapping(load_mapping("generic"), choice))
    assert (written.source.dates, written.source.decimal, written.source.thousands) == (("%d.%m.%Y",), ",", ".")
    assert (written.book.currency, written.book.extract_end_on) == ("EUR", "2024-12-31")


@pytest.mark.parametrize("column", ['a "b"', "a\\b", "tab\there", "\x7f", "Fälligkeit €", "= 1", "[x]\nname = 2"])
def test_a_column_may_be_called_anything(column):
    written = parse_mapping(write_mapping(load_mapping("generic"), Choice({**CHOSEN, "invoices.amount": column})))
    assert written.tables["invoices"].columns["amount"].from_ == (column,)


def test_due_dates_follow_the_column_of_the_terms():
    base = load_mapping("sap-open-items")
    columns = {field.key: field.names[0] for field in list_fields(base)} | {"invoices.terms": "Zahlungsziel"}
    due = parse_mapping(write_mapping(base, Choice(columns))).tables["invoices"].columns["due_on"]
    assert due.terms == ("Zahlungsziel",)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"invoices.amount": ""}, "no column is chosen for invoices.amount"),
        ({"invoices.amuont": "x"}, "there is no field 'invoices.amuont'"),
    ],
)
def test_what_is_needed_has_to_be_chosen(columns, said):
    with pytest.raises(InputError, match=said):
        write_mapping(load_mapping("generic"), Choice({**CHOSEN, **columns}))
