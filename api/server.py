"""Runs the service as a process: from its settings to its last answer."""

import uvicorn

from api.logs import configure_logs
from api.main import create_app
from arrisk.config import Settings


def run(settings: Settings) -> None:
    """Answer requests until the process is told to stop; those under way are answered first."""
    configure_logs(settings.log_level, settings.log_format)
    uvicorn.run(
        create_app(settings=settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=settings.stop_seconds,
        # What a proxy says about the client is believed where the proxy itself is known; nobody is, here.
        proxy_headers=False,
        server_header=False,
    )
