"""`kill -9` of a worker during a nightly run, and a service that answers while one is under way."""

import statistics
import time
from datetime import UTC, datetime

import httpx2
import pytest

from arrisk.config import Settings
from arrisk.store.jobs import Order, State, put, read_job
from tests.api.ledger import AS_OF, NAME
from tests.databases import open_new
from tests.soak.harness import running, serving
from tests.work.killing import kill_often, make_worker, require_same, work

pytestmark = pytest.mark.slow


def test_a_worker_that_is_killed_loses_nothing_and_does_nothing_twice(database, home, add_ledger, tables, tmp_path):
    add_ledger()
    kill_often(database, home, tmp_path / "log.txt", times=4, within_seconds=8, seed=1)
    quiet = open_new("sqlite", tmp_path / "quiet")
    add_ledger(quiet)
    put(quiet, Order("nightly", NAME, {"as_of": AS_OF.isoformat()}, "ana"), at=datetime.now(UTC))
    assert make_worker(quiet, home).drain() == 1
    require_same(database, quiet)
    quiet.close()


def test_the_service_answers_while_a_job_is_done(database, home, add_ledger, tmp_path):
    add_ledger()
    url = database.engine.url.render_as_string(hide_password=False)
    settings = Settings(home=home, database_url=url)
    with serving(settings, tmp_path / "server.txt") as server, running(work, url, home, log=tmp_path / "log.txt"):
        job = put(database, Order("nightly", NAME, {"as_of": AS_OF.isoformat()}, "ana"), at=datetime.now(UTC))
        took = []
        with httpx2.Client(base_url=server.address, timeout=30) as client:
            while not (state := read_job(database, job.job_id).state).is_over:
                began = time.perf_counter()
                assert client.get("/health/live").status_code == 200
                if state == State.RUNNING:
                    took.append(time.perf_counter() - began)
                time.sleep(0.02)
    assert read_job(database, job.job_id).state == State.DONE
    assert len(took) > 20
    assert statistics.median(took) < 0.1
