"""Kills workers during a nightly run, and looks whether anything was lost or done twice."""

import random
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pandas.testing import assert_frame_equal

from arrisk.policy import load_policy
from arrisk.store import Database, connect, run_rows
from arrisk.store.claims import list_steps
from arrisk.store.jobs import Job, Order, State, put, read_job
from arrisk.store.run_pages import read_rows
from arrisk.store.runs import PARTS, find_newest, list_runs, read_reports
from arrisk.uses import nightly
from arrisk.uses.work import Worker
from tests.api.ledger import AS_OF, NAME
from tests.soak.harness import kill_within, running

SILENT_SECONDS = 1.0
DONE_WITHIN_SECONDS = 300
DAYS_WAITING = 3
TRIES_PER_KILL = 4
ALL = 10_000


def make_worker(database: Database, home: Path) -> Worker:
    policy = load_policy()
    # A fast machine ends more days than are kept by default, and each is looked at.
    runs = policy.runs.model_copy(update={"keep": ALL})
    return Worker(
        database,
        home,
        policy.model_copy(update={"runs": runs}),
        lambda: datetime.now(UTC),
        beat_seconds=SILENT_SECONDS / 5,
        silent_seconds=SILENT_SECONDS,
        most_attempts=1000,
    )


def work(url: str, home: Path) -> None:
    """Do what `arrisk work` does, with rows written in many small pieces."""
    run_rows.CHUNK = 4
    make_worker(connect(url), home).run()


def kill_often(database: Database, home: Path, log: Path, *, times: int, within_seconds: float, seed: int) -> None:
    """Kill a worker in the middle of its work so many times, at moments that chance chooses; let the last one end.

    Days wait in a row, each before the last, so that there is always something under way. A worker that was killed
    before it had begun does not count: how many of them there are depends on how fast the machine is.
    """
    chance = random.Random(seed)  # noqa: S311 - a moment, no secret
    url = database.engine.url.render_as_string(hide_password=False)
    days = _Days(database)
    hits = tries = 0
    while hits < times:
        tries += 1
        assert tries <= TRIES_PER_KILL * times, f"{hits} of {tries} workers were at work when killed\n{log.read_text()}"
        days.order()
        with running(work, url, home, log=log) as child:
            assert kill_within(child, within_seconds, chance), log.read_text()
        hits += any(job.state == State.RUNNING for job in days.look())
    with running(work, url, home, log=log):
        deadline = time.monotonic() + DONE_WITHIN_SECONDS
        while days.look() and time.monotonic() < deadline:
            time.sleep(0.1)
    assert not days.waiting, log.read_text()


class _Days:
    """Nightly runs that were ordered: one for each day, from the ledger's newest back."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.waiting: list[int] = []
        self.ordered = 0

    def order(self) -> None:
        """Let as many days wait as a worker cannot do before it is killed."""
        while len(self.waiting) < DAYS_WAITING:
            self.waiting.append(_order(self.database, AS_OF - timedelta(days=self.ordered)).job_id)
            self.ordered += 1

    def look(self) -> list[Job]:
        """Give the jobs that are not over; those that are must be done, once."""
        jobs = [read_job(self.database, job_id) for job_id in self.waiting]
        for job in jobs:
            if job.state.is_over:
                require_once(self.database, job.job_id)
        self.waiting = [job.job_id for job in jobs if not job.state.is_over]
        return [job for job in jobs if not job.state.is_over]


def _order(database: Database, as_of: date) -> Job:
    return put(database, Order("nightly", NAME, {"as_of": as_of.isoformat()}, "ana"), at=datetime.now(UTC))


def require_once(database: Database, job_id: int, log: str = "") -> None:
    """Require that a job is done, that there is one run of it, whole, and that no step was noted twice."""
    job = read_job(database, job_id)
    assert job.state == State.DONE, f"{job}\n{log}"
    (run,) = (run for run in list_runs(database, limit=ALL) if run.job_id == job_id)
    reports = read_reports(database, run)
    assert set(reports) == set(nightly.REPORTS)
    if job.result["is_new"]:
        assert set(list_steps(database, job)) == {f"{name} of run {run.run_id}" for name in nightly.REPORTS}


def require_same(killed: Database, quiet: Database) -> None:
    """Require that two databases show the same run, row by row."""
    runs = [find_newest(database, NAME) for database in (killed, quiet)]
    assert runs[0].fingerprint == runs[1].fingerprint
    assert read_reports(killed, runs[0]) == read_reports(quiet, runs[1])
    for part in PARTS:
        assert_frame_equal(read_rows(killed, runs[0], part), read_rows(quiet, runs[1], part), check_exact=True)
