"""`kill -9` of the service while it writes and while it closes: nothing is lost, nothing twice, every chain holds."""

import random
import threading
import time

import httpx2
import pytest

from api.idempotency import HEADER
from arrisk.store.records import TableRecords
from tests.api.kept import SMALL, add_rows, make_small
from tests.soak.desk import KILLS, Users, prepare_people, require_sound, sign_in
from tests.soak.harness import run_clients, serving, start_server

pytestmark = pytest.mark.soak

END = "2024-04-30"


def kill_after(server, seconds):
    killer = threading.Timer(seconds, server.kill)
    killer.start()
    return killer


def test_users_added_until_the_service_is_killed_are_there_once(settings, tmp_path):
    database, chance = prepare_people(settings.database_url), random.Random(1)  # noqa: S311 - moments, no secrets
    with serving(settings, tmp_path / "log.txt") as server:
        users = Users(sign_in(server.address, "otto"))
    for kill in range(KILLS):
        server = start_server(settings, tmp_path / "log.txt")
        try:
            users.headers = sign_in(server.address, "otto")
            # What was under way when it was killed is sent again under the same key.
            with httpx2.Client(base_url=server.address, timeout=60) as client:
                for login in sorted(users.asked - users.acknowledged):
                    users.add(client, login)
            killer = kill_after(server, chance.uniform(0.05, 0.6))
            with pytest.raises(httpx2.TransportError):
                run_clients(
                    lambda client, number, turn, kill=kill: users.add(client, f"k{kill}-{number}-{turn}"),
                    server.address,
                    count=8,
                    turns=10_000,
                )
            killer.join()
        finally:
            server.kill()
        users.require_each_once(database)
    print(f"{KILLS} kills, {len(users.acknowledged):,} of {len(users.asked):,} acknowledged")  # noqa: T201
    assert len(users.acknowledged) > KILLS
    database.close()


def test_a_close_killed_at_any_moment_is_there_once_or_not_at_all(settings, tmp_path):
    database, chance = prepare_people(settings.database_url), random.Random(2)  # noqa: S311 - moments, no secrets
    add_rows(database, SMALL, make_small(), "EUR")
    took = 1.0
    for kill in range(KILLS):
        server = start_server(settings, tmp_path / "log.txt")
        try:
            headers = sign_in(server.address, "ana")
            killer = kill_after(server, chance.uniform(0, took))
            began = time.monotonic()
            key = f"close-{kill}"
            try:
                # Another opening makes another draft each time.
                draft(server.address, headers, key, f"{kill}.00")
                took = max(0.2, 1.2 * (time.monotonic() - began))
            except httpx2.TransportError:
                pass
            killer.join()
            server = start_server(settings, tmp_path / "log.txt")
            made = draft(server.address, headers, key, f"{kill}.00")
            assert made["movement"]["opening"] == f"{kill}.00"
        finally:
            server.kill()
        (name,) = TableRecords(database).list_keys("closes")
        entries = TableRecords(database).read(name)
        assert [entry.action for entry in entries] == ["draft"] * (kill + 1)
        require_sound(database)
    database.close()


def draft(address, headers, key, opening):
    body = {"period_end": END, "entity": "north", "method": "matrix", "opening": opening}
    answer = httpx2.post(
        f"{address}/v1/closes", params={"ledger": SMALL}, json=body, headers={**headers, HEADER: key}, timeout=120
    )
    assert answer.status_code == 201, answer.text
    return answer.json()
