"""Fifty clients at once, for minutes, and a hundred thousand requests: nothing acknowledged is lost, memory stays."""

import time
from http.client import HTTPConnection

import httpx2
import pytest

from arrisk.config import Settings
from tests.api.offices import add_ledger
from tests.databases import make_url_of
from tests.soak.desk import REQUESTS, SECONDS, Calls, Users, prepare_people, sign_in
from tests.soak.harness import run_clients, serving

pytestmark = pytest.mark.soak

COUNT = 50
OPERATED = ("/v1/me", "/v1/users?limit=20", "/v1/keys", "/v1/audit/entries?limit=20", "/health/ready", "/v1/roles")
COLLECTED = (
    "/v1/worklist?limit=3",
    "/v1/worklist/A",
    "/v1/customers?q=a",
    "/v1/customers/B",
    "/v1/collectors/progress",
)
WRITES = 500
"""Every so many requests there is a write, and a look at how much memory is taken."""


def test_a_crowd_that_reads_and_writes_loses_nothing(settings, tmp_path):
    database = prepare_people(settings.database_url)
    add_ledger(database)
    served = [0] * COUNT
    with serving(settings, tmp_path / "log.txt") as server:
        users, calls = Users(sign_in(server.address, "otto")), Calls(sign_in(server.address, "cleo"))
        began = time.monotonic()

        def act(client, number, turn):
            at = number + turn
            if turn % 10 == 3:
                users.add(client, f"u{number}-{turn // 20}")  # every other time the same again
            elif turn % 10 == 7:
                calls.log(client, "ABCE"[number % 4], f"c{number}-{turn}")
            else:
                path, one = (OPERATED[at % 6], users) if at % 2 else (COLLECTED[at % 5], calls)
                answer = client.get(path, headers=one.headers)
                assert answer.status_code == 200, (path, answer.text)
            served[number] += 1

        # A token is good for a quarter of an hour.
        run_clients(act, server.address, count=COUNT, seconds=min(SECONDS, 800))
        seconds = time.monotonic() - began
        server.stop()
    users.require_each_once(database)
    calls.require_each_once(database)
    kept = f"{len(users.acknowledged):,} users, {len(calls.acknowledged):,} calls ({calls.overtaken:,} times overtaken)"
    print(f"{sum(served):,} turns, {sum(served) / seconds:.0f} a second, {kept}")  # noqa: T201
    database.close()


def test_memory_is_steady_over_many_requests(tmp_path):
    settings = Settings(home=tmp_path, database_url=make_url_of("sqlite", tmp_path))
    database = prepare_people(settings.database_url)
    add_ledger(database)
    with serving(settings, tmp_path / "log.txt") as server:
        began, sizes = time.monotonic(), []
        for start in range(0, REQUESTS, 10_000):
            sizes += _ask_many(server, range(start, min(start + 10_000, REQUESTS)))
        seconds = time.monotonic() - began
        server.stop()
    database.close()
    warm, last = sizes[len(sizes) // 5], sizes[-1]
    print(f"{REQUESTS:,} requests, {REQUESTS / seconds:.0f} a second")  # noqa: T201
    print(f"memory {warm / 1e6:.0f} MB after a fifth, {last / 1e6:.0f} MB at the end")  # noqa: T201
    assert last < warm * 1.1 + 20e6


def _ask_many(server, numbers):
    """Ask one after another, signed in anew; give how much memory was taken meanwhile."""
    users, calls = (sign_in(server.address, login) for login in ("otto", "cleo"))
    connection = HTTPConnection(server.address.removeprefix("http://"), timeout=60)
    sizes, writer = [], Users(users)
    for number in numbers:
        # What is computed from the book takes ten times as long as the rest, and is asked for less often.
        path, headers = (OPERATED[number % 6], users) if number % 50 else (COLLECTED[number // 50 % 5], calls)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, (path, text)
        if number % WRITES == 0:
            sizes.append(server.read_memory())
            with httpx2.Client(base_url=server.address, timeout=60) as client:
                writer.add(client, f"m{number}")
    connection.close()
    return sizes
