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


def make_worker(database: Database, home: Path) -> Worker:
    return Worker(
        database,
        home,
        load_policy(),
        lambda: datetime.now(UTC),
        beat_seconds=SILENT_SECONDS / 5,
        silent_seconds=SILENT_SECONDS,
        most_attempts=1000,
    )


def work(url: str, home: Path) -> None:
    """Do what `arrisk work` does, with rows written in many small pieces."""
    run_rows.CHUNK = 4
    make_worker(connect(url), home).run()


def kill_often(database: Database, home: Path, log: Path, *, times: int, within_seconds: float, seed: int) -> int:
    """Kill a worker again and again at moments that chance chooses, let the last one end; give how often it hit.

    What is done is followed by the same for the day before, so that there is always something under way.
    """
    chance = random.Random(seed)  # noqa: S311 - a moment, no secret
    url = database.engine.url.render_as_string(hide_password=False)
    job = _order(database, AS_OF)
    hits = done = 0
    for _ in range(times):
        with running(work, url, home, log=log) as child:
            assert kill_within(child, within_seconds, chance), log.read_text()
            hits += read_job(database, job.job_id).state == State.RUNNING
            if read_job(database, job.job_id).state.is_over:
                require_once(database, job.job_id)
                done += 1
                job = _order(database, AS_OF - timedelta(days=done))
    with running(work, url, home, log=log):
        deadline = time.monotonic() + DONE_WITHIN_SECONDS
        while not read_job(database, job.job_id).state.is_over and time.monotonic() < deadline:
            time.sleep(0.1)
    require_once(database, job.job_id, log.read_text())
    return hits


def _order(database: Database, as_of: date) -> Job:
    return put(database, Order("nightly", NAME, {"as_of": as_of.isoformat()}, "ana"), at=datetime.now(UTC))


def require_once(database: Database, job_id: int, log: str = "") -> None:
    """Require that a job is done, that there is one run of it, whole, and that no step was noted twice."""
    job = read_job(database, job_id)
    assert job.state == State.DONE, f"{job}\n{log}"
    (run,) = (run for run in list_runs(database) if run.job_id == job_id)
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
