"""`arrisk audit verify`: every record, wherever it stands, and the heads that were noted earlier."""

import json
from datetime import date
from pathlib import Path

import pytest

from arrisk.errors import BookError
from arrisk.records import Entry, FolderRecords
from arrisk.store import Database
from arrisk.store.records import TableRecords
from arrisk.uses.trail_check import FOLDER, note_heads
from tests.databases import EACH_KIND, open_new


def act(number=0):
    return Entry(at="2025-01-01T00:00:00+00:00", by="ana", action="note", content={"number": number})


@pytest.fixture
def folder(arrisk_home):
    """Give the records of the state folder: one of cases with three entries."""
    found = FolderRecords(Path(arrisk_home))
    found.append("decisions/main", [act(number) for number in range(3)])
    return found


@pytest.fixture(params=EACH_KIND)
def database(request, arrisk_home, tmp_path, monkeypatch):
    """Give a database with a record of two entries; the state folder's own, or one that the environment names."""
    kind = request.param
    found = open_new(kind, Path(arrisk_home) if kind == "sqlite" else tmp_path)
    if kind == "postgresql":
        monkeypatch.setenv("ARRISK_DATABASE_URL", found.engine.url.render_as_string(hide_password=False))
    TableRecords(found).append("closes/main/all", [act(), act()])
    yield found
    found.close()


def read_states(path):
    return {(one["place"], one["record"]): one["fault"] for one in json.loads(path.read_text())["records"]}


def cut_off(record: Path, count=1):
    record.write_text("".join(f"{line}\n" for line in record.read_text().splitlines()[:-count]))


def edit_row(database: Database):
    where = "" if database.is_sqlite else " ON entries"
    with database.write() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER entries_no_update{where}")
        connection.exec_driver_sql("UPDATE entries SET by = 'eve' WHERE seq = 2")


def test_nothing_recorded_is_sound(arrisk, arrisk_home):
    assert arrisk("audit", "verify").code == 0


def test_every_record_is_listed_with_its_head(arrisk, folder, database):
    ran = arrisk("audit", "verify")
    assert ran.code == 0, ran.err
    for records, key in ((folder, "decisions/main"), (TableRecords(database), "closes/main/all")):
        assert key in ran.out
        assert records.check(key).last_sha256 in ran.out


def test_a_row_changed_in_the_database_is_named(arrisk, folder, database, tmp_path):
    edit_row(database)
    ran = arrisk("audit", "verify", "--json", tmp_path / "j.json", "--write-heads", tmp_path / "heads.json")
    assert ran.code == 2
    assert "1 of 2 records are not as they were written: line 2 is not as it was written" in ran.err
    assert read_states(tmp_path / "j.json")["folder", "decisions/main"] is None
    assert "line 2" in read_states(tmp_path / "j.json")["database", "closes/main/all"]
    assert not (tmp_path / "heads.json").exists()


def test_a_line_changed_in_a_file_is_named(arrisk, folder):
    path = folder.find("decisions/main")
    path.write_text(path.read_text().replace('"number":1', '"number":7'))
    ran = arrisk("audit", "verify")
    assert ran.code == 2
    assert "line 2 is not as it was written" in ran.err


@pytest.fixture
def heads(arrisk, folder, tmp_path):
    """Give the heads as they are at first."""
    path = tmp_path / "heads.json"
    assert arrisk("audit", "verify", "--write-heads", path).code == 0
    return path


def test_records_that_went_on_keep_to_the_heads_noted(arrisk, folder, heads):
    assert arrisk("audit", "verify", "--heads", heads).code == 0
    folder.append("decisions/main", [act()])
    folder.append("decisions/other", [act()])
    assert arrisk("audit", "verify", "--heads", heads, "--write-heads", heads).code == 0
    assert [one["entries"] for one in json.loads(heads.read_text())["heads"]] == [4, 1]


def test_lines_cut_off_at_the_end_are_seen_by_the_heads_alone(arrisk, folder, heads):
    cut_off(folder.find("decisions/main"))
    assert arrisk("audit", "verify").code == 0
    ran = arrisk("audit", "verify", "--heads", heads)
    assert ran.code == 2
    assert "it went on to line 3 when its head was noted, and ends with line 2" in ran.err


def test_a_record_that_is_gone_is_seen_by_the_heads(arrisk, folder, heads):
    folder.find("decisions/main").unlink()
    ran = arrisk("audit", "verify", "--heads", heads)
    assert ran.code == 2
    assert "ends with line 0" in ran.err


def test_a_record_written_anew_is_seen_by_the_heads(arrisk, folder, heads):
    folder.find("decisions/main").unlink()
    folder.append("decisions/main", [act(9) for _ in range(5)])
    ran = arrisk("audit", "verify", "--heads", heads)
    assert ran.code == 2
    assert "line 3 is not the one whose hash was noted" in ran.err


def test_heads_of_a_database_that_is_not_looked_at_are_not_passed_over(arrisk, folder, heads):
    noted = json.loads(heads.read_text())
    noted["heads"][0]["place"] = "database"
    heads.write_text(json.dumps(noted))
    ran = arrisk("audit", "verify", "--heads", heads)
    assert ran.code == 2
    assert "--database URL" in ran.err


@pytest.mark.parametrize("text", ["", "[]", '{"heads": [{"place": "folder"}]}', "{}"])
def test_a_file_that_holds_no_heads_is_refused(arrisk, arrisk_home, tmp_path, text):
    (tmp_path / "heads.json").write_text(text)
    ran = arrisk("audit", "verify", "--heads", tmp_path / "heads.json")
    assert ran.code == 2
    assert "no file of heads" in ran.err


def test_what_was_noted_below_the_state_folder_is_compared_without_being_asked(arrisk, arrisk_home, folder):
    note_heads({"folder": folder}, Path(arrisk_home), on=date(2025, 1, 1))
    folder.append("decisions/main", [act(7)])
    note_heads({"folder": folder}, Path(arrisk_home), on=date(2025, 1, 2))
    assert arrisk("audit", "verify").code == 0
    cut_off(folder.find("decisions/main"))
    ran = arrisk("audit", "verify")
    assert ran.code == 2
    assert "it went on to line 4 when its head was noted, and ends with line 3" in ran.err
    with pytest.raises(BookError, match="not as they were written"):
        note_heads({"folder": folder}, Path(arrisk_home), on=date(2025, 1, 3))
    assert sorted(path.name for path in (Path(arrisk_home) / FOLDER).iterdir()) == [
        "2025-01-01.json",
        "2025-01-02.json",
    ]
