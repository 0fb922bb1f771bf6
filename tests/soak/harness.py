"""Starts real servers and other processes, asks them from many clients, kills them, and starts them again.

Each process is forked from one that has imported everything (`tests.soak.preloaded`): it is a real process of its own,
with its own address, and `kill -9` ends it as it would end `arrisk serve`.
"""

import multiprocessing
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import httpx2

from arrisk.config import Settings

START_SECONDS, STOP_SECONDS = 120, 60


@dataclass
class Child:
    """A process that was started for a test.

    Parameters
    ----------
    process : as multiprocessing knows it.
    log : the file that holds what it printed.
    """

    process: ForkServerProcess
    log: Path

    def kill(self) -> None:
        """End it as a loss of power would."""
        self.process.kill()
        self.process.join()

    def stop(self) -> int | None:
        """Ask it to end, and give its exit code; minus the signal's number where it took no notice."""
        if self.process.is_alive() and self.process.pid:
            os.kill(self.process.pid, signal.SIGTERM)
        self.process.join(STOP_SECONDS)
        return self.process.exitcode

    def read_memory(self) -> int:
        """Give the bytes of memory that it occupies."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024


@dataclass
class Server(Child):
    """A running service.

    Parameters
    ----------
    address : without a slash at the end.
    """

    address: str


def start(target: Callable[..., object], *arguments: object, log: Path) -> Child:
    """Run a function of a module in a process of its own, which may be killed.

    Parameters
    ----------
    target : a function of a module, not one within a test.
    log : where what it prints is added.
    """
    process = _context().Process(target=_run, args=(target, arguments, str(log)))
    process.start()
    return Child(process, log)


@contextmanager
def running(target: Callable[..., object], *arguments: object, log: Path) -> Iterator[Child]:
    """Run a function as ``start`` does, and never leave it behind."""
    child = start(target, *arguments, log=log)
    try:
        yield child
    finally:
        child.kill()


def start_server(settings: Settings, log: Path) -> Server:
    """Start a service, and wait until it is ready; its port is a free one of this machine."""
    settings = settings.model_copy(update={"port": find_port(), "log_format": "json"})
    child = start(serve, settings, log=log)
    server = Server(child.process, log, f"http://127.0.0.1:{settings.port}")
    try:
        _wait(server)
    except BaseException:
        server.kill()
        raise
    return server


@contextmanager
def serving(settings: Settings, log: Path) -> Iterator[Server]:
    """Start a service as ``start_server`` does, and never leave it behind."""
    server = start_server(settings, log)
    try:
        yield server
    finally:
        server.kill()


def serve(settings: Settings) -> None:
    """Do what `arrisk serve` does."""
    from api.server import run  # noqa: PLC0415 - the tests' own process need not wait for it

    run(settings)


def find_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill_within(child: Child, seconds: float, chance: random.Random) -> bool:
    """Kill a process at a moment that chance chooses; say whether it was still at work."""
    time.sleep(chance.uniform(0, seconds))
    was_alive = child.process.is_alive()
    child.kill()
    return was_alive


def run_clients(
    act: Callable[[httpx2.Client, int, int], None],
    address: str,
    *,
    count: int,
    seconds: float = 0,
    turns: int = 0,
) -> None:
    """Let many clients act at the same time, each again and again; what one raises is raised.

    Parameters
    ----------
    act : is given a client of its own, the client's number, and its turn, both from 0.
    count : of clients.
    seconds, turns : how long, or how often each; one of the two.
    """
    end = time.monotonic() + seconds

    def live(number: int) -> None:
        turn = 0
        with httpx2.Client(base_url=address, timeout=60) as client:
            while turn < turns or (not turns and time.monotonic() < end):
                act(client, number, turn)
                turn += 1

    with ThreadPoolExecutor(count) as pool:
        for future in [pool.submit(live, number) for number in range(count)]:
            future.result()


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.soak.preloaded"])
    return context


def _run(target: Callable[..., Any], arguments: tuple[object, ...], log: str) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for stream in (1, 2):
        os.dup2(descriptor, stream)
    sys.stdin.close()
    target(*arguments)


def _wait(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.process.is_alive(), server.log.read_text()
        try:
            if httpx2.get(f"{server.address}/health/ready", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError(server.log.read_text())
