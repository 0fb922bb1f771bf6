"""For those who give credit: the score of one customer, computed in the request from its rows in the database."""

import json
import math
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.auth import OneThreadRoute, require
from api.deps import Service, get_service
from api.errors import problem_responses
from api.schemas.base import KnownDay
from api.schemas.single import CustomerScoreAnswer, FiveCsAnswer
from api.views import LedgerName
from arrisk.decisions.snapshot import find_five_c, group_five_cs
from arrisk.errors import AccessError
from arrisk.features.five_cs import DEPTH_GRADES, DEPTH_WORDS
from arrisk.modeling.default.single import Reason
from arrisk.uses.sign_in import Caller
from arrisk.uses.single import Scored

router = APIRouter(tags=["credit"], route_class=OneThreadRoute)

_PROBLEMS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


CustomerId = Annotated[str, Path(max_length=200, examples=["C00042"])]
AsOf = Annotated[KnownDay, Query(description="What was known before the start of this day counts.")]


@router.get(
    "/customers/{customer_id:path}/score", response_model=CustomerScoreAnswer, responses=problem_responses(*_PROBLEMS)
)
def score_customer(
    caller: Annotated[Caller, require("scores.read")],
    http: Request,
    customer_id: CustomerId,
    as_of: AsOf,
    ledger: LedgerName = None,
) -> Response:
    """Score one customer by what its rows say now: probability of default within a year, grade, and every reason.

    The figures are those of `arrisk score` for the same day, to the last bit. Of several selling companies all rows
    count, so that whoever may see some of them only cannot ask.
    """
    _require_all(caller)
    # The answer is written here: to check what was just made would take as long as to make it.
    content = _answer(get_service(http), ledger, customer_id, as_of)
    return Response(content, media_type="application/json")


@router.get(
    "/customers/{customer_id:path}/five-cs", response_model=FiveCsAnswer, responses=problem_responses(*_PROBLEMS)
)
def show_five_cs(
    caller: Annotated[Caller, require("scores.read")],
    http: Request,
    customer_id: CustomerId,
    as_of: AsOf,
    ledger: LedgerName = None,
) -> Response:
    """Show the five C's of one customer side by side, each with how much of what is asked is known, and its score.

    Points are those of the reasons of its score, as a case takes them down; who may ask is as for the score.
    """
    _require_all(caller)
    service = get_service(http)
    found = service.single_scores.describe(ledger, customer_id, as_of=as_of)
    reasons = [vars(reason) for reason in found.scored.score.reasons]
    depth = DEPTH_GRADES[int(found.features["data_depth"])]
    answer = FiveCsAnswer(
        customer_id=customer_id,
        as_of=as_of,
        score=CustomerScoreAnswer.model_validate(_tell(found.scored, customer_id, as_of)),
        depth=depth,
        depth_text=DEPTH_WORDS[depth],
        five_cs=group_five_cs(found.features, reasons, service.policy),
    )
    return Response(answer.model_dump_json(), media_type="application/json")


def _require_all(caller: Caller) -> None:
    if caller.entities:
        raise AccessError("a score rests on the rows of all entities", hint="ask somebody who may see all of them")


def _answer(service: Service, ledger: str | None, customer_id: str, as_of: date) -> bytes:
    answer = _tell(service.single_scores.score(ledger, customer_id, as_of=as_of), customer_id, as_of)
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _tell(scored: Scored, customer_id: str, as_of: date) -> dict[str, object]:
    score = scored.score
    return {
        "customer_id": customer_id,
        "as_of": as_of.isoformat(),
        "model": scored.model,
        "trained_before": scored.trained_before.isoformat(),
        "is_newest": scored.is_newest,
        "p_default_12m": score.p_default_12m,
        "grade": score.grade,
        "in_default": score.in_default or None,
        "starting_value": score.starting_value,
        "margin": score.margin,
        "reasons": [_describe(reason) for reason in score.reasons],
    }


def _describe(reason: Reason) -> dict[str, object]:
    return {
        "rank": reason.rank,
        "reason": reason.reason,
        "feature": reason.feature,
        "value": reason.value if math.isfinite(reason.value) else None,
        "contribution": reason.contribution,
        "text": reason.text,
        "five_c": find_five_c(reason.feature).value,
    }
