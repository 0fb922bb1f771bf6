"""Jobs: asked for once, listed, and stopped."""

from datetime import UTC, datetime, timedelta

import pytest

from arrisk.errors import InputError, MissingError
from arrisk.store import Database
from arrisk.store.claims import beat, claim
from arrisk.store.jobs import Order, State, cancel, list_jobs, put, read_job

AT = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
KINDS = ["nightly", "train"]


def order(**more: object) -> Order:
    return Order(**{"kind": "nightly", "ledger": "alder", "arguments": {"as_of": "2026-01-05"}, "by": "ana", **more})


def test_a_job_waits_as_it_was_asked_for(database: Database):
    job = put(database, order(), at=AT)
    assert (job.state, job.made_by, job.arguments, job.attempts) == (State.QUEUED, "ana", {"as_of": "2026-01-05"}, 0)
    assert read_job(database, job.job_id) == job


def test_the_same_request_gives_the_same_job(database: Database):
    first = put(database, order(fingerprint="f"), at=AT)
    assert put(database, order(fingerprint="f"), at=AT + timedelta(hours=1)) == first
    assert len(list_jobs(database)) == 1


def test_a_request_without_a_key_is_a_new_job_each_time(database: Database):
    assert put(database, order(), at=AT).job_id != put(database, order(), at=AT).job_id


def test_a_key_that_was_used_for_another_job_is_refused(database: Database):
    put(database, order(fingerprint="f"), at=AT)
    with pytest.raises(InputError, match="same idempotency key"):
        put(database, order(fingerprint="f", ledger="birch"), at=AT)


def test_jobs_are_listed_newest_first_page_by_page(database: Database):
    ids = [put(database, order(ledger=name), at=AT).job_id for name in ("alder", "birch", "cedar")]
    first = list_jobs(database, limit=2)
    rest = list_jobs(database, limit=2, before=first[-1].job_id)
    assert [job.job_id for job in [*first, *rest]] == ids[::-1]
    assert [job.ledger for job in list_jobs(database, ledger="birch")] == ["birch"]


def test_a_job_that_waits_is_cancelled_at_once(database: Database):
    job = cancel(database, put(database, order(), at=AT).job_id, by="ben", at=AT)
    assert (job.state, job.cancel_by) == (State.CANCELLED, "ben")
    assert claim(database, kinds=KINDS, at=AT) is None


def test_a_job_that_is_being_done_is_told_to_stop(database: Database):
    put(database, order(), at=AT)
    job = claim(database, kinds=KINDS, at=AT)
    assert cancel(database, job.job_id, by="ben", at=AT).state == State.RUNNING
    assert beat(database, job, at=AT, progress="", share=0.0).cancel_by == "ben"


def test_what_is_over_cannot_be_cancelled(database: Database):
    job = cancel(database, put(database, order(), at=AT).job_id, by="ben", at=AT)
    with pytest.raises(InputError, match="is over"):
        cancel(database, job.job_id, by="ben", at=AT)


def test_a_job_that_is_not_there_is_said(database: Database):
    with pytest.raises(MissingError, match="no job 7"):
        read_job(database, 7)
    with pytest.raises(MissingError, match="no job 7"):
        cancel(database, 7, by="ben", at=AT)
