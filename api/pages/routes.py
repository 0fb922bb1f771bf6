"""Routes of pages: what is refused becomes a page too, or the way to the sign-in."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse

from api.auth import find_call
from api.errors import describe_problem, status_of
from api.pages.inside import RefusedError
from api.pages.rendering import render
from api.pages.visits import Needs, Visit
from api.schemas.base import Problem
from arrisk.errors import ArriskError, InputError, SignInError


class PageRoute(APIRoute):
    """A route of a page. Unless it says that it is for everybody, it has to say who may see it.

    Raises
    ------
    TypeError
        When it says neither.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        named["include_in_schema"] = False
        super().__init__(*given, **named)
        is_open = getattr(self.endpoint, "is_for_everybody", False)
        if not is_open and find_call(self.dependant, Needs) is None:
            raise TypeError(f"{self.path} does not say who may see it")

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Make what answers a request."""
        answer = super().get_route_handler()

        async def answer_page(request: Request) -> Response:
            try:
                return await answer(request)
            except SignInError:
                return _ask_to_sign_in(request)
            except RefusedError as error:
                return await show_problem(request, error.problem)
            except RequestValidationError:
                wrong = InputError("the address of this page is not right", hint="start from the menu")
                return await show_problem(request, describe_problem(wrong))
            except ArriskError as error:
                if status_of(error) is HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise
                return await show_problem(request, describe_problem(error))
            finally:
                await request.close()  # the files of a form

        return answer_page


def for_everybody(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a page that needs no sign-in."""
    endpoint.is_for_everybody = True  # type: ignore[attr-defined]
    return endpoint


async def show_problem(request: Request, problem: Problem) -> Response:
    """Show what is wrong and what to try, with the menu where somebody has signed in."""
    caller = getattr(request.state, "caller", None)
    if caller is not None:
        return await Visit(request, caller).render("problem.html", status=problem.status, problem=problem)
    return render(request, "problem.html", status=problem.status, problem=problem)


def _ask_to_sign_in(request: Request) -> Response:
    target = "/sign-in"
    if request.method == "GET" and request.url.path != "/":
        target += f"?next={quote(request.url.path + ('?' + request.url.query if request.url.query else ''), safe='')}"
    return RedirectResponse(target, status_code=HTTPStatus.SEE_OTHER)
