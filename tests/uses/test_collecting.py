"""What collectors do is recorded once, by somebody, on what they saw; promises are judged by the ledger."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from arrisk.acts import Actor
from arrisk.contacts import actions
from arrisk.errors import ChangedError, InputError
from arrisk.policy import load_policy
from arrisk.records import FolderRecords
from arrisk.store.records import TableRecords
from arrisk.uses import collecting
from arrisk.uses.collecting import Files
from arrisk.uses.desk import Desk
from tests.books import book_of, credit_note, customer, dispute, invoice, payment
from tests.databases import EACH_KIND, open_new

AT = datetime(2024, 3, 4, 9, tzinfo=UTC)
CLEO = Actor("cleo", AT)
CALLED = actions.LogContact("call", "reached")
POLICY = load_policy()


@pytest.fixture(params=["files", *EACH_KIND])
def records(request, tmp_path):
    """Give the records of a state folder, and of a database of each kind."""
    if request.param == "files":
        yield FolderRecords(tmp_path)
        return
    database = open_new(request.param, tmp_path)
    yield TableRecords(database)
    database.close()


@pytest.fixture
def desk(records):
    book = book_of(
        customers=[customer("A"), customer("B"), customer("C", known_on="2024-06-01")],
        invoices=[
            invoice("I1"),
            invoice("I2", due_on="2024-04-01"),
            invoice("U1", currency="EUR", amount="10"),
            credit_note("N1"),
            invoice("I3", "B"),
        ],
        disputes=[dispute("D1", "I1", amount="40")],
        payments=[payment("P1", paid_on="2024-03-06", amount="60")],
        rates=[{"currency": "EUR", "rate_on": "2024-01-01", "rate": 1.1}],
        extract_end_on=date(2024, 3, 31),
    )
    return Desk(book, date(2024, 3, 4), records, POLICY)


def act(desk, *arguments, **named):
    """Act as a process does that has just begun."""
    return collecting.act(Files(desk.records, "test"), desk, *arguments, **named)


def read(desk):
    return Files(desk.records, "test").read(on=AT.date()).accounts


def test_an_action_is_recorded_with_its_owner_and_its_moment(desk):
    account = act(desk, "A", CALLED, actor=CLEO)
    (entry,) = desk.records.read("contacts/test/2024-03-04")
    assert (entry.by, entry.at, entry.action) == ("cleo", "2024-03-04T09:00:00+00:00", "contact")
    assert entry.content == {"customer_id": "A", "channel": "call", "outcome": "reached", "note": ""}
    assert read(desk) == {"A": account}


def test_the_records_of_contacts_are_among_those_that_are_checked(desk):
    act(desk, "A", CALLED, actor=CLEO)
    assert desk.records.list_keys() == ["contacts/test/2024-03-04"]
    assert not desk.records.check("contacts/test/2024-03-04").fault


def test_files_of_customers_do_not_mix(desk):
    act(desk, "A", CALLED, actor=CLEO)
    account = act(desk, "B", actions.Assign("dan"), actor=CLEO)
    assert (account.version, account.collector, account.last_contact) == (1, "dan", {})


def test_files_are_read_on_from_where_they_were(desk):
    files, other = Files(desk.records, "test"), Files(desk.records, "test")
    collecting.act(files, desk, "A", CALLED, actor=CLEO)
    collecting.act(other, desk, "B", CALLED, actor=CLEO)
    later = Actor("dan", AT + timedelta(days=3))
    assert collecting.act(other, desk, "A", CALLED, actor=later).version == 2
    known = files.read(on=later.on)
    assert known == other.read(on=later.on) == Files(desk.records, "test").read(on=later.on)
    assert (known.acted_on, list(known.counts.values())) == (("A", "B", "A"), [2, 1])
    assert known.accounts["A"].last_contact["by"] == "dan"


def test_files_are_read_on_after_months_without_any_act(desk):
    files, other = Files(desk.records, "test"), Files(desk.records, "test")
    assert not files.read(on=AT.date()).accounts
    collecting.act(other, desk, "A", CALLED, actor=CLEO)
    assert files.read(on=AT.date()).accounts["A"].version == 1
    later = Actor("dan", AT + timedelta(days=400))
    collecting.act(other, desk, "A", CALLED, actor=later)
    assert files.read(on=later.on + timedelta(days=400)).accounts["A"].version == 2
    assert files.read(on=AT.date()).accounts["A"].version == 2


def test_after_months_of_silence_what_others_do_today_is_seen_even_if_their_clock_is_a_day_behind(desk):
    files, other = Files(desk.records, "test"), Files(desk.records, "test")
    quiet = AT + timedelta(days=400)
    assert not files.read(on=quiet.date()).accounts
    collecting.act(other, desk, "A", CALLED, actor=Actor("dan", quiet - timedelta(days=1)))
    assert files.read(on=quiet.date()).accounts["A"].version == 1
    collecting.act(other, desk, "A", CALLED, actor=Actor("dan", quiet))
    assert files.read(on=quiet.date()).accounts["A"].version == 2


def test_whose_clock_is_behind_acts_on_the_last_day_that_was_begun(desk):
    act(desk, "A", CALLED, actor=Actor("dan", AT + timedelta(days=1)))
    assert act(desk, "A", CALLED, actor=CLEO).version == 2
    assert desk.records.list_keys() == ["contacts/test/2024-03-05"]


def test_many_who_act_at_once_lose_nothing(desk):
    files = Files(desk.records, "test")
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: collecting.act(files, desk, "A", CALLED, actor=CLEO), range(24)))
    assert max(account.version for account in done) == 24
    assert read(desk)["A"].version == 24


def test_facts_are_those_of_the_open_invoices_in_book_currency(desk):
    facts = collecting.read_facts(desk.book, "A", as_of=desk.as_of)
    assert (facts.currency, facts.overdue_amount, facts.disputed_amount) == ("USD", 10_000 + 1_100, 4_000)
    assert facts.open_amounts == {"I1": 10_000, "I2": 10_000, "U1": 1_000}
    assert facts.currencies["U1"] == "EUR"


def test_who_acts_on_what_changed_meanwhile_is_refused_and_nothing_is_written(desk):
    act(desk, "A", CALLED, actor=Actor("cleo", AT, saw=0))
    with pytest.raises(ChangedError, match="somebody acted on customer A"):
        act(desk, "A", CALLED, actor=Actor("dan", AT, saw=0))
    act(desk, "B", CALLED, actor=Actor("dan", AT, saw=0))
    assert len(desk.records.read("contacts/test/2024-03-04")) == 2


@pytest.mark.parametrize(("customer_id", "by"), [("Z", "cleo"), ("C", "cleo"), ("A", " ")])
def test_strangers_and_the_nameless_are_refused(desk, customer_id, by):
    with pytest.raises(InputError):
        act(desk, customer_id, CALLED, actor=Actor(by, AT))
    assert desk.records.list_keys() == []


def test_a_promise_is_judged_by_the_receipts_that_were_known(desk):
    promise = actions.TakePromise(10_000, "USD", date(2024, 3, 8))
    account = act(desk, "A", promise, actor=CLEO)

    def judge(on):
        receipts = collecting.read_receipts(desk.book, as_of=on)
        (judged,) = collecting.judge_account(account, receipts, as_of=on, policy=POLICY)
        return str(judged.standing), judged.received

    assert [judge(date(2024, 3, day)) for day in (6, 7, 10, 11)] == [
        ("open", 0),
        ("open", 6_000),
        ("open", 6_000),
        ("partly", 6_000),
    ]


def test_a_promise_is_not_broken_because_nobody_has_brought_the_receipts(desk):
    assert collecting.find_known_day(desk.book, on=date(2024, 3, 10)) == date(2024, 3, 10)
    assert collecting.find_known_day(desk.book, on=date(2024, 5, 1)) == date(2024, 4, 1)


def test_progress_is_that_of_the_day(desk):
    act(desk, "A", CALLED, actor=CLEO)
    act(desk, "B", CALLED, actor=Actor("dan", AT.replace(day=5)))
    progress = collecting.read_progress(read(desk), on=date(2024, 3, 4))
    assert [(one.collector, one.count_contacts) for one in progress.collectors] == [("cleo", 1)]
