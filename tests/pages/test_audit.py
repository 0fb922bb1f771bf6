"""The audit trail on pages: filtered as the API filters it, page by page, and checked."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.main import create_app
from arrisk.uses.accounts import Accounts
from tests.databases import open_new
from tests.pages.test_ledger import cells_of
from tests.pages.visitors import read_text, visit
from tests.people import shipped


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("audit")
    database = open_new("sqlite", folder)
    yield create_app(folder, database=database)
    database.close()


@pytest.fixture(scope="module")
def ada(app):
    for number in range(55):
        Accounts(app.state.service.database, shipped()).record("add_user", by="tests", login=f"<i>user{number}</i>")
    return visit(app, "ada", "auditor")


def test_the_trail_is_that_of_the_api_page_by_page(ada):
    found = ada.get("/v1/audit/entries", params={"limit": 50}).json()
    page = ada.get("/audit")
    rows = cells_of(page, "What people did")
    assert [(row[3], int(row[4])) for row in rows] == [(one["record"], one["seq"]) for one in found["items"]]
    second = ada.get("/audit", params={"after": found["next"]})
    assert len(cells_of(second, "What people did")) == 6
    assert "<i>" not in page.text


def test_it_is_filtered(ada):
    assert "add user" in read_text(ada.get("/audit?action=add_user&text=user7"))
    assert len(cells_of(ada.get("/audit?record=access&text=user7"), "What people did")) == 1
    empty = ada.get("/audit", params={"by": "<script>alert(1)</script>"})
    assert "Nobody did such a thing" in read_text(empty)
    assert "<script>alert" not in empty.text
    assert "Nobody did such a thing" in read_text(ada.get("/audit?to=2020-01-01"))
    assert "add user" in read_text(ada.get("/audit?from=2020-01-01"))


@pytest.mark.parametrize("query", [{"from": "x"}, {"after": "x"}, {"to": "2199-01-01"}])
def test_a_filter_that_makes_no_sense_is_refused_and_kept(ada, query):
    page = ada.get("/audit", params=query)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert all(f'value="{value}"' in page.text for name, value in query.items() if name != "after")


def test_who_may_see_the_trail(app):
    otto = visit(app, "otto2", "operator")
    assert otto.get("/audit").status_code == otto.get("/audit/verify").status_code == 403
    for path in ("/audit", "/audit/verify"):
        assert TestClient(app).get(path, follow_redirects=False).status_code == 303


def test_records_are_checked_and_a_changed_one_is_named(app, ada):
    page = ada.get("/audit/verify")
    assert "Every record is as it was written" in read_text(page)
    assert [row[:4] for row in cells_of(page, "Records")] == [["access/main", "database", "57", "sound"]]
    with app.state.service.database.write() as connection:
        connection.execute(text("DROP TRIGGER entries_no_update"))
        connection.execute(text("UPDATE entries SET action = 'x' WHERE seq = 3"))
    page = ada.get("/audit/verify")
    assert "A record is not as it was written" in read_text(page)
    assert cells_of(page, "Records")[0][2] == "2"
