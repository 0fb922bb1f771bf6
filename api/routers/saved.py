"""For everybody: lists that one filtered and wants to see so again, kept by page and name."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator

from api.auth import SIGNED_IN, GuardedRoute, require
from api.deps import ServiceDep
from api.errors import problem_responses
from api.idempotency import once
from api.schemas.access import NO_CONTROLS
from api.schemas.saved import ViewAnswer, ViewRequest
from api.texts import require_text
from arrisk.errors import MissingError
from arrisk.store import saved_views
from arrisk.store.saved_views import SavedView
from arrisk.uses.sign_in import Caller

router = APIRouter(prefix="/me/views", tags=["session"], route_class=GuardedRoute)

_PAGE = "^[a-z][a-z_-]{0,39}$"
Anybody = Annotated[Caller, require(SIGNED_IN)]
PageName = Annotated[str, Path(pattern=_PAGE, examples=["worklist"])]
ViewName = Annotated[
    str, AfterValidator(require_text), Path(min_length=1, max_length=100, pattern=NO_CONTROLS, examples=["mine"])
]

_READ = (HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY)
_NAMED = (*_READ, HTTPStatus.NOT_FOUND)


@router.get("", responses=problem_responses(*_READ))
def list_own(
    caller: Anybody,
    service: ServiceDep,
    page: Annotated[str | None, Query(pattern=_PAGE, description="Of this list alone.")] = None,
) -> list[ViewAnswer]:
    """List one's own views, by page and name."""
    with service.database.read() as connection:
        found = saved_views.list_views(connection, caller.user_id, page=page or "")
    return [_describe(view) for view in found]


@router.put("/{page}/{name:path}", dependencies=[once], responses=problem_responses(*_NAMED))
def keep(caller: Anybody, service: ServiceDep, page: PageName, name: ViewName, request: ViewRequest) -> ViewAnswer:
    """Keep a view under a name, in the place of the one that had it."""
    view = SavedView(page, name, request.filters)
    with service.database.write() as connection:
        saved_views.keep_view(connection, caller.user_id, view, now=datetime.now(UTC))
    return _describe(view)


@router.delete(
    "/{page}/{name:path}",
    dependencies=[once],
    status_code=HTTPStatus.NO_CONTENT,
    responses=problem_responses(*_NAMED),
)
def drop(caller: Anybody, service: ServiceDep, page: PageName, name: ViewName) -> None:
    """Drop a view."""
    with service.database.write() as connection:
        is_gone = saved_views.drop_view(connection, caller.user_id, page, name)
    if not is_gone:
        raise MissingError(f"you have no view '{name}' of {page}", where="name", hint="GET /v1/me/views")


def _describe(view: SavedView) -> ViewAnswer:
    return ViewAnswer(page=view.page, name=view.name, filters=dict(view.filters))
