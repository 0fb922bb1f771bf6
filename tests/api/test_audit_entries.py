"""The auditor's view: who did what, page by page, and whether it is as it was written."""

import json
import shutil

import pytest
from sqlalchemy import text

from api.client import Client
from api.schemas.audit import EntryAnswer
from arrisk.uses import trail_check
from tests.api.kept import SMALL, small_kept

__all__ = ["small_kept"]

PATHS = ("/v1/audit/entries", "/v1/audit/verify")


@pytest.fixture(scope="module")
def acted(small_kept):
    """Give a service in which finance drafted a close, and another one reviewed it."""
    where = {"ledger": SMALL}
    body = {"period_end": "2024-04-30", "entity": "north", "method": "matrix"}
    small = small_kept
    sent = small.people["finance"].post("/v1/closes", params=where, json=body, headers={"Idempotency-Key": "a"})
    assert sent.status_code == 201, sent.text
    path = "/v1/closes/2024-04-30/review"
    assert (
        small.people["finance2"]
        .post(path, params={**where, "entity": "north"}, headers={"Idempotency-Key": "b"})
        .status_code
        == 200
    )
    return small


def list_entries(service, **query):
    answer = service.people["auditor"].get("/v1/audit/entries", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_only_the_auditor_sees_the_records(acted):
    for path in PATHS:
        assert acted.stranger.get(path).status_code == 401
        for login, client in acted.people.items():
            assert client.get(path).status_code == (200 if login == "auditor" else 403), (path, login)


def test_entries_are_found_by_record_person_action_day_and_text(acted):
    closes = list_entries(acted, record="closes")
    assert [(row["by"], row["action"]) for row in closes] == [("finance2", "review"), ("finance", "draft")]
    assert [row["action"] for row in list_entries(acted, record="closes/birch/north", by="finance")] == ["draft"]
    assert {row["by"] for row in list_entries(acted, action="review")} == {"finance2"}
    assert list_entries(acted, record="close") == []
    assert list_entries(acted, text="document_sha256", record="closes")[0]["action"] == "review"
    today = closes[0]["at"][:10]
    assert len(list_entries(acted, record="closes", **{"from": today, "to": today})) == 2
    assert list_entries(acted, to="2020-01-01") == []


def test_the_pages_are_all_entries_once(acted):
    client = Client(acted.people["auditor"])
    pages = [(one.record, one.seq) for one in client.iterate("/v1/audit/entries", EntryAnswer, limit=2)]
    whole = [(row["record"], row["seq"]) for row in list_entries(acted, limit=500)]
    assert pages == whole
    assert len(set(whole)) == len(whole) > 4


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 501},
        {"after": "x"},
        {"from": "yesterday"},
        {"by": "x" * 201},
        {"record": "a\0b"},
        {"to": "2199-01-01"},
    ],
)
def test_a_mistake_is_named(small_kept, query):
    assert small_kept.people["auditor"].get("/v1/audit/entries", params=query).status_code == 422


@pytest.mark.parametrize("field", ["record", "by", "action", "text"])
@pytest.mark.parametrize("value", ["'; DROP TABLE entries; --", "%", "_%_", "\\", '" OR 1=1'])
def test_sql_in_a_filter_finds_nothing(acted, field, value):
    assert list_entries(acted, **{field: value}) == []


def test_a_record_that_was_cut_short_since_the_night_is_found(acted):
    auditor = acted.people["auditor"]
    rows = auditor.get("/v1/audit/verify").json()["records"]
    noted = [
        {"place": one["place"], "record": one["record"], "entries": one["count"], "sha256": one["last_sha256"]}
        for one in rows
    ]
    cut = next(one for one in noted if one["record"] == "closes/birch/north")
    cut["entries"] += 1
    folder = acted.app.state.service.home / trail_check.FOLDER
    folder.mkdir()
    (folder / "2026-01-05.json").write_text(json.dumps({"heads": noted}), "utf-8")
    try:
        found = auditor.get("/v1/audit/verify").json()
    finally:
        shutil.rmtree(folder)
    (wrong,) = [row for row in found["records"] if row["fault"]]
    assert not found["is_sound"]
    assert wrong["record"] == "closes/birch/north"
    assert "when its head was noted" in wrong["fault"]


def test_a_changed_entry_is_found_last_of_all_since_it_stays_changed(acted):
    auditor = acted.people["auditor"]
    found = auditor.get("/v1/audit/verify").json()
    assert found["is_sound"]
    assert {"closes/birch/north", "access/main"} <= {row["record"] for row in found["records"]}
    forge(acted.database)
    found = auditor.get("/v1/audit/verify").json()
    assert not found["is_sound"]
    (wrong,) = [row for row in found["records"] if row["fault"]]
    assert (wrong["record"], wrong["count"]) == ("closes/birch/north", 0)


def forge(database):
    """Change an entry behind the service's back, as only the owner of the database can."""
    with database.write() as connection:
        if database.is_sqlite:
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        else:
            connection.exec_driver_sql("ALTER TABLE entries DISABLE TRIGGER ALL")
        connection.execute(text("UPDATE entries SET \"by\" = 'somebody' WHERE key = 'closes/birch/north' AND seq = 1"))
