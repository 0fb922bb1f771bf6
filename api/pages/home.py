"""Home: what is to be done today, by what one may do; the terms; how the pages look."""

from typing import Annotated

from fastapi import APIRouter, Response

from api.pages.cards import read_cards
from api.pages.routes import PageRoute
from api.pages.start import read_steps
from api.pages.visits import Visit, needs

router = APIRouter(route_class=PageRoute)

Anybody = Annotated[Visit, needs()]


@router.get("/")
async def show_home(visit: Anybody) -> Response:
    """Show what waits for the caller."""
    if visit.caller.must_change_password:
        return visit.go("/password")
    return await visit.render("home.html", cards=await read_cards(visit), steps=await read_steps(visit))


@router.get("/terms")
async def show_terms(visit: Anybody) -> Response:
    """List what the terms on the pages mean."""
    return await visit.render("terms.html")


@router.get("/style")
async def show_style(visit: Anybody) -> Response:
    """Show every part that pages are made of."""
    return await visit.render("style.html")
