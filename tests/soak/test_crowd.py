"""Fifty clients at once, for minutes: nothing acknowledged is lost, and memory does not grow."""

import itertools
import time

import pytest

from tests.api.offices import add_ledger
from tests.soak.desk import REQUESTS, SECONDS, Calls, Users, prepare_people, sign_in
from tests.soak.harness import run_clients, serving

pytestmark = pytest.mark.soak

COUNT = 50
READS = ("/v1/me", "/v1/users?limit=20", "/v1/keys", "/v1/audit/entries?limit=20", "/health/ready", "/v1/roles")
CALLED = ("/v1/worklist?limit=3", "/v1/worklist/A", "/v1/customers?q=a", "/v1/customers/B", "/v1/collectors/progress")


def test_a_crowd_that_reads_and_writes_loses_nothing_and_memory_stays(settings, tmp_path):
    database = prepare_people(settings.database_url)
    add_ledger(database)
    # The larger part is asked of SQLite; PostgreSQL does its work in processes of its own.
    wanted = REQUESTS if database.is_sqlite else 0
    served, sizes = itertools.count(1), {}
    with serving(settings, tmp_path / "log.txt") as server:
        users, calls = Users(sign_in(server.address, "otto")), Calls(sign_in(server.address, "cleo"))
        began = time.monotonic()

        def act(client, number, turn):
            count = next(served)
            if turn % 10 == 3:
                users.add(client, f"u{number}-{turn // 20}")  # every other time the same again
            elif turn % 10 == 7:
                calls.log(client, "ABCE"[number % 4], f"c{number}-{turn}-{count}")
            else:
                at = number + turn
                path, one = (READS[at % 6], users) if at % 2 else (CALLED[at % 5], calls)
                answer = client.get(path, headers=one.headers)
                assert answer.status_code == 200, (path, answer.text)
            if count % 100 == 0:
                sizes[count] = server.read_memory()

        # A token is good for a quarter of an hour; each round signs in anew.
        while time.monotonic() - began < SECONDS or next(served) < wanted:
            left = SECONDS - (time.monotonic() - began)
            run_clients(act, server.address, count=COUNT, seconds=min(max(left, 30), 300))
            users.headers, calls.headers = (sign_in(server.address, login) for login in ("otto", "cleo"))
        total, seconds = next(served), time.monotonic() - began
        server.stop()
    users.require_each_once(database)
    calls.require_each_once(database)
    warm = next(size for count, size in sorted(sizes.items()) if count >= total / 5)
    last = sizes[max(sizes)]
    kept = f"{len(users.acknowledged):,} users, {len(calls.acknowledged):,} calls ({calls.overtaken:,} times overtaken)"
    print(f"{total:,} requests, {total / seconds:.0f} a second, {kept}")  # noqa: T201
    print(f"memory {warm / 1e6:.0f} MB after a fifth, {last / 1e6:.0f} MB at the end")  # noqa: T201
    assert last < warm * 1.1 + 20e6
    database.close()
