"""Who may approve a write-off: amounts of a customer together, a second pair of eyes, and what a record adds up to."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest

from arrisk.allowance.bad_debt.approvals import State, approve, decline, is_same, replay
from arrisk.errors import BookError, InputError
from arrisk.policy import Policy

DAY = date(2025, 3, 2)
POLICY = Policy.parse(
    """
[authority]
four_eyes_above = 5000.0
[[authority.roles]]
name = "credit analyst"
up_to = 1000.0
people = ["ana", "abe"]
[[authority.roles]]
name = "credit manager"
up_to = 10000.0
people = ["ben"]
[[authority.roles]]
name = "finance director"
up_to = inf
people = ["dora"]
""",
    where="test",
).authority


@dataclass(frozen=True)
class Act:
    by: str
    action: str
    content: dict
    at: str = field(default="2025-03-01T10:00:00+00:00")


def proposal(invoice_id="I1", amount="600.00", customer="A", by="eve", **more):
    content = {"invoice_id": invoice_id, "customer_id": customer, "amount": amount, "book_amount": amount}
    return Act(by, "propose", {**content, "currency": "USD", "reason": "bad_debt", "as_of": "2025-03-01", **more})


def approval(known, by, *invoice_ids, on=DAY):
    """Approve, and give the acts that the record then holds."""
    chosen = [known[name] for name in invoice_ids]
    contents = approve(chosen, known.values(), by=by, on=on, authority=POLICY, together_days=365)
    return [Act(by, "approve", content, f"{on}T10:00:00+00:00") for content in contents]


def record(*acts):
    """Play acts; a tuple (by, invoice...) is an approval by the rules."""
    done = []
    for act in acts:
        done += [act] if isinstance(act, Act) else approval(replay(done), *act)
    return replay(done)


def test_one_person_with_the_amount_approves():
    one = record(proposal(), ("ana", "I1"))["I1"]
    assert (one.state, one.approved_on, one.approvals[0]["role"]) == (State.APPROVED, "2025-03-02", "credit analyst")
    assert (one.amount, one.size) == (600_00, Decimal("600.00"))


def test_the_proposer_never_approves_however_the_name_is_written():
    for name in ("ben", "Ben "):
        known = record(proposal(by=name))
        with pytest.raises(InputError, match="ben proposed I1"):
            approval(known, "ben", "I1")


def test_who_has_no_role_cannot_approve():
    with pytest.raises(InputError, match="'zoe' has no authority"):
        approval(record(proposal()), "zoe", "I1")


def test_what_one_customer_is_let_off_counts_together():
    known = record(proposal(), proposal("I2"), proposal("I3", customer="B"))
    with pytest.raises(InputError, match=r"up to 1,000\.00, not on 1,200\.00, which A") as caught:
        approval(known, "ana", "I1", "I2")
    assert caught.value.hint == "for that amount: credit manager, finance director"
    assert len(approval(known, "ana", "I1", "I3")) == 2


def test_what_was_approved_earlier_counts_too_until_it_is_long_ago():
    known = record(proposal(), proposal("I2"), ("ana", "I1"))
    with pytest.raises(InputError, match=r"not on 1,200\.00"):
        approval(known, "abe", "I2", on=date(2026, 3, 2))
    assert approval(known, "abe", "I2", on=date(2026, 3, 3))[0].content["customer_total"] == "600.00"


def test_above_the_threshold_two_approve_and_one_has_the_amount():
    known = record(proposal(amount="5000.01"), ("ben", "I1"))
    assert known["I1"].state is State.PROPOSED
    assert record(proposal(amount="5000.01"), ("ben", "I1"), ("ana", "I1"))["I1"].state is State.APPROVED
    large = record(proposal(amount="20000.00"), ("ben", "I1"), ("ana", "I1"))
    assert large["I1"].state is State.PROPOSED
    assert large["I1"].approved_on == ""
    assert approval(large, "dora", "I1")[0].content["state"] == "approved"


def test_approving_twice_changes_nothing():
    assert approval(record(proposal(), ("ana", "I1")), "ana", "I1") == []
    assert approval(record(proposal(amount="6000.00"), ("ben", "I1")), "ben", "I1") == []


@pytest.mark.parametrize("name", ["Ben", " ben", "\uff42\uff45\uff4e"])
def test_nobody_approves_twice_by_writing_the_name_in_another_way(name):
    assert approval(record(proposal(amount="6000.00"), ("ben", "I1")), name, "I1") == []


def test_another_amount_needs_approvals_of_its_own():
    one = record(proposal(amount="6000.00"), ("ben", "I1"), proposal(amount="5500.00", by="fay"))["I1"]
    assert (one.state, one.approvals, one.proposer, one.amount) == (State.PROPOSED, (), "fay", 5500_00)
    assert is_same(one, proposal(amount="5500.00").content)
    assert not is_same(one, proposal(amount="5500.01").content)


def test_declining_needs_a_reason_and_a_role_unless_it_is_ones_own_proposal():
    proposed, approved = record(proposal())["I1"], record(proposal(), ("ana", "I1"))["I1"]
    with pytest.raises(InputError, match="needs its reason"):
        decline([proposed], by="ben", note=" ", authority=POLICY)
    assert len(decline([proposed], by="eve", note="an error", authority=POLICY)) == 1
    with pytest.raises(InputError, match="'eve' has no authority"):
        decline([approved], by="eve", note="an error", authority=POLICY)
    content = decline([approved], by="ben", note="pays by instalments", authority=POLICY)[0]
    declined = record(proposal(), Act("ben", "decline", content))["I1"]
    assert decline([declined], by="ben", note="again", authority=POLICY) == []
    assert not is_same(declined, proposal().content)
    with pytest.raises(InputError, match="is declined"):
        approve([declined], [declined], by="ana", on=DAY, authority=POLICY, together_days=365)


def test_a_record_that_does_not_begin_with_a_proposal_is_refused():
    with pytest.raises(BookError, match="begins with 'approve'"):
        replay([Act("ben", "approve", {"invoice_id": "I1", "state": "approved"})])
