"""For the credit analyst: find a customer."""

from typing import Annotated

from fastapi import APIRouter, Response

from api.pages.routes import PageRoute
from api.pages.visits import Visit, needs

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("customers.read")]


@router.get("/customers")
async def list_customers(visit: Reader, q: str = "", after: str = "") -> Response:
    """List the customers that fit what was looked for."""
    found = await visit.look("/v1/customers", q=q, after=after)
    return await visit.render("credit/customers.html", q=q, found=found)
