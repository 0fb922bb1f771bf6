"""Files that are sent, and jobs, over HTTP."""

import io
import zipfile
from uuid import uuid4

import pytest

from api.main import create_app
from arrisk.config import Settings
from arrisk.ingest.receiving import FOLDER
from arrisk.store.book import read_book
from arrisk.uses.work import Worker
from tests.api.ledger import NAME, write_files
from tests.people import join
from tests.store.conftest import database  # noqa: F401
from tests.store.test_jobs import AT

EXPORT = (
    "invoice_id,customer_id,customer_name,issued_on,due_on,amount,settled_on\n"
    "1,A,Alder Ltd,2024-01-02,2024-02-01,100.50,2024-02-11\n"
    "2,A,Alder Ltd,2024-02-05,31/31/24,200.00,\n"
    "3,B,Birch AG,2024-02-10,2024-03-11,50.00,2024-03-01\n"
)


@pytest.fixture
def app(database, tmp_path):  # noqa: F811
    settings = Settings(home=tmp_path / "home", max_upload_bytes=1 << 20, max_unpacked_bytes=8 << 20)
    return create_app(settings=settings, database=database)


@pytest.fixture
def otto(app):
    """Give the operator's client."""
    return join(app, "operator", login="otto")


@pytest.fixture
def worker(app):
    service = app.state.service
    return Worker(service.database, service.home, service.policy, lambda: AT, silent_seconds=3600)


def send(client, content, name="export.csv"):
    return client.post("/v1/uploads", params={"name": name}, content=content)


def ask(client, key=None, **body):
    return client.post("/v1/jobs", json=body, headers={"Idempotency-Key": key or uuid4().hex})


def cancel(client, job_id):
    return client.delete(f"/v1/jobs/{job_id}", headers={"Idempotency-Key": uuid4().hex})


def pack(folder):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    return file.getvalue()


def test_an_export_is_sent_shown_added_and_its_problems_listed(otto, worker):
    sent = send(otto, EXPORT)
    assert sent.status_code == 201, sent.text
    upload = sent.json()
    assert (upload["name"], upload["format"], upload["size_bytes"]) == ("export.csv", "csv", len(EXPORT))
    number = upload["upload_id"]
    shown = otto.get(f"/v1/uploads/{number}/preview", params={"mapping": "generic"}).json()
    assert [row["customer_id"] for row in shown["tables"]["invoices"]] == ["A", "B"]
    assert shown["problems"][0]["value"] == "31/31/24"
    asked = ask(otto, kind="ingest", ledger="alder", upload_id=number, mapping="generic")
    assert asked.status_code == 202, asked.text
    assert asked.json()["state"] == "queued"
    worker.drain()
    done = otto.get(asked.headers["Location"]).json()
    assert (done["state"], done["share"], done["problem"]) == ("done", 1.0, None)
    assert done["result"]["is_new"]
    assert len(read_book(worker.database, "alder")["invoices"]) == 2
    problems = otto.get(f"/v1/uploads/{number}/problems").json()
    assert [(row["row"], row["column"], row["value"]) for row in problems["items"]] == [(2, "due_on", "31/31/24")]
    assert problems["next"] is None


def test_a_file_that_is_added_twice_adds_nothing(otto, worker):
    number = send(otto, EXPORT).json()["upload_id"]
    assert send(otto, EXPORT).json()["upload_id"] == number
    for _ in range(2):
        ask(otto, kind="ingest", ledger="alder", upload_id=number, mapping="generic")
    worker.drain()
    jobs = otto.get("/v1/jobs").json()["items"]
    assert [job["result"]["is_new"] for job in jobs] == [False, True]
    assert len(read_book(worker.database, "alder")["invoices"]) == 2


def test_packed_canonical_tables_are_added(otto, worker, tables, tmp_path):
    packed = pack(write_files(tables, tmp_path / "book"))
    number = send(otto, packed, "book.zip").json()["upload_id"]
    assert set(otto.get(f"/v1/uploads/{number}/preview").json()["tables"]) == set(tables)
    ask(otto, kind="ingest", ledger=NAME, upload_id=number)
    worker.drain()
    assert otto.get("/v1/jobs").json()["items"][0]["state"] == "done"
    assert len(read_book(worker.database, NAME)["payments"]) == len(tables["payments"])


def test_the_same_key_gives_the_same_job(otto):
    first = ask(otto, "key-1", kind="train", ledger="alder", as_of="2024-07-01")
    assert ask(otto, "key-1", kind="train", ledger="alder", as_of="2024-07-01").json() == first.json()
    assert ask(otto, "key-1", kind="train", ledger="birch", as_of="2024-07-01").status_code == 422
    assert len(otto.get("/v1/jobs").json()["items"]) == 1


def test_jobs_are_listed_in_pages_newest_first(otto):
    ids = [ask(otto, kind="nightly", ledger=name, as_of="2024-07-01").json()["job_id"] for name in "abc"]
    first = otto.get("/v1/jobs", params={"limit": 2}).json()
    rest = otto.get("/v1/jobs", params={"limit": 2, "after": first["next"]}).json()
    assert [job["job_id"] for job in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next"] is None
    assert [job["ledger"] for job in otto.get("/v1/jobs", params={"ledger": "b"}).json()["items"]] == ["b"]
    assert otto.get("/v1/jobs", params={"state": "done"}).json()["items"] == []


def test_a_job_is_cancelled(otto, worker):
    job = ask(otto, kind="nightly", ledger="alder", as_of="2024-07-01").json()
    stopped = cancel(otto, job["job_id"])
    assert (stopped.status_code, stopped.json()["state"], stopped.json()["cancel_by"]) == (202, "cancelled", "otto")
    assert worker.drain() == 0
    again = cancel(otto, job["job_id"])
    assert (again.status_code, again.json()["detail"]) == (422, f"job {job['job_id']} is over: cancelled")


def test_a_job_that_fails_says_why(otto, worker):
    ask(otto, kind="nightly", ledger="nobody", as_of="2024-07-01")
    worker.drain()
    job = otto.get("/v1/jobs").json()["items"][0]
    assert job["state"] == "failed"
    assert "nobody" in job["problem"]["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "dance", "ledger": "a"}, "Input should be"),
        ({"kind": "ingest", "ledger": "a"}, "an ingest needs upload_id"),
        ({"kind": "ingest", "ledger": "a", "upload_id": 1, "as_of": "2024-01-01"}, "an ingest has no as_of"),
        ({"kind": "train", "ledger": "a", "mapping": "ibm"}, "belong to an ingest"),
        ({"kind": "train", "ledger": "a", "as_of": "2199-01-01"}, "lies in the future"),
        ({"kind": "close", "ledger": "a"}, "needs 'close'"),
        ({"kind": "train", "ledger": "a", "close": {"period_end": "2024-04-30"}}, "needs 'close'"),
        ({"kind": "close", "ledger": "a", "as_of": "2024-05-01", "close": {}}, "required value is missing"),
        ({"kind": "close", "ledger": "a", "close": {"period_end": "2199-04-30"}}, "lies in the future"),
        ({"kind": "train", "ledger": "../a"}, "should match pattern"),
        ({"kind": "train", "ledger": "a\x00"}, "should match pattern"),
        ({"kind": "train", "ledger": "a", "by": "ben"}, "'by' is not known"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(otto, body, said):
    answer = ask(otto, **body)
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"]
    assert otto.get("/v1/jobs").json()["items"] == []


@pytest.mark.parametrize("mapping", ["/etc/passwd", "../ibm", "nothing"])
def test_a_mapping_is_a_shipped_one_and_never_a_file(otto, mapping):
    number = send(otto, EXPORT).json()["upload_id"]
    asked = ask(otto, kind="ingest", ledger="a", upload_id=number, mapping=mapping)
    assert (asked.status_code, asked.json()["where"]) == (422, "mapping")
    assert otto.get(f"/v1/uploads/{number}/preview", params={"mapping": mapping}).status_code == 422


@pytest.mark.parametrize(
    ("name", "content", "status", "kind"),
    [
        ("../x.csv", b"a", 422, "refused-file"),
        ("x.exe", b"a", 422, "refused-file"),
        ("x.xlsx", b"a", 422, "refused-file"),
        ("x.csv", b"", 422, "refused-file"),
        ("x.csv", b"a" * (2 << 20), 413, "too-large-file"),
    ],
)
def test_a_file_that_is_not_taken_is_one_problem_and_leaves_nothing(app, otto, name, content, status, kind):
    refused = send(otto, content, name)
    assert (refused.status_code, refused.json()["type"]) == (status, f"urn:arrisk:problem:{kind}")
    assert refused.headers["content-type"] == "application/problem+json"
    assert otto.get("/v1/uploads").json()["items"] == []
    assert not list((app.state.service.home / FOLDER).rglob("*"))


def test_a_zip_bomb_is_refused(otto):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(9 << 20))
    refused = send(otto, file.getvalue(), "bomb.xlsx")
    assert (refused.status_code, refused.json()["type"]) == (413, "urn:arrisk:problem:too-large-file")


def test_what_is_not_there_is_said(otto):
    for path in ("/v1/jobs/7", "/v1/uploads/7", "/v1/uploads/7/problems", "/v1/uploads/7/preview"):
        assert otto.get(path).status_code == 404, path
    assert cancel(otto, 7).status_code == 404
    assert ask(otto, kind="ingest", ledger="a", upload_id=7).status_code == 404


def test_who_may_only_read_changes_nothing(app, otto):
    vera = join(app, "validator", login="vera")
    assert vera.get("/v1/jobs").status_code == 200
    assert ask(vera, kind="train", ledger="a").status_code == 403
    assert cancel(vera, 1).status_code == 403
    assert vera.get("/v1/uploads").status_code == 403
    assert send(vera, EXPORT).status_code == 403
