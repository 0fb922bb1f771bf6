"""A request that changes something is done once, however often it is sent.

What it writes to the database and the answer to it are one transaction: both are kept or none, also when the process
dies in between. A second request with the same key waits for the first, and gets its answer.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from api.deps import get_service
from api.errors import AnsweredError
from arrisk.errors import InputError
from arrisk.store import answers
from arrisk.store.answers import Answer

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
"""A header of an answer that was given before."""

_LONGEST = 200
_KEPT_HEADERS = ("content-type", "etag", "location")

Key = Annotated[
    str,
    Header(
        alias=HEADER,
        min_length=1,
        max_length=_LONGEST,
        description="Any text, new for each thing that is to be done: the same one again gives the same answer.",
    ),
]


class Once:
    """A dependency by which a route says that what it does is done once.

    Parameters
    ----------
    is_secret : whether the answer holds what must not be kept; then it cannot be given again.
    """

    def __init__(self, *, is_secret: bool) -> None:
        self.is_secret = is_secret

    def __call__(self, key: Key) -> str:
        """Give the request's key."""
        return key


once: Final[Any] = Depends(Once(is_secret=False))
"""``dependencies=[once]`` on every route that changes something; its router has ``route_class=GuardedRoute``."""

once_secretly: Final[Any] = Depends(Once(is_secret=True))
"""The same for a route whose answer holds a secret."""


async def answer_once(
    request: Request, answer: Callable[[Request], Awaitable[Response]], *, caller_id: str, is_secret: bool
) -> Response:
    """Answer a request, or give the answer that it got before.

    Parameters
    ----------
    answer : does what is asked; its writes are part of one transaction.
    caller_id : whose keys these are.
    is_secret : whether the answer is not kept.

    Raises
    ------
    InputError
        When the key was used for another request.
    AnsweredError
        When the answer held a secret and is gone.
    """
    key = request.headers.get(HEADER, "")
    if not 1 <= len(key) <= _LONGEST:
        # Refused with the other mistakes of the request.
        return await answer(request)
    attempt = _Attempt(request, caller_id, key, hash_request(request, await request.body()))
    found = await run_in_threadpool(attempt.find)
    if found is not None:
        return attempt.repeat(found)
    transaction = attempt.database.make_joint(attempt.claim)
    with transaction.active():
        try:
            response = await answer(request)
            if response.status_code < 400:
                await run_in_threadpool(attempt.keep, response, is_secret)
        except _AnsweredMeanwhile as given:
            await run_in_threadpool(transaction.roll_back)
            return attempt.repeat(given.answer)
        except BaseException:
            await run_in_threadpool(transaction.roll_back)
            raise
        is_done = response.status_code < 400
        await run_in_threadpool(transaction.commit if is_done else transaction.roll_back)
    return response


def hash_request(request: Request, body: bytes) -> str:
    """Give the SHA-256 of what a request asks for."""
    asked = f"{request.method} {request.url.path}?{request.url.query}\n"
    return hashlib.sha256(asked.encode() + body).hexdigest()


class _AnsweredMeanwhile(Exception):  # noqa: N818 - no error: somebody else was faster
    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class _Attempt:
    """One request with its key."""

    def __init__(self, request: Request, caller_id: str, key: str, request_sha256: str) -> None:
        self.database = get_service(request).database
        self._named = {"caller_id": caller_id, "key": key}
        self._request_sha256 = request_sha256

    def find(self) -> Answer | None:
        with self.database.read() as connection:
            return answers.find_answer(connection, **self._named, now=datetime.now(UTC))

    def claim(self, connection: Any) -> None:  # noqa: ANN401 - the database's own affair
        found = answers.claim_answer(connection, **self._named, now=datetime.now(UTC))
        if found is not None:
            raise _AnsweredMeanwhile(found)

    def keep(self, response: Response, is_secret: bool) -> None:  # noqa: FBT001 - passed on by a thread
        headers = {name: value for name, value in response.headers.items() if name in _KEPT_HEADERS}
        given = Answer(
            request_sha256=self._request_sha256,
            status=response.status_code,
            headers=headers,
            body=None if is_secret else bytes(response.body),
        )
        with self.database.write() as connection:
            answers.keep_answer(connection, given, **self._named, now=datetime.now(UTC))

    def repeat(self, given: Answer) -> Response:
        if given.request_sha256 != self._request_sha256:
            hint = "a new key for another request"
            raise InputError("the key was used for another request", where=HEADER, hint=hint)
        if given.body is None:
            hint = "what it made is there; without the secret, make another"
            raise AnsweredError("this was done, and its answer held a secret that is not kept", hint=hint)
        return Response(given.body, status_code=given.status, headers={**given.headers, REPLAYED: "true"})
