"""The close as people work with it: drafts, four eyes, posting once, reversals, in a record that shows changes."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from arrisk.acts import Actor
from arrisk.allowance.closes.document import Period
from arrisk.allowance.closes.journal import list_journal
from arrisk.allowance.closes.states import State
from arrisk.errors import BookError, ChangedError, InputError
from arrisk.policy import Policy
from arrisk.records import FolderRecords
from arrisk.uses.closing import (
    Calculation,
    choose_method,
    draft_close,
    find_last_close,
    name_record,
    reverse_close,
    sign_close,
    write_journal,
)
from tests.allowance.given import POLICY, given_allowance
from tests.books import book_of, invoice, write_off

MAR, APR, MAY = date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 31)
BOOK = book_of(invoices=[invoice()], write_offs=[write_off(written_off_on="2024-04-10", amount="10")])


class Desk:
    """The people of a small company with one ledger."""

    def __init__(self, home, book=BOOK, policy=POLICY):
        self.records, self.book, self.policy = FolderRecords(home), book, policy
        self.made = 0

    def by(self, name, saw=None):
        actor = Actor(name, datetime(2024, 6, 1, tzinfo=UTC), saw=saw)
        return {"actor": actor, "records": self.records, "policy": self.policy}

    def draft(self, end, name="ana", *, model="", assessments=None, **period):
        def make():
            self.made += 1
            return given_allowance(self.book, end)

        calculation = Calculation("given", model, make, assessments)
        return draft_close(self.book, Period("main", end, **period), calculation, **self.by(name))

    def review(self, end, name="ben"):
        return sign_close(self.book, "main", end, to=State.REVIEWED, **self.by(name))

    def post(self, end, name="ana"):
        return sign_close(self.book, "main", end, to=State.POSTED, **self.by(name))

    def reverse(self, end, reason="wrong", name="ana"):
        return reverse_close(self.book.name, "main", end, reason=reason, **self.by(name))

    def close(self, end):
        self.draft(end)
        self.review(end)
        return self.post(end)

    @property
    def lines(self):
        return len(self.records.read(name_record(self.book.name, "main")))


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_close_goes_from_draft_to_posted_and_names_its_people(desk):
    close = desk.close(MAR)
    assert (close.state, close.drafted_by, close.reviewed_by, close.posted_by) == ("posted", "ana", "ben", "ana")
    assert [step.action for step in close.steps] == ["draft", "review", "post"]


def test_the_same_inputs_give_the_same_draft_and_no_new_line(desk):
    first, second = desk.draft(MAR), desk.draft(MAR, "ben")
    assert first.seal == second.seal
    assert (desk.lines, desk.made, second.drafted_by) == (1, 1, "ana")


def test_rows_known_later_leave_the_draft_as_it_is(desk):
    desk.draft(MAR)
    desk.book = book_of(invoices=[invoice(), invoice("I2", issued_on="2024-04-01", due_on="2024-05-01")])
    desk.draft(MAR)
    assert desk.lines == 1


@pytest.mark.parametrize("change", [{"model": "payment/x/2"}, {"opening": 500}, {"other": 5, "reason": "adopted"}])
def test_other_inputs_give_another_draft_that_is_reviewed_anew(desk, change):
    desk.draft(MAR)
    desk.review(MAR)
    assert desk.draft(MAR, **change).state == "draft"
    assert desk.lines == 3


def test_to_look_at_a_draft_leaves_what_was_said_of_it(desk):
    first = desk.draft(MAR, opening=500, since=date(2024, 2, 15), other=5, reason="adopted")
    assert desk.draft(MAR, "ben") == first
    assert desk.draft(MAR, opening=600).document["movement"]["other"] == 5
    assert desk.lines == 2


@pytest.mark.slow
def test_a_draft_that_was_made_before_there_was_a_close_to_carry_forward_takes_that(desk):
    desk.draft(APR, opening=500)
    desk.close(MAR)
    assert desk.draft(APR).document["movement"]["opening"] == 5_000


def test_a_draft_with_assessments_is_drafted_anew_with_them_alone(desk):
    first = desk.draft(MAR, assessments="ab12")
    assert desk.draft(MAR, "ben") == first
    with pytest.raises(InputError, match="was drafted with assessments"):
        desk.draft(MAR, model="payment/x/2")
    again = desk.draft(MAR, model="payment/x/2", assessments="cd34")
    assert again.document["basis"]["assessments"] == "cd34"


def test_the_method_of_a_draft_stays_as_long_as_the_policy_does(desk):
    close = desk.draft(MAR)
    assert choose_method(None, close, POLICY) == "given"
    assert choose_method("matrix", close, POLICY) == "matrix"
    other = Policy.parse('[allowance]\nmethod = "roll-rate"', where="test")
    assert choose_method(None, close, other) == choose_method(None, None, other) == "roll-rate"


def test_a_book_in_another_currency_carries_nothing_forward(desk):
    desk.close(MAR)
    desk.book = book_of(invoices=[invoice()], currency="EUR")
    with pytest.raises(InputError, match="is in USD, the book is in EUR"):
        desk.draft(APR)


def test_who_drafted_does_not_review(desk):
    desk.draft(MAR, "Ana")
    with pytest.raises(InputError, match=r"ana drafted .* cannot review"):
        desk.review(MAR, " ana")


def test_a_draft_is_not_posted_without_a_review(desk):
    desk.draft(MAR)
    with pytest.raises(InputError, match=r"is draft and cannot become posted.*reviewed"):
        desk.post(MAR, "ben")


def test_what_was_drafted_anew_since_it_was_read_is_not_signed(desk):
    desk.draft(MAR)
    desk.draft(MAR, opening=500)
    ben = {"to": State.REVIEWED, **desk.by("ben", saw=1)}
    with pytest.raises(ChangedError, match="somebody acted on the close of main for 2024-03-31 meanwhile"):
        sign_close(desk.book, "main", MAR, **ben)
    assert sign_close(desk.book, "main", MAR, **ben | desk.by("ben", saw=2)).reviewed_by == "ben"


def test_policy_names_who_may_sign(desk):
    desk.policy = Policy.parse('[allowance]\nsignatories = ["Ben"]', where="test")
    desk.draft(MAR)
    with pytest.raises(InputError, match="eva may not sign"):
        desk.review(MAR, "eva")
    assert desk.review(MAR, "ben").state == "reviewed"


def test_posting_twice_does_nothing(desk):
    first = desk.close(MAR)
    assert desk.post(MAR, "eva") == first
    assert desk.lines == 3


def test_a_posted_period_is_shown_from_the_same_inputs_and_refused_from_others(desk):
    posted = desk.close(MAR)
    assert desk.draft(MAR) == posted
    with pytest.raises(InputError, match="is posted and cannot be changed"):
        desk.draft(MAR, model="payment/x/2")
    assert desk.made == 1


def test_what_was_drafted_from_other_inputs_is_not_signed(desk):
    desk.draft(MAR)
    desk.policy = Policy.parse("[ageing]\npast_due_days = [15]", where="test")
    with pytest.raises(InputError, match=r"drafted from another policy than now.*draft it again"):
        desk.review(MAR)


def test_a_reversal_needs_its_reason_and_the_period_is_drafted_anew(desk):
    desk.close(MAR)
    with pytest.raises(InputError, match="reason"):
        desk.reverse(MAR, " ")
    assert desk.reverse(MAR, "rates were wrong").reason == "rates were wrong"
    assert desk.reverse(MAR).reason == "rates were wrong"
    assert find_last_close(desk.records, "test", "main", APR) is None
    again = desk.draft(MAR)
    assert (again.state, again.version, again.reviewed_by, again.reason) == ("draft", 2, "", "")


def test_a_later_period_waits_for_an_earlier_draft(desk):
    desk.draft(MAR)
    desk.draft(APR)
    desk.review(APR)
    with pytest.raises(InputError, match=r"for 2024-03-31 is draft, not settled"):
        desk.post(APR)
    desk.reverse(MAR, "not a period of ours")
    assert desk.post(APR).state == "posted"


@pytest.mark.slow
def test_a_draft_that_rests_on_another_opening_is_not_posted(desk):
    desk.draft(APR)
    desk.review(APR)
    desk.close(MAR)
    with pytest.raises(InputError, match=r"last posted close is of 2024-03-31, not the one"):
        desk.post(APR)
    assert desk.draft(APR).document["movement"]["opening"] == 5_000


def test_an_earlier_close_stands_as_long_as_a_later_one_does(desk):
    desk.close(MAR)
    desk.close(APR)
    with pytest.raises(InputError, match=r"for 2024-04-30 stands posted"):
        desk.reverse(MAR)
    with pytest.raises(InputError, match=r"for 2024-04-30 stands posted"):
        desk.draft(date(2024, 4, 15))
    desk.reverse(APR)
    assert desk.reverse(MAR).state == "reversed"


@pytest.mark.slow
def test_the_last_close_before_a_day_is_the_newest_that_stands_posted(desk):
    march = desk.close(MAR)
    desk.close(APR)
    desk.draft(MAY)
    assert find_last_close(desk.records, "test", "main", date(2025, 1, 1)).period_end == APR
    assert find_last_close(desk.records, "test", "main", APR) == march
    assert find_last_close(desk.records, "test", "main", MAR) is None
    assert find_last_close(desk.records, "test", "elsewhere", APR) is None


def test_nobody_signs_without_a_name(desk):
    with pytest.raises(InputError, match="who acts is not said"):
        desk.draft(MAR, " ")


def test_what_was_not_drafted_cannot_be_signed(desk):
    desk.draft(MAR)
    with pytest.raises(InputError, match=r"no close for 2024-04-30 is drafted.*drafted are: 2024-03-31"):
        desk.review(APR)


def test_an_edited_record_is_refused(desk):
    desk.close(MAR)
    path = desk.records.find(name_record("test", "main"))
    path.write_text(path.read_text().replace('"charge":5000', '"charge":4000'))
    with pytest.raises(BookError, match="the record was changed: line 1"):
        desk.draft(APR)


@pytest.mark.slow
def test_the_journal_is_written_for_the_general_ledger_and_taken_back_by_a_reversal(desk, tmp_path):
    desk.close(MAR)
    april = desk.close(APR)
    write_journal(april, tmp_path / "j.csv")
    read = pd.read_csv(tmp_path / "j.csv", dtype="str").fillna("")
    assert read[["entry_id", "account", "debit", "credit"]].to_numpy().tolist() == [
        # Required is half of 90.00; 50.00 less 10.00 stood on the account.
        ["main-2024-04-30-charge", "6600", "5.00", "0.00"],
        ["main-2024-04-30-charge", "1290", "0.00", "5.00"],
        ["main-2024-04-30-write-off", "1290", "10.00", "0.00"],
        ["main-2024-04-30-write-off", "1200", "0.00", "10.00"],
    ]
    back = list_journal(desk.reverse(APR))
    booked = pd.concat([list_journal(april), back]).groupby("account")[["debit", "credit"]].sum()
    assert (booked["debit"] == booked["credit"]).all()
    assert not set(back["entry_id"]) & set(read["entry_id"])
    again = desk.close(APR)
    assert list_journal(again)["entry_id"].iloc[0] == "main-2024-04-30-v2-charge"


def test_a_draft_that_was_dropped_books_nothing(desk):
    desk.draft(MAR)
    assert not len(list_journal(desk.reverse(MAR)))
    assert desk.draft(MAR).version == 1


def test_a_release_and_a_corrected_write_off_swap_sides(desk):
    close = desk.close(MAR)
    movement = dict.fromkeys(close.document["movement"], 0) | {"charge": -500, "write_offs": -30}
    journal = list_journal(replace(close, document={**close.document, "movement": movement}))
    assert journal[["role", "debit", "credit"]].to_numpy().tolist() == [
        ["allowance", 500, 0],
        ["expense", 0, 500],
        ["receivables", 30, 0],
        ["allowance", 0, 30],
    ]


def test_a_recovery_is_reinstated_and_received(desk):
    close = desk.close(MAR)
    movement = dict.fromkeys(close.document["movement"], 0) | {"recoveries": 20}
    journal = list_journal(replace(close, document={**close.document, "movement": movement}))
    assert journal[["role", "debit", "credit"]].to_numpy().tolist() == [
        ["receivables", 20, 0],
        ["allowance", 0, 20],
        ["cash", 20, 0],
        ["receivables", 0, 20],
    ]


OVERLAY = """
[[allowance.overlays]]
name = "floods"
{how}
reason = "floods"
owner = "ana"
source = "press"
approver = "ben"
from_on = 2024-01-01
expires_on = {expires_on}
"""


def test_an_overlay_is_part_of_the_document_until_it_expires(desk):
    desk.policy = Policy.parse(OVERLAY.format(how="factor = 1.2", expires_on=MAR), where="test")
    document = desk.close(MAR).document
    assert document["movement"]["charge"] == 6_000
    assert [row["allowance"] for row in document["rows"]] == [5_000, 1_000]
    with pytest.raises(InputError, match=r"the overlay expired on 2024-03-31.*floods"):
        desk.draft(APR)
    assert desk.lines == 3


def test_an_overlay_of_an_amount_is_not_taken_twice_by_two_entities(desk):
    desk.policy = Policy.parse(OVERLAY.format(how="amount = 5.0", expires_on=MAR), where="test")
    desk.book = book_of(invoices=[invoice(), invoice("I2", entity_id="north")])
    with pytest.raises(InputError, match="'floods' is an amount for the whole book"):
        desk.draft(MAR)
