"""One real process, started as a user starts it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import httpx2
import pytest

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module", params=[1, 2])
def address(home, tmp_path_factory, request):
    """Give the address of a running service, of one process or of two; it must stop when it is told to."""
    port, log = free_port(), tmp_path_factory.mktemp("log") / "serve.txt"
    command = [sys.executable, "-c", "from arrisk.cli import main; main()", "serve", "--port", str(port)]
    with log.open("w") as file:
        process = subprocess.Popen(
            [*command, "--processes", str(request.param), "--log-format", "json"],
            env={**os.environ, "ARRISK_HOME": str(home), "ARRISK_SIGN_IN": "off"},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) in {0, -signal.SIGTERM}, log.read_text()
        said = [json.loads(line)["message"] for line in log.read_text().splitlines() if line.startswith("{")]
        assert said.count("stopped") == request.param, said
    finally:
        process.kill()
        process.wait()


def _wait(process, address, log):
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx2.get(f"{address}/health/ready", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    pytest.fail(log.read_text())


def test_a_running_service_scores_as_one_in_process(address, post, body):
    there = httpx2.post(f"{address}/v1/score", json=body, timeout=60)
    assert there.status_code == 200, there.text
    assert there.json() == post().json()


def test_a_running_service_refuses_with_a_problem(address):
    refused = httpx2.post(f"{address}/v1/score", json={}, timeout=60)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
