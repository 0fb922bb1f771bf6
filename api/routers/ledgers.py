"""For everybody who has signed in: which ledgers there are."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter

from api.auth import SIGNED_IN, GuardedRoute, require
from api.deps import ServiceDep
from api.errors import problem_responses
from api.schemas.ledger import LedgerAnswer
from arrisk.store.book import describe_ledgers
from arrisk.uses.sign_in import Caller

router = APIRouter(tags=["session"], route_class=GuardedRoute)

Anybody = Annotated[Caller, require(SIGNED_IN)]


@router.get("/ledgers", responses=problem_responses(HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE))
def list_all(_: Anybody, service: ServiceDep) -> list[LedgerAnswer]:
    """List the ledgers by name; an empty list = nothing was added yet."""
    return [LedgerAnswer(**vars(one)) for one in describe_ledgers(service.database)]
