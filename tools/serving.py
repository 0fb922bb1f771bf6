"""A service that answers over the network, from a thread of this process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from fastapi import FastAPI

_SECONDS: Final = 120
"""Compiled code may have to be compiled before the first request."""


@contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """Give the address of a service that runs until the end of the block; it is started and stopped as any other.

    Raises
    ------
    RuntimeError
        When it does not start.
    """
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
        if not thread.is_alive() or time.monotonic() > end:
            raise RuntimeError("the service did not start; its log says why")
        time.sleep(0.02)
