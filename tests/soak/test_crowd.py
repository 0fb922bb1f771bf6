"""Fifty clients at once, for minutes: nothing acknowledged is lost, and memory does not grow."""

import itertools
import time

import pytest

from tests.soak.desk import REQUESTS, SECONDS, Users, prepare_people, sign_in
from tests.soak.harness import run_clients, serving

pytestmark = pytest.mark.soak

COUNT = 50
READS = ("/v1/me", "/v1/users?limit=20", "/v1/keys", "/v1/audit/entries?limit=20", "/health/ready", "/v1/roles")


def test_a_crowd_that_reads_and_writes_loses_nothing_and_memory_stays(settings, tmp_path):
    database = prepare_people(settings.database_url)
    # The larger part is asked of SQLite; PostgreSQL does its work in processes of its own.
    wanted = REQUESTS if database.is_sqlite else 0
    served, sizes = itertools.count(1), {}
    with serving(settings, tmp_path / "log.txt") as server:
        users = Users(sign_in(server.address, "otto"))
        began = time.monotonic()

        def act(client, number, turn):
            count = next(served)
            if turn % 10 == 3:
                users.add(client, f"u{number}-{turn // 20}")  # every other time the same again
            else:
                path = READS[(number + turn) % len(READS)]
                answer = client.get(path, headers=users.headers)
                assert answer.status_code == 200, (path, answer.text)
            if count % 1000 == 0:
                sizes[count] = server.read_memory()

        # A token is good for a quarter of an hour; each round signs in anew.
        while time.monotonic() - began < SECONDS or next(served) < wanted:
            left = SECONDS - (time.monotonic() - began)
            run_clients(act, server.address, count=COUNT, seconds=min(max(left, 30), 300))
            users.headers = sign_in(server.address, "otto")
        total, seconds = next(served), time.monotonic() - began
        server.stop()
    users.require_each_once(database)
    warm = next(size for count, size in sorted(sizes.items()) if count >= total / 5)
    last = sizes[max(sizes)]
    print(f"{total:,} requests, {total / seconds:.0f} a second, {len(users.acknowledged):,} users")  # noqa: T201
    print(f"memory {warm / 1e6:.0f} MB after a fifth, {last / 1e6:.0f} MB at the end")  # noqa: T201
    assert last < warm * 1.1 + 20e6
    database.close()
