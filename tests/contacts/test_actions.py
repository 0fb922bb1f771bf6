"""What collectors may do, and what the record then holds."""

from datetime import date

import pytest

from arrisk.contacts import actions
from arrisk.contacts.accounts import Account, replay_accounts, rewind_account
from arrisk.errors import BookError, InputError
from tests.contacts.steps import FACTS, ON, POLICY, Act, do

PROMISE = actions.TakePromise(50_000, "EUR", date(2024, 3, 15), "by phone")
DISPUTE = actions.RaiseDispute("quality", ("I1", "I2"), note="half was broken")


def test_a_contact_is_logged():
    account = do(actions.LogContact("call", "reached", "asks for a copy"))
    assert (account.last_contact["channel"], account.last_contact["by"]) == ("call", "cleo")
    assert account.version == 1


def test_promises_are_numbered_and_may_be_cancelled():
    account = do(PROMISE, account=do(PROMISE))
    assert [promise.promise_id for promise in account.promises] == ["P1", "P2"]
    assert (account.promises[0].made_on, account.promises[0].due_on) == (ON, date(2024, 3, 15))
    account = do(actions.CancelPromise("P1", "a plan instead"), account=account)
    assert [promise.cancelled_on for promise in account.promises] == [ON, None]
    with pytest.raises(InputError, match="no promise 'P1'"):
        do(actions.CancelPromise("P1", "again"), account=account)


def test_a_promise_in_another_currency_is_valued_at_the_day_s_rate():
    promise = do(actions.TakePromise(1_000, "USD", date(2024, 3, 15))).promises[0]
    assert (promise.amount, promise.currency, promise.book_amount) == (1_000, "USD", 800)
    with pytest.raises(InputError, match="GBP has no rate in EUR"):
        do(actions.TakePromise(1_000, "GBP", date(2024, 3, 15)))


def test_a_dispute_is_of_all_that_is_open_unless_an_amount_is_named():
    account = do(DISPUTE)
    assert [(one.dispute_id, one.amount, one.invoice_ids) for one in account.open_disputes] == [
        ("D1", 100_000, ("I1", "I2"))
    ]
    assert do(actions.RaiseDispute("quality", ("I1",), 1_000)).disputes[0].amount == 1_000
    account = do(actions.EndDispute("D1", "credit_note"), account=account)
    assert (account.open_disputes, account.disputes[0].outcome) == ((), "credit_note")
    with pytest.raises(InputError, match="no open dispute 'D1'"):
        do(actions.EndDispute("D1", "withdrawn"), account=account)


def test_who_is_put_off_is_woken_and_who_is_moved_is_moved_back():
    account = do(actions.MoveTo("up", "asked for us"), account=do(actions.PutOff(date(2024, 3, 20), "on holiday")))
    assert (account.snooze.until_on, account.snooze.overdue_amount) == (date(2024, 3, 20), 100_000)
    assert (account.move.place, account.move.until_on, account.move.by) == ("up", date(2024, 3, 11), "cleo")
    account = do(actions.MoveBack(), account=do(actions.Wake(), account=account))
    assert (account.snooze, account.move, account.version) == (None, None, 4)


def test_a_customer_is_assigned_and_given_back():
    account = do(actions.Assign("dan "))
    assert account.collector == "dan"
    assert not do(actions.Assign(""), account=account).collector
    with pytest.raises(InputError, match="already"):
        do(actions.Assign("Dan"), account=account)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (actions.LogContact("pigeon", "reached"), "no channel of the policy"),
        (actions.LogContact("call", "reachd"), "did you mean 'reached'"),
        (actions.TakePromise(0, "EUR", date(2024, 3, 15)), "not above 0"),
        (actions.TakePromise(-1, "EUR", date(2024, 3, 15)), "not above 0"),
        (actions.TakePromise(1, "EUR", date(2024, 3, 3)), "is not from 2024-03-04"),
        (actions.TakePromise(1, "EUR", date(2024, 6, 3)), "within 90 days"),
        (actions.CancelPromise("P1", "why"), "there is none"),
        (actions.CancelPromise("P1", " "), "no reason is given"),
        (actions.RaiseDispute("ugly", ("I1",)), "no reason of the policy"),
        (actions.RaiseDispute("price", ()), "no invoice is named"),
        (actions.RaiseDispute("price", ("I1", "I1")), "named twice"),
        (actions.RaiseDispute("price", ("I9",)), "no open invoice 'I9'"),
        (actions.RaiseDispute("price", ("I1", "U1")), "several currencies"),
        (actions.RaiseDispute("price", ("I1",), 60_001), "at most 600.00 EUR"),
        (actions.RaiseDispute("price", ("I1",), 0), "not above 0"),
        (actions.PutOff(ON, "later"), "not after today"),
        (actions.PutOff(date(2024, 4, 4), "later"), "within 30 days"),
        (actions.PutOff(date(2024, 3, 5), ""), "no reason is given"),
        (actions.Wake(), "was not put off"),
        (actions.MoveTo("up", ""), "no reason is given"),
        (actions.MoveBack(), "was not moved"),
        (actions.Assign(""), "nobody's already"),
    ],
)
def test_what_is_not_allowed_is_refused(action, said):
    with pytest.raises(InputError, match=said) as refused:
        do(action)
    assert refused.value.hint


def test_the_last_day_allowed_is_allowed():
    assert do(actions.PutOff(date(2024, 4, 3), "later")).snooze
    assert do(actions.TakePromise(1, "EUR", date(2024, 6, 2))).promises
    assert do(actions.TakePromise(1, "EUR", ON)).promises


def test_a_file_is_the_same_however_its_steps_are_read():
    account = do(DISPUTE, account=do(PROMISE, account=do(actions.PutOff(date(2024, 3, 20), "on holiday"))))
    at_once = replay_accounts(account.steps)
    one_by_one: dict = {}
    for step in account.steps:
        one_by_one = replay_accounts([step], one_by_one)
    assert at_once == one_by_one == {"A": account}


def test_a_step_of_another_kind_is_refused():
    with pytest.raises(BookError, match="holds 'approve'"):
        replay_accounts([Act("approve", content={"customer_id": "A"})])


def test_nothing_that_is_refused_is_written():
    with pytest.raises(InputError):
        actions.LogContact("call", "").write(do(PROMISE), FACTS, on=ON, policy=POLICY)


def test_a_file_is_as_it_was_before_a_day():
    first = do(PROMISE)
    later = do(actions.CancelPromise("P1", "a plan instead"), account=first, on=date(2024, 3, 10))
    assert rewind_account(later, before=date(2024, 3, 11)) == later
    assert rewind_account(later, before=date(2024, 3, 10)) == first
    assert rewind_account(later, before=ON) == Account("A")
