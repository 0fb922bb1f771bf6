"""Claims: one job at a time for each kind and ledger, and what becomes of a job whose worker died."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from arrisk.store import Database
from arrisk.store.claims import (
    LostJobError,
    beat,
    claim,
    end_step,
    fail,
    finish,
    list_steps,
    recover,
    release,
    stop_cancelled,
)
from arrisk.store.jobs import Job, State, cancel, put, read_job
from tests.store.test_jobs import AT, KINDS, order

LATER = AT + timedelta(minutes=5)


def test_the_oldest_job_is_taken_first(database: Database):
    first = put(database, order(), at=AT)
    put(database, order(ledger="birch"), at=AT)
    taken = claim(database, kinds=KINDS, at=AT)
    assert (taken.job_id, taken.state, taken.attempts) == (first.job_id, State.RUNNING, 1)


def test_two_jobs_of_a_kind_and_ledger_are_done_one_after_the_other(database: Database):
    put(database, order(), at=AT)
    put(database, order(), at=AT)
    first = claim(database, kinds=KINDS, at=AT)
    assert claim(database, kinds=KINDS, at=AT) is None
    finish(database, first, at=AT, result={})
    assert claim(database, kinds=KINDS, at=AT) is not None


def test_other_kinds_and_ledgers_do_not_wait(database: Database):
    for one in (order(), order(ledger="birch"), order(kind="train")):
        put(database, one, at=AT)
    assert [claim(database, kinds=KINDS, at=AT) is not None for _ in range(3)] == [True] * 3


def test_a_kind_that_a_worker_cannot_do_is_left(database: Database):
    put(database, order(), at=AT)
    assert claim(database, kinds=["train"], at=AT) is None


def test_of_many_workers_one_gets_a_job(database: Database):
    for _ in range(4):
        put(database, order(), at=AT)
        put(database, order(ledger="birch"), at=AT)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: claim(database, kinds=KINDS, at=AT), range(24)))
    ledgers = [job.ledger for job in taken if job]
    # Who came at the same moment may go away empty, but nobody shares.
    assert len(ledgers) == len(set(ledgers)) >= 1


def test_a_job_says_how_far_it_is(database: Database):
    put(database, order(), at=AT)
    job = claim(database, kinds=KINDS, at=AT)
    beat(database, job, at=LATER, progress="Scoring", share=0.25)
    found = read_job(database, job.job_id)
    assert (found.progress, found.share) == ("Scoring", 0.25)
    assert found.heartbeat_at > job.heartbeat_at


def test_steps_that_are_done_are_known_to_the_next_worker(database: Database):
    put(database, order(), at=AT)
    job = claim(database, kinds=KINDS, at=AT)
    with database.write() as connection:
        end_step(connection, job, "read", at=AT, result={"rows": 3})
    release(database, job)
    again = claim(database, kinds=KINDS, at=AT)
    assert list_steps(database, again) == {"read": {"rows": 3}}


def end_twice(database: Database, job: Job) -> None:
    with database.write() as connection:
        for _ in range(2):
            end_step(connection, job, "read", at=AT)


def test_a_step_whose_transaction_failed_is_not_done(database: Database):
    put(database, order(), at=AT)
    job = claim(database, kinds=KINDS, at=AT)
    with pytest.raises(IntegrityError):
        end_twice(database, job)
    assert list_steps(database, job) == {}


def test_a_result_or_a_problem_ends_a_job(database: Database):
    for end in (lambda job: finish(database, job, at=LATER, result={"run": 1}),
                lambda job: fail(database, job, at=LATER, problem={"detail": "no"}),
                lambda job: stop_cancelled(database, job, at=LATER)):  # fmt: skip
        put(database, order(), at=AT)
        end(claim(database, kinds=KINDS, at=AT))
    states = [read_job(database, number) for number in (1, 2, 3)]
    assert [job.state for job in states] == [State.DONE, State.FAILED, State.CANCELLED]
    assert (states[0].result, states[1].problem) == ({"run": 1}, {"detail": "no"})


def test_a_job_that_is_given_back_was_not_tried(database: Database):
    put(database, order(), at=AT)
    released = release(database, claim(database, kinds=KINDS, at=AT))
    assert (released.state, released.attempts, released.claim) == (State.QUEUED, 0, None)


def test_a_job_whose_worker_fell_silent_waits_again(database: Database):
    put(database, order(), at=AT)
    dead = claim(database, kinds=KINDS, at=AT)
    assert recover(database, at=AT + timedelta(seconds=29), silent_seconds=30, most_attempts=3) == []
    assert [job.state for job in recover(database, at=LATER, silent_seconds=30, most_attempts=3)] == [State.QUEUED]
    assert claim(database, kinds=KINDS, at=LATER).job_id == dead.job_id


def test_a_worker_that_lost_its_job_can_no_longer_write(database: Database):
    put(database, order(), at=AT)
    slow = claim(database, kinds=KINDS, at=AT)
    recover(database, at=LATER, silent_seconds=30, most_attempts=3)
    claim(database, kinds=KINDS, at=LATER)
    for write in (lambda: beat(database, slow, at=LATER, progress="", share=0.5),
                  lambda: finish(database, slow, at=LATER, result={})):  # fmt: skip
        with pytest.raises(LostJobError):
            write()
    with pytest.raises(LostJobError), database.write() as connection:
        end_step(connection, slow, "read", at=LATER)


def die(database: Database, times: int) -> None:
    for _ in range(times):
        claim(database, kinds=KINDS, at=AT)
        recover(database, at=LATER, silent_seconds=30, most_attempts=3)


def test_a_job_that_kills_its_workers_fails(database: Database):
    job = put(database, order(), at=AT)
    die(database, 3)
    found = read_job(database, job.job_id)
    assert found.state == State.FAILED
    assert "died 3 times" in found.problem["detail"]


def test_a_job_that_gets_on_between_deaths_goes_on(database: Database):
    job = put(database, order(), at=AT)
    die(database, 2)
    alive = claim(database, kinds=KINDS, at=AT)
    with database.write() as connection:
        end_step(connection, alive, "read", at=AT)
    recover(database, at=LATER, silent_seconds=30, most_attempts=3)
    assert read_job(database, job.job_id).state == State.QUEUED


def test_a_job_to_be_stopped_whose_worker_died_is_stopped(database: Database):
    job = put(database, order(), at=AT)
    claim(database, kinds=KINDS, at=AT)
    cancel(database, job.job_id, by="ben", at=AT)
    recover(database, at=LATER, silent_seconds=30, most_attempts=3)
    assert read_job(database, job.job_id).state == State.CANCELLED
