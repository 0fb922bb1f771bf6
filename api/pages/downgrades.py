"""For the credit analyst: whose grade got worse since the night before."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Response

from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Visit, needs

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("scores.read")]

_MOST: Final = 500


@router.get("/downgrades")
async def list_downgrades(visit: Reader) -> Response:
    """List the customers whose grade fell, the worst first."""
    try:
        found = await visit.look("/v1/downgrades", limit=_MOST)
    except RefusedError as error:
        # That no night was computed yet is no mistake.
        if error.problem.status != HTTPStatus.NOT_FOUND:
            raise
        return await visit.render("credit/downgrades.html", found=None)
    return await visit.render("credit/downgrades.html", found=found)
