"""Mappings over HTTP: what fits a file, tried, kept for a ledger, and taken by a job as it was then."""

from uuid import uuid4

import pytest

from api.main import create_app
from arrisk.store.jobs import read_job
from tests.databases import EACH_KIND, open_new
from tests.people import join

ROWS = "No,Customer,Issued,Due,Gross\n1,A,2024-01-02,2024-02-01,100.50\n"
COLUMNS = {
    "invoices.invoice_id": "No",
    "invoices.customer_id": "Customer",
    "invoices.issued_on": "Issued",
    "invoices.due_on": "Due",
    "invoices.amount": "Gross",
}


@pytest.fixture(scope="module", params=EACH_KIND)
def app(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mappings")
    database = open_new(request.param, folder)
    yield create_app(folder / "home", database=database)
    database.close()


@pytest.fixture(scope="module")
def otto(app):
    client = join(app, "operator", login="otto")
    assert client.post("/v1/uploads", params={"name": "rows.csv"}, content=ROWS).json()["upload_id"] == 1
    return client


def keep(client, key=None, **changes):
    body = {"ledger": "elm", "name": "month end", "draft": {"columns": COLUMNS}, **changes}
    return client.post("/v1/mappings", json=body, headers={"Idempotency-Key": key or uuid4().hex})


def test_a_draft_is_tried_kept_and_found_again(app, otto):
    look = otto.post("/v1/uploads/1/columns", json={}).json()
    assert (look["mapping"], look["fits"], look["date"]) == ("generic", False, "%Y-%m-%d")
    tried = otto.post("/v1/uploads/1/preview", json={"columns": COLUMNS}).json()
    assert tried["tables"]["invoices"][0]["amount"] == "100.50"
    kept = keep(otto, "k1")
    assert (kept.status_code, kept.json()["reference"], kept.json()["version"]) == (201, "elm/month end", 1)
    assert keep(otto, "k1").json() == kept.json(), "the same key, the same answer"
    assert keep(otto).json()["version"] == 1, "the same again is kept once"
    assert keep(otto, draft=None, toml=tried["mapping_toml"]).json()["version"] == 2
    look = otto.post("/v1/uploads/1/columns", json={}).json()
    assert (look["mapping"], look["fits"]) == ("elm/month end", True)
    assert otto.get("/v1/uploads/1/preview", params={"mapping": "elm/month end"}).json()["tables"]["invoices"]
    listed = [one["reference"] for one in otto.get("/v1/mappings").json()]
    assert listed == ["generic", "ibm", "sap-open-items", "elm/month end"]
    body = {"kind": "ingest", "ledger": "elm", "upload_id": 1, "mapping": "elm/month end"}
    asked = otto.post("/v1/jobs", json=body, headers={"Idempotency-Key": "j1"}).json()
    job = read_job(app.state.service.database, asked["job_id"])
    assert job.arguments == {"upload_id": 1, "mapping_toml": tried["mapping_toml"]}, "as it was when it was asked for"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "ibm"},
        {"name": "a/b"},
        {"name": ""},
        {"ledger": "../x"},
        {"draft": None},
        {"toml": "x = 1"},
        {"draft": None, "toml": "x = 1"},
        {"draft": {"columns": {}}},
        {"draft": {"columns": COLUMNS, "mapping": "nothing"}},
        {"draft": {"columns": COLUMNS, "dates": ["%d"]}},
        {"draft": {"columns": COLUMNS, "decimal": "x"}},
        {"draft": {"columns": COLUMNS, "currency": "euro"}},
    ],
)
def test_what_cannot_be_a_mapping_is_refused(otto, changes):
    before = otto.get("/v1/mappings").json()
    refused = keep(otto, **changes)
    assert refused.status_code == 422, refused.text
    assert otto.get("/v1/mappings").json() == before


def test_what_is_not_there_is_said(otto):
    for path in ("/v1/uploads/7/columns", "/v1/uploads/7/preview"):
        assert otto.post(path, json={"columns": COLUMNS}).status_code == 404
    wrong = otto.post("/v1/uploads/1/columns", json={"columns": {"invoices.amount": "Nett"}})
    assert (wrong.status_code, wrong.json()["where"]) == (422, "columns")


def test_authorities_are_those_of_the_policy(otto):
    found = {one["name"]: one["up_to"] for one in otto.get("/v1/authorities").json()}
    assert found == {"credit analyst": 10000.0, "credit manager": 100000.0, "finance director": None}
