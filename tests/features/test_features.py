"""Single features on hand-made books: what an analyst would say of them."""

import numpy as np
import pandas as pd
import pytest

from arrisk.errors import CurrencyError
from arrisk.features import build_features, iterate_features, questions_at_issue, questions_on
from arrisk.frames import day_of
from arrisk.policy import load_policy
from tests.books import allocation, book_of, credit_note, customer, dispute, invoice, order, payment, write_off

POLICY = load_policy()


def ask(book, day: str, **more) -> pd.Series:
    """Give the features of customer A as of a day."""
    question = pd.DataFrame({"customer_id": ["A"], "as_of_day": [day_of(day)]})
    return build_features(book, question, policy=POLICY, **more).iloc[0]


def test_a_receipt_booked_late_is_not_seen_before_and_settles_on_its_own_day_after():
    book = book_of(
        invoices=[invoice()],
        payments=[payment(known_on="2024-02-20")],
        allocations=[allocation(known_on="2024-02-20")],
    )
    before, after = ask(book, "2024-02-15"), ask(book, "2024-02-25")
    assert (before["open_amount"], before["overdue_count"], before["settled_count"]) == (100, 1, 0)
    assert (after["open_amount"], after["settled_count"], after["last_days_late"]) == (0, 1, 10)


def test_a_reversed_receipt_opens_the_invoice_again():
    book = book_of(
        invoices=[invoice()],
        payments=[payment()],
        allocations=[allocation(), allocation(amount="-100", applied_on="2024-03-01")],
    )
    assert ask(book, "2024-02-20")["last_days_late"] == 10
    again = ask(book, "2024-03-02")
    assert (again["open_amount"], again["settled_count"], again["oldest_overdue_days"]) == (100, 0, 31)
    assert np.isnan(again["last_days_late"])


def test_a_correction_replaces_the_row_from_the_day_it_is_known():
    book = book_of(invoices=[invoice(), invoice(amount="40", due_on="2024-02-29", known_on="2024-02-05")])
    assert ask(book, "2024-02-05")[["open_amount", "overdue_amount"]].tolist() == [100, 100]
    assert ask(book, "2024-02-06")[["open_amount", "overdue_amount"]].tolist() == [40, 0]


def test_windows_hold_an_event_of_their_last_day_and_not_one_before():
    book = book_of(invoices=[invoice(settled_on="2024-01-31")])
    assert ask(book, "2024-04-30")["settled_count_90"] == 1
    assert ask(book, "2024-05-01")["settled_count_90"] == 0
    assert ask(book, "2024-05-01")["settled_count"] == 1


def test_an_invoice_due_today_is_not_overdue_and_a_receipt_of_today_is_not_known():
    book = book_of(invoices=[invoice(settled_on="2024-01-31")])
    today = ask(book, "2024-01-31")
    assert (today["open_count"], today["overdue_count"], today["settled_count"]) == (1, 0, 0)


def test_utilisation_follows_the_limit_that_is_valid():
    limits = [
        {"customer_id": "A", "limit_amount": "400", "valid_from_on": "2024-01-01", "valid_to_on": "2024-02-29"},
        {"customer_id": "A", "limit_kind": "zero", "valid_from_on": "2024-04-01"},
    ]
    book = book_of(invoices=[invoice()], limits=limits)
    assert ask(book, "2024-02-10")["limit_utilisation"] == 0.25
    assert np.isnan(ask(book, "2024-03-10")["limit_amount"])
    assert ask(book, "2024-05-01")["limit_amount"] == 0
    assert np.isnan(ask(book, "2024-05-01")["limit_utilisation"])


def test_a_customer_without_a_limit_uses_none_of_it():
    limits = [{"customer_id": "A", "limit_kind": "none", "limit_amount": "1", "valid_from_on": "2024-01-01"}]
    assert np.isnan(ask(book_of(invoices=[invoice()], limits=limits), "2024-02-10")["limit_amount"])


def test_a_group_owes_what_its_members_owe():
    book = book_of(
        customers=[customer("A", parent_id="G"), customer("B", parent_id="G"), customer("C")],
        invoices=[invoice(), invoice("I2", "B", amount="50"), invoice("I3", "C", amount="7")],
    )
    assert ask(book, "2024-02-10")["group_open_amount"] == 150


def test_a_late_rate_of_few_invoices_leans_on_the_books():
    invoices = [invoice(f"I{n}", "B", settled_on="2024-01-20") for n in range(8)] + [invoice("late", "A")]
    late = ask(book_of(invoices=invoices), "2024-03-01")["late_share_shrunk"]
    assert late == pytest.approx((1 + 5 * 1 / 9) / (1 + 5))


def test_disputes_orders_and_write_offs_end_on_their_own_days():
    book = book_of(
        invoices=[invoice()],
        disputes=[dispute(resolved_on="2024-02-20", outcome="upheld", amount="30")],
        orders=[order(shipped_on="2024-02-10", invoiced_on="2024-02-20")],
        write_offs=[write_off(amount="60")],
    )
    day = ask(book, "2024-02-15")
    assert day[["open_disputes_amount", "open_orders_amount", "shipped_orders_amount"]].tolist() == [30, 50, 50]
    later = ask(book, "2024-06-02")
    assert later[["open_disputes_count", "open_orders_count", "written_off_amount"]].tolist() == [0, 0, 60]
    assert (later["mean_resolution_days"], later["upheld_share"], later["open_amount"]) == (15, 1, 40)


def test_credit_notes_are_no_invoices():
    book = book_of(invoices=[invoice(), credit_note(amount="25")])
    built = ask(book, "2024-02-10")
    assert built[["invoices_count", "open_amount", "open_credits_amount"]].tolist() == [1, 100, 25]
    assert built["credit_share_365"] == 0.25


def test_foreign_amounts_are_taken_at_the_rate_known_before_the_invoice():
    rates = [
        {"currency": "JPY", "rate_on": "2023-12-31", "rate": "0.01"},
        {"currency": "JPY", "rate_on": "2024-01-01", "rate": "9"},
    ]
    book = book_of(invoices=[invoice(amount="5000", currency="JPY"), invoice("I2", amount="1.50")], rates=rates)
    assert ask(book, "2024-02-10")["open_amount"] == 51.5
    assert ask(book, "2024-02-10", currency="JPY")["open_amount"] == 5000


def test_a_foreign_amount_without_a_rate_says_which_pair_is_missing():
    book = book_of(invoices=[invoice(), invoice("I2", currency="CAD")])
    with pytest.raises(CurrencyError, match="CAD/USD"):
        ask(book, "2024-02-10")
    # Before it was known it could not be added to anything.
    assert ask(book, "2024-01-01")["open_amount"] == 0


def test_at_issue_the_invoice_brings_its_own_facts_and_the_master_row_of_the_day():
    book = book_of(
        customers=[customer(employees="7", known_on="2024-01-01")],
        invoices=[invoice(), invoice(amount="40", known_on="2024-03-01")],
    )
    questions = questions_at_issue(book)
    built = build_features(book, questions, policy=POLICY).iloc[0]
    assert len(questions) == 1
    assert built[["invoice_amount", "terms_days", "employees", "invoices_count", "issue_month"]].tolist() == [
        100,
        30,
        7,
        0,
        1,
    ]
    assert (built["due_weekday"], built["due_at_month_end"]) == (2, 1)
    strict = build_features(book, questions_on(book, as_of_day=day_of("2024-01-01")), policy=POLICY)
    assert strict.empty


def ask_due(book, day: str, due_on: str, **more: object) -> pd.Series:
    """Give the features of an invoice of 99 of customer A that falls due on a day."""
    own = {"amount": 9900, "currency": "USD", "issued_day": day_of(day), "due_day": day_of(due_on), **more}
    question = pd.DataFrame({"customer_id": ["A"], "as_of_day": [day_of(day)]}).assign(**own)
    return build_features(book, question, policy=POLICY).iloc[0]


def test_one_extreme_payment_hardly_moves_the_clipped_mean_and_a_share_beyond_a_day_is_strict():
    settled = ("2024-02-10", "2024-05-31")
    book = book_of(invoices=[invoice(f"I{n}", settled_on=day) for n, day in enumerate(settled)])
    built = ask(book, "2024-06-01")
    assert built[["clipped_days_late_365", "mean_days_late_365"]].tolist() == [(10 + 60) / 2, (10 + 121) / 2]
    assert built[["paid_after_10_share_365", "paid_after_4_share_365", "late_90_count"]].tolist() == [0.5, 1, 1]


def test_an_open_invoice_is_due_soon_from_five_days_before_its_due_day():
    book = book_of(invoices=[invoice()])
    names = ["due_soon_count", "due_soon_amount"]
    assert ask(book, "2024-01-25")[names].tolist() == [0, 0]
    assert ask(book, "2024-01-26")[names].tolist() == [1, 100]
    assert ask(book, "2024-03-26")[names].tolist() == [1, 100]


def test_an_invoices_size_is_its_logarithm_against_the_customers_usual_one():
    book = book_of(invoices=[invoice(amount="9"), invoice("I2", amount="999")])
    assert ask_due(book, "2024-02-01", "2024-03-01")["invoice_size_log_ratio"] == pytest.approx(0, abs=1e-6)
    assert np.isnan(ask_due(book, "2024-01-01", "2024-03-01")["invoice_size_log_ratio"])


def test_an_invoice_says_whether_it_offers_a_cash_discount():
    book = book_of(invoices=[invoice(terms="2/10 NET30"), invoice("I2", terms="NET30"), invoice("I3")])
    built = build_features(book, questions_at_issue(book), policy=POLICY)
    np.testing.assert_array_equal(built["discount_offered"], [1, 0, np.nan])
    assert built[["due_month", "due_day_of_month"]].iloc[0].tolist() == [1, 31]
    # A question without the terms, or about a customer, cannot know.
    assert np.isnan(ask_due(book, "2024-01-01", "2024-01-31")["discount_offered"])


def test_piece_by_piece_gives_what_the_whole_gives():
    book = book_of(invoices=[invoice(f"I{n}", "ABC"[n % 3], settled_on="2024-02-10") for n in range(9)])
    questions = questions_at_issue(book).assign(as_of_day=day_of("2024-03-01"))
    whole = build_features(book, questions, policy=POLICY)
    pieces = list(iterate_features(book, questions, policy=POLICY))
    rows = np.concatenate([rows for rows, _ in pieces])
    assert sorted(rows) == list(range(9))
    pd.testing.assert_frame_equal(
        pd.concat([frame for _, frame in pieces], ignore_index=True), whole.iloc[rows].reset_index(drop=True)
    )
