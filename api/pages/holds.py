"""For the order desk: the orders that wait and why, their release, and the check of an order before it is taken."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from api.pages.inside import RefusedError
from api.pages.rendering import change_query
from api.pages.routes import PageRoute
from api.pages.visits import Given, Visit, fill, needs
from api.schemas.base import Problem

router = APIRouter(route_class=PageRoute)

Reader = Annotated[Visit, needs("holds.read")]
Releaser = Annotated[Visit, needs("holds.release")]

STAGES: Final = (("ship", "before it ships"), ("order", "before it is taken"))
DECISIONS: Final = (("hold", "held"), ("ship", "may go on"), ("not_checked", "not checked"))


@router.get("/holds")
async def list_holds(visit: Reader) -> Response:
    """List the open orders, at first those that are held, with what speaks against each."""
    return await _show(visit)


@router.get("/holds/check")
async def check_order(visit: Reader) -> Response:
    """Say whether an order might go on that has not been taken yet; nothing is kept."""
    query = visit.request.query_params
    asked = {name: query.get(name, "").strip() for name in ("customer_id", "amount", "currency", "stage")}
    given = Given({name: text for name, text in asked.items() if text})
    order, refused = None, None
    if "amount" in given:
        try:
            order = await visit.send("/v1/holds/check", body=given, ledger=visit.ledger)
        except RefusedError as error:
            refused = error.problem
    return await visit.render(
        "credit/check_order.html",
        status=refused.status if refused else 200,
        given=given,
        order=order,
        refused=refused,
        stages=STAGES,
    )


@router.post("/holds/{order_id:path}/release")
async def release_order(visit: Releaser, order_id: str) -> Response:
    """Release an order; what is refused says so on the list, with the reason as it was typed."""
    form = await visit.form()
    given = fill(form, "reason")
    body = {"reason": given["reason"]}
    stage = visit.request.query_params.get("stage", "")
    try:
        await visit.send("/v1/holds/{}/release", order_id, body=body, form=form, ledger=visit.ledger, stage=stage)
    except RefusedError as error:
        return await _show(visit, given={"order_id": order_id, **body}, problem=error.problem)
    query = change_query(dict(visit.request.query_params))
    return visit.go(f"/holds?{query}" if query else "/holds", done="order_released")


async def _show(visit: Visit, *, given: Mapping[str, Any] | None = None, problem: Problem | None = None) -> Response:
    query = visit.request.query_params
    stage, decision, after = query.get("stage", "ship"), query.get("decision", "hold"), query.get("after", "")
    customer_id = query.get("customer_id", "").strip()
    found = await visit.look("/v1/holds", stage=stage, decision=decision, customer_id=customer_id, after=after)
    return await visit.render(
        "credit/holds.html",
        status=problem.status if problem else 200,
        found=found,
        stage=stage,
        decision=decision,
        customer_id=customer_id,
        given=Given(given or {}),
        problem=problem,
        stages=STAGES,
        decisions=DECISIONS,
    )
