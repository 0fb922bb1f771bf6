"""Who is erased is named nowhere any more: not in results, not in the files that were sent, nor by an older backup."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import delete

from arrisk.acts import Actor
from arrisk.errors import MissingError, StoreError
from arrisk.ingest.receiving import Bounds, Receiver, locate_upload
from arrisk.store.book import read_book
from arrisk.store.job_tables import JOB_STEPS, JOBS, UPLOAD_PROBLEMS
from arrisk.store.jobs import Order, State, put, read_job
from arrisk.store.run_pages import read_rows
from arrisk.store.runs import NewRun, complete_run, open_run, write_part
from arrisk.store.uploads import add_problems, add_upload, list_problems, read_upload
from arrisk.uses import bookkeeping, intake
from tests.databases import open_new
from tests.work.conftest import AT

LEDGER = "elm"
ROWS = (
    "invoice_id,customer_id,customer_name,issued_on,due_on,amount,settled_on\n"
    "1,A,Wilhelmine Quitzow,2024-01-02,2024-02-01,100.50,2024-02-11\n"
    "2,B,Birch AG,2024-02-10,2024-03-11,50.00,2024-03-01\n"
)


def send(worker, content=ROWS, name="export.csv"):
    receiver = Receiver(name, Bounds(1 << 20, 8 << 20))
    receiver.take(content.encode())
    found = receiver.keep(worker.home)
    given = {"name": name, "kind": "csv", "sha256": found.sha256, "size_bytes": found.size_bytes}
    with worker.database.write() as connection:
        return add_upload(connection, **given, by="otto", at=AT)


def ask(worker, upload, ledger=LEDGER):
    arguments = {"upload_id": upload.upload_id, "mapping": "generic"}
    return put(worker.database, Order("ingest", ledger, arguments, "otto"), at=worker.now()).job_id


def add(worker, upload, ledger=LEDGER):
    job_id = ask(worker, upload, ledger)
    worker.drain()
    assert read_job(worker.database, job_id).state == State.DONE
    return job_id


def erase(worker, customer_id="A", ledger=LEDGER):
    actor = Actor("ana", worker.now())
    named = {"home": worker.home, "actor": actor, "reason": "asked for it", "policy": worker.policy}
    return bookkeeping.erase_customer(worker.database, ledger, customer_id, **named)


def add_run(worker, ledger):
    words = ("fingerprint", "data_sha256", "policy_hash", "payment_model", "default_model", "arrisk", "made_by")
    rest = dict.fromkeys(words, ledger) | {"kind": "nightly", "currency": "EUR"}
    new = NewRun(ledger=ledger, as_of=AT.date(), **rest)
    run = open_run(worker.database, new, at=AT)
    named = pd.DataFrame({"customer_id": ["A", "B"], "name": ["Quitzow", "Birch"], "currency": "EUR"})
    rows = {"customers": named, "worklist": named.assign(rank=[1, 2])}
    write_part(worker.database, run, "customers", {}, rows=rows, still=lambda _: None, end=lambda _: None)
    complete_run(worker.database, run, at=AT, end=lambda _: None)
    return run


def exists(worker, upload):
    return locate_upload(worker.home, upload.sha256, upload.name).exists()


def test_results_lose_the_name_and_those_of_others_and_of_other_ledgers_keep_it(worker):
    add(worker, send(worker))
    runs = [add_run(worker, LEDGER), add_run(worker, "oak")]
    assert erase(worker).count >= 3
    for part in ("customers", "worklist"):
        names = [read_rows(worker.database, run, part)["name"].tolist() for run in runs]
        assert [str(name) for name in names[0]] in (["None", "Birch"], ["nan", "Birch"])
        assert names[1] == ["Quitzow", "Birch"]


def test_files_whose_rows_are_in_the_ledger_go_and_others_stay(worker):
    added, other = send(worker), send(worker, ROWS.replace("Quitzow", "Q"), "other.csv")
    elsewhere = send(worker, ROWS.replace("Wilhelmine", "W"), "elsewhere.csv")
    add(worker, added)
    add(worker, elsewhere, "oak")
    (file,) = erase(worker).files
    assert file.name == "export.csv"
    assert [exists(worker, one) for one in (added, other, elsewhere)] == [False, True, True]
    with pytest.raises(MissingError, match="not kept any more"):
        intake.preview(read_upload(worker.database, added.upload_id), worker.home, mapping="generic")
    again = send(worker)
    add(worker, again)
    assert read_book(worker.database, LEDGER)["customers"]["name"].dropna().tolist() == ["Birch AG"]


def test_a_file_goes_too_when_its_job_was_archived_meanwhile(worker):
    added = send(worker)
    add(worker, added)
    with worker.database.write() as connection:
        for table in (JOB_STEPS, UPLOAD_PROBLEMS, JOBS):
            connection.execute(delete(table))
    later = send(worker, ROWS.replace("Quitzow", "Q"), "later.csv")
    erase(worker)
    assert [exists(worker, added), exists(worker, later)] == [False, True]


def test_while_a_job_may_still_bring_the_name_nothing_is_erased(worker):
    added = send(worker)
    add(worker, added)
    waiting = ask(worker, added, "oak")
    with pytest.raises(StoreError, match=f"job {waiting}, ingest of oak"):
        erase(worker)
    assert exists(worker, added)
    worker.drain()
    assert erase(worker).count


def test_what_jobs_were_told_and_could_not_read_is_forgotten(worker):
    added = send(worker)
    job_id = add(worker, added)
    row = {"table": "customers", "row": 1, "value": "Quitzow", "rule": "x", "severity": "x", "hint": "x"}
    with worker.database.write() as connection:
        found = pd.DataFrame([row | {"column": "name"}, row | {"column": "due_on"}])
        add_problems(connection, added.upload_id, job_id, found)
    told = {"period_end": "2024-04-30", "assessments": [{"customer_id": "A", "reason": "Quitzow is ill"}]}
    close = put(worker.database, Order("close", LEDGER, told, "fay"), at=worker.now()).job_id
    worker.drain()
    erase(worker)
    assert [row["value"] for row in list_problems(worker.database, added.upload_id)] == ["", "Quitzow"]
    assert read_job(worker.database, close).arguments == {"period_end": "2024-04-30"}


@pytest.mark.slow
def test_after_an_older_backup_whoever_was_erased_is_erased_again(worker, tmp_path):
    add(worker, send(worker))
    erase(worker)
    rows = bookkeeping.list_erasures(worker.database)
    assert "Quitzow" not in str(rows)
    older = open_new("sqlite", tmp_path / "older")
    worker.database = older
    upload = send(worker)
    add(worker, upload)
    assert "Wilhelmine Quitzow" in read_book(older, LEDGER)["customers"]["name"].tolist()
    actor = Actor("otto", datetime(2026, 2, 1, tzinfo=UTC))
    unknown = {**rows[0], "customer_id": "Z"}
    assert bookkeeping.erase_again(older, [*rows, unknown], home=worker.home, actor=actor) == ["A", "Z"]
    assert read_book(older, LEDGER)["customers"]["name"].dropna().tolist() == ["Birch AG"]
    assert not exists(worker, upload)
    later = Actor("otto", actor.at + timedelta(days=1))
    assert bookkeeping.erase_again(older, [*rows, unknown], home=worker.home, actor=later) == []
    add(worker, send(worker, ROWS.replace(",A,", ",Z,")), LEDGER)
    assert read_book(older, LEDGER)["customers"]["name"].dropna().tolist() == ["Birch AG"], "nor does a later one"
    older.close()
