"""For collectors: the worklist, a customer's file in it or on a page of its own, and views that are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Response
from starlette.datastructures import FormData

from api.pages.inside import RefusedError
from api.pages.notices import DONE
from api.pages.rendering import FRAGMENT
from api.pages.routes import PageRoute
from api.pages.visits import Visit, fill, needs
from api.schemas.base import Problem

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("worklist.read")]

FILTERS: Final[tuple[str, ...]] = (
    *("q", "collector", "state", "show", "country", "industry", "grade", "sort"),
    *("overdue_from", "overdue_to", "oldest_from", "oldest_to"),
)
"""What a list may be filtered and ordered by; an address that holds these can be kept."""

ROWS: Final = 50
"""Rows of a page of the list."""

_FEW: Final = 5
"""So many customers are shown on the home page."""

_NO_ROWS: Final[Mapping[str, Any]] = {"items": [], "count": 0, "next": None, "as_of": None}


@dataclass(frozen=True)
class Opened:
    """A customer's file as a page shows it.

    Parameters
    ----------
    file, items, choices : as the API answers.
    etag : of the file.
    tried : what was tried and refused; empty = nothing.
    typed : what its form said.
    refused : why.
    meanwhile : what others did since the file was seen, the newest first.
    """

    file: Mapping[str, Any]
    items: Mapping[str, Any]
    choices: Mapping[str, Any]
    etag: str
    tried: str = ""
    typed: FormData = field(default_factory=FormData)
    refused: Problem | None = None
    meanwhile: tuple[Mapping[str, Any], ...] = ()

    def typed_in(self, act: str, name: str) -> str:
        """Give what was typed into a field of a form that was refused; of any other form, nothing."""
        value = self.typed.get(name) if self.tried == act else None
        return value if isinstance(value, str) else ""


@router.get("/worklist")
async def show_worklist(visit: Reader) -> Response:
    """Show whom to contact, filtered and in order, with one file open where the address says which."""
    query = visit.request.query_params
    customer_id = query.get("open", "")
    return await show_list(visit, query, await open_file(visit, customer_id) if customer_id else None)


@router.post("/worklist/views")
async def keep_view(visit: Reader) -> Response:
    """Keep the filters of the list under a name, or drop those of a name."""
    form = await visit.form()
    given = fill(form, "name", "drop", *FILTERS)
    filters = {name: given[name] for name in FILTERS if name in given}
    is_dropped = "drop" in given
    name, method = (given["drop"], "DELETE") if is_dropped else (given.get("name", ""), "PUT")
    body = None if is_dropped else {"filters": filters}
    try:
        await visit.send("/v1/me/views/worklist/{}", name, body=body, form=form, method=method)
    except RefusedError as error:
        return await show_list(visit, filters, refused=error.problem)
    return visit.go(f"/worklist?{urlencode(filters)}", done="view_dropped" if is_dropped else "view_kept")


@router.get("/worklist/{customer_id:path}")
async def show_file(visit: Reader, customer_id: str) -> Response:
    """Show what was done about a customer, and what is to be done, on a page of its own."""
    return await show_alone(visit, await open_file(visit, customer_id))


async def open_file(visit: Visit, customer_id: str) -> Opened:
    """Read a customer's file, with its open items and what may be chosen from.

    Raises
    ------
    RefusedError
        When the API refuses it.
    """
    reply = await visit.read("/v1/worklist/{}", customer_id, ledger=visit.ledger)
    items = await visit.look("/v1/worklist/{}/items", customer_id)
    return Opened(reply.json(), items, await visit.look("/v1/collectors/choices"), reply.etag)


async def show_alone(visit: Visit, opened: Opened) -> Response:
    """Show a file on a page of its own."""
    status = opened.refused.status if opened.refused else 200
    said = DONE.get(visit.request.query_params.get("done", ""), "")
    path = f"/worklist/{quote(opened.file['customer_id'], safe='/')}"
    return await visit.render("collections/file.html", status=status, opened=opened, said=said, done="", path=path)


async def show_list(
    visit: Visit, query: Mapping[str, str], opened: Opened | None = None, *, refused: Problem | None = None
) -> Response:
    """Show the list, and in it the file that is open.

    Parameters
    ----------
    query : the filters, ``after``, and ``at``: the customer whose turn it is.
    refused : why something else was not done.
    """
    filters = {name: query[name] for name in FILTERS if query.get(name)}
    place = {"after": query["after"]} if query.get("after") else {}
    try:
        found = await visit.look("/v1/worklist", **filters, **place, limit=ROWS)
    except RefusedError as error:
        found, refused = _NO_ROWS, refused or error.problem
    is_part = FRAGMENT in visit.request.headers
    problem = refused or (opened.refused if opened else None)
    return await visit.render(
        "collections/worklist.html",
        status=problem.status if problem else 200,
        found=found,
        opened=opened,
        filters=filters,
        list_query=urlencode({**filters, **place}),
        path="/worklist",
        query={**filters, **place},
        at=_find_turn(found["items"], query.get("at", "")),
        choices=opened.choices if opened else {} if is_part else await visit.look("/v1/collectors/choices"),
        progress=await visit.look("/v1/collectors/progress"),
        views=await visit.get("/v1/me/views", page="worklist"),
        refused=refused,
        said=DONE.get(query.get("done", ""), ""),
        done="",
        is_part=is_part,
        is_given=lambda *names: any(name in filters for name in names),
    )


async def read_card(visit: Visit) -> dict[str, Any]:
    """Read what waits for a collector: the first of its own customers, or of everybody's while it has none."""
    own = await visit.look("/v1/worklist", collector=visit.caller.login, limit=_FEW)
    listed = own if own["items"] else await visit.look("/v1/worklist", limit=_FEW)
    progress = await visit.look("/v1/collectors/progress")
    mine = [one for one in progress["collectors"] if visit.is_own(one["collector"])]
    return {
        "listed": listed,
        "is_own": bool(own["items"]),
        "broken": await visit.look("/v1/worklist", state="promise_broken", limit=_FEW),
        "mine": mine[0] if mine else None,
    }


def _find_turn(rows: list[Mapping[str, Any]], customer_id: str) -> str:
    """Find whose turn it is: the customer that is named, or the first, where one is named that is gone."""
    ids = [str(row["customer_id"]) for row in rows]
    return customer_id if customer_id in ids or not customer_id else next(iter(ids), "")
