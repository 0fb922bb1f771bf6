"""The list that is worked: a run's order, and what collectors did since."""

from datetime import timedelta

import pandas as pd
import pytest

from arrisk.contacts import actions
from arrisk.contacts.accounts import Account
from arrisk.contacts.listing import show_worklist
from arrisk.contacts.progress import measure_progress
from arrisk.contacts.promises import judge_promises
from tests.contacts.steps import ON, POLICY, Act, do
from tests.contacts.test_promises import receipts_of

PROMISE = actions.TakePromise(50_000, "EUR", 50_000, ON + timedelta(days=7))


def make_rows(*ids, overdue=1000.0, disputed=0.0):
    frame = pd.DataFrame({"customer_id": ids, "rank": range(1, len(ids) + 1)})
    texts = {"why": "3 items", "next_step": "call", "currency": "EUR"}
    return frame.assign(overdue_amount=overdue, disputed_amount=disputed, at_stake_amount=500.0, **texts)


def show(*accounts: Account, on=ON, rows=None, paid=()):
    rows = make_rows("A", "B", "C") if rows is None else rows
    judged = {
        account.customer_id: judge_promises(account.promises, receipts_of(*paid), as_of=on, policy=POLICY)
        for account in accounts
    }
    return show_worklist(rows, {one.customer_id: one for one in accounts}, judged, on=on, policy=POLICY)


def row_of(shown, customer_id="A"):
    return shown.set_index("customer_id").loc[customer_id]


def test_without_any_action_the_list_is_that_of_the_run():
    shown = show()
    assert shown["customer_id"].tolist() == ["A", "B", "C"]
    assert set(shown["state"]) == {"open"}
    assert shown["hidden_until_on"].isna().all()


def test_figures_are_never_changed():
    accounts = [do(PROMISE), do(actions.RaiseDispute("price", ("I1",)), account=Account("B"))]
    before, after = make_rows("A", "B", "C"), show(*accounts)
    figures = ["overdue_amount", "disputed_amount", "at_stake_amount", "rank"]
    pd.testing.assert_frame_equal(before[figures], after[figures])


def test_who_is_put_off_is_hidden_until_the_day():
    account = do(actions.PutOff(ON + timedelta(days=2), "on holiday"))
    for days, hidden in ((0, True), (1, True), (2, False)):
        row = row_of(show(account, on=ON + timedelta(days=days)))
        assert (row["hidden_until_on"] is not None, row["state"] == "snoozed") == (hidden, hidden)
    assert "on holiday" in row_of(show(account))["next_step"]


@pytest.mark.parametrize(
    ("amounts", "said"),
    [({"overdue": 1100.0}, ""), ({"overdue": 1100.01}, "100.01 EUR more is overdue"), ({"disputed": 0.01}, "disputed")],
)
def test_who_is_put_off_comes_back_when_something_new_happens(amounts, said):
    row = row_of(show(do(actions.PutOff(ON + timedelta(days=9), "on holiday")), rows=make_rows("A", **amounts)))
    assert (row["hidden_until_on"] is None) == bool(said)
    assert said in row["why"]


def test_who_promised_is_hidden_until_the_promise_is_over_and_comes_back_if_it_is_not_kept():
    account, over = do(PROMISE), PROMISE.due_on + timedelta(days=POLICY.promise_grace_days)
    row = row_of(show(account, on=over))
    assert (row["state"], row["hidden_until_on"]) == ("promised", over + timedelta(days=1))
    row = row_of(show(account, on=row["hidden_until_on"]))
    assert (row["state"], row["hidden_until_on"]) == ("promise_broken", None)
    assert row["why"] == "500.00 EUR promised for 2024-03-11, nothing came in; 3 items"
    assert "not kept" in row["next_step"]
    paid = [("2024-03-06", 20_000, "EUR")]
    row = row_of(show(account, on=over + timedelta(days=1), paid=paid))
    assert row["state"] == "promise_partly"
    assert "200.00 EUR came in" in row["why"]
    paid = [("2024-03-06", 50_000, "EUR")]
    assert row_of(show(account, on=over + timedelta(days=1), paid=paid))["state"] == "open"


def test_a_promise_over_a_small_part_of_what_is_overdue_hides_nobody():
    small = actions.TakePromise(49_999, "EUR", 49_999, PROMISE.due_on)
    assert row_of(show(do(small)))["hidden_until_on"] is None
    assert row_of(show(do(PROMISE)))["hidden_until_on"] is not None


def test_a_broken_promise_wakes_who_was_put_off_and_a_new_promise_takes_its_place():
    account, over = do(PROMISE), PROMISE.due_on + timedelta(days=POLICY.promise_grace_days + 1)
    account = do(actions.PutOff(over + timedelta(days=5), "waits"), account=account, on=over - timedelta(days=3))
    assert row_of(show(account, on=over))["state"] == "promise_broken"
    again = actions.TakePromise(60_000, "EUR", 60_000, over + timedelta(days=5))
    account = do(again, account=account, on=over)
    assert row_of(show(account, on=over))["state"] == "promised"


def test_who_is_moved_stands_first_or_last_for_some_days():
    accounts = [
        do(actions.MoveTo("up", "asked for us"), account=Account("C")),
        do(actions.MoveTo("down", "calls"), account=Account("A")),
    ]
    shown = show(*accounts)
    assert shown["customer_id"].tolist() == ["C", "B", "A"]
    assert shown["why"].iloc[0] == "moved up: asked for us (cleo); 3 items"
    assert show(*accounts, on=ON + timedelta(days=POLICY.move_days))["customer_id"].tolist() == ["A", "B", "C"]


def test_a_dispute_is_settled_first():
    account = do(actions.RaiseDispute("price", ("I1",)))
    row = row_of(show(account))
    assert (row["state"], row["next_step"]) == ("disputed", "settle the dispute first")
    assert "disputes D1 (price)" in row["why"]
    assert row_of(show(do(actions.EndDispute("D1", "withdrawn"), account=account)))["state"] == "open"


def test_collectors_and_versions_stand_in_the_rows():
    row = row_of(show(do(actions.LogContact("call", "reached"), account=do(actions.Assign("dan")))))
    assert (row["collector"], row["version"], row["last_contact_at"][:10]) == ("dan", 2, "2024-03-04")


def test_a_customer_who_left_the_list_is_no_harm():
    assert show(do(PROMISE, account=Account("Z")))["customer_id"].tolist() == ["A", "B", "C"]


def test_progress_counts_the_work_of_a_day_by_person():
    account = do(actions.LogContact("call", "reached"), account=do(PROMISE))
    others = do(actions.Assign("dan"), account=do(actions.LogContact("call", "reached"), account=Account("B")))
    late = Act("contact", "dan", "2024-03-05T00:00:00+00:00", {"customer_id": "A"})
    found = measure_progress([*account.steps, *others.steps, late], on=ON)
    (cleo,) = found
    assert (cleo.collector, cleo.count_customers, cleo.count_contacts, cleo.count_promises) == ("cleo", 2, 2, 1)
    assert cleo.promised_amount == 50_000
