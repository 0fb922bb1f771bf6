"""For those who give credit: scores and limits of posted rows. Nothing is stored, nothing is fitted."""

from http import HTTPStatus

from fastapi import APIRouter

from api.answers.base import (
    describe_invoices,
    describe_limits,
    describe_model,
    is_part,
    list_notes,
    list_rows,
    write_amount,
)
from api.auth import GuardedRoute, require
from api.deps import Service, ServiceDep
from api.errors import problem_responses
from api.posted import check_book, miss_model, require_curve
from api.schemas.base import CreditRequest, FoundProblem, LimitAnswer, LimitRequest, RowCount, ScoreAnswer, ScoreRequest
from arrisk import pipeline
from arrisk.errors import InputError, nearest
from arrisk.frames import day_of
from arrisk.modeling.default.scorer import NAME as DEFAULT
from arrisk.registry import find_promoted
from arrisk.schema import Checked
from arrisk.uses import credit

router = APIRouter(tags=["credit"], route_class=GuardedRoute)

_PROBLEMS = (HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)


@router.post("/score", dependencies=[require("score.stateless")], responses=problem_responses(*_PROBLEMS))
def score(request: ScoreRequest, service: ServiceDep) -> ScoreAnswer:
    """Score the open invoices of a book, or of a part of it, with a model that was trained before.

    The features that compare a customer with the whole ledger rest on the rows that are sent: send the ledger, and
    name the customers in `customer_ids`, to get the very figures that `arrisk score` gives.
    """
    checked = _check(request, service)
    book = checked.book
    saved = require_curve(service, book, as_of=request.as_of, name=request.model)
    scorer = service.models.load(saved, policy=service.policy)
    scored, explanation = pipeline.explain_scores(
        book,
        scorer.model,
        as_of=request.as_of,
        policy=service.policy,
        is_part=is_part(book, scorer.card),
        customer_ids=request.customer_ids,
    )
    return ScoreAnswer(
        as_of=request.as_of,
        currency=book.currency,
        model=describe_model(saved, book),
        invoices=describe_invoices(scored, explanation, count_reasons=request.count_reasons),
        problems=list_rows(checked.problems, FoundProblem),
        rows=list_rows(checked.counts, RowCount),
        notes=list_notes(book, scorer.card),
    )


@router.post("/limits", dependencies=[require("score.stateless")], responses=problem_responses(*_PROBLEMS))
def limits(request: LimitRequest, service: ServiceDep) -> LimitAnswer:
    """Recommend limits and terms for the customers of a book, or of a part of it, with a default model trained before.

    What is a share of all that we are owed rests on the rows that are sent: send the ledger, and name the customers in
    `customer_ids`, to get the very limits that `arrisk limits` gives.
    """
    checked = _check(request, service)
    book = checked.book
    found = find_promoted(service.home, name=DEFAULT, ledger=book.name, before_day=day_of(request.as_of))
    if found is None:
        raise miss_model(service, book, as_of=request.as_of, what="default model")
    review = credit.review_limits(book, as_of=request.as_of, home=service.home, policy=service.policy)
    chosen = review.limits
    if request.customer_ids is not None:
        chosen = chosen.loc[chosen["customer_id"].isin(request.customer_ids)]
    return LimitAnswer(
        as_of=request.as_of,
        currency=book.currency,
        book_amount=write_amount(review.book_amount, book.currency),
        source=f"policy {service.policy.hash()}; {review.model_note}",
        limits=describe_limits(chosen, currency=book.currency),
        problems=list_rows(checked.problems, FoundProblem),
        rows=list_rows(checked.counts, RowCount),
    )


def _check(request: CreditRequest, service: Service) -> Checked:
    checked = check_book(request, service)
    known = {*checked.book["customers"]["customer_id"], *checked.book["invoices"]["customer_id"]}
    for customer_id in request.customer_ids or []:
        if customer_id not in known:
            raise InputError(
                f"there is no customer '{customer_id}'", where="customer_ids", hint=nearest(customer_id, known)
            )
    return checked
