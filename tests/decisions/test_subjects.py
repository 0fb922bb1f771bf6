"""The customers that are decided on: expected purchases, terms, sizes, limits and groups, one row each."""

import numpy as np
import pandas as pd
import pytest

from arrisk.decisions.subjects import describe_subjects
from arrisk.frames import day_of
from arrisk.policy import load_policy
from tests.books import book_of, customer, invoice

POLICY = load_policy()
TODAY = day_of("2024-07-01")
KNOWN = {
    "data_depth": 3.0,
    "days_since_first_invoice": 730.0,
    "invoiced_amount_365": 12_000.0,
    "invoiced_amount_90": 3_000.0,
    "mean_invoice_amount": 400.0,
    "mean_terms_days": 30.0,
    "payments_amount_365": 11_000.0,
    "open_amount": 900.0,
    "open_orders_amount": 50.0,
}
NEW = dict.fromkeys(KNOWN, np.nan) | {"data_depth": 1.0}
APPLIED = {
    "application_id": "R1",
    "customer_id": "A",
    "applied_on": "2024-06-01",
    "expected_monthly_sales": "2500",
    "requested_terms_days": 60,
}
RISK = {
    "p_default_12m": 0.02,
    "p_limit": 0.03,
    "lgd": 0.5,
    "grade": "4",
    "grade_rank": 3,
    "in_default": False,
    "is_told_apart": True,
}


def describe(*known, customers=(), **tables):
    """Describe customers A, B, ... of whom this is known."""
    ids = [chr(ord("A") + place) for place in range(len(known))]
    named = [str(row["customer_id"]) for row in customers]
    rows = [*customers, *(customer(own) for own in ids if own not in named), customer("Z")]
    book = book_of(customers=rows, invoices=[invoice(customer_id="Z")], **tables)
    questions = pd.DataFrame({"customer_id": ids, "as_of_day": TODAY})
    risks = pd.DataFrame([RISK] * len(ids))
    return describe_subjects(book, questions, pd.DataFrame([KNOWN | one for one in known]), risks, policy=POLICY)


@pytest.mark.parametrize(
    ("changed", "monthly"),
    [
        ({}, 1_000),
        ({"invoiced_amount_90": 6_000.0}, 2_000),
        ({"invoiced_amount_365": 36_000.0}, 3_000),
        ({"days_since_first_invoice": 30.4375, "invoiced_amount_365": 700.0, "invoiced_amount_90": 700.0}, 700),
        ({"days_since_first_invoice": 5.0, "invoiced_amount_365": 700.0, "invoiced_amount_90": 700.0}, 700),
    ],
)
def test_a_months_purchases_are_the_larger_of_the_years_mean_and_the_last_quarters(changed, monthly):
    found = describe(changed).iloc[0]
    assert found["monthly_amount"] == pytest.approx(monthly)
    assert found["need_source"] == "invoices"


def test_who_never_bought_and_never_applied_has_no_known_need():
    found = describe(NEW).iloc[0]
    assert np.isnan(found["monthly_amount"])
    assert found["need_source"] == ""
    assert (found["terms_days"], found["open_amount"], found["orders_amount"]) == (30, 0, 0)


def test_an_applicant_is_known_by_what_it_applied_for():
    found = describe(NEW, applications=[APPLIED]).iloc[0]
    assert (found["monthly_amount"], found["need_source"], found["terms_days"]) == (2_500, "application", 60)


def test_an_application_counts_no_more_once_there_is_a_record():
    found = describe({}, applications=[APPLIED]).iloc[0]
    assert (found["monthly_amount"], found["need_source"], found["terms_days"]) == (1_000, "invoices", 30)


def test_what_is_known_already_stands_beside_the_risk():
    firms = [customer("H", industry="steel"), customer("B", name="Beech", parent_id="H", country="DE")]
    given = {"customer_id": "B", "limit_amount": "5000", "valid_from_on": "2024-01-01"}
    found = describe({}, {"data_depth": 5.0}, customers=firms, limits=[given])
    assert found["customer_id"].tolist() == ["A", "B"]
    assert found["depth"].tolist() == ["C", "A"]
    assert found["group"].fillna("").tolist() == ["", "H"]
    assert found.loc[1, ["name", "country", "current_limit"]].tolist() == ["Beech", "DE", 5000]
    assert found.loc[0, ["paid_year_amount", "open_amount", "orders_amount"]].tolist() == [11_000, 900, 50]
    assert found.loc[1, list(RISK)].to_dict() == RISK
