"""For everybody who waits for a customer's money: by which day its open invoices are likely to be paid."""

from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.answers.payment import describe_paying
from api.auth import GuardedRoute, require
from api.desks import Look, LookDep, require_alone
from api.errors import problem_responses
from api.posted import require_curve
from api.schemas.payment import PaymentCurveAnswer
from arrisk.features import Past, read_past
from arrisk.frames import day_of
from arrisk.modeling.asking import find_shift
from arrisk.modeling.payment_curve import PaymentCurve
from arrisk.registry import Saved
from arrisk.uses.customers import require_customer
from arrisk.uses.paying import expect_payments
from arrisk.uses.sign_in import Caller

router = APIRouter(prefix="/customers", tags=["credit"], route_class=GuardedRoute)

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


@router.get("/{customer_id:path}/payment-curve", responses=problem_responses(*_PROBLEMS))
def show_payment_curve(
    caller: Annotated[Caller, require("scores.read")],
    look: LookDep,
    customer_id: Annotated[str, Path(max_length=200, examples=["C00042"])],
    limit: Annotated[int, Query(ge=1, le=500, description="Invoices at most, the longest due.")] = 50,
) -> PaymentCurveAnswer:
    """Say by which day how much of what a customer owes is likely to be paid, and when each of its open invoices is.

    With the promoted payment curve that was trained before the day, the figures are those of `arrisk score`. The first
    question about a day waits until the whole ledger was read for it.
    """
    place, view = look.place, look.view
    require_alone(place, caller, customer_id)
    require_customer(look.book, customer_id, as_of=look.as_of)
    saved = require_curve(place.service, view.book, as_of=look.as_of, name=None)
    model = place.service.models.load(saved, policy=place.service.policy).model
    past = _read_past(look)
    paying = expect_payments(
        view.book,
        look.take(customer_id),
        customer_id,
        model,
        as_of=look.as_of,
        policy=place.service.policy,
        past=past,
        shift=_find_shift(look, saved, model, past),
    )
    return describe_paying(paying, look.as_of, currency=view.book.currency, model=saved.reference, limit=limit)


def _read_past(look: Look) -> Past:
    """Give what features rest on: read once, up to all that is known now, it serves every earlier day too."""
    until: date = max(look.known, look.as_of)
    policy = look.place.service.policy
    make = partial(read_past, look.view.book, last_day=day_of(until), policy=policy)
    return look.view.compute("past", until, make=make)


def _find_shift(look: Look, saved: Saved, model: PaymentCurve, past: Past) -> float:
    policy = look.place.service.policy
    make = partial(find_shift, look.view.book, model, as_of=look.as_of, policy=policy, past=past)
    return look.view.compute("shift", look.as_of, saved.reference, make=make)
