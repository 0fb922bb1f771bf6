"""Reconciliation: balances of every day agree with the ledger, and each kind of difference is explained."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from arrisk.errors import BookError
from arrisk.ledger import list_open_items, list_unapplied
from arrisk.ledger.reconcile import MEANINGS, reconcile_control
from tests.books import allocation, book_of, credit_note, invoice, payment, write_off
from tests.ledger.random_books import FIRST, SEEDS, random_book, random_days

DAYS = ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30"]


def control_of(*amounts, days=DAYS, **more):
    return pd.DataFrame({"day": days[: len(amounts)], "amount": amounts, **more})


def balances_of(book, days=DAYS):
    """Give the open balance at the end of days, in major units, as the ledger knew it."""
    after = [date.fromisoformat(day) + timedelta(days=1) for day in days]
    return [list_open_items(book, as_of=day)["open_amount"].sum() / 100 for day in after]


def parts_of(book, control):
    result = reconcile_control(book, control)
    days = result.days
    assert (days["explained_amount"] + days["unexplained_amount"] == days["difference_amount"]).all()
    assert set(result.parts["reason"]) <= set(MEANINGS)
    columns = ["day", "reason", "category", "item_ids", "amount"]
    parts = result.parts.assign(day=result.parts["day"].dt.strftime("%m-%d"))[columns]
    return [tuple(row) for row in parts.itertuples(index=False)], days["unexplained_amount"].tolist()


@pytest.mark.slow
@settings(max_examples=8)
@given(SEEDS)
def test_the_balance_of_every_day_is_that_of_the_open_items(seed):
    book = random_book(seed)
    days = random_days(seed, 5)
    table = reconcile_control(book, control_of(*([0] * len(days)), days=days)).days
    for at, day in enumerate(days):
        evening = day + timedelta(days=1)
        assert table["ledger_amount"].iloc[at] == list_open_items(book, as_of=evening)["open_amount"].sum()
        unapplied = list_unapplied(book, as_of=evening)["unapplied_amount"].sum()
        assert table["unapplied_amount"].iloc[at] == unapplied


@pytest.mark.slow
@settings(max_examples=8)
@given(SEEDS)
def test_every_difference_is_the_sum_of_its_parts_and_the_rest(seed):
    book, rng = random_book(seed), np.random.default_rng(seed)
    days = [FIRST + timedelta(days=30 * step) for step in range(7)]
    control = control_of(*(rng.integers(-50_000, 50_000, len(days)) / 100), days=days)
    result = reconcile_control(book, control)
    days_table = result.days
    difference = days_table["control_amount"] - days_table["ledger_amount"]
    assert (difference == days_table["difference_amount"]).all()
    sums = result.parts.groupby("day")["amount"].sum().reindex(days_table["day"], fill_value=0)
    assert (sums.to_numpy() + days_table["unexplained_amount"].to_numpy() == difference.to_numpy()).all()


def test_an_account_that_agrees_has_no_difference():
    book = book_of(
        invoices=[invoice(), invoice("I2"), credit_note(amount="5")],
        payments=[payment()],
        allocations=[allocation(), allocation("N1", "I2", amount="5")],
        write_offs=[write_off("I2", amount="20")],
    )
    assert balances_of(book) == [195, 95, 95, 95, 95, 75]
    parts, left = parts_of(book, control_of(*balances_of(book)))
    assert (parts, left) == ([], [0] * 6)


def test_an_account_that_nets_unapplied_receipts_differs_by_them():
    book = book_of(
        invoices=[invoice(amount="1000")],
        payments=[payment(amount="60"), payment("P2", amount="25", paid_on="2024-03-05")],
        allocations=[allocation(amount="60", applied_on="2024-04-02")],
    )
    parts, left = parts_of(book, control_of(1000, 940, 915, 915))
    assert parts == [
        ("02-29", "unapplied", "receipt", "P1", -6_000),
        ("03-31", "unapplied", "receipt", "P1, P2", -8_500),
        ("04-30", "unapplied", "receipt", "P2", -2_500),
    ]
    assert left == [0, 0, 0, 0]


def test_what_the_ledger_booked_late_is_listed_by_kind():
    book = book_of(
        invoices=[
            invoice("I1", amount="10"),
            invoice("I2", amount="20", issued_on="2024-01-30", known_on="2024-02-02"),
            invoice("I3", amount="30", issued_on="2024-02-28", known_on="2024-03-02"),
            invoice("I4", amount="40", issued_on="2024-02-28", known_on="2024-03-02"),
        ],
        payments=[payment(amount="10", paid_on="2024-03-30", known_on="2024-04-02")],
        allocations=[allocation(amount="10", applied_on="2024-03-30", known_on="2024-04-02")],
    )
    assert balances_of(book) == [10, 30, 100, 90, 90, 90]
    parts, left = parts_of(book, control_of(30, 100, 90, 90, 90, 90))
    assert parts == [
        ("01-31", "booked_late", "invoice", "I2", 2_000),
        ("02-29", "booked_late", "invoice", "I4, I3", 7_000),
        ("03-31", "booked_late", "receipt", "P1", -1_000),
    ]
    assert not any(left)


def test_one_late_item_among_others_is_found_and_goes_again():
    late = {"issued_on": "2024-01-30", "known_on": "2024-02-02"}
    book = book_of(invoices=[invoice(), invoice("I2", amount="20", **late), invoice("I3", amount="31", **late)])
    parts, left = parts_of(book, control_of(131, 151))
    assert parts == [("01-31", "booked_late", "invoice", "I3", 3_100)]
    assert left == [0, 0]


MANY = [
    invoice(f"I{number}", amount=f"{amount}", issued_on=issued)
    for number, (amount, issued) in enumerate(
        [(101, "2024-01-05"), (57.3, "2024-02-05"), (213.77, "2024-02-06"), (11.11, "2024-03-05")]
    )
]


@pytest.mark.parametrize(
    ("shifts", "expected"),
    [
        ([0, -57.30, -57.30], [("not_in_control", "I1", -5_730)]),
        ([0, 213.77, 213.77], [("twice_in_control", "I2", 21_377)]),
        ([0, -271.07, -271.07], [("not_in_control", "I1", -5_730), ("not_in_control", "I2", -21_377)]),
    ],
)
def test_items_whose_amount_is_the_difference_are_named_on_every_day_it_lasts(shifts, expected):
    book = book_of(invoices=MANY)
    amounts = [balance + shift for balance, shift in zip(balances_of(book, DAYS[:3]), shifts, strict=True)]
    parts, left = parts_of(book, control_of(*amounts))
    assert left == [0, 0, 0]
    assert parts == [
        (day, reason, "invoice", item, amount) for day in ("02-29", "03-31") for reason, item, amount in expected
    ]


def test_an_error_of_the_account_that_nothing_explains_is_left_over():
    book = book_of(invoices=MANY)
    shifts = np.array([0.04, 0.04 - 57.30, 0.04 - 57.30])
    amounts = np.round(balances_of(book, DAYS[:3]) + shifts, 2)
    parts, left = parts_of(book, control_of(*amounts))
    assert [part[1:4] for part in parts] == 2 * [("not_in_control", "invoice", "I1")]
    assert left == [4, 4, 4]


def test_a_pair_that_chance_would_find_as_well_is_no_explanation():
    rng = np.random.default_rng(3)
    amounts = rng.choice(np.arange(1_000, 9_000), 150, replace=False)
    many = [invoice(f"I{number}", amount=f"{minor / 100:.2f}") for number, minor in enumerate(amounts)]
    book = book_of(invoices=many)
    of_two = int(amounts[3] + amounts[77])
    assert of_two not in amounts
    parts, left = parts_of(book, control_of(balances_of(book, DAYS[:1])[0] - of_two / 100))
    assert (parts, left) == ([], [-of_two])


def test_an_invoice_entered_twice_in_the_ledger_is_called_a_duplicate():
    again = {"amount": "57.3", "issued_on": "2024-02-05", "known_on": "2024-02-07"}
    book = book_of(invoices=[*MANY, invoice("I1-bis", **again)])
    parts, left = parts_of(book, control_of(101, 372.07))
    assert parts == [("02-29", "duplicate_in_ledger", "invoice", "I1-bis", -5_730)]
    assert left == [0, 0]


def test_write_offs_that_the_account_lacks_are_one_explanation():
    lost = [write_off("I0", amount="1"), write_off("I1", amount="2.5", written_off_on="2024-04-05")]
    book = book_of(invoices=MANY, write_offs=lost)
    parts, left = parts_of(book, control_of(101, 372.07, 383.18, 383.18, 383.18, 383.18))
    assert parts == [
        ("04-30", "not_written_off", "write_off", "I1", 250),
        ("05-31", "not_written_off", "write_off", "I1", 250),
        ("06-30", "not_written_off", "write_off", "I1, I0", 350),
    ]
    assert not any(left)


def test_currencies_are_compared_apart_and_the_missing_one_is_named():
    book = book_of(invoices=[invoice(), invoice("I2", currency="CAD"), invoice("I3", currency="JPY")])
    control = control_of(100, 99, days=["2024-01-31"] * 2, currency=["USD", "CAD"])
    result = reconcile_control(book, control)
    assert result.days[["currency", "difference_amount"]].to_numpy().tolist() == [["CAD", -100], ["USD", 0]]
    assert result.notes == ("the ledger has items in JPY, the control account has no balance in JPY",)


def test_a_missing_currency_stands_for_that_of_the_book():
    result = reconcile_control(book_of(invoices=[invoice()], currency="EUR"), control_of("100.00"))
    assert result.days[["currency", "difference_amount"]].to_numpy().tolist() == [["EUR", 0]]


@pytest.mark.parametrize(
    ("control", "message"),
    [
        (pd.DataFrame({"day": ["2024-01-31"], "amuont": [1]}), "'amount' is missing .*did you mean 'amuont'"),
        (pd.DataFrame({"day": [], "amount": []}), "no balance"),
        (control_of("1", days=["31.01.2024"]), "'31.01.2024' is not a date .*row 1, day"),
        (control_of("1", "1,5"), "'1,5' is not an amount .*row 2, amount"),
        (control_of("1", "2", days=["2024-01-31"] * 2), "'2024-01-31' stands twice .*row 2"),
    ],
)
def test_a_control_file_with_a_mistake_is_refused_with_its_place(control, message):
    with pytest.raises(BookError, match=message):
        reconcile_control(book_of(invoices=[invoice()]), control)
