"""Asks the service's own API within the process: same routes, same rules, same answers as over the network."""

import json
from collections.abc import AsyncIterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Message

from api.schemas.base import Problem
from arrisk.errors import ArriskError
from arrisk.uses.sign_in import Caller

_HTTP_OK: Final = range(200, 300)


class RefusedError(ArriskError):
    """The API refused what a page asked of it.

    Parameters
    ----------
    problem : as the API described it.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail, where=problem.where, hint=problem.hint)
        self.problem = problem


@dataclass(frozen=True)
class Reply:
    """What the API answered.

    Parameters
    ----------
    headers, content : as they were sent.
    """

    headers: Headers
    content: bytes

    def json(self) -> Any:  # noqa: ANN401 - what JSON holds
        """Read the content; nothing at all is None."""
        return json.loads(self.content) if self.content else None

    @property
    def etag(self) -> str:
        """The version of what was read, to go with a change of it; empty = it has none."""
        return self.headers.get("etag", "")


async def ask(
    request: Request,
    caller: Caller,
    method: str,
    path: str,
    *,
    query: Mapping[str, Any] | None = None,
    body: object = None,
    stream: AsyncIterator[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Ask the API as the caller of a page.

    Parameters
    ----------
    request : of the page.
    path : quoted where it has to be.
    query : what is None is left out.
    body : sent as JSON; None = nothing.
    stream : sent as it is in place of a body, a piece whenever the API takes one.

    Raises
    ------
    RefusedError
        When the API answers with a problem.
    """
    pieces = stream if stream is not None else _give_whole(b"" if body is None else json.dumps(body).encode())
    # One id for the page and all that it asks, so that the log shows them together.
    sent = {"content-type": "application/json", "x-request-id": request.state.request_id, **(headers or {})}
    known = [(name, value) for name, value in (query or {}).items() if value is not None]
    scope: MutableMapping[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": request.url.scheme,
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "root_path": "",
        "query_string": urlencode(known, doseq=True).encode("ascii"),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()],
        "client": request.scope.get("client"),
        "server": request.scope.get("server"),
        # The API need not find out again who this is.
        "state": {**request.scope.get("state", {}), "caller": caller},
    }
    status, reply = await _run(request, scope, pieces)
    if status not in _HTTP_OK:
        raise RefusedError(Problem.model_validate_json(reply.content))
    return reply


def write_path(template: str, *parts: object) -> str:
    """Put ids into a path, quoted but for their slashes, which the API's routes take as they are.

    Examples
    --------
    >>> write_path("/v1/customers/{}/items", "D/1 %")
    '/v1/customers/D/1%20%25/items'
    """
    return template.format(*(quote(str(part), safe="/") for part in parts))


def new_key() -> str:
    """Make an idempotency key for a form, so that what is sent twice is done once."""
    return uuid4().hex


async def _give_whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _run(request: Request, scope: MutableMapping[str, Any], pieces: AsyncIterator[bytes]) -> tuple[int, Reply]:
    started: dict[str, Any] = {}
    parts: list[bytes] = []
    is_over = False

    async def receive() -> Message:
        nonlocal is_over
        if is_over:
            return {"type": "http.disconnect"}
        piece = await anext(pieces, None)
        is_over = piece is None
        return {"type": "http.request", "body": piece or b"", "more_body": not is_over}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        else:
            parts.append(message.get("body", b""))

    await request.app(scope, receive, send)
    return int(started["status"]), Reply(Headers(raw=started["headers"]), b"".join(parts))
