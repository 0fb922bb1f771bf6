"""Held orders are released by who may, for a reason, for some days, and as far as they do not grow."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from arrisk.acts import Actor
from arrisk.decisions.releases import replay_releases
from arrisk.errors import AccessError, InputError, MissingError
from arrisk.policy import Policy
from arrisk.records import FolderRecords
from arrisk.store.records import ConnectionRecords, TableRecords
from arrisk.uses import holding
from tests.books import book_of, customer, invoice, order
from tests.store.conftest import database  # noqa: F401

AT = datetime(2024, 5, 2, 9, tzinfo=UTC)
AS_OF = date(2024, 5, 2)
POLICY = Policy.parse(
    """
[authority]
[[authority.roles]]
name = "credit analyst"
up_to = 1000.0
people = ["ana"]
[[authority.roles]]
name = "credit manager"
up_to = 100000.0
people = ["ben"]
[[authority.roles]]
name = "finance director"
up_to = inf
people = []
""",
    where="test",
)
LIMIT = {"customer_id": "A", "limit_amount": "350", "valid_from_on": "2024-01-01"}


@pytest.fixture
def records(tmp_path):
    return FolderRecords(tmp_path)


def check(*, amount="300", due_on="2024-01-31"):
    book = book_of(
        customers=[customer("A"), customer("B")],
        invoices=[invoice(due_on=due_on)],
        orders=[order("O1", amount=amount), order("O2", "B", amount="10")],
        limits=[LIMIT, {**LIMIT, "customer_id": "B"}],
    )
    return holding.check_holds(book, as_of=AS_OF, home=None, policy=POLICY, stage="ship")


def release(found, records, by, *, order_id="O1", reason="paid by phone", at=AT, policy=POLICY):
    return holding.release_held(
        found, order_id, reason=reason, actor=Actor(by, at), records=records, ledger="test", policy=policy
    )


def decide(found):
    first = found.orders.iloc[0]
    return first["decision"], first["release_by"]


def test_who_has_the_role_releases_what_the_role_may_and_the_rest_waits(records):
    found = check()
    assert decide(found) == ("hold", "credit analyst, credit manager")
    assert decide(release(found, records, "ana")) == ("hold", "credit manager")
    after = release(found, records, "ben")
    assert decide(after) == ("ship", "")
    assert dict(zip(after.reasons["rule"], after.reasons["released_by"], strict=True)) == {
        "over the limit": "ana",
        "long overdue": "ana",
        "very long overdue": "ben",
    }
    assert after.orders["is_released"].tolist() == [True, False]


def test_a_higher_role_releases_what_a_lower_one_may(records):
    assert decide(release(check(), records, "ben")) == ("ship", "")


def test_a_release_is_recorded_with_its_rules_role_and_reason(records):
    release(check(), records, "ana")
    (entry,) = records.read("holds/test")
    assert (entry.by, entry.action) == ("ana", "release")
    assert entry.content == {
        "order_id": "O1",
        "customer_id": "A",
        "amount": 300.0,
        "rules": ["over the limit", "long overdue"],
        "role": "credit analyst",
        "reason": "paid by phone",
        "until_on": "2024-05-09",
    }
    assert records.list_keys() == ["holds/test"]


@pytest.mark.slow
def test_a_release_ends_after_the_policy_s_days_and_when_the_order_grows(records):
    release(check(), records, "ben")

    def show(found, day):
        return decide(holding.show_holds(found, records, "test", on=date(2024, 5, day)))[0]

    assert [show(check(), 8), show(check(), 9)] == ["ship", "hold"]
    assert [show(check(amount="300.01"), 8), show(check(amount="290"), 8)] == ["hold", "ship"]


def test_a_rule_that_holds_later_holds_anew(records):
    early = check(due_on="2024-03-15")
    assert decide(release(early, records, "ben")) == ("ship", "")
    assert decide(holding.show_holds(check(), records, "test", on=AT.date())) == ("hold", "credit manager")


@pytest.mark.parametrize(
    ("by", "changes", "error", "said"),
    [
        ("cleo", {}, AccessError, "may not release"),
        ("ben", {"order_id": "O2"}, InputError, "is not held"),
        ("ben", {"order_id": "O9"}, MissingError, "no open order 'O9'"),
        ("ben", {"reason": " "}, InputError, "no reason"),
        (" ", {}, InputError, "who acts"),
    ],
)
def test_what_is_not_allowed_is_refused_and_not_recorded(records, by, changes, error, said):
    with pytest.raises(error, match=said):
        release(check(), records, by, **changes)
    assert records.read("holds/test") == []


def test_who_may_release_nothing_that_is_left_is_refused(records):
    release(check(), records, "ana")
    with pytest.raises(AccessError, match="may not release"):
        release(check(), records, "ana")
    assert len(records.read("holds/test")) == 1


def test_nobody_releases_what_waits_because_no_rule_is_active(records):
    found = check()
    silent = found.reasons.head(1).assign(rule="", kind="", release_by="", released_by="", text="no rule is active")
    with pytest.raises(AccessError, match="may not"):
        release(replace(found, reasons=silent), records, "ben")


def test_each_act_reads_what_is_new_of_the_record_and_no_more(database, monkeypatch):  # noqa: F811
    records, real, read = TableRecords(database), ConnectionRecords._list_lines, []

    def read_lines(self, key, after):
        for line in real(self, key, after):
            read.append(after + 1)
            yield line

    monkeypatch.setattr(ConnectionRecords, "_list_lines", read_lines)
    found = check()
    release(found, records, "ana")
    release(found, records, "ben")
    read.clear()
    assert decide(holding.show_holds(found, records, "test", on=AS_OF)) == ("ship", "")
    assert read == [2]
    again = holding.show_holds(found, TableRecords(database), "test", on=AS_OF)
    assert again.reasons.equals(holding.show_holds(found, records, "test", on=AS_OF).reasons)


def test_what_was_replayed_before_stays_as_it_was(records):
    release(check(), records, "ana")
    release(check(), records, "ben")
    first, second = records.read("holds/test")
    known = replay_releases([first])
    both = replay_releases([second], known)
    assert (len(known["O1"]), len(both["O1"])) == (1, 2)
    assert both == replay_releases([first, second])
