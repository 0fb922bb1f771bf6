"""Write-offs from a proposal to the ledger's booking, on books as they change meanwhile."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from arrisk.acts import Actor
from arrisk.allowance.bad_debt.standing import list_bookings
from arrisk.errors import BookError, InputError
from arrisk.policy import Policy
from arrisk.records import FolderRecords
from arrisk.uses import write_offs
from arrisk.uses.desk import Desk
from arrisk.uses.write_offs import name_record
from tests.books import allocation, book_of, dispute, invoice, payment, write_off

POLICY = Policy.parse(
    """
[write_offs]
tax_rate = 0.2
[[authority.roles]]
name = "credit manager"
up_to = 1000.0
people = ["ben", "eve"]
[holds]
rules = []
""",
    where="test",
)
INVOICES = [invoice(), invoice("I2", "B", amount="60"), invoice("I3", "C")]
TABLES = {"invoices": INVOICES, "disputes": [dispute(invoice_id="I3")]}


def actor(by, day=3):
    return Actor(by, datetime(2025, 3, day, tzinfo=UTC))


@pytest.fixture
def desk(tmp_path):
    return Desk(book_of(**TABLES), date(2025, 3, 1), FolderRecords(tmp_path), POLICY)


def later(desk, as_of=date(2025, 4, 1), **more):
    """Give the desk a month later, with more in the book."""
    return replace(desk, book=book_of(**{**TABLES, **more}), as_of=as_of)


def stands(found):
    return {one.invoice_id: stand for one, stand, _ in found}


def read_record(desk):
    return desk.records.read(name_record(desk.book.name))


def count_lines(desk):
    return len(read_record(desk))


def test_all_that_need_not_wait_are_proposed_and_approved(desk):
    assert stands(write_offs.propose(desk, [], actor=actor("eve"))) == {"I1": "proposed", "I2": "proposed"}
    assert stands(write_offs.approve(desk, [], actor=actor("ben"))) == {"I1": "approved", "I2": "approved"}
    assert write_offs.find_candidates(desk).set_index("invoice_id")["state"].to_dict() == {
        "I1": "approved",
        "I2": "approved",
        "I3": "",
    }
    entry = read_record(desk)[0]
    kept = {name: entry.content[name] for name in ("amount", "net_amount", "tax_amount", "expected_recovery_amount")}
    assert kept == {
        "amount": "100.00",
        "net_amount": "83.33",
        "tax_amount": "16.67",
        "expected_recovery_amount": "25.00",
    }
    assert entry.content["policy"] == POLICY.hash()
    assert entry.content["data"]


def test_doing_anything_twice_changes_nothing(desk):
    for _ in range(2):
        write_offs.propose(desk, ["I1"], actor=actor("eve"))
        write_offs.approve(desk, ["I1"], actor=actor("ben"))
    assert count_lines(desk) == 2
    write_offs.propose(desk, ["I1"], actor=actor("ben"))
    assert count_lines(desk) == 2


def test_all_leaves_out_ones_own_proposals_and_naming_them_is_refused(desk):
    write_offs.propose(desk, ["I1"], actor=actor("eve"))
    assert write_offs.approve(desk, [], actor=actor("eve")) == []
    with pytest.raises(InputError, match="eve proposed I1"):
        write_offs.approve(desk, ["I1"], actor=actor("eve"))
    assert count_lines(desk) == 1


def test_one_that_cannot_be_approved_keeps_all_from_it(desk):
    write_offs.propose(desk, ["I1"], actor=actor("eve"))
    write_offs.propose(desk, ["I2"], actor=actor("ben"))
    with pytest.raises(InputError, match="ben proposed I2"):
        write_offs.approve(desk, ["I1", "I2"], actor=actor("ben"))
    assert count_lines(desk) == 2


def test_what_should_wait_needs_a_note(desk):
    with pytest.raises(InputError, match="I3 should wait: in dispute"):
        write_offs.propose(desk, ["I3"], actor=actor("eve"))
    write_offs.propose(desk, ["I3"], actor=actor("eve"), note="the court decided")
    assert read_record(desk)[0].content["note"] == "the court decided"


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda desk: write_offs.propose(desk, ["I9"], actor=actor("eve")), "'I9' is no candidate"),
        (lambda desk: write_offs.propose(desk, ["I1"], actor=actor(" ")), "who acts is not said"),
        (lambda desk: write_offs.approve(desk, ["I9"], actor=actor("ben")), "no write-off of 'I9' was proposed"),
        (lambda desk: write_offs.decline(desk, [], actor=actor("ben"), note="x"), "which write-offs is not said"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_leaves_nothing(desk, act, said):
    with pytest.raises(InputError, match=said):
        act(desk)
    assert not desk.records.list_keys()


def test_what_is_handed_over_is_booked_once_the_ledger_has_it(desk):
    write_offs.propose(desk, [], actor=actor("eve"))
    write_offs.approve(desk, [], actor=actor("ben"))
    bookings = list_bookings(write_offs.read_standings(desk)).to_dict("records")
    assert bookings[0] == {
        "invoice_id": "I1",
        "written_off_on": "2025-03-03",
        "amount": "100.00",
        "reason": "bad_debt",
        "entity_id": "main",
        "known_on": "2025-03-03",
        "tax_amount": "16.67",
    }
    rows = [{name: value for name, value in row.items() if name != "tax_amount"} for row in bookings[:1]]
    after = later(desk, write_offs=rows)
    assert stands(write_offs.read_standings(after)) == {"I1": "booked", "I2": "approved"}
    assert list_bookings(write_offs.read_standings(after))["invoice_id"].tolist() == ["I2"]
    assert stands(write_offs.approve(after, ["I1"], actor=actor("ben"))) == {"I1": "booked"}
    with pytest.raises(InputError, match="I1 is booked"):
        write_offs.decline(after, ["I1"], actor=actor("ben"), note="x")


def test_an_earlier_write_off_of_the_invoice_is_not_taken_for_the_booking(tmp_path):
    tables = {"invoices": [invoice()], "write_offs": [write_off(amount="50")]}
    desk = Desk(book_of(**tables), date(2025, 3, 1), FolderRecords(tmp_path), POLICY)
    write_offs.propose(desk, ["I1"], actor=actor("eve"))
    assert stands(write_offs.approve(desk, ["I1"], actor=actor("ben"))) == {"I1": "approved"}


def test_an_amount_that_changed_since_is_refused_until_it_is_proposed_again(desk):
    write_offs.propose(desk, ["I1"], actor=actor("eve"))
    paid = {
        "payments": [payment(amount="20", paid_on="2025-03-02")],
        "allocations": [allocation(amount="20", applied_on="2025-03-02")],
        "credit_events": [{"customer_id": "A", "occurred_on": "2025-02-01", "kind": "insolvency"}],
    }
    after = later(desk, **paid)
    with pytest.raises(InputError, match=r"I1: 100\.00 USD was proposed, 80\.00 is open"):
        write_offs.approve(after, ["I1"], actor=actor("ben"))
    assert write_offs.approve(after, [], actor=actor("ben")) == []
    write_offs.propose(after, ["I1"], actor=actor("eve"))
    assert stands(write_offs.approve(after, ["I1"], actor=actor("ben"))) == {"I1": "approved"}
    assert list_bookings(write_offs.read_standings(after))["amount"].tolist() == ["80.00"]


def test_an_approved_amount_that_changed_is_not_handed_over(desk):
    write_offs.propose(desk, ["I1"], actor=actor("eve"))
    write_offs.approve(desk, ["I1"], actor=actor("ben"))
    after = later(desk, write_offs=[write_off(amount="40", written_off_on="2025-03-05")])
    assert stands(write_offs.read_standings(after)) == {"I1": "changed"}
    assert list_bookings(write_offs.read_standings(after)).empty


def test_what_the_ledger_wrote_off_without_approval_is_told(desk):
    write_offs.propose(desk, ["I1"], actor=actor("eve"))
    after = later(desk, write_offs=[write_off(written_off_on="2025-03-05")])
    assert stands(write_offs.read_standings(after)) == {"I1": "booked without approval"}
    with pytest.raises(InputError, match="without approval"):
        write_offs.approve(after, ["I1"], actor=actor("ben"))


def test_a_changed_record_is_refused(desk):
    write_offs.propose(desk, ["I1"], actor=actor("eve"))
    path = desk.records.find(name_record(desk.book.name))
    path.write_text(path.read_text().replace('"amount":"100.00"', '"amount":"900.00"'))
    with pytest.raises(BookError, match="line 1 is not as it was written"):
        write_offs.approve(desk, ["I1"], actor=actor("ben"))
    assert desk.records.check(name_record(desk.book.name)).fault
