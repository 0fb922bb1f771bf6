"""What is old leaves the tables for a sealed folder, whole, and can come back; records are only copied."""

import json
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from arrisk.errors import BookError, OutputError
from arrisk.ingest.receiving import locate_upload
from arrisk.policy import Policy, load_policy
from arrisk.records import Entry
from arrisk.store.job_tables import JOB_STEPS, JOBS, UPLOAD_PROBLEMS, UPLOADS
from arrisk.store.records import TableRecords
from arrisk.store.run_tables import RUN_WORKLIST, RUNS
from arrisk.store.tables import SESSIONS, SIGN_INS, TOKENS
from arrisk.uses.archive import KEY, Archivist, archive, preview, restore_archive, verify
from tests.databases import EACH_KIND, open_new
from tests.filling import read_all

OLD, NEW, NOW = "2020-01-01T08:00:00+00:00", "2024-06-30T08:00:00+00:00", datetime(2024, 7, 1, tzinfo=UTC)
CONTENT = b"invoice_id\n1\n"


@pytest.fixture(params=EACH_KIND)
def database(request, tmp_path):
    found = open_new(request.param, tmp_path)
    with found.write() as connection:
        for table, rows in list_rows():
            connection.execute(table.insert(), rows)
    records = TableRecords(found)
    for key, moments in {
        "decisions/alder": [OLD, OLD, NEW],
        "closes/alder/all": [NEW],
        "write-offs/alder": [OLD],
    }.items():
        drafts = [Entry(at=at, by="anna", action="propose", content={"of": "Ä"}) for at in moments]
        records.append_drafted(key, lambda _, drafts=drafts: drafts)
    yield found
    found.close()


def list_rows():
    """One old and one new of each kind; run 1 and job 1 are old, and so is run 2, which is all that birch has."""
    job = {
        "arguments": {},
        "state": "done",
        "progress": "",
        "share": 1.0,
        "attempts": 1,
        "made_by": "x",
        "made_at": OLD,
    }
    run = {
        "kind": "nightly", "currency": "EUR", "data_sha256": "", "policy_hash": "", "payment_model": "", "note": "",
        "default_model": "", "arrisk": "1", "made_by": "x",
    }  # fmt: skip
    runs = [(1, "alder", OLD, 1), (2, "birch", OLD, 2), (3, "alder", NEW, None)]
    return [
        (JOBS, [{**job, "kind": "nightly", "ledger": name, "ended_at": at, "job_id": number}
                for number, name, at in [(1, "alder", OLD), (2, "birch", OLD), (3, "alder", OLD), (4, "alder", NEW)]]),
        (JOB_STEPS, [{"job_id": number, "step": "read", "ended_at": OLD} for number in (1, 2, 3, 4)]),
        (RUNS, [{**run, "run_id": number, "ledger": ledger, "as_of": date.fromisoformat(at[:10]), "job_id": job_id,
                 "fingerprint": str(number), "made_at": at, "completed_at": at}
                for number, ledger, at, job_id in runs]),
        (RUN_WORKLIST, [{"run_id": run_id, "rank": rank, "at_stake_amount": 0.1 + 0.2}
                        for run_id in (1, 2, 3) for rank in (1, 2)]),
        (UPLOADS, [{"upload_id": number, "sha256": content, "name": "a.csv", "format": "csv", "size_bytes": 13,
                    "made_by": "x", "made_at": at} for number, content, at in
                   [(1, sha256(CONTENT).hexdigest(), OLD), (2, "b" * 64, OLD), (3, "b" * 64, NEW)]]),
        (UPLOAD_PROBLEMS, [{"upload_id": 1, "job_id": 3, "seq": 1, "row": 1,
                            **dict.fromkeys(("table", "column", "value", "rule", "severity", "hint"), "x")}]),
        (SESSIONS, [{"session_id": at, "user_id": "u", "made_at": at, "ends_at": at} for at in (OLD, NEW)]),
        (TOKENS, [{"token_sha256": at, "session_id": at, "kind": "access", "expires_at": at} for at in (OLD, NEW)]),
        (SIGN_INS, [{"sign_in_id": at, "login_sha256": "x", "at": at} for at in (OLD, NEW)]),
    ]  # fmt: skip


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    for sha, content in ((sha256(CONTENT).hexdigest(), CONTENT), ("b" * 64, b"b")):
        path = locate_upload(folder, sha, "a.csv")
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    return folder


@pytest.fixture
def archivist(database, home):
    return Archivist(database, home, load_policy(), by="otto", at=NOW)


def read(database):
    with database.read() as connection:
        return read_all(connection)


EXPECTED = {
    "runs": 1, "run_worklist": 2, "uploads": 2, "upload_problems": 1, "jobs": 0, "job_steps": 0, "sessions": 1,
    "tokens": 1, "sign_ins": 1, "run_invoices": 0, "run_customers": 0, "run_reports": 0,
}  # fmt: skip


def test_a_preview_counts_and_changes_nothing(archivist, database):
    before = read(database)
    found = preview(archivist)
    assert {name: found.rows[name] for name in EXPECTED} == EXPECTED
    # Records are kept for ten years.
    assert found.entries == {}
    assert read(database) == before


def test_what_is_old_leaves_the_tables_and_what_is_shown_or_named_stays(archivist, database, home, tmp_path):
    made = archive(archivist, tmp_path / "archive")
    assert {name: made.rows[name] for name in EXPECTED} == EXPECTED
    after = read(database)
    # Birch's run is all it has; job 1 made run 1, job 3 problems of an upload: they go with the next archive.
    assert [row["run_id"] for row in after["runs"]] == [2, 3]
    assert [row["job_id"] for row in after["jobs"]] == [1, 2, 3, 4]
    assert [row["upload_id"] for row in after["uploads"]] == [3]
    assert [row["session_id"] for row in after["sessions"]] == [NEW]
    assert [path.name for path in (home / "uploads").rglob("*.csv")] == ["b" * 64 + ".csv"]
    assert made.count_files == 2
    again = archive(archivist, tmp_path / "again")
    assert again.rows["jobs"] == 2
    assert [row["job_id"] for row in read(database)["jobs"]] == [2, 4]
    assert preview(archivist).is_empty
    assert not (tmp_path / "nothing").exists()
    assert archive(archivist, tmp_path / "nothing").is_empty
    assert not (tmp_path / "nothing").exists()


def test_records_stay_whole_and_the_archive_has_a_copy_of_what_is_old(database, home, tmp_path):
    policy = Policy.parse("[retention]\ncases = 100\nrecords = 100", where="")
    before = read(database)["entries"]
    made = archive(Archivist(database, home, policy, by="otto", at=NOW), tmp_path / "archive")
    assert made.entries == {"decisions/alder": 2, "write-offs/alder": 1}
    records = TableRecords(database)
    assert [row for row in read(database)["entries"] if row["key"] != KEY] == before
    assert all(records.check(key).fault == "" for key in records.list_keys())
    (entry,) = records.read(KEY)
    assert (entry.by, entry.content["seal"]) == ("otto", made.seal)
    lines = (tmp_path / "archive" / "records" / "decisions" / "alder.jsonl").read_text().splitlines()
    assert [json.loads(line)["at"] for line in lines] == [OLD, OLD]


def test_it_is_read_without_arrisk(archivist, tmp_path):
    folder = tmp_path / "archive"
    archive(archivist, folder)
    rows = [json.loads(line) for line in (folder / "tables" / "run_worklist.jsonl").read_text().splitlines()]
    assert [(row["run_id"], row["rank"], row["at_stake_amount"]) for row in rows] == [
        (1, 1, 0.1 + 0.2),
        (1, 2, 0.1 + 0.2),
    ]
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums == {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert "sha256sum -c" in (folder / "README.md").read_text()


def test_what_was_archived_comes_back_as_it_was_and_twice_does_no_harm(archivist, database, home, tmp_path):
    before = {name: rows for name, rows in read(database).items() if name != "entries"}
    made = archive(archivist, tmp_path / "archive")
    back = restore_archive(database, tmp_path / "archive", home=home)
    assert back.rows == made.rows
    assert {name: rows for name, rows in read(database).items() if name != "entries"} == before
    assert locate_upload(home, sha256(CONTENT).hexdigest(), "a.csv").read_bytes() == CONTENT
    assert not any(restore_archive(database, tmp_path / "archive", home=home).rows.values())


@pytest.mark.parametrize("name", ["tables/runs.jsonl", "manifest.json", "SHA256SUMS", "README.md"])
@pytest.mark.parametrize("harm", ["change", "remove"])
def test_an_archive_that_is_not_as_it_was_written_is_refused(archivist, database, home, name, harm, tmp_path):
    folder = tmp_path / "archive"
    archive(archivist, folder)
    path = folder / name
    path.write_bytes(path.read_bytes().replace(b"1", b"2") + b" ") if harm == "change" else path.unlink()
    with pytest.raises(BookError):
        verify(folder)
    with pytest.raises(BookError):
        restore_archive(database, folder, home=home)
    assert [row["run_id"] for row in read(database)["runs"]] == [2, 3]


def test_nothing_is_removed_where_the_archive_cannot_be_written(archivist, database, tmp_path):
    before = read(database)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    with pytest.raises(OutputError):
        archive(archivist, tmp_path / "full")
    assert read(database) == before
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["x"]
