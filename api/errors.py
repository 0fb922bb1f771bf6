"""Every refusal as one problem body (RFC 9457): what is wrong, where, what to try.

The status of an error is looked up by its class, in one table; `type` is the class's name, `title` the first line of
its docstring. What is our own fault says so and nothing else: the log has the rest.
"""

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, get_type_hints

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.schemas.base import Problem
from arrisk.errors import (
    AccessError,
    ArriskError,
    ChangedError,
    InputError,
    MissingError,
    ModelError,
    OutputError,
    PolicyError,
    SignInError,
    StoreError,
    TooOftenError,
    nearest,
)
from arrisk.ingest.receiving import TooLargeFileError

MEDIA_TYPE: Final = "application/problem+json"


class InternalError(ArriskError):
    """The service failed; the request may well be right."""


class InvalidRequestError(InputError):
    """The request does not have the form that /openapi.json describes."""


class AnsweredError(InputError):
    """It was done before, and cannot be answered again."""


class TooLargeError(InputError):
    """The request holds more than the service takes at once."""


class NotReadyError(ArriskError):
    """The service runs and cannot work: its model store cannot be read."""


STATUS: Final[Mapping[type[ArriskError], HTTPStatus]] = {
    ArriskError: HTTPStatus.INTERNAL_SERVER_ERROR,
    InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ModelError: HTTPStatus.CONFLICT,
    SignInError: HTTPStatus.UNAUTHORIZED,
    AccessError: HTTPStatus.FORBIDDEN,
    MissingError: HTTPStatus.NOT_FOUND,
    AnsweredError: HTTPStatus.CONFLICT,
    ChangedError: HTTPStatus.PRECONDITION_FAILED,
    TooOftenError: HTTPStatus.TOO_MANY_REQUESTS,
    TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooLargeFileError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    NotReadyError: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    # Files of the service itself: nothing that the request could do about it.
    OutputError: HTTPStatus.INTERNAL_SERVER_ERROR,
    PolicyError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The nearest class counts: an error that is not listed has the status of the class that it stems from."""


def status_of(error: ArriskError) -> HTTPStatus:
    """Look up the status of an error.

    Examples
    --------
    >>> from arrisk.errors import CurrencyError
    >>> status_of(CurrencyError("no rate for CAD/USD")).value, status_of(ModelError("no model")).value
    (422, 409)
    """
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def describe_problem(error: ArriskError) -> Problem:
    """Say what an error is in the words of RFC 9457; a server's folders and addresses are nobody's business."""
    status = status_of(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return OUR_FAULT
    is_ours = Path(error.where).is_absolute() or isinstance(error, StoreError)
    place = "" if is_ours else error.where
    return _make(type(error), status, detail=error.what, where=place, hint=error.hint)


def to_response(problem: Problem) -> Response:
    """Write a problem as a response."""
    # Escaped, so that half a character in a name of the request cannot spoil the answer.
    body = json.dumps(problem.model_dump()).encode("ascii")
    return Response(body, status_code=problem.status, media_type=MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Answer every error of the app with a problem."""
    app.add_exception_handler(ArriskError, _answer_own)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(UnicodeEncodeError, _answer_half_character)
    app.add_exception_handler(HTTPException, answer_http)
    app.add_exception_handler(Exception, answer_fault)


def problem_responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Describe the problems of an endpoint for its OpenAPI page."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {status.value: {"description": status.phrase, "content": content} for status in statuses}


def name_type(kind: type[ArriskError]) -> str:
    """Name the type of a problem.

    Examples
    --------
    >>> name_type(TooLargeError)
    'urn:arrisk:problem:too-large'
    """
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__.removesuffix("Error"))
    return f"urn:arrisk:problem:{name.lower()}"


def _make(kind: type[ArriskError], status: HTTPStatus, *, detail: str, where: str = "", hint: str = "") -> Problem:
    title = (kind.__doc__ or "").splitlines()[0]
    return Problem(type=name_type(kind), title=title, status=status.value, detail=detail, where=where, hint=hint)


OUR_FAULT = _make(
    InternalError,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    detail="what went wrong stands in the service's log",
    hint="tell whoever runs the service, with the answer's X-Request-ID",
)


async def _answer_own(_: Request, error: Exception) -> Response:
    if not isinstance(error, ArriskError) or status_of(error) is HTTPStatus.INTERNAL_SERVER_ERROR:
        # On to the handler of faults, and from there to the log.
        raise error
    response = to_response(describe_problem(error))
    if isinstance(error, SignInError):
        response.headers["WWW-Authenticate"] = 'Bearer realm="arrisk"'
    if isinstance(error, TooOftenError):
        response.headers["Retry-After"] = str(error.wait_seconds)
    return response


async def answer_fault(request: Request, _error: Exception) -> Response:
    """Answer what is the service's own fault; the log has the rest."""
    response = to_response(OUR_FAULT)
    # This answer passes by what gives the others their id.
    response.headers["X-Request-ID"] = request.state.request_id
    return response


async def answer_http(_: Request, error: Exception) -> Response:
    """Answer what the framework itself refuses, such as an unknown path."""
    if not isinstance(error, HTTPException):
        raise error
    status, hint = HTTPStatus(error.status_code), "GET /openapi.json lists what there is"
    # RFC 9457: a problem that says no more than its status has this type.
    problem = Problem(
        type="about:blank", title=status.phrase, status=status.value, detail=error.detail, where="", hint=hint
    )
    response = to_response(problem)
    response.headers.update(error.headers or {})
    return response


async def _answer_half_character(_request: Request, _error: Exception) -> Response:
    # JSON can say half a character, such as "\ud800", which no text may hold: it comes from the request alone.
    error = InvalidRequestError("a text holds half a character", where="body", hint="leave it out")
    return to_response(describe_problem(error))


async def _answer_validation(request: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    what, where, hint = _explain(errors[0], _list_fields(request))
    more = f"; {len(errors) - 1} more after it" if len(errors) > 1 else ""
    return to_response(describe_problem(InvalidRequestError(what + more, where=where, hint=hint)))


def _list_fields(request: Request) -> list[str]:
    """Name what the endpoint that was asked takes."""
    body = get_type_hints(request.scope["endpoint"]).get("request")
    return list(getattr(body, "model_fields", ()))


def _explain(error: Mapping[str, Any], fields: Sequence[str]) -> tuple[str, str, str]:
    """Say what pydantic found: what, where, hint."""
    place: Sequence[object] = error["loc"]
    where = ", ".join(_name_place(part) for part in place)
    match error["type"]:
        case "json_invalid":
            return f"the body is not JSON: {error['ctx']['error']}", f"body, character {place[-1]}", "one JSON object"
        case "missing":
            return "a required value is missing", where, f"add '{place[-1]}'"
        case "extra_forbidden":
            return f"'{place[-1]}' is not known", where, nearest(str(place[-1]), fields)
        case "model_attributes_type" | "model_type" | "dict_type" if len(place) == 1:
            return "the body is not a JSON object", where, "send an object, with Content-Type: application/json"
        case _:
            return str(error["msg"]).removeprefix("Value error, "), where, ""


def _name_place(part: object) -> str:
    # Positions count from 0, rows from 1.
    return f"row {part + 1}" if isinstance(part, int) else str(part)
