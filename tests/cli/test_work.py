"""The commands of long work, as a user runs them, and a worker beside the service."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pandas as pd
import pytest

from arrisk.cli import beside
from arrisk.config import Settings
from arrisk.records import Entry
from arrisk.store import connect, locate, upgrade
from arrisk.store.batches import Upload, add_batch
from arrisk.store.jobs import Order, State, put, read_job
from arrisk.store.records import TableRecords
from arrisk.uses import nightly
from arrisk.uses.trail_check import FOLDER
from tests.api.ledger import CURRENCY, NAME, make_tables
from tests.store.test_runs import worklist

NOW = datetime.now(UTC)


def rank_them(day) -> nightly._Part:
    return nightly._Part({"count": 2}, {"worklist": worklist(2)})


@pytest.fixture
def database(arrisk_home, monkeypatch):
    """Give the database of the state folder with a ledger in it, whose day takes no time to compute."""
    found = connect(locate(arrisk_home))
    upgrade(found)
    raw = {name: pd.DataFrame(rows) for name, rows in make_tables().items()}
    add_batch(found, NAME, Upload(raw, "test", CURRENCY), fallback_currency=CURRENCY, by="ana", at=NOW.isoformat())
    monkeypatch.setattr(nightly, "REPORTS", {"customers": rank_them, "ageing": nightly._age})
    yield found
    found.close()


def test_the_day_of_every_ledger_is_computed_and_may_be_computed_twice(arrisk, database, tmp_path):
    first = arrisk("nightly", "--as-of", "2024-09-01", "--json", tmp_path / "first.json")
    assert first.code == 0, first.err
    assert f"{NAME}: run 1 as of 2024-09-01, computed" in first.out
    again = arrisk("nightly", NAME, "--as-of", "2024-09-01")
    assert f"{NAME}: run 1 as of 2024-09-01, computed before, nothing changed" in again.out
    assert json.loads((tmp_path / "first.json").read_text())["ledgers"][NAME]["run_id"] == 1


def test_the_heads_of_all_records_are_noted_each_night_and_a_record_cut_short_is_named(arrisk, arrisk_home, database):
    records = TableRecords(database)
    records.append("closes/main/all", [Entry(at="2026-01-01T00:00:00+00:00", by="ana", action="draft", content={})] * 2)
    ran = arrisk("nightly", "--as-of", "2024-09-01")
    assert "1 records are as they were written" in ran.out, ran.err
    (noted,) = (arrisk_home / FOLDER).iterdir()
    (head,) = json.loads(noted.read_text())["heads"]
    assert (head["record"], head["entries"]) == ("closes/main/all", 2)
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER entries_no_delete")
        connection.exec_driver_sql("DELETE FROM entries WHERE seq = 2")
    cut = arrisk("nightly", "--as-of", "2024-09-01")
    assert (cut.code, "it went on to line 2 when its head was noted" in cut.err) == (2, True)


def test_a_ledger_that_is_not_there_is_named(arrisk, database):
    ran = arrisk("nightly", "aldr")
    assert ran.code == 2
    assert f"did you mean '{NAME}'?" in ran.err


def test_a_database_without_a_ledger_is_said(arrisk):
    ran = arrisk("nightly")
    assert ran.code == 2
    assert "there is no ledger in the database" in ran.err


def test_a_day_that_cannot_be_computed_is_an_error(arrisk, database, monkeypatch):
    monkeypatch.setattr(nightly, "REPORTS", {"customers": lambda _: {}[1]})
    ran = arrisk("nightly", "--as-of", "2024-09-01")
    assert ran.code == 2
    assert "what went wrong stands in the worker's log" in ran.err


def test_what_waits_is_done_once(arrisk, database):
    job = put(database, Order("nightly", NAME, {"as_of": "2024-09-01"}, "ana"), at=NOW)
    assert "jobs done: 1" in arrisk("work", "--once").out
    assert read_job(database, job.job_id).state == State.DONE
    assert "jobs done: 0" in arrisk("work", "--once").out


@pytest.mark.slow
def test_a_worker_that_is_told_to_stop_ends_and_gives_back_what_it_did(database, arrisk_home):
    put(database, Order("nightly", NAME, {"as_of": "2024-09-01"}, "ana"), at=NOW)
    command = [sys.executable, "-m", "arrisk", "work"]
    process = subprocess.Popen(command, env={**os.environ, "ARRISK_HOME": str(arrisk_home)}, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 120
        while read_job(database, 1).state == State.QUEUED and time.monotonic() < deadline:
            time.sleep(0.1)
        process.terminate()
        assert process.wait(60) == 0, process.stderr.read()
    finally:
        process.kill()
        process.communicate()
    job = read_job(database, 1)
    assert (job.state, job.attempts) == (State.QUEUED, 0)


def test_a_worker_that_dies_is_started_again_and_ends_with_the_service(arrisk_home, tmp_path, monkeypatch):
    script = tmp_path / "worker.py"
    script.write_text(
        "import os, sys, time\n"
        f"open({str(tmp_path / 'started')!r}, 'a').write(os.environ['ARRISK_DATABASE_URL'] + ' ')\n"
        f"time.sleep(600 if os.path.getsize({str(tmp_path / 'started')!r}) > 40 else 0)\n"
    )
    monkeypatch.setattr(beside, "_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(beside, "_LOOK_SECONDS", 0.05)
    monkeypatch.setattr(beside, "_COMMAND", [sys.executable, str(script)])
    started = tmp_path / "started"
    with beside.worker_beside(Settings(home=arrisk_home, database_url="sqlite:///x.db")):
        deadline = time.monotonic() + 60
        while (not started.exists() or started.stat().st_size < 40) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert started.read_text().split()[:3] == ["sqlite:///x.db"] * 3
