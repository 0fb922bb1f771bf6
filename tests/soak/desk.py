"""What clients of the soak do: signed-in people who add users and call customers, and know what was acknowledged."""

import os
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import httpx2

from api.idempotency import HEADER
from arrisk.store import Database, connect
from arrisk.store.records import TableRecords
from tests.people import WORDS, make_user

SECONDS: Final = float(os.environ.get("SOAK_SECONDS", "300"))
REQUESTS: Final = int(os.environ.get("SOAK_REQUESTS", "100000"))
KILLS: Final = int(os.environ.get("SOAK_KILLS", "50"))


def prepare_people(url: str) -> Database:
    """Add who acts to a database, and give it: an operator who also audits, two of finance, a collector."""
    database = connect(url)
    make_user(database, "otto", "operator", "auditor")
    for login in ("ana", "ben"):
        make_user(database, login, "finance", authority="credit manager")
    make_user(database, "cleo", "collector")
    return database


def sign_in(address: str, login: str) -> dict[str, str]:
    """Sign in, and give the header of requests."""
    answer = httpx2.post(f"{address}/v1/session", json={"login": login, "password": WORDS}, timeout=60)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@dataclass
class Users:
    """Adds users, and remembers which of them the service acknowledged.

    Parameters
    ----------
    headers : of whoever adds them.
    """

    headers: dict[str, str]
    asked: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def add(self, client: httpx2.Client, login: str) -> None:
        """Add a user; the same login is the same request."""
        with self._lock:
            self.asked.add(login)
        body = {"login": login, "display_name": f"{login} Ltd", "roles": ["collector"]}
        answer = client.post("/v1/users", json=body, headers={**self.headers, HEADER: f"add-{login}"})
        assert answer.status_code == 201, answer.text
        assert answer.json()["login"] == login
        with self._lock:
            self.acknowledged.add(login)

    def require_each_once(self, database: Database) -> None:
        """Find every acknowledged user once in the table and once in the record, and no other but what was asked."""
        with database.read() as connection:
            rows = connection.exec_driver_sql("SELECT login FROM users").fetchall()
        in_table = Counter(login for (login,) in rows if login in self.asked)
        records = TableRecords(database)
        entries = [entry for key in records.list_keys() for entry in records.read(key)]
        in_record = Counter(entry.content.get("login") for entry in entries if entry.content.get("login") in self.asked)
        assert self.acknowledged <= in_table.keys()
        assert set(in_table.values()) <= {1}
        assert in_record == in_table
        require_sound(database)


@dataclass
class Calls:
    """Logs calls to customers whom others call too, and remembers which of them the service acknowledged.

    Parameters
    ----------
    headers : of whoever calls.
    """

    headers: dict[str, str]
    acknowledged: set[str] = field(default_factory=set)
    overtaken: int = 0
    _lock: Lock = field(default_factory=Lock)

    def log(self, client: httpx2.Client, customer_id: str, note: str) -> None:
        """Log a call; where another was logged since the file was read, read it again."""
        path, body = f"/v1/worklist/{customer_id}", {"channel": "call", "outcome": "reached", "note": note}
        for attempt in range(200):
            shown = client.get(path, headers=self.headers)
            assert shown.status_code == 200, shown.text
            sent = {**self.headers, HEADER: f"{note}-{attempt}", "If-Match": shown.headers["ETag"]}
            answer = client.post(f"{path}/contacts", json=body, headers=sent)
            if answer.status_code != 412:
                break
            self.overtaken += 1
        assert answer.status_code == 200, answer.text
        with self._lock:
            self.acknowledged.add(note)

    def require_each_once(self, database: Database) -> None:
        """Find every acknowledged call once in the record, and no other."""
        records = TableRecords(database)
        entries = [entry for key in records.list_keys("contacts") for entry in records.read(key)]
        assert Counter(entry.content["note"] for entry in entries) == Counter(self.acknowledged)


def require_sound(database: Database) -> None:
    """Check the chain of every record."""
    records = TableRecords(database)
    assert records.list_keys()
    assert {key: records.check(key).fault for key in records.list_keys()} == dict.fromkeys(records.list_keys(), "")
