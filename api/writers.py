"""Lets a few requests that change something be under way at a time, and the others wait without a thread."""

import asyncio
from weakref import WeakKeyDictionary

from starlette.types import ASGIApp, Receive, Scope, Send

AT_ONCE = 8
"""Fewer than there are threads and connections: whoever holds the database's write lock always gets both to go on."""

_READS = {"GET", "HEAD", "OPTIONS"}
_API = "/v1/"


class WriterQueue:
    """Queues requests of the API that may write; a page asks the API in turn, and must not hold a place meanwhile.

    Such a request keeps its transaction over several steps, each of which needs a thread. Were every thread waiting for
    the lock that it holds, nobody could go on.

    Parameters
    ----------
    app : what answers.
    at_once : requests under way.
    """

    def __init__(self, app: ASGIApp, at_once: int = AT_ONCE) -> None:
        self.app = app
        self.at_once = at_once
        # A test may ask from several event loops; a server has one.
        self._doors: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] in _READS or not scope["path"].startswith(_API):
            await self.app(scope, receive, send)
            return
        async with self._doors.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self.at_once)):
            await self.app(scope, receive, send)
