"""For the order desk: which orders wait, why, and who lets them go on."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from api.answers.case import describe_orders
from api.auth import GuardedRoute, require
from api.desks import Look, LookDep, find_alone, list_models, require_alone
from api.errors import problem_responses
from api.idempotency import once
from api.paging import After, Limit, Page, read_cursor, write_cursor
from api.schemas.case import OrderAnswer, OrderRequest, ReleaseRequest
from arrisk.policy.decisions import Stage
from arrisk.uses import holding
from arrisk.uses.holding import Holds, NewOrder
from arrisk.uses.sign_in import Caller

router = APIRouter(prefix="/holds", tags=["credit"], route_class=GuardedRoute)

Reader = Annotated[Caller, require("holds.read")]
Releaser = Annotated[Caller, require("holds.release")]
StageName = Annotated[
    Literal["order", "ship"], Query(description="Taking the order, or shipping it, when the rules of both count.")
]

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


@router.get("", responses=problem_responses(*_PROBLEMS))
def list_orders(
    caller: Reader,
    look: LookDep,
    stage: StageName = "ship",
    decision: Annotated[
        Literal["hold", "ship", "not_checked"] | None, Query(description="Only orders of which this is said.")
    ] = None,
    customer_id: Annotated[str | None, Query(max_length=200, description="Only orders of this customer.")] = None,
    after: After = None,
    limit: Limit = 100,
) -> Page[OrderAnswer]:
    """List the open orders by id, as `arrisk hold` checks them, with what persons have released."""
    behind = str(read_cursor(after, str)[0]) if after else ""
    alone = find_alone(look.place, caller)
    found = _show(look, stage)
    orders = [
        order
        for order in sorted(describe_orders(found, currency=look.book.currency), key=lambda one: one.order_id)
        if order.order_id > behind
        and decision in {None, order.decision}
        and customer_id in {None, order.customer_id}
        and (alone is None or order.customer_id in alone)
    ]
    following = write_cursor(orders[limit - 1].order_id) if len(orders) > limit else None
    return Page(items=orders[:limit], next=following)


@router.post("/check", responses=problem_responses(*_PROBLEMS))
def check_order(caller: Reader, look: LookDep, request: OrderRequest) -> OrderAnswer:
    """Say whether an order might go on that has not been taken yet; nothing is kept."""
    require_alone(look.place, caller, request.customer_id)
    asked = NewOrder(request.customer_id, request.amount, request.currency or look.book.currency)
    stage: Stage = "ship" if request.stage == "ship" else "order"
    place = look.place
    found = holding.check_holds(
        look.view.book, as_of=look.as_of, home=place.service.home, policy=place.service.policy, stage=stage, asked=asked
    )
    (order,) = describe_orders(found, currency=look.book.currency)
    return order


@router.post(
    "/{order_id:path}/release", dependencies=[once], responses=problem_responses(*_PROBLEMS, HTTPStatus.CONFLICT)
)
def release_order(
    caller: Releaser,
    look: LookDep,
    order_id: Annotated[str, Path(max_length=200, examples=["O0001"])],
    request: ReleaseRequest,
    stage: StageName = "ship",
) -> OrderAnswer:
    """Release an order from every rule that one's authority covers; the others go on holding it."""
    place, found = look.place, _check(look, stage)
    for row in found.orders.loc[(found.orders["order_id"] == order_id).to_numpy(), "customer_id"]:
        require_alone(place, caller, str(row))
    after = holding.release_held(
        found,
        order_id,
        reason=request.reason,
        actor=place.act(caller),
        records=place.records,
        ledger=place.ledger,
        policy=place.policy,
    )
    orders = describe_orders(after, currency=look.book.currency)
    return next(order for order in orders if order.order_id == order_id)


def _show(look: Look, stage: Stage) -> Holds:
    place = look.place
    return holding.show_holds(_check(look, stage), place.records, place.ledger, on=place.now.date())


def _check(look: Look, stage: Stage) -> Holds:
    place = look.place

    def check() -> Holds:
        policy = place.service.policy
        return holding.check_holds(
            look.view.book, as_of=look.as_of, home=place.service.home, policy=policy, stage=stage
        )

    return look.view.compute("holds", stage, look.as_of, *list_models(place.service, place.ledger), make=check)
