"""Stops a body that is too large before it is read into memory."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import TooLargeError, describe_problem, to_response


class BodyLimit:
    """Collects a request's body up to a number of bytes, whatever its headers say, and hands it on.

    Parameters
    ----------
    app : what answers.
    max_bytes : of a body.
    streamed : paths whose bodies are not collected: what answers takes them piece by piece, and has its own bound.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, streamed: tuple[str, ...] = ()) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.streamed = streamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] in self.streamed:
            await self.app(scope, receive, send)
            return
        messages: list[Message] = []
        size = 0
        while not messages or messages[-1].get("more_body", False):
            messages.append(await receive())
            size += len(messages[-1].get("body", b""))
            if size > self.max_bytes:
                hint = f"at most {self.max_bytes:,} bytes a request"
                response = to_response(describe_problem(TooLargeError("the body is too large", hint=hint)))
                await response(scope, receive, send)
                return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, replay, send)
