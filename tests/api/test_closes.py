"""The month end over HTTP: drafted, reviewed by another person, posted, reversed; the figures of the command."""

import csv
import io
import json
import sys
import zipfile
from datetime import UTC, datetime

import pytest

from api.client import Client, ServiceError
from api.schemas.close import CloseAnswer, CloseSummary
from arrisk.cli import main
from arrisk.uses.work import Worker
from tests.api.kept import NAME, SMALL, add_rows, kept, losing, small, small_kept
from tests.api.ledger import write_files
from tests.books import invoice, raw_of

__all__ = ["kept", "losing", "small", "small_kept"]

END = "2024-04-30"
NORTH = {"ledger": SMALL, "entity": "north"}


class Desk:
    """One person at the closes of the small ledger."""

    def __init__(self, http):
        self.http = http
        self.count = 0

    def send(self, path, body=None, *, headers=None, **query):
        self.count += 1
        sent = {"Idempotency-Key": f"{id(self)}-{self.count}", **(headers or {})}
        return self.http.post(path, params={"ledger": SMALL, **query}, json=body, headers=sent)

    def draft(self, **body):
        return self.send("/v1/closes", {"period_end": END, "entity": "north", "method": "matrix", **body})

    def order(self, body):
        self.count += 1
        return self.http.post("/v1/jobs", json=body, headers={"Idempotency-Key": f"{id(self)}-{self.count}"})

    def ask(self, **body):
        wanted = {"period_end": END, "entity": "north", "method": "matrix", **body}
        return self.order({"kind": "close", "ledger": SMALL, "close": wanted})

    def stop(self, job_id):
        self.count += 1
        return self.http.delete(f"/v1/jobs/{job_id}", headers={"Idempotency-Key": f"{id(self)}-{self.count}"})

    def act(self, action, body=None, **more):
        return self.send(f"/v1/closes/{END}/{action}", body, entity="north", **more)

    def show(self, path=""):
        return self.http.get(f"/v1/closes/{END}{path}", params=NORTH)


def work(small):
    """Let a worker do what was asked for; gives how many jobs."""
    service = small.app.state.service
    return Worker(service.database, service.home, service.policy, lambda: datetime.now(UTC)).drain()


def answer_of(response, status=200):
    assert response.status_code == status, response.text
    return response.json()


class Desks(dict):
    """The people by login, each at a desk once asked for."""

    def __init__(self, service):
        super().__init__()
        self.service = service

    def __missing__(self, login):
        self[login] = Desk(self.service.people[login])
        return self[login]


@pytest.fixture
def desks(small):
    return Desks(small)


@pytest.fixture
def idle(small_kept):
    """Give the people of a service in which nobody can close anything."""
    return Desks(small_kept)


@pytest.mark.slow
def test_a_close_is_drafted_reviewed_by_another_posted_and_reversed(desks):
    ana, ben = desks["finance"], desks["finance2"]
    drafted = answer_of(ana.draft(), 201)
    assert (drafted["state"], drafted["drafted_by"]) == ("draft", "finance")
    assert answer_of(ana.draft(), 201)["document_sha256"] == drafted["document_sha256"], (
        "the same inputs, the same draft"
    )
    refused = ana.act("review")
    assert refused.status_code == 422
    assert "drafted" in refused.json()["detail"]
    assert ben.act("post").status_code == 422, "not before it is reviewed"
    assert answer_of(ben.act("review"))["reviewed_by"] == "finance2"
    assert answer_of(ana.act("post"))["state"] == "posted"
    assert answer_of(ana.act("post"))["steps"][-1]["action"] == "post", "twice changes nothing"
    assert len(answer_of(ana.show())["steps"]) == 3
    assert "cannot be changed" in answer_of(ana.draft(opening="5.00"), 422)["detail"]
    reversed_ = answer_of(ben.act("reverse", {"reason": "an invoice was booked twice"}))
    assert (reversed_["state"], reversed_["reason"]) == ("reversed", "an invoice was booked twice")


@pytest.mark.slow
def test_the_etag_guards_what_was_read(desks):
    ana, ben = desks["finance"], desks["finance2"]
    drafted = ana.draft()
    tag = drafted.headers["etag"]
    assert ben.show().headers["etag"] == tag
    again = answer_of(ana.draft(opening="5.00"), 201)
    assert again["movement"]["opening"] == "5.00"
    stale = ben.act("review", headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["type"]) == (412, "urn:arrisk:problem:changed")
    assert ben.act("review", headers={"If-Match": ben.show().headers["etag"]}).status_code == 200


@pytest.mark.slow
def test_a_close_is_drafted_as_a_job_and_stands_with_the_others(small, desks):
    ana, ben = desks["finance"], desks["finance2"]
    asked = ana.ask(opening="5.00")
    job = answer_of(asked, 202)
    assert (job["state"], job["made_by"]) == ("queued", "finance")
    assert job["arguments"] == {"period_end": END, "entity": "north", "method": "matrix"}, "no amount for who runs it"
    work(small)
    done = answer_of(ana.http.get(asked.headers["Location"]))
    assert (done["state"], done["problem"]) == ("done", None)
    drafted = answer_of(ana.show())
    assert (drafted["state"], drafted["drafted_by"], drafted["movement"]["opening"]) == ("draft", "finance", "5.00")
    assert done["result"]["document_sha256"] == drafted["document_sha256"]
    assert answer_of(ana.draft(opening="5.00"), 201)["document_sha256"] == drafted["document_sha256"]
    assert "drafted" in answer_of(ana.act("review"), 422)["detail"]
    assert answer_of(ben.act("review"))["state"] == "reviewed"


def test_a_close_as_a_job_is_for_who_may_draft_it_and_nothing_else_is(small, desks):
    for login in ("analyst", "credit_manager", "collector", "validator", "operator", "auditor"):
        assert desks[login].ask().status_code == 403, login
    refused = desks["finance"].order({"kind": "nightly", "ledger": SMALL})
    assert (refused.status_code, "jobs.write" in refused.text) == (403, True)
    assert desks["north"].ask(entity="south").status_code == 403
    assert answer_of(desks["both"].ask(entity=None), 422)["where"] == "entity"
    assert answer_of(desks["north"].ask(entity=None), 202)["arguments"]["entity"] == "north"
    missing = desks["finance"].order({"kind": "close", "ledger": "beech", "close": {"period_end": END}})
    assert missing.status_code == 404


def test_who_asked_for_a_close_may_stop_it_and_so_may_who_runs_the_service(small, desks):
    first, second = (answer_of(desks["finance"].ask(), 202)["job_id"] for _ in range(2))
    assert desks["finance2"].stop(first).status_code == 403
    assert answer_of(desks["finance"].stop(first), 202)["state"] == "cancelled"
    assert answer_of(desks["operator"].stop(second), 202)["state"] == "cancelled"
    assert work(small) == 0


@pytest.mark.slow
def test_who_may_not_close_does_not(small, desks):
    assert answer_of(desks["finance"].draft(), 201)
    nobody = Desk(small.stranger)
    assert nobody.draft().status_code == nobody.act("review").status_code == nobody.show().status_code == 401
    assert nobody.show("/journal").status_code == nobody.show("/pack").status_code == 401
    for login in ("analyst", "credit_manager", "collector", "validator", "operator", "auditor"):
        other = desks[login]
        assert other.draft().status_code == 403
        for action in ("review", "post", "reverse"):
            assert other.act(action, {"reason": "x"} if action == "reverse" else None).status_code == 403
        may_read = login in ("auditor", "credit_manager")
        for path in ("", "/journal", "/journal/export"):
            assert other.show(path).status_code == (200 if may_read else 403), (login, path)
        listed = other.http.get("/v1/closes", params={"ledger": SMALL})
        assert listed.status_code == (200 if may_read else 403)


@pytest.mark.slow
def test_who_sees_one_company_closes_no_other(desks):
    assert desks["north"].draft(entity="south").status_code == 403
    assert answer_of(desks["north"].draft(entity=None), 201)["entity"] == "north"
    assert answer_of(desks["finance"].draft(entity="south"), 201)["entity"] == "south"
    own = desks["north"].http.get("/v1/closes", params={"ledger": SMALL}).json()["items"]
    every = desks["finance"].http.get("/v1/closes", params={"ledger": SMALL}).json()["items"]
    assert ([row["entity"] for row in own], [row["entity"] for row in every]) == (["north"], ["north", "south"])


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"period_end": "2199-12-31"}, "period_end"),
        ({"entity": "'; DROP TABLE entries; --"}, "entity"),
        ({"entity": None}, "entity"),
        ({"method": "guess"}, "method"),
        ({"opening": "1e9"}, "opening"),
        ({"opening": "1.005"}, "opening"),
        ({"other": "5"}, "reason"),
        ({"periodend": END}, "periodend"),
        ({"assessments": []}, "assessments"),
        (
            {
                "assessments": [
                    {"customer_id": "A", "rate": 2.0, "reason": "x", "assessed_by": "ana", "assessed_on": END}
                ]
            },
            "",
        ),
    ],
)
def test_a_mistake_in_a_draft_is_named(idle, body, where):
    problem = answer_of(idle["finance"].draft(**body), 422)
    assert where in f"{problem['where']} {problem['detail']}"
    said = f"{problem['where']} {problem['detail']} {problem['hint']}".replace("DROP TABLE entries; --", "")
    assert "--" not in said


def test_a_close_that_is_not_there_is_missing(idle):
    assert answer_of(idle["finance"].show(), 404)["hint"] == "drafted are: none"
    assert idle["finance"].act("review").status_code == 404
    assert idle["finance"].http.get("/v1/closes/yesterday", params=NORTH).status_code == 422
    assert idle["finance"].act("reverse", {"reason": ""}).status_code == 422


@pytest.mark.slow
def test_customers_assessed_on_their_own_are_part_of_the_draft(desks):
    own = {"customer_id": "A", "rate": 0.5, "reason": "=insolvent", "assessed_by": "ana", "assessed_on": "2024-04-01"}
    drafted = answer_of(desks["finance"].draft(assessments=[own]), 201)
    (row,) = [row for row in drafted["rows"] if row["segment"] == "individual" and row["bucket"] == "61-90"]
    assert (row["gross_amount"], row["allowance"]) == ("100.00", "50.00")
    (held,) = drafted["assessments"]
    assert held == own | {"amount": None, "valid_to_on": None}


@pytest.mark.slow
def test_an_upload_that_changes_the_past_stops_the_signature(small, desks):
    assert answer_of(desks["finance"].draft(), 201)
    add_rows(small.database, SMALL, raw_of(invoices=[invoice("9", "A", entity_id="north")]), "EUR")
    problem = answer_of(desks["finance2"].act("review"), 422)
    assert "another data" in problem["detail"]
    assert answer_of(desks["finance"].draft(), 201)["state"] == "draft"
    assert desks["finance2"].act("review").status_code == 200


@pytest.mark.slow
def test_the_journal_balances_and_is_downloaded(desks):
    ana = desks["finance"]
    answer_of(ana.draft(), 201)
    lines = answer_of(ana.show("/journal"))["lines"]
    assert [line["role"] for line in lines] == ["expense", "allowance"]
    assert lines[0]["debit"] == lines[1]["credit"] != "0.00"
    rows = list(csv.DictReader(io.StringIO(ana.show("/journal/export").text)))
    assert [(row["account"], row["debit"], row["credit"]) for row in rows] == [
        (line["account"], line["debit"], line["credit"]) for line in lines
    ]


@pytest.mark.slow
def test_a_client_walks_through_closes_and_raises_what_is_refused(desks):
    answer_of(desks["finance"].draft(), 201)
    answer_of(desks["finance"].draft(entity="south"), 201)
    client = Client(desks["finance"].http)
    listed = list(client.iterate("/v1/closes", CloseSummary, limit=1, ledger=SMALL))
    assert [one.entity for one in listed] == ["north", "south"]
    with pytest.raises(ServiceError, match="cannot review") as refused:
        client.post(f"/v1/closes/{END}/review", CloseAnswer, **NORTH)
    assert refused.value.status == 422


@pytest.mark.slow
def test_draft_and_pack_are_those_of_the_command_line_to_the_cent(kept, losing, home, tmp_path, monkeypatch):
    folder, out = write_files(losing, tmp_path / "book"), tmp_path / "close.json"
    options = [
        "--period-end",
        "2024-07-31",
        "--method",
        "roll-rate",
        "--by",
        "finance",
        "--journal",
        str(tmp_path / "j.csv"),
    ]
    monkeypatch.setenv("ARRISK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "argv", ["arrisk", "close", str(folder), *options, "--json", str(out)])
    with pytest.raises(SystemExit):
        main()
    expected = json.loads(out.read_text())
    desk = kept.people["finance"]
    body = {"period_end": "2024-07-31", "method": "roll-rate"}
    sent = desk.post("/v1/closes", params={"ledger": NAME}, json=body, headers={"Idempotency-Key": "c1"})
    found = answer_of(sent, 201)
    assert found["document_sha256"] == expected["document_sha256"]
    assert found["total"] == f"{expected['total']:.2f}"
    assert found["movement"] == {name: f"{amount:.2f}" for name, amount in expected["movement"].items()}
    where = {"ledger": NAME}
    assert desk.get("/v1/closes/2024-07-31/journal/export", params=where).text == (tmp_path / "j.csv").read_text()
    packed = desk.get("/v1/closes/2024-07-31/pack", params=where)
    assert packed.status_code == 200, packed.text
    assert packed.content == desk.get("/v1/closes/2024-07-31/pack", params=where).content
    names = set(zipfile.ZipFile(io.BytesIO(packed.content)).namelist())
    assert {"index.html", "allowance.xlsx", "report.json"} <= names
