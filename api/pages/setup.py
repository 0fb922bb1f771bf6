"""Puts the pages into the service."""

from http import HTTPStatus
from importlib import resources
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException

from api.errors import OUR_FAULT, answer_fault, answer_http, describe_problem
from api.pages import (
    allowance,
    audit,
    cases,
    closes,
    customer,
    customers,
    downgrades,
    forecasts,
    holds,
    home,
    jobs,
    ledger,
    models,
    monitoring,
    session,
    uploads,
    users,
    what_if,
    worklist,
    worklist_acts,
    write_offs,
)
from api.pages.rendering import asset, render
from api.pages.routes import PageRoute, for_everybody, show_problem
from arrisk.errors import MissingError

_ROUTERS: Final = (
    session.router,
    home.router,
    customers.router,
    downgrades.router,
    what_if.router,
    customer.router,
    cases.router,
    holds.router,
    ledger.router,
    forecasts.router,
    allowance.router,
    closes.router,
    write_offs.router,
    worklist.router,
    worklist_acts.router,
    models.router,
    monitoring.router,
    uploads.router,
    jobs.router,
    users.router,
    audit.router,
)
_STATIC: Final = {
    "arrisk.css": "text/css",
    "charts.css": "text/css",
    "arrisk.js": "text/javascript",
    "mark.svg": "image/svg+xml",
}

router = APIRouter(route_class=PageRoute)


def add_pages(app: FastAPI) -> None:
    """Add the pages, and what they load, to a service."""
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_fault)
    app.include_router(router)
    for one in _ROUTERS:
        app.include_router(one)


@router.get("/static/{version}/{name}")
@for_everybody
def send_static(version: str, name: str) -> Response:
    """Send a file that pages load. Its address holds its content's hash, so that a browser keeps it."""
    if name not in _STATIC or asset(name) != f"/static/{version}/{name}":
        raise MissingError(f"no file '{name}'", hint="load the page again")
    content = resources.files("api").joinpath("static", name).read_bytes()
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(content, media_type=_STATIC[name], headers=headers)


async def _answer_http(request: Request, error: Exception) -> Response:
    """Tell a person in a browser that there is no such page; programs are told by a problem body."""
    if not _is_for_people(request) or not isinstance(error, HTTPException) or error.status_code != HTTPStatus.NOT_FOUND:
        return await answer_http(request, error)
    missing = MissingError("there is no such page", hint="the menu, or the search")
    return await show_problem(request, describe_problem(missing))


async def _answer_fault(request: Request, error: Exception) -> Response:
    """Tell a person that the service failed; without the menu, which may be what failed."""
    answer = await answer_fault(request, error)
    if not _is_for_people(request):
        return answer
    page = render(request, "problem.html", status=OUR_FAULT.status, problem=OUR_FAULT)
    page.headers["X-Request-ID"] = answer.headers["X-Request-ID"]
    return page


def _is_for_people(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/")
