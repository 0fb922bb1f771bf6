"""The shipped mappings on the public ledgers, and on hand-made documents of kinds that those do not have."""

import pandas as pd
import pytest

from arrisk.ingest.mapping import list_mappings, load_mapping, parse_mapping
from arrisk.ingest.problems import add_staging
from arrisk.ingest.staging import convert
from arrisk.schema import check


def _check(staging):
    settings = staging.settings
    checked = check(staging.tables, name="test", currency=settings.currency or "EUR")
    return add_staging(checked, staging.problems, staging.counts)


@pytest.mark.parametrize("name", ["ibm", "sap-open-items", "generic"])
def test_every_shipped_mapping_loads(name):
    assert name in list_mappings()
    assert load_mapping(name).description


@pytest.mark.parametrize(
    ("file", "rows", "count_open"),
    [("receivables_extract_2013-06-30.csv", 1930, 84), ("receivables_dirty.csv", 2021, 86)],
)
def test_nothing_is_refused_in_the_ibm_ledger(realdata, file, rows, count_open):
    staging = convert(realdata / "ibm_ar" / file, load_mapping("ibm"))
    checked = _check(staging)
    read = {"customers": 100, "invoices": rows, "attributes": 100}
    assert checked.counts.to_numpy().tolist() == [[name, count, count, 0] for name, count in read.items()]
    assert checked.problems.empty
    assert checked.book["invoices"]["settled_on"].isna().sum() == count_open
    assert str(checked.book.extract_end_on) == "2013-06-30"
    assert sum("is not imported" in note for note in staging.notes) == 5


def test_the_ibm_ledger_needs_no_day_of_paperless_billing(realdata, tmp_path):
    frame = pd.read_csv(realdata / "ibm_ar" / "receivables_dirty.csv", dtype="str").drop(columns="PaperlessDate")
    frame.to_csv(tmp_path / "ledger.csv", index=False)
    staging = convert(tmp_path / "ledger.csv", load_mapping("ibm"))
    assert list(staging.tables) == ["customers", "invoices"]
    assert "attributes: not made, the source has no column 'PaperlessDate'" in staging.notes


def test_a_customer_is_paperless_from_its_own_day_on_and_not_before(realdata):
    path = realdata / "ibm_ar" / "receivables_extract_2013-06-30.csv"
    attributes = _check(convert(path, load_mapping("ibm"))).book["attributes"].set_index("customer_id")
    days = pd.read_csv(path).drop_duplicates("customerID").set_index("customerID")["PaperlessDate"]
    assert (attributes["known_on"] == pd.to_datetime(days, format="%m/%d/%Y").reindex(attributes.index)).all()
    assert (attributes["paperless"] == 1).all()


def test_the_ibm_ledger_ties_out_to_the_cent(realdata):
    path = realdata / "ibm_ar" / "receivables_extract_2013-06-30.csv"
    book = _check(convert(path, load_mapping("ibm"))).book
    expected = sum(round(100 * amount) for amount in pd.read_csv(path)["InvoiceAmount"])
    assert book["invoices"]["amount"].sum() == expected


def test_the_highradius_open_items_are_all_accepted(realdata):
    path = realdata / "highradius_open" / "open_items.csv"
    checked = _check(convert(path, load_mapping("sap-open-items")))
    assert checked.counts.set_index("table")["refused"].to_dict() == {
        "customers": 0,
        "invoices": 0,
        "payments": 0,
    }
    invoices = checked.book["invoices"]
    assert len(invoices) == invoices["invoice_id"].nunique() == 9700
    assert not invoices["invoice_id"].str.contains(".", regex=False).any()
    found = checked.problems.groupby("rule").size().to_dict()
    # 399 customers are written in more than one way, 32 rows are due before posting, CAD has no rate.
    assert found == {"several_values": 399, "due_before_issued": 32, "no_rate": 1}
    totals = pd.read_csv(path).groupby("invoice_currency")["total_open_amount"].sum().mul(100).round().astype(int)
    assert invoices.groupby("currency")["amount"].sum().to_dict() == totals.to_dict()


@pytest.fixture
def sap(fixtures):
    return convert(fixtures / "sap_documents.csv", load_mapping("sap-open-items"))


def test_document_types_and_signs_decide_what_a_document_is(sap):
    invoices = sap.tables["invoices"].set_index("source_row")
    assert invoices["kind"].to_dict() == {
        1: "invoice",
        2: "invoice",
        3: "credit_note",
        4: "credit_note",
        6: "invoice",
        7: "credit_note",
        8: "invoice",
        9: "invoice",
        10: "invoice",
    }
    assert invoices.loc[[3, 4, 7], "amount"].tolist() == ["100.25", "80.00", "12.34"]
    assert sap.tables["payments"].iloc[0].to_dict() == {
        "source_row": 5,
        "payment_id": "1400000001",
        "customer_id": "0200000001",
        "paid_on": "2024-01-09",
        "amount": "500.00",
        "currency": "USD",
        "entity_id": "U001",
    }
    assert "document type XX: 1 become invoices, a type that the mapping does not name" in sap.notes


def test_a_missing_due_date_follows_from_the_terms(sap):
    due = sap.tables["invoices"].set_index("source_row")["due_on"]
    assert due[2] == "2024-02-05"
    assert due[3] == "2024-02-06"  # NAD5: 30 days from the baseline date
    assert due[6] == "2024-01-25"  # NAA8: 15 days
    assert due[8] == "2024-03-17"  # NAGD: 65 days
    assert due[4] == "2024-01-08"  # a credit note without known terms: its baseline date
    assert pd.isna(due[10])
    unknown = sap.problems[sap.problems["rule"] == "unknown_terms"]
    assert unknown[["row", "value", "severity"]].to_numpy().tolist() == [[10, "ZZZZ", "warning"]]


def test_a_document_number_of_two_companies_is_told_apart(sap):
    ids = sap.tables["invoices"].set_index("source_row")["invoice_id"]
    assert ids[[1, 9]].tolist() == ["U001-2024-1900000001", "U002-2024-1900000001"]
    assert ids[2] == "1900000002"


def test_every_refused_row_is_explained_and_the_rows_tie_out(sap):
    checked = _check(sap)
    refused = checked.problems[checked.problems["severity"] == "refused"]
    assert refused[["table", "row", "column", "value", "rule"]].to_numpy().tolist() == [
        ["invoices", 10, "due_on", "", "missing_value"],
        ["invoices", 11, "issued_on", "31.11.2024", "unreadable_date"],
        ["invoices", 12, "amount", "1,234.00", "unreadable_amount"],
    ]
    assert checked.counts.to_numpy().tolist() == [
        ["customers", 2, 2, 0],
        ["invoices", 11, 8, 3],
        ["payments", 1, 1, 0],
    ]


def test_a_german_export_needs_only_its_signs_stated(write_file):
    german = (
        "Company Code;Customer;Document Number;Document Type;Posting Date;Net due date;Amount in doc. curr.;"
        "Document currency\n"
        "1000;4711;90001;RV;31.01.2024;01.03.2024;1.234,56;EUR\n"
        "1000;4711;90002;DG;01.02.2024;01.02.2024;234,56-;EUR\n"
    )
    mapping = parse_mapping(
        'extends = "sap-open-items"\n[source]\ndecimal = ","\nthousands = "."\n[book]\ncurrency = "EUR"\n'
    )
    staging = convert(write_file("export.csv", german.encode("cp1252")), mapping)
    invoices = staging.tables["invoices"]
    assert invoices["amount"].tolist() == ["1234.56", "234.56"]
    assert invoices["kind"].tolist() == ["invoice", "credit_note"]
    assert invoices["issued_on"].tolist() == ["2024-01-31", "2024-02-01"]
    assert staging.settings.currency == "EUR"


def test_the_generic_mapping_finds_the_usual_names_and_reads_a_minus_as_a_credit_note(write_file):
    text = "invoice_no,customer_no,customer_name,invoice_date,due_date,amount,payment_date\n"
    rows = "1,A,Alder,2024-01-02,2024-02-01,10.50,2024-02-03\n2,A,Alder,2024-01-03,2024-02-02,-3.00,\n"
    tables = convert(write_file("mine.csv", text + rows), load_mapping("generic")).tables
    assert tables["invoices"]["kind"].tolist() == ["invoice", "credit_note"]
    assert tables["invoices"]["amount"].tolist() == ["10.50", "3.00"]
    assert tables["invoices"]["settled_on"].tolist()[0] == "2024-02-03"
    assert tables["customers"].to_dict("records")[0]["name"] == "Alder"
