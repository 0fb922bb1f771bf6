"""For those who give credit: whose grade got worse since the night before."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from api.answers.customer import describe_downgrade
from api.auth import GuardedRoute, require
from api.desks import PlaceDep, find_alone
from api.errors import problem_responses
from api.schemas.customer import DowngradesAnswer
from arrisk.modeling.grades import list_grades
from arrisk.store.customer_runs import list_downgrades
from arrisk.store.runs import find_newest, require_newest
from arrisk.uses.sign_in import Caller

router = APIRouter(tags=["credit"], route_class=GuardedRoute)

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


@router.get("/downgrades", responses=problem_responses(*_PROBLEMS))
def show_downgrades(
    caller: Annotated[Caller, require("scores.read")],
    place: PlaceDep,
    limit: Annotated[int, Query(ge=1, le=500, description="Customers at most, the worst.")] = 50,
) -> DowngradesAnswer:
    """List the customers whose grade the newest night finds worse than the night before it did, the worst first.

    The night before is the newest one as of an earlier day. Nights are not compared by probability: within a grade it
    moves with each receipt.
    """
    database = place.service.database
    run = require_newest(database, place.ledger)
    before = find_newest(database, place.ledger, until=run.as_of - timedelta(days=1))
    grades = list_grades(place.service.policy.grades)
    rows = [] if before is None else list_downgrades(database, run, before, grades=grades)
    alone = find_alone(place, caller)
    seen = [row for row in rows if alone is None or row["customer_id"] in alone]
    return DowngradesAnswer(
        as_of=run.as_of,
        compared_with=before.as_of if before else None,
        currency=run.currency,
        count=len(seen),
        items=[describe_downgrade(row, run.currency) for row in seen[:limit]],
    )
