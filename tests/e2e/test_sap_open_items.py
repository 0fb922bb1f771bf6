"""The HighRadius open-items file of an SAP-like ledger: conversion and ageing, by currency."""

import pandas as pd
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def source(realdata):
    return pd.read_csv(realdata / "highradius_open" / "open_items.csv")


@pytest.fixture(scope="module")
def converted(run, realdata, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sap") / "book"
    path = realdata / "highradius_open" / "open_items.csv"
    return folder, run("convert", path, "-m", "sap-open-items", "-o", folder)


def test_every_row_becomes_an_invoice_and_doubts_are_listed(converted, source):
    _, made = converted
    rows = {row["table"]: row for row in made["rows"]}
    assert rows["invoices"]["accepted"] == rows["invoices"]["read"] == len(source)
    rules = pd.Series([problem["rule"] for problem in made["problems"]]).value_counts()
    assert rules["due_before_issued"] == 32
    assert rules["no_rate"] == 1
    assert {problem["severity"] for problem in made["problems"]} == {"warning"}


@pytest.mark.parametrize("currency", ["USD", "CAD"])
def test_the_ageing_of_each_currency_ties_to_the_file_to_the_cent(run, converted, source, currency):
    folder, _ = converted
    ageing = run("aging", folder, "--period-end", "2020-05-22", "--currency", currency)
    amounts = source.loc[source["invoice_currency"] == currency, "total_open_amount"]
    assert round(ageing["total"] * 100) == round(amounts * 100).sum()
