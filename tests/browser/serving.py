"""A service that answers over the network, from a thread of the tests' own process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

_SECONDS = 120
"""Compiled code may have to be compiled before the first request."""


@contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """Give the address of a service that runs until the end of the block; its lifespan runs too."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, server_header=False))
    thread = threading.Thread(target=server.run, name="service")
    thread.start()
    try:
        _wait(server, thread)
        (listening,) = server.servers[0].sockets
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    end = time.monotonic() + _SECONDS
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        assert time.monotonic() < end, f"the service did not start within {_SECONDS} seconds"
        time.sleep(0.02)
