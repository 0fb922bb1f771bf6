"""Every row of an export arrives, is refused, or is left out by name."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrisk.errors import BookError
from arrisk.ingest.mapping import parse_mapping
from arrisk.ingest.staging import convert

BASIC = """\
[tables.invoices.columns]
invoice_id = "id"
customer_id = "customer"
issued_on = "issued"
due_on = "due"
amount = "amount"
"""
HEADER = "id,customer,name,issued,due,amount,type\n"


def _convert(write_file, rows: str, mapping: str = BASIC):
    return convert(write_file("export.csv", HEADER + rows), parse_mapping(mapping))


def test_customers_are_derived_when_the_mapping_has_none(write_file):
    rows = "1,B,x,2024-01-01,2024-02-01,5,a\n2,A,x,2024-01-01,2024-02-01,5,a\n3,B,x,2024-01-01,2024-02-01,5,a\n"
    staging = _convert(write_file, rows)
    assert staging.tables["customers"]["customer_id"].tolist() == ["B", "A"]
    assert staging.counts.to_numpy().tolist() == [["invoices", 3, 3, 0], ["customers", 2, 2, 0]]


def test_the_first_name_stands_and_another_is_a_warning_with_its_row(write_file):
    rows = (
        "1,A,,2024-01-01,2024-02-01,5,a\n2,A,Alder,2024-01-01,2024-02-01,5,a\n"
        "3,A,Elder,2024-01-01,2024-02-01,5,a\n4,A,Older,2024-01-01,2024-02-01,5,a\n"
    )
    customers = '[tables.customers]\none_per = "customer_id"\n'
    columns = '[tables.customers.columns]\ncustomer_id = "customer"\nname = "name"\n'
    staging = _convert(write_file, rows, BASIC + customers + columns)
    assert staging.tables["customers"].to_dict("records") == [{"source_row": 1, "customer_id": "A", "name": "Alder"}]
    assert staging.problems[["table", "row", "column", "value", "rule"]].to_numpy().tolist() == [
        ["customers", 3, "name", "Elder", "several_values"]
    ]


def test_an_unreadable_date_or_amount_refuses_its_row_with_the_row_number_of_the_file(write_file):
    rows = "1,A,x,2024-01-01,2024-02-01,5,a\n,,,,,,\n2,A,x,01/02/2024,2024-13-01,5 EUR,a\n"
    staging = _convert(write_file, rows)
    assert staging.problems[["row", "column", "value", "rule", "severity"]].to_numpy().tolist() == [
        [3, "amount", "5 EUR", "unreadable_amount", "refused"],
        [3, "due_on", "2024-13-01", "unreadable_date", "refused"],
        [3, "issued_on", "01/02/2024", "unreadable_date", "refused"],
    ]
    assert staging.tables["invoices"]["source_row"].tolist() == [1]
    assert staging.left_out.to_numpy().tolist() == [["", 1, "rows without any content"]]


def test_an_export_of_which_no_invoice_can_be_read_says_why_by_the_first_row(write_file):
    staging = _convert(write_file, "1,A,x,2024-01-01,2024-02-01,5 EUR,a\n2,A,x,2024-01-01,2024-02-01,6 EUR,a\n")
    with pytest.raises(BookError, match="none of 2 rows of invoices can be read") as caught:
        staging.require_invoices()
    assert "row 1, amount '5 EUR': unreadable_amount; give decimal" in caught.value.hint
    _convert(write_file, "1,A,x,2024-01-01,2024-02-01,5,a\n2,A,x,2024-01-01,2024-02-01,6 EUR,a\n").require_invoices()


def test_an_unreadable_settlement_does_not_pass_for_an_open_invoice(write_file):
    staging = _convert(write_file, "1,A,x,2024-01-01,2024-02-01,5,soon\n", BASIC + 'settled_on = "type"\n')
    assert staging.tables["invoices"].empty
    assert staging.problems["column"].tolist() == ["settled_on"]


def test_rows_that_a_filter_leaves_out_are_counted_and_named(write_file):
    rows = "".join(f"{i},A,x,2024-01-01,2024-02-01,5,{kind}\n" for i, kind in enumerate("aabc"))
    keep = '[[tables.invoices.keep]]\ncolumn = "type"\nin = ["a", "b"]\n'
    more = '[[tables.invoices.keep]]\ncolumn = "id"\nnot_in = [0]\nbecause = "a test entry"\n'
    staging = _convert(write_file, rows, BASIC + keep + more)
    assert staging.tables["invoices"]["invoice_id"].tolist() == ["1", "2"]
    assert staging.left_out.to_numpy().tolist() == [
        ["invoices", 1, "type is not one of: a, b"],
        ["invoices", 1, "a test entry"],
    ]


def test_document_types_that_are_left_out_are_counted_and_named(write_file):
    rows = "1,A,x,2024-01-01,2024-02-01,5,RE\n2,A,x,2024-01-01,2024-02-01,5,NOTE\n"
    documents = '[documents]\ntype = "type"\n[documents.types]\nNOTE = "leave_out"\n'
    staging = _convert(write_file, rows, BASIC + documents)
    assert staging.tables["invoices"]["invoice_id"].tolist() == ["1"]
    assert staging.left_out["rows"].tolist() == [1]
    assert "document type NOTE: 1 become nothing: they are left out" in staging.notes


def test_a_debit_credit_indicator_says_what_an_unsigned_amount_is(write_file):
    rows = "1,A,x,2024-01-01,2024-02-01,5,S\n2,A,x,2024-01-01,2024-02-01,7,H\n"
    documents = '[documents]\ncredit = { column = "type", in = "H" }\n'
    staging = _convert(write_file, rows, BASIC + documents)
    assert staging.tables["invoices"][["kind", "amount"]].to_numpy().tolist() == [
        ["invoice", "5"],
        ["credit_note", "7"],
    ]


def test_mixed_signs_within_a_credit_type_are_said(write_file):
    rows = "1,A,x,2024-01-01,2024-02-01,5,GU\n2,A,x,2024-01-01,2024-02-01,-7,GU\n"
    documents = '[documents]\ntype = "type"\n[documents.types]\nGU = "credit_note"\n'
    staging = _convert(write_file, rows, BASIC + documents)
    assert staging.tables["invoices"]["amount"].tolist() == ["5", "7"]
    assert "document type GU: 1 of these amounts are negative, the others are not; the type decides" in staging.notes


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('"name"', " Ab-1.0 ".strip()),
        ('{ from = "name", remove = "\\\\.0+$" }', "Ab-1"),
        ('{ from = "name", upper = true }', "AB-1.0"),
        ('{ from = "name", map = { "Ab-1.0" = "X" } }', "X"),
        ('{ from = "name", pad = 8 }', "00Ab-1.0"),
        ('{ from = "empty", default = "none", optional = true }', "none"),
        ('{ constant = "always" }', "always"),
        ('{ join = ["name", "type"], separator = "/" }', "Ab-1.0/a"),
        ('["nowhere", "name"]', "Ab-1.0"),
    ],
)
def test_what_a_mapping_may_do_to_a_text(write_file, rule, expected):
    staging = _convert(write_file, "1,A, Ab-1.0 ,2024-01-01,2024-02-01,5,a\n", BASIC + f"terms = {rule}\n")
    assert staging.tables["invoices"]["terms"].tolist() == [expected]


def test_texts_that_mean_missing_are_missing(write_file):
    staging = _convert(
        write_file,
        "1,A,NULL,2024-01-01,2024-02-01,5,a\n",
        '[source]\nmissing = ["NULL"]\n' + BASIC + 'terms = "name"\n',
    )
    assert staging.tables["invoices"]["terms"].isna().all()


def test_a_column_may_have_date_formats_of_its_own(write_file):
    mapping = BASIC.replace('"due"', '{ from = "due", dates = "%d/%m/%Y" }')
    staging = _convert(write_file, "1,A,x,2024-01-02,03/02/2024,5,a\n", mapping)
    assert staging.tables["invoices"]["due_on"].tolist() == ["2024-02-03"]


def test_columns_that_are_not_imported_are_named(write_file):
    staging = _convert(
        write_file, "1,A,x,2024-01-01,2024-02-01,5,a\n", BASIC + '[not_imported]\ntype = "it says nothing"\n'
    )
    assert "column 'name' is not imported: the mapping does not name it" in staging.notes
    assert "column 'type' is not imported: it says nothing" in staging.notes


cell = st.sampled_from(["1", "2", "A", "", "2024-01-01", "31.12.2023", "5", "-5", "x", "1,5", "RV", "DZ", "XX"])


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.lists(cell, min_size=7, max_size=7), min_size=1, max_size=12))
def test_every_row_of_any_file_arrives_is_refused_or_is_left_out(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("any") / "export.csv"
    path.write_text(HEADER.replace(",", ";") + "".join(";".join(row) + "\n" for row in rows))
    documents = '[documents]\ntype = "type"\nother = "leave_out"\n[documents.types]\nRV = "by_sign"\nDZ = "payment"\n'
    payments = BASIC.replace("invoices", "payments").replace("invoice_id", "payment_id")
    payments = payments.replace("issued_on", "paid_on").replace('due_on = "due"\n', "")
    staging = convert(path, parse_mapping('[source]\ndelimiter = ";"\n' + BASIC + documents + payments))
    counts = staging.counts.set_index("table")
    assert (counts["read"] == counts["accepted"] + counts["refused"]).all()
    assert counts.loc[["invoices", "payments"], "read"].sum() + staging.left_out["rows"].sum() == len(rows)
    refused = staging.problems[staging.problems["severity"] == "refused"]
    for table in ("invoices", "payments"):
        assert refused.loc[refused["table"] == table, "row"].nunique() == counts.loc[table, "refused"]
        assert len(staging.tables[table]) == counts.loc[table, "accepted"]


def test_all_staged_columns_are_text(write_file):
    frame = _convert(write_file, "1,A,x,2024-01-01,2024-02-01,5,a\n").tables["invoices"]
    assert all(pd.api.types.is_string_dtype(frame[name]) for name in frame.columns.difference(["source_row"]))
