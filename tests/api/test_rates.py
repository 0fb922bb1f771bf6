"""Who asks too often waits, and others do not."""

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.rates import Rate
from arrisk.config import Settings
from arrisk.errors import TooOftenError
from tests.people import WORDS, join


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def test_a_bucket_fills_up_with_time_and_is_each_ones_own():
    clock = Clock()
    rate = Rate(2, read_seconds=clock)
    for _ in range(2):
        rate.take("ana")
    with pytest.raises(TooOftenError) as caught:
        rate.take("ana")
    assert caught.value.wait_seconds == 30
    rate.take("ben")
    clock.seconds = 29
    with pytest.raises(TooOftenError):
        rate.take("ana")
    clock.seconds = 30
    rate.take("ana")


def test_zero_is_no_bound():
    rate = Rate(0)
    for _ in range(100):
        rate.take("ana")


def test_only_so_many_are_remembered():
    rate = Rate(1, read_seconds=lambda: 0.0)
    for number in range(20_000):
        rate.take(str(number))
    assert len(rate._buckets) == 10_000


def test_a_caller_who_asks_too_often_is_told_how_long_to_wait(database, tmp_path):
    app = create_app(tmp_path, database=database, settings=Settings(requests_per_minute=3))
    ana, ben = join(app, "analyst", login="ana"), join(app, "analyst", login="ben")
    answers = [ana.get("/v1/me").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    refused = ana.get("/v1/me")
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert refused.json()["type"] == "urn:arrisk:problem:too-often"
    assert ben.get("/v1/me").status_code == 200


def test_an_address_signs_in_only_so_often(database, tmp_path):
    app = create_app(tmp_path, database=database, settings=Settings(sign_ins_per_minute=2))
    client = TestClient(app, raise_server_exceptions=False)
    tried = [client.post("/v1/session", json={"login": name, "password": WORDS}) for name in ("a", "b", "c")]
    assert [answer.status_code for answer in tried] == [401, 401, 429]


def test_a_locked_login_is_told_how_long_to_wait(database, tmp_path):
    app = create_app(tmp_path, database=database)
    join(app, "analyst", login="ana")
    client = TestClient(app, raise_server_exceptions=False)
    tried = [client.post("/v1/session", json={"login": "ana", "password": "x"}) for _ in range(6)]
    assert [answer.status_code for answer in tried] == [401] * 5 + [429]
    assert 1 <= int(tried[-1].headers["Retry-After"]) <= 900


@pytest.mark.slow
def test_every_answer_tells_a_browser_to_keep_and_run_nothing(database, tmp_path):
    client = join(create_app(tmp_path, database=database), "analyst", login="ana")
    for path in ("/v1/me", "/v1/users", "/v1/nothing", "/health/live", "/openapi.json"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
