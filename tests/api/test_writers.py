"""A crowd of writers waits in a queue, and never for each other's threads."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.writers import AT_ONCE, WriterQueue
from tests.databases import EACH_KIND, open_new
from tests.people import join


@pytest.mark.slow
@pytest.mark.parametrize("kind", EACH_KIND)
def test_sixty_who_write_at_once_are_all_answered(kind, tmp_path):
    database = open_new(kind, tmp_path)
    with TestClient(create_app(tmp_path, database=database), raise_server_exceptions=False) as client:
        headers = join(client.app, "operator").headers

        def add(number):
            body = {"login": f"user{number}", "display_name": "", "roles": ["collector"]}
            sent = {**headers, "Idempotency-Key": f"user-{number}-0"}
            return client.post("/v1/users", json=body, headers=sent).status_code

        with ThreadPoolExecutor(60) as pool:
            assert set(pool.map(add, range(60))) == {201}
    database.close()


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("POST", "/v1/cases", AT_ONCE),
        ("DELETE", "/v1/session", AT_ONCE),
        ("GET", "/v1/cases", 30),
        ("POST", "/cases", 30),  # a page, which waits when it asks the API
    ],
)
def test_only_those_that_may_write_are_queued(method, path, most):
    seen, lock, now = [], Lock(), [0]

    async def answer(scope, receive, send):
        with lock:
            now[0] += 1
            seen.append(now[0])
        await asyncio.sleep(0.01)
        now[0] -= 1

    async def ask():
        queue = WriterQueue(answer)
        await asyncio.gather(*(queue({"type": "http", "method": method, "path": path}, None, None) for _ in range(30)))

    asyncio.run(ask())
    assert len(seen) == 30
    assert max(seen) == most
