"""What tests of endurance stand on: servers that start quickly, are killed, and come again."""

import random
import signal
import time

import httpx2
import pytest

from tests.soak.harness import find_port, kill_within, run_clients, running, serving, start_server

pytestmark = pytest.mark.slow


def sleep_and_say(word: str) -> None:
    print(word, flush=True)  # noqa: T201 - what the test looks for
    time.sleep(60)


def test_a_server_is_killed_and_comes_again(settings, tmp_path):
    log = tmp_path / "log.txt"
    with serving(settings, log) as server:
        assert server.read_memory() > 10_000_000
        server.kill()
        with pytest.raises(httpx2.TransportError):
            httpx2.get(f"{server.address}/health/live")
    began = time.monotonic()
    again = start_server(settings, log)
    assert httpx2.get(f"{again.address}/health/live").json() == {"status": "live"}
    # Having answered what was under way, uvicorn ends by the signal that it was sent.
    assert again.stop() == -signal.SIGTERM, log.read_text()
    assert "Application shutdown complete" in log.read_text()
    assert time.monotonic() - began < 60


def test_a_function_runs_in_a_process_that_can_be_killed(tmp_path):
    log = tmp_path / "log.txt"
    with running(sleep_and_say, "here", log=log) as child:
        while "here" not in (log.read_text() if log.exists() else ""):
            time.sleep(0.05)
        assert kill_within(child, 0.1, random.Random(1))  # noqa: S311 - a moment, no secret
        assert child.process.exitcode == -9


def test_clients_act_as_often_as_told_and_a_failure_of_one_is_raised(settings, tmp_path):
    with serving(settings, tmp_path / "log.txt") as server:
        acts = []
        run_clients(lambda client, number, turn: acts.append((number, turn)), server.address, count=3, turns=4)
        assert sorted(acts) == [(number, turn) for number in range(3) for turn in range(4)]

        def ask(client, number, turn):
            assert client.get("/health/live").status_code == 200

        def fail(client, number, turn):
            assert number != 1

        run_clients(ask, server.address, count=2, seconds=0.5)
        with pytest.raises(AssertionError):
            run_clients(fail, server.address, count=2, turns=1)


def test_a_free_port_is_free():
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"http://127.0.0.1:{find_port()}")
