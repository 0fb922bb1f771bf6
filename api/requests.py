"""Around every request: its id, one line in the log, and its place in the counts."""

import logging
import re
import time
from typing import Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.logs import REQUEST_ID
from api.metrics import Metrics

HEADER: Final = "X-Request-ID"
UNMATCHED: Final = "unmatched"
"""The route of a request for what there is not: its path is whatever somebody wrote."""

_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
_LOG = logging.getLogger("arrisk.requests")
_GONE = 499
"""The status of a request whose client left before it was answered."""


class RequestObserver:
    """Gives each request an id, and writes down how it went.

    The id is the caller's own where it is well-formed. Who finds out who calls puts an id that names nobody into
    ``request.state.caller_id``.

    Parameters
    ----------
    app : what answers.
    metrics : counts of the service.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = choose_id(Headers(scope=scope).get(HEADER, ""))
        scope.setdefault("state", {})["request_id"] = request_id
        REQUEST_ID.set(request_id)
        began, status = time.perf_counter(), _GONE

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:
            self._note(scope, 500, time.perf_counter() - began, error)
            raise
        self._note(scope, status, time.perf_counter() - began, None)

    def _note(self, scope: Scope, status: int, seconds: float, error: Exception | None) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = name_route(scope)
        self.metrics.count_request(method, route, status, seconds)
        level = logging.ERROR if error else logging.DEBUG if route.startswith("/health/") else logging.INFO
        said = {
            "request_id": scope["state"]["request_id"],
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
            "caller": scope["state"].get("caller_id", ""),
        }
        _LOG.log(level, "fault" if error else "answered", extra=said, exc_info=error)


def choose_id(asked: str) -> str:
    """Take the id that a caller gave, or make one.

    Examples
    --------
    >>> choose_id("batch-2024-07")
    'batch-2024-07'
    >>> len(choose_id("<script>"))
    32
    """
    return asked if _WELL_FORMED.fullmatch(asked) else uuid4().hex


def name_route(scope: Scope) -> str:
    """Give the template of the route that answered, such as ``/v1/customers/{customer_id}``, never the path itself."""
    # An included router's own template lacks the prefix that it was included with.
    whole = scope.get("fastapi", {}).get("effective_route_context")
    return getattr(whole, "path", "") or getattr(scope.get("route"), "path", "") or UNMATCHED
