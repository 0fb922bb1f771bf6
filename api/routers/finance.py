"""For finance: the allowance of posted rows. Nothing is stored, and no model is fitted."""

from http import HTTPStatus

from fastapi import APIRouter

from api.answers.allowance import describe_allowance
from api.answers.base import list_rows
from api.auth import GuardedRoute, require
from api.deps import ServiceDep
from api.errors import problem_responses
from api.posted import check_book, require_curve
from api.schemas.allowance import AllowanceAnswer, AllowanceRequest
from api.schemas.base import FoundProblem, RowCount
from arrisk.uses import reserve

router = APIRouter(tags=["finance"], route_class=GuardedRoute)

_PROBLEMS = (HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)
_WITHOUT_MODEL = "; 'matrix' and 'roll-rate', each without 'compare', need no model"


@router.post("/allowance", dependencies=[require("score.stateless")], responses=problem_responses(*_PROBLEMS))
def allowance(request: AllowanceRequest, service: ServiceDep) -> AllowanceAnswer:
    """Estimate what will not come in of the open items of a book.

    The loss rates come from the rows that are sent: send the whole ledger, what is settled and written off too, to get
    the very figures that `arrisk allowance` gives. The method `model`, and `compare`, need a payment curve that was
    trained before; `matrix` and `roll-rate` need none.
    """
    at = request.read_moment()
    as_of, age_on = at.as_of, at.age_on
    checked = check_book(request, service)
    book = checked.book
    method = request.method or service.policy.allowance.method
    names = [method, *(name for name in reserve.METHODS if request.compare and name != method)]
    saved = None
    if "model" in names:
        saved = require_curve(service, book, as_of=as_of, name=request.model, instead=_WITHOUT_MODEL)
    evidence = reserve.gather_evidence(
        book,
        as_of=as_of,
        age_on=age_on,
        policy=service.policy,
        home=service.home,
        model_name=saved.reference if saved else None,
    )
    made = {name: reserve.complete_allowance(evidence, method=name) for name in names}
    return AllowanceAnswer(
        **dict(describe_allowance(made, evidence, saved, compare=request.compare)),
        problems=list_rows(checked.problems, FoundProblem),
        rows=list_rows(checked.counts, RowCount),
    )
