"""Closes of small and of random books: what moves where, and that everything ties to the cent."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings

from arrisk.allowance.closes.document import Period, describe_close, write_document
from arrisk.allowance.closes.journal import list_journal
from arrisk.allowance.closes.states import Close, State
from arrisk.allowance.estimates import sum_rows
from arrisk.errors import CurrencyError, InputError
from arrisk.frames import day_of
from arrisk.ledger.ageing import age_ledger
from tests.allowance.given import POLICY, close_of, given_allowance
from tests.books import allocation, book_of, credit_note, invoice, payment, write_off
from tests.ledger.random_books import FIRST, SEEDS, random_book, random_days

FEB, MAR, APR = date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)


def movement_of(close):
    return {name: amount for name, amount in close.document["movement"].items() if amount}


def receivables_of(close):
    return {name: amount for name, amount in close.document["receivables"].items() if amount}


def recovery(invoice_id="I1", **more):
    return {"invoice_id": invoice_id, "recovered_on": "2024-04-10", "amount": "20", **more}


def test_the_first_close_charges_the_whole_allowance_and_says_so():
    close = close_of(book_of(invoices=[invoice(issued_on="2024-03-05", due_on="2024-04-04")]), MAR)
    assert movement_of(close) == {"charge": 1_000, "closing": 1_000}
    assert receivables_of(close) == {"sales": 10_000, "closing": 10_000}
    assert "the whole allowance is charged" in close.document["notes"][0]


def test_an_opening_that_is_given_is_carried():
    book = book_of(invoices=[invoice(amount="100")], write_offs=[write_off(written_off_on="2024-03-20", amount="30")])
    close = close_of(book, MAR, opening=4_000)
    # 50 % of the 70.00 that is still open and late.
    assert movement_of(close) == {"opening": 4_000, "write_offs": 3_000, "charge": 2_500, "closing": 3_500}
    assert receivables_of(close) == {"opening": 10_000, "write_offs": 3_000, "closing": 7_000}


def test_the_first_period_may_begin_on_another_day():
    book = book_of(invoices=[invoice(amount="100")], write_offs=[write_off(written_off_on="2024-02-20", amount="30")])
    assert close_of(book, MAR, opening=4_000, since=date(2024, 1, 31)).document["movement"]["write_offs"] == 3_000
    assert close_of(book, MAR, opening=4_000).document["movement"]["write_offs"] == 0


def test_the_next_close_opens_with_the_closing_of_the_last_and_moves_by_what_came_since():
    book = book_of(
        invoices=[
            invoice("I1"),
            invoice("I2", issued_on="2024-04-02", due_on="2024-05-02", amount="80"),
            credit_note("N1", issued_on="2024-04-03", due_on="2024-04-03", amount="5"),
        ],
        payments=[payment(paid_on="2024-04-15", amount="25")],
        allocations=[allocation(amount="25", applied_on="2024-04-15")],
        write_offs=[
            write_off("I1", written_off_on="2024-04-20", amount="40"),
            write_off("I1", written_off_on="2024-04-21", amount="1", reason="discount"),
        ],
        recoveries=[recovery()],
    )
    march = close_of(book, MAR)
    april = close_of(book, APR, last=march)
    assert receivables_of(april) == {
        "opening": 10_000,
        "sales": 8_000,
        "receipts": 2_500,
        "credit_notes": 500,
        "write_offs": 4_000,
        "other_write_offs": 100,
        "closing": 10_900,
    }
    # Required: 50 % of 34.00 late and 10 % of 80.00.
    parts = {"opening": 5_000, "write_offs": 4_000, "recoveries": 2_000, "charge": -500, "closing": 2_500}
    assert movement_of(april) == parts


@pytest.mark.slow
def test_a_write_off_changes_neither_net_receivables_nor_expense():
    lost = invoice("I9", issued_on="2023-06-01", due_on="2023-07-01", amount="70")
    books = [
        book_of(invoices=[invoice(), lost], write_offs=write_offs)
        for write_offs in ([], [write_off("I9", written_off_on="2024-04-12", amount="70")])
    ]
    nets, expenses = [], []
    for book in books:
        march = provide_fully(book, MAR, None)
        april = provide_fully(book, APR, march)
        movement, receivables = april.document["movement"], april.document["receivables"]
        nets.append(receivables["closing"] - movement["closing"])
        expenses.append(movement["charge"])
    assert april.document["movement"]["write_offs"] == 7_000
    assert nets[0] == nets[1] == 5_000
    assert expenses == [0, 0]


def provide_fully(book, end, last):
    """Close with what is long overdue provided for in full, and half of what else is late."""
    allowance = given_allowance(book, end)
    items = allowance.items
    is_old = (items["days_past_due"] > 200).to_numpy()
    items = items.assign(expected_loss=items["expected_loss"].where(~is_old, items["open_amount"]))
    allowance = replace(allowance, items=items, rows=sum_rows(allowance.exposures, items))
    document = write_document(book, allowance, Period("main", end), basis={}, last=last, policy=POLICY)
    return Close("main", end, State.POSTED, document, drafted_by="ana")


@pytest.mark.slow
def test_what_is_known_later_moves_the_next_close_and_is_explained():
    late = invoice("I7", issued_on="2024-03-10", due_on="2024-04-09", amount="60", known_on="2024-04-05")
    corrected = [
        invoice("I8", issued_on="2024-03-01", due_on="2024-03-31"),
        invoice("I8", issued_on="2024-03-01", due_on="2024-03-31", amount="90", known_on="2024-04-06"),
    ]
    book = book_of(invoices=[invoice(), late, *corrected], recoveries=[])
    before = book_of(invoices=[invoice(), corrected[0]])
    march = close_of(book, MAR)
    assert march.document == close_of(before, MAR).document
    april = close_of(book, APR, last=march)
    assert april.document["later_known"] == [
        {"line": "sales", "count": 2, "amount": 5_000, "largest_item": "I7", "largest_amount": 6_000}
    ]
    assert receivables_of(april) == {"opening": 20_000, "sales": 5_000, "closing": 25_000}


def test_the_last_day_of_a_period_belongs_to_it():
    day = {"issued_on": "2024-03-31", "due_on": "2024-04-30"}
    book = book_of(invoices=[invoice(), invoice("I2", **day), invoice("I3", **day, amount="7", known_on="2024-04-01")])
    march = close_of(book, MAR)
    assert receivables_of(march) == {"opening": 10_000, "sales": 10_000, "closing": 20_000}
    late = close_of(book, APR, last=march).document["later_known"]
    assert [(row["count"], row["amount"], row["largest_item"]) for row in late] == [(1, 700, "I3")]


def test_a_credit_note_applied_late_moves_nothing_and_is_not_listed():
    book = book_of(
        invoices=[invoice(), credit_note("N1", issued_on="2024-02-05", due_on="2024-02-05", amount="30")],
        allocations=[allocation("N1", "I1", amount="30", applied_on="2024-03-10", known_on="2024-04-08")],
    )
    march = close_of(book, MAR)
    april = close_of(book, APR, last=march)
    assert april.document["later_known"] == []
    assert receivables_of(april) == {"opening": 7_000, "closing": 7_000}


def test_a_recovery_that_is_corrected_counts_the_difference_in_the_next_period():
    later = recovery(recovered_on="2024-03-10", amount="50", known_on="2024-04-02")
    book = book_of(
        invoices=[invoice()],
        write_offs=[write_off(written_off_on="2024-02-20", amount="60")],
        recoveries=[recovery(recovered_on="2024-03-10"), later],
    )
    march = close_of(book, MAR)
    april = close_of(book, APR, last=march)
    assert [close.document["movement"]["recoveries"] for close in (march, april)] == [2_000, 3_000]
    assert april.document["later_known"][0] == {
        "line": "recoveries",
        "count": 1,
        "amount": 3_000,
        "largest_item": "I1",
        "largest_amount": 3_000,
    }


@pytest.mark.slow
def test_a_past_that_the_ledger_tells_otherwise_is_counted_and_said():
    march = close_of(book_of(invoices=[invoice()]), MAR)
    # Booked without the day on which it became known: the ledger claims that it was known all along.
    other = book_of(invoices=[invoice(), invoice("I2", issued_on="2024-03-20", due_on="2024-04-19", amount="30")])
    april = close_of(other, APR, last=march)
    assert april.document["changed_past"] == {"sales": 3_000}
    assert receivables_of(april) == {"opening": 10_000, "sales": 3_000, "closing": 13_000}
    assert close_of(book_of(invoices=[invoice()]), APR, last=march).document["changed_past"] == {}


RATES = [
    {"currency": "EUR", "rate_on": "2024-01-01", "rate": 1.10},
    {"currency": "EUR", "rate_on": "2024-04-30", "rate": 1.20},
]


def test_exchange_rates_move_opening_balances_and_are_no_expense():
    book = book_of(invoices=[invoice(), invoice("E1", currency="EUR", amount="200")], rates=RATES)
    march = close_of(book, MAR)
    assert march.document["by_currency"] == {"USD": 5_000, "EUR": 11_000}
    april = close_of(book, APR, last=march)
    assert movement_of(april) == {"opening": 16_000, "fx": 1_000, "closing": 17_000}
    assert receivables_of(april) == {"opening": 32_000, "fx": 2_000, "closing": 34_000}


def test_a_write_off_in_another_currency_changes_no_expense_either():
    items = [invoice("E1", currency="EUR", amount="200"), invoice()]
    written_off = book_of(
        invoices=items, rates=RATES, write_offs=[write_off("E1", written_off_on="2024-04-10", amount="100")]
    )
    march = close_of(written_off, MAR)
    april = close_of(written_off, APR, last=march)
    # EUR 100 at 1.20 goes off both; what is left is half provided for, and was before.
    assert april.document["movement"]["write_offs"] == april.document["receivables"]["write_offs"] == 12_000
    assert april.document["receivables"]["fx"] == 2_000
    assert april.document["movement"]["fx"] == 1_000
    assert april.document["movement"]["charge"] == 6_000


def test_a_movement_in_a_currency_without_a_rate_is_refused():
    book = book_of(
        invoices=[
            invoice(issued_on="2024-03-02", due_on="2024-03-03"),
            invoice("E1", currency="EUR", issued_on="2024-03-02", due_on="2024-03-03"),
        ],
        payments=[payment(paid_on="2024-03-05", currency="EUR")],
        allocations=[allocation(invoice_id="E1", applied_on="2024-03-05")],
    )
    # Nothing is open in EUR: sales and receipts of the period are not to be lost.
    with pytest.raises(CurrencyError, match="EUR -> USD"):
        close_of(book, MAR)


def test_each_entity_closes_its_own_items():
    book = book_of(
        invoices=[invoice("I1", entity_id="north"), invoice("I2", entity_id="south", amount="40")],
        write_offs=[write_off("I2", written_off_on="2024-03-10", amount="4")],
        recoveries=[recovery("I2", recovered_on="2024-03-11", amount="1")],
    )
    north, south = (close_of(book, MAR, entity=name, opening=500) for name in ("north", "south"))
    assert movement_of(north) == {"opening": 500, "charge": 4_500, "closing": 5_000}
    assert movement_of(south) == {
        "opening": 500,
        "write_offs": 400,
        "recoveries": 100,
        "charge": 1_600,
        "closing": 1_800,
    }
    assert receivables_of(south) == {"opening": 4_000, "write_offs": 400, "closing": 3_600}
    both = north.document["movement"]["closing"] + south.document["movement"]["closing"]
    assert both == given_allowance(book, MAR).total


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ({"since": MAR}, "would end on 2024-03-31 and begin after 2024-03-31"),
        ({"other": 5}, "what the other movement is for is not said"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(period, said):
    with pytest.raises(InputError, match=said):
        close_of(book_of(invoices=[invoice()]), MAR, **period)


@pytest.mark.parametrize("period", [{"opening": 5}, {"since": FEB}])
def test_what_is_carried_forward_cannot_be_given_too(period):
    book = book_of(invoices=[invoice()])
    with pytest.raises(InputError, match="carries forward"):
        close_of(book, APR, last=close_of(book, MAR), **period)


@pytest.mark.slow
@settings(max_examples=4)
@given(SEEDS)
def test_consecutive_closes_of_any_book_tie_chain_and_balance(seed):
    book = mix(random_book(seed), seed)
    whole = 0
    for entity in ("north", "south"):
        last = None
        for end in list_ends(seed):
            close = close_of(book, end, last=last, entity=entity)
            check_ties(close, book, end)
            check_chain(close, last)
            check_journal(close)
            last = close
        whole += last.total
        assert json.loads(json.dumps(describe_close(last)))["state"] == "posted"
    # The two round by themselves, row by row.
    assert abs(whole - given_allowance(book, end).total) <= len(last.document["rows"]) * 2


@pytest.mark.slow
@settings(max_examples=4)
@given(SEEDS)
def test_nothing_known_after_the_period_end_changes_a_close(seed):
    book = mix(random_book(seed), seed)
    end = list_ends(seed)[-2]
    later = day_of(end) + 1
    kept = {name: frame.loc[frame["known_day"] < later].reset_index(drop=True) for name, frame in book.tables.items()}
    whole, cut = (close_of(one, end, entity="north") for one in (book, book.with_tables(**kept)))
    assert whole.document == cut.document


def list_ends(seed):
    return [day for day in random_days(seed, 4) if day > FIRST + timedelta(days=45)][-4:]


def mix(book, seed):
    """Spread a book over two entities and two currencies with a rate for each month, and let write-offs come back."""
    invoices = book["invoices"]
    number = invoices["invoice_id"].str.slice(1).astype("int64")
    mixed = invoices.assign(
        entity_id=np.where(number % 3 == seed % 3, "south", "north"),
        currency=np.where(number % 2 == seed % 2, "JPY", "USD"),
    )
    rates = [
        {"currency": "JPY", "rate_on": f"2024-{month:02}-01", "rate": 0.0061 + 0.0003 * ((seed + month) % 4)}
        for month in range(1, 8)
    ]
    taken = book["write_offs"]
    recovered = taken[["invoice_id", "amount", "entity_id", "superseded_day"]].assign(
        recovered_on=taken["written_off_on"], known_day=taken["known_day"] + seed % 40
    )
    return book.with_tables(
        invoices=mixed.astype({"entity_id": "str", "currency": "str"}),
        recoveries=recovered,
        rates=book_of(invoices=[invoice()], rates=rates)["rates"],
    )


def check_ties(close, book, end):
    movement, receivables = close.document["movement"], close.document["receivables"]
    ageing = age_ledger(book, as_of=end + timedelta(days=1), age_on=end, ageing=POLICY.ageing, entity=close.entity)
    assert receivables["closing"] == ageing.total
    assert sum(close.document["by_currency"].values()) == movement["closing"]
    assert sum(row["allowance"] for row in close.document["rows"]) == movement["closing"]
    assert sum(row["gross_amount"] for row in close.document["rows"]) == ageing.total
    assert movement["write_offs"] == receivables["write_offs"]


def check_chain(close, last):
    assert close.document["changed_past"] == {}
    if last:
        assert close.document["movement"]["opening"] == last.total
        assert close.document["receivables"]["opening"] == last.document["receivables"]["closing"]
        assert close.document["since"] == last.period_end.isoformat()


def check_journal(close):
    movement, journal = close.document["movement"], list_journal(close)
    sums = journal.groupby("entry_id")[["debit", "credit"]].sum()
    assert (sums["debit"] == sums["credit"]).all()
    balance = (journal["credit"] - journal["debit"]).groupby(journal["role"]).sum()
    assert balance.get("allowance", 0) == movement["closing"] - movement["opening"]
    assert balance.get("receivables", 0) == movement["write_offs"]
    assert -balance.get("expense", 0) == movement["charge"]
    assert -balance.get("cash", 0) == movement["recoveries"]
