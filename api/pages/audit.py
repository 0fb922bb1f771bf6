"""For auditors: who did what and when, and whether the records are as they were written."""

from typing import Annotated, Final

from fastapi import APIRouter, Response

from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Given, Visit, needs

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("audit.read")]

RECORDS: Final = (
    ("access", "users and keys"),
    ("decisions", "cases"),
    ("holds", "releases of orders"),
    ("closes", "closes"),
    ("contacts", "contacts, promises, disputes"),
    ("write-offs", "write-offs"),
    ("erasures", "erased persons"),
    ("mappings", "mappings of files"),
)
"""What the key of a record begins with, and what is in it."""

_FILTERS: Final = ("record", "by", "action", "from", "to", "text")


@router.get("/audit")
async def list_acts(visit: Reader) -> Response:
    """List what people did, the newest first."""
    query = visit.request.query_params
    given = Given({name: query[name].strip() for name in _FILTERS if query.get(name, "").strip()})
    found, problem = None, None
    try:
        found = await visit.get("/v1/audit/entries", after=query.get("after"), limit=50, **given)
    except RefusedError as error:
        problem = error.problem
    return await visit.render(
        "service/audit.html",
        status=problem.status if problem else 200,
        found=found,
        given=given,
        records=RECORDS,
        problem=problem,
    )


@router.get("/audit/verify")
async def verify(visit: Reader) -> Response:
    """Check every record from its first entry to its last."""
    return await visit.render("service/verify.html", found=await visit.get("/v1/audit/verify"))
