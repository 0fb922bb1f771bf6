"""Who is calling, and whether he may: each route names the permission that it needs, asked before a body is read."""

from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.deps import Service, get_service
from api.errors import InvalidRequestError
from api.idempotency import Once, answer_once
from arrisk.errors import AccessError, SignInError, nearest
from arrisk.policy import Policy
from arrisk.policy.access import PERMISSIONS
from arrisk.uses.sign_in import OPEN, Caller, identify

_BEARER: Final = HTTPBearer(auto_error=False, description="A token of POST /v1/session, or a key.")
_KEY: Final = APIKeyHeader(name="X-API-Key", auto_error=False, description="A key of POST /v1/keys.")

COOKIE: Final = "arrisk_session"
"""The cookie of a browser that has signed in at the pages."""

MARK: Final = "x-permission"
"""Where /openapi.json says what permission an endpoint needs; empty = any sign-in will do."""

Call = TypeVar("Call")

SIGNED_IN: Final = ""
"""What a route needs that is for everybody who has signed in."""


class Require:
    """A dependency that gives the caller, if he has a permission.

    Parameters
    ----------
    *permissions : one of these, of ``PERMISSIONS``, is enough; empty = none in particular.
    """

    def __init__(self, *permissions: str) -> None:
        if not {*PERMISSIONS, SIGNED_IN}.issuperset(permissions):
            raise KeyError(permissions)
        self.permissions = permissions

    async def __call__(
        self,
        request: Request,
        _bearer: Annotated[object, Depends(_BEARER)],
        _key: Annotated[object, Depends(_KEY)],
    ) -> Caller:
        """Give the caller.

        Raises
        ------
        SignInError
            When nobody has signed in.
        AccessError
            When the caller lacks the permission.
        """
        # A caller who is known already is not worth a thread.
        is_known = getattr(request.state, "caller", None) is not None
        if is_known:
            return admit(request, self.permissions)
        return await run_in_threadpool(admit, request, self.permissions)


def require(*permissions: str) -> Any:  # noqa: ANN401 - what Depends gives
    """Let an endpoint be called by who has a permission: ``caller: Annotated[Caller, require("cases.read")]``.

    Of several one is enough; which of them what is asked needs, the endpoint says.
    """
    return Depends(Require(*permissions))


def admit(request: Request, permissions: tuple[str, ...]) -> Caller:
    """Give the caller of a request if he has one of some permissions; raises as ``Require`` does."""
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        caller = request.state.caller = _find_caller(request, get_service(request))
        # What the log may say of him.
        request.state.caller_id = caller.user_id
        get_service(request).asking.take(caller.key_id or caller.user_id)
    if permissions == (SIGNED_IN,):
        _require_sign_in(request)
    else:
        caller.require(*permissions)
    return caller


def find_permissions(dependant: Dependant) -> tuple[str, ...] | None:
    """Find the permissions of which an endpoint needs one; None = it says nothing, so that anybody may call it."""
    found = find_call(dependant, Require)
    return found.permissions if found else None


def find_call(dependant: Dependant, kind: type[Call]) -> Call | None:
    """Find the dependency of a kind that an endpoint has."""
    return next((call for call in _list_calls(dependant) if isinstance(call, kind)), None)


class GuardedRoute(APIRoute):
    """A route that knows its caller before it reads the body, which a stranger's may be long."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        permissions = find_permissions(self.dependant)
        if permissions is not None:
            self.openapi_extra = {**(self.openapi_extra or {}), MARK: " or ".join(permissions)}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Make what answers a request."""
        answer, permissions = super().get_route_handler(), find_permissions(self.dependant)
        done_once, known = find_call(self.dependant, Once), _list_queries(self.dependant)

        async def answer_known(request: Request) -> Response:
            if permissions is None:
                _require_sign_in(request)
                get_service(request).signing_in.take(request.client.host if request.client else "")
                return await answer(request)
            caller = await run_in_threadpool(admit, request, permissions)
            _require_known(request, known)
            if done_once is None:
                return await answer(request)
            return await answer_once(request, answer, caller_id=caller.user_id, is_secret=done_once.is_secret)

        return answer_known


class OneThreadRoute(GuardedRoute):
    """A route for what is asked often: one thread admits the caller, reads the parameters, and answers.

    Its endpoint is a plain function of ``caller``, ``http``, and parameters of path and query; it gives the response.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Make what answers a request."""
        permissions, known = find_permissions(self.dependant), _list_queries(self.dependant)
        if permissions is None:
            raise KeyError(self.path)

        def answer(request: Request) -> Response:
            caller = admit(request, permissions)
            _require_known(request, known)
            in_path, wrong = request_params_to_args(self.dependant.path_params, request.path_params)
            in_query, more = request_params_to_args(self.dependant.query_params, request.query_params)
            if errors := [*wrong, *more]:
                raise RequestValidationError(errors)
            response: Response = self.endpoint(caller=caller, http=request, **in_path, **in_query)
            return response

        async def answer_in_thread(request: Request) -> Response:
            return await run_in_threadpool(answer, request)

        return answer_in_thread


def get_policy(request: Request, service: Annotated[Service, Depends(get_service)]) -> Policy:
    """Give the policy as it holds for the caller: by his authority, and nobody else's; where nobody signs in, as is."""
    caller: Caller = getattr(request.state, "caller", OPEN)
    return service.policy if caller is OPEN else caller.appoint(service.policy)


PolicyDep = Annotated[Policy, Depends(get_policy)]


def _find_caller(request: Request, service: Service) -> Caller:
    if not service.has_sign_in:
        return OPEN
    secret = _read_secret(request)
    if not secret:
        hint = "POST /v1/session, then Authorization: Bearer TOKEN; or X-API-Key: KEY"
        raise SignInError("nobody has signed in", hint=hint)
    return identify(service.accounts, secret, now=datetime.now(UTC))


def _require_sign_in(request: Request) -> None:
    if not get_service(request).has_sign_in:
        raise AccessError("nobody signs in at this service", hint="whoever runs it switched that off")


def _read_secret(request: Request) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return secret.strip()
    # A browser that signed in may download what a page links to. What changes something comes through the page's form.
    cookie = request.cookies.get(COOKIE, "") if request.method == "GET" else ""
    return request.headers.get("X-API-Key") or cookie


def _list_queries(dependant: Dependant) -> set[str]:
    """Name what an endpoint and its dependencies take behind the question mark."""
    own = {field.alias for field in dependant.query_params}
    return own.union(*map(_list_queries, dependant.dependencies))


def _require_known(request: Request, known: set[str]) -> None:
    """Refuse a filter that would not filter, because its name is misspelt."""
    for name in request.query_params:
        if name not in known:
            hint = nearest(name, known) if known else "it takes nothing there"
            raise InvalidRequestError(f"'{name}' is not known", where="query", hint=hint)


def _list_calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for below in dependant.dependencies:
        yield from _list_calls(below)
