"""For who runs the service: users, what they may, and their way in and out."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response
from starlette.datastructures import FormData

from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Given, Visit, fill, needs
from api.schemas.base import Problem

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("users.read")]
Writer = Annotated[Visit, needs("users.write")]

_ACTS: Final = {"change": "user_changed", "out": "user_out", "in": "user_in"}


@router.get("/users")
async def list_users(visit: Reader) -> Response:
    """List the users, those who were erased too."""
    return await _list(visit)


@router.post("/users")
async def add_user(visit: Writer) -> Response:
    """Add a user."""
    form = await visit.form()
    given = _read_rights(form) | fill(form, "login", "display_name")
    password = fill(form, "password")
    try:
        user = await visit.send("/v1/users", body={**given, **password}, form=form)
    except RefusedError as error:
        return await _list(visit, given=given, problem=error.problem)
    return visit.go(f"/users/{user['login']}", done="user_added")


@router.get("/users/{login}")
async def show_user(visit: Reader, login: str) -> Response:
    """Show a user, and what may be done."""
    return await _show(visit, login)


@router.post("/users/{login}/password")
async def set_password(visit: Writer, login: str) -> Response:
    """Give a user a password that he has to change first."""
    form = await visit.form()
    try:
        await visit.send("/v1/users/{}/password", login, body=dict(fill(form, "password")), form=form)
    except RefusedError as error:
        return await _show(visit, login, problem=error.problem)
    return visit.go(f"/users/{login}", done="user_password")


@router.post("/users/{login}/erase")
async def erase_user(visit: Writer, login: str) -> Response:
    """Forget the person."""
    form = await visit.form()
    try:
        await visit.send("/v1/users/{}", login, form=form, method="DELETE")
    except RefusedError as error:
        return await _show(visit, login, problem=error.problem)
    return visit.go("/users", done="user_erased")


@router.post("/users/{login}/{act}")
async def change_user(visit: Writer, login: str, act: str) -> Response:
    """Change what a user may do, shut him out, or let him in again."""
    form = await visit.form()
    given = _read_rights(form) | fill(form, "display_name")
    body: dict[str, Any] = {"is_active": act == "in"}
    if act == "change":
        body = {"display_name": given.get("display_name", ""), **given}
    try:
        await visit.send("/v1/users/{}", login, body=body, form=form, method="PATCH")
    except RefusedError as error:
        return await _show(visit, login, given=given if act == "change" else None, problem=error.problem)
    return visit.go(f"/users/{login}", done=_ACTS.get(act, "user_changed"))


def _read_rights(form: FormData) -> dict[str, Any]:
    said = fill(form, "authority", "entities")
    entities = [line.strip() for line in said["entities"].splitlines() if line.strip()]
    return {
        "roles": [str(role) for role in form.getlist("roles")],
        "authority": said["authority"],
        "entities": entities,
    }


async def _read_choices(visit: Visit) -> dict[str, Any]:
    return {"roles": await visit.get("/v1/roles"), "authorities": await visit.get("/v1/authorities")}


async def _list(visit: Visit, *, given: Mapping[str, Any] | None = None, problem: Problem | None = None) -> Response:
    return await visit.render(
        "service/users.html",
        status=problem.status if problem else 200,
        found=await visit.get("/v1/users", after=visit.request.query_params.get("after")),
        given=Given(given or {}),
        problem=problem,
        **await _read_choices(visit),
    )


async def _show(
    visit: Visit, login: str, *, given: Mapping[str, Any] | None = None, problem: Problem | None = None
) -> Response:
    reply = await visit.read("/v1/users/{}", login)
    user = reply.json()
    return await visit.render(
        "service/user.html",
        status=problem.status if problem else 200,
        user=user,
        etag=reply.etag,
        given=Given(given if given is not None else user),
        is_me=user["user_id"] == visit.caller.user_id,
        problem=problem,
        **await _read_choices(visit),
    )
