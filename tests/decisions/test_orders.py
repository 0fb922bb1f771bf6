"""Open orders: the exposure with each, what is overdue, the limit, and what may not be blocked."""

from datetime import date

import pandas as pd
import pytest

from arrisk.decisions.orders import PREPAID, REFUND, SHIPPED, describe_orders, list_orders
from tests import books

DAY = date(2024, 3, 1)


def describe(as_of=DAY, **tables):
    book = books.book_of(extract_end_on=date(2024, 6, 30), **tables)
    return describe_orders(book, list_orders(book, as_of=as_of), as_of=as_of).set_index("order_id")


def limit(**more):
    return {"customer_id": "A", "limit_amount": "200", "valid_from_on": "2024-01-01", **more}


def test_exposure_is_what_is_owed_with_what_was_ordered_before_and_the_order_itself():
    found = describe(
        invoices=[books.invoice(), books.credit_note(amount="10")],
        payments=[books.payment(amount="5")],
        orders=[
            books.order("O3", ordered_on="2024-02-20", amount="1"),
            books.order("O1", ordered_on="2024-02-01", amount="50"),
            books.order("O2", ordered_on="2024-02-10", amount="7"),
        ],
    )
    assert found["exposure_amount"].to_dict() == {"O1": 135.0, "O2": 142.0, "O3": 143.0}
    assert found["open_amount"].tolist() == [90.0] * 3


def test_what_was_shipped_counts_before_everything_and_is_not_checked():
    found = describe(
        invoices=[books.invoice()],
        orders=[books.order("O1"), books.order("O2", ordered_on="2024-02-20", amount="30", shipped_on="2024-02-25")],
    )
    assert found["exempt"].to_dict() == {"O1": "", "O2": SHIPPED}
    assert found.loc["O1", "exposure_amount"] == 180.0


def test_an_order_shipped_on_the_day_itself_was_not_known_to_be():
    found = describe(invoices=[books.invoice()], orders=[books.order(shipped_on="2024-03-01")])
    assert found["exempt"].tolist() == [""]


def test_a_refund_is_not_checked():
    assert describe(invoices=[books.invoice()], orders=[books.order(amount="-20")])["exempt"].tolist() == [REFUND]


@pytest.mark.parametrize(
    ("reference", "amount", "exempt"),
    [("for order O1.", "50", PREPAID), ("O1", "49.99", ""), ("O12", "50", ""), (None, "50", "")],
)
def test_an_order_is_prepaid_by_a_receipt_that_names_and_covers_it(reference, amount, exempt):
    receipt = books.payment(amount=amount, reference=reference)
    found = describe(invoices=[books.invoice()], payments=[receipt], orders=[books.order()])
    assert found["exempt"].tolist() == [exempt]


def test_an_order_is_prepaid_when_nothing_would_be_owed_with_it():
    receipt = books.payment(amount="150")
    found = describe(invoices=[books.invoice()], payments=[receipt], orders=[books.order("O1"), books.order("O2")])
    assert found["exempt"].tolist() == [PREPAID, ""]


def test_overdue_leaves_out_what_is_disputed():
    found = describe(
        invoices=[books.invoice(), books.invoice("I2", due_on="2024-02-20", amount="40")],
        disputes=[books.dispute(amount="100")],
        orders=[books.order()],
    ).iloc[0]
    assert (found["overdue_days"], found["overdue_amount"]) == (10, 40.0)
    assert (found["overdue_days_all"], found["overdue_amount_all"]) == (30, 140.0)


def test_a_limit_that_ended_is_none_and_says_when():
    orders = [books.order()]
    ended = describe(invoices=[books.invoice()], limits=[limit(valid_to_on="2024-02-15")], orders=orders).iloc[0]
    assert pd.isna(ended["limit_kind"])
    assert ended["limit_note"] == "the last one ended on 2024-02-15"
    valid = describe(invoices=[books.invoice()], limits=[limit()], orders=orders).iloc[0]
    assert (valid["limit_amount"], valid["limit_kind"]) == (200.0, "amount")
    assert describe(invoices=[books.invoice()], orders=orders)["limit_note"].tolist() == ["none was given"]


def test_amounts_of_other_currencies_are_added_at_the_newest_rate():
    found = describe(
        invoices=[books.invoice(currency="EUR")],
        orders=[books.order(currency="EUR")],
        rates=[{"currency": "EUR", "rate_on": "2024-01-01", "rate": "1.1"}],
    ).iloc[0]
    assert (found["amount"], found["exposure_amount"]) == (55.0, 165.0)


def test_a_group_is_found_by_its_head_though_that_is_no_customer():
    customers = [books.customer(parent_id="HOLDING")]
    found = describe(customers=customers, invoices=[books.invoice()], orders=[books.order()])
    assert found["group"].tolist() == ["HOLDING"]
