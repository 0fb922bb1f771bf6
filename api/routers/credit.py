"""For those who give credit: scores and limits of posted rows. Nothing is stored, nothing is fitted."""

from http import HTTPStatus

from fastapi import APIRouter

from api.answers import describe_invoices, describe_limits, describe_model, list_notes, list_rows, write_amount
from api.deps import Service, ServiceDep
from api.errors import problem_responses
from api.fragments import read_tables
from api.schemas import BookRequest, FoundProblem, LimitAnswer, LimitRequest, RowCount, ScoreAnswer, ScoreRequest
from arrisk import pipeline
from arrisk.errors import InputError, ModelError, nearest
from arrisk.frames import day_of
from arrisk.modeling.default.scorer import NAME as DEFAULT
from arrisk.registry import Saved, find_promoted, list_models
from arrisk.schema import Book, Checked, check
from arrisk.uses import credit

router = APIRouter(tags=["credit"])

_PROBLEMS = (HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)


@router.post("/score", responses=problem_responses(*_PROBLEMS))
def score(request: ScoreRequest, service: ServiceDep) -> ScoreAnswer:
    """Score the open invoices of a book, or of a part of it, with a model that was trained before.

    The features that compare a customer with the whole ledger rest on the rows that are sent: send the ledger, and
    name the customers in `customer_ids`, to get the very figures that `arrisk score` gives.
    """
    checked = _check(request, service)
    book = checked.book
    saved = _find_model(request, service, book)
    scorer = service.models.load(saved, policy=service.policy)
    scored, explanation = pipeline.explain_scores(
        book,
        scorer.model,
        as_of=request.as_of,
        policy=service.policy,
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


@router.post("/limits", responses=problem_responses(*_PROBLEMS))
def limits(request: LimitRequest, service: ServiceDep) -> LimitAnswer:
    """Recommend limits and terms for the customers of a book, or of a part of it, with a default model trained before.

    What is a share of all that we are owed rests on the rows that are sent: send the ledger, and name the customers in
    `customer_ids`, to get the very limits that `arrisk limits` gives.
    """
    checked = _check(request, service)
    book = checked.book
    found = find_promoted(service.home, name=DEFAULT, ledger=book.name, before_day=day_of(request.as_of))
    if found is None:
        raise _miss_model(request, service, book, what="default model")
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


def _check(request: BookRequest, service: Service) -> Checked:
    checked = check(
        read_tables(request.tables, max_rows=service.max_rows),
        name=request.name,
        currency=request.currency or service.policy.book.currency,
        extract_end_on=request.extract_end_on,
    )
    known = {*checked.book["customers"]["customer_id"], *checked.book["invoices"]["customer_id"]}
    for customer_id in request.customer_ids or []:
        if customer_id not in known:
            raise InputError(
                f"there is no customer '{customer_id}'", where="customer_ids", hint=nearest(customer_id, known)
            )
    return checked


def _find_model(request: ScoreRequest, service: Service, book: Book) -> Saved:
    saved = pipeline.find_model(service.home, ledger=book.name, as_of=request.as_of, name=request.model)
    if saved is not None:
        return saved
    raise _miss_model(request, service, book, what="model")


def _miss_model(request: BookRequest, service: Service, book: Book, *, what: str) -> ModelError:
    there = sorted({f"{one.name}/{one.ledger}" for one in list_models(service.home)})
    other = f", or give the ledger's 'name', or one of these as 'model': {', '.join(there)}" if there else ""
    return ModelError(
        f"no promoted {what} of the ledger '{book.name}' was trained before {request.as_of}",
        where="name",
        hint=f"run `arrisk train` first{other}",
    )
