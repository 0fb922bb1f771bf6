"""Somebody looks at a page: who it is, what he may, and which ledger he has before him."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from api.auth import COOKIE
from api.deps import get_service
from api.idempotency import HEADER
from api.pages import inside
from api.pages.inside import Reply
from api.pages.rendering import render
from arrisk.acts import is_same_person
from arrisk.errors import AccessError, SignInError
from arrisk.uses.sign_in import Caller, identify

LEDGER_COOKIE: Final = "arrisk_ledger"
THEME_COOKIE: Final = "arrisk_theme"


@dataclass(frozen=True)
class Visit:
    """One request for a page.

    Parameters
    ----------
    request : of the browser.
    caller : who has signed in.
    """

    request: Request
    caller: Caller

    @property
    def ledger(self) -> str | None:
        """The ledger that was chosen; None = none, where there is one alone."""
        return self.request.query_params.get("ledger") or self.request.cookies.get(LEDGER_COOKIE) or None

    def may(self, *permissions: str) -> bool:
        """Whether the caller has one of some permissions."""
        return not self.caller.permissions.isdisjoint(permissions)

    def is_own(self, name: str | None) -> bool:
        """Whether a name that the API answers is the caller's; nobody's is not."""
        return name is not None and is_same_person(name, self.caller.login)

    async def get(self, path: str, *parts: object, **query: Any) -> Any:  # noqa: ANN401 - what JSON holds
        """Ask the API for something that is of no ledger in particular.

        Parameters
        ----------
        path : such as ``/v1/users/{}``.
        *parts : what stands in its braces.
        **query : what is None or empty is left out.

        Raises
        ------
        RefusedError
            When the API refuses it.
        """
        return (await self.read(path, *parts, **query)).json()

    async def look(self, path: str, *parts: object, **query: Any) -> Any:  # noqa: ANN401 - what JSON holds
        """Ask the API for something of the chosen ledger; else as ``get``."""
        return await self.get(path, *parts, **{"ledger": self.ledger, **query})

    async def find_last_day(self) -> str:
        """Find the last day that the chosen ledger covers; empty = no ledger is chosen."""
        ledgers = await self.get("/v1/ledgers")
        found = [one["covered_until"] for one in ledgers if self.ledger in (None, one["name"])]
        return str(found[0]) if len(found) == 1 else ""

    async def read(self, path: str, *parts: object, **query: Any) -> Reply:
        """Ask as ``get`` does, and give the answer with its headers."""
        given = {name.rstrip("_"): value for name, value in query.items() if value not in (None, "")}
        return await inside.ask(self.request, self.caller, "GET", inside.write_path(path, *parts), query=given)

    async def send(
        self,
        path: str,
        *parts: object,
        body: Mapping[str, Any] | None = None,
        form: FormData | None = None,
        method: str = "POST",
        **query: Any,
    ) -> Any:  # noqa: ANN401 - what JSON holds
        """Change something through the API.

        Parameters
        ----------
        body : as JSON.
        form : of the page: its hidden ``key`` lets it be done once, its ``etag`` says what was seen.
        **query : as for ``get``; ``ledger=visit.ledger`` where the endpoint takes one.

        Raises
        ------
        RefusedError
            When the API refuses it.
        """
        headers = {HEADER: _read(form, "key") or inside.new_key()}
        if seen := _read(form, "etag"):
            headers["If-Match"] = seen
        given = {name.rstrip("_"): value for name, value in query.items() if value not in (None, "")}
        target = inside.write_path(path, *parts)
        reply = await inside.ask(self.request, self.caller, method, target, query=given, body=body, headers=headers)
        return reply.json()

    async def send_stream(self, path: str, pieces: AsyncIterator[bytes], **query: Any) -> Any:  # noqa: ANN401 - as above
        """Send a file through the API, piece by piece; else as ``send`` does."""
        headers = {"content-type": "application/octet-stream"}
        reply = await inside.ask(self.request, self.caller, "POST", path, query=query, stream=pieces, headers=headers)
        return reply.json()

    async def form(self) -> FormData:
        """Read the form that was sent."""
        return await self.request.form()

    async def render(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Write a page; to a script that asks for the part of it that changes, only that part."""
        ledgers = await self.get("/v1/ledgers") if not self.caller.must_change_password else []
        return render(
            self.request,
            template,
            status=status,
            visit=self,
            caller=self.caller,
            ledgers=ledgers,
            ledger=self.ledger or (ledgers[0]["name"] if len(ledgers) == 1 else None),
            **context,
        )

    def go(self, path: str, *, done: str = "") -> Response:
        """Send the browser to another page, which says what was done.

        Parameters
        ----------
        path : of this service.
        done : a key of ``api.pages.notices.DONE``; empty = nothing to say.
        """
        mark = "&" if "?" in path else "?"
        return RedirectResponse(f"{path}{mark}done={done}" if done else path, status_code=HTTPStatus.SEE_OTHER)


class Needs:
    """A dependency that gives the visit of somebody who has a permission.

    Parameters
    ----------
    *permissions : one of these is enough; none = any sign-in will do.
    """

    def __init__(self, *permissions: str) -> None:
        self.permissions = permissions

    async def __call__(self, request: Request) -> Visit:
        """Give the visit.

        Raises
        ------
        SignInError
            When nobody has signed in.
        AccessError
            When the caller lacks the permission, or a form comes from another site.
        """
        refuse_other_sites(request)
        caller = await run_in_threadpool(_find_caller, request)
        if self.permissions:
            caller.require(*self.permissions)
        return Visit(request, caller)


def needs(*permissions: str) -> Any:  # noqa: ANN401 - what Depends gives
    """Let a page be seen by who has one of some permissions: ``visit: Annotated[Visit, needs("cases.read")]``."""
    return Depends(Needs(*permissions))


class Given(dict[str, Any]):
    """What was typed into a form, to be shown in it again; a field without anything reads as empty."""

    def __missing__(self, name: str) -> str:
        return ""


def fill(form: FormData, *names: str) -> Given:
    """Give what a form says under some names; what was left empty is left out."""
    found = {name: _read(form, name) for name in names}
    return Given({name: text for name, text in found.items() if text})


def refuse_other_sites(request: Request) -> None:
    """Refuse a form that another site's page sent with this user's cookie.

    Raises
    ------
    AccessError
        When it comes from elsewhere, or does not say from where.
    """
    if request.method in ("GET", "HEAD"):
        return
    site = request.headers.get("sec-fetch-site")
    origin = urlsplit(request.headers.get("origin", ""))
    is_own = site == "same-origin" if site else origin.netloc == request.headers.get("host", "")
    if not is_own:
        raise AccessError("the form comes from another site", hint="open the page again, and send it from there")


def _find_caller(request: Request) -> Caller:
    service = get_service(request)
    secret = request.cookies.get(COOKIE, "")
    if not secret:
        raise SignInError("nobody has signed in", hint="sign in")
    caller = identify(service.accounts, secret, now=datetime.now(UTC))
    if not caller.session_id:
        raise SignInError("a program's key opens no page", hint="sign in")
    request.state.caller, request.state.caller_id = caller, caller.user_id
    service.asking.take(caller.user_id)
    return caller


def _read(form: FormData | None, name: str) -> str:
    value = form.get(name) if form is not None else None
    return value.strip() if isinstance(value, str) else ""
