"""Sees what no page may do while somebody looks at it, whatever the test itself is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

_POLICY = "Content Security Policy"
_ANSWERED = "Failed to load resource"
"""What the console says of every answer of 400 and above; which of them are faults is told by the answer itself."""


@dataclass
class Watch:
    """Writes down faults.

    Parameters
    ----------
    address : of the service; nothing else may be asked.
    faults : what was seen.
    """

    address: str
    faults: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        """Look at all pages of a window from now on."""
        context.on("request", self._see_request)
        context.on("response", self._see_response)
        context.on("weberror", self._see_error)
        context.on("console", self._see_message)

    def _see_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:", "blob:")):
            self.faults.append(f"asked another host: {request.url}")

    def _see_response(self, response: Response) -> None:
        # A page may be refused; what a page is made of may not, and no page asks in a way that there is not.
        is_part = response.request.resource_type in {"stylesheet", "script", "image", "font"}
        if response.status >= (400 if is_part else 500) or response.status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.faults.append(f"answered {response.status}: {response.request.method} {response.url}")

    def _see_error(self, error: WebError) -> None:
        self.faults.append(f"error of a script: {error.error}")

    def _see_message(self, message: ConsoleMessage) -> None:
        if _POLICY in message.text:
            self.faults.append(f"against its own policy: {message.text}")
        elif message.type == "error" and not message.text.startswith(_ANSWERED):
            self.faults.append(f"error on the console: {message.text}")


@contextmanager
def watched(context: BrowserContext, address: str) -> Iterator[None]:
    """Fail at the end when a page of a window did what no page may."""
    watch = Watch(address)
    watch.follow(context)
    yield
    assert watch.faults == [], "\n".join(watch.faults)
