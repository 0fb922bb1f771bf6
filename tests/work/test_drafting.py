"""A close as a job: drafted once, in the name of who asked for it, wherever the work was broken off."""

import pytest

from arrisk.acts import Actor
from arrisk.allowance.closes.states import State as CloseState
from arrisk.errors import InputError
from arrisk.store.batches import Upload, add_batch
from arrisk.store.book import read_book
from arrisk.store.claims import list_steps
from arrisk.store.jobs import Order, State, put, read_job
from arrisk.store.records import TableRecords
from arrisk.uses import closing, drafting, work
from arrisk.uses.tasks import Cancelled
from tests.api.kept import SMALL, make_small
from tests.api.ledger import CURRENCY
from tests.books import invoice, raw_of
from tests.work.conftest import AT

END = "2024-04-30"
ASSESSED = {"customer_id": "A", "rate": 0.5, "reason": "insolvent", "assessed_by": "ana", "assessed_on": "2024-04-01"}


@pytest.fixture
def small(worker):
    """Give the worker, with a ledger of two selling companies to work on."""
    add_rows(worker, make_small())
    return worker


def add_rows(worker, tables):
    upload = Upload(tables, "test", CURRENCY)
    add_batch(worker.database, SMALL, upload, fallback_currency=CURRENCY, by="ana", at=AT.isoformat())


def ask(worker, **more):
    arguments = {"period_end": END, "entity": "north", "method": "matrix", **more}
    return put(worker.database, Order(drafting.KIND, SMALL, arguments, "fay"), at=worker.now()).job_id


def find(worker, entity="north"):
    return closing.list_closes(TableRecords(worker.database), SMALL, entity)


def kill(worker, monkeypatch, target, name, *, after=True):
    """Let the worker die after a function did its work, or before."""
    real = getattr(target, name)

    def call(*given, **named):
        if after:
            real(*given, **named)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(target, name, call)
        with pytest.raises(SystemExit):
            worker.do_next()


def go_on(worker):
    worker.silent_seconds = -3600.0
    worker.drain()


@pytest.mark.slow
def test_a_close_is_drafted_as_at_once_by_who_asked(small):
    job_id = ask(small, opening="5.00", assessments=[ASSESSED])
    small.drain()
    job = read_job(small.database, job_id)
    assert job.state == State.DONE, job.problem
    (close,) = find(small)
    assert (close.state, close.drafted_by, close.version) == (CloseState.DRAFT, "fay", 1)
    assert job.result == {
        "entity": "north",
        "period_end": END,
        "version": 1,
        "document_sha256": close.seal,
    }
    asked = drafting.Asked.read({**job.arguments})
    book, records = read_book(small.database, SMALL), TableRecords(small.database)
    actor = Actor("ben", small.now())
    given = {"actor": actor, "records": records, "home": small.home, "policy": small.policy}
    assert drafting.draft(book, asked, **given) == close, "the same inputs, the same draft"
    assert close.document["movement"]["opening"] == 500
    assert [row["allowance"] for row in close.document["rows"] if row["segment"] == "individual"].count(5000) == 1


@pytest.mark.slow
def test_who_asked_does_not_review_it(small):
    ask(small)
    small.drain()
    book, records = read_book(small.database, SMALL), TableRecords(small.database)
    given = {"to": CloseState.REVIEWED, "records": records, "policy": small.policy}
    (close,) = find(small)
    with pytest.raises(InputError, match="drafted"):
        closing.sign_close(book, "north", close.period_end, actor=Actor("Fay", small.now()), **given)
    actor = Actor("ben", small.now())
    assert closing.sign_close(book, "north", close.period_end, actor=actor, **given).reviewed_by == "ben"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "name"),
    [(closing, "plan_calculation"), (closing, "draft_close"), (drafting.Task, "end_alone")],
    ids=["while it computes", "between draft and step", "before both are kept"],
)
def test_a_worker_that_dies_leaves_nothing_half_and_the_next_one_drafts_it_once(small, monkeypatch, target, name):
    job_id = ask(small)
    kill(small, monkeypatch, target, name)
    assert find(small) == []
    assert list_steps(small.database, read_job(small.database, job_id)) == {}
    go_on(small)
    assert read_job(small.database, job_id).state == State.DONE
    (close,) = find(small)
    assert [step.action for step in close.steps] == ["draft"]


@pytest.mark.slow
def test_what_a_dead_worker_drafted_is_not_drafted_again_though_the_ledger_moved_on(small, monkeypatch):
    job_id = ask(small)
    kill(small, monkeypatch, work, "finish", after=False)
    (before,) = find(small)
    assert read_job(small.database, job_id).state == State.RUNNING
    add_rows(small, raw_of(invoices=[invoice("9", "A", entity_id="north")]))
    go_on(small)
    job = read_job(small.database, job_id)
    assert (job.state, job.result["document_sha256"]) == (State.DONE, before.seal)
    (close,) = find(small)
    assert (close.version, len(close.steps)) == (1, 1)


@pytest.mark.slow
def test_two_that_are_asked_for_alike_are_one_draft(small):
    first, second = ask(small), ask(small)
    assert small.drain() == 2
    assert read_job(small.database, first).result == read_job(small.database, second).result
    assert len(find(small)[0].steps) == 1


@pytest.mark.slow
def test_one_that_is_cancelled_while_it_is_done_leaves_nothing(small, monkeypatch):
    job_id, real = ask(small), closing.draft_close

    def draft_close(*given, **named):
        real(*given, **named)
        raise Cancelled

    monkeypatch.setattr(closing, "draft_close", draft_close)
    small.drain()
    assert read_job(small.database, job_id).state == State.CANCELLED
    assert find(small) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"method": "model"}, "no promoted model of the ledger 'birch'"),
        ({"entity": None}, "the book has 2 entities"),
        ({"opening": "1.005"}, "1.005"),
        ({"assessments": [{**ASSESSED, "rate": 2.0}]}, "row 1"),
    ],
)
def test_what_cannot_be_drafted_fails_and_says_why(small, more, said):
    job_id = ask(small, **more)
    small.drain()
    job = read_job(small.database, job_id)
    assert job.state == State.FAILED
    assert said in f"{job.problem['where']} {job.problem['detail']}"
    assert find(small) == []
