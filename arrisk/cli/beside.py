"""A worker beside the service: a process of its own, polite, started again when it dies, and ended with the service."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from arrisk.config import Settings, name_variable

_LOG = logging.getLogger("arrisk.service")
_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 3.0
_END_SECONDS = 10.0
_COMMAND = [sys.executable, "-m", "arrisk", "work", "--nice", "10"]


@contextmanager
def worker_beside(settings: Settings) -> Iterator[None]:
    """Keep a worker running for as long as the block does; one that dies is started again.

    Parameters
    ----------
    settings : those of the service; the worker gets the same home, database and policy, through its environment, for an
        address may hold a password.
    """
    over = Event()
    # The server ends by the signal that it was sent, and would leave no time to end the worker.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    thread = Thread(target=_keep, args=(_describe(settings), over), name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        signal.signal(signal.SIGTERM, before)


def _describe(settings: Settings) -> dict[str, str]:
    given = {name: getattr(settings, name) for name in ("home", "database_url", "policy", "upgrade")}
    return {**os.environ, **{name_variable(name): str(value) for name, value in given.items() if value}}


def _keep(environ: dict[str, str], over: Event) -> None:
    command = [*_COMMAND, "--parent", str(os.getpid())]
    while not over.is_set():
        process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL)  # noqa: S603 - our own program
        while process.poll() is None and not over.wait(_LOOK_SECONDS):
            pass
        _end(process)
        if not over.is_set():
            _LOG.warning("the worker ended with %s and is started again", process.returncode)
        over.wait(_AGAIN_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let a worker give back its job; what it does not give back in time is taken from it, and goes on later."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
