"""For finance: what is given up: candidates with their evidence, proposals, approvals by somebody else, bookings."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from api.pages.inside import RefusedError
from api.pages.routes import PageRoute
from api.pages.visits import Visit, fill, needs
from api.schemas.base import Problem

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("write_offs.read")]

_STATES: Final = ("proposed", "approved", "declined", "booked", "changed", "booked without approval")


@router.get("/write-offs")
async def list_write_offs(visit: Reader, period_end: str = "", state: str = "", after: str = "") -> Response:
    """List what was proposed and where it stands, and what ought to be proposed."""
    return await _show(visit, period_end, state, after)


@router.post("/write-offs/{act}")
async def act_on_write_offs(
    visit: Annotated[Visit, needs("write_offs.propose", "write_offs.decide")], act: str
) -> Response:
    """Propose, approve or decline what was ticked."""
    form = await visit.form()
    given = fill(form, "note", "period_end", "state")
    ids = [str(value) for value in form.getlist("invoice_ids")]
    body: dict[str, Any] = {"invoice_ids": ids}
    if act != "approve":
        body["note"] = given["note"]
    query = {"ledger": visit.ledger, "period_end": given["period_end"]}
    try:
        await visit.send("/v1/write-offs/" + act, body=body, form=form, **query)
    except RefusedError as error:
        return await _show(visit, given["period_end"], given["state"], "", problem=error.problem)
    return visit.go(f"/write-offs?period_end={given['period_end']}", done=f"write_offs_{act}")


async def _show(visit: Visit, period_end: str, state: str, after: str, *, problem: Problem | None = None) -> Response:
    day = period_end or await visit.find_last_day()
    return await visit.render(
        "finance/write_offs.html",
        status=problem.status if problem else 200,
        found=await visit.look("/v1/write-offs", period_end=day, state=state, after=after),
        candidates=await visit.look("/v1/write-offs/candidates", period_end=day),
        bookings=await visit.look("/v1/write-offs/bookings", period_end=day),
        day=day,
        state=state,
        states=_STATES,
        problem=problem,
    )
