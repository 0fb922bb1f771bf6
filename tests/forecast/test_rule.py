"""The rule: due date plus the customer's median delay."""

import pandas as pd
import pytest

from arrisk.forecast.receipts import Horizon
from arrisk.forecast.rule import forecast_by_rule
from arrisk.frames import NEVER

HORIZON = Horizon(1000, 4)
PAST = pd.DataFrame(
    {
        "customer_id": ["A", "A", "A", "B", "B", "A"],
        "due_day": [900] * 6,
        "ended_day": [901, 907, 960, 900, NEVER, 901],
        "cause": ["paid", "paid", "paid", "paid", "", "written_off"],
    }
)


@pytest.mark.parametrize(
    ("customer", "due", "week"),
    [
        ("A", 999, 0),  # median 7: day 1006
        ("A", 1000, 1),
        ("B", 1007, 1),  # paid on its due date
        ("new", 1002, 0),  # the book's median: 4 days, rounded to even from 3.5
        ("new", 1003, 1),
        ("A", 500, 0),  # long ago: week 1
        ("B", 1028, None),
    ],
)
def test_an_invoice_is_expected_after_its_customers_median_delay(customer, due, week):
    items = pd.DataFrame({"customer_id": [customer], "due_day": [due], "open_amount": [100]})
    expected = [100.0 if place == week else 0.0 for place in range(4)]
    assert forecast_by_rule(items, PAST, horizon=HORIZON).tolist() == expected


def test_without_a_paid_invoice_everything_is_expected_when_due():
    items = pd.DataFrame({"customer_id": ["A"], "due_day": [1007], "open_amount": [100]})
    assert forecast_by_rule(items, PAST.iloc[:0], horizon=HORIZON).tolist() == [0.0, 100.0, 0.0, 0.0]
