"""For finance: what is given up: candidates with their evidence, proposals, approvals by somebody else, bookings."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Given, Visit, fill, needs
from api.schemas.base import Problem

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("write_offs.read")]
Actor = Annotated[Visit, needs("write_offs.propose", "write_offs.decide")]

SHOWN: Final = {
    "candidates": "Ought to be written off",
    "proposed": "Waiting for approval",
    "bookings": "For the ledger to book",
    "all": "All that was proposed",
}
"""What the page shows, one at a time."""

STATES: Final = ("proposed", "approved", "declined", "booked", "changed", "booked without approval")

_PATHS: Final = {
    "candidates": "/v1/write-offs/candidates",
    "bookings": "/v1/write-offs/bookings",
    "proposed": "/v1/write-offs",
    "all": "/v1/write-offs",
}


@router.get("/write-offs")
async def list_write_offs(
    visit: Reader, show: str = "candidates", period_end: str = "", state: str = "", after: str = ""
) -> Response:
    """List what ought to be written off, what waits for approval, what is to be booked, or all."""
    return await _show(visit, show, period_end, state, after)


@router.post("/write-offs/{act}")
async def act_on_write_offs(visit: Actor, act: str) -> Response:
    """Propose, approve or decline what was ticked; what is refused keeps the ticks and the note."""
    form = await visit.form()
    given = fill(form, "note", "period_end", "show")
    ticked = [str(value) for value in form.getlist("invoice_ids")]
    body: dict[str, Any] = {"invoice_ids": ticked} | ({} if act == "approve" else {"note": given["note"]})
    show, day = given["show"] or "proposed", given["period_end"]
    try:
        await visit.send("/v1/write-offs/{}", act, body=body, form=form, ledger=visit.ledger, period_end=day)
    except RefusedError as error:
        return await _show(visit, show, day, "", "", given={**given, "ticked": ticked}, problem=error.problem)
    return visit.go(f"/write-offs?show={show}&period_end={day}", done=f"write_offs_{act}")


async def _show(
    visit: Visit,
    show: str,
    period_end: str,
    state: str,
    after: str,
    *,
    given: Mapping[str, Any] | None = None,
    problem: Problem | None = None,
) -> Response:
    shown = show if show in SHOWN else "candidates"
    day = period_end or await visit.find_last_day()
    only = {"proposed": "proposed", "all": state}.get(shown, "")
    return await visit.render(
        "finance/write_offs.html",
        status=problem.status if problem else 200,
        found=await visit.look(_PATHS[shown], period_end=day, after=after, state=only),
        show=shown,
        kinds=SHOWN,
        day=day,
        state=state,
        states=STATES,
        given=Given(given or {}),
        problem=problem,
    )
