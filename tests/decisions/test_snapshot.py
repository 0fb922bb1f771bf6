"""Snapshots: one customer's own rows, its payments, its exposure over the months, the five C's."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from arrisk.decisions.snapshot import (
    group_five_cs,
    list_payments,
    make_plain,
    restrict_customer,
    trace_exposure,
)
from arrisk.ledger import sum_exposure
from arrisk.policy import load_policy
from tests import books

POLICY = load_policy()
DAY = date(2024, 4, 15)


@pytest.fixture
def book():
    return books.book_of(
        extract_end_on=date(2024, 6, 30),
        invoices=[
            books.invoice(),
            books.invoice("I2", issued_on="2024-02-01", due_on="2024-03-01", amount="40"),
            books.invoice("I3", issued_on="2024-04-01", due_on="2024-05-01", amount="7"),
            books.invoice("X", "B", amount="999"),
        ],
        payments=[books.payment(amount="105"), books.payment("P2", "B", amount="5")],
        allocations=[books.allocation(), books.allocation("P2", "X", amount="5")],
        orders=[books.order(ordered_on="2024-03-10"), books.order("O2", "B")],
        limits=[
            {"customer_id": "A", "limit_amount": "200", "valid_from_on": "2024-02-10"},
            {"customer_id": "A", "limit_kind": "zero", "valid_from_on": "2024-03-20"},
        ],
        disputes=[books.dispute("D1", "X")],
    )


def test_a_customers_book_has_its_own_rows_and_the_same_exposure(book):
    own = restrict_customer(book, "A")
    assert own["invoices"]["invoice_id"].tolist() == ["I1", "I2", "I3"]
    assert own["allocations"]["payment_id"].tolist() == ["P1"]
    assert not len(own["disputes"])
    whole = sum_exposure(book, as_of=DAY)
    pd.testing.assert_frame_equal(
        sum_exposure(own, as_of=DAY), whole.loc[whole["customer_id"] == "A"].reset_index(drop=True)
    )


def test_a_receipt_applied_to_anothers_invoice_does_not_look_unapplied():
    book = books.book_of(
        extract_end_on=date(2024, 6, 30),
        invoices=[books.invoice(), books.invoice("X", "B")],
        payments=[books.payment()],
        allocations=[books.allocation("P1", "X")],
    )
    own = restrict_customer(book, "A")
    assert sum_exposure(own, as_of=DAY)["unapplied_amount"].tolist() == [0]


def test_payments_are_those_due_with_days_late_so_far_where_open(book):
    found = list_payments(restrict_customer(book, "A"), as_of=DAY, policy=POLICY)
    assert found == [["2024-01-31", 10, 100.0, "paid"], ["2024-03-01", 45, 40.0, "open"]]


def test_exposure_is_traced_beside_the_limit_of_each_day(book):
    found = {row[0]: row[1:] for row in trace_exposure(restrict_customer(book, "A"), as_of=DAY)}
    assert list(found)[-1] == "2024-04-15"
    assert found["2024-01-01"] == [0.0, None]
    assert found["2024-02-01"] == [100.0, None]
    # 40 + what was paid beyond the first invoice, taken off.
    assert found["2024-03-01"] == [35.0, 200.0]
    assert found["2024-04-15"] == [92.0, 0.0]


def test_points_of_the_five_cs_are_the_reasons_on_the_scale_of_the_grades():
    features = {"mean_days_late": 9.0, "leverage": np.nan, "attribute_score": 3.0}
    reasons = [
        {"feature": "mean_days_late", "contribution": np.log(2.0), "text": "pays late"},
        {"feature": "attribute_score", "contribution": -2 * np.log(2.0), "text": "a good score"},
    ]
    found = group_five_cs(features, reasons, POLICY)
    # 20 points double the odds.
    assert found["character"]["points"] == pytest.approx(-20.0 + 40.0)
    assert (found["character"]["known"], found["character"]["asked"]) == (2, 2)
    assert [fact["text"] for fact in found["character"]["facts"]] == ["pays late", "a good score"]
    assert (found["capital"]["known"], found["capital"]["asked"], found["capital"]["points"]) == (0, 1, 0.0)


def test_without_reasons_the_most_telling_of_what_is_known_speaks():
    features = {"leverage": 0.62, "altman_z1": np.nan}
    assert [fact["text"] for fact in group_five_cs(features, [], POLICY)["capital"]["facts"]] == [
        "debt is 62% of its assets"
    ]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float64("nan"), None),
        (np.inf, None),
        (np.int64(3), 3),
        (pd.NaT, None),
        (pd.Timestamp("2024-01-02"), "2024-01-02"),
        (pd.NA, None),
        (np.True_, True),
        ("x", "x"),
    ],
)
def test_whatever_a_frame_holds_becomes_json(value, plain):
    assert make_plain(value) == plain
    json.dumps(make_plain(value), allow_nan=False)
