"""Signing in and out in the browser, one's password, and what every page offers: the ledger, light or dark."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from api.auth import COOKIE
from api.deps import get_service
from api.errors import describe_problem
from api.pages.inside import RefusedError
from api.pages.rendering import render
from api.pages.routes import PageRoute, for_everybody
from api.pages.visits import LEDGER_COOKIE, THEME_COOKIE, Visit, fill, needs, refuse_other_sites
from arrisk.errors import SignInError, TooOftenError
from arrisk.uses import sign_in as use

router = APIRouter(route_class=PageRoute)

Anybody = Annotated[Visit, needs()]


@router.get("/sign-in")
@for_everybody
def show_sign_in(request: Request, next: str = "/") -> Response:  # noqa: A002 - as the address has it
    """Ask who it is."""
    return render(request, "sign_in.html", next=_stay_here(next), login="")


@router.post("/sign-in")
@for_everybody
async def sign_in(request: Request) -> Response:
    """Sign in, and go where one wanted to go."""
    refuse_other_sites(request)
    service = get_service(request)
    given = fill(await request.form(), "login", "password", "next")
    login, target = given.get("login", ""), _stay_here(given.get("next", "/"))
    try:
        service.signing_in.take(request.client.host if request.client else "")
        tokens = await run_in_threadpool(
            use.sign_in,
            service.accounts,
            login=login,
            password=given.get("password", ""),
            now=datetime.now(UTC),
            is_browser=True,
        )
    except (SignInError, TooOftenError) as error:
        problem = describe_problem(error)
        return render(request, "sign_in.html", status=problem.status, next=target, login=login, problem=problem)
    answer = RedirectResponse("/password" if tokens.must_change_password else target, HTTPStatus.SEE_OTHER)
    seconds = int((tokens.access_expires_at - datetime.now(UTC)).total_seconds())
    _keep(request, answer, COOKIE, tokens.access, seconds)
    return answer


@router.post("/sign-out")
async def sign_out(visit: Anybody) -> Response:
    """Sign out: the cookie is good no more, wherever it was copied to."""
    await visit.send("/v1/session", method="DELETE")
    answer = visit.go("/sign-in", done="signed_out")
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/password")
async def show_password(visit: Anybody) -> Response:
    """Ask for the old password and a new one."""
    return await visit.render("password.html")


@router.post("/password")
async def change_password(visit: Anybody) -> Response:
    """Change one's own password; other sign-ins end."""
    given = fill(await visit.form(), "old", "new")
    try:
        await visit.send("/v1/me/password", body={"old": given.get("old", ""), "new": given.get("new", "")})
    except RefusedError as error:
        return await visit.render("password.html", status=error.problem.status, problem=error.problem)
    return visit.go("/", done="password")


@router.post("/ledger")
async def choose_ledger(visit: Anybody) -> Response:
    """Choose the ledger of which the pages speak."""
    given = fill(await visit.form(), "ledger", "next")
    answer = RedirectResponse(_stay_here(given.get("next", "/")), HTTPStatus.SEE_OTHER)
    names = [one["name"] for one in await visit.get("/v1/ledgers")]
    if given.get("ledger") in names:
        _keep(visit.request, answer, LEDGER_COOKIE, given["ledger"], _YEAR)
    return answer


@router.post("/theme")
@for_everybody
async def choose_theme(request: Request) -> Response:
    """Choose light or dark; anything else = as the machine is set."""
    refuse_other_sites(request)
    given = fill(await request.form(), "theme", "next")
    answer = RedirectResponse(_stay_here(given.get("next", "/")), HTTPStatus.SEE_OTHER)
    _keep(request, answer, THEME_COOKIE, given.get("theme", "auto"), _YEAR)
    return answer


_YEAR = 365 * 24 * 3600


def _stay_here(target: str) -> str:
    """Give an address of this service; what leads elsewhere leads home."""
    is_here = target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target
    return target if is_here and target.isprintable() else "/"


def _keep(request: Request, answer: Response, name: str, value: str, seconds: int) -> None:
    # Who asks over https is kept to it; a proxy that does the TLS asks over http, and a setting says so.
    is_secure = request.url.scheme == "https" or get_service(request).has_secure_cookies
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=is_secure)
