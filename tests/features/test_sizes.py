"""Sizes that limits are decided on: figures as of the day, the parent's accounts, groups, and the limit that held."""

import numpy as np
import pandas as pd
import pytest

from arrisk.features.sizes import find_groups, read_current_limits, read_sizes
from arrisk.frames import day_of
from arrisk.policy import load_policy
from tests.books import book_of, customer, invoice

POLICY = load_policy()
FIGURES = {
    "revenue": 2000,
    "total_assets": 1000,
    "current_assets": 450,
    "current_liabilities": 250,
    "equity": 400,
}
EURO = [{"currency": "EUR", "rate_on": "2024-01-01", "rate": 2}]


def accounts(customer_id="A", *, year=2023, **more):
    """Give the accounts of a calendar year, published on 1 May of the next."""
    period = {"period_end_on": f"{year}-12-31", "known_on": f"{year + 1}-05-01"}
    return {"customer_id": customer_id, **period, **FIGURES, **more}


def application(application_id="R1", **more):
    usual = {"customer_id": "A", "applied_on": "2024-01-01", "expected_monthly_sales": "500"}
    return {"application_id": application_id, "requested_terms_days": 45, **usual, **more}


def limit(**more):
    """Give a limit of 5,000 from 1 January 2024."""
    return {"customer_id": "A", "limit_amount": "5000", "valid_from_on": "2024-01-01", **more}


def book_beside(*, customers=None, **tables):
    """Give a book of customers who buy nothing: the only invoice is another's."""
    customers = [customer()] if customers is None else customers
    return book_of(customers=[*customers, customer("Z")], invoices=[invoice(customer_id="Z")], **tables)


def ask(*days, customer_id="A"):
    return pd.DataFrame({"customer_id": customer_id, "as_of_day": [day_of(day) for day in days]})


def sizes_of(book, *days, customer_id="A"):
    return read_sizes(book, ask(*days, customer_id=customer_id), policy=POLICY)


def test_sizes_are_those_of_the_newest_accounts_from_the_day_after_they_are_known():
    book = book_beside(financials=[accounts(year=2022, equity=300, revenue=1500), accounts()])
    found = sizes_of(book, "2023-05-01", "2023-05-02", "2024-05-01", "2024-05-02")
    np.testing.assert_array_equal(found["net_worth_amount"], [np.nan, 300, 300, 400])
    np.testing.assert_array_equal(found["turnover_amount"], [np.nan, 1500, 1500, 2000])
    np.testing.assert_array_equal(found["working_capital_amount"], [np.nan, 200, 200, 200])


def test_net_worth_is_without_what_cannot_be_touched_and_may_be_negative():
    book = book_beside(financials=[accounts(intangible_assets=450)])
    assert sizes_of(book, "2024-06-01")["net_worth_amount"].tolist() == [-50]


def test_what_accounts_leave_out_is_not_known_rather_than_nothing():
    book = book_beside(financials=[accounts(equity=None, current_assets=None)])
    found = sizes_of(book, "2024-06-01").iloc[0]
    assert np.isnan(found[["net_worth_amount", "working_capital_amount"]].to_numpy(dtype="float64")).all()
    assert found["turnover_amount"] == 2000


def test_sizes_are_in_book_currency_and_not_known_without_a_rate():
    priced, unpriced = (book_beside(financials=[accounts(currency="EUR")], rates=rates) for rates in (EURO, []))
    assert sizes_of(priced, "2024-06-01")["turnover_amount"].tolist() == [4000]
    assert sizes_of(unpriced, "2024-06-01")["turnover_amount"].isna().all()


def test_a_parents_accounts_stand_in_until_the_firm_has_its_own():
    own = accounts(period_end_on="2024-09-30", known_on="2024-11-01", equity=40)
    book = book_beside(customers=[customer("P"), customer("A", parent_id="P")], financials=[accounts("P"), own])
    found = sizes_of(book, "2024-05-01", "2024-05-02", "2024-11-02")
    np.testing.assert_array_equal(found["net_worth_amount"], [np.nan, 400, 40])


def test_cover_is_valid_security_after_the_haircut_of_its_kind():
    deposit = {"collateral_id": "S1", "customer_id": "A", "kind": "deposit", "amount": "50"}
    valid = {"valid_from_on": "2024-01-01", "valid_to_on": "2024-06-30"}
    lien = {**deposit, "collateral_id": "S2", "kind": "lien", "amount": "100", "valid_from_on": "2024-03-01"}
    book = book_beside(collateral=[{**deposit, **valid}, lien])
    found = sizes_of(book, "2024-01-01", "2024-02-01", "2024-04-01", "2024-08-01")
    haircut = POLICY.collateral.lien
    assert found["cover_amount"].tolist() == pytest.approx([0, 50, 50 + haircut * 100, haircut * 100])


def test_the_newest_application_says_what_is_expected():
    second = application("R2", applied_on="2024-03-01", expected_monthly_sales="800", requested_terms_days=None)
    book = book_beside(applications=[application(), second])
    found = sizes_of(book, "2024-01-01", "2024-01-02", "2024-03-02")
    np.testing.assert_array_equal(found["expected_monthly_amount"], [np.nan, 500, 800])
    np.testing.assert_array_equal(found["requested_terms_days"], [np.nan, 45, np.nan])


def test_a_book_of_nothing_but_invoices_has_no_sizes_and_no_cover():
    found = sizes_of(book_beside(), "2024-06-01")
    assert found["cover_amount"].tolist() == [0]
    assert found.drop(columns="cover_amount").isna().all(axis=None)


def test_a_group_is_named_after_its_head_over_two_levels():
    firms = [
        customer("H"),
        customer("M", parent_id="H"),
        customer("A", parent_id="M"),
        customer("B", parent_id="H"),
        customer("L"),
    ]
    book = book_beside(customers=firms)
    asked = pd.Series(["A", "B", "H", "L", "M"], index=[5, 6, 7, 8, 9])
    found = find_groups(book["customers"], asked, as_of_day=day_of("2024-06-01"))
    assert found.fillna("").to_dict() == {5: "H", 6: "H", 7: "H", 8: "", 9: "H"}


def test_a_group_counts_from_the_day_after_the_parent_is_known():
    firms = [customer("H"), customer("A", known_on="2023-01-01"), customer("A", known_on="2024-06-01", parent_id="H")]
    customers = book_beside(customers=firms)["customers"]
    days = [day_of(day) for day in ("2024-06-01", "2024-06-02")]
    found = [find_groups(customers, pd.Series(["A"]), as_of_day=day).fillna("").tolist() for day in days]
    assert found == [[""], ["H"]]


def test_firms_that_own_each_other_end_somewhere():
    firms = [customer("A", parent_id="B"), customer("B", parent_id="A")]
    found = find_groups(
        book_beside(customers=firms)["customers"], pd.Series(["A", "B"]), as_of_day=day_of("2024-06-01")
    )
    assert found.isin(["A", "B"]).all()


def test_a_limit_holds_while_it_is_valid_and_an_expired_one_is_none_at_all():
    limits = [limit(valid_to_on="2024-06-30"), limit(limit_amount="7000", valid_from_on="2024-09-01")]
    found = read_current_limits(book_beside(limits=limits), ask("2024-01-01", "2024-06-30", "2024-07-01", "2024-09-02"))
    np.testing.assert_array_equal(found["current_limit"], [np.nan, 5000, np.nan, 7000])
    assert found["current_limit_kind"].fillna("").tolist() == ["", "amount", "", "amount"]


def test_a_limit_of_zero_and_one_without_a_bound_have_no_amount():
    limits = [
        limit(limit_kind="none", limit_amount=None),
        limit(limit_kind="zero", limit_amount=None, valid_from_on="2024-03-01"),
    ]
    found = read_current_limits(book_beside(limits=limits), ask("2024-02-01", "2024-04-01"))
    assert found["current_limit_kind"].tolist() == ["none", "zero"]
    assert found["current_limit"].isna().all()


def test_a_limit_in_another_currency_is_read_in_book_currency():
    found = read_current_limits(book_beside(limits=[limit(currency="EUR")], rates=EURO), ask("2024-02-01"))
    assert found["current_limit"].tolist() == [10_000]


def test_a_book_without_limits_has_none():
    found = read_current_limits(book_beside(), ask("2024-02-01", "2024-03-01"))
    assert len(found) == 2
    assert found.isna().all(axis=None)
