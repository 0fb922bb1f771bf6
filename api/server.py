"""Runs the service as one process, or as several that share a port: from its settings to its last answer."""

import os
import socket
from contextlib import closing
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from api.lifespan import bring_forward
from api.logs import configure_logs
from api.main import create_app
from api.shared_port import SharedPort
from arrisk.config import Settings, read_settings, write_settings
from arrisk.policy import load_policy
from arrisk.store import connect, locate

_APP: Final = "api.server:make_app"
_HEARD_OF_SECONDS: Final = 60


def run(settings: Settings) -> None:
    """Answer requests until the process is told to stop; those under way are answered first."""
    configure_logs(settings.log_level, settings.log_format)
    options: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "log_config": None,
        "access_log": False,
        "timeout_graceful_shutdown": settings.stop_seconds,
        # One of several that does not answer the first within this time is started anew.
        "timeout_worker_healthcheck": _HEARD_OF_SECONDS,
        # What a proxy says about the client is believed where the proxy itself is known; nobody is, here.
        "proxy_headers": False,
        "server_header": False,
    }
    if settings.processes == 1:
        uvicorn.run(create_app(settings=settings), **options)
        return
    _hand_on(settings)
    config = uvicorn.Config(_APP, factory=True, workers=settings.processes, **options)
    Multiprocess(config, sockets=[bind(config)]).run()


def bind(config: uvicorn.Config) -> SharedPort:
    """Take the port that several processes share, so that what they write is sent at once.

    A process with a port of its own sends at once by itself. Here the end of an answer would wait until the client has
    acknowledged its beginning, which clients put off for 40 ms.
    """
    shared = config.bind_socket()
    shared.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return SharedPort.take(shared)


def make_app() -> FastAPI:
    """Make the service of one process of several, by the settings of its environment."""
    settings = read_settings()
    configure_logs(settings.log_level, settings.log_format)
    return create_app(settings=settings)


def _hand_on(settings: Settings) -> None:
    """Do once what only one may do, refuse what each would refuse, and give the others their settings."""
    load_policy(settings.policy)
    with closing(connect(settings.database_url or locate(settings.home))) as database:
        bring_forward(database, settings.upgrade)
    os.environ.update(write_settings(settings.model_copy(update={"upgrade": "never"})))
