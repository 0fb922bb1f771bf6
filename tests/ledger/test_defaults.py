"""Defaults of customers: each clause of the definition, the plain reading of random books, and the past left alone."""

from datetime import date, timedelta
from random import Random

import pandas as pd
import pytest

from arrisk.errors import CurrencyError
from arrisk.frames import NEVER, date_of, day_of
from arrisk.ledger import list_movements
from arrisk.ledger.defaults import list_defaults
from arrisk.ledger.past_due import list_past_due
from arrisk.policy import Policy, load_policy
from arrisk.schema import check
from tests.books import allocation, book_of, credit_note, customer, dispute, invoice, payment, raw_of, write_off
from tests.ledger import reference
from tests.ledger.reference import START

POLICY = load_policy()
DUE = date(2024, 1, 31)
RIPE = date(2024, 4, 30)  # ninety days past due


def large(invoice_id="I1", customer_id="A", **more):
    return invoice(invoice_id, customer_id, **{"amount": "1000", **more})


def event(customer_id="A", **more):
    return {"customer_id": customer_id, "occurred_on": "2024-03-01", "kind": "payment_default", **more}


def rate(rate_on, value, currency="CAD", **more):
    return {"currency": currency, "rate_on": rate_on, "rate": value, **more}


def find(*, as_of=date(2026, 1, 1), policy=POLICY, **tables):
    """Give the defaults of a book as (customer, first day, trigger, day out of it or None)."""
    found = list_defaults(book_of(**tables), as_of=as_of, policy=policy)
    left = [None if day == NEVER else date_of(day) for day in found["left_day"]]
    return list(zip(found["customer_id"], map(date_of, found["entered_day"]), found["trigger"], left, strict=True))


def test_it_begins_on_the_ninetieth_day_past_due_and_lasts_while_nothing_is_paid():
    assert find(invoices=[large()]) == [("A", RIPE, "past_due", None)]
    assert find(invoices=[large()], as_of=RIPE + timedelta(days=1)) == [("A", RIPE, "past_due", None)]
    assert find(invoices=[large()], as_of=RIPE) == []


def test_it_is_over_a_probation_after_the_day_that_clears_it():
    tables = {
        "invoices": [large()],
        "payments": [payment(paid_on="2024-06-01", amount="1000")],
        "allocations": [allocation(applied_on="2024-06-01", amount="1000")],
    }
    over = date(2024, 6, 1) + timedelta(days=90)
    assert find(**tables) == [("A", RIPE, "past_due", over)]
    assert find(**tables, as_of=over) == [("A", RIPE, "past_due", None)]
    assert find(**tables, as_of=over + timedelta(days=1)) == [("A", RIPE, "past_due", over)]


@pytest.mark.parametrize(("amount", "is_default"), [("500", False), ("500.01", True)])
def test_the_amount_has_to_exceed_the_policy_s(amount, is_default):
    assert bool(find(invoices=[large(amount=amount)])) is is_default


@pytest.mark.parametrize(("other", "is_default"), [("99000", False), ("98999.99", True)])
def test_the_amount_has_to_exceed_the_share_of_all_that_is_open(other, is_default):
    young = large("I2", amount=other, issued_on="2025-12-01", due_on="2026-01-31")
    small = large("I3", issued_on="2025-08-01", due_on="2025-09-30")
    assert bool(find(invoices=[small, young])) is is_default


@pytest.mark.parametrize(
    "given",
    [
        {"payments": [payment(amount="600")]},
        {"notes": [credit_note(amount="600")]},
        {"payments": [payment(amount="300")], "notes": [credit_note(amount="300")]},
    ],
)
def test_receipts_not_applied_and_open_credit_notes_are_taken_off(given):
    notes = given.get("notes", [])
    assert find(invoices=[large()]) != []
    assert find(invoices=[large(), *notes], payments=given.get("payments", [])) == []


def test_more_applied_than_received_does_not_make_a_default():
    tables = {"payments": [payment(amount="100")], "allocations": [allocation(amount="1000")]}
    late = large("I2", amount="10")
    assert find(invoices=[large(), late], **tables) == []


def test_what_was_paid_too_much_on_one_invoice_is_taken_off_the_others():
    paid = {"payments": [payment(amount="600")], "allocations": [allocation("P1", "I2", amount="600")]}
    assert find(invoices=[large(), large("I2", amount="100")], **paid) == []
    assert find(invoices=[large(), large("I2", amount="600")], **paid) != []


def test_a_disputed_item_counts_from_the_day_on_which_the_dispute_ends():
    whole = {"disputes": [dispute(resolved_on="2024-07-01")]}
    assert find(invoices=[large()], **whole) == [("A", date(2024, 7, 1), "past_due", None)]
    assert find(invoices=[large()], disputes=[dispute()]) == []
    assert find(invoices=[large()], disputes=[dispute(amount="400")]) == [("A", RIPE, "past_due", None)]
    assert find(invoices=[large()], disputes=[dispute(amount="500")]) == []


def test_a_dispute_raised_later_ends_the_trigger_as_a_payment_would():
    raised = date(2024, 5, 10)
    found = find(invoices=[large()], disputes=[dispute(opened_on=raised.isoformat())])
    assert found == [("A", RIPE, "past_due", raised + timedelta(days=90))]


def test_a_receipt_counts_from_the_day_on_which_it_was_booked():
    def booked(known_on):
        tables = {
            "payments": [payment(paid_on="2024-04-29", amount="1000", known_on=known_on)],
            "allocations": [allocation(applied_on="2024-04-29", amount="1000", known_on=known_on)],
        }
        return find(invoices=[large()], **tables)

    assert booked("2024-04-30") == []
    assert booked("2024-05-02") == [("A", RIPE, "past_due", date(2024, 5, 2) + timedelta(days=90))]


def test_a_correction_counts_from_the_day_on_which_it_was_known():
    later = large(amount="100", known_on="2024-05-20")
    found = find(invoices=[large(), later])
    assert found == [("A", RIPE, "past_due", date(2024, 5, 20) + timedelta(days=90))]
    assert find(invoices=[large(), {**later, "known_on": "2024-04-30"}]) == []


def test_a_second_trigger_within_the_probation_prolongs_the_default():
    begun, over = date(2024, 3, 1), date(2024, 3, 2) + timedelta(days=90)

    def strike_again(day):
        return find(invoices=[invoice()], credit_events=[event(), event(occurred_on=day.isoformat())])

    last = over + timedelta(days=91)
    assert strike_again(over) == [("A", begun, "credit_event", last)]
    day_after = over + timedelta(days=1)
    last = day_after + timedelta(days=91)
    assert strike_again(day_after) == [("A", begun, "credit_event", over), ("A", day_after, "credit_event", last)]


def test_insolvency_stays_whatever_comes_after_it():
    events = [event(kind="insolvency"), event(occurred_on="2025-01-01")]
    assert find(invoices=[invoice()], credit_events=events) == [("A", date(2024, 3, 1), "credit_event", None)]


def test_insolvency_never_ends_and_other_credit_events_do():
    assert find(invoices=[invoice()], credit_events=[event(kind="insolvency")])[0][3] is None
    for kind in ("payment_default", "legal", "moratorium"):
        over = date(2024, 3, 2) + timedelta(days=90)
        assert find(invoices=[invoice()], credit_events=[event(kind=kind)])[0][3] == over


def test_a_credit_event_counts_from_the_day_on_which_it_was_known_and_needs_no_invoice():
    late = event("B", known_on="2024-03-09")
    found = find(customers=[customer("A"), customer("B")], invoices=[invoice()], credit_events=[late])
    assert [row[:3] for row in found] == [("B", date(2024, 3, 9), "credit_event")]


def test_a_bad_debt_write_off_is_a_default_and_another_reason_is_none():
    over = date(2024, 6, 2) + timedelta(days=90)
    assert find(invoices=[invoice()], write_offs=[write_off()]) == [("A", date(2024, 6, 1), "write_off", over)]
    for reason in ("commercial", "discount", "small_balance"):
        assert find(invoices=[invoice()], write_offs=[write_off(reason=reason)]) == []


def test_a_correction_of_a_write_off_is_not_another_one():
    over = date(2024, 6, 2) + timedelta(days=90)
    rows = [write_off(), write_off(amount="90", known_on="2024-08-01")]
    assert find(invoices=[invoice()], write_offs=rows) == [("A", date(2024, 6, 1), "write_off", over)]
    rows = [write_off(reason="discount"), write_off(known_on="2024-08-01")]
    assert [row[1] for row in find(invoices=[invoice()], write_offs=rows)] == [date(2024, 8, 1)]


def test_of_several_triggers_on_a_day_the_gravest_is_named():
    tables = {"invoices": [large()], "write_offs": [write_off(written_off_on="2024-04-30")]}
    assert find(**tables)[0][2] == "write_off"
    assert find(**tables, credit_events=[event(occurred_on="2024-04-30")])[0][2] == "credit_event"


def test_foreign_money_counts_at_the_newest_rate_of_each_day():
    tables = {
        "invoices": [large(currency="CAD")],
        "rates": [rate("2024-01-01", 0.5), rate("2024-05-15", 0.6), rate("2024-05-20", 0.4, known_on="2024-05-25")],
    }
    over = date(2024, 5, 25) + timedelta(days=90)
    assert find(**tables) == [("A", date(2024, 5, 15), "past_due", over)]
    assert find(**tables, currency="CAD") == [("A", RIPE, "past_due", None)]


def test_a_corrected_rate_counts_from_the_day_on_which_it_was_known():
    corrected = rate("2024-01-01", 0.6, known_on="2024-06-03")
    of_last_year = rate("2023-01-01", 0.9, known_on="2024-05-05")
    rates = [rate("2024-01-01", 0.4), corrected, of_last_year]
    assert find(invoices=[large(currency="CAD")], rates=rates)[0][1] == date(2024, 6, 3)


def test_credit_in_one_currency_is_taken_off_what_is_owed_in_another():
    tables = {"invoices": [large(currency="CAD")], "rates": [rate("2024-01-01", 0.8)]}
    assert find(**tables) != []
    assert find(**tables, payments=[payment(amount="301")]) == []


def test_a_missing_rate_is_named_where_it_is_needed_and_only_there():
    with pytest.raises(CurrencyError, match="CAD -> USD"):
        find(invoices=[large(currency="CAD")])
    with pytest.raises(CurrencyError, match="CAD -> USD"):
        find(invoices=[large(currency="CAD")], rates=[rate("2024-05-01", 0.8)])
    assert find(invoices=[large(currency="CAD"), large("I2", currency="CAD")], as_of=RIPE) == []


def test_a_time_past_due_that_ends_later_lasts_as_of_now():
    book = book_of(invoices=[large(), large(known_on="2024-06-01", amount="1")])
    customers = pd.Series(["A"], dtype="str")
    found = [
        list_past_due(book, list_movements(book), customers, as_of_day=day_of(day), default=POLICY.default)
        for day in (date(2024, 6, 1), date(2024, 6, 2))
    ]
    assert [times["stop"].tolist() for times in found] == [[NEVER], [day_of("2024-06-01")]]


# Random books, read day by day with the slow ledger of the tests.

STRICT = Policy.parse(
    "[default]\npast_due_days = 2\nopen_share = 0.3\nopen_amount = 20.0\nprobation_days = 4", where=""
)
RANDOM = Random(20240601)  # noqa: S311 - nothing secret is drawn
BOOKS = [reference.draw_rows(RANDOM) for _ in range(500)]
LAST = 54


def make_book(books):
    return check(raw_of(**reference.to_tables(reference.stack(books))), name="x", currency="USD").book


def list_on(book, day):
    return list_defaults(book, as_of=START + timedelta(days=day), policy=STRICT)


@pytest.fixture(scope="module")
def book():
    return make_book(BOOKS)


def read_plainly(rows):
    """Give customer -> days of trigger (a), or on which a bad-debt write-off became known, evening by evening."""
    triggers = {"A": set(), "B": set()}
    seen = set()
    for day in range(LAST):
        items = reference.open_items(rows, day + 1).values()
        receipts = {row["payment_id"]: row["customer_id"] for row in reference.see(rows, "payments", day + 1)}
        unapplied = reference.unapplied(rows, day + 1)
        for name, days in triggers.items():
            own = [item for item in items if item["customer_id"] == name]
            free = sum(amount for key, amount in unapplied.items() if receipts[key] == name)
            if is_material(own, free):
                days.add(day)
        owners = {row["invoice_id"]: row["customer_id"] for row in reference.see(rows, "invoices", day + 1)}
        for row in reference.see(rows, "write_offs", day + 1):
            key = (row["invoice_id"], row["written_off_on"], owners.get(row["invoice_id"]))
            if row["reason"] == "bad_debt" and row["amount"] > 0 and key[2] and key not in seen:
                seen.add(key)
                triggers[key[2]].add(day)
    return triggers


def is_material(items, free):
    bills = [item for item in items if item["kind"] == "invoice"]
    notes = sum(-item["open_amount"] for item in items if item["kind"] == "credit_note")
    free = max(0, free + notes + sum(-item["open_amount"] for item in bills if item["open_amount"] < 0))
    bills = [item for item in bills if item["open_amount"] > 0]
    # The ages of open_items are those of the morning after.
    old = [item for item in bills if item["days_past_due"] - 1 >= 2]
    net = sum(item["open_amount"] - item["disputed_amount"] for item in old) - free
    return net > 20_00 and net > 0.3 * (sum(item["open_amount"] for item in bills) - free)


def join_plainly(days):
    """Give (first day, day out of it) of each default: four days without a trigger are the probation."""
    spells = []
    for day in sorted(days):
        if spells and day <= spells[-1][1]:
            spells[-1][1] = day + 5
        else:
            spells.append([day, day + 5])
    return [(first, left if left < LAST else None) for first, left in spells]


@pytest.mark.slow
def test_defaults_of_random_books_are_what_the_plain_reading_says(book):
    chosen = BOOKS[:120]
    found = list_on(book, LAST)
    first = day_of(START)
    for number, rows in enumerate(chosen):
        for name, days in read_plainly(rows).items():
            own = found.loc[found["customer_id"] == f"{number}/{name}"]
            pairs = zip(own["entered_day"], own["left_day"], strict=True)
            got = [(begin - first, None if left == NEVER else left - first) for begin, left in pairs]
            assert got == join_plainly(days), (number, name, rows)
    assert (found["trigger"].value_counts() > 50).to_dict() == {"past_due": True, "write_off": True}
    assert 50 < (found["left_day"] < NEVER).sum() < len(found) - 50


@pytest.mark.slow
@pytest.mark.parametrize("day", [15, 27, 40])
def test_what_is_known_later_changes_no_default_of_earlier_days(book, day):
    now = list_on(book, day)
    before = list_on(make_book([reference.keep_known(rows, day) for rows in BOOKS]), day)
    pd.testing.assert_frame_equal(now, before)
    later = list_on(book, LAST)
    as_of_day = day_of(START + timedelta(days=day))
    begun = later.loc[later["entered_day"] < as_of_day].reset_index(drop=True)
    begun["left_day"] = begun["left_day"].where(begun["left_day"] < as_of_day, NEVER)
    pd.testing.assert_frame_equal(now, begun)
    assert 20 < len(now) < len(later)
