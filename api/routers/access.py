"""For whoever runs the service: users and what they may. For everybody who has some: keys for programs."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api.answers.base import to_finite
from api.auth import GuardedRoute, require
from api.deps import ServiceDep
from api.errors import problem_responses
from api.etags import IfMatch, read_etag, write_etag
from api.idempotency import once, once_secretly
from api.paging import After, Limit, Page, read_cursor, write_cursor
from api.schemas.access import (
    AuthorityAnswer,
    KeyAnswer,
    KeyRequest,
    NewKeyAnswer,
    NewPassword,
    RoleAnswer,
    UserAnswer,
    UserChange,
    UserRequest,
)
from arrisk.errors import AccessError
from arrisk.policy.access import PERMISSIONS
from arrisk.store import people, sessions
from arrisk.store.people import User
from arrisk.uses import accounts
from arrisk.uses.sign_in import Caller

router = APIRouter(tags=["operations"], route_class=GuardedRoute)

Reader = Annotated[Caller, require("users.read")]
Writer = Annotated[Caller, require("users.write")]
Login = Annotated[str, Path(max_length=64, examples=["ana"])]
KeyId = Annotated[str, Path(max_length=64)]

_READ = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
_FIND = (*_READ, HTTPStatus.NOT_FOUND)
_EDIT = (*_FIND, HTTPStatus.PRECONDITION_FAILED)


@router.get("/roles", responses=problem_responses(*_READ))
def list_roles(_: Reader, service: ServiceDep) -> list[RoleAnswer]:
    """List the roles of the policy with what they allow."""
    return [
        RoleAnswer(name=role.name, permissions={name: PERMISSIONS[name] for name in role.permissions})
        for role in service.policy.access.roles
    ]


@router.get("/authorities", responses=problem_responses(*_READ))
def list_authorities(_: Reader, service: ServiceDep) -> list[AuthorityAnswer]:
    """List up to which amount the holders of each authority of the policy decide."""
    return [AuthorityAnswer(name=role.name, up_to=to_finite(role.up_to)) for role in service.policy.authority.roles]


@router.get("/users", responses=problem_responses(*_READ))
def list_users(_: Reader, service: ServiceDep, after: After = None, limit: Limit = 100) -> Page[UserAnswer]:
    """List users by login, those who were erased too."""
    behind = str(read_cursor(after, str)[0]) if after else ""
    with service.database.read() as connection:
        found = people.list_users(connection, after=behind, limit=limit + 1)
    shown = found[:limit]
    following = write_cursor(shown[-1].login) if len(found) > limit else None
    return Page(items=[_describe(user) for user in shown], next=following)


@router.post("/users", status_code=HTTPStatus.CREATED, dependencies=[once], responses=problem_responses(*_READ))
def add_user(request: UserRequest, caller: Writer, service: ServiceDep, response: Response) -> UserAnswer:
    """Add a user."""
    wanted = User(
        user_id="",
        login=request.login,
        display_name=request.display_name,
        roles=tuple(request.roles),
        authority=request.authority,
        entities=tuple(request.entities),
    )
    added = accounts.add_user(service.accounts, wanted, password=request.password, by=caller.login)
    return _answer(added, response)


@router.get("/users/{login}", responses=problem_responses(*_FIND))
def show_user(login: Login, _: Reader, service: ServiceDep, response: Response) -> UserAnswer:
    """Show a user; the `ETag` goes with a change."""
    return _answer(accounts.require_user(service.accounts, login=login), response)


@router.patch("/users/{login}", dependencies=[once], responses=problem_responses(*_EDIT))
def change_user(
    login: Login, request: UserChange, if_match: IfMatch, caller: Writer, service: ServiceDep, response: Response
) -> UserAnswer:
    """Change a user's name, roles, authority, entities, or whether he may sign in. Nobody changes himself."""
    found = accounts.require_user(service.accounts, login=login)
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in request.model_dump(exclude_unset=True, exclude_none=True).items()
    }
    wanted = replace(found, version=read_etag(if_match), **given)
    return _answer(accounts.change_user(service.accounts, wanted, by=caller.login, by_id=caller.user_id), response)


@router.post(
    "/users/{login}/password",
    status_code=HTTPStatus.NO_CONTENT,
    dependencies=[once],
    responses=problem_responses(*_FIND),
)
def set_password(login: Login, request: NewPassword, caller: Writer, service: ServiceDep) -> None:
    """Give a user a password that he has to change first; what locked him out is forgotten."""
    found = accounts.require_user(service.accounts, login=login)
    if found.user_id == caller.user_id:
        raise AccessError("one's own password is changed with the old one", hint="POST /v1/me/password")
    accounts.set_password(service.accounts, found, request.password, by=caller.login, is_temporary=True)


@router.delete(
    "/users/{login}",
    status_code=HTTPStatus.NO_CONTENT,
    dependencies=[once],
    responses=problem_responses(*_EDIT),
)
def erase_user(login: Login, if_match: IfMatch, caller: Writer, service: ServiceDep) -> None:
    """Forget the person: name, password, sign-ins, keys. The records and the login in them stay, and the login too."""
    found = replace(accounts.require_user(service.accounts, login=login), version=read_etag(if_match))
    accounts.erase_user(service.accounts, found, by=caller.login, by_id=caller.user_id)


@router.get("/keys", responses=problem_responses(*_READ))
def list_keys(
    caller: Annotated[Caller, require("keys.read")], service: ServiceDep, after: After = None, limit: Limit = 100
) -> Page[KeyAnswer]:
    """List one's own keys; whoever may see the users sees everybody's."""
    behind = str(read_cursor(after, str)[0]) if after else ""
    whose = "" if "users.read" in caller.permissions else caller.user_id
    with service.database.read() as connection:
        found = sessions.list_keys(connection, user_id=whose, after=behind, limit=limit + 1)
    shown = found[:limit]
    following = write_cursor(shown[-1].key_id) if len(found) > limit else None
    return Page(items=[KeyAnswer.model_validate(vars(key)) for key in shown], next=following)


@router.post("/keys", status_code=HTTPStatus.CREATED, dependencies=[once_secretly], responses=problem_responses(*_READ))
def make_key(
    request: KeyRequest, caller: Annotated[Caller, require("keys.write")], service: ServiceDep
) -> NewKeyAnswer:
    """Make a key for a program of one's own. It may do what its scopes and one's roles both allow."""
    owner = accounts.require_user(service.accounts, user_id=caller.user_id)
    key, secret = accounts.make_key(
        service.accounts,
        owner,
        name=request.name,
        scopes=tuple(request.scopes),
        days=request.days,
        by=caller.login,
    )
    return NewKeyAnswer.model_validate({**vars(key), "key": secret})


@router.delete(
    "/keys/{key_id}",
    status_code=HTTPStatus.NO_CONTENT,
    dependencies=[once],
    responses=problem_responses(*_FIND),
)
def revoke_key(key_id: KeyId, caller: Annotated[Caller, require("keys.write")], service: ServiceDep) -> None:
    """Revoke a key of one's own; whoever may change users revokes anybody's."""
    whose = "" if "users.write" in caller.permissions else caller.user_id
    accounts.revoke_key(service.accounts, key_id, by=caller.login, owner_id=whose)


def _answer(user: User, response: Response) -> UserAnswer:
    response.headers["ETag"] = write_etag(user.version)
    return _describe(user)


def _describe(user: User) -> UserAnswer:
    return UserAnswer.model_validate(vars(user))
