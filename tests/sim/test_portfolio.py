"""The tables of a simulated portfolio hang together."""

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import InputError
from arrisk.schema import TABLES, check
from arrisk.sim import Shock, simulate_portfolio

VERSIONED = {"customers", "financials", "conditions"}


def cents(series):
    return np.rint(100 * series).astype("int64")


def test_every_canonical_table_is_there_and_holds_rows(portfolio):
    assert set(portfolio.tables) == set(TABLES)
    assert all(len(table) for table in portfolio.tables.values())


def test_the_check_of_books_finds_nothing_to_say(portfolio):
    checked = check(
        portfolio.tables,
        name=portfolio.name,
        currency=portfolio.currency,
        extract_end_on=portfolio.extract_end_on,
    )
    assert checked.problems.empty
    assert (checked.counts["refused"] == 0).all()


@pytest.mark.parametrize("name", [name for name in TABLES if name != "attributes"])
def test_keys_are_unique_and_corrections_are_known_later(portfolio, name):
    key = list(TABLES[name].key)
    if name in VERSIONED:
        key = [*key, "known_on"]
    assert not portfolio.tables[name].duplicated(key).any()


@pytest.mark.parametrize("name", sorted(VERSIONED))
def test_some_master_data_and_published_figures_are_corrected_later(portfolio, name):
    assert portfolio.tables[name].duplicated(list(TABLES[name].key)).any()


def test_every_reference_leads_somewhere(portfolio):
    tables = portfolio.tables
    customers, invoices = set(tables["customers"]["customer_id"]), set(tables["invoices"]["invoice_id"])
    for name, table in tables.items():
        if "customer_id" in table:
            assert set(table["customer_id"]) <= customers, name
        if "invoice_id" in table and name != "invoices":
            assert set(table["invoice_id"]) <= invoices, name
    assert set(tables["customers"]["parent_id"].dropna()) <= customers
    notes = tables["invoices"].query("kind == 'credit_note'")["invoice_id"]
    assert set(tables["allocations"]["payment_id"]) <= set(tables["payments"]["payment_id"]) | set(notes)


def test_what_is_applied_never_exceeds_the_receipt_or_the_credit_note(portfolio):
    tables = portfolio.tables
    notes = tables["invoices"].query("kind == 'credit_note'").set_index("invoice_id")["amount"]
    sources = pd.concat([tables["payments"].set_index("payment_id")["amount"], notes])
    applied = cents(tables["allocations"]["amount"]).groupby(tables["allocations"]["payment_id"]).sum()
    left = cents(sources).sub(applied, fill_value=0)
    assert (left >= 0).all()
    assert (left > 0).any()  # somebody overpays, some credit notes are open


def test_the_money_ties_for_every_invoice(portfolio):
    tables = portfolio.tables
    invoices = tables["invoices"].query("kind == 'invoice'").set_index("invoice_id")
    reduced = pd.concat([tables["allocations"], tables["write_offs"]])
    moved = cents(reduced["amount"]).groupby(reduced["invoice_id"]).sum()
    open_amount = cents(invoices["amount"]).sub(moved, fill_value=0)
    assert (open_amount >= 0).all()
    old = invoices["due_on"] < pd.Timestamp(portfolio.extract_end_on) - pd.Timedelta(days=700)
    assert (open_amount[old] == 0).all()  # whatever is old has been paid, credited or written off
    assert 0 < (open_amount > 0).mean() < 0.5


def test_recoveries_do_not_exceed_what_was_written_off(portfolio):
    tables = portfolio.tables
    lost = tables["write_offs"].query("reason == 'bad_debt'").groupby("invoice_id")["amount"].sum()
    back = tables["recoveries"].groupby("invoice_id")["amount"].sum()
    assert (back <= lost.reindex(back.index) + 0.001).all()


def test_nothing_happens_or_is_known_after_the_extract(portfolio):
    planned = {"due_on", "valid_to_on"}
    for name, table in portfolio.tables.items():
        for column in table.columns[table.columns.str.endswith("_on")]:
            if column not in planned:
                assert not (table[column] > pd.Timestamp(portfolio.extract_end_on)).any(), (name, column)


def test_nothing_is_known_before_it_has_happened(portfolio):
    for name, table in portfolio.tables.items():
        event = TABLES[name].event_on
        if "known_on" in table and event:
            assert not (table["known_on"] < table[event]).any(), name


def test_some_receipts_and_allocations_are_booked_late(portfolio):
    payments, allocations = portfolio.tables["payments"], portfolio.tables["allocations"]
    assert 0.05 < (payments["known_on"] > payments["paid_on"]).mean() < 0.3
    assert 0.005 < (allocations["known_on"] > allocations["applied_on"]).mean() < 0.2


def test_receipts_come_on_business_days(portfolio):
    assert (portfolio.tables["payments"]["paid_on"].dt.day_of_week < 5).all()


def test_accounts_add_up_and_are_published_late(portfolio):
    accounts = portfolio.tables["financials"]
    parts = accounts["total_liabilities"] + accounts["equity"]
    assert np.allclose(parts, accounts["total_assets"], atol=1_001)
    current = accounts["cash"] + accounts["inventory"] + accounts["receivables"]
    assert np.allclose(current, accounts["current_assets"], atol=2_001)
    delay = (accounts["known_on"] - accounts["period_end_on"]).dt.days
    assert delay.min() >= 90
    assert delay.median() > 180


def test_every_amount_is_a_whole_number_of_cents(portfolio):
    for name in ("invoices", "payments", "allocations", "write_offs", "orders"):
        amount = portfolio.tables[name]["amount"]
        assert (amount == (100 * amount).round() / 100).all(), name


def test_it_has_everything_a_credit_department_meets(portfolio):
    tables = portfolio.tables
    assert set(tables["write_offs"]["reason"]) == {"bad_debt", "commercial", "discount", "small_balance"}
    assert set(tables["disputes"]["outcome"].dropna()) == {
        "rejected",
        "credited",
        "partly credited",
        "goodwill",
    }
    assert tables["disputes"]["outcome"].isna().any()
    assert set(tables["limits"]["limit_kind"]) == {"amount", "none", "zero"}
    assert set(tables["invoices"]["currency"]) == {"EUR", "GBP", "SEK", "USD"}
    assert tables["customers"]["parent_id"].notna().any()
    assert tables["orders"]["invoiced_on"].isna().any()
    parts = tables["allocations"].groupby("invoice_id").size()
    assert (parts > 1).any()
    share = tables["invoices"].groupby("customer_id")["amount"].sum().sort_values(ascending=False)
    assert share.head(15).sum() > 0.2 * share.sum()  # a few large customers


@pytest.mark.parametrize(
    ("arguments", "clause"),
    [
        ({"customers": 1, "months": 12, "seed": 1}, "customers is 1"),
        ({"customers": 50, "months": 0, "seed": 1}, "months is 0"),
        ({"customers": 50, "months": 12, "seed": -1}, "seed is -1"),
        ({"customers": 50, "months": 12, "seed": 1, "shock": Shock(start_month=13)}, "month 13 of 12"),
        (
            {"customers": 50, "months": 12, "seed": 1, "shock": Shock(start_month=2, industry="mining")},
            "mining",
        ),
    ],
)
def test_arguments_that_make_no_sense_are_refused_with_a_hint(arguments, clause):
    with pytest.raises(InputError, match=clause):
        simulate_portfolio(**arguments)


@pytest.mark.parametrize(("customers", "months"), [(2, 1), (5, 3), (30, 13)])
def test_tiny_portfolios_work(customers, months):
    portfolio = simulate_portfolio(customers=customers, months=months, seed=3)
    assert len(portfolio.tables["customers"]) >= customers or months < 12
