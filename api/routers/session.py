"""For everybody: signing in and out, and who one is."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter

from api.auth import SIGNED_IN, GuardedRoute, require
from api.deps import ServiceDep
from api.errors import problem_responses
from api.schemas.access import CallerAnswer, PasswordRequest, RefreshRequest, SessionAnswer, SignInRequest
from arrisk.uses import sign_in as use
from arrisk.uses.sign_in import Caller, Tokens

router = APIRouter(tags=["session"], route_class=GuardedRoute)

Anybody = Annotated[Caller, require(SIGNED_IN)]

_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY)
_OFTEN = (*_REFUSED, HTTPStatus.TOO_MANY_REQUESTS)


@router.post("/session", responses=problem_responses(*_OFTEN))
def sign_in(request: SignInRequest, service: ServiceDep) -> SessionAnswer:
    """Sign in with a password. After some failures the login is locked for a while."""
    now = datetime.now(UTC)
    return _describe(use.sign_in(service.accounts, login=request.login, password=request.password, now=now))


@router.post("/session/refresh", responses=problem_responses(*_REFUSED))
def refresh(request: RefreshRequest, service: ServiceDep) -> SessionAnswer:
    """Exchange a refresh token for new tokens."""
    return _describe(use.refresh(service.accounts, request.refresh_token, now=datetime.now(UTC)))


@router.delete("/session", status_code=HTTPStatus.NO_CONTENT, responses=problem_responses(HTTPStatus.UNAUTHORIZED))
def sign_out(caller: Anybody, service: ServiceDep) -> None:
    """Sign out: the tokens are good no more. A key is not touched by this."""
    use.sign_out(service.accounts, caller, now=datetime.now(UTC))


@router.get("/me", responses=problem_responses(HTTPStatus.UNAUTHORIZED))
def show_me(caller: Anybody) -> CallerAnswer:
    """Say who is asking, and what he may."""
    return CallerAnswer(
        user_id=caller.user_id,
        login=caller.login,
        display_name=caller.display_name,
        roles=list(caller.roles),
        permissions=sorted(caller.permissions),
        authority=caller.authority,
        entities=list(caller.entities),
        must_change_password=caller.must_change_password,
    )


@router.post("/me/password", status_code=HTTPStatus.NO_CONTENT, responses=problem_responses(*_OFTEN))
def change_password(request: PasswordRequest, caller: Anybody, service: ServiceDep) -> None:
    """Change one's own password; other sign-ins of the same user end."""
    use.change_password(service.accounts, caller, old=request.old, new=request.new, now=datetime.now(UTC))


def _describe(tokens: Tokens) -> SessionAnswer:
    return SessionAnswer(
        access_token=tokens.access,
        expires_at=tokens.access_expires_at,
        refresh_token=tokens.refresh,
        refresh_expires_at=tokens.refresh_expires_at,
        must_change_password=tokens.must_change_password,
    )
