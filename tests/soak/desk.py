"""What clients of the soak do: signed-in people who add users and close months, and know what was acknowledged."""

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
    """Add who acts to a database, and give it: an operator who also audits, and two of finance."""
    database = connect(url)
    make_user(database, "otto", "operator", "auditor")
    for login in ("ana", "ben"):
        make_user(database, login, "finance", authority="credit manager")
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


def require_sound(database: Database) -> None:
    """Check the chain of every record."""
    records = TableRecords(database)
    assert records.list_keys()
    assert {key: records.check(key).fault for key in records.list_keys()} == dict.fromkeys(records.list_keys(), "")
