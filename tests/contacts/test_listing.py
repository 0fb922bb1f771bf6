"""The list that is worked: a run's order, and what collectors did since."""

from datetime import timedelta

import pandas as pd
import pytest

from arrisk.contacts import actions
from arrisk.contacts.accounts import Account
from arrisk.contacts.listing import NOBODY, Wanted, choose_rows, key_of, place_accounts, start_listing
from arrisk.contacts.placing import Pending
from arrisk.contacts.progress import add_left, measure_progress
from arrisk.contacts.promises import judge_promises
from tests.contacts.steps import ON, POLICY, Act, do
from tests.contacts.test_promises import receipts_of

PROMISE = actions.TakePromise(50_000, "EUR", ON + timedelta(days=7))


def make_rows(*ids, overdue=1000.0, disputed=0.0, **more):
    frame = pd.DataFrame({"customer_id": ids, "rank": range(1, len(ids) + 1)})
    segment = {"country": "IE", "industry": "steel", "grade": "3", "oldest_days_past_due": 10}
    amounts = {"overdue_amount": overdue, "disputed_amount": disputed, "at_stake_amount": 500.0}
    return frame.assign(**amounts, **segment | more, currency="EUR")


def list_for(*accounts: Account, on=ON, rows=None, paid=()):
    """Give the list with what was done about some customers."""
    found = start_listing(make_rows("A", "B", "C") if rows is None else rows)
    judged = [
        (account, judge_promises(account.promises, receipts_of(*paid), as_of=on, policy=POLICY)) for account in accounts
    ]
    return place_accounts(found, judged, on=on, policy=POLICY)


def choose(listing, *, sort="listed", after=None, **wanted):
    chosen = choose_rows(listing, Wanted(**{"is_hidden": None} | wanted), sort=sort, after=after)
    return listing.rows["customer_id"].iloc[chosen].tolist()


def row_of(account, **options):
    """Say where a customer stands."""
    return list_for(account, **options).touched[0][1]


def test_without_any_action_the_list_is_that_of_the_run():
    assert choose(list_for()) == ["A", "B", "C"]
    assert choose(list_for(), is_hidden=False, state=Pending.NOTHING, collector=NOBODY) == ["A", "B", "C"]


def test_figures_are_never_changed():
    accounts = [do(PROMISE), do(actions.RaiseDispute("price", ("I1",)), account=Account("B"))]
    pd.testing.assert_frame_equal(list_for(*accounts).rows, make_rows("A", "B", "C"))


def test_what_is_done_later_leaves_an_earlier_list_as_it_was():
    earlier = list_for()
    later = place_accounts(earlier, [(do(actions.MoveTo("down", "waits")), [])], on=ON, policy=POLICY)
    assert (choose(earlier), choose(later)) == (["A", "B", "C"], ["B", "C", "A"])


def test_who_is_put_off_is_hidden_until_the_day():
    account = do(actions.PutOff(ON + timedelta(days=2), "on holiday"))
    for days, hidden in ((0, True), (1, True), (2, False)):
        listing = list_for(account, on=ON + timedelta(days=days))
        assert ("A" in choose(listing, is_hidden=True), "A" in choose(listing, is_hidden=False)) == (hidden, not hidden)
        assert ("A" in choose(listing, state=Pending.PUT_OFF)) == hidden
    assert "on holiday" in row_of(account).next_step


@pytest.mark.parametrize(
    ("amounts", "said"),
    [({"overdue": 1100.0}, ""), ({"overdue": 1100.01}, "100.01 EUR more is overdue"), ({"disputed": 0.01}, "disputed")],
)
def test_who_is_put_off_comes_back_when_something_new_happens(amounts, said):
    row = row_of(do(actions.PutOff(ON + timedelta(days=9), "on holiday")), rows=make_rows("A", **amounts))
    assert (row.hidden_until_on is None) == bool(said)
    assert said in row.why


def test_who_promised_is_hidden_until_the_promise_is_over_and_comes_back_if_it_is_not_kept():
    account, over = do(PROMISE), PROMISE.due_on + timedelta(days=POLICY.promise_grace_days)
    row = row_of(account, on=over)
    assert (row.state, row.hidden_until_on) == (Pending.PROMISED, over + timedelta(days=1))
    row = row_of(account, on=row.hidden_until_on)
    assert (row.state, row.hidden_until_on) == (Pending.PROMISE_BROKEN, None)
    assert row.why == "500.00 EUR promised for 2024-03-11, nothing came in"
    assert "not kept" in row.next_step
    row = row_of(account, on=over + timedelta(days=1), paid=[("2024-03-06", 20_000, "EUR")])
    assert row.state == Pending.PROMISE_PARTLY
    assert "200.00 EUR came in" in row.why
    row = row_of(account, on=over + timedelta(days=1), paid=[("2024-03-06", 50_000, "EUR")])
    assert (row.state, row.why) == (Pending.NOTHING, "")


def test_a_promise_over_a_small_part_of_what_is_overdue_hides_nobody():
    small = actions.TakePromise(49_999, "EUR", PROMISE.due_on)
    assert row_of(do(small)).hidden_until_on is None
    assert row_of(do(PROMISE)).hidden_until_on is not None


def test_a_broken_promise_wakes_who_was_put_off_and_a_new_promise_takes_its_place():
    account, over = do(PROMISE), PROMISE.due_on + timedelta(days=POLICY.promise_grace_days + 1)
    account = do(actions.PutOff(over + timedelta(days=5), "waits"), account=account, on=over - timedelta(days=3))
    assert row_of(account, on=over).state == Pending.PROMISE_BROKEN
    again = actions.TakePromise(60_000, "EUR", over + timedelta(days=5))
    assert row_of(do(again, account=account, on=over), on=over).state == Pending.PROMISED


def test_who_is_moved_stands_first_or_last_for_some_days():
    accounts = [
        do(actions.MoveTo("up", "asked for us"), account=Account("C")),
        do(actions.MoveTo("down", "calls"), account=Account("A")),
    ]
    listing = list_for(*accounts)
    assert choose(listing) == ["C", "B", "A"]
    assert listing.touched[2][1].why == "moved up: asked for us (cleo)"
    assert choose(list_for(*accounts, on=ON + timedelta(days=POLICY.move_days))) == ["A", "B", "C"]


def test_a_dispute_is_settled_first():
    account = do(actions.RaiseDispute("price", ("I1",)))
    row = row_of(account)
    assert (row.state, row.next_step) == (Pending.DISPUTED, "settle the dispute first")
    assert "disputes D1 (price)" in row.why
    assert row_of(do(actions.EndDispute("D1", "withdrawn"), account=account)).state == Pending.NOTHING


def test_the_list_is_filtered_by_collector():
    listing = list_for(do(actions.Assign("dan"), account=Account("B")), do(actions.LogContact("call", "reached")))
    assert (choose(listing, collector="dan"), choose(listing, collector=NOBODY)) == (["B"], ["A", "C"])
    assert choose(listing, collector="eve") == []
    assert choose(listing, collector="Dan ") == ["B"], "however the name is written"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"overdue_from": 200.0}, ["B", "C"]),
        ({"overdue_to": 200.0}, ["A", "B"]),
        ({"oldest_from": 3}, ["A"]),
        ({"oldest_to": 2, "overdue_from": 300}, ["C"]),
        ({"country": "DE"}, ["B"]),
        ({"industry": "wood"}, ["A"]),
        ({"grade": "D"}, ["C"]),
        ({"grade": "E"}, []),
    ],
)
def test_the_list_is_filtered_by_amount_age_and_segment(wanted, found):
    rows = make_rows("A", "B", "C").assign(
        overdue_amount=[100.0, 200.0, 300.0],
        oldest_days_past_due=[3, 2, 1],
        country=["IE", "DE", None],
        industry=["wood", "", None],
        grade=["1", None, "D"],
    )
    assert choose(list_for(rows=rows), **wanted) == found


def test_pages_join_without_gap_or_double_in_every_order():
    ids = [f"C{number:02d}" for number in range(17)]
    rows = make_rows(*ids, overdue=[number % 5 for number in range(17)], oldest_days_past_due=range(17))
    listing = list_for(do(actions.MoveTo("up", "now"), account=Account("C09")), rows=rows)
    for sort in ("listed", "overdue", "oldest", "at_stake"):
        whole, pages, after = choose(listing, sort=sort), [], None
        while page := choose(listing, sort=sort, after=after)[:4]:
            pages += page
            after = key_of(listing, ids.index(page[-1]), sort=sort)
        assert pages == whole
        assert sorted(whole) == ids
    assert choose(listing)[:2] == ["C09", "C00"]
    assert choose(listing, sort="oldest")[:2] == ["C16", "C15"]
    assert choose(listing, sort="overdue")[:4] == ["C04", "C09", "C14", "C03"]


def test_a_customer_who_left_the_list_is_no_harm():
    assert choose(list_for(do(PROMISE, account=Account("Z")))) == ["A", "B", "C"]


def test_progress_counts_the_work_of_a_day_by_person():
    account = do(actions.LogContact("call", "reached"), account=do(PROMISE))
    others = do(actions.Assign("dan"), account=do(actions.LogContact("call", "reached"), account=Account("B")))
    late = Act("contact", "dan", "2024-03-05T00:00:00+00:00", {"customer_id": "A"})
    found = measure_progress([*account.steps, *others.steps, late], on=ON)
    (cleo,) = found
    assert (cleo.collector, cleo.count_customers, cleo.count_contacts, cleo.count_promises) == ("cleo", 2, 2, 1)
    assert cleo.promised_amount == 50_000


def test_two_ways_of_writing_a_name_are_one_collector():
    account = do(actions.Assign("Cleo"), account=do(actions.LogContact("call", "reached")))
    again = Act("contact", "CLEO", account.steps[0].at, {"customer_id": "B"})
    (cleo,) = add_left(measure_progress([*account.steps, again], on=ON), list_for(account), on=ON)
    assert (cleo.collector, cleo.count_customers, cleo.count_left) == ("cleo", 2, 0)
