"""A mistake in a mapping is shown with its line and the nearest name that exists."""

import pytest

from arrisk.errors import MappingError
from arrisk.ingest.mapping import load_mapping, parse_mapping
from arrisk.ingest.staging import convert

GOOD = """\
name = "mine"

[source]
decimal = ","
dates = ["%d.%m.%Y"]

[tables.invoices.columns]
invoice_id = "No"
customer_id = "Customer"
issued_on = "Issued"
due_on = "Due"
amount = { from = "Amount", remove = " EUR$" }

[[tables.invoices.keep]]
column = "Type"
in = ["RE", "GU"]
"""


def _change(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (_change("decimal", "decimals"), r"unknown key 'source.decimals' \(m.toml, line 4\).*mean 'decimal'"),
        (_change("[source]", "[sources]"), r"unknown key 'sources' \(m.toml, line 3\).*mean 'source'"),
        (_change("remove", "remov"), r"'tables.invoices.columns.amount.remov' \(m.toml, line 12\).*'remove'"),
        (_change("column =", "colum ="), r"line 15\).*mean 'column'|'tables.invoices.keep.0.colum"),
        (_change("amount =", "amuont ="), r"no column 'amuont' \(m.toml, line 12\).*mean 'amount'"),
        (_change('due_on = "Due"\n', ""), r"needs the column 'due_on' \(m.toml, line 7\)"),
        (
            _change("tables.invoices.columns", "tables.invoice.columns"),
            r"no table 'invoice' \(m.toml, line 7\)",
        ),
        (_change('","', '";"'), r"source.decimal: unknown value ';' \(m.toml, line 4\).*one of: ,, \."),
        (_change("%d.%m.%Y", "DD.MM.YYYY"), r"a date format names day, month and year.*line 5"),
        (_change("%d.%m.%Y", "%d.%m.%Q"), r"a date format names day, month and year.*line 5"),
        (_change(" EUR$", "(EUR"), r"not a regular expression.*line 12"),
        (_change('from = "Amount"', 'from = "Amount", constant = "1"'), r"give one of: from, join.*line 12"),
        (_change('from = "Amount", ', ""), r"say where the column comes from.*line 12"),
        (_change('in = ["RE", "GU"]', ""), r"give one of: in, not_in \(m.toml, line 14\)"),
        (_change('name = "mine"', "name = mine"), r"this is not TOML: .*line 1"),
        (GOOD + '[documents]\nother = "invoces"\n', r"unknown value 'invoces' \(m.toml, line 18\)"),
        (GOOD + '[documents.types]\nRE = "payment"\n', r"documents.types needs documents.type"),
        (GOOD + '[documents]\nother = "payment"\n', r"documents become payments, but .*line 17"),
        (
            GOOD + '[tables.customers]\none_per = "id"\ncolumns = { customer_id = "C" }\n',
            r"one_per names no col.*line 18",
        ),
        (GOOD + "[tables.payments]\n", r"'tables.payments.columns' is missing \(m.toml, line 17\)"),
        ('name = "x"\n', r"'tables' is missing \(m.toml\)"),
        ('extends = "sap"\n', r"no shipped mapping 'sap' \(m.toml, line 1\)"),
        ('[tables.customers.columns]\ncustomer_id = "C"\n', r"the mapping has no table 'invoices'"),
    ],
)
def test_a_mistake_is_shown_with_its_line_and_the_nearest_name(text, message):
    with pytest.raises(MappingError, match=message):
        parse_mapping(text, where="m.toml")


def test_a_column_that_the_source_does_not_have_is_shown_with_its_line(write_file):
    source = write_file("export.csv", "No;Customer;Issued;Due;Amounts;Type\n1;A;01.01.2024;01.02.2024;5,00;RE\n")
    with pytest.raises(MappingError, match=r"no column 'Amount' \(m.toml, line 12\).*mean 'Amounts'"):
        convert(source, parse_mapping(GOOD, where="m.toml"))


def test_a_filter_on_a_column_that_the_source_does_not_have_is_shown_with_its_line(write_file):
    source = write_file("export.csv", "No;Customer;Issued;Due;Amount;Typ\n1;A;01.01.2024;01.02.2024;5,00;RE\n")
    with pytest.raises(MappingError, match=r"no column 'Type' \(m.toml, line 14\).*mean 'Typ'"):
        convert(source, parse_mapping(GOOD, where="m.toml"))


def test_an_unknown_mapping_is_explained_with_the_shipped_ones():
    with pytest.raises(MappingError, match=r"there is no mapping 'imb'.*did you mean 'ibm'\?"):
        load_mapping("imb")


def test_a_mapping_is_read_from_a_file(write_file):
    assert load_mapping(write_file("mine.toml", GOOD)).name == "mine"


def test_an_extending_mapping_replaces_whole_columns_and_keeps_the_rest():
    mapping = parse_mapping('extends = "ibm"\n[tables.invoices.columns]\nterms = "Terms"\n')
    assert mapping.tables["invoices"].columns["terms"].from_ == ("Terms",)
    assert not mapping.tables["invoices"].columns["terms"].constant
    assert mapping.source.dates == ("%m/%d/%Y",)
