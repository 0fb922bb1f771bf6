"""What people did with a service before anybody looks at it: each kind of thing in each of its states, over HTTP."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from httpx2 import Client, Response

from api.pages.choices import AS_SAID, Chosen
from api.pages.write_offs import SHOWN
from arrisk.policy import load_policy
from arrisk.store import Database
from arrisk.store.claims import claim
from arrisk.uses.work import KINDS, Worker
from tests.api.ledger import Tables
from tests.api.test_jobs import EXPORT
from tests.browser.firm import DAY, LEDGER
from tests.browser.staff import AUTHORITIES, name_login
from tests.people import WORDS

SOON = (datetime.now(UTC).date() + timedelta(days=7)).isoformat()
MONTH = "2024-08-31"
"""The last period that has ended."""

WORST = "C01"
"""A customer of whom there is everything: a parent, security, disputes, a promise, decisions, a hold."""


@dataclass
class Life:
    """What was left behind.

    Parameters
    ----------
    address : of the service.
    pages : addresses that a crawl does not find by itself, since it goes to one page of each shape.
    papers : addresses of documents: memos, letters.
    """

    address: str
    pages: list[str] = field(default_factory=list)
    papers: list[str] = field(default_factory=list)


class Person:
    """Somebody who works over HTTP."""

    def __init__(self, address: str, login: str) -> None:
        self.http = Client(base_url=address, timeout=120)
        session = self.http.post("/v1/session", json={"login": login, "password": WORDS})
        self.http.headers["Authorization"] = f"Bearer {_read(session)['access_token']}"

    def get(self, path: str, **query: Any) -> Any:
        """Ask for something."""
        return _read(self.http.get(f"/v1{path}", params=query))

    def do(self, path: str, body: object = None, *, saw: int | None = None, method: str = "POST", **query: Any) -> Any:
        """Do something, on the version that was seen."""
        headers = {"Idempotency-Key": uuid4().hex} | ({} if saw is None else {"If-Match": f'"{saw}"'})
        return _read(self.http.request(method, f"/v1{path}", json=body, headers=headers, params=query))


def _read(answer: Response) -> Any:
    assert answer.is_success, f"{answer.request.url}: {answer.text}"
    return answer.json() if answer.content else None


def tie_customers(tables: Tables) -> Tables:
    """Give a ledger with groups, security and disputes."""
    customers = [
        row | ({"parent_id": WORST} if row["customer_id"] in {"C02", "C03"} else {}) for row in tables["customers"]
    ]
    security = {"customer_id": WORST, "currency": "EUR", "valid_from_on": "2024-01-01"}
    collateral = [
        security | {"collateral_id": "S1", "kind": "guarantee", "amount": "5000.00"},
        security | {"collateral_id": "S2", "kind": "deposit", "amount": "250.00", "customer_id": "C02"},
    ]
    newest = [row["invoice_id"] for row in tables["invoices"] if row["customer_id"] == WORST][-3:]
    disputes = [
        {"dispute_id": f"D{place}", "invoice_id": name, "opened_on": "2024-08-25", "amount": "10.00", "reason": "price"}
        for place, name in enumerate(newest)
    ]
    invoices = [*tables["invoices"], {**tables["invoices"][0], "invoice_id": "OLD3", "customer_id": WORST}]
    return {**tables, "customers": customers, "collateral": collateral, "disputes": disputes, "invoices": invoices}


def live(address: str, database: Database, home: Path) -> Life:
    """Have the people of a firm do what they do."""
    with ExitStack() as stack:
        people = {role: Person(address, name_login(role)) for role in AUTHORITIES}
        people["finance2"] = Person(address, "finance2")
        for person in people.values():
            stack.callback(person.http.close)
        return _live(people, Life(address), Worker(database, home, load_policy(), lambda: datetime.now(UTC)))


def _live(people: Mapping[str, Person], life: Life, worker: Worker) -> Life:
    _run_jobs(people["operator"], life, worker)
    _decide_cases(people, life)
    _close_months(people, life)
    _write_off(people, life)
    _collect(people["collector"])
    life.pages += [f"/customers/{WORST}", f"/worklist/{WORST}", f"/worklist?open={WORST}", "/users/collector", "/style"]
    life.pages += [f"/customers/{WORST}/{part}" for part in ("score", "items")]
    return life


def _decide_cases(people: Mapping[str, Person], life: Life) -> None:
    analyst, manager = people["analyst"], people["credit_manager"]

    def ask(customer_id: str) -> Any:
        return analyst.do("/cases", {"customer_id": customer_id, "requested_limit": "2500"})

    def act(person: Person, case: Any, name: str, body: object) -> Any:
        return person.do(f"/cases/{case['case_id']}/{name}", body, saw=case["version"])

    def approve(case: Any, **more: Any) -> Any:
        limit = f"{min(float(case['recommended_limit']), 2500):.2f}"
        return act(manager, case, "approve", {"limit": limit} | more)

    reviewed, approved, bound, accepted = map(ask, ("C02", "C03", "C05", "C06"))
    declined, overridden, withdrawn = map(ask, (WORST, "C08", "C09"))
    approve(approved)
    approve(bound, conditions="a deposit of 200.00", valid_days=90)
    act(analyst, approve(accepted), "accept", {"note": "signed"})
    act(manager, overridden, "approve", {"limit": "17.00", "override_reason": "security", "note": "by the board"})
    act(analyst, withdrawn, "withdraw", {"note": "bought elsewhere"})
    refused = act(manager, declined, "decline", {"note": "does not pay"})
    letter = act(analyst, refused, "letter", None)
    act(analyst, letter["case"], "asked", None)
    cases = (reviewed, approved, bound, accepted, declined, overridden, withdrawn)
    life.pages += [f"/cases/{case['case_id']}" for case in cases]
    life.papers += [f"/v1/cases/{declined['case_id']}/memo?format=html", f"/v1/cases/{declined['case_id']}/letter"]


def _close_months(people: Mapping[str, Person], life: Life) -> None:
    ana, ben = people["finance"], people["finance2"]

    def draft(entity: str, end: str, since: str) -> str:
        first = {"opening": "0", "since": since}
        ana.do("/closes", {"period_end": end, "entity": entity, "method": "matrix", **first})
        return f"/closes/{end}"

    taken_back = draft("south", "2024-07-31", "2024-06-30")
    ben.do(f"{taken_back}/reverse", {"reason": "an invoice was booked twice"}, entity="south")
    posted = draft("north", "2024-07-31", "2024-06-30")
    ben.do(f"{posted}/review", entity="north")
    ana.do(f"{posted}/post", entity="north")
    reviewed = f"/closes/{MONTH}"
    ana.do("/closes", {"period_end": MONTH, "entity": "north", "method": "matrix"})
    ben.do(f"{reviewed}/review", entity="north")
    assessed = {"customer_id": "C07", "rate": 0.5, "reason": "a writ was served", "assessed_on": MONTH}
    one = [{**assessed, "assessed_by": "finance"}]
    first = {"opening": "0", "since": "2024-07-31", "assessments": one}
    ana.do("/closes", {"period_end": MONTH, "entity": "south", "method": "matrix", **first})
    life.pages += [f"{path}?entity=north" for path in (posted, reviewed)]
    life.pages += [f"{path}?entity=south" for path in (taken_back, reviewed)]


def _write_off(people: Mapping[str, Person], life: Life) -> None:
    ana, ben = people["finance"], people["finance2"]
    found = ana.get("/write-offs/candidates", period_end=MONTH)["items"]
    names = [one["invoice_id"] for one in found][:3]
    assert len(names) == 3, found
    ana.do("/write-offs/propose", {"invoice_ids": names, "note": "the bailiff found nothing"}, period_end=MONTH)
    ben.do("/write-offs/approve", {"invoice_ids": names[:1]}, period_end=MONTH)
    ben.do("/write-offs/decline", {"invoice_ids": names[1:2], "note": "pays by instalments"}, period_end=MONTH)
    life.pages += [f"/write-offs?show={show}" for show in SHOWN]


def _collect(collector: Person) -> None:
    file = f"/worklist/{WORST}"

    def act(name: str, body: object) -> Any:
        return collector.do(f"{file}/{name}", body, saw=collector.get(file)["version"])

    act("contacts", {"channel": "call", "outcome": "reached", "note": "asks for a copy"})
    act("promises", {"amount": "20.00", "due_on": SOON})
    act("assign", {"collector": "collector"})


def _run_jobs(operator: Person, life: Life, worker: Worker) -> None:
    def ask(kind: str, ledger: str = LEDGER, **more: Any) -> Any:
        return operator.do("/jobs", {"kind": kind, "ledger": ledger, **more})

    sent = _read(operator.http.post("/v1/uploads", params={"name": "export.csv"}, content=EXPORT.encode()))
    number = sent["upload_id"]
    look = operator.do(f"/uploads/{number}/columns", {"mapping": "generic"})
    chosen = Chosen(mapping="generic", date=AS_SAID, decimal=AS_SAID).complete(look)
    added = ask("ingest", upload_id=number, mapping="generic")
    failed = ask("nightly", "nowhere", as_of=DAY.isoformat())
    worker.drain()
    stopped = ask("nightly", as_of=DAY.isoformat())
    operator.do(f"/jobs/{stopped['job_id']}", method="DELETE")
    running = ask("train", as_of=DAY.isoformat())
    assert claim(worker.database, kinds=KINDS, at=datetime.now(UTC)) is not None
    waiting = ask("nightly", as_of=DAY.isoformat())
    jobs = {"done": added, "failed": failed, "cancelled": stopped, "running": running, "queued": waiting}
    for state, job in jobs.items():
        path = f"/jobs/{job['job_id']}"
        assert operator.get(path)["state"] == state, operator.get(path)
        life.pages.append(path)
    life.pages += [f"/uploads/{number}", f"/uploads/{number}?{chosen.write_query()}"]
    life.pages.append(f"/uploads/{number}?{urlencode({'mapping': 'sap-open-items'})}")
